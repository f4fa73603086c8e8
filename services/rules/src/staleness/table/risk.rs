//! Decisions of the risk service.

use super::{
    DATASET_CHANGED, Decisions, IN_FORCE, INCIDENT_ASSESSED, IS_INCIDENT, MEANING, NEW_VERSION,
    SUPPLIER, SUPPLIER_LOST, SYSTEM_DEPLOYED, SYSTEM_DESCRIBED, Step, Test, assets, classes,
    component_suppliers, components, datasets, fact, incidents, meaning, rest, running, uses,
};
use crate::staleness::Fact;

pub const TABLE: &[Decisions] = &[ACCEPTANCE, PLAN, CRITERIA, IMPACT, PRIVACY, CLASSIFICATION];

const CRITERIA_APPROVED: &[&str] = &["risk_criteria.approved", "risk_criteria.withdrawn"];
const CRITERIA_IN_FORCE: &[Step] = &[Step::All("risk_criteria")];
const SYSTEMS: &[Step] = &[Step::To("systems")];

/// An incident of the system is serious.
const SERIOUS: &[Fact] = &[fact("severity", "severity", Test::Reaches(&["serious"]))];

const LEVELS: &[&str] = &["low", "medium", "high", "critical"];

/// The acceptance of a risk (6.1.3 f, 8.3).
const ACCEPTANCE: Decisions = Decisions {
    kind: "risk",
    made: &["risk.accepted"],
    ended: &["risk.acceptance_revoked", "risk.acceptance_expired", "risk.closed"],
    used: &[],
    rests: &[
        rest(
            "risk",
            &[],
            &[
                "risk.analysed",
                "risk.residual_risk_evaluated",
                "risk.owner_assigned",
                "risk.systems_changed",
                "risk.linked",
            ],
            &[
                fact("no_longer_fits", "acceptanceStale.because", Test::Grows),
                fact("incidents", "incidents", Test::Grows),
                fact("impact_assessments", "impactAssessments", Test::Grows),
            ],
            "6.1.3",
        ),
        rest("risk_criteria", CRITERIA_IN_FORCE, CRITERIA_APPROVED, IN_FORCE, "6.1.1"),
        rest("ai_system", SYSTEMS, SYSTEM_DESCRIBED, MEANING, "8.2"),
        rest("ai_system", SYSTEMS, SYSTEM_DEPLOYED, NEW_VERSION, "8.2"),
        rest(
            "incident",
            &[Step::To("systems"), Step::From("incident", "system")],
            INCIDENT_ASSESSED,
            SERIOUS,
            "8.2",
        )
        .only(IS_INCIDENT),
        rest("supplier", &[Step::To("suppliers")], SUPPLIER_LOST, SUPPLIER, "A.10.3"),
        rest(
            "treatment_plan",
            &[Step::To("plans")],
            &["treatment_plan.treatment_found_ineffective", "treatment_plan.withdrawn"],
            &[
                fact("progress", "progress", Test::Reaches(&["ineffective"])),
                fact("version_in_force", "effective.version", Test::Changes),
            ],
            "6.1.3",
        ),
    ],
};

/// The approval of a treatment plan (6.1.3).
const PLAN: Decisions = Decisions {
    kind: "treatment_plan",
    made: &["treatment_plan.approved"],
    ended: &["treatment_plan.withdrawn"],
    used: &[],
    rests: &[
        rest(
            "risk",
            &[Step::To("inForce.risks")],
            &["risk.analysed", "risk.systems_changed", "risk.closed"],
            &[
                fact("inherent_level", "inherent.level", Test::Rises(LEVELS)),
                fact("systems", "systems", Test::Grows),
                fact("status", "status", Test::Reaches(&["closed"])),
            ],
            "6.1.3",
        ),
        rest(
            "treatment_plan",
            &[],
            &["treatment_plan.treatment_found_ineffective"],
            &[fact("progress", "progress", Test::Reaches(&["ineffective"]))],
            "6.1.3",
        ),
        rest("risk_criteria", CRITERIA_IN_FORCE, CRITERIA_APPROVED, IN_FORCE, "6.1.1"),
        rest(
            "soa",
            &[Step::All("soa")],
            &["soa.version_approved"],
            &[fact("excluded", "effectiveRows.excludedControls", Test::Grows)],
            "6.1.3",
        ),
    ],
};

