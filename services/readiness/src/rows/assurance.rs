//! Rows of audits, reviews, nonconformities and certificates.

use crate::rows::governance::Approved;
use crate::value::{Count, Day, Keyed, Sym, Syms, Time};
use crate::word::Word;

row! {
    /// A programme of audits.
    AuditProgramme { effective: Option<Approved>, frequency_months: u32 }
    /// An internal audit.
    InternalAudit {
        status: Word,
        criteria: Syms,
        planned_on: Day,
        performed_on: Option<Day>,
        reported_at: Option<Time>,
    }
    /// A management review.
    ManagementReview {
        status: Word,
        planned_on: Day,
        held_on: Option<Day>,
        inputs: Count,
        decisions: Keyed<ReviewDecision>,
    }
    /// A decision of a review.
    ReviewDecision { due: Day, completion: Option<Stamp> }
    /// When something was done.
    Stamp { at: Time }
    /// A nonconformity.
    Nonconformity {
        grade: Word,
        status: Word,
        raised_on: Day,
        due: Option<Day>,
        requirement: Option<Sym>,
        failed_checks: u32,
        effectiveness: Option<Effectiveness>,
        actions: Keyed<NcAction>,
    }
    /// How its effect is judged.
    Effectiveness { result: Option<Verification> }
    /// What was found.
    Verification { outcome: Word }
    /// An action against it.
    NcAction { due: Day, done: Option<Stamp> }
    /// A certificate.
    Certificate {
        status: Word,
        valid_to: Day,
        recertification_due: Day,
        next_surveillance: Option<Day>,
        suspension: Option<Suspension>,
    }
    /// Its suspension.
    Suspension { since: Day }
}
