//! What is refused of internal audits.

use declare::refusals;
use kernel::Date;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The audit is {status}: it cannot be {step}.
    #[refusal(conflict, rule = "ISO/IEC 42001 9.2.2")]
    WrongStatus {
        /// Where it stands.
        status: &'static str,
        /// What was asked.
        step: &'static str,
    },
    /// No version of the programme is in force.
    #[refusal(rule = "ISO/IEC 42001 9.2.2")]
    ProgrammeNotInForce {
        /// Where in the input.
        at: &'static str,
    },
    /// The programme in force has no audit {audit}.
    #[refusal(rule = "ISO/IEC 42001 9.2.2")]
    NotInProgramme {
        /// The key.
        audit: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {number} is no clause or control of the standard or of a Statement of Applicability.
    UnknownCriterion {
        /// The number.
        number: String,
        /// Where in the input.
        at: &'static str,
    },
    /// An audit needs at least one auditor.
    #[refusal(rule = "ISO/IEC 42001 9.2.2")]
    NoAuditor {
        /// Where in the input.
        at: &'static str,
    },
    /// {auditor} is no internal auditor (AUD) of the organisation.
    #[refusal(rule = "ISO/IEC 42001 9.2.2")]
    NotInTheRole {
        /// Who was named.
        auditor: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {auditor} answers for {area}, or did within the look-back, and does not audit it.
    #[refusal(rule = "segregation of duties: auditor is not owner of the audited area (9.2.2)")]
    AuditorAnswersForArea {
        /// Who was named.
        auditor: String,
        /// What he answers for.
        area: String,
        /// Where in the input.
        at: &'static str,
    },
    /// Only an auditor of this audit does that.
    #[refusal(rule = "ISO/IEC 42001 9.2.2")]
    NotItsAuditor,
    /// An audit does not begin in the future.
    StartsInFuture {
        /// Where in the input.
        at: &'static str,
    },
    /// An audit notes at most {most} samples.
    #[refusal(conflict)]
    TooManySamples {
        /// The limit.
        most: usize,
    },
    /// The audit has no criteria: say which clauses and controls it covers before it is reported.
    #[refusal(conflict, rule = "ISO/IEC 42001 9.2.2")]
    NoCriteria,
    /// The finding {finding} is not graded.
    #[refusal(conflict, rule = "ISO/IEC 42001 9.2.2")]
    FindingNotGraded {
        /// Its id.
        finding: String,
    },
    /// The finding {finding} is neither closed nor linked to what answers it.
    #[refusal(conflict, rule = "ISO/IEC 42001 10.2")]
    FindingOpen {
        /// Its id.
        finding: String,
    },
    /// The audit has begun: only top management cancels it.
    #[refusal(rule = "ISO/IEC 42001 9.2.1")]
    HasBegun,
    /// The audit is to begin on {planned_on}: it is not overdue.
    #[refusal(conflict)]
    NotOverdue {
        /// When it is planned.
        planned_on: Date,
    },
}
