//! What is refused of management reviews.

use declare::refusals;
use kernel::Date;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The review is {status}: it cannot be {step}.
    #[refusal(conflict, rule = "ISO/IEC 42001 9.3.1")]
    WrongStatus {
        /// Where it stands.
        status: &'static str,
        /// What was asked.
        step: &'static str,
    },
    /// The time that is reviewed ends before it begins.
    PeriodEndsFirst {
        /// Where in the input.
        at: &'static str,
    },
    /// {chair} is not of top management (TM) and does not chair a management review.
    #[refusal(rule = "ISO/IEC 42001 9.3.1")]
    ChairIsNotTopManagement {
        /// Who was named.
        chair: String,
    },
    /// These inputs are not frozen: {inputs}.
    #[refusal(conflict, rule = "ISO/IEC 42001 9.3.2")]
    InputsMissing {
        /// Their words.
        inputs: String,
    },
    /// A review is not held in the future.
    HeldInFuture {
        /// Where in the input.
        at: &'static str,
    },
    /// The inputs were frozen on {frozen}, after the review is said to have been held.
    #[refusal(rule = "ISO/IEC 42001 9.3.2")]
    HeldBeforeInputs {
        /// When the last of them was frozen.
        frozen: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// A decision needs somebody who carries it out.
    #[refusal(rule = "ISO/IEC 42001 9.3.3")]
    DecisionWithoutOwner {
        /// Where in the input.
        at: &'static str,
    },
    /// A decision needs a day by which it is carried out.
    #[refusal(rule = "ISO/IEC 42001 9.3.3")]
    DecisionWithoutDue {
        /// Where in the input.
        at: &'static str,
    },
    /// A review has at most {most} decisions.
    #[refusal(conflict)]
    TooManyDecisions {
        /// The limit.
        most: usize,
    },
    /// There is a decision {decision} already.
    #[refusal(conflict)]
    DecisionExists {
        /// Its key.
        decision: String,
        /// Where in the input.
        at: &'static str,
    },
    /// There is no decision {decision}.
    UnknownDecision {
        /// The key.
        decision: String,
        /// Where in the input.
        at: &'static str,
    },
    /// Only whoever carries the decision out, or the AIMS manager, says that it is done.
    #[refusal(rule = "ISO/IEC 42001 9.3.3")]
    NotDecisionOwner {
        /// Where in the input.
        at: &'static str,
    },
    /// These decisions are not carried out: {decisions}.
    #[refusal(conflict, rule = "ISO/IEC 42001 9.3.3")]
    DecisionsOpen {
        /// Their keys.
        decisions: String,
    },
    /// The review is planned on {planned_on} or was held: it is not overdue.
    #[refusal(conflict)]
    NotOverdue {
        /// When it is planned.
        planned_on: Date,
    },
}
