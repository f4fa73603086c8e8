//! Each metric against what was counted by hand, on small worlds.

use serde_json::{Value, json};

use super::metric;
use super::stages::{index, stage1, stage2};
use crate::register::{Register, Version};
use crate::value::Time;
use crate::world::Sweep;

/// Day on which everything is asked, unless a test says otherwise.
const TODAY: &str = "2025-06-15";

fn time(text: &str) -> Time {
    let text = if text.contains('T') { text.to_owned() } else { format!("{text}T12:00:00Z") };
    Time(text.parse::<kernel::Instant>().unwrap().micros())
}

/// A register of documents, each recorded at a time, one position after the other.
#[derive(Default)]
struct Records {
    register: Option<Register>,
    position: u64,
}

impl Records {
    fn new() -> Self {
        Self { register: Some(Register::new()), position: 0 }
    }

    fn at(mut self, day: &str, kind: &str, id: &str, body: Value) -> Self {
        self.position += 1;
        let (at, body) = (time(day), body.to_string());
        let version = Version { kind, id, from: self.position, at, created: at, body: &body };
        self.register.as_mut().unwrap().version(&version).unwrap();
        self
    }

    fn with(self, kind: &str, id: &str, body: Value) -> Self {
        self.at("2025-01-01", kind, id, body)
    }

    fn event(mut self, day: &str, clauses: &[&str]) -> Self {
        self.position += 1;
        for clause in clauses {
            self.register.as_mut().unwrap().evidenced(clause, self.position, time(day));
        }
        self
    }

    fn done(mut self) -> Register {
        let mut register = self.register.take().unwrap();
        register.finish(self.position);
        register
    }
}

/// Numerator, denominator, value, as text.
fn counted(register: &Register, name: &str, day: &str) -> (String, String, String) {
    let mut sweep = Sweep::new(register);
    let world = sweep.to(register.position, time(day));
    let tally = metric(name).unwrap().of(&world, true);
    let shown = |micros: i64| kernel::Decimal::from_micros(micros).to_string();
    let or = |value: Option<i64>| value.map_or("-".to_owned(), shown);
    (shown(tally.numerator), or(tally.denominator), or(tally.value()))
}

#[track_caller]
fn says(records: Records, name: &str, wanted: (&str, &str, &str)) {
    let (numerator, denominator, value) = counted(&records.done(), name, TODAY);
    assert_eq!((numerator.as_str(), denominator.as_str(), value.as_str()), wanted, "{name}");
}

/// A part of a metric: its value.
#[track_caller]
fn part(register: &Register, name: &str, part: &str) -> Option<String> {
    let mut sweep = Sweep::new(register);
    let world = sweep.to(register.position, time(TODAY));
    let tally = metric(name).unwrap().of(&world, false);
    let found = tally.parts.iter().find(|found| found.name == part);
    let found = found.unwrap_or_else(|| panic!("{name} has no part {part}"));
    found.value().map(|micros| kernel::Decimal::from_micros(micros).to_string())
}

#[track_caller]
fn parts(records: Records, name: &str, wanted: &[(&str, &str)]) {
    let register = records.done();
    for (of, value) in wanted {
        assert_eq!(part(&register, name, of).as_deref().unwrap_or("-"), *value, "{name} {of}");
    }
}

#[test]
fn of_nothing_every_share_is_unknown_and_every_count_is_zero() {
    let whole = ["clause_coverage", "control_decisions", "audit_programme"];
    let register = Records::new().done();
    for metric in super::METRICS {
        let (numerator, denominator, value) = counted(&register, metric.name, TODAY);
        assert_eq!(numerator, "0", "{}", metric.name);
        match denominator.as_str() {
            "-" => assert!(value == "0" || value == "-", "{}", metric.name),
            "0" => assert_eq!(value, "-", "{}", metric.name),
            _ => assert!(whole.contains(&metric.name) && value == "0", "{}", metric.name),
        }
    }
}

