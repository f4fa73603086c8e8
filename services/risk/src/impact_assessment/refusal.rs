//! What an impact assessment refuses.

use declare::refusals;
use kernel::correction::CorrectionRefusal;
use kernel::values::Key;
use kernel::{Date, Instant};

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The system has the impact assessment {id} already: revise that one.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.1.4")]
    AlreadyAssessed {
        /// The assessment.
        id: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The system is retired: nothing of it is left to assess.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.4")]
    SystemRetired {
        /// Where in the input.
        at: &'static str,
    },
    /// The system has no version {version}.
    UnknownSystemVersion {
        /// What was named.
        version: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The privacy assessment {id} is not one of this system.
    #[refusal(rule = "ISO/IEC 42001 A.5.4")]
    PrivacyAssessmentOfOtherSystem {
        /// What was named.
        id: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The assessment is {status}: only a revision in progress can be written or submitted.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.2, 8.4")]
    NotEditable {
        /// Where it stands.
        status: &'static str,
    },
    /// The assessment is {status}: only a submitted revision can be approved or rejected.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.2")]
    NotSubmitted {
        /// Where it stands.
        status: &'static str,
    },
    /// The assessment ended with its system.
    #[refusal(conflict)]
    Ended,
    /// There is no impact {key}.
    UnknownImpact {
        /// What was named.
        key: String,
        /// Where in the input.
        at: &'static str,
    },
    /// An assessment holds at most {max} {what}.
    #[refusal(conflict)]
    Full {
        /// How many.
        max: usize,
        /// Of what.
        what: &'static str,
    },
    /// A benefit has nothing that remains after measures.
    #[refusal(rule = "ISO/IEC 42005 5.9")]
    ResidualOfBenefit {
        /// Where in the input.
        at: &'static str,
    },
    /// What remains ({rest}) is more than the impact before measures ({score}).
    #[refusal(rule = "ISO/IEC 42005 5.9")]
    ResidualAboveRating {
        /// The score of what remains.
        rest: u32,
        /// The score before.
        score: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// Less remains of the impact than there was, but no measure is named.
    #[refusal(rule = "ISO/IEC 42005 5.9")]
    ResidualWithoutMeasure {
        /// Where in the input.
        at: &'static str,
    },
    /// There are impacts on the {subject}: it cannot be stated that there are none.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.5.4, A.5.5")]
    ImpactsRated {
        /// Who bears them.
        subject: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// The approver assessed this revision: somebody else must approve it.
    #[refusal(rule = "segregation of duties: assessor is not approver")]
    ApproverIsAssessor,
    /// The approver owns the system: somebody else must approve its assessment.
    #[refusal(rule = "segregation of duties: system owner is not impact approver")]
    ApproverOwnsSystem,
    /// The content that the approver saw is not the content that was submitted.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.2")]
    ContentChanged,
    /// The approval is dated before the submission.
    #[refusal(rule = "ISO/IEC 42001 7.5.2")]
    ApprovedBeforeSubmission {
        /// Where in the input.
        at: &'static str,
    },
    /// A trigger fired at {fired}, after the submission: reject the revision, so that it is
    /// answered.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.4")]
    TriggerNotAnswered {
        /// When.
        fired: Instant,
    },
    /// The assessment does not say {what}.
    #[refusal(rule = "ISO/IEC 42005 clause 6")]
    NotDescribed {
        /// What.
        what: &'static str,
    },
    /// The assessment names no intended use.
    #[refusal(rule = "ISO/IEC 42001 6.1.4")]
    NoIntendedUse,
    /// The assessment names no misuse that can be foreseen.
    #[refusal(rule = "ISO/IEC 42001 6.1.4")]
    NoForeseeableMisuse,
    /// The assessment has no impact on {subject}, and no reason why there is none.
    #[refusal(rule = "ISO/IEC 42001 6.1.4, A.5.4, A.5.5")]
    SubjectNotAssessed {
        /// Who.
        subject: &'static str,
    },
    /// How hard an impact is to undo was never assessed: rate it again.
    #[refusal(rule = "ISO/IEC 42005 5.7")]
    ReversibilityNotAssessed,
    /// A fundamental rights impact assessment is required; these parts are missing: {missing}.
    #[refusal(rule = "Regulation (EU) 2024/1689 Art. 27(1)")]
    RightsNotAssessed {
        /// The letters of Art. 27(1).
        missing: String,
    },
    /// The system uses personal data, and no privacy assessment of it is approved.
    #[refusal(rule = "ISO/IEC 42001 A.5.4; GDPR Art. 35")]
    NoPrivacyAssessment,
    /// An impact stays critical with all measures: only top management can approve that.
    #[refusal(rule = "ISO/IEC 42001 6.1.4")]
    CriticalWithoutTopManagement,
    /// An assessment that leaves nothing critical is approved by an impact approver.
    #[refusal(rule = "ISO/IEC 42001 6.1.4")]
    NotAnImpactApprover,
    /// At level {level} the system must be assessed again by {latest}.
    #[refusal(rule = "ISO/IEC 42001 8.4")]
    NextDueTooLate {
        /// The level.
        level: &'static str,
        /// The last day.
        latest: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// The next assessment is due after the day of the approval.
    NextDueNotAfterApproval {
        /// Where in the input.
        at: &'static str,
    },
    /// The condition {key} is named twice.
    ConditionTwice {
        /// Its key.
        key: String,
        /// Where in the input.
        at: String,
    },
    /// The approval has no condition {key}.
    UnknownCondition {
        /// What was named.
        key: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The assessment is {status}: there is nothing to be done again.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.4")]
    NothingToReassess {
        /// Where it stands.
        status: &'static str,
    },
    /// The assessment is not overdue.
    #[refusal(conflict)]
    NotOverdue,
    /// No revision was approved yet: there is no result to share.
    #[refusal(conflict, rule = "ISO/IEC 42005 5.10")]
    NothingApproved,
    /// The system is not retired: its assessment goes on.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.4")]
    SystemInUse,
}

impl Refusal {
    /// There is no such impact.
    pub(super) fn unknown_impact(key: &Key) -> Self {
        Refusal::UnknownImpact { key: key.as_str().to_owned(), at: "/impact" }
    }
}
