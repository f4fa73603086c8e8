//! What a certificate refuses.

use declare::refusals;
use kernel::Date;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The certificate is {status}: it cannot be {done}.
    #[refusal(conflict)]
    NotNow {
        /// Where it stands.
        status: &'static str,
        /// What was asked.
        done: &'static str,
    },
    /// The certificate was withdrawn: nothing brings it back, another one must be issued.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.6.5")]
    IsWithdrawn,
    /// Only the certification body that gave it decides on a certificate.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.5.1")]
    NotYourBody,
    /// Whoever was on the audit team does not decide on the certificate.
    #[refusal(rule = "segregation of duties: CBA≠CBD (ISO/IEC 17021-1 9.5.1.1)")]
    DeciderAudited {
        /// Where in the input.
        at: &'static str,
    },
    /// The decision maker {conflict}: he does not decide on its certificate.
    #[refusal(rule = "ISO/IEC 17021-1 5.2")]
    DeciderNotImpartial {
        /// What stands in the way.
        conflict: &'static str,
    },
    /// A decision of this kind rests on {expected}, not on {given}.
    #[refusal(rule = "ISO/IEC 17021-1 9.5.2")]
    WrongAudit {
        /// The kind of audit that it takes.
        expected: &'static str,
        /// The one that was named.
        given: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// The audit was decided on already.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.5.2")]
    AuditUsed,
    /// The audit is {status}: its corrective actions must be reviewed, or it must be closed.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.5.2")]
    AuditNotReviewed {
        /// Where it stands.
        status: &'static str,
    },
    /// The audit does not recommend it.
    #[refusal(rule = "ISO/IEC 17021-1 9.5.2")]
    NotRecommended {
        /// Where in the input.
        at: &'static str,
    },
    /// The major nonconformity {finding} is not verified.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.5.2")]
    MajorNotVerified {
        /// The finding.
        finding: String,
    },
    /// No plan is accepted for the minor nonconformity {finding}.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.5.2")]
    NoPlanForMinor {
        /// The finding.
        finding: String,
    },
    /// The auditors' engagement is not over yet: it ends on {to}.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.5.2")]
    EngagementNotOver {
        /// Its last day.
        to: Date,
    },
    /// The engagement was not under the body's accreditation, or that does not hold today.
    #[refusal(conflict, rule = "ISO/IEC 42006")]
    NotAccredited,
    /// No scope is in force that could be certified.
    #[refusal(conflict, rule = "ISO/IEC 42001 4.3")]
    NoScope,
    /// No Statement of Applicability is in force on which the certificate could rest.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.1.3")]
    NoSoa,
    /// The number {number} belongs to another certificate.
    NumberTaken {
        /// The number.
        number: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The body's certificate {number} is still in force.
    #[refusal(conflict)]
    AlreadyCertified {
        /// Its number.
        number: String,
    },
    /// A certificate is valid for at most three years: until {last}.
    #[refusal(rule = "ISO/IEC 17021-1 9.1.3")]
    ValidTooLong {
        /// The last possible day.
        last: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// A certificate begins on the day of the decision or within a year, and ends after that.
    #[refusal(rule = "ISO/IEC 17021-1 9.5.1")]
    WrongValidity {
        /// Where in the input.
        at: &'static str,
    },
    /// A suspension lasts at most six months: it has to be withdrawn, or its scope reduced.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.6.5")]
    SuspendedTooLong,
    /// What is certified changes on an audit alone: name it.
    #[refusal(rule = "ISO/IEC 17021-1 9.6.4")]
    ScopeChangeWithoutAudit {
        /// Where in the input.
        at: &'static str,
    },
    /// {site} is not among the certified sites, or all of them would stay.
    #[refusal(rule = "ISO/IEC 17021-1 9.6.4")]
    NotAReduction {
        /// The site; blank when nothing is left out.
        site: String,
        /// Where in the input.
        at: &'static str,
    },
    /// It begins on {from}.
    #[refusal(conflict)]
    NotBegun {
        /// Its first day.
        from: Date,
    },
    /// It ends on {to}.
    #[refusal(conflict)]
    NotOver {
        /// Its last day.
        to: Date,
    },
    /// It has run out on {to}: it can no longer be renewed, only restored within six months.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.6.3.2")]
    HasRunOut {
        /// Its last day.
        to: Date,
    },
    /// It ran out more than six months ago, on {to}: at least a stage 2 audit is needed.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.6.3.2.5")]
    TooLateToRestore {
        /// Its last day.
        to: Date,
    },
    /// No surveillance audit is due before {due}.
    #[refusal(conflict)]
    NoSurveillanceDue {
        /// The next day by which one is due.
        due: String,
    },
    /// A certificate's record holds at most {max} {what}.
    #[refusal(conflict)]
    TooMany {
        /// The limit.
        max: usize,
        /// Of what.
        what: &'static str,
    },
}
