//! What a certificate asks of who holds it, and the auditors' access (P24 to P27; ISO/IEC 17021-1
//! 9.6, 9.3; ISO/IEC 42001 4.3, 7.5.3).

use kernel::{Date, Role};
use serde_json::json;

use super::Reaction;
use super::follow_up::{cancel, is_open, open_tasks};
use crate::{Known, Order, Trigger, Work};

/// The rules of this file.
pub const RULES: &[Reaction] = &[
    Reaction {
        id: "P24",
        doc: "Has the surveillance and recertification audits of a certificate held in time, and \
              has top management decide when one was not (ISO/IEC 17021-1 9.6).",
        on: &[
            "certificate.issued",
            "certificate.maintained",
            "certificate.renewed",
            "certificate.restored",
            "certificate.surveillance_fell_due",
            "certificate.recertification_fell_due",
            "certificate.expired",
            "certificate.withdrawn",
        ],
        react: cycle,
    },
    Reaction {
        id: "P25",
        doc: "Has customers told that a certificate is suspended or withdrawn, and its cause \
              removed before the suspension runs out (ISO/IEC 17021-1 9.6.5).",
        on: &[
            "certificate.suspended",
            "certificate.suspension_lifted",
            "certificate.suspension_ran_out",
            "certificate.withdrawn",
        ],
        react: suspension,
    },
    Reaction {
        id: "P26",
        doc: "Begins an auditors' engagement at once when its window is open as it is granted; \
              its end closes their access by itself (7.5.3).",
        on: &["auditor_engagement.granted"],
        react: engagement,
    },
    Reaction {
        id: "P27",
        doc: "Has the certification body told when the scope or a role of the organisation \
              changes while a certificate is in force (4.3).",
        on: &["scope.approved", "organisation.ai_roles_declared"],
        react: scope,
    },
];

/// Days until it is decided on an audit that was not held.
const DECIDE_DAYS: i64 = 14;
/// Days until customers are told.
const TELL_DAYS: i64 = 14;
/// Days until the certification body is told.
const TELL_BODY_DAYS: i64 = 30;
/// Months before its end in which a certificate's renewal should be decided.
const DECISION_MONTHS: i64 = 1;
const MAINTAINED: &str = "certificate.maintained";
const RENEWED: &str = "certificate.renewed";

/// A task about the certificate of the trigger, unless it is open already.
fn task(
    trigger: &Trigger,
    known: &Known,
    rule: &str,
    work: (&str, &str, Role, Date),
    until: Option<&str>,
) -> Option<Order> {
    let (sort, title, role, due) = work;
    let open = open_tasks(known, &trigger.object, rule);
    if open.iter().any(|(_, task)| task.title == title) {
        return None;
    }
    let work = Work::new(sort, title, role, due.max(trigger.day())).about(&trigger.object);
    Some(match until {
        Some(event) => work.until(event, Some(&trigger.object)).order(trigger),
        None => work.order(trigger),
    })
}

fn cycle(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let Some(certificate) = known.get::<facts::Certificate>(&trigger.object) else {
        return Vec::new();
    };
    let number = &certificate.number;
    let order = match trigger.name.as_str() {
        "certificate.surveillance_fell_due" => {
            let due = trigger.text("due");
            let title = format!(
                "Decide how suspension of certificate {number} is averted: the surveillance audit \
                 due on {due} was not held"
            );
            let due = trigger.in_days(DECIDE_DAYS);
            task(trigger, known, "P24", ("decide", &title, Role::Tm, due), Some(MAINTAINED))
        }
        "certificate.recertification_fell_due" => {
            let Some(end) = certificate.valid_to else { return Vec::new() };
            let title = format!("Have certificate {number} renewed: it ends on {end}");
            let due = end.plus_months(-DECISION_MONTHS);
            task(trigger, known, "P24", ("review", &title, Role::Am, due), Some(RENEWED))
        }
        "certificate.expired" => {
            let Some(until) = trigger.field::<Date>("restorableUntil") else { return Vec::new() };
            let title = format!(
                "Decide whether certificate {number} is restored: that is possible until {until}"
            );
            let work = ("decide", title.as_str(), Role::Tm, until);
            task(trigger, known, "P24", work, Some("certificate.restored"))
        }
        "certificate.withdrawn" => {
            let tasks = open_tasks(known, &trigger.object, "P24").into_iter();
            return tasks.map(|(id, _)| cancel(&id, "The certificate is withdrawn.")).collect();
        }
        _ => {
            let Some(due) = certificate.next_surveillance else { return Vec::new() };
            let title =
                format!("Have the surveillance audit of certificate {number} held by {due}");
            task(trigger, known, "P24", ("review", &title, Role::Am, due), Some(MAINTAINED))
        }
    };
    order.into_iter().collect()
}

