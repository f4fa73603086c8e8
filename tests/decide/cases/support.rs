//! The kinds of governance that plan and support: roles, competence, objectives, communication,
//! changes of the management system, tasks.

use std::time::Duration;

use governance::aims_change::AimsChange;
use governance::communication_plan::CommunicationPlan;
use governance::competence_profile::CompetenceProfile;
use governance::kpi::Kpi;
use governance::objective::Objective;
use governance::reporting_obligation::ReportingObligation;
use governance::role_assignment::RoleAssignment;
use governance::task::Task;
use governance::training_record::TrainingRecord;
use kernel::Role;
use kernel::id::encode;
use serde_json::{Value, json};

use super::{Kind, correct, member, remark, why, with};
use crate::history::{Case, History};

/// What a decision may take that reads the profiles and the trainings of a person.
const JUDGING: Option<Duration> = Some(Duration::from_micros(60));
/// What a decision may take that reads the packaged sets of rules.
const RULES: Option<Duration> = Some(Duration::from_micros(200));

pub const KINDS: &[Kind] = &[
    role_assignment,
    competence_profile,
    training_record,
    objective,
    kpi,
    communication_plan,
    reporting_obligation,
    aims_change,
    task,
];

fn membership(role: Role) -> (String, Value) {
    let id = member(role).replacen("usr_", "mbr_", 1);
    let body = json!({ "user": member(role), "name": { "sealed": "5e".repeat(32) },
        "roles": [role], "status": "active" });
    (id, body)
}

fn required() -> Value {
    let one = |title: &str, level: &str, regulated: bool| {
        let (title, level) = (json!(title), json!(level));
        json!({ "title": title, "level": level, "regulated": regulated })
    };
    json!({ "bias": one("Bias testing", "skilled", false),
        "statistics": one("Statistics", "expert", false),
        "ai-literacy": one("AI literacy", "basic", true) })
}

fn profile() -> History<CompetenceProfile> {
    History::of(&encode("cpr", 1)).measured(
        Role::Am,
        "define",
        json!({ "role": "Validator", "required": required() }),
    )
}

fn competence_profile() -> Vec<Case> {
    let mut more = required();
    more["law"] = json!({ "title": "AI Act", "level": "basic", "regulated": false });
    profile()
        .measured(Role::Am, "redefine", json!({ "required": more }))
        .measured(Role::Am, "correct", remark())
        .measured(Role::Am, "retire", why())
        .cases()
}

fn evidence() -> Value {
    json!({ "status": "verified" })
}

fn person() -> Value {
    json!({
        "person": member(Role::Val), "lineManager": member(Role::Emp), "basis": "training",
        "course": "Testing for bias", "audience": "Validators",
        "competences": { "bias": { "level": "skilled" }, "statistics": { "level": "expert" },
            "ai-literacy": { "level": "basic" } },
    })
}

fn shown() -> Value {
    json!({ "completedOn": "2025-03-03", "validUntil": "2026-03-02", "result": "passed",
        "evidence": [encode("evd", 1)] })
}

fn trained() -> History<TrainingRecord> {
    let (id, body) = membership(Role::Val);
    History::of(&encode("trr", 1))
        .knowing(&id, "membership", body)
        .knowing(&encode("evd", 1), "evidence", evidence())
        .knowing(&encode("cpr", 1), "competence_profile", profile().body())
        .measured(Role::Am, "plan", with(person(), json!({ "plannedOn": "2025-03-01" })))
        .measured(
            Role::Emp,
            "reschedule",
            json!({ "plannedOn": "2025-03-03", "reason": "The trainer was ill." }),
        )
}

fn training_record() -> Vec<Case> {
    let verify = json!({ "effective": true, "method": "A quiz after a month." });
    let whole = trained()
        .measured(Role::Am, "complete", shown())
        .measured(Role::Aud, "verify_effect", verify)
        .measured(Role::Am, "correct", correct("course", "Bias testing"))
        .at("2026-03-03T09:00:00Z")
        .measured(Role::Sys, "expire", json!({}));
    let failed = trained().measured(Role::Am, "fail", why());
    let (id, body) = membership(Role::Val);
    let degree = History::<TrainingRecord>::of(&encode("trr", 2))
        .knowing(&id, "membership", body)
        .knowing(&encode("evd", 1), "evidence", evidence())
        .knowing(&encode("cpr", 1), "competence_profile", profile().body())
        .measured(Role::Am, "record_competence", with(person(), shown()));
    [whole.cases(), failed.cases(), degree.cases()].into_iter().flatten().collect()
}

