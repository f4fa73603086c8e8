//! A world in which every check holds, and what spoils one of them alone.

use kernel::approval::Approval;

use super::*;
use crate::ai_system::RetirementPlan;
use crate::deployment_plan::{self, DeploymentPlan};

pub fn plan_of_retirement() -> RetirementPlan {
    RetirementPlan {
        data_disposition: Prose::new("deleted"),
        model_disposition: Prose::new("archived"),
        user_notice: Prose::new("a letter"),
        users_told_on: Some("2025-01-10".parse().unwrap()),
        logs_kept_until: "2029-01-15".parse().unwrap(),
        by: UserId::new("usr_marc"),
        at: Instant::default(),
    }
}

/// Everything that the checks look at, as it should be.
pub fn put(world: &mut World) {
    world.clear("x_");
    law_and_impact(world);
    risks(world);
    development(world);
    release(world);
    others(world);
}

fn law_and_impact(world: &mut World) {
    world.put(
        "cls_1",
        "regulatory_classification",
        json!({
            "system": "sys_1", "status": "confirmed", "regime": "eu_ai_act", "class": "high_risk",
            "point": "5(b)", "role": "provider", "effects": ["high_risk"],
        }),
    );
    world.put(
        "aia_1",
        "impact_assessment",
        json!({
            "system": "sys_1", "status": "approved", "intendedUses": ["Consumer  Credit"],
            "nextDue": "2025-06-02", "personalData": true, "approved": { "revision": 1 },
            "conditions": { "c1": { "metAt": "2025-01-02T09:00:00Z" } },
        }),
    );
    world.put(
        "dpi_1",
        "privacy_assessment",
        json!({
            "system": "sys_1", "effective": { "version": 1 },
        }),
    );
}

fn risks(world: &mut World) {
    world.put("rcr_1", "risk_criteria", json!({
        "effective": { "version": 1 }, "approvedVersions": { "v1": { "bands": [], "appetite": 9 } },
    }));
    world.put(
        "risk_1",
        "risk",
        json!({
            "title": "Proxy discrimination", "systems": ["sys_0", "sys_1"],
            "status": "residual_evaluated", "inherent": { "score": 20, "level": "critical" },
            "residual": { "score": 8, "level": "medium" },
        }),
    );
    world.put(
        "risk_2",
        "risk",
        json!({
            "title": "Of another system", "systems": ["sys_2"], "status": "analysed",
            "inherent": { "score": 25, "level": "critical" },
        }),
    );
    world.put(
        "tpl_1",
        "treatment_plan",
        json!({
            "status": "approved", "inForce": { "version": 1, "risks": ["risk_1"], "actions": {
                "a": { "due": "2025-01-10", "mandatory": true, "status": "done" },
                "b": { "due": "2025-02-10", "mandatory": true, "status": "open" },
                "c": { "due": "2025-01-10", "mandatory": false, "status": "open" },
            } },
        }),
    );
}

fn development(world: &mut World) {
    world.put(
        "dst_1",
        "dataset",
        json!({
            "name": "Loans", "status": "approved_for_use", "personalData": true,
            "approvedUntil": "2025-01-20",
        }),
    );
    world.put(
        "rqs_1",
        "requirement_set",
        json!({
            "system": "sys_1", "effective": { "version": 1 },
        }),
    );
    for (id, kind) in [("dsr_1", "design_record"), ("tdc_1", "technical_documentation")] {
        world.put(
            id,
            kind,
            json!({
                "system": "sys_1", "systemVersion": "2.0", "effective": { "version": 1 },
            }),
        );
    }
    world.put(
        "ver_1",
        "verification_record",
        json!({
            "system": "sys_1", "systemVersion": "2.0", "status": "completed", "outcome": "pass",
            "criteriaFirst": true, "validators": ["usr_kenji"],
        }),
    );
}

