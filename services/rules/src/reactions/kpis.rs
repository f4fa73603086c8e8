//! Indicators that miss their limits (P12; ISO/IEC 42001 9.1, 10.2).

use kernel::Role;
use serde_json::json;

use super::Reaction;
use super::follow_up::{is_open, work_of};
use crate::{Known, Order, Trigger};

/// The rules of this file.
pub const RULES: &[Reaction] = &[Reaction {
    id: "P12",
    doc: "Raises a nonconformity when an indicator is breached twice, or once where people's \
          safety or fair treatment is measured; has who answers for the objective find out why \
          (9.1, 10.2).",
    on: &["kpi.breached", "nonconformity.raised"],
    react,
}];

/// Breached periods in a row that make a nonconformity.
const PERIODS: u32 = 2;
/// Days until who answers for the objective has found out why.
const CAUSE_DAYS: i64 = 30;

fn react(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let order = match trigger.name.as_str() {
        "kpi.breached" => raise(trigger, known),
        _ => tell_owner(trigger, known),
    };
    order.into_iter().collect()
}

fn raise(trigger: &Trigger, known: &Known) -> Option<Order> {
    let periods: u32 = trigger.field("periods").unwrap_or_default();
    let is_about_people: bool = trigger.field("isSafetyOrFairness").unwrap_or_default();
    if periods < PERIODS && !is_about_people {
        return None;
    }
    let known_ones = known.of::<facts::Nonconformity>("origin", &trigger.object);
    if known_ones.iter().any(|(_, nonconformity)| nonconformity.is_open()) {
        return None;
    }
    let kpi = known.get::<facts::Kpi>(&trigger.object)?;
    let monitor = kpi.monitor.as_deref().and_then(|id| known.get::<facts::Monitor>(id));
    let (value, limit) = (trigger.text("value"), trigger.text("limit"));
    let (name, period) = (&kpi.name, trigger.text("period"));
    let mut input = json!({
        "source": "kpi", "origin": trigger.object, "requirement": "9.1",
        "title": shortened(&format!("Breached: {name}")),
        "description": format!(
            "{name} was {value} in the period that began on {period}; its limit of breach is \
             {limit}. Periods breached in a row: {periods}."
        ),
    });
    if let Some(monitor) = monitor {
        input["system"] = json!(monitor.system);
    }
    Some(Order::make("nonconformity", "raise", input))
}

/// Who answers for the objective finds out why its indicator is breached.
fn tell_owner(trigger: &Trigger, known: &Known) -> Option<Order> {
    let of = &trigger.data["of"];
    let kpi = of["origin"].as_str().filter(|_| of["source"] == "kpi")?;
    let kpi = known.get::<facts::Kpi>(kpi)?;
    let owner = known.get::<facts::Objective>(&kpi.objective)?.owner?;
    if is_open(known, &trigger.object, "P12", "investigate") {
        return None;
    }
    let title = format!("Find out why {} is breached", kpi.name);
    let due = trigger.in_days(CAUSE_DAYS);
    let work = work_of(Some(&owner), Role::Am, ("investigate", &title, due), known);
    let cause = "nonconformity.root_cause_recorded";
    Some(work.about(&trigger.object).until(cause, Some(&trigger.object)).order(trigger))
}

/// A title as long as titles may be.
fn shortened(title: &str) -> String {
    title.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const KPI: &str = "kpi_00000000000000000000000001";
    const AT: &str = "2025-04-07T09:00:21Z";

    fn kpi(standing: &str) -> Value {
        json!({
            "objective": "obj_1", "name": "Disparate impact ratio", "standing": standing,
            "status": "active", "monitor": "mon_1",
        })
    }

    fn objective(progress: &str) -> Value {
        json!({
            "status": "approved", "progress": progress, "title": "Fair scores",
            "owner": "usr_lena",
        })
    }

    fn world(progress: &str) -> Known {
        Known::default()
            .with(KPI, "kpi", kpi("breached"))
            .with("obj_1", "objective", objective(progress))
            .with("mbr_lena", "membership", json!({ "roles": ["RO"], "status": "active" }))
            .with("mon_1", "monitor", json!({ "system": "sys_1", "status": "alerting" }))
    }

    fn breached(periods: u32, is_about_people: bool) -> Trigger {
        let data = json!({
            "period": "2025-03-01", "value": "0.79", "limit": "0.8", "periods": periods,
            "isSafetyOrFairness": is_about_people,
        });
        Trigger::example("kpi.breached", KPI, AT, data)
    }

    #[test]
    fn one_breach_of_fairness_or_two_of_anything_make_a_nonconformity() {
        for (periods, is_about_people, raises) in
            [(1, true, true), (1, false, false), (2, false, true), (3, true, true)]
        {
            let orders = react(&breached(periods, is_about_people), &world("on_track"));
            assert_eq!(orders.len(), usize::from(raises), "{periods} {is_about_people}");
        }
        let orders = react(&breached(1, true), &world("on_track"));
        assert_eq!(
            (orders[0].kind, orders[0].verb, &orders[0].on),
            ("nonconformity", "raise", &None)
        );
        let input = &orders[0].input;
        assert_eq!(input["origin"], KPI);
        assert_eq!(input["system"], "sys_1");
        assert_eq!(input["requirement"], "9.1");
        assert_eq!(input["title"], "Breached: Disparate impact ratio");
    }

    #[test]
    fn an_indicator_has_one_open_nonconformity() {
        let nc = |status: &str| json!({ "origin": KPI, "grade": "minor", "status": status });
        let with = |status| world("on_track").with("ncf_1", "nonconformity", nc(status));
        assert_eq!(react(&breached(2, true), &with("actions_planned")), []);
        assert_eq!(react(&breached(2, true), &with("closed")).len(), 1);
        assert_eq!(react(&breached(2, true), &with("rejected")).len(), 1);
    }

    #[test]
    fn who_answers_for_the_objective_finds_out_why() {
        let raised = |source: &str| {
            let of = json!({ "source": source, "origin": KPI });
            Trigger::example("nonconformity.raised", "ncf_1", AT, json!({ "of": of }))
        };
        let known = world("breached");
        let orders = react(&raised("kpi"), &known);
        let [task] = orders.as_slice() else { panic!("{orders:?}") };
        assert_eq!(task.input["assignee"], "usr_lena");
        assert_eq!(task.input["due"], "2025-05-07");
        assert_eq!(task.input["title"], "Find out why Disparate impact ratio is breached");
        let until = json!({ "event": "nonconformity.root_cause_recorded", "object": "ncf_1" });
        assert_eq!(task.input["doneWhen"], until);
        assert_eq!(react(&raised("finding"), &known), []);
        let open = json!({
            "subject": "ncf_1", "status": "open", "blocking": false, "taskKind": "investigate",
            "openedBy": "rea_P12",
        });
        assert_eq!(react(&raised("kpi"), &known.with("tsk_1", "task", open)), []);
    }
}
