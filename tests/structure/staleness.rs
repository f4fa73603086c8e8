//! The table of decisions, held against what the kinds declare: a name that is misspelt there would
//! never be found stale.

use std::collections::BTreeSet;

use event_store::mapping::Mapping;
use kernel::domain::KindDecl;
use kernel::schema::Ty;
use rules::staleness::{Decisions, Found, Rest, Step, Test, decisions_of, table};

use crate::declarations::{decl, decls};

/// What a path leads to: the type of its end, or the keys of a map.
enum End {
    Of(Ty),
    Keys,
}

fn end_of(kind: &KindDecl, path: &str) -> Option<End> {
    let mut here = Ty::Record(kind.state.clone());
    for part in path.split('.') {
        if part.starts_with('#') {
            return matches!(here, Ty::Map(..) | Ty::List(..)).then_some(End::Keys);
        }
        here = match here {
            Ty::Map(record, _) if part == "*" || part.starts_with('$') => Ty::Record(record),
            Ty::List(of, _) if part == "*" => *of,
            Ty::Record(record) => record.field(part)?.ty.clone(),
            _ => return None,
        };
    }
    Some(End::Of(here))
}

fn one(ty: Ty) -> Ty {
    match ty {
        Ty::List(of, _) => *of,
        ty => ty,
    }
}

/// The words that a value can be.
fn words(end: &End) -> Option<Vec<&'static str>> {
    match end {
        End::Of(Ty::Words(decl)) => Some(decl.words.iter().map(|(word, _)| *word).collect()),
        End::Of(Ty::Bool) => Some(vec!["true", "false"]),
        End::Of(_) | End::Keys => None,
    }
}

fn has_event(decls: &[KindDecl], event: &str) -> bool {
    let (kind, _) = event.split_once('.').unwrap();
    decl(decls, kind).events.iter().any(|declared| declared.name == event)
}

/// The kinds to which a route leads; the empty name stands for any.
fn route(decls: &[KindDecl], decisions: &Decisions, rest: &Rest) -> BTreeSet<&'static str> {
    let mut here = BTreeSet::from([decisions.kind]);
    let named = |kind: &str, field: &str, from: &BTreeSet<&str>, place: &str| {
        let field = decl(decls, kind).state.fields.iter().find(|declared| declared.name == field);
        let field = field.unwrap_or_else(|| panic!("{place}: no such field"));
        let mapping = Mapping::of(decl(decls, kind));
        let has_column = match &field.ty {
            Ty::List(..) | Ty::Map(..) => mapping.list(field.name).is_some(),
            _ => mapping.field(field.name).is_some(),
        };
        assert!(has_column, "{place}: not indexed");
        let Ty::Ref(target) = one(field.ty.clone()) else { panic!("{place}: no reference") };
        assert!(target.is_empty() || from.contains(target), "{place}: of {target}");
    };
    for step in rest.route {
        let place = format!("{} {} {step:?}", decisions.kind, rest.kind);
        here = match step {
            Step::To(path) => here
                .iter()
                .map(|kind| {
                    let end = end_of(decl(decls, kind), path);
                    let ty = match end {
                        Some(End::Of(ty)) => ty,
                        // Keys that are ids.
                        Some(End::Keys) => Ty::Ref(""),
                        None => panic!("{place}: no such path"),
                    };
                    let Ty::Ref(target) = one(ty) else { panic!("{place}: no reference") };
                    target
                })
                .collect(),
            Step::From(kind, field) | Step::Holding(kind, field) => {
                named(kind, field, &here, &place);
                BTreeSet::from([*kind])
            }
            Step::All(kind) | Step::Any(kind) => {
                decl(decls, kind);
                BTreeSet::from([*kind])
            }
        };
    }
    here
}

