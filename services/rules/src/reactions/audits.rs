//! What follows from audits (P22, P23; ISO/IEC 42001 9.2, 9.3, 10.2).

use kernel::{Date, Role};
use serde_json::json;

use super::Reaction;
use super::follow_up::{open_tasks, working_days_after};
use crate::{Known, Order, Trigger, Work};

/// The rules of this file.
pub const RULES: &[Reaction] = &[
    Reaction {
        id: "P22",
        doc: "Has a nonconformity raised from a finding in five working days and the finding \
              answered in the days that its certification body sets; links the two; has an \
              internal finding verified once its nonconformity is closed (9.2.2, 10.2).",
        on: &[
            "audit_finding.raised",
            "audit_finding.regraded",
            "nonconformity.raised",
            "nonconformity.closed",
        ],
        react: found,
    },
    Reaction {
        id: "P23",
        doc: "Says that stage 2 can be asked for once an internal audit is reported and a \
              management review held (9.2, 9.3).",
        on: &["internal_audit.reported", "management_review.held"],
        react: ready,
    },
];

/// Working days until a nonconformity is raised from a finding.
const RAISE_DAYS: u32 = 5;
/// Days until the auditor has verified a finding whose nonconformity is closed.
const VERIFY_DAYS: i64 = 14;
/// Days until stage 2 is asked for.
const STAGE_TWO_DAYS: i64 = 90;
const NC_RAISED: &str = "nonconformity.raised";
const ANSWERED: &str = "audit_finding.answered";

fn found(trigger: &Trigger, known: &Known) -> Vec<Order> {
    match trigger.name.as_str() {
        NC_RAISED => link(trigger).into_iter().collect(),
        "nonconformity.closed" => verify(trigger, known).into_iter().collect(),
        _ => answer(trigger, known),
    }
}

/// A finding says that a requirement is not met.
fn answer(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let finding = known.get::<facts::AuditFinding>(&trigger.object);
    let Some(finding) = finding.filter(facts::AuditFinding::is_nonconformity) else {
        return Vec::new();
    };
    let open = open_tasks(known, &trigger.object, "P22");
    let is_new = |title: &String| open.iter().all(|(_, task)| task.title != *title);
    let work = |title: &str, due: Date| {
        Work::new("answer_finding", title, Role::Am, due).about(&trigger.object)
    };
    let mut orders = Vec::new();
    let title = shortened(&format!("Raise a nonconformity from the finding: {}", finding.title));
    if finding.linked_nc.is_none() && is_new(&title) {
        let due = working_days_after(trigger.day(), RAISE_DAYS);
        let work = work(&title, due).until_about(NC_RAISED, &trigger.object);
        orders.push(work.order(trigger));
    }
    let title = shortened(&format!("Answer the finding: {}", finding.title));
    if let Some(due) = finding.reply_due.filter(|_| is_new(&title)) {
        let work = work(&title, due).until(ANSWERED, Some(&trigger.object));
        orders.push(work.order(trigger));
    }
    orders
}

/// A title as long as titles may be.
fn shortened(title: &str) -> String {
    title.chars().take(200).collect()
}

/// The finding names the nonconformity that answers it.
fn link(trigger: &Trigger) -> Option<Order> {
    let of = &trigger.data["of"];
    let finding = of["origin"].as_str().filter(|_| of["source"] == "finding")?;
    let input = json!({ "nonconformity": trigger.object });
    Some(Order::to("audit_finding", finding, "link", input))
}

/// The auditor verifies an internal finding once what answers it is closed. A certification body
/// verifies its own in its own time.
fn verify(trigger: &Trigger, known: &Known) -> Option<Order> {
    let finding = known.get::<facts::Nonconformity>(&trigger.object)?.finding?;
    let found = known.get::<facts::AuditFinding>(&finding)?;
    if found.source != "internal" || matches!(found.status.as_str(), "verified" | "closed") {
        return None;
    }
    let title = format!("Verify that the finding is corrected: {}", found.title);
    let work = Work::new("review", &title, Role::Aud, trigger.in_days(VERIFY_DAYS));
    let work = work.about(&finding).until("audit_finding.verified", Some(&finding));
    Some(work.order(trigger))
}

