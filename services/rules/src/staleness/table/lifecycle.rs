//! Decisions of the life-cycle service.

use super::{
    ASSETS_LINKED, DATASET_CHANGED, DATASET_CLOSED, Decisions, Fact, IN_FORCE, Step, Test, assets,
    classes, components, datasets, fact, meaning, rest, running, uses,
};

pub const TABLE: &[Decisions] = &[
    REQUIREMENTS,
    DESIGN,
    DOCUMENTATION,
    VERIFICATION,
    DEPLOYMENT,
    USE,
    DATASET,
    RESOURCE,
    CHANGE,
];

pub(super) const LEVELS: &[&str] = &["low", "medium", "high", "critical"];

const BASELINES: &[Step] = &[Step::To("system"), Step::From("requirement_set", "system")];
pub(super) const BASELINED: &[&str] =
    &["requirement_set.baselined", "requirement_set.requirement_baseline_changed"];
const RECORDS: &[Step] = &[Step::To("system"), Step::From("verification_record", "system")];
pub(super) const VERIFIED: &[&str] = &[
    "verification_record.verification_completed",
    "verification_record.verification_invalidated",
    "verification_record.corrected",
];

/// A verification that was relied on stands no more, or ended otherwise.
pub(super) const VERIFICATION_LOST: &[Fact] = &[
    fact("status", "status", Test::Reaches(&["superseded"])),
    fact("outcome", "outcome", Test::Changes),
];

/// The baseline of requirements (A.6.2.2).
const REQUIREMENTS: Decisions = Decisions {
    kind: "requirement_set",
    made: &["requirement_set.baselined"],
    ended: &["requirement_set.withdrawn"],
    used: &[],
    rests: &[meaning("A.6.2.2"), uses("A.6.2.2"), classes("A.6.2.2")],
};

/// The approval of a design (A.6.2.3).
const DESIGN: Decisions = Decisions {
    kind: "design_record",
    made: &["design_record.approved"],
    ended: &["design_record.withdrawn"],
    used: &[],
    rests: &[
        meaning("A.6.2.3"),
        rest("ai_system", super::SYSTEM, ASSETS_LINKED, MADE_OF, "A.6.2.3"),
        components("A.6.2.3"),
        rest("requirement_set", BASELINES, BASELINED, IN_FORCE, "A.6.2.3"),
    ],
};

/// What a design is made of: data sets for tests come later.
const MADE_OF: &[Fact] = &[
    fact("resources", "versions.$systemVersion.resources", Test::Grows),
    fact("components", "versions.$systemVersion.components", Test::Grows),
];

/// The approval of technical documentation (A.6.2.7; AI Act 11).
const DOCUMENTATION: Decisions = Decisions {
    kind: "technical_documentation",
    made: &["technical_documentation.approved"],
    ended: &["technical_documentation.withdrawn"],
    used: &[],
    rests: &[
        meaning("A.6.2.7"),
        assets("A.6.2.7"),
        components("A.6.2.7"),
        uses("A.6.2.7"),
        classes("AI Act 11"),
        rest(
            "design_record",
            &[Step::To("system"), Step::From("design_record", "system")],
            &["design_record.approved", "design_record.withdrawn"],
            IN_FORCE,
            "A.6.2.7",
        )
        .same("systemVersion"),
        rest("verification_record", RECORDS, VERIFIED, VERIFICATION_LOST, "A.6.2.7")
            .same("systemVersion"),
    ],
};

/// A completed verification (A.6.2.4).
const VERIFICATION: Decisions = Decisions {
    kind: "verification_record",
    made: &["verification_record.verification_completed"],
    ended: &["verification_record.verification_invalidated"],
    used: &[],
    rests: &[
        rest("requirement_set", &[Step::To("plan.requirementSet")], BASELINED, IN_FORCE, "A.6.2.4"),
        assets("A.6.2.4"),
        components("A.6.2.4"),
        rest("dataset", &[Step::To("runs.*.dataset")], DATASET_CHANGED, DATASET_CLOSED, "A.6.2.4"),
        datasets("A.6.2.4"),
    ],
};