fn statement(records: Records, rows: &[(&str, &str, &str)]) -> Records {
    let mut records = records;
    for (place, (control, decision, status)) in rows.iter().enumerate() {
        let body = json!({ "soa": "soa_1", "catalogue": "iso42001-2023", "control": control,
            "decision": decision, "status": status, "evidence": [] });
        records = records.with("soa_control", &format!("soc_{place}"), body);
    }
    let position = records.position;
    records.with("soa", "soa_1", json!({
        "catalogue": "iso42001-2023", "effective": { "version": 1, "approvedAt": "2025-01-01T12:00:00Z" },
        "effectiveRows": { "position": position.to_string() }, "contradictions": {},
    }))
}

const ROWS: [(&str, &str, &str); 6] = [
    ("A.2.2", "applicable", "implemented"),
    ("A.2.3", "applicable", "partially_implemented"),
    ("A.6.1.2", "applicable", "planned"),
    ("A.6.2.4", "applicable", "implemented"),
    ("A.7.3", "excluded", "not_started"),
    ("A.7.4", "undecided", "not_started"),
];

#[test]
fn the_statement_counts_as_it_was_approved() {
    let records = || statement(Records::new(), &ROWS);
    says(records(), "control_decisions", ("5", "38", "0.131579"));
    says(records(), "control_implementation", ("2", "4", "0.5"));
    parts(
        records(),
        "control_implementation",
        &[("partially_implemented", "0.25"), ("planned", "0.25"), ("excluded", "1")],
    );
    // 1 + 0.5 + 0.1 + 1 of four.
    says(records(), "objective_score", ("2.6", "4", "0.65"));
    parts(records(), "objective_score", &[("A.2", "0.75"), ("A.6", "0.55"), ("A.7", "-")]);
    // The working copy has moved on; the approved statement has not.
    let edited = records().with(
        "soa_control",
        "soc_1",
        json!({ "soa": "soa_1",
        "control": "A.2.3", "decision": "applicable", "status": "implemented" }),
    );
    says(edited, "control_implementation", ("2", "4", "0.5"));
}

#[test]
fn a_control_is_proven_by_evidence_that_is_fresh_to_its_last_day() {
    let evidence = |until: &str, status: &str| {
        json!({ "status": status, "freshUntil": until,
        "links": { "a.2.2": { "control": "A.2.2" } } })
    };
    let with = |body| statement(Records::new().with("evidence", "evd_1", body), &ROWS);
    says(with(evidence("2025-06-15", "verified")), "control_proof", ("1", "2", "0.5"));
    says(with(evidence("2025-06-14", "verified")), "control_proof", ("0", "2", "0"));
    says(with(evidence("2025-06-15", "quarantined")), "control_proof", ("0", "2", "0"));
}

#[test]
fn contradictions_are_counted_with_the_age_of_the_oldest() {
    let contradictions = json!({
        "c1": { "control": "A.7.3", "since": "2025-06-05T09:00:00Z" },
        "c2": { "control": "A.7.3", "since": "2025-06-12T09:00:00Z" },
    });
    let records = || {
        Records::new().with(
            "soa",
            "soa_1",
            json!({
        "catalogue": "iso42001-2023", "contradictions": contradictions.clone() }),
        )
    };
    says(records(), "soa_integrity", ("2", "-", "2"));
    parts(records(), "soa_integrity", &[("controls", "1"), ("age_of_oldest", "10")]);
}

#[test]
fn evidence_grows_old_evenly() {
    let evidence = |captured: &str, until: Option<&str>| {
        json!({ "status": "verified",
        "capturedAt": format!("{captured}T08:00:00Z"), "freshUntil": until,
        "links": { "4.3": { "clause": "4.3" } } })
    };
    let records = || {
        Records::new()
            // 25 of 100 days are over; a year of 365 days has 73 behind it; one is too old.
            .with("evidence", "evd_1", evidence("2025-05-21", Some("2025-08-29")))
            .with("evidence", "evd_2", evidence("2025-04-03", None))
            .with("evidence", "evd_3", evidence("2025-01-01", Some("2025-06-14")))
            // Linked to nothing, and replaced: not counted.
            .with("evidence", "evd_4", json!({ "status": "verified", "links": {} }))
            .with(
                "evidence",
                "evd_5",
                json!({ "status": "superseded", "links": { "4.3": { "clause": "4.3" } } }),
            )
    };
    says(records(), "evidence_freshness", ("1.55", "3", "0.516667"));
    parts(records(), "evidence_freshness", &[("stale", "0.333333"), ("4.3", "0.516667")]);
}

