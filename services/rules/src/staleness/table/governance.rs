//! Decisions of the governance service on scope, documents, controls and people.

use super::{Decisions, Fact, Found, IN_FORCE, Step, Test, fact, rest};
use crate::staleness::{Look, values_at};

pub const TABLE: &[Decisions] = &[SCOPE, DOCUMENT, SOA, ROLE, AIMS_CHANGE];

/// The approval of the scope (4.3).
const SCOPE: Decisions = Decisions {
    kind: "scope",
    made: &["scope.approved"],
    ended: &["scope.withdrawn"],
    used: &[],
    rests: &[
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
        rest(
            "ai_system",
            &[Step::To("systemsIn")],
            &["ai_system.scope_changed", "ai_system.retired", "ai_system.described"],
            &[
                fact("in_scope", "inScope", Test::Leaves(&["true"])),
                fact("stage", "stage", Test::Reaches(&["retirement"])),
                fact("units", "orgUnits", Test::Grows),
            ],
            "4.3",
        ),
        rest(
            "ai_system",
            &[Step::Any("ai_system")],
            &["ai_system.registered", "ai_system.scope_changed", "ai_system.retired"],
            &[Fact {
                name: "unnamed_system",
                found: Found::By(unnamed_system),
                test: Test::Reaches(&["true"]),
            }],
            "4.3",
        ),
    ],
};

/// Whether a system belongs to the AIMS that the scope does not name.
fn unnamed_system(look: &Look) -> Vec<String> {
    let Some(trigger) = look.trigger else { return Vec::new() };
    let named = values_at(look.deciding, "systemsIn", look.deciding).contains(&trigger.object);
    let lives = look.document["stage"].as_str() != Some("retirement");
    let in_scope = look.document["inScope"].as_bool() == Some(true);
    vec![(in_scope && lives && !named).to_string()]
}

/// The approval of a policy or procedure, or the review that kept it (5.2, 7.5.2, A.2.3, A.2.4).
const DOCUMENT: Decisions = Decisions {
    kind: "document",
    made: &["document.version_approved", "document.reviewed"],
    ended: &["document.withdrawn"],
    used: &[],
    rests: &[
        rest(
            "document",
            &[Step::To("relatedPolicies")],
            &["document.version_approved", "document.withdrawn"],
            IN_FORCE,
            "A.2.3",
        ),
        rest(
            "document",
            &[],
            &["document.review_overdue"],
            &[fact("review", "reviewStatus", Test::Reaches(&["overdue"]))],
            "A.2.4",
        ),
    ],
};

const CONTROLS: &[Step] = &[Step::From("soa_control", "soa")];

/// How far a control is implemented, from best to worst.
const WORSE: &[&str] =
    &["implemented", "partially_implemented", "planned", "not_started", "not_effective"];

/// The approval of a Statement of Applicability (6.1.3).
const SOA: Decisions = Decisions {
    kind: "soa",
    made: &["soa.version_approved"],
    ended: &["soa.version_withdrawn"],
    used: &[],
    rests: &[
        rest(
            "soa",
            &[],
            &["soa.contradiction_detected", "soa.contradiction_resolved"],
            &[fact("contradictions", "contradictions.#", Test::Grows)],
            "6.1.3",
        ),
        rest(
            "soa_control",
            CONTROLS,
            &["soa_control.implementation_status_changed"],
            &[fact("status", "status", Test::Rises(WORSE))],
            "6.1.3",
        )
        .only(&[("decision", &["applicable"])]),
        rest(
            "evidence",
            &[Step::From("soa_control", "soa"), Step::To("evidence")],
            &["evidence.went_stale", "evidence.quarantined", "evidence.shredded"],
            &[fact("status", "status", Test::Reaches(&["stale", "quarantined", "shredded"]))],
            "7.5.3",
        ),
        rest(
            "treatment_plan",
            &[Step::Any("treatment_plan")],
            &["treatment_plan.approved", "treatment_plan.withdrawn"],
            &[Fact {
                name: "excluded_controls",
                found: Found::By(excluded_controls),
                test: Test::Grows,
            }],
            "6.1.3",
        ),
    ],
};

/// The controls of a plan in force that the approved statement excludes.
fn excluded_controls(look: &Look) -> Vec<String> {
    if look.document["effective"].is_null() {
        return Vec::new();
    }
    let excluded = values_at(look.deciding, "effectiveRows.excludedControls", look.deciding);
    let mut controls = values_at(look.document, "controls", look.deciding);
    controls.retain(|control| excluded.contains(control));
    controls
}

/// Who answers for something, judged by his competence (5.3, 7.2).
const ROLE: Decisions = Decisions {
    kind: "role_assignment",
    made: &["role_assignment.role_assigned"],
    ended: &["role_assignment.ended"],
    used: &[],
    rests: &[
        rest(
            "competence_profile",
            &[Step::To("judged.profiles.*.profile")],
            &["competence_profile.competence_requirement_defined", "competence_profile.retired"],
            &[fact("required", "required", Test::Changes)],
            "7.2",
        ),
        rest(
            "training_record",
            &[Step::To("judged.proofs")],
            &["training_record.competence_expired", "training_record.corrected"],
            &[fact("status", "status", Test::Reaches(&["expired", "failed"]))],
            "7.2",
        ),
    ],
};

/// The approval of a change of the management system, until it is carried out (6.3).
const AIMS_CHANGE: Decisions = Decisions {
    kind: "aims_change",
    made: &["aims_change.approved"],
    ended: &["aims_change.withdrawn", "aims_change.implemented"],
    used: &[],
    rests: &[rest(
        "document",
        &[Step::To("affected.documents")],
        &["document.version_approved", "document.withdrawn"],
        IN_FORCE,
        "6.3",
    )],
};