fn release(world: &mut World) {
    world.put(
        "itu_1",
        "intended_use",
        json!({
            "system": "sys_1", "effective": { "version": 1 }, "publishedAt": "2025-01-14T09:00:00Z",
            "inForce": { "intendedUses": ["consumer credit"], "oversight": { "clerk": {
                "who": "usr_olga", "competence": ["evd_1"], "stopAbility": true,
            } } },
        }),
    );
    world.put("evd_1", "evidence", json!({ "status": "verified" }));
    for who in ["mbr_olga", "mbr_marc", "mbr_ingrid"] {
        world.put(who, "membership", json!({ "status": "active" }));
    }
    world.put_state("dpl_1", &deployment_plan());
    world.put("mon_1", "monitor", json!({ "system": "sys_1", "status": "alerting" }));
    world.put(
        "log_1",
        "event_log_policy",
        json!({
            "system": "sys_1", "status": "active", "retentionMonths": 12,
        }),
    );
}

pub fn deployment_plan() -> DeploymentPlan {
    let effective = kernel::approval::Effective {
        version: 1,
        content_hash: kernel::values::Hash::default(),
        approved_by: UserId::new("usr_lena"),
        history_version: 1,
        approved_at: Instant::default(),
    };
    DeploymentPlan {
        approval: Approval { effective: Some(effective), ..Approval::default() },
        content: deployment_plan::Content {
            system: Ref::new("sys_1"),
            system_version: Key::new("2.0"),
            rollback: vec![Line::new("back to 1.9")],
            ..deployment_plan::Content::default()
        },
        ..DeploymentPlan::default()
    }
}

fn others(world: &mut World) {
    world.put(
        "res_1",
        "resource",
        json!({
            "name": "A model", "status": "approved", "suppliedComponent": "cmp_2",
        }),
    );
    // One component says that the system uses it, the other is a resource of the version.
    world.put(
        "cmp_1",
        "supplied_component",
        json!({
            "supplier": "sup_1", "name": "Bureau file", "status": "accepted", "usedBy": {
                "sys_1": { "system": "sys_1", "systemVersions": ["2.0"] },
                "sys_2": { "system": "sys_2", "systemVersions": [] },
            },
        }),
    );
    world.put(
        "cmp_2",
        "supplied_component",
        json!({
            "supplier": "sup_2", "name": "Base model", "status": "accepted",
        }),
    );
    for (supplier, contract) in [("sup_1", "ctr_1"), ("sup_2", "ctr_2")] {
        world.put(
            supplier,
            "supplier",
            json!({
                "name": "ScoreHub", "criticality": "high", "status": "conditionally_approved",
                "conditionDue": "2025-03-15",
            }),
        );
        world.put(
            contract,
            "contract",
            json!({
                "supplier": supplier, "status": "agreed", "validUntil": "2025-03-15",
            }),
        );
    }
    world.put(
        "ras_1",
        "role_assignment",
        json!({
            "item": "sys_1", "responsibility": "accountable", "holder": "usr_marc",
            "status": "active",
        }),
    );
    world.put(
        "ras_2",
        "role_assignment",
        json!({
            "item": "ai management system", "responsibility": "accountable", "holder": "usr_ingrid",
            "status": "active",
        }),
    );
    world.put(
        "soa_1",
        "soa",
        json!({
            "catalogue": "iso42001-2023", "contradictions": {
                "k": { "control": "A.4.5", "object": "dst_9" },
            },
        }),
    );
    world.put(
        "task_1",
        "task",
        json!({
            "subject": "sys_1", "status": "open", "blocking": false,
        }),
    );
}

/// Which answers but passing a check can have while all others hold.
pub fn can_alone_be(check: Check) -> &'static [CheckResult] {
    const FAIL: &[CheckResult] = &[CheckResult::Fail];
    const BOTH: &[CheckResult] = &[CheckResult::Fail, CheckResult::Unknown];
    match check {
        Check::G3
        | Check::G5
        | Check::G8
        | Check::G9
        | Check::G10
        | Check::G12
        | Check::G13
        | Check::G14
        | Check::G17 => BOTH,
        Check::G1
        | Check::G2
        | Check::G4
        | Check::G6
        | Check::G7
        | Check::G8Preregistration
        | Check::G11
        | Check::G15
        | Check::G16 => FAIL,
    }
}

fn set(world: &mut World, id: &str, field: &str, value: Value) {
    world.change(id, |body| body[field] = value);
}

