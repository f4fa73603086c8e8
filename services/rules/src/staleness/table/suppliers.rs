//! Decisions of the supplier service.

use super::{Decisions, Step, Test, fact, rest};

pub const TABLE: &[Decisions] = &[SUPPLIER, COMPONENT, CONTRACT];

/// The approval of a supplier (A.10.3).
const SUPPLIER: Decisions = Decisions {
    kind: "supplier",
    made: &["supplier.approved", "supplier.conditionally_approved", "supplier.reinstated"],
    ended: &["supplier.suspended", "supplier.terminated"],
    used: &[],
    rests: &[
        rest(
            "supplier",
            &[],
            &[
                "supplier.described",
                "supplier.criticality_rated",
                "supplier.condition_overdue",
                "supplier.condition_met",
                "supplier.corrected",
            ],
            &[
                fact("subprocessors", "subprocessors.#", Test::Grows),
                fact("jurisdictions", "jurisdictions", Test::Grows),
                fact("criticality", "criticality", Test::Rises(&["low", "medium", "high"])),
                fact("overdue_conditions", "conditions.*.overdueSince", Test::Grows),
            ],
            "A.10.3",
        ),
        rest(
            "supplier_assessment",
            &[Step::To("approval.assessment")],
            &["supplier_assessment.expired"],
            &[fact("status", "status", Test::Reaches(&["expired"]))],
            "A.10.3",
        ),
        rest(
            "supplied_component",
            &[Step::From("supplied_component", "supplier")],
            &["supplied_component.version_changed"],
            &[fact("component_version", "componentVersion", Test::Changes)],
            "A.10.3",
        ),
        rest(
            "supplier_corrective_action",
            &[Step::From("supplier_corrective_action", "supplier")],
            &["supplier_corrective_action.overdue", "supplier_corrective_action.verified"],
            &[fact("status", "status", Test::Reaches(&["overdue"]))],
            "A.10.3",
        ),
    ],
};

/// The acceptance of a supplied component (A.10.3).
const COMPONENT: Decisions = Decisions {
    kind: "supplied_component",
    made: &["supplied_component.accepted"],
    ended: &["supplied_component.withdrawn"],
    used: &[],
    rests: &[
        rest(
            "supplied_component",
            &[],
            &["supplied_component.version_changed"],
            &[fact("component_version", "componentVersion", Test::Changes)],
            "A.10.3",
        ),
        rest("supplier", &[Step::To("supplier")], super::SUPPLIER_LOST, super::SUPPLIER, "A.10.3"),
    ],
};

/// The responsibilities that were agreed with a supplier (A.10.2).
const CONTRACT: Decisions = Decisions {
    kind: "contract",
    made: &["contract.responsibility_allocation_agreed", "contract.amended"],
    ended: &["contract.expired", "contract.terminated"],
    used: &[],
    rests: &[
        rest(
            "supplier",
            &[Step::To("supplier")],
            &["supplier.described", "supplier.suspended", "supplier.terminated"],
            &[
                fact("subprocessors", "subprocessors.#", Test::Grows),
                fact("jurisdictions", "jurisdictions", Test::Grows),
                fact("status", "status", Test::Reaches(&["suspended", "terminated"])),
            ],
            "A.10.2",
        ),
        rest(
            "organisation",
            &[Step::All("organisation")],
            &["organisation.ai_roles_declared"],
            &[fact("ai_roles", "aiRoles", Test::Grows), fact("eu_roles", "euRoles", Test::Grows)],
            "A.10.2",
        ),
    ],
};
