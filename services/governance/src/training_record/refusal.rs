//! What is refused of trainings.

use declare::refusals;
use kernel::Date;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// Employees keep records only of those whom they lead: the AIMS manager names line managers.
    #[refusal(rule = "ISO/IEC 42001 7.2")]
    NotLineManager,
    /// A person who is no member is shown by name: give it.
    NameMissing {
        /// Where in the input.
        at: &'static str,
    },
    /// The person is a member and known by his membership: leave his name out.
    NameOfMember {
        /// Where in the input.
        at: &'static str,
    },
    /// Nobody leads himself.
    OwnManager {
        /// Where in the input.
        at: &'static str,
    },
    /// The training is {status}: that cannot follow.
    #[refusal(conflict)]
    WrongStatus {
        /// Where it stands.
        status: &'static str,
    },
    /// Nothing shows it: completion needs evidence.
    #[refusal(rule = "ISO/IEC 42001 7.2")]
    WithoutEvidence {
        /// Where in the input.
        at: &'static str,
    },
    /// The evidence {evidence} proves nothing today: it is stale, superseded, quarantined or gone.
    #[refusal(rule = "ISO/IEC 42001 7.2")]
    EvidenceNotGood {
        /// The evidence.
        evidence: String,
        /// Where in the input.
        at: String,
    },
    /// {competence} is regulated: say until when it is valid.
    #[refusal(rule = "ISO/IEC 42001 7.2")]
    NoEndOfValidity {
        /// The competence.
        competence: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {day} lies in the future.
    InTheFuture {
        /// The day.
        day: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// It would be valid until {until}, before it took place.
    EndsBeforeItBegins {
        /// The end.
        until: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// A record of a competence names at least one.
    #[refusal(rule = "ISO/IEC 42001 7.2")]
    GivesNothing {
        /// Where in the input.
        at: &'static str,
    },
    /// The effect of a training is judged by another than who was trained.
    #[refusal(rule = "segregation of duties: trainee is not verifier of the effect")]
    OwnEffect,
    /// It counts until {until}: it has not run out.
    #[refusal(conflict)]
    StillValid {
        /// Last day on which it counts.
        until: Date,
    },
    /// It has no end: it does not run out.
    #[refusal(conflict)]
    HasNoEnd,
}