/// Makes this of a check, and nothing else of the others.
pub fn spoil(case: &mut Case, check: Check, result: CheckResult) {
    let world = &mut case.world;
    match (check, result) {
        (Check::G1, CheckResult::Fail) => world.put("x_cls", "regulatory_classification", json!({
            "system": "sys_1", "status": "confirmed", "regime": "of_a_city", "class": "banned",
            "role": "provider", "effects": ["forbidden"],
        })),
        (Check::G2, CheckResult::Fail) => {
            set(world, "aia_1", "status", json!("reassessment_required"));
        }
        (Check::G3, CheckResult::Fail) => world.put("x_risk", "risk", json!({
            "title": "x", "systems": ["sys_1"], "status": "evaluated",
            "inherent": { "score": 20, "level": "critical" },
        })),
        (Check::G3, CheckResult::Unknown) => world.put("x_risk", "risk", json!({
            "title": "x", "systems": ["sys_1"], "status": "identified",
        })),
        (Check::G4, CheckResult::Fail) => world.change("tpl_1", |plan| {
            plan["inForce"]["actions"]["a"]["status"] = json!("overdue");
        }),
        (Check::G5, CheckResult::Fail) => set(world, "dpi_1", "effective", Value::Null),
        (Check::G5, CheckResult::Unknown) => {
            set(world, "dpi_1", "effective", Value::Null);
            set(world, "aia_1", "personalData", json!(false));
            set(world, "dst_1", "personalData", Value::Null);
        }
        (Check::G6, CheckResult::Fail) => set(world, "rqs_1", "effective", Value::Null),
        (Check::G7, CheckResult::Fail) => set(world, "dsr_1", "effective", Value::Null),
        (Check::G8, CheckResult::Fail) => set(world, "ver_1", "outcome", json!("conditional")),
        (Check::G8, CheckResult::Unknown) => set(world, "ver_1", "outcome", Value::Null),
        (Check::G8Preregistration, CheckResult::Fail) => {
            set(world, "ver_1", "criteriaFirst", json!(false));
        }
        (Check::G9, CheckResult::Fail) => set(world, "dst_1", "status", json!("restricted")),
        (Check::G9, CheckResult::Unknown) => world.remove("dst_1"),
        (Check::G10, CheckResult::Fail) => set(world, "itu_1", "publishedAt", Value::Null),
        (Check::G10, CheckResult::Unknown) => world.remove("evd_1"),
        (Check::G11, CheckResult::Fail) => set(world, "mon_1", "status", json!("paused")),
        (Check::G12, CheckResult::Fail) => set(world, "sup_1", "status", json!("suspended")),
        (Check::G12, CheckResult::Unknown) => world.remove("sup_1"),
        (Check::G13, CheckResult::Fail | CheckResult::Unknown) => {
            let grade = if result == CheckResult::Fail { "major" } else { "ungraded" };
            world.put("x_nc", "nonconformity", json!({
                "system": "sys_1", "grade": grade, "status": "raised",
            }));
        }
        (Check::G14, CheckResult::Fail) => set(world, "ras_2", "status", json!("ended")),
        (Check::G14, CheckResult::Unknown) => {
            set(world, "ras_1", "status", json!("ended"));
            world.remove("mbr_marc");
        }
        // By then the system must be registered.
        (Check::G15, CheckResult::Fail) => case.today = "2028-01-01".into(),
        (Check::G16, CheckResult::Fail) => world.change("soa_1", |statement| {
            statement["contradictions"]["k"]["object"] = json!("dst_1");
        }),
        (Check::G17, CheckResult::Fail) => world.put("x_inc", "incident", json!({
            "system": "sys_1", "severity": "minor", "status": "resolved",
            "awareAt": "2025-01-01T09:00:00Z",
        })),
        (Check::G17, CheckResult::Unknown) => world.put("x_exp", "customer_expectation", json!({
            "customer": "A bank", "status": "adopted", "systems": ["sys_1"], "contract": "ctr_9",
        })),
        (_, _) => panic!("{check:?} cannot be {result:?} alone"),
    }
}