fn document(kind: &str, due: &str) -> Value {
    json!({ "kind": kind, "status": "approved",
        "effective": { "version": 1, "approvedAt": "2024-08-05T09:00:00Z" },
        "inForce": { "edition": "1.0", "effectiveFrom": "2024-08-05", "nextReviewDue": due } })
}

#[test]
fn a_document_is_in_date_on_the_day_of_its_review() {
    let records = || {
        Records::new()
            .with("document", "doc_1", document("ai_policy", "2025-06-15"))
            .with("document", "doc_2", document("procedure", "2025-06-14"))
            .with("document", "doc_3", document("procedure", "2025-05-05"))
            .with("document", "doc_4", json!({ "kind": "procedure", "status": "draft" }))
    };
    says(records(), "document_currency", ("1", "3", "0.333333"));
    parts(records(), "document_currency", &[("days_overdue", "42"), ("most_days_overdue", "41")]);
}

#[test]
fn acknowledgements_count_for_the_edition_in_force() {
    let member = |user: &str, status: &str| json!({ "user": user, "status": status });
    let done = |user: &str, edition: &str| json!({ "document": "doc_1", "edition": edition, "user": user });
    says(
        Records::new()
            .with("document", "doc_1", document("ai_policy", "2026-01-01"))
            .with("membership", "mbr_1", member("usr_1", "active"))
            .with("membership", "mbr_2", member("usr_2", "active"))
            .with("membership", "mbr_3", member("usr_3", "revoked"))
            .with("acknowledgement", "ack_1", done("usr_1", "1.0"))
            .with("acknowledgement", "ack_2", done("usr_2", "0.9"))
            .with("acknowledgement", "ack_3", done("usr_3", "1.0")),
        "acknowledgement_rate",
        ("1", "2", "0.5"),
    );
}

#[test]
fn competence_is_held_at_the_level_that_a_role_demands_and_while_it_is_valid() {
    let trained = |until: &str, level: &str| {
        json!({ "person": "usr_kenji", "status": "completed",
        "completedOn": "2025-01-01", "validUntil": until, "competences": { "testing": { "level": level } } })
    };
    let records = |until, level| {
        Records::new()
        .with("competence_profile", "cpr_1", json!({ "roleKey": "model validator", "status": "in_force",
            "required": { "testing": { "level": "skilled" }, "statistics": { "level": "basic" } } }))
        .with("role_assignment", "ras_1", json!({ "role": "Model  Validator", "holder": "usr_kenji",
            "status": "active", "validFrom": "2025-01-01" }))
        .with("role_assignment", "ras_2", json!({ "role": "Model Validator", "holder": "usr_sara",
            "status": "ended", "validFrom": "2025-01-01" }))
        .with("training_record", "trr_1", trained(until, level))
    };
    says(records("2025-06-15", "expert"), "competence_coverage", ("1", "2", "0.5"));
    says(records("2025-06-14", "expert"), "competence_coverage", ("0", "2", "0"));
    says(records("2025-06-15", "basic"), "competence_coverage", ("0", "2", "0"));
}

fn risk(score: u32, level: &str, accepted: Option<(u32, &str)>) -> Value {
    let acceptance = accepted.map(|(score, until)| json!({ "score": score, "validUntil": until }));
    json!({ "status": "residual_evaluated", "inherent": { "score": 20, "level": "critical" },
        "residual": { "score": score, "level": level }, "acceptance": acceptance })
}

