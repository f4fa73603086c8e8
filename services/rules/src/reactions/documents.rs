//! Documents that are to be reviewed (P18; ISO/IEC 42001 A.2.4, 7.5.2) and the AI policy that
//! everybody takes note of (P19; 5.2, 7.3).

use kernel::{Date, Role};

use super::Reaction;
use super::follow_up::{
    OVERDUE, cancel, is_open, open_tasks, overdue, propose_nonconformity, user_of, work_of,
};
use crate::{Known, Order, Trigger, Work};

/// The rules of this file.
pub const RULES: &[Reaction] = &[
    Reaction {
        id: "P18",
        doc: "Has a document reviewed when its day comes near, tells the AIMS manager when it has \
              passed, and proposes a nonconformity 60 days later (A.2.4, 7.5.2).",
        on: &["document.review_fell_due", "document.review_overdue", "document.withdrawn", OVERDUE],
        react: reviewed,
    },
    Reaction {
        id: "P19",
        doc: "Has every member take note of the AI policy once it is published (5.2, 7.3).",
        on: &["document.published", "document.withdrawn", "membership.granted"],
        react: acknowledged,
    },
];

/// Days after its day on which a review that was not done may be a nonconformity.
const LATE_DAYS: i64 = 60;
/// Days until everybody has taken note.
const NOTE_DAYS: i64 = 30;
/// Most members who each get a task; of more, one person sees to all.
const MEMBERS_MAX: usize = 150;

fn reviewed(trigger: &Trigger, known: &Known) -> Vec<Order> {
    match trigger.name.as_str() {
        OVERDUE => {
            let task =
                overdue(trigger, known, "P18").filter(|task| task.task_kind == "investigate");
            let Some(task) = task else { return Vec::new() };
            let what = format!("not done in {LATE_DAYS} days: {}", task.title);
            vec![propose_nonconformity(trigger, &what, task.subject.as_deref())]
        }
        "document.withdrawn" => gone(trigger, known, "P18"),
        name => {
            let Some(document) = known.get::<facts::Document>(&trigger.object) else {
                return Vec::new();
            };
            let Some(due) = trigger.field::<Date>("due") else { return Vec::new() };
            let (sort, title, role) = match name {
                "document.review_fell_due" => ("review", "Review", Role::Do),
                _ => ("investigate", "See to the review that is overdue", Role::Am),
            };
            if is_open(known, &trigger.object, "P18", sort) {
                return Vec::new();
            }
            let title = format!("{title}: {}, due on {due}", document.title);
            // The document says itself when its review is overdue; the task is overdue when that
            // may be a nonconformity.
            let last = due.plus_days(LATE_DAYS).max(trigger.day());
            let owner = document.owner.as_ref().filter(|_| sort == "review");
            let work = work_of(owner, role, (sort, &title, last), known);
            let work = work.about(&trigger.object);
            vec![work.until("document.reviewed", Some(&trigger.object)).order(trigger)]
        }
    }
}

/// A document that is no more in force is neither reviewed nor taken note of.
fn gone(trigger: &Trigger, known: &Known, rule: &str) -> Vec<Order> {
    let document = known.get::<facts::Document>(&trigger.object);
    if document.is_some_and(|document| document.effective.is_some()) {
        return Vec::new();
    }
    let tasks = open_tasks(known, &trigger.object, rule).into_iter();
    tasks.map(|(task, _)| cancel(&task, "The document was withdrawn.")).collect()
}

fn acknowledged(trigger: &Trigger, known: &Known) -> Vec<Order> {
    match trigger.name.as_str() {
        "document.withdrawn" => gone(trigger, known, "P19"),
        "membership.granted" => newcomer(trigger, known),
        _ => {
            let document = known.get::<facts::Document>(&trigger.object);
            let Some(policy) = document.filter(|document| document.kind == "ai_policy") else {
                return Vec::new();
            };
            let asked = open_tasks(known, &trigger.object, "P19");
            let is_asked = |user: &str| {
                let of = |task: &facts::Task| task.assignee.as_ref().map(|user| user.to_string());
                asked.iter().any(|(_, task)| of(task).as_deref() == Some(user))
            };
            let members = known.of::<facts::Membership>("status", "active");
            if members.len() > MEMBERS_MAX {
                let all = || everybody(trigger, &policy, known);
                return asked.is_empty().then(all).into_iter().collect();
            }
            let users = members.iter().map(|(id, _)| user_of(id));
            let users = users.filter(|user| !is_asked(user));
            users.map(|user| take_note(trigger, &trigger.object, &policy, &user)).collect()
        }
    }
}

