//! What is refused of improvements.

use declare::refusals;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The improvement is {status}: it cannot be {step}.
    #[refusal(conflict, rule = "ISO/IEC 42001 10.1")]
    WrongStatus {
        /// Where it stands.
        status: &'static str,
        /// What was asked.
        step: &'static str,
    },
    /// An idea from {source} names the {wanted} that it comes from.
    OriginMissing {
        /// Where the idea comes from.
        source: &'static str,
        /// What is to be named.
        wanted: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// The management review has no decision {decision}.
    UnknownDecision {
        /// The key.
        decision: String,
        /// Where in the input.
        at: &'static str,
    },
    /// Whoever proposed it does not decide on it.
    #[refusal(rule = "segregation of duties: author is not approver")]
    DeciderIsProposer,
    /// It carries out a decision of a management review: it is not declined.
    #[refusal(rule = "ISO/IEC 42001 9.3.3")]
    DecidedByReview {
        /// Where in the input.
        at: &'static str,
    },
    /// An idea is not declined without a reason.
    #[refusal(rule = "ISO/IEC 42001 10.1")]
    DeclinedWithoutReason {
        /// Where in the input.
        at: &'static str,
    },
    /// Say who carries it out, and by when.
    #[refusal(rule = "ISO/IEC 42001 10.1")]
    AcceptedWithoutPlan {
        /// Where in the input.
        at: &'static str,
    },
    /// Only whoever carries it out, or the AIMS manager, says that it was carried out.
    #[refusal(rule = "ISO/IEC 42001 10.1")]
    NotOwner,
    /// An improvement is evaluated by a measure: name it.
    #[refusal(rule = "ISO/IEC 42001 10.1")]
    NoMeasure {
        /// Where in the input.
        at: &'static str,
    },
}
