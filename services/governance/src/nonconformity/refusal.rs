//! What is refused of nonconformities.

use declare::refusals;
use kernel::Date;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The nonconformity is {status}: it cannot be {step}.
    #[refusal(conflict, rule = "ISO/IEC 42001 10.2")]
    WrongStatus {
        /// Where it stands.
        status: &'static str,
        /// What was asked.
        step: &'static str,
    },
    /// A nonconformity from {source} names it.
    OriginMissing {
        /// What it comes from.
        source: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// {origin} is not what a nonconformity from {source} comes from.
    OriginOfOtherKind {
        /// What was named.
        origin: String,
        /// What it is said to come from.
        source: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// The nonconformity {other} comes from there already.
    #[refusal(conflict, rule = "ISO/IEC 42001 10.2")]
    OriginHasNonconformity {
        /// The other one.
        other: String,
    },
    /// The finding is closed, or says of no requirement that it is not met.
    #[refusal(rule = "ISO/IEC 42001 10.2")]
    FindingAsksForNone {
        /// Where in the input.
        at: &'static str,
    },
    /// The finding is major, and so is a nonconformity from it.
    #[refusal(rule = "ISO/IEC 17021-1")]
    GradeBelowFinding {
        /// Where in the input.
        at: &'static str,
    },
    /// {number} is no clause or control of the standard or of a Statement of Applicability.
    UnknownRequirement {
        /// The number.
        number: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {due} is too late: a major nonconformity is corrected within 90 days, and within those of
    /// the certification body, here by {latest}.
    #[refusal(rule = "ISO/IEC 42001 10.2; ISO/IEC 17021-1")]
    DueTooLate {
        /// What was asked.
        due: Date,
        /// The last day.
        latest: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// {due} has passed already.
    DueInPast {
        /// What was asked.
        due: Date,
        /// Where in the input.
        at: String,
    },
    /// An action due on {due} is too late: the nonconformity is to be corrected by {latest}.
    #[refusal(rule = "ISO/IEC 42001 10.2")]
    ActionDueTooLate {
        /// What was asked.
        due: Date,
        /// The last day.
        latest: Date,
        /// Where in the input.
        at: String,
    },
    /// Plan at least one action.
    #[refusal(rule = "ISO/IEC 42001 10.2")]
    NoActions {
        /// Where in the input.
        at: &'static str,
    },
    /// A nonconformity has at most {most} actions, those that are done counted.
    TooManyActions {
        /// The limit.
        most: usize,
        /// Where in the input.
        at: &'static str,
    },
    /// The action {action} is done: a new one has a key of its own.
    #[refusal(conflict)]
    ActionIsDone {
        /// Its key.
        action: String,
        /// Where in the input.
        at: &'static str,
    },
    /// There is no action {action}.
    UnknownAction {
        /// The key.
        action: String,
        /// Where in the input.
        at: &'static str,
    },
    /// Only the action's owner or the AIMS manager says that it is done.
    #[refusal(rule = "ISO/IEC 42001 10.2")]
    NotActionOwner {
        /// Where in the input.
        at: &'static str,
    },
    /// An action is done when evidence shows it: name some.
    #[refusal(rule = "ISO/IEC 42001 10.2")]
    NoEvidence {
        /// Where in the input.
        at: &'static str,
    },
    /// {evidence} proves nothing today: it is stale, superseded, in quarantine or shredded.
    #[refusal(rule = "ISO/IEC 42001 7.5.3")]
    EvidenceProvesNothing {
        /// What was named.
        evidence: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The action is due on {due} or done: it is not overdue.
    #[refusal(conflict)]
    NotOverdue {
        /// When it is due.
        due: Date,
    },
    /// Whoever owns or did an action does not judge whether it works.
    #[refusal(rule = "segregation of duties: action owner is not effectiveness verifier")]
    VerifierIsActionOwner,
    /// Whoever planned the actions does not judge whether they work.
    #[refusal(rule = "segregation of duties: action owner is not effectiveness verifier")]
    VerifierPlannedActions,
    /// It is not known why it happened: it cannot be closed.
    #[refusal(conflict, rule = "ISO/IEC 42001 10.2")]
    NoCause,
    /// Nobody has looked for similar cases: it cannot be closed.
    #[refusal(conflict, rule = "ISO/IEC 42001 10.2")]
    SimilarCasesNotChecked,
    /// No evidence that is not in quarantine shows that the action {action} is done.
    #[refusal(conflict, rule = "ISO/IEC 42001 10.2")]
    ActionWithoutEvidence {
        /// Its key.
        action: String,
    },
    /// Nobody has found that the actions work: it cannot be closed.
    #[refusal(conflict, rule = "ISO/IEC 42001 10.2")]
    EffectNotVerified,
    /// The finding that it comes from stands: its auditors grade it anew before this is rejected.
    #[refusal(conflict, rule = "ISO/IEC 42001 10.2")]
    FindingStands,
    /// The AIMS manager and an auditor reject it together: {lacking} is lacking.
    #[refusal(rule = "segregation of duties: a nonconformity is rejected by two")]
    OtherRoleRejects {
        /// The code of the role.
        lacking: &'static str,
    },
}
