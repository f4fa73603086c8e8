//! Decisions go stale visibly: what a decision rests on is recorded when it is made, and when one
//! of those things changes materially, the decision is stale (7.5.3, 8.1). The table of decisions
//! says what rests on what ([`crate::staleness`]).

use std::collections::{BTreeMap, BTreeSet};

use kernel::id::{is_well_formed, prefix_of};
use kernel::kinds::{DecisionBasis as Kind, kind_of_prefix};
use kernel::values::{Key, KindTag, Line, Ref};
use serde_json::{Value, json};

use super::Reaction;
use crate::decision_basis::{Basis, BasisStatus, Cause, DecisionBasis, Rested, Seen, id_for};
use crate::staleness::{Decisions, EVENTS, Look, Rest, Step, decisions_of, table, values_at};
use crate::{Known, Order, Trigger};

#[cfg(test)]
mod tests;

/// The rules of this file.
pub const RULES: &[Reaction] = &[Reaction {
    id: "STALE",
    doc: "Keeps what each decision rests on, and says when that has changed (7.5.3, 8.1).",
    on: EVENTS,
    react,
}];

/// Most objects that a decision is watched for.
const RESTS_MAX: usize = 200;
/// Most bytes that the record of what they were may take.
const RESTS_BYTES: usize = 40 * 1024;

fn react(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let own = kind_of(&trigger.object).and_then(decisions_of);
    let decides = own.filter(|own| own.made.contains(&trigger.name.as_str()));
    let ends = own.filter(|own| own.ended.contains(&trigger.name.as_str()));
    let mut orders = Vec::new();
    if let Some(own) = decides {
        orders.extend(made(own, trigger, known));
    } else if ends.is_some() {
        orders.extend(ended(&trigger.object, trigger, known));
    }
    orders.extend(used_up(trigger, known));
    let settled_itself = decides.is_some() || ends.is_some();
    orders.extend(unsettled(trigger, known, settled_itself));
    orders
}

/// The kind of the object of this id.
fn kind_of(id: &str) -> Option<&'static str> {
    kind_of_prefix(prefix_of(id)).map(|row| row.name)
}

/// Records on what a decision was made.
fn made(own: &Decisions, trigger: &Trigger, known: &Known) -> Option<Order> {
    let deciding = known.document(&trigger.object)?;
    let (rested_on, left_out) = rested_on(own, &trigger.object, deciding, known);
    let basis = Basis {
        object: Ref::new(&*trigger.object),
        watched: Line::new(own.kind),
        decision: Line::new(&*trigger.name),
        decided: trigger.position,
        decision_event: Line::new(&*trigger.event),
        decided_at: trigger.at,
        decided_by: Line::new(&*trigger.actor),
        rested_on,
        left_out,
    };
    let input = json!(basis);
    let id = id_for(&trigger.object);
    Some(match known.now().get::<DecisionBasis>(&id) {
        None => Order::make(Kind::NAME, "record", input),
        Some(_) => Order::to(Kind::NAME, &id, "renew", input),
    })
}

/// Says that an object's decision stands no more.
fn ended(object: &str, trigger: &Trigger, known: &Known) -> Option<Order> {
    let id = id_for(object);
    let basis = known.now().get::<DecisionBasis>(&id)?;
    let stands = basis.status != BasisStatus::Ended && basis.basis.decided < trigger.position;
    let input = json!({
        "event": trigger.position, "eventType": trigger.name, "at": trigger.at,
    });
    stands.then(|| Order::to(Kind::NAME, &id, "end", input))
}

/// Ends the decisions that an event of another object uses up.
fn used_up(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let used = table::all().flat_map(|decisions| decisions.used);
    let fields = used.filter(|(event, _)| *event == trigger.name).map(|(_, field)| *field);
    let named = fields.filter_map(|field| at(&trigger.data, field).as_str());
    named.filter_map(|object| ended(object, trigger, known)).collect()
}

/// The value at a dotted path.
fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(value, |value, name| &value[name])
}

