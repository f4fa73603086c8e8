//! The facts that a command needs of other objects, read at one position; and what the event says
//! of them.

use std::sync::Arc;

use event_store::engine::{Condition, EventRow, ListQuery, Matching, Op, Order, Slot, SlotValue};
use event_store::prepare::Relied;
use event_store::{Fault, Log};
use kernel::context::LogPoint;
use kernel::domain::{Commands, Domain};
use kernel::id::platform;
use kernel::values::{Line, PLAIN, SEALED};
use kernel::{Context, Facts, Need, Position};
use serde_json::{Value, json};

use crate::CommandError;

/// Most objects that one need may read.
const FACTS_MAX: usize = 5_000;
/// Rounds in which a command may name further needs.
const ROUNDS: usize = 4;

/// Reads the facts that the command needs, all at one position.
pub(crate) async fn know<A: Domain>(
    log: &Log,
    state: &A,
    command: &A::Command,
    context: &mut Context,
) -> Result<(), CommandError> {
    for _ in 0..ROUNDS {
        let mut needs = state.needs(command, context);
        needs.retain(|need| !context.facts.answered.contains(need));
        needs.sort_unstable();
        needs.dedup();
        if needs.is_empty() {
            return Ok(());
        }
        let (of_platform, own): (Vec<_>, Vec<_>) =
            needs.into_iter().partition(|need| matches!(need, Need::Platform(_)));
        if !own.is_empty() && !context.facts.answered.iter().any(is_own) {
            let head = log.head().await?.ok_or(CommandError::NoTenant)?;
            context.facts.position = head.position;
        }
        for need in own {
            read(log, &need, &mut context.facts).await?;
            context.facts.answered.push(need);
        }
        for need in of_platform {
            copy(log, &need, &mut context.facts).await?;
            context.facts.answered.push(need);
        }
    }
    Err(Fault::Corrupt(format!("{} needs no end of facts", command.verb())).into())
}

/// Whether a need is for an object of the tenant's own log.
fn is_own(need: &Need) -> bool {
    !matches!(need, Need::Platform(_))
}

/// Reads an object of the installation's log. Its sealed texts are handed over in plain, since a
/// copy is sealed again with the tenant's own keys; what was erased there is blank here.
async fn copy(log: &Log, need: &Need, facts: &mut Facts) -> Result<(), CommandError> {
    let Need::Platform(id) = need else { return Ok(()) };
    let platform = log.store().log(&platform());
    let Some(head) = platform.head().await? else { return Ok(()) };
    facts.platform = Some(LogPoint { log: Line::new(&head.log), position: head.position });
    let Some(found) = platform.document(id, head.position).await? else { return Ok(()) };
    let mut body = Value::clone(&found.body);
    let mut hashes = Vec::new();
    sealed(&mut body, &mut |hash, _| hashes.push(hash));
    if !hashes.is_empty() {
        let texts = platform.open_texts(&hashes).await?;
        sealed(&mut body, &mut |hash, value| {
            *value = json!({ PLAIN: texts.get(&hash).map_or("", |text| &**text) });
        });
    }
    facts.add(id.clone(), found.kind.clone(), Arc::new(body));
    Ok(())
}

/// Visits every sealed text of a document.
fn sealed(value: &mut Value, visit: &mut impl FnMut(String, &mut Value)) {
    let hash = value.as_object().filter(|members| members.len() == 1);
    let hash = hash.and_then(|members| members.get(SEALED)?.as_str()).map(str::to_owned);
    match (hash, value) {
        (Some(hash), value) => visit(hash, value),
        (None, Value::Object(members)) => {
            members.values_mut().for_each(|member| sealed(member, visit));
        }
        (None, Value::Array(items)) => items.iter_mut().for_each(|item| sealed(item, visit)),
        (None, Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {}
    }
}

async fn read(log: &Log, need: &Need, facts: &mut Facts) -> Result<(), CommandError> {
    let (kind, field) = match need {
        Need::Object(id) => {
            if let Some(found) = log.document(id, facts.position).await? {
                facts.add(id.clone(), found.kind.clone(), Arc::clone(&found.body));
            }
            return Ok(());
        }
        Need::Event(position) => return event(log, *position, facts).await,
        Need::All(kind) => (kind, None),
        Need::Where(kind, field, value) => (kind, Some((field, value))),
        Need::Platform(_) => return Ok(()),
    };
    let mut conditions = Vec::new();
    if let Some((field, value)) = field {
        let indexed = log.mapping(kind).and_then(|mapping| mapping.field(field));
        let Some(indexed) = indexed else {
            return Err(Fault::Corrupt(format!("{kind}.{field} is not indexed")).into());
        };
        let op = Op::Eq(SlotValue::Text(value.clone()));
        conditions.push(Condition { slot: indexed.slot, op });
    }
    let query = ListQuery {
        kind: (*kind).to_owned(),
        conditions,
        search: None,
        order: vec![Order { slot: Slot::Id, descending: false, nullable: false }],
        after: None,
        limit: FACTS_MAX + 1,
        at: facts.position,
    };
    let found = log.list(query).await?;
    if found.len() > FACTS_MAX {
        return Err(Fault::Corrupt(format!("more than {FACTS_MAX} {kind} to look at")).into());
    }
    if field.is_some() {
        facts.matched.extend(found.iter().map(|document| document.id.clone()));
    }
    for document in found.iter() {
        facts.add(document.id.clone(), document.kind.clone(), Arc::clone(&document.body));
    }
    Ok(())
}

/// The event at a position, if the log has come that far.
async fn event(log: &Log, position: Position, facts: &mut Facts) -> Result<(), CommandError> {
    let before = Position(position.0.saturating_sub(1));
    if position == Position::START || position > facts.position {
        return Ok(());
    }
    if let Some(found) = log.events(before, position, 1).await?.into_iter().next() {
        let EventRow { name, stream, at, .. } = found.row;
        let body = json!({ "name": name, "object": stream, "recordedAt": at });
        facts.add(position.to_string(), "event", Arc::new(body));
    }
    Ok(())
}

/// The facts that an event says it relied on. Of the objects that matched a value, each may not
/// have changed; and no other may have come to match.
pub(crate) fn relied(log: &Log, facts: &Facts) -> Option<Relied> {
    if !facts.answered.iter().any(is_own) {
        return None;
    }
    let mut relied = Relied { position: facts.position, ..Relied::default() };
    for need in &facts.answered {
        match need {
            Need::Object(id) => relied.streams.push(id.clone()),
            Need::Platform(_) | Need::Event(_) => {}
            Need::All(kind) => relied.kinds.push((*kind).to_owned()),
            Need::Where(kind, field, value) => {
                let indexed = log.mapping(kind).and_then(|mapping| mapping.field(field));
                match indexed.map(|indexed| indexed.slot) {
                    Some(Slot::Text(slot)) => relied.matching.push(Matching {
                        kind: (*kind).to_owned(),
                        slot,
                        value: value.clone(),
                    }),
                    Some(Slot::Number(_) | Slot::Id) | None => {
                        relied.kinds.push((*kind).to_owned());
                    }
                }
            }
        }
    }
    relied.streams.extend(facts.matched.iter().cloned());
    Some(relied)
}
