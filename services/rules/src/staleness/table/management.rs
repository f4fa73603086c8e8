//! Decisions of the governance service on objectives, audits and reviews, and certificates.

use super::{Decisions, Fact, Found, IN_FORCE, Rest, Step, Test, fact, rest};
use crate::staleness::Look;

pub const TABLE: &[Decisions] = &[OBJECTIVE, LIMITS, PROGRAMME, REVIEW, CERTIFICATE];

const SCOPE: &[Step] = &[Step::All("scope")];
const SCOPE_APPROVED: &[&str] = &["scope.approved", "scope.withdrawn"];
const SOA: &[Step] = &[Step::All("soa")];
const SOA_APPROVED: &[&str] = &["soa.version_approved", "soa.version_withdrawn"];

/// The approval of an objective (6.2).
const OBJECTIVE: Decisions = Decisions {
    kind: "objective",
    made: &["objective.approved"],
    ended: &["objective.withdrawn", "objective.achieved", "objective.dropped"],
    used: &[],
    rests: &[
        rest(
            "document",
            &[Step::To("linkedPolicy")],
            &["document.version_approved", "document.withdrawn"],
            IN_FORCE,
            "6.2",
        ),
        rest(
            "kpi",
            &[Step::From("kpi", "objective")],
            &["kpi.limits_approved", "kpi.retired"],
            &[
                fact("limits", "limitsVersion", Test::Changes),
                fact("status", "status", Test::Reaches(&["retired"])),
            ],
            "6.2",
        ),
    ],
};

/// The approval of the limits of an indicator (9.1).
const LIMITS: Decisions = Decisions {
    kind: "kpi",
    made: &["kpi.limits_approved"],
    ended: &["kpi.retired"],
    used: &[],
    rests: &[rest(
        "objective",
        &[Step::To("objective")],
        &["objective.approved", "objective.withdrawn"],
        IN_FORCE,
        "9.1",
    )],
};

/// The approval of an audit programme (9.2.2).
const PROGRAMME: Decisions = Decisions {
    kind: "audit_programme",
    made: &["audit_programme.approved"],
    ended: &["audit_programme.withdrawn"],
    used: &[],
    rests: &[
        rest("scope", SCOPE, SCOPE_APPROVED, IN_FORCE, "9.2.2"),
        rest(
            "soa",
            SOA,
            SOA_APPROVED,
            &[fact("excluded", "effectiveRows.excludedControls", Test::Changes)],
            "9.2.2",
        ),
        rest(
            "internal_audit",
            &[Step::From("internal_audit", "programme")],
            &["internal_audit.cancelled", "internal_audit.overdue", "internal_audit.started"],
            &[
                fact("status", "status", Test::Reaches(&["cancelled"])),
                fact("overdue_since", "overdueSince", Test::Grows),
            ],
            "9.2.2",
        ),
    ],
};

/// A correction of what a review looked at.
const CORRECTED: &[Fact] =
    &[Fact { name: "corrected", found: Found::By(corrected), test: Test::Grows }];

/// The correction, where the review's frozen inputs hold the event that was wrong.
fn corrected(look: &Look) -> Vec<String> {
    let Some(trigger) = look.trigger else { return Vec::new() };
    let Some(version) = trigger.field::<u64>("corrects") else { return Vec::new() };
    let wrong = look.known.event_of(&trigger.object, version);
    let inputs = look.deciding["inputs"].as_object();
    let frozen = inputs.into_iter().flat_map(|inputs| inputs.values());
    let frozen = frozen.filter_map(|input| input["snapshotAsOf"].as_str()?.parse::<u64>().ok());
    match (wrong, frozen.max()) {
        (Some(wrong), Some(frozen)) if wrong.0 <= frozen => vec![trigger.position.to_string()],
        (_, _) => Vec::new(),
    }
}

/// The kinds of a review's inputs (9.3.2), each with its correction.
macro_rules! inputs {
    ($($kind:literal),* $(,)?) => {
        &[$(rest(
            $kind,
            &[Step::Any($kind)],
            &[concat!($kind, ".corrected")],
            CORRECTED,
            "9.3.2",
        )),*]
    };
}

const INPUTS: &[Rest] = inputs![
    "organisation",
    "scope",
    "aims_change",
    "interested_party",
    "customer_expectation",
    "reporting_obligation",
    "nonconformity",
    "supplier_corrective_action",
    "objective",
    "kpi",
    "audit_programme",
    "internal_audit",
    "audit_finding",
    "certification_audit",
    "improvement",
];

/// A management review that was held (9.3).
const REVIEW: Decisions = Decisions {
    kind: "management_review",
    made: &["management_review.held"],
    ended: &[],
    used: &[],
    rests: INPUTS,
};

/// The decision on a certificate (ISO/IEC 17021-1 9.5, 9.6).
const CERTIFICATE: Decisions = Decisions {
    kind: "certificate",
    made: &[
        "certificate.issued",
        "certificate.maintained",
        "certificate.scope_reduced",
        "certificate.renewed",
        "certificate.restored",
    ],
    ended: &["certificate.withdrawn", "certificate.expired", "certificate.lapsed"],
    used: &[],
    rests: &[
        rest("scope", SCOPE, SCOPE_APPROVED, IN_FORCE, "ISO/IEC 17021-1 9.6.4"),
        rest("soa", SOA, SOA_APPROVED, IN_FORCE, "ISO/IEC 17021-1 9.6.4"),
    ],
};
