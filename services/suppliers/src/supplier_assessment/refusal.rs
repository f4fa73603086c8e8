//! What is refused of assessments of suppliers.

use declare::refusals;
use kernel::Date;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The assessment is {status}: it cannot be {step}.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.3")]
    WrongStatus {
        /// Where it stands.
        status: &'static str,
        /// What was asked.
        step: &'static str,
    },
    /// The supplier {name} is terminated: it is not assessed any more.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.3")]
    SupplierTerminated {
        /// Its name.
        name: String,
        /// Where in the input.
        at: &'static str,
    },
    /// No version of the questionnaire {questionnaire} is approved: nobody is assessed by it.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.3")]
    QuestionnaireNotApproved {
        /// The questionnaire.
        questionnaire: String,
    },
    /// At most {most} people work on an assessment.
    #[refusal(conflict)]
    TooManyAssessors {
        /// The most.
        most: usize,
    },
    /// The questionnaire has no question {question}.
    NoSuchQuestion {
        /// Its number.
        question: String,
        /// Where in the input.
        at: String,
    },
    /// Question {question} is answered twice.
    AnsweredTwice {
        /// Its number.
        question: String,
        /// Where in the input.
        at: String,
    },
    /// Question {question} offers no choice {choice}.
    NoSuchChoice {
        /// Its number.
        question: String,
        /// The choice.
        choice: String,
        /// Where in the input.
        at: String,
    },
    /// Question {question} is answered by {wanted}.
    AnswerMissing {
        /// Its number.
        question: String,
        /// What it is answered by.
        wanted: &'static str,
        /// Where in the input.
        at: String,
    },
    /// Question {question} does not take {given}.
    AnswerNotTaken {
        /// Its number.
        question: String,
        /// What was given.
        given: &'static str,
        /// Where in the input.
        at: String,
    },
    /// Question {question} either does not apply or is answered: choose one of both.
    NotApplicableAmongOthers {
        /// Its number.
        question: String,
        /// Where in the input.
        at: String,
    },
    /// The answers have about {bytes} bytes, and an assessment takes at most {most}.
    #[refusal(conflict)]
    TooLarge {
        /// What they have.
        bytes: usize,
        /// The most that it takes.
        most: usize,
    },
    /// At most {most} certificates are recorded with an assessment.
    #[refusal(conflict)]
    TooManyCertificates {
        /// The most.
        most: usize,
    },
    /// The certificate ran out on {valid_until}: it proves nothing today.
    #[refusal(rule = "ISO/IEC 42001 A.10.3")]
    CertificateRanOut {
        /// Its last day.
        valid_until: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// There is no certificate {certificate}.
    NoSuchCertificate {
        /// The certificate.
        certificate: String,
        /// Where in the input.
        at: &'static str,
    },
    /// Question {question} is not answered, and {open} in all: answer what is asked before the end.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.3")]
    Unanswered {
        /// Number of the first.
        question: String,
        /// How many there are.
        open: usize,
    },
    /// Question {question} is critical: its answer needs evidence that is good today.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.3")]
    CriticalWithoutEvidence {
        /// Its number.
        question: String,
    },
    /// No answer counts: a questionnaire that does not apply at all gives no score.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.3")]
    NothingScored,
    /// An assessment is valid for a day that is yet to come.
    #[refusal(rule = "ISO/IEC 42001 A.10.3")]
    ValidInPast {
        /// Where in the input.
        at: &'static str,
    },
    /// Of criticality {criticality}, a supplier's assessment is valid until {latest} at the latest.
    #[refusal(rule = "ISO/IEC 42001 A.10.3")]
    ValidTooLong {
        /// How critical the supplier is.
        criticality: String,
        /// The last day that may be named.
        latest: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// The assessment counts until {valid_until}.
    #[refusal(conflict)]
    StillValid {
        /// Its last day.
        valid_until: Date,
    },
}
