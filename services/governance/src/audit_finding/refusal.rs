//! What is refused of audit findings.

use declare::refusals;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The finding is {status}: it cannot be {step}.
    #[refusal(conflict, rule = "ISO/IEC 42001 10.2")]
    WrongStatus {
        /// Where it stands.
        status: &'static str,
        /// What was asked.
        step: &'static str,
    },
    /// {object} is no internal and no certification audit.
    NoAudit {
        /// What was named.
        object: String,
        /// Where in the input.
        at: &'static str,
    },
    /// Only an auditor of the audit raises findings in it; a certification body's, under the
    /// engagement of that audit.
    #[refusal(rule = "ISO/IEC 42001 9.2.2; ISO/IEC 17021-1")]
    NotOfTheAudit,
    /// The audit is {status}: findings are raised while it is in progress.
    #[refusal(conflict, rule = "ISO/IEC 42001 9.2.2")]
    AuditNotUnderWay {
        /// Where the audit stands.
        status: String,
    },
    /// The finding is a certification body's: its auditors alone grade, verify, close and correct
    /// it.
    #[refusal(rule = "ISO/IEC 17021-1")]
    FindingOfBody,
    /// The finding is of another audit, or of another certification body.
    #[refusal(rule = "ISO/IEC 17021-1")]
    FindingOfOtherBody,
    /// The finding is internal: the organisation's own auditors grade, verify, close and correct
    /// it.
    #[refusal(rule = "ISO/IEC 42001 9.2.2")]
    InternalFinding,
    /// {number} is no clause or control of the standard or of a Statement of Applicability.
    UnknownRequirement {
        /// The number.
        number: String,
        /// Where in the input.
        at: &'static str,
    },
    /// A nonconformity names the clause or control that is not met.
    #[refusal(rule = "ISO/IEC 17021-1")]
    NoRequirement {
        /// Where in the input.
        at: &'static str,
    },
    /// A nonconformity rests on objective evidence.
    #[refusal(rule = "ISO/IEC 17021-1")]
    NoObjectiveEvidence {
        /// Where in the input.
        at: &'static str,
    },
    /// A requirement is violated: that is a nonconformity, not {grade}.
    #[refusal(rule = "ISO/IEC 17021-1")]
    ViolationDressedUp {
        /// What was given.
        grade: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// Areas of concern are found in stage 1 alone.
    #[refusal(rule = "ISO/IEC 17021-1")]
    AreaOfConcernOutsideStage1 {
        /// Where in the input.
        at: &'static str,
    },
    /// Objective evidence is either evidence or an object as it stood at a position.
    NotOneProof {
        /// Where in the input.
        at: String,
    },
    /// Nothing was seen after position {newest}: that is the newest.
    SeenInFuture {
        /// The newest position.
        newest: u64,
        /// Where in the input.
        at: String,
    },
    /// The grade is not lowered from {from} to {to} without a reason.
    #[refusal(rule = "ISO/IEC 17021-1")]
    LoweredWithoutReason {
        /// What it is.
        from: &'static str,
        /// What was asked.
        to: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// Name either the nonconformity or the improvement that answers the finding.
    NotOneAnswer,
    /// {answer} does not come from this finding, or was rejected.
    #[refusal(rule = "ISO/IEC 42001 10.2")]
    AnswersOtherFinding {
        /// What was named.
        answer: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The finding is a nonconformity: an improvement does not answer it.
    #[refusal(rule = "ISO/IEC 42001 10.2")]
    NeedsNonconformity {
        /// Where in the input.
        at: &'static str,
    },
    /// A finding that a requirement is not met is answered by a nonconformity: raise and link it.
    #[refusal(conflict, rule = "ISO/IEC 42001 10.2")]
    NoNonconformity,
    /// The correction of the nonconformity {nonconformity} is not found to be effective.
    #[refusal(conflict, rule = "ISO/IEC 42001 10.2")]
    CorrectionNotVerified {
        /// Its id.
        nonconformity: String,
    },
}
