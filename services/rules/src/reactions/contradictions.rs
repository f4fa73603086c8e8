//! Facts of the world that contradict an exclusion of the Statement of Applicability in force (P15;
//! domain model, 5.3; ISO/IEC 42001 6.1.3).
//!
//! A contradiction is of a control and the object that shows the contrary. It is looked for when
//! the object changes and when a statement comes into force, and looked at again once it is
//! recorded: so none stays that arose and passed away in between. Only for controls that the
//! statement excludes is anything read beyond the statement itself.

use kernel::Role;
use serde_json::json;

use self::table::{ROWS, Row};
use super::Reaction;
use super::follow_up::{OVERDUE, open_tasks, overdue, propose_nonconformity, user_of};
use crate::{Known, Order, Trigger, Work};

mod table;

/// The rules of this file.
pub const RULES: &[Reaction] = &[Reaction {
    id: "P15",
    doc: "Finds facts that contradict an exclusion of the Statement of Applicability in force, has \
          them resolved in two weeks, and takes them off when they hold no more (6.1.3).",
    on: &[
        "soa.version_approved",
        "soa.version_withdrawn",
        "soa.contradiction_detected",
        OVERDUE,
        "ai_system.registered",
        "ai_system.described",
        "ai_system.scope_changed",
        "ai_system.version_added",
        "ai_system.assets_linked",
        "ai_system.stage_entered",
        "ai_system.deployed",
        "ai_system.version_stopped",
        "ai_system.operation_suspended",
        "ai_system.operation_resumed",
        "ai_system.retired",
        "ai_system.corrected",
        "dataset.registered",
        "dataset.revised",
        "dataset.acquisition_recorded",
        "dataset.retired",
        "dataset.corrected",
        "resource.registered",
        "resource.revised",
        "resource.linked",
        "resource.unlinked",
        "resource.retired",
        "reporting_obligation.registered",
        "reporting_obligation.retired",
        "supplier.approved",
        "supplier.conditionally_approved",
        "supplier.rejected",
        "supplier.terminated",
        "supplier.assessment_begun",
        "supplier.criticality_rated",
        "supplied_component.linked",
        "supplied_component.unlinked",
        "supplied_component.withdrawn",
        "customer_expectation.captured",
        "customer_expectation.declined",
        "interested_party.registered",
        "interested_party.retired",
        "interested_party.corrected",
    ],
    react,
}];

/// Days until a contradiction is resolved.
const RESOLVE_DAYS: i64 = 14;
/// Most contradictions that are found at once: the statement records no more.
const FOUND_MAX: usize = 100;

fn react(trigger: &Trigger, known: &Known) -> Vec<Order> {
    match trigger.name.as_str() {
        OVERDUE => left_undone(trigger, known),
        "soa.contradiction_detected" => detected(trigger, known),
        "soa.version_approved" | "soa.version_withdrawn" => stated(trigger, known),
        _ => changed(trigger, known),
    }
}

/// The key of a contradiction.
fn key(control: &str, object: &str) -> String {
    format!("{}-{}", control.to_lowercase(), object.to_lowercase())
}

fn detect(soa: &str, control: &str, object: &str, fact: &str) -> Order {
    let fact: String = fact.chars().take(200).collect();
    let key = key(control, object);
    let input = json!({ "key": key, "control": control, "fact": fact, "object": object });
    Order::to("soa", soa, "detect_contradiction", input)
}

fn resolve(soa: &str, key: &str) -> Order {
    Order::to("soa", soa, "resolve_contradiction", json!({ "key": key }))
}

/// The statement on the standard.
fn statement(known: &Known) -> Option<(String, facts::Soa)> {
    known.all::<facts::Soa>().into_iter().find(|(_, soa)| soa.is_on_the_standard())
}

/// A statement came into force or went: what its exclusions are contradicted by, and which
/// contradictions of the earlier one are no more.
fn stated(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let soa = known.get::<facts::Soa>(&trigger.object);
    let Some(soa) = soa.filter(facts::Soa::is_on_the_standard) else { return Vec::new() };
    let over = soa.contradictions.iter().filter(|(_, open)| !soa.excludes(&open.control));
    let mut orders: Vec<_> = over.map(|(key, _)| resolve(&trigger.object, key)).collect();
    let mut found = Vec::new();
    for (row, control) in excluded(&soa) {
        for (object, fact) in (row.all)(known) {
            if !soa.contradictions.contains_key(&key(control, &object)) {
                found.push(detect(&trigger.object, control, &object, &fact));
            }
        }
    }
    found.truncate(FOUND_MAX.saturating_sub(soa.contradictions.len() - orders.len()));
    orders.extend(found);
    orders
}