fn role_assignment() -> Vec<Case> {
    let (id, body) = membership(Role::Val);
    let nominee = json!({
        "holder": member(Role::Val), "deputy": member(Role::Dev), "validFrom": "2025-03-03",
        "waiver": { "until": "2025-03-31", "reason": "A course in spring." },
    });
    let post = json!({
        "process": "Verification and validation", "role": "Validator", "aimsRole": "VAL",
        "responsibility": "accountable", "isKey": true, "authority": "He may stop a release.",
    });
    let other = json!({ "item": "verification and validation", "role": "Developer",
        "responsibility": "consulted", "isKey": false, "holder": member(Role::Dev),
        "validFrom": "2025-01-01", "proposedBy": member(Role::Am), "status": "active" });
    let change = json!({ "effective": { "version": 1 }, "approved": { "roles": ["Validator"] } });
    let training = trained().given(Role::Am, "complete", shown()).body();
    History::<RoleAssignment>::of(&encode("ras", 1))
        .knowing(&id, "membership", body)
        .knowing(&encode("cpr", 1), "competence_profile", profile().body())
        .knowing(&encode("trr", 1), "training_record", training)
        .knowing(&encode("ras", 2), "role_assignment", other)
        .knowing(&encode("amc", 1), "aims_change", change)
        .measured_as("propose", JUDGING, Role::Am, "propose", with(post, nominee.clone()))
        .measured_as("assign", JUDGING, Role::Tm, "assign", json!({}))
        .measured(Role::Am, "correct", correct("authority", "He may stop any release."))
        .at("2025-04-01T09:00:00Z")
        .measured_as("end_waiver", JUDGING, Role::Sys, "end_waiver", json!({}))
        .measured(Role::Am, "end", why())
        .at("2025-05-12T09:00:00Z")
        .measured(Role::Sys, "fall_vacant", json!({}))
        .measured_as(
            "propose_successor",
            JUDGING,
            Role::Am,
            "propose_successor",
            with(
                nominee,
                json!({ "aimsChange": encode("amc", 1), "validFrom": "2025-05-12",
                    "waiver": null }),
            ),
        )
        .cases()
}

fn content() -> Value {
    json!({
        "title": "CreditLens treats groups alike", "theme": "fairness",
        "text": "The disparate-impact ratio stays at 0.85 or above.",
        "linkedPolicy": encode("doc", 1), "owner": member(Role::Ro), "due": "2025-12-31",
        "actions": ["Fairness constraint in training", "Monitor the ratio each month"],
        "resources": "Half a developer.", "evaluation": "Each month by the ratio.",
    })
}

fn pursued() -> History<Objective> {
    History::of(&encode("obj", 1))
        .knowing(&encode("kpi", 1), "kpi", measured_kpi())
        .measured(Role::Am, "set", content())
        .measured(Role::Am, "submit", json!({}))
        .measured(Role::Tm, "reject", why())
        .measured(Role::Am, "revise", content())
        .given(Role::Am, "submit", json!({}))
        .measured(Role::Tm, "approve", json!({}))
        .measured(Role::Sys, "assess", json!({}))
        .measured(Role::Am, "correct", correct("title", "Groups are treated alike"))
}

fn objective() -> Vec<Case> {
    let achieved = json!({ "outcome": "achieved", "reason": "Twelve months on target." });
    let closed = pursued().measured(Role::Am, "close", achieved);
    let withdrawn = History::<Objective>::of(&encode("obj", 2))
        .given(Role::Am, "set", content())
        .measured(Role::Am, "withdraw", why());
    [closed.cases(), withdrawn.cases()].into_iter().flatten().collect()
}

fn limits(from: &str) -> Value {
    json!({ "from": from, "target": "0.85", "warn": "0.82", "breach": "0.80",
        "reason": "As the risk assessment has it." })
}

fn defined() -> History<Kpi> {
    let objective = json!({ "status": "approved", "progress": "on_track", "theme": "fairness" });
    let define = json!({ "objective": encode("obj", 1), "name": "Disparate-impact ratio",
        "unit": "ratio", "direction": "higher", "frequency": "monthly" });
    History::of(&encode("kpi", 1))
        .knowing(&encode("obj", 1), "objective", objective)
        .knowing(&encode("evd", 1), "evidence", evidence())
        .measured(Role::Am, "define", with(define, limits("2022-01-01")))
        .measured(Role::Tm, "approve", json!({}))
}

fn measurement(month: u32) -> Value {
    let (year, month) = (2022 + month / 12, month % 12 + 1);
    json!({ "period": format!("{year}-{month:02}-01"), "value": "0.87", "n": 1200,
        "evidence": [encode("evd", 1)] })
}

fn measured_kpi() -> Value {
    defined().given(Role::Ops, "record_measurement", measurement(30)).body()
}

fn kpi() -> Vec<Case> {
    let measured = (0..37).fold(defined(), |kpi, month| {
        kpi.given(Role::Ops, "record_measurement", measurement(month))
    });
    measured
        .measured(Role::Sys, "record_measurement", measurement(37))
        .measured(Role::Am, "propose_limits", limits("2025-06-01"))
        .measured(Role::Am, "correct", correct("name", "DIR"))
        .measured(Role::Am, "retire", why())
        .cases()
}