/// The approval of risk criteria (6.1.1).
const CRITERIA: Decisions = Decisions {
    kind: "risk_criteria",
    made: &["risk_criteria.approved"],
    ended: &["risk_criteria.withdrawn"],
    used: &[],
    rests: &[
        rest(
            "scope",
            &[Step::All("scope")],
            &["scope.approved", "scope.withdrawn"],
            IN_FORCE,
            "6.1.1",
        ),
        rest(
            "organisation",
            &[Step::All("organisation")],
            &["organisation.ai_roles_declared", "organisation.corrected"],
            &[
                fact("ai_roles", "aiRoles", Test::Grows),
                fact("eu_roles", "euRoles", Test::Grows),
                fact("jurisdictions", "jurisdictions", Test::Grows),
            ],
            "4.1",
        ),
    ],
};

/// The approval of an impact assessment (6.1.4, 8.4).
const IMPACT: Decisions = Decisions {
    kind: "impact_assessment",
    made: &["impact_assessment.approved"],
    ended: &["impact_assessment.superseded"],
    used: &[],
    rests: &[
        rest(
            "impact_assessment",
            &[],
            &["impact_assessment.reassessment_triggered", "impact_assessment.overdue"],
            &[
                fact("status", "status", Test::Reaches(&["reassessment_required"])),
                fact("overdue_since", "overdueSince", Test::Grows),
            ],
            "8.4",
        ),
        meaning("8.4"),
        running("8.4"),
        assets("A.5.2"),
        datasets("A.5.2"),
        components("A.10.3"),
        component_suppliers("A.10.3"),
        uses("A.5.2"),
        classes("A.5.2"),
        incidents("8.4"),
    ],
};

/// The approval of a privacy assessment (A.5.4; GDPR 35(11)).
const PRIVACY: Decisions = Decisions {
    kind: "privacy_assessment",
    made: &["privacy_assessment.approved"],
    ended: &["privacy_assessment.withdrawn"],
    used: &[],
    rests: &[
        rest(
            "privacy_assessment",
            &[],
            &["privacy_assessment.privacy_review_required"],
            &[fact("review_due", "reviewDue", Test::Reaches(&["review_required"]))],
            "GDPR 35(11)",
        ),
        meaning("GDPR 35(11)"),
        running("GDPR 35(11)"),
        assets("GDPR 35(11)"),
        rest("dataset", super::DATASETS, DATASET_CHANGED, super::DATASET_CLOSED, "GDPR 35(11)"),
        rest(
            "supplier",
            super::COMPONENT_SUPPLIERS,
            &["supplier.described", "supplier.suspended", "supplier.terminated"],
            &[
                fact("subprocessors", "subprocessors.#", Test::Grows),
                fact("jurisdictions", "jurisdictions", Test::Grows),
                fact("status", "status", Test::Reaches(&["suspended", "terminated"])),
            ],
            "GDPR 28(2)",
        ),
        rest(
            "incident",
            super::INCIDENTS,
            INCIDENT_ASSESSED,
            &[fact("personal_data_breach", "personalDataBreach", Test::Reaches(&["true"]))],
            "GDPR 35(11)",
        )
        .only(IS_INCIDENT),
    ],
};

/// The confirmation of a regulatory class (A.5.2; AI Act 6, 25).
const CLASSIFICATION: Decisions = Decisions {
    kind: "regulatory_classification",
    made: &["regulatory_classification.confirmed"],
    ended: &[],
    used: &[],
    rests: &[
        rest(
            "regulatory_classification",
            &[],
            &["regulatory_classification.regulatory_role_changed"],
            &[fact("role", "role", Test::Changes)],
            "AI Act 25",
        ),
        meaning("AI Act 6"),
        rest(
            "ai_system",
            super::SYSTEM,
            SYSTEM_DESCRIBED,
            &[fact("origin", "origin", Test::Changes)],
            "AI Act 25",
        ),
        uses("AI Act 6"),
        rest(
            "rule_set",
            &[Step::All("rule_set")],
            &["rule_set.revised", "rule_set.retired"],
            &[
                fact("revision", "revision", Test::Changes),
                fact("status", "status", Test::Reaches(&["retired"])),
            ],
            "AI Act 6",
        ),
        rest(
            "change_request",
            &[Step::To("system"), Step::From("change_request", "system")],
            &["change_request.change_approved", "change_request.change_rolled_back"],
            &[fact("substantial_change", "effective.version", Test::Grows)],
            "AI Act 3(23)",
        )
        .only(&[("class", &["substantial"])]),
    ],
};