/// The objects that a decision rests on as they stand, and how many are too many.
fn rested_on(
    own: &Decisions,
    decider: &str,
    deciding: &Value,
    known: &Known,
) -> (BTreeMap<Key, Rested>, u32) {
    let mut all: BTreeMap<Key, Rested> = BTreeMap::new();
    let (mut bytes, mut left_out) = (0, BTreeSet::new());
    for rest in own.rests {
        let reached = reach(rest, decider, deciding, known);
        for id in reached.anchors {
            all.entry(Key::new(&*id)).or_insert_with(|| Rested {
                object: Ref::new(&*id),
                seen_version: 0,
                seen: BTreeMap::new(),
            });
        }
        for id in reached.objects.iter().filter(|id| kind_of(id) == Some(rest.kind)) {
            let Some(document) = known.document(id) else { continue };
            if !rest.is_of(document, deciding) {
                continue;
            }
            let look = Look { trigger: None, document, decider, deciding, known };
            let seen = seen(rest, &look);
            if rest.is_open() && seen.is_empty() {
                continue;
            }
            bytes += json!(seen).to_string().len() + 2 * id.len();
            let key = Key::new(&**id);
            if bytes > RESTS_BYTES || (all.len() >= RESTS_MAX && !all.contains_key(&key)) {
                left_out.insert(id.clone());
                continue;
            }
            let rested = all.entry(key).or_insert_with(|| Rested {
                object: Ref::new(&**id),
                seen_version: 0,
                seen: BTreeMap::new(),
            });
            rested.seen_version = known.version(id).unwrap_or_default();
            rested.seen.extend(seen);
        }
    }
    (all, u32::try_from(left_out.len()).unwrap_or(u32::MAX))
}

/// What is kept of an object.
fn seen(rest: &Rest, look: &Look) -> BTreeMap<Key, Seen> {
    let found = rest.facts.iter().map(|fact| (fact, rest.found(fact, look)));
    let kept = found.filter(|(fact, values)| fact.test.needs_seen(values));
    kept.map(|(fact, values)| (Key::new(fact.name), Seen { values: lines(values) })).collect()
}

fn lines(values: Vec<String>) -> Vec<Line> {
    values.into_iter().map(Line::new).collect()
}

/// What a route leads to.
struct Reached {
    /// The objects at its end.
    objects: BTreeSet<String>,
    /// The objects by which others are found that come later.
    anchors: BTreeSet<String>,
}

fn reach(rest: &Rest, decider: &str, deciding: &Value, known: &Known) -> Reached {
    let mut objects = BTreeSet::from([decider.to_owned()]);
    let mut anchors = BTreeSet::new();
    for (n, step) in rest.route.iter().enumerate() {
        let is_last = n + 1 == rest.route.len();
        if is_last && matches!(step, Step::From(..) | Step::Holding(..)) {
            anchors.clone_from(&objects);
        }
        objects = follow(*step, &objects, deciding, known);
    }
    Reached { objects, anchors }
}

fn follow(
    step: Step,
    from: &BTreeSet<String>,
    deciding: &Value,
    known: &Known,
) -> BTreeSet<String> {
    let ids = |found: Vec<(&str, &Value)>| -> Vec<String> {
        found.into_iter().map(|(id, _)| id.to_owned()).collect()
    };
    match step {
        Step::To(path) => {
            let documents = from.iter().filter_map(|id| known.document(id));
            let named = documents.flat_map(|document| values_at(document, path, deciding));
            named.filter(|id| is_well_formed(id)).collect()
        }
        Step::From(kind, field) => {
            from.iter().flat_map(|id| ids(known.documents_of(kind, field, id))).collect()
        }
        Step::Holding(kind, field) => {
            from.iter().flat_map(|id| ids(known.documents_holding(kind, field, id))).collect()
        }
        Step::All(kind) => ids(known.documents(kind)).into_iter().collect(),
        Step::Any(_) => BTreeSet::new(),
    }
}

/// What an event has changed of the decisions that rest on its object, or undone.
fn unsettled(trigger: &Trigger, known: &Known, is_own: bool) -> Vec<Order> {
    let Some(kind) = kind_of(&trigger.object) else { return Vec::new() };
    let concerned = |rest: &&Rest| rest.kind == kind && rest.on.contains(&trigger.name.as_str());
    let rests: Vec<_> = table::all()
        .flat_map(|decisions| decisions.rests.iter().map(move |rest| (decisions, rest)))
        .filter(|(_, rest)| concerned(rest))
        .collect();
    if rests.is_empty() {
        return Vec::new();
    }
    let Some(document) = known.document(&trigger.object) else { return Vec::new() };
    let watching = watching(&rests, trigger, document, known);
    let others = watching.into_iter().filter(|(_, basis)| {
        !(is_own && basis.basis.object.id() == trigger.object)
            && basis.basis.decided < trigger.position
    });
    others.flat_map(|(id, basis)| compared(&id, &basis, &rests, trigger, document, known)).collect()
}

