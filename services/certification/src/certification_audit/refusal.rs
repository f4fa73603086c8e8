//! What an audit by a certification body refuses.

use declare::refusals;
use kernel::Date;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The audit is {status}: it cannot be {done}.
    #[refusal(conflict)]
    NotNow {
        /// Where it stands.
        status: &'static str,
        /// What was asked.
        done: &'static str,
    },
    /// Only the auditors of the certification body whose audit it is command it.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.2.2")]
    NotYourBody,
    /// {user} is not on the audit team.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.2.2")]
    NotOnTheTeam {
        /// The person.
        user: String,
    },
    /// The engagement is not granted, or over.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.2")]
    EngagementNotOpen,
    /// The engagement is for {expected}, not for {given}.
    EngagementForOther {
        /// The engagement's kind of audit.
        expected: &'static str,
        /// That of the audit.
        given: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// An audit team has at least one auditor, each of them named by the engagement: {user}.
    #[refusal(rule = "ISO/IEC 17021-1 9.2.2")]
    TeamNotEngaged {
        /// The person who is not; blank when nobody is named.
        user: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The audit must lie in the engagement's window, {from} to {to}.
    OutsideOfWindow {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// Stage 2 follows a stage 1 of the same body that found the organisation ready.
    #[refusal(rule = "ISO/IEC 17021-1 9.3.1")]
    StageOneNotReady,
    /// Stage 2 needs an internal audit that has been reported.
    #[refusal(rule = "ISO/IEC 17021-1 9.3.1; ISO/IEC 42001 9.2.2")]
    NoInternalAudit,
    /// Stage 2 needs a management review that has been held.
    #[refusal(rule = "ISO/IEC 17021-1 9.3.1; ISO/IEC 42001 9.3.1")]
    NoManagementReview,
    /// The body has given the organisation no certificate that is in force.
    #[refusal(rule = "ISO/IEC 17021-1 9.6")]
    NoCertificate,
    /// An audit of this kind cannot come to the conclusion {conclusion}.
    #[refusal(rule = "ISO/IEC 17021-1 9.3.1")]
    WrongConclusion {
        /// The conclusion.
        conclusion: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// Areas of concern are for stage 1: later what does not conform is a graded finding.
    #[refusal(rule = "ISO/IEC 17021-1 9.4.5")]
    ConcernAfterStageOne {
        /// Where in the input.
        at: &'static str,
    },
    /// The major nonconformity {finding} is not verified: the team cannot simply recommend.
    #[refusal(rule = "ISO/IEC 17021-1 9.5.2")]
    MajorNotVerified {
        /// The finding.
        finding: String,
    },
    /// {nonconformity} answers no major or minor finding of this audit.
    NotOfThisAudit {
        /// The nonconformity or finding.
        nonconformity: String,
        /// Where in the input.
        at: &'static str,
    },
    /// At least one must be named.
    NothingNamed {
        /// Where in the input.
        at: &'static str,
    },
    /// {nonconformity} has no planned corrective action yet: it is {status}.
    #[refusal(rule = "ISO/IEC 17021-1 9.4.9; ISO/IEC 42001 10.2")]
    NoActionPlan {
        /// The nonconformity.
        nonconformity: String,
        /// Where it stands.
        status: String,
        /// Where in the input.
        at: &'static str,
    },
    /// What was planned about {finding} is not done yet.
    #[refusal(rule = "ISO/IEC 17021-1 9.4.10; ISO/IEC 42001 10.2")]
    ActionsNotDone {
        /// The finding.
        finding: String,
        /// Where in the input.
        at: &'static str,
    },
    /// By the body's rules that was due on {due}.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.4.10")]
    TooLate {
        /// The last day.
        due: Date,
    },
    /// Actions of stage 2 are open more than six months after its last day: another stage 2 is due.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.5.3.2")]
    NeedsNewStageTwo,
    /// What was found is not dealt with yet: {finding}.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.4.10")]
    ActionsNotReviewed {
        /// The finding.
        finding: String,
    },
}