#[test]
fn risks_count_as_they_remain_and_acceptances_to_their_last_day() {
    let records = || {
        Records::new()
            .with(
                "risk_criteria",
                "rcr_1",
                json!({ "effective": { "version": 2, "approvedAt": "2025-01-01T00:00:00Z" },
            "approvedVersions": { "v1": { "appetite": 4 }, "v2": { "appetite": 9 } } }),
            )
            .with("risk", "risk_1", risk(8, "medium", Some((8, "2025-06-15"))))
            .with("risk", "risk_2", risk(12, "high", Some((12, "2025-06-14"))))
            .with("risk", "risk_3", risk(12, "high", Some((12, "2025-06-15"))))
            .with("risk", "risk_4", risk(10, "high", Some((8, "2025-12-31"))))
            .with("risk", "risk_5", json!({ "status": "identified" }))
            .with(
                "risk",
                "risk_6",
                json!({ "status": "closed", "residual": { "score": 25, "level": "critical" } }),
            )
            .with(
                "risk",
                "risk_7",
                json!({ "status": "candidate", "inherent": { "score": 25, "level": "critical" } }),
            )
    };
    says(records(), "risk_exposure", ("42", "-", "42"));
    parts(
        records(),
        "risk_exposure",
        &[("medium", "1"), ("high", "3"), ("critical", "0"), ("not_rated", "1")],
    );
    says(records(), "risks_above_appetite", ("2", "-", "2"));
    parts(records(), "risks_above_appetite", &[("above_appetite", "3"), ("appetite", "9")]);
    says(records(), "acceptance_validity", ("2", "4", "0.5"));
}

#[test]
fn actions_are_counted_from_their_day_on() {
    let action = |due: &str, done: Option<&str>| {
        json!({ "due": due,
        "status": if done.is_some() { "done" } else { "open" },
        "doneAt": done.map(|day| format!("{day}T09:00:00Z")) })
    };
    let records = || {
        Records::new().with("treatment_plan", "tpl_1", json!({
        "effective": { "version": 1, "approvedAt": "2025-01-01T00:00:00Z" },
        "inForce": { "risks": [], "actions": {
            "a": action("2025-06-15", Some("2025-06-15")), "b": action("2025-06-01", Some("2025-06-11")),
            "c": action("2025-06-05", None), "d": action("2025-06-16", None) } } }))
    };
    says(records(), "treatment_timeliness", ("1", "3", "0.333333"));
    parts(records(), "treatment_timeliness", &[("mean_delay", "6.666667")]);
}