fn communication_plan() -> Vec<Case> {
    let item = |how: &str| {
        json!({ "what": "How CreditLens decides", "to": ["Loan applicants", "Banks"],
            "cadence": "yearly", "how": how, "owner": member(Role::Emp),
            "nextDue": "2025-06-01" })
    };
    let send = json!({ "summary": "The page was renewed.", "evidence": [encode("evd", 1)],
        "nextDue": "2026-06-01" });
    let sent = (0..24).fold(
        History::<CommunicationPlan>::of(&encode("cpl", 1)).measured(
            Role::Am,
            "plan",
            item("Web page"),
        ),
        |plan, _| plan.given(Role::Emp, "send", send.clone()),
    );
    sent.measured(Role::Emp, "send", send.clone())
        .measured(Role::Dpo, "change", item("Letter"))
        .measured(Role::Am, "correct", correct("how", "Web page and letter"))
        .measured(Role::Am, "retire", why())
        .cases()
}

fn reporting_obligation() -> Vec<Case> {
    let party = json!({ "name": "Data protection authority", "kind": "regulator",
        "status": "active" });
    let duty = |title: &str| {
        json!({ "title": title, "toParty": encode("pty", 1), "rule": "eu_gdpr.33_1",
            "trigger": "A breach of personal data", "owner": member(Role::Dpo),
            "content": "Nature, persons, consequences, measures." })
    };
    History::<ReportingObligation>::of(&encode("rob", 1))
        .knowing(&encode("pty", 1), "interested_party", party)
        .measured_as("register", RULES, Role::Dpo, "register", duty("Breaches"))
        .measured_as("revise", RULES, Role::Am, "revise", duty("Breaches of personal data"))
        .measured(Role::Dpo, "correct", correct("title", "Breaches of data"))
        .measured(Role::Dpo, "retire", why())
        .cases()
}

fn change() -> Value {
    json!({
        "title": "Take HelpDesk Copilot out", "reason": "The product is bought no longer.",
        "affected": { "documents": [encode("doc", 1)], "roles": ["Risk owner support"],
            "scope": true, "criteria": false, "processes": ["Support"] },
        "consequences": "Two risks fall away.", "plan": ["Approve the next scope"],
        "resources": "None.", "owner": member(Role::Am), "due": "2025-06-30",
    })
}

fn aims_change() -> Vec<Case> {
    let done = json!({ "what": "The scope was approved.", "on": "2025-03-03" });
    let review = json!({ "effective": true, "finding": "As wanted." });
    let whole = History::<AimsChange>::of(&encode("amc", 1))
        .measured(Role::Am, "propose", change())
        .measured(Role::Am, "submit", json!({}))
        .measured(Role::Tm, "reject", why())
        .measured(Role::Am, "revise", change())
        .given(Role::Am, "submit", json!({}))
        .measured(Role::Tm, "approve", json!({}))
        .measured(Role::Am, "implement", done)
        .measured(Role::Tm, "review", review)
        .measured(Role::Am, "correct", correct("title", "HelpDesk Copilot leaves the scope"));
    let withdrawn = History::<AimsChange>::of(&encode("amc", 2))
        .given(Role::Am, "propose", change())
        .measured(Role::Am, "withdraw", why());
    [whole.cases(), withdrawn.cases()].into_iter().flatten().collect()
}

fn opened(n: u128) -> History<Task> {
    let (id, body) = membership(Role::Emp);
    let event = |name: &str, at: &str| {
        json!({ "name": name, "object": encode("soa", 1),
        "recordedAt": at })
    };
    let resolved = event("soa.contradiction_resolved", "2025-03-03T10:00:00Z");
    let detected = event("soa.contradiction_detected", "2025-03-03T08:00:00Z");
    let work = json!({
        "title": "Resolve the contradiction about A.7.3", "taskKind": "resolve_contradiction",
        "detail": "Purchased data is in use while the control is excluded.",
        "subject": encode("soa", 1), "assigneeRole": "EMP", "due": "2025-03-17", "blocking": true,
        "doneWhen": { "event": "soa.contradiction_resolved", "object": encode("soa", 1) },
        "openedByEvent": "7",
    });
    History::of(&encode("tsk", n))
        .knowing(&id, "membership", body)
        .knowing("7", "event", detected)
        .knowing("9", "event", resolved)
        .measured(Role::Sys, "open", work)
}

fn task() -> Vec<Case> {
    let done = opened(1)
        .measured(Role::Am, "assign", json!({ "assignee": member(Role::Emp) }))
        .at("2025-03-18T09:00:00Z")
        .measured(Role::Sys, "fall_overdue", json!({}))
        .measured(Role::Emp, "complete", json!({ "event": "9", "note": "See version 5." }));
    let cancelled = opened(2)
        .measured(Role::Am, "correct", correct("title", "Look at A.7.3"))
        .measured(Role::Am, "cancel", why());
    [done.cases(), cancelled.cases()].into_iter().flatten().collect()
}
