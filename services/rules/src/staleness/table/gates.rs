//! Gates: what a gate that let a version through, and has not been used, rests on.

use super::lifecycle::{BASELINED, LEVELS, VERIFICATION_LOST, VERIFIED};
use super::{
    ASSETS_LINKED, DATASET_CHANGED, DATASET_CLOSED, Decisions, Fact, IN_FORCE, INCIDENT_ASSESSED,
    IS_INCIDENT, Rest, Step, Test, fact, rest,
};

pub const TABLE: &[Decisions] = &[GATE];

const LOOKED_AT: &[Step] = &[Step::To("checks.*.lookedAt.#")];

const fn looked_at(
    kind: &'static str,
    on: &'static [&'static str],
    facts: &'static [Fact],
    clause: &'static str,
) -> Rest {
    rest(kind, LOOKED_AT, on, facts, clause)
}

/// A gate that let a version through and has not been used (A.6.2.5, 8.1).
const GATE: Decisions = Decisions {
    kind: "stage_gate",
    made: &["stage_gate.passed"],
    ended: &["stage_gate.expired"],
    used: &[
        ("ai_system.stage_entered", "gate"),
        ("ai_system.deployed", "gate"),
        ("ai_system.retired", "retirement.gate"),
    ],
    rests: GATE_RESTS,
};

const GATE_RESTS: &[Rest] = &[
    looked_at("regulatory_classification", super::CLASSIFIED, super::CLASS, "G1 A.5.2"),
    looked_at(
        "impact_assessment",
        &["impact_assessment.reassessment_triggered", "impact_assessment.superseded"],
        &[fact("status", "status", Test::Leaves(&["approved", "approved_with_conditions"]))],
        "G2 8.4",
    ),
    looked_at(
        "risk",
        &[
            "risk.analysed",
            "risk.residual_risk_evaluated",
            "risk.accepted",
            "risk.acceptance_revoked",
            "risk.acceptance_expired",
        ],
        &[
            fact("status", "status", Test::Leaves(&["accepted"])),
            fact("inherent_level", "inherent.level", Test::Rises(LEVELS)),
            fact("residual_level", "residual.level", Test::Rises(LEVELS)),
        ],
        "G3 6.1.3",
    ),
    rest(
        "risk",
        &[Step::To("system"), Step::Holding("risk", "systems")],
        &["risk.evaluated", "risk.accepted", "risk.closed"],
        &[fact("above_tolerance", "evaluation.withinTolerance", Test::Reaches(&["false"]))],
        "G3 6.1.3",
    )
    .only(&[("status", &["evaluated", "treatment_planned", "treated", "residual_evaluated"])]),
    looked_at(
        "treatment_plan",
        &["treatment_plan.withdrawn", "treatment_plan.treatment_found_ineffective"],
        &[
            fact("version_in_force", "effective.version", Test::Changes),
            fact("progress", "progress", Test::Reaches(&["ineffective"])),
        ],
        "G4 6.1.3",
    ),
    looked_at(
        "privacy_assessment",
        &["privacy_assessment.withdrawn", "privacy_assessment.privacy_review_required"],
        &[
            fact("version_in_force", "effective.version", Test::Changes),
            fact("review_due", "reviewDue", Test::Reaches(&["review_required"])),
        ],
        "G5 A.5.4",
    ),
    looked_at("requirement_set", BASELINED, IN_FORCE, "G6 A.6.2.2"),
    looked_at(
        "design_record",
        &["design_record.approved", "design_record.withdrawn"],
        IN_FORCE,
        "G7 A.6.2.3",
    ),
    looked_at(
        "technical_documentation",
        &["technical_documentation.approved", "technical_documentation.withdrawn"],
        IN_FORCE,
        "G7 A.6.2.7",
    ),
    looked_at("verification_record", VERIFIED, VERIFICATION_LOST, "G8 A.6.2.4"),
    looked_at("dataset", DATASET_CHANGED, DATASET_CLOSED, "G9 A.7.2"),
    rest("ai_system", super::SYSTEM, ASSETS_LINKED, super::ASSETS, "G9 A.7.2"),
    looked_at(
        "intended_use",
        &["intended_use.approved", "intended_use.withdrawn"],
        IN_FORCE,
        "G10 A.9.4",
    ),
    looked_at(
        "deployment_plan",
        &["deployment_plan.approved", "deployment_plan.withdrawn"],
        IN_FORCE,
        "G11 A.6.2.5",
    ),
    looked_at(
        "monitor",
        &["monitor.paused", "monitor.closed", "monitor.rearmed", "monitor.pause_ended"],
        &[fact("status", "status", Test::Reaches(&["paused", "closed"]))],
        "G11 A.6.2.6",
    ),
    looked_at(
        "event_log_policy",
        &[
            "event_log_policy.log_gap_detected",
            "event_log_policy.log_gap_closed",
            "event_log_policy.retired",
        ],
        &[fact("status", "status", Test::Leaves(&["active"]))],
        "G11 A.6.2.8",
    ),
    looked_at("supplied_component", super::COMPONENT_CHANGED, super::COMPONENT, "G12 A.10.3"),
    looked_at("supplier", super::SUPPLIER_LOST, super::SUPPLIER, "G12 A.10.3"),
    looked_at(
        "contract",
        &["contract.expired", "contract.terminated"],
        &[fact("status", "status", Test::Reaches(&["expired", "terminated"]))],
        "G12 A.10.2",
    ),
    rest(
        "nonconformity",
        &[Step::To("system"), Step::From("nonconformity", "system")],
        &["nonconformity.raised", "nonconformity.closed", "nonconformity.rejected"],
        &[fact("grade", "grade", Test::Reaches(&["major"]))],
        "G13 10.2",
    )
    .only(&[(
        "status",
        &["raised", "contained", "cause_found", "actions_planned", "actions_done"],
    )]),
    rest(
        "incident",
        super::INCIDENTS,
        INCIDENT_ASSESSED,
        &[fact("severity", "severity", Test::Reaches(&["serious"]))],
        "A.8.4",
    )
    .only(IS_INCIDENT),
    looked_at(
        "role_assignment",
        &["role_assignment.ended", "role_assignment.role_assigned"],
        &[fact("status", "status", Test::Leaves(&["active"]))],
        "G14 A.3.2",
    ),
    looked_at(
        "soa",
        &["soa.contradiction_detected", "soa.contradiction_resolved"],
        &[fact("contradictions", "contradictions.#", Test::Grows)],
        "G16 6.1.3",
    ),
];