/// Who joins takes note of the policies that are in force.
fn newcomer(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let user = trigger.text("user");
    let policies = known.of::<facts::Document>("kind", "ai_policy").into_iter();
    let in_force = policies.filter(|(_, policy)| policy.is_published());
    in_force.map(|(id, policy)| take_note(trigger, &id, &policy, user)).collect()
}

fn take_note(trigger: &Trigger, id: &str, policy: &facts::Document, user: &str) -> Order {
    let title = format!("Take note of {}", policy.title);
    let work = Work::new("acknowledge", &title, Role::Emp, trigger.in_days(NOTE_DAYS)).by(user);
    let noted = "acknowledgement.document_acknowledged";
    work.about(id).until_about(noted, id).naming(user).order(trigger)
}

/// In a large organisation the owner of the policy sees to it.
fn everybody(trigger: &Trigger, policy: &facts::Document, known: &Known) -> Order {
    let title = format!("Have every member take note of {}", policy.title);
    let due = trigger.in_days(NOTE_DAYS);
    let work = work_of(policy.owner.as_ref(), Role::Am, ("acknowledge", &title, due), known);
    work.about(&trigger.object).order(trigger)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const POLICY: &str = "doc_00000000000000000000000001";

    fn document(kind: &str, effective: bool) -> Value {
        let effective = effective.then(|| json!({ "version": 1 }));
        json!({
            "title": "AI policy", "kind": kind, "owner": "usr_priya", "effective": effective,
            "inForce": { "publishedAt": "2024-08-05T09:10:00Z" },
        })
    }

    fn known() -> Known {
        let owner = json!({ "roles": ["AM"], "status": "active" });
        let known = Known::default().with(POLICY, "document", document("ai_policy", true));
        known.with("mbr_priya", "membership", owner)
    }

    fn task(sort: &str, rule: &str, assignee: Option<&str>) -> Value {
        json!({
            "subject": POLICY, "status": "overdue", "blocking": false, "taskKind": sort,
            "title": "Review: AI policy", "assignee": assignee, "openedBy": format!("rea_{rule}"),
        })
    }

    fn trigger(name: &str, at: &str, data: Value) -> Trigger {
        Trigger::example(name, POLICY, at, data)
    }

    #[test]
    fn its_owner_reviews_a_document_and_the_aims_manager_sees_to_what_is_late() {
        let due = json!({ "due": "2025-08-05", "daysLeft": 30 });
        let fell_due = trigger("document.review_fell_due", "2025-07-06T00:00:00Z", due.clone());
        let orders = reviewed(&fell_due, &known());
        let input = &orders[0].input;
        assert_eq!(input["title"], "Review: AI policy, due on 2025-08-05");
        assert_eq!(
            (&input["assignee"], &input["assigneeRole"]),
            (&json!("usr_priya"), &json!("EMP"))
        );
        assert_eq!(input["due"], "2025-10-04");
        assert_eq!(input["doneWhen"], json!({ "event": "document.reviewed", "object": POLICY }));
        let known_task = known().with("tsk_1", "task", task("review", "P18", Some("usr_priya")));
        let on_the_day = trigger("document.review_fell_due", "2025-08-05T00:00:00Z", due.clone());
        assert_eq!(reviewed(&on_the_day, &known_task), [], "told once");
        let late = trigger("document.review_overdue", "2025-08-06T00:00:00Z", due);
        let orders = reviewed(&late, &known_task);
        assert_eq!(orders[0].input["assigneeRole"], "AM");
        assert_eq!(orders[0].input["due"], "2025-10-04");
    }

    #[test]
    fn a_review_that_is_60_days_late_may_be_a_nonconformity() {
        let overdue =
            |task: &str| Trigger::example(OVERDUE, task, "2025-10-05T00:00:00Z", json!({}));
        let known = known()
            .with("tsk_1", "task", task("investigate", "P18", None))
            .with("tsk_2", "task", task("review", "P18", None))
            .with("tsk_3", "task", task("investigate", "P12", None));
        let orders = reviewed(&overdue("tsk_1"), &known);
        assert_eq!(orders[0].input["taskKind"], "answer_finding");
        assert_eq!(orders[0].input["due"], "2025-10-10");
        assert_eq!(reviewed(&overdue("tsk_2"), &known), [], "one proposal for a review");
        assert_eq!(reviewed(&overdue("tsk_3"), &known), [], "another rule's");
    }

    #[test]
    fn nothing_is_to_be_done_about_a_document_that_is_withdrawn() {
        let withdrawn = trigger("document.withdrawn", "2025-07-06T00:00:00Z", json!({}));
        let tasks = |known: Known| {
            known.with("tsk_1", "task", task("review", "P18", None)).with(
                "tsk_2",
                "task",
                task("acknowledge", "P19", Some("usr_1")),
            )
        };
        let draft_only = tasks(known());
        assert_eq!(reviewed(&withdrawn, &draft_only), [], "a version is still in force");
        let gone = tasks(Known::default().with(POLICY, "document", document("ai_policy", false)));
        let reason = "The document was withdrawn.";
        assert_eq!(reviewed(&withdrawn, &gone), [cancel("tsk_1", reason)]);
        assert_eq!(acknowledged(&withdrawn, &gone), [cancel("tsk_2", reason)]);
    }

    #[test]
    fn every_member_takes_note_of_the_ai_policy() {
        let member = |status: &str| json!({ "roles": [], "status": status });
        let published = trigger("document.published", "2024-08-05T09:10:00Z", json!({}));
        let people = |known: Known| {
            known
                .with("mbr_1", "membership", member("active"))
                .with("mbr_2", "membership", member("revoked"))
                .with("mbr_3", "membership", member("active"))
        };
        let orders = acknowledged(&published, &people(known()));
        let who: Vec<_> = orders.iter().map(|order| order.input["assignee"].clone()).collect();
        assert_eq!(who, ["usr_1", "usr_3", "usr_priya"]);
        assert_eq!(orders[0].input["due"], "2024-09-04");
        let until = json!({
            "event": "acknowledgement.document_acknowledged", "about": POLICY, "naming": ["usr_1"],
        });
        assert_eq!(orders[0].input["doneWhen"], until);
        let asked =
            people(known()).with("tsk_1", "task", task("acknowledge", "P19", Some("usr_1")));
        let who: Vec<_> = acknowledged(&published, &asked)
            .into_iter()
            .map(|o| o.input["assignee"].clone())
            .collect();
        assert_eq!(
            who,
            ["usr_3", "usr_priya"],
            "an earlier edition's task stands for the newer one"
        );
        let procedure = Known::default().with(POLICY, "document", document("procedure", true));
        assert_eq!(acknowledged(&published, &people(procedure)), []);
    }

    #[test]
    fn in_a_large_organisation_its_owner_sees_to_it() {
        let member = || json!({ "roles": [], "status": "active" });
        let with = |count: usize| {
            (0..count).fold(known(), |known, n| {
                known.with(&format!("mbr_{n:026}"), "membership", member())
            })
        };
        let published = trigger("document.published", "2024-08-05T09:10:00Z", json!({}));
        assert_eq!(acknowledged(&published, &with(MEMBERS_MAX - 1)).len(), MEMBERS_MAX);
        let orders = acknowledged(&published, &with(MEMBERS_MAX));
        assert_eq!(orders.len(), 1);
        assert_eq!(orders[0].input["title"], "Have every member take note of AI policy");
        assert_eq!(orders[0].input["assignee"], "usr_priya");
    }

    #[test]
    fn who_joins_later_takes_note_of_what_is_published() {
        let granted = Trigger::example(
            "membership.granted",
            "mbr_9",
            "2025-03-03T09:00:00Z",
            json!({ "user": "usr_9", "roles": [] }),
        );
        let orders = acknowledged(&granted, &known());
        assert_eq!(orders[0].input["assignee"], "usr_9");
        assert_eq!(orders[0].input["subject"], POLICY);
        let mut draft = document("ai_policy", true);
        draft["inForce"] = json!({});
        let unpublished = Known::default().with(POLICY, "document", draft);
        assert_eq!(acknowledged(&granted, &unpublished), []);
    }
}