/// One half of what stage 2 asks for is there: it is asked for when the other is as well.
fn ready(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let audits = known.all::<facts::InternalAudit>();
    let reviews = known.all::<facts::ManagementReview>();
    let audited = audits.iter().any(|(_, audit)| audit.is_reported());
    let reviewed = reviews.iter().any(|(_, review)| review.is_held());
    let certified = known.all::<facts::Certificate>().iter().any(|(_, c)| c.is_active());
    let mut stages = known.all::<facts::CertificationAudit>().into_iter();
    let is_under_way = stages.any(|(_, audit)| audit.audit_kind == "stage2");
    if !audited || !reviewed || certified || is_under_way || !asked(known).is_empty() {
        return Vec::new();
    }
    let title = "Ask for stage 2: the internal audit is reported and the management review held";
    let work = Work::new("decide", title, Role::Am, trigger.in_days(STAGE_TWO_DAYS));
    let work = work.about(&trigger.object).until("certification_audit.planned", None);
    vec![work.naming("stage2").order(trigger)]
}

/// The open tasks to ask for stage 2.
fn asked(known: &Known) -> Vec<(String, facts::Task)> {
    let audits = known.all::<facts::InternalAudit>().into_iter().map(|(id, _)| id);
    let reviews = known.all::<facts::ManagementReview>().into_iter().map(|(id, _)| id);
    let about = audits.chain(reviews);
    about.flat_map(|object| open_tasks(known, &object, "P23")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const FINDING: &str = "fnd_00000000000000000000000001";
    const AT: &str = "2025-02-26T09:00:00Z";

    fn finding(grade: &str, source: &str, status: &str) -> Value {
        json!({
            "audit": "cau_1", "source": source, "grade": grade, "status": status,
            "title": "Criteria after the runs", "replyDue": "2025-04-27",
        })
    }

    fn known(grade: &str) -> Known {
        Known::default().with(FINDING, "audit_finding", finding(grade, "stage2", "raised"))
    }

    fn raised() -> Trigger {
        Trigger::example("audit_finding.raised", FINDING, AT, json!({}))
    }

    fn event(name: &str, object: &str, data: Value) -> Trigger {
        Trigger::example(name, object, AT, data)
    }

    #[test]
    fn a_nonconformity_is_raised_from_a_finding_and_the_finding_answered_in_time() {
        let orders = found(&raised(), &known("minor"));
        let [raise, answer] = orders.as_slice() else { panic!("{orders:?}") };
        let title = "Raise a nonconformity from the finding: Criteria after the runs";
        assert_eq!(raise.input["title"], title);
        assert_eq!(raise.input["due"], "2025-03-05");
        let until = json!({ "event": NC_RAISED, "about": FINDING });
        assert_eq!(raise.input["doneWhen"], until);
        assert_eq!(answer.input["due"], "2025-04-27");
        assert_eq!(answer.input["doneWhen"], json!({ "event": ANSWERED, "object": FINDING }));
        for grade in ["ofi", "positive", "area_of_concern", "ungraded"] {
            assert_eq!(found(&raised(), &known(grade)), [], "{grade}");
        }
        let regraded = event("audit_finding.regraded", FINDING, json!({ "to": "major" }));
        assert_eq!(found(&regraded, &known("major")).len(), 2);
    }

    #[test]
    fn a_finding_that_is_being_dealt_with_opens_nothing_more() {
        let task = |title: &str| {
            json!({
                "subject": FINDING, "status": "open", "blocking": false, "title": title,
                "taskKind": "answer_finding", "openedBy": "rea_P22",
            })
        };
        let regraded = event("audit_finding.regraded", FINDING, json!({ "to": "major" }));
        let orders = found(&raised(), &known("minor"));
        let titles = orders.iter().map(|order| order.input["title"].as_str().unwrap().to_owned());
        let open = titles.enumerate().fold(known("major"), |known, (n, title)| {
            known.with(&format!("tsk_{n}"), "task", task(&title))
        });
        assert_eq!(found(&regraded, &open), []);
        let mut linked = finding("major", "internal", "raised");
        linked["linkedNc"] = json!("ncf_1");
        linked["replyDue"] = Value::Null;
        let linked = Known::default().with(FINDING, "audit_finding", linked);
        assert_eq!(found(&regraded, &linked), []);
    }

    #[test]
    fn a_finding_names_the_nonconformity_that_answers_it() {
        let of = |source: &str| json!({ "of": { "source": source, "origin": FINDING } });
        let raised = event(NC_RAISED, "ncf_1", of("finding"));
        let link = Order::to("audit_finding", FINDING, "link", json!({ "nonconformity": "ncf_1" }));
        assert_eq!(found(&raised, &Known::default()), [link]);
        assert_eq!(found(&event(NC_RAISED, "ncf_1", of("manual")), &Known::default()), []);
    }

    #[test]
    fn an_internal_finding_is_verified_once_its_nonconformity_is_closed() {
        let closed = event("nonconformity.closed", "ncf_1", json!({}));
        let nc = json!({ "grade": "minor", "status": "closed", "finding": FINDING });
        let with = |source, status| {
            let finding = finding("minor", source, status);
            let known = Known::default().with(FINDING, "audit_finding", finding);
            known.with("ncf_1", "nonconformity", nc.clone())
        };
        let orders = found(&closed, &with("internal", "answered"));
        assert_eq!(orders[0].input["assigneeRole"], "AUD");
        assert_eq!(orders[0].input["doneWhen"]["event"], "audit_finding.verified");
        assert_eq!(found(&closed, &with("internal", "closed")), []);
        assert_eq!(found(&closed, &with("stage2", "answered")), [], "the body verifies its own");
    }

    fn audit(status: &str) -> Value {
        json!({ "status": status })
    }

    fn checked(audit_status: &str, review_status: &str) -> Known {
        Known::default().with("iau_1", "internal_audit", audit(audit_status)).with(
            "mrv_1",
            "management_review",
            audit(review_status),
        )
    }

    #[test]
    fn stage_two_is_asked_for_once_both_checks_were_made() {
        let held = event("management_review.held", "mrv_1", json!({}));
        let orders = ready(&held, &checked("reported", "held"));
        assert_eq!(orders[0].input["assigneeRole"], "AM");
        assert_eq!(orders[0].input["due"], "2025-05-27");
        assert_eq!(ready(&held, &checked("in_progress", "held")), []);
        let reported = event("internal_audit.reported", "iau_1", json!({}));
        assert_eq!(ready(&reported, &checked("reported", "scheduled")), []);
        assert_eq!(ready(&reported, &checked("closed", "actions_closed")).len(), 1);
    }

    #[test]
    fn who_is_certified_or_has_asked_is_not_told_again() {
        let held = event("management_review.held", "mrv_1", json!({}));
        let both = || checked("reported", "held");
        let certificate = |status: &str| json!({ "number": "1", "status": status });
        let certified = both().with("crt_1", "certificate", certificate("active"));
        assert_eq!(ready(&held, &certified), []);
        let lapsed = both().with("crt_1", "certificate", certificate("lapsed"));
        assert_eq!(ready(&held, &lapsed).len(), 1);
        let stage = json!({ "body": "cbo_1", "auditKind": "stage2", "status": "planned" });
        assert_eq!(ready(&held, &both().with("cau_1", "certification_audit", stage)), []);
        let task = json!({
            "subject": "iau_1", "status": "open", "blocking": false, "openedBy": "rea_P23",
        });
        assert_eq!(ready(&held, &both().with("tsk_1", "task", task)), []);
    }
}