/// The decisions that rest on the object, or are open to what comes later.
fn watching(
    rests: &[(&'static Decisions, &'static Rest)],
    trigger: &Trigger,
    document: &Value,
    known: &Known,
) -> BTreeMap<String, DecisionBasis> {
    let now = known.now();
    let holding = |id: &str| now.holding::<DecisionBasis>("restedOn", id);
    let mut all: BTreeMap<_, _> = holding(&trigger.object).into_iter().collect();
    for (decisions, rest) in rests {
        match rest.route.last() {
            Some(Step::From(_, field) | Step::Holding(_, field)) => {
                let anchors = values_at(document, field, document);
                all.extend(anchors.iter().flat_map(|anchor| holding(anchor)));
            }
            Some(Step::Any(_)) => {
                all.extend(now.of::<DecisionBasis>("watched", decisions.kind));
            }
            Some(Step::To(_) | Step::All(_)) | None => {}
        }
    }
    all
}

/// What follows for one decision.
fn compared(
    id: &str,
    basis: &DecisionBasis,
    rests: &[(&'static Decisions, &'static Rest)],
    trigger: &Trigger,
    document: &Value,
    known: &Known,
) -> Vec<Order> {
    let decider = basis.basis.object.id();
    let Some(deciding) = known.document(decider) else { return Vec::new() };
    let look = Look { trigger: Some(trigger), document, decider, deciding, known };
    let (mut causes, mut gone) = (BTreeMap::new(), BTreeSet::new());
    for (decisions, rest) in rests {
        if decisions.kind != basis.basis.watched.as_str() || !is_watched(basis, rest, &look) {
            continue;
        }
        let rested = basis.basis.rested_on.get(&Key::new(&*trigger.object));
        for fact in rest.facts {
            let key = Key::new(format!("{}.{}", trigger.object, fact.name));
            let standing = basis.because.get(&key);
            let seen = rested.and_then(|rested| rested.seen.get(&Key::new(fact.name)));
            let before = match (standing, seen) {
                (Some(cause), _) => cause.before.as_slice(),
                (None, Some(seen)) => seen.values.as_slice(),
                (None, None) => &[],
            };
            let now = rest.found(fact, &look);
            let texts: Vec<_> = before.iter().map(|line| line.as_str().to_owned()).collect();
            match (standing.is_some(), fact.test.is_material(&texts, &now)) {
                (false, true) => {
                    let cause = cause(rest, fact.name, before.to_vec(), lines(now), trigger);
                    causes.insert(key, cause);
                }
                (true, false) => {
                    gone.insert(key);
                }
                (true, true) | (false, false) => {}
            }
        }
    }
    told(id, basis, &causes, &gone, trigger)
}

/// Whether a decision rests on the event's object in this way.
fn is_watched(basis: &DecisionBasis, rest: &Rest, look: &Look) -> bool {
    let Some(trigger) = look.trigger else { return false };
    let rests_on = |id: &str| basis.basis.rested_on.contains_key(&Key::new(id));
    let comes_later = match rest.route.last() {
        Some(Step::From(_, field) | Step::Holding(_, field)) => {
            values_at(look.document, field, look.deciding).iter().any(|id| rests_on(id))
        }
        Some(Step::Any(_)) => true,
        Some(Step::To(_) | Step::All(_)) => false,
        None => return look.decider == trigger.object,
    };
    let known = basis.basis.rested_on.get(&Key::new(&*trigger.object));
    let was_seen = known.is_some_and(|rested| {
        rested.seen_version > 0
            && rest
                .facts
                .iter()
                .any(|fact| rested.seen.contains_key(&Key::new(fact.name)) || !rest.is_open())
    });
    (comes_later || was_seen) && rest.is_of(look.document, look.deciding)
}

fn cause(rest: &Rest, fact: &str, before: Vec<Line>, now: Vec<Line>, trigger: &Trigger) -> Cause {
    Cause {
        object: Ref::new(&*trigger.object),
        fact: Key::new(fact),
        before,
        now,
        clause: Line::new(rest.clause),
        event: trigger.position,
        event_id: Line::new(&*trigger.event),
        event_type: Line::new(&*trigger.name),
        at: trigger.at,
    }
}

fn told(
    id: &str,
    basis: &DecisionBasis,
    causes: &BTreeMap<Key, Cause>,
    gone: &BTreeSet<Key>,
    trigger: &Trigger,
) -> Vec<Order> {
    let mut orders = Vec::new();
    if !causes.is_empty() {
        let input = json!({ "decided": basis.basis.decided, "causes": causes });
        orders.push(Order::to(Kind::NAME, id, "find_stale", input));
    }
    if !gone.is_empty() {
        let input = json!({ "causes": gone, "event": trigger.position });
        orders.push(Order::to(Kind::NAME, id, "settle", input));
    }
    orders
}