/// The rows of the table whose controls the statement excludes.
fn excluded(soa: &facts::Soa) -> impl Iterator<Item = (&'static Row, &'static str)> + '_ {
    let all = ROWS.iter().flat_map(|row| row.controls.iter().map(move |control| (row, *control)));
    all.filter(|(_, control)| soa.excludes(control))
}

/// An object changed: what it contradicts now, and what no more.
fn changed(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let Some((id, soa)) = statement(known) else { return Vec::new() };
    let kind = trigger.name.split('.').next().unwrap_or_default();
    let mut orders = Vec::new();
    for (row, control) in excluded(&soa) {
        for object in touched(row, control, kind, &soa, trigger, known) {
            let key = key(control, &object);
            match (row.holds)(&object, known) {
                Some(fact) if !soa.contradictions.contains_key(&key) => {
                    orders.push(detect(&id, control, &object, &fact));
                }
                None if soa.contradictions.contains_key(&key) => orders.push(resolve(&id, &key)),
                Some(_) | None => {}
            }
        }
    }
    orders.truncate(FOUND_MAX);
    orders
}

/// The objects of a row that may show something else since this one changed: itself, or those that
/// it has to do with or had when a contradiction was recorded.
fn touched(
    row: &Row,
    control: &str,
    kind: &str,
    soa: &facts::Soa,
    trigger: &Trigger,
    known: &Known,
) -> Vec<String> {
    if row.about == kind {
        return vec![trigger.object.clone()];
    }
    let Some(mut objects) = row.linked(kind, &trigger.object, known) else { return Vec::new() };
    let open = soa.contradictions.values().filter(|open| open.control == control);
    objects.extend(open.filter_map(|open| open.object.clone()));
    objects.retain(|object| row.is_about(object));
    objects.sort_unstable();
    objects.dedup();
    objects
}

/// A contradiction was recorded: somebody resolves it, unless it has passed away meanwhile.
fn detected(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let found = &trigger.data["contradiction"];
    let (key, control) = (trigger.text("key"), found["control"].as_str().unwrap_or_default());
    let object = found["object"].as_str().unwrap_or_default();
    let mut of_control = ROWS.iter().filter(|row| row.controls.contains(&control));
    let row = of_control.find(|row| row.is_about(object));
    if row.is_some_and(|row| (row.holds)(object, known).is_none()) {
        return vec![resolve(&trigger.object, key)];
    }
    let title = format!(
        "Resolve the contradiction about {control}: {}",
        found["fact"].as_str().unwrap_or_default()
    );
    let open = open_tasks(known, &trigger.object, "P15");
    if open.iter().any(|(_, task)| task.title == shortened(&title)) {
        return Vec::new();
    }
    let work = Work::new("resolve_contradiction", &title, Role::Am, trigger.in_days(RESOLVE_DAYS));
    let work = work.about(&trigger.object);
    let work = match only_holder(Role::Am, known) {
        Some(user) => work.by(&user),
        None => work,
    };
    let until = work.until("soa.contradiction_resolved", Some(&trigger.object)).naming(key);
    vec![until.order(trigger)]
}

/// Who alone holds a role.
fn only_holder(role: Role, known: &Known) -> Option<String> {
    let members = known.of::<facts::Membership>("status", "active").into_iter();
    let mut holders = members.filter(|(_, member)| member.roles.contains(&role));
    let (membership, _) = holders.next()?;
    holders.next().is_none().then(|| user_of(&membership))
}

/// A title as long as titles may be.
fn shortened(title: &str) -> String {
    title.chars().take(200).collect()
}

/// A contradiction was not resolved in time.
fn left_undone(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let Some(task) = overdue(trigger, known, "P15") else { return Vec::new() };
    let what = format!("not done in time: {}", task.title);
    vec![propose_nonconformity(trigger, &what, task.subject.as_deref())]
}

#[cfg(test)]
mod tests;