/// The approval of a deployment plan, until it is carried out (A.6.2.5).
const DEPLOYMENT: Decisions = Decisions {
    kind: "deployment_plan",
    made: &["deployment_plan.approved"],
    ended: &["deployment_plan.withdrawn", "deployment_plan.deployment_executed"],
    used: &[],
    rests: &[
        assets("A.6.2.5"),
        components("A.6.2.5"),
        uses("A.6.2.5"),
        rest("verification_record", RECORDS, VERIFIED, VERIFICATION_LOST, "A.6.2.5")
            .same("systemVersion"),
    ],
};

/// The approval of an intended use (A.9.4).
const USE: Decisions = Decisions {
    kind: "intended_use",
    made: &["intended_use.approved"],
    ended: &["intended_use.withdrawn"],
    used: &[],
    rests: &[
        meaning("A.9.4"),
        running("A.9.4"),
        classes("A.9.4"),
        rest(
            "impact_assessment",
            &[Step::To("system"), Step::From("impact_assessment", "system")],
            &["impact_assessment.approved"],
            &[fact("level", "level", Test::Rises(LEVELS))],
            "A.9.4",
        ),
    ],
};

/// The approval of a data set for use (A.7.2, A.7.4).
const DATASET: Decisions = Decisions {
    kind: "dataset",
    made: &["dataset.approved_for_use"],
    ended: &["dataset.retired"],
    used: &[],
    rests: &[
        rest(
            "dataset",
            &[],
            &[
                "dataset.revised",
                "dataset.restricted",
                "dataset.acquisition_recorded",
                "dataset.provenance_recorded",
                "dataset.data_quality_assessed",
                "dataset.data_preparation_recorded",
                "dataset.corrected",
            ],
            &[
                fact("status", "status", Test::Leaves(&["approved_for_use"])),
                fact("content", "hash", Test::Changes),
                fact("source", "acquisition.source", Test::Changes),
                fact("provenance", "provenance.#", Test::Grows),
                fact("quality_passed", "quality.passed", Test::Leaves(&["true"])),
                fact("roles", "roles", Test::Grows),
                fact("personal_data", "personalData", Test::Reaches(&["true"])),
            ],
            "A.7.4",
        ),
        rest(
            "privacy_assessment",
            &[Step::To("privacyAssessment")],
            &[
                "privacy_assessment.approved",
                "privacy_assessment.withdrawn",
                "privacy_assessment.privacy_review_required",
            ],
            &[
                fact("version_in_force", "effective.version", Test::Changes),
                fact("review_due", "reviewDue", Test::Reaches(&["review_required"])),
            ],
            "A.7.2",
        ),
        rest(
            "supplier",
            &[Step::To("acquisition.supplier")],
            super::SUPPLIER_LOST,
            super::SUPPLIER,
            "A.7.3",
        ),
    ],
};

/// The approval of a model, tool or other resource (A.4.4).
const RESOURCE: Decisions = Decisions {
    kind: "resource",
    made: &["resource.approved"],
    ended: &["resource.retired"],
    used: &[],
    rests: &[
        rest(
            "resource",
            &[],
            &["resource.revised", "resource.restricted", "resource.blocked", "resource.unblocked"],
            &[
                fact("status", "status", Test::Reaches(&["restricted", "blocked"])),
                fact("content", "hash", Test::Changes),
                fact("resource_version", "resourceVersion", Test::Changes),
            ],
            "A.4.4",
        ),
        rest(
            "supplied_component",
            &[Step::To("suppliedComponent")],
            super::COMPONENT_CHANGED,
            super::COMPONENT,
            "A.10.3",
        ),
    ],
};

/// The approval of a change, until it is carried out (8.1, A.6.2.6).
const CHANGE: Decisions = Decisions {
    kind: "change_request",
    made: &["change_request.change_approved"],
    ended: &[
        "change_request.withdrawn",
        "change_request.change_implemented",
        "change_request.change_rolled_back",
    ],
    used: &[],
    rests: &[
        meaning("8.1"),
        classes("8.1"),
        rest(
            "risk",
            &[Step::To("impact.risks")],
            &["risk.analysed", "risk.residual_risk_evaluated"],
            &[
                fact("inherent_level", "inherent.level", Test::Rises(LEVELS)),
                fact("residual_level", "residual.level", Test::Rises(LEVELS)),
            ],
            "8.2",
        ),
    ],
};