fn system(status: &str, more: &Value) -> Value {
    let mut body = json!({ "inScope": true, "owner": "usr_marc", "operationStatus": status,
        "stage": "operation_and_monitoring", "versions": {} });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn assessed(system: &str, status: &str, due: &str) -> Value {
    json!({ "system": system, "status": status, "approvedAt": "2025-05-16T09:00:00Z", "nextDue": due })
}

#[test]
fn systems_that_run_need_an_assessment_in_date() {
    let records = || {
        Records::new()
            .with("ai_system", "sys_1", system("running", &json!({})))
            .with("ai_system", "sys_2", system("restricted", &json!({})))
            .with("ai_system", "sys_3", system("suspended", &json!({})))
            .with("ai_system", "sys_4", system("running", &json!({ "inScope": false })))
            .with(
                "impact_assessment",
                "aia_1",
                assessed("sys_1", "approved_with_conditions", "2025-06-15"),
            )
            .with("impact_assessment", "aia_2", assessed("sys_2", "approved", "2025-06-14"))
    };
    says(records(), "aisia_coverage", ("1", "2", "0.5"));
    says(records(), "aisia_age", ("60", "2", "30"));
    parts(records(), "aisia_age", &[("overdue", "1"), ("oldest", "30")]);
}

#[test]
fn an_inventory_is_complete_when_nothing_is_missing() {
    let records = || {
        Records::new()
        .with("ai_system", "sys_1", system("running", &json!({})))
        .with("ai_system", "sys_2", system("stopped", &json!({ "owner": null })))
        .with("ai_system", "sys_3", system("stopped", &json!({ "stage": "retirement" })))
        .with("regulatory_classification", "cls_1", json!({ "system": "sys_1", "status": "confirmed" }))
        .with("intended_use", "itu_1", json!({ "system": "sys_1", "effective": { "version": 1, "approvedAt": "2025-01-01T00:00:00Z" } }))
        .with("event_log_policy", "elp_1", json!({ "system": "sys_1", "status": "active" }))
    };
    says(records(), "inventory_completeness", ("0", "2", "0"));
    let whole =
        records().with("impact_assessment", "aia_1", assessed("sys_1", "approved", "2025-12-31"));
    says(whole, "inventory_completeness", ("1", "2", "0.5"));
}

#[test]
fn what_ran_before_it_was_registered_needed_no_gate() {
    let records = || {
        Records::new()
            .with(
                "ai_system",
                "sys_1",
                system(
                    "running",
                    &json!({ "versions": {
            "1.0": { "status": "stopped", "onboarded": true },
            "1.1": { "status": "running", "deploymentGate": "gat_1" },
            "1.2": { "status": "running" },
            "2.0": { "status": "in_preparation" } } }),
                ),
            )
            .with(
                "stage_gate",
                "gat_1",
                json!({ "status": "passed", "passedAt": "2025-01-15T09:00:00Z",
            "waivers": { "g5": { "grants": { "x": { "until": "2025-06-15" } } },
                "g6": { "grants": { "x": { "until": "2025-06-14" } } } } }),
            )
            .with("stage_gate", "gat_2", json!({ "status": "refused" }))
    };
    says(records(), "gate_discipline", ("1", "2", "0.5"));
    parts(records(), "gate_discipline", &[("waivers_open", "1"), ("refusals", "0.5")]);
}

#[test]
fn verification_is_independent_and_knows_its_criteria_first() {
    let record = |first: bool, validator: &str, outcome: &str| {
        json!({ "outcome": outcome, "status": "completed",
        "criteriaFirst": first, "developers": ["usr_sara"], "validators": [validator] })
    };
    says(
        Records::new()
            .with("verification_record", "vrf_1", record(true, "usr_kenji", "pass"))
            .with("verification_record", "vrf_2", record(false, "usr_kenji", "pass"))
            .with("verification_record", "vrf_3", record(true, "usr_sara", "pass"))
            .with("verification_record", "vrf_4", record(true, "usr_kenji", "fail")),
        "verification_independence",
        ("1", "3", "0.333333"),
    );
}

#[test]
fn provenance_is_a_chain() {
    let hash = |n: u8| format!("{n:02x}").repeat(32);
    let data = |second: u8, passed: bool| {
        json!({ "status": "approved_for_use", "quality": { "passed": passed },
        "provenance": { "b": { "order": 2, "hashIn": hash(second), "hashOut": hash(3) },
            "a": { "order": 1, "hashOut": hash(1) } } })
    };
    says(
        Records::new()
            .with(
                "ai_system",
                "sys_1",
                system(
                    "running",
                    &json!({ "versions": {
            "1.0": { "status": "running", "datasets": ["dst_1", "dst_2", "dst_3"] },
            "0.9": { "status": "stopped", "datasets": ["dst_4"] } } }),
                ),
            )
            .with("dataset", "dst_1", data(1, true))
            .with("dataset", "dst_2", data(2, true))
            .with("dataset", "dst_3", data(1, false))
            .with("dataset", "dst_4", data(1, true)),
        "dataset_proof",
        ("1", "3", "0.333333"),
    );
}

#[test]
fn alerts_are_acknowledged_by_their_time() {
    let alert = |ack: Option<&str>| json!({ "openedAt": "2025-06-01T08:00:00Z", "ackDue": "2025-06-01T12:00:00Z", "ackAt": ack });
    let records = || {
        Records::new()
        .with("ai_system", "sys_1", system("running", &json!({})))
        .with("ai_system", "sys_2", system("running", &json!({})))
        .with("monitor", "mon_1", json!({ "system": "sys_1", "status": "armed", "alerts": {
            "a": alert(Some("2025-06-01T12:00:00Z")), "b": alert(Some("2025-06-01T14:00:00Z")), "c": alert(None) } }))
        .with("monitor", "mon_2", json!({ "system": "sys_2", "status": "closed", "alerts": {} }))
    };
    says(records(), "monitoring", ("1", "3", "0.333333"));
    parts(records(), "monitoring", &[("mean_time_to_acknowledge", "5"), ("armed", "0.5")]);
}

#[test]
fn incidents_are_resolved_when_they_first_say_so() {
    let incident = |status: &str| {
        json!({ "severity": "major", "status": status,
        "occurredAt": "2025-06-01T06:00:00Z", "awareAt": "2025-06-01T12:00:00Z", "clocks": {
            "gdpr": { "due": "2025-06-04T12:00:00Z", "metAt": "2025-06-04T12:00:00Z" },
            "late": { "due": "2025-06-04T12:00:00Z", "metAt": "2025-06-04T12:00:01Z" },
            "lifted": { "due": "2025-06-04T12:00:00Z", "liftedAt": "2025-06-02T12:00:00Z" } } })
    };
    let records = || {
        Records::new()
            .at("2025-06-01T12:00:00Z", "incident", "inc_1", incident("triaged"))
            .at("2025-06-03T12:00:00Z", "incident", "inc_1", incident("resolved"))
            .at("2025-06-05T12:00:00Z", "incident", "inc_1", incident("closed"))
            .at(
                "2025-06-05T12:00:00Z",
                "incident",
                "inc_2",
                json!({ "severity": "minor", "status": "duplicate" }),
            )
    };
    says(records(), "incidents", ("1", "-", "1"));
    parts(
        records(),
        "incidents",
        &[
            ("major", "1"),
            ("minor", "0"),
            ("mean_time_to_detect", "6"),
            ("mean_time_to_resolve", "48"),
            ("clocks_met", "0.5"),
        ],
    );
}

#[test]
fn concerns_are_answered_in_time_or_not() {
    let concern = |at: Option<&str>| {
        json!({ "status": "received", "answerDue": "2025-06-10T12:00:00Z",
        "reply": at.map(|at| json!({ "at": at })) })
    };
    let records = || {
        Records::new()
            .with("concern", "con_1", concern(Some("2025-06-10T12:00:00Z")))
            .with("concern", "con_2", concern(Some("2025-06-10T12:00:01Z")))
            .with("concern", "con_3", concern(None))
            .with(
                "reporting_channel",
                "rch_1",
                json!({ "audience": "external", "status": "withdrawn" }),
            )
    };
    says(records(), "concerns", ("1", "3", "0.333333"));
    parts(records(), "concerns", &[("external_channel", "0")]);
    let open = records().with(
        "reporting_channel",
        "rch_2",
        json!({ "audience": "external", "status": "published" }),
    );
    parts(open, "concerns", &[("external_channel", "1")]);
}

#[test]
fn suppliers_weigh_by_what_depends_on_them() {
    let supplier = |criticality: &str, status: &str| {
        json!({ "criticality": criticality, "status": status,
        "conditionDue": "2025-06-15" })
    };
    let component = |supplier: &str| {
        json!({ "supplier": supplier, "status": "accepted", "usedBy": {
        "sys_1": { "system": "sys_1", "contract": "ctr_1" } } })
    };
    let assessment = |supplier: &str, until: &str| json!({ "supplier": supplier, "status": "completed", "validUntil": until });
    let records = || {
        Records::new()
        .with("ai_system", "sys_1", system("running", &json!({})))
        .with("supplier", "sup_1", supplier("high", "conditionally_approved"))
        .with("supplier", "sup_2", supplier("medium", "approved"))
        .with("supplier", "sup_3", supplier("low", "suspended"))
        .with("supplier", "sup_4", supplier("low", "approved"))
        .with("supplied_component", "cmp_1", component("sup_1"))
        .with("supplied_component", "cmp_2", component("sup_2"))
        .with("contract", "ctr_1", json!({ "supplier": "sup_3", "status": "agreed", "validFrom": "2025-01-01",
            "validUntil": "2025-06-15", "allocation": { "logs": { "stage": "operation_and_monitoring", "who": "supplier" } } }))
        .with("supplier_assessment", "sas_1", assessment("sup_1", "2025-06-15"))
        .with("supplier_assessment", "sas_2", assessment("sup_2", "2025-06-14"))
        .with("supplier_assessment", "sas_3", assessment("sup_3", "2025-12-31"))
    };
    says(records(), "supplier_assurance", ("4", "7", "0.571429"));
    parts(
        records(),
        "supplier_assurance",
        &[("unweighted", "0.333333"), ("high", "1"), ("low", "0")],
    );
    says(records(), "responsibility_coverage", ("2", "2", "1"));
}

#[test]
fn indicators_have_a_standing_and_a_trend() {
    let kpi = |standing: &str, direction: &str, values: &[&str]| {
        let points = values.iter().enumerate().map(|(n, value)| {
            (format!("m{n}"), json!({ "period": format!("2025-0{}-01", n + 1), "value": value }))
        });
        json!({ "status": "active", "standing": standing, "direction": direction,
            "measurements": points.collect::<serde_json::Map<_, _>>() })
    };
    let records = || {
        Records::new()
            .with(
                "kpi",
                "kpi_1",
                kpi("on_target", "higher", &["9", "0.80", "0.81", "0.82", "0.83", "0.84", "0.85"]),
            )
            .with("kpi", "kpi_2", kpi("breached", "lower", &["0.1", "0.2"]))
            .with("kpi", "kpi_3", json!({ "status": "retired", "standing": "on_target" }))
    };
    says(records(), "objectives", ("1", "2", "0.5"));
    parts(records(), "objectives", &[("breached", "1"), ("improving", "1"), ("worsening", "1")]);
}

#[test]
fn nonconformities_are_open_overdue_repeated() {
    let nc = |grade: &str, status: &str, on: &str, requirement: &str| {
        json!({ "grade": grade, "status": status,
        "raisedOn": on, "requirement": requirement, "due": "2025-06-14", "failedChecks": 0 })
    };
    let verified = |outcome: &str, failed: u32| {
        json!({ "grade": "minor", "status": "closed", "raisedOn": "2020-01-01",
        "failedChecks": failed, "effectiveness": { "result": { "outcome": outcome } } })
    };
    let records = || {
        Records::new()
            .with("nonconformity", "ncf_1", nc("major", "raised", "2025-06-05", "7.2"))
            .with("nonconformity", "ncf_2", nc("minor", "actions_done", "2025-05-26", "8.2"))
            .with("nonconformity", "ncf_3", nc("minor", "closed", "2023-06-05", "7.2"))
            .with("nonconformity", "ncf_4", nc("minor", "rejected", "2025-05-01", "8.2"))
            .with("nonconformity", "ncf_5", verified("effective", 0))
            .with("nonconformity", "ncf_6", verified("effective", 1))
    };
    says(records(), "nonconformities", ("2", "-", "2"));
    parts(
        records(),
        "nonconformities",
        &[
            ("open_major", "1"),
            ("open_minor", "1"),
            ("overdue", "2"),
            ("median_age", "15"),
            ("repeated", "0.2"),
            ("effective_first_time", "0.5"),
        ],
    );
}

#[test]
fn an_audit_covers_what_stands_under_its_criteria() {
    let audit = |status: &str, on: &str, criteria: &[&str]| {
        json!({ "status": status, "plannedOn": on,
        "performedOn": on, "criteria": criteria })
    };
    let records = || {
        statement(Records::new(), &ROWS)
            .with(
                "internal_audit",
                "iad_1",
                audit("reported", "2024-06-16", &["9.2", "7.5.1", "4.1"]),
            )
            .with("internal_audit", "iad_2", audit("closed", "2024-06-15", &["10.2", "A.6"]))
            .with("internal_audit", "iad_3", audit("planned", "2025-06-14", &["5.1"]))
    };
    // 9.2.1, 9.2.2, 7.5.1 and 4.1; not 4.1's neighbours, and not 10.2 a day too long ago.
    says(records(), "audit_programme", ("4", "32", "0.125"));
    parts(records(), "audit_programme", &[("controls", "0.5"), ("overdue", "1")]);
}

#[test]
fn a_review_freezes_seven_inputs() {
    let records = || {
        Records::new()
        .with("management_review", "mrv_1", json!({ "status": "held", "plannedOn": "2025-01-17", "heldOn": "2025-01-17",
            "inputs": { "a": {}, "b": {}, "c": {}, "d": {}, "e": {}, "f": {}, "g": {} }, "decisions": {
                "d1": { "due": "2025-03-01", "completion": { "at": "2025-03-01T09:00:00Z" } },
                "d2": { "due": "2025-06-14" }, "d3": { "due": "2025-06-15" } } }))
        .with("management_review", "mrv_2", json!({ "status": "scheduled", "plannedOn": "2025-07-15", "inputs": {} }))
    };
    says(records(), "management_review", ("7", "7", "1"));
    parts(records(), "management_review", &[("days_to_next", "30"), ("decisions_in_time", "0.5")]);
}

#[test]
fn a_certificate_runs_out() {
    let certificate = |status: &str| {
        json!({ "status": status, "validTo": "2025-06-25", "recertificationDue": "2025-06-20",
        "nextSurveillance": "2025-06-16", "suspension": { "since": "2025-06-05" } })
    };
    let records = |status| Records::new().with("certificate", "crt_1", certificate(status));
    says(records("active"), "certificate_clock", ("10", "-", "10"));
    parts(
        records("active"),
        "certificate_clock",
        &[("to_surveillance", "1"), ("to_recertification", "5"), ("suspended", "0")],
    );
    parts(records("suspended"), "certificate_clock", &[("suspended", "10")]);
    says(records("withdrawn"), "certificate_clock", ("0", "-", "-"));
}

#[test]
fn a_clause_is_met_by_its_document_and_an_event_of_the_year() {
    let scope = json!({ "effective": { "version": 1, "approvedAt": "2024-07-22T09:00:00Z" } });
    let with = |day: &str| {
        Records::new().with("scope", "scp_1", scope.clone()).event(day, &["4.3", "4.1"])
    };
    // 4.1 asks for no document: 4.3 and 4.1 are met, on the last day that counts.
    parts(with("2024-06-16"), "clause_coverage", &[("met", "2"), ("4", "0.5"), ("5", "0")]);
    // A day earlier the event is too old: 4.3 has its scope yet, 4.1 has nothing.
    parts(with("2024-06-15"), "clause_coverage", &[("4", "0.125")]);
}

#[test]
fn the_stages_name_what_is_missing_and_hold_the_index_down() {
    let register = Records::new().done();
    let mut sweep = Sweep::new(&register);
    let world = sweep.to(0, time(TODAY));
    let names = |missing: Vec<super::stages::Missing>| -> Vec<_> {
        missing.into_iter().map(|missing| missing.what).collect()
    };
    let first = [
        "scope",
        "ai_policy",
        "risk_criteria",
        "risk_assessment",
        "treatment_plan",
        "statement_of_applicability",
        "objectives",
        "audit_programme",
        "document_control",
        "roles",
    ];
    assert_eq!(names(stage1(&world)), first);
    let second = [
        &first[..],
        &["internal_audit", "management_review", "months_of_records", "control_implementation"],
    ]
    .concat();
    assert_eq!(names(stage2(&world)), second);
    // Nothing is open: 0.10 of the index, and that alone.
    let low = index(&world, &stage2(&world));
    assert_eq!((low.value, low.uncapped, low.is_forced), (100_000, 100_000, false));
}
