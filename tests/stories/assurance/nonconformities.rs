//! A nonconformity: raised, contained, its cause found, actions planned and done, their effect
//! verified by somebody independent, closed; or rejected by two.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::{begun, found, minor, plan, planned, raised, seen};
use crate::desk::Desk;
use crate::given::{because, evidence, roles};

fn effect(outcome: &str) -> Value {
    json!({ "outcome": outcome, "text": "The list of attendance." })
}

fn done(proof: &str) -> Value {
    json!({ "action": "course", "evidence": [proof] })
}

fn similar() -> Value {
    json!({ "text": "All other courses: none is missing." })
}

story!(a_nonconformity_is_corrected_and_closed, world => {
    let desk = Desk::of(&world, "nonconformity");
    let (am, aud, dev) = (world.as_(Role::Am), world.as_(Role::Aud), world.as_(Role::Dev));
    let (id, proof) = planned(&world).await?;
    let late = world.as_(Role::Sys).at("2025-01-01T09:00:00Z");
    desk.does(&late, "mark_overdue", &id, json!({ "action": "course" })).await?;
    desk.does(&dev, "complete_action", &id, done(&proof)).await?;
    // They do not work: back to the cause, and on with another action.
    desk.does(&aud, "verify_effect", &id, effect("ineffective")).await?;
    assert_eq!(desk.shown(&id, "").await?["status"], "cause_found");
    let mut more = plan(&dev);
    more["actions"] = json!({ "reminder": {
        "text": "Remind those who come.", "owner": dev.user, "due": "2025-02-28",
    } });
    desk.does(&am, "plan_actions", &id, more).await?;
    let reminder = json!({ "action": "reminder", "evidence": [proof] });
    desk.does(&dev, "complete_action", &id, reminder).await?;
    let payload = desk.mutates(&aud, "verify_effect", &id, &effect("effective"), "
        status failedChecks effectiveness { method result { outcome verified { by { name } } } }")
        .await?;
    assert_eq!(payload["nonconformity"], json!({
        "id": id, "status": "EFFECTIVENESS_VERIFIED", "failedChecks": 1,
        "effectiveness": { "method": "Attendance after a month",
            "result": { "outcome": "EFFECTIVE", "verified": { "by": { "name": "The AUD" } } } },
    }));
    desk.does(&am, "check_similar_cases", &id, similar()).await?;
    desk.does(&aud, "close", &id, json!({})).await?;
    let read = desk.read(&id, "", "status rootCause { method text } actions { key isOverdue
        owner { name } evidence { id } done { by { name } } } ended { by { name } }").await?;
    assert_eq!(read["rootCause"], json!({
        "method": "FIVE_WHYS", "text": "The course is held once a year.",
    }));
    assert_eq!(read["actions"][0], json!({
        "key": "course", "isOverdue": true, "owner": { "name": "The DEV" },
        "evidence": [{ "id": proof }], "done": { "by": { "name": "The DEV" } },
    }));
    desk.does(&am, "correct", &id, json!({
        "corrects": 1, "reason": "Misspelt.", "set": { "title": "Four untrained people" },
    })).await?;
    assert_eq!(desk.events(&id).await?, [
        "nonconformity.raised", "nonconformity.containment_recorded",
        "nonconformity.root_cause_recorded", "nonconformity.corrective_actions_planned",
        "nonconformity.corrective_action_overdue", "nonconformity.corrective_action_completed",
        "nonconformity.effectiveness_failed", "nonconformity.corrective_actions_planned",
        "nonconformity.corrective_action_completed", "nonconformity.effectiveness_verified",
        "nonconformity.similar_cases_checked", "nonconformity.closed", "nonconformity.corrected",
    ]);
});

story!(what_is_no_nonconformity_is_rejected_by_two, world => {
    let desk = Desk::of(&world, "nonconformity");
    let id = raised(&world, seen()).await?;
    desk.does(&world.as_(Role::Am), "reject", &id, because()).await?;
    assert_eq!(desk.shown(&id, "").await?["status"], "raised");
    let again = desk.does(&world.as_(Role::Am), "reject", &id, because()).await?;
    assert_eq!(again["events"], json!([]), "one person alone is not enough");
    desk.does(&world.as_(Role::Aud), "reject", &id, because()).await?;
    let read = desk.read(&id, "", "status rejection { role proposed { by { name } } }
        ended { by { name } }").await?;
    assert_eq!(read, json!({
        "status": "REJECTED", "ended": { "by": { "name": "The AUD" } },
        "rejection": { "role": "AM", "proposed": { "by": { "name": "The AM" } } },
    }));
});

story!(what_raising_a_nonconformity_refuses, world => {
    let mut desk = Desk::of(&world, "nonconformity");
    let (am, aud) = (world.as_(Role::Am), world.as_(Role::Aud));
    let audit = begun(&world).await?;
    let mut grave = minor(&audit);
    grave["grade"] = json!("major");
    let finding = found(&world, grave).await?;
    let mut advice = minor(&audit);
    advice["grade"] = json!("ofi");
    let advice = found(&world, advice).await?;
    let with = |changes: Value| {
        let mut input = seen();
        input.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        input
    };
    let of = |finding: &str| json!({ "source": "finding", "origin": finding });
    for (changes, expected) in [
        (json!({ "source": "finding" }), "422 origin_missing /origin"),
        (json!({ "source": "gate", "origin": finding }), "422 origin_of_other_kind /origin"),
        (of(&advice), "422 finding_asks_for_none /origin"),
        (json!({ "source": "finding", "origin": finding, "grade": "minor" }),
            "422 grade_below_finding /grade"),
        (json!({ "requirement": "11.1" }), "422 unknown_requirement /requirement"),
        (json!({ "grade": "major", "due": "2026-01-01" }), "422 due_too_late /due"),
        (json!({ "due": "2024-01-01" }), "422 due_in_past /due"),
    ] {
        desk.refuse(&aud, "raise", "", with(changes), expected).await?;
    }
    let id = raised(&world, with(of(&finding))).await?;
    assert_eq!(desk.shown(&id, "").await?["grade"], "major");
    let twice = "409 origin_has_nonconformity";
    desk.refuse(&aud, "raise", "", with(of(&finding)), twice).await?;
    desk.refuse(&am, "reject", &id, because(), "409 finding_stands").await?;
    let other = raised(&world, seen()).await?;
    desk.does(&am, "reject", &other, because()).await?;
    roles(&world, Role::Sm, &["SM", "AM"]).await?;
    let second = world.as_(Role::Sm);
    desk.refuse(&second, "reject", &other, because(), "422 other_role_rejects").await?;
    desk.exactly(&[
        "origin_missing", "origin_of_other_kind", "finding_asks_for_none", "grade_below_finding",
        "unknown_requirement", "due_too_late", "due_in_past", "origin_has_nonconformity",
        "finding_stands", "other_role_rejects",
    ]);
});

story!(what_correcting_a_nonconformity_refuses, world => {
    let mut desk = Desk::of(&world, "nonconformity");
    let (am, aud, dev) = (world.as_(Role::Am), world.as_(Role::Aud), world.as_(Role::Dev));
    let first = raised(&world, seen()).await?;
    desk.refuse(&aud, "close", &first, json!({}), "409 no_cause").await?;
    desk.refuse(&am, "plan_actions", &first, plan(&dev), "409 wrong_status").await?;
    let (id, proof) = planned(&world).await?;
    let with = |actions: Value| {
        let mut input = plan(&dev);
        input["actions"] = actions;
        input
    };
    let one = |due: &str| json!({ "x": { "text": "x", "owner": dev.user, "due": due } });
    let none = with(json!({}));
    desk.refuse(&am, "plan_actions", &id, none, "422 no_actions /actions").await?;
    let past = with(one("2024-01-01"));
    desk.refuse(&am, "plan_actions", &id, past, "422 due_in_past /actions/x/due").await?;
    let course = |proofs: Value| json!({ "action": "course", "evidence": proofs });
    let sold = evidence(&world, 78).await?;
    let wrong = json!({ "sha256": "0".repeat(64) });
    Desk::of(&world, "evidence").does(&world.as_(Role::Sys), "verify", &sold, wrong).await?;
    let bad = course(json!([proof, sold]));
    let expected = "422 evidence_proves_nothing /evidence";
    desk.refuse(&dev, "complete_action", &id, bad, expected).await?;
    let bare = course(json!([]));
    desk.refuse(&dev, "complete_action", &id, bare, "422 no_evidence /evidence").await?;
    let stranger = world.as_(Role::So);
    let expected = "422 not_action_owner /action";
    desk.refuse(&stranger, "complete_action", &id, done(&proof), expected).await?;
    let unknown = json!({ "action": "other", "evidence": [proof] });
    desk.refuse(&dev, "complete_action", &id, unknown, "422 unknown_action /action").await?;
    let sys = world.as_(Role::Sys);
    let overdue = json!({ "action": "course" });
    desk.refuse(&sys, "mark_overdue", &id, overdue, "409 not_overdue").await?;
    desk.refuse(&aud, "close", &id, json!({}), "409 similar_cases_not_checked").await?;
    desk.does(&am, "check_similar_cases", &id, similar()).await?;
    desk.refuse(&aud, "close", &id, json!({}), "409 action_without_evidence").await?;
    desk.does(&dev, "complete_action", &id, done(&proof)).await?;
    desk.refuse(&aud, "close", &id, json!({}), "409 effect_not_verified").await?;
    let works = || effect("effective");
    desk.refuse(&dev, "verify_effect", &id, works(), "422 verifier_is_action_owner").await?;
    desk.refuse(&am, "verify_effect", &id, works(), "422 verifier_planned_actions").await?;
    desk.does(&aud, "verify_effect", &id, effect("ineffective")).await?;
    desk.refuse(&am, "plan_actions", &id, plan(&dev), "409 action_is_done /actions").await?;
    let many: serde_json::Map<_, _> =
        (0..40).map(|n| (format!("a{n}"), one("2025-01-31")["x"].clone())).collect();
    let many = with(Value::Object(many));
    desk.refuse(&am, "plan_actions", &id, many, "422 too_many_actions /actions").await?;
    let major = json!({
        "source": "manual", "grade": "major", "title": "Grave", "description": "x",
        "requirement": "7.2",
    });
    let major = raised(&world, major).await?;
    desk.does(&am, "record_containment", &major, json!({ "text": "x" })).await?;
    desk.does(&am, "record_cause", &major, json!({ "method": "other", "text": "x" })).await?;
    let late = with(one("2026-01-01"));
    let expected = "422 action_due_too_late /actions/x/due";
    desk.refuse(&am, "plan_actions", &major, late, expected).await?;
    desk.refuse_corrections(&am, &id, "title").await?;
    // Told of where it is raised and rejected.
    desk.all_but(&[
        "origin_missing", "origin_of_other_kind", "finding_asks_for_none", "grade_below_finding",
        "unknown_requirement", "due_too_late", "origin_has_nonconformity", "finding_stands",
        "other_role_rejects",
    ]);
});