fn suspension(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let Some(certificate) = known.get::<facts::Certificate>(&trigger.object) else {
        return Vec::new();
    };
    let number = &certificate.number;
    let tell = |what: &str| {
        let title =
            format!("Tell customers, and do not refer to certificate {number} any more: {what}");
        let due = trigger.in_days(TELL_DAYS);
        task(trigger, known, "P25", ("inform", &title, Role::Sm, due), None)
    };
    let remedies = || {
        let tasks = open_tasks(known, &trigger.object, "P25").into_iter();
        tasks.filter(|(_, task)| matches!(task.task_kind.as_str(), "decide" | "review"))
    };
    match trigger.name.as_str() {
        "certificate.suspended" => {
            let until = trigger.data["suspension"]["until"].as_str();
            let Some(until) = until.and_then(|until| until.parse::<Date>().ok()) else {
                return Vec::new();
            };
            let title = format!("Remove why certificate {number} is suspended, until {until}");
            let lifted = Some("certificate.suspension_lifted");
            let work = ("review", title.as_str(), Role::Am, until);
            let remedy = task(trigger, known, "P25", work, lifted);
            tell("it is suspended").into_iter().chain(remedy).collect()
        }
        "certificate.suspension_ran_out" => {
            let title = format!(
                "Decide with the certification body: the suspension of certificate {number} ran \
                 out, so its scope is reduced or it is withdrawn"
            );
            let due = trigger.in_days(DECIDE_DAYS);
            let work = ("decide", title.as_str(), Role::Tm, due);
            task(trigger, known, "P25", work, None).into_iter().collect()
        }
        "certificate.suspension_lifted" => {
            let decided = remedies().filter(|(_, task)| task.task_kind == "decide");
            decided.map(|(id, _)| cancel(&id, "The suspension is lifted.")).collect()
        }
        _ => {
            let over = remedies().map(|(id, _)| cancel(&id, "The certificate is withdrawn."));
            over.chain(tell("it is withdrawn")).collect()
        }
    }
}

fn engagement(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let engagement = known.get::<facts::AuditorEngagement>(&trigger.object);
    let is_open = engagement.is_some_and(|found| found.is_open_on(trigger.day()));
    let activate = Order::to("auditor_engagement", &trigger.object, "activate", json!({}));
    if is_open { vec![activate] } else { Vec::new() }
}