fn holds(decls: &[KindDecl], decisions: &Decisions, rest: &Rest) {
    let kind = decl(decls, rest.kind);
    let name = format!("{} {}", decisions.kind, rest.kind);
    let leads = route(decls, decisions, rest);
    assert!(leads.contains(rest.kind) || leads.contains(""), "{name}: leads to {leads:?}");
    for event in rest.on {
        assert!(has_event(decls, event), "{name}: no event {event}");
        assert_eq!(event.split_once('.').unwrap().0, rest.kind, "{name}: {event}");
    }
    for (field, said) in rest.only {
        let end = end_of(kind, field).unwrap_or_else(|| panic!("{name}: no field {field}"));
        let declared = words(&end).unwrap();
        assert!(said.iter().all(|word| declared.contains(word)), "{name} {field}: {said:?}");
    }
    if let Some(field) = rest.same {
        for kind in [kind, decl(decls, decisions.kind)] {
            assert!(end_of(kind, field).is_some(), "{name}: no field {field}");
        }
    }
    for fact in rest.facts {
        let paths = match fact.found {
            Found::At(path) => vec![path],
            Found::Then(path, later) => vec![path, later],
            Found::By(_) => continue,
        };
        for path in paths {
            // Kinds that name no version are about those that run.
            let fields = path.split('.').filter(|part| part.starts_with('$'));
            assert!(fields.into_iter().all(|field| field == "$systemVersion"), "{name}: {path}");
            let end = end_of(kind, path).unwrap_or_else(|| panic!("{name}: no path {path}"));
            let (Test::Reaches(said) | Test::Leaves(said) | Test::Rises(said)) = fact.test else {
                continue;
            };
            let declared = words(&end).unwrap_or_else(|| panic!("{name} {path}: no words"));
            let unknown: Vec<_> = said.iter().filter(|word| !declared.contains(word)).collect();
            assert!(unknown.is_empty(), "{name} {path}: {unknown:?}, not {declared:?}");
        }
    }
}

#[test]
fn every_name_in_the_table_of_decisions_is_declared() {
    let decls = decls();
    for decisions in table::all() {
        let name = decisions.kind;
        for event in decisions.made.iter().chain(decisions.ended) {
            assert!(has_event(&decls, event), "{name}: no event {event}");
            assert_eq!(event.split_once('.').unwrap().0, name, "{event}");
        }
        for (event, _) in decisions.used {
            assert!(has_event(&decls, event), "{name}: no event {event}");
        }
        for rest in decisions.rests {
            holds(&decls, decisions, rest);
        }
    }
}

/// Events by name that sound like a decision and are none that rests on something, with the reason.
#[rustfmt::skip]
const NO_DECISIONS: &[(&str, &str)] = &[
    ("soa_control.applicability_decided", "a working copy: the statement is approved"),
    ("interested_party.requirement_adopted", "says what is asked, as it was asked"),
    ("customer_expectation.adopted", "says what is asked, as it was asked"),
    ("risk.adopted", "a candidate becomes a risk, and is then assessed"),
    ("rule_set.rule_adopted_early", "a rule of law by itself"),
    ("audit_finding.accepted", "says that a finding is right, not that something may be done"),
    ("improvement.accepted", "says that an idea is followed up"),
    ("certification_audit.corrective_action_plan_accepted", "a step of an audit that is closed"),
    ("stage_gate.approval_given", "one of several; the last one passes the gate"),
    ("change_request.change_approval_given", "one of several; the last one approves"),
    ("questionnaire.approved", "says what is asked; assessments keep its version"),
];

#[test]
fn every_approval_is_watched_or_a_reason_is_given() {
    const SOUND: [&str; 8] = [
        "approved",
        "approved_for_use",
        "accepted",
        "confirmed",
        "baselined",
        "passed",
        "held",
        "adopted",
    ];
    let decls = decls();
    let mut unwatched = Vec::new();
    for event in decls.iter().flat_map(|decl| &decl.events) {
        let (kind, last) = event.name.split_once('.').unwrap();
        let sounds = SOUND.iter().any(|word| last == *word || last.ends_with(&format!("_{word}")));
        let watched = decisions_of(kind).is_some_and(|row| row.made.contains(&event.name));
        let excused = NO_DECISIONS.iter().any(|(name, _)| *name == event.name);
        if sounds && !watched && !excused {
            unwatched.push(event.name);
        }
    }
    assert!(unwatched.is_empty(), "{unwatched:?}");
    for (event, reason) in NO_DECISIONS {
        assert!(has_event(&decls, event) && !reason.is_empty(), "{event}");
    }
}
