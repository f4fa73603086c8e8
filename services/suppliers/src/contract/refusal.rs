//! What is refused of contracts.

use declare::refusals;
use kernel::Date;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The contract is {status}: it cannot be {step}.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.2")]
    WrongStatus {
        /// Where it stands.
        status: &'static str,
        /// What was asked.
        step: &'static str,
    },
    /// A contract is with one supplier or one customer.
    #[refusal(rule = "ISO/IEC 42001 A.10.2")]
    NotOneOtherParty {
        /// Where in the input.
        at: &'static str,
    },
    /// The supplier {name} is {status}: nothing is agreed with it.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.3")]
    SupplierGone {
        /// Its name.
        name: String,
        /// Where it stands.
        status: String,
        /// Where in the input.
        at: &'static str,
    },
    /// A contract names at least two parties.
    TooFewParties {
        /// Where in the input.
        at: &'static str,
    },
    /// A contract cannot end before it begins.
    TermReversed {
        /// Where in the input.
        at: &'static str,
    },
    /// Two clauses are about {topic}: make one of them.
    TopicTwice {
        /// What they are about.
        topic: &'static str,
        /// Where in the input.
        at: String,
    },
    /// The clause about {topic} says how long.
    ClauseWithoutAmount {
        /// What it is about.
        topic: &'static str,
        /// Where in the input.
        at: String,
    },
    /// The contract has {bytes} bytes here, of at most {most}: keep the detail in the document.
    TooLarge {
        /// What it has.
        bytes: usize,
        /// The most.
        most: usize,
    },
    /// Whoever wrote the contract or amendment does not sign it.
    #[refusal(rule = "segregation of duties: author is not approver")]
    SignerIsAuthor,
    /// The document that the signer saw is not the one that is to be signed.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.3")]
    DocumentChanged {
        /// Where in the input.
        at: &'static str,
    },
    /// The contract's term is over: it cannot be signed.
    #[refusal(conflict)]
    TermOver,
    /// The contract names no stage of the life cycle in which what it is about is used.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.2")]
    NoStage,
    /// No activity of the stage {stage}, in which what it is about is used, is allocated.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.2")]
    StageWithoutDuty {
        /// The stage.
        stage: &'static str,
    },
    /// Nobody answers for {activity:?} in the stage {stage}, which is in use.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.2")]
    NobodyAnswers {
        /// The activity.
        activity: String,
        /// The stage.
        stage: &'static str,
    },
    /// The supplier need not tell of incidents: by {rule} we have {clock} h, so it has {most} h.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.2, A.8.4")]
    NoIncidentNotice {
        /// The rule with the shortest clock.
        rule: String,
        /// Its hours.
        clock: u64,
        /// The longest notice.
        most: u64,
    },
    /// The supplier tells of incidents in {hours} h; by {rule} we have {clock} h, so it has {most}.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.2, A.8.4")]
    NoticeTooLong {
        /// The hours of notice.
        hours: u64,
        /// The rule with the shortest clock.
        rule: String,
        /// Its hours.
        clock: u64,
        /// The longest notice.
        most: u64,
    },
    /// The amendment changes nothing.
    AmendsNothing {
        /// Where in the input.
        at: &'static str,
    },
    /// There is no amendment that could be signed.
    #[refusal(conflict)]
    NoAmendment,
    /// The contract has no end.
    #[refusal(conflict)]
    NoEnd,
    /// The contract ends on {valid_until}: that is not near yet.
    #[refusal(conflict)]
    EndNotNear {
        /// Its last day.
        valid_until: Date,
    },
    /// The contract holds until {valid_until}.
    #[refusal(conflict)]
    EndNotReached {
        /// Its last day.
        valid_until: Date,
    },
}