/// What the body certified is not what the organisation is any more.
fn scope(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let version = trigger.data["effective"]["version"].as_u64();
    let certificates = known.all::<facts::Certificate>().into_iter();
    let concerned = certificates.filter(|(id, certificate)| {
        let differs = version != Some(u64::from(certificate.scope_version));
        certificate.is_active() && differs && !is_open(known, id, "P27", "inform")
    });
    let tell = |(id, certificate): (String, facts::Certificate)| {
        let (number, on) = (certificate.number, certificate.scope_version);
        let what = match version {
            Some(version) => format!("version {version} of the scope is in force"),
            None => "the roles of the organisation changed".to_owned(),
        };
        let title = format!(
            "Tell the certification body that {what}; certificate {number} is on version {on} of \
             the scope"
        );
        let due = trigger.in_days(TELL_BODY_DAYS);
        Work::new("inform", &title, Role::Am, due).about(&id).order(trigger)
    };
    concerned.map(tell).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const CERTIFICATE: &str = "crt_00000000000000000000000001";

    fn certificate(status: &str, next: Option<&str>) -> Value {
        json!({
            "number": "CERT-0421", "status": status, "scopeVersion": 1, "nextSurveillance": next,
            "validTo": "2028-03-19",
        })
    }

    fn known(status: &str, next: Option<&str>) -> Known {
        Known::default().with(CERTIFICATE, "certificate", certificate(status, next))
    }

    fn trigger(name: &str, at: &str, data: Value) -> Trigger {
        Trigger::example(&format!("certificate.{name}"), CERTIFICATE, at, data)
    }

    fn open(rule: &str, sort: &str, title: &str) -> Value {
        json!({
            "subject": CERTIFICATE, "status": "open", "blocking": false, "title": title,
            "taskKind": sort, "openedBy": format!("rea_{rule}"),
        })
    }

    fn only(orders: &[Order]) -> &Value {
        let [order] = orders else { panic!("{orders:?}") };
        &order.input
    }

    #[test]
    fn every_surveillance_audit_is_held_by_its_day() {
        let issued = trigger("issued", "2025-03-20T09:00:00Z", json!({}));
        let known_one = known("issued", Some("2026-03-20"));
        let orders = cycle(&issued, &known_one);
        let title = "Have the surveillance audit of certificate CERT-0421 held by 2026-03-20";
        assert_eq!(only(&orders)["title"], title);
        assert_eq!(only(&orders)["due"], "2026-03-20");
        let until = json!({ "event": MAINTAINED, "object": CERTIFICATE });
        assert_eq!(only(&orders)["doneWhen"], until);
        let known_one = known_one.with("tsk_1", "task", open("P24", "review", title));
        assert_eq!(cycle(&issued, &known_one), []);
        let maintained = trigger("maintained", "2025-12-12T09:00:00Z", json!({}));
        let next =
            known("active", Some("2026-12-31")).with("tsk_1", "task", open("P24", "review", title));
        assert_eq!(only(&cycle(&maintained, &next))["due"], "2026-12-31", "beside the last one's");
        assert_eq!(cycle(&maintained, &known("active", None)), [], "recertification comes next");
    }

    #[test]
    fn top_management_decides_when_an_audit_was_not_held() {
        let fell_due = trigger(
            "surveillance_fell_due",
            "2026-03-20T00:00:00Z",
            json!({ "due": "2026-03-20" }),
        );
        let orders = cycle(&fell_due, &known("active", Some("2026-03-20")));
        assert_eq!(only(&orders)["assigneeRole"], "TM");
        assert_eq!(only(&orders)["due"], "2026-04-03");
        let again = trigger("recertification_fell_due", "2027-09-19T00:00:00Z", json!({}));
        let orders = cycle(&again, &known("active", None));
        assert_eq!(only(&orders)["due"], "2028-02-19");
        assert_eq!(only(&orders)["doneWhen"]["event"], RENEWED);
        let expired =
            trigger("expired", "2028-03-20T00:00:00Z", json!({ "restorableUntil": "2028-09-19" }));
        assert_eq!(only(&cycle(&expired, &known("expired", None)))["due"], "2028-09-19");
    }

    #[test]
    fn a_certificate_that_is_withdrawn_asks_for_no_audit() {
        let withdrawn = trigger("withdrawn", "2026-06-01T09:00:00Z", json!({}));
        let known = known("withdrawn", Some("2026-12-31"))
            .with("tsk_1", "task", open("P24", "review", "x"))
            .with("tsk_2", "task", open("P25", "review", "y"))
            .with("tsk_3", "task", open("P25", "inform", "z"));
        let reason = "The certificate is withdrawn.";
        assert_eq!(cycle(&withdrawn, &known), [cancel("tsk_1", reason)]);
        let orders = suspension(&withdrawn, &known);
        assert_eq!(orders[0], cancel("tsk_2", reason));
        assert_eq!(orders[1].input["assigneeRole"], "SM");
        assert_eq!(orders.len(), 2);
    }

    #[test]
    fn customers_learn_of_a_suspension_and_its_cause_is_removed_in_six_months() {
        let data = json!({ "suspension": { "since": "2026-04-10", "until": "2026-10-10" } });
        let suspended = trigger("suspended", "2026-04-10T09:00:00Z", data);
        let orders = suspension(&suspended, &known("suspended", None));
        let [tell, remove] = orders.as_slice() else { panic!("{orders:?}") };
        assert_eq!(
            (&tell.input["assigneeRole"], &tell.input["due"]),
            (&json!("SM"), &json!("2026-04-24"))
        );
        assert_eq!(remove.input["due"], "2026-10-10");
        assert_eq!(remove.input["doneWhen"]["event"], "certificate.suspension_lifted");
        let ran_out = trigger("suspension_ran_out", "2026-10-11T00:00:00Z", json!({}));
        let orders = suspension(&ran_out, &known("suspended", None));
        assert_eq!(only(&orders)["assigneeRole"], "TM");
        let lifted = trigger("suspension_lifted", "2026-09-01T09:00:00Z", json!({}));
        let known = known("active", None).with("tsk_1", "task", open("P25", "decide", "x")).with(
            "tsk_2",
            "task",
            open("P25", "review", "y"),
        );
        assert_eq!(suspension(&lifted, &known), [cancel("tsk_1", "The suspension is lifted.")]);
    }

    #[test]
    fn an_engagement_whose_window_is_open_begins_at_once() {
        let granted = Trigger::example(
            "auditor_engagement.granted",
            "eng_1",
            "2025-01-27T09:00:00Z",
            json!({}),
        );
        let engagement = |from: &str, to: &str| {
            let window = json!({ "from": from, "to": to });
            let body = json!({
                "body": "cbo_1", "auditKind": "stage1", "status": "granted", "window": window,
            });
            Known::default().with("eng_1", "auditor_engagement", body)
        };
        let activate = Order::to("auditor_engagement", "eng_1", "activate", json!({}));
        assert_eq!(
            super::engagement(&granted, &engagement("2025-01-27", "2025-02-07")),
            [activate]
        );
        assert_eq!(super::engagement(&granted, &engagement("2025-01-28", "2025-02-07")), []);
        assert_eq!(super::engagement(&granted, &engagement("2025-01-01", "2025-01-26")), []);
    }

    #[test]
    fn the_body_is_told_what_it_has_not_certified() {
        let approved = |version: u32| {
            let data = json!({ "effective": { "version": version } });
            Trigger::example("scope.approved", "scp_1", "2025-06-02T09:00:00Z", data)
        };
        let orders = scope(&approved(2), &known("active", None));
        assert_eq!(only(&orders)["due"], "2025-07-02");
        assert_eq!(only(&orders)["subject"], CERTIFICATE);
        assert_eq!(scope(&approved(1), &known("active", None)), [], "that is what it certified");
        assert_eq!(scope(&approved(2), &known("lapsed", None)), []);
        assert_eq!(scope(&approved(2), &Known::default()), []);
        let told = known("active", None).with("tsk_1", "task", open("P27", "inform", "x"));
        assert_eq!(scope(&approved(2), &told), []);
        let roles = Trigger::example(
            "organisation.ai_roles_declared",
            "org_1",
            "2025-06-02T09:00:00Z",
            json!({}),
        );
        assert_eq!(scope(&roles, &known("active", None)).len(), 1);
    }
}
