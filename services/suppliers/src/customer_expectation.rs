//! What a customer expects of the organisation's AI, and what became of it (S-06; ISO/IEC 42001
//! A.10.4, A.10.2).
//!
//! ```text
//!           capture              assess               adopt             meet
//!   (none) ─────────► Captured ─────────► Assessed ─────────► Adopted ──────► Met
//!                                            │ decline           │ record_breach │
//!                                            ▼                   ▼               │
//!                                         Declined             Broken ◄──────────┘
//!                                                                │ meet, once it is made good
//!                                                                └──────► Met
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds;
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Date, Instant, Need, Role, UserId};

pub use self::course::{Adopted, Assessed, Broken, Captured, CustomerInformed, Declined, Met};
pub use self::refusal::Refusal;

mod course;
mod refusal;
#[cfg(test)]
mod tests;

/// Most times that a customer is told of something in one expectation.
pub const TOLD_MAX: usize = 60;
/// Most people who assess an expectation.
pub const ASSESSORS_MAX: usize = 20;

/// What a customer expects.
#[record]
#[derive(Default)]
pub struct CustomerExpectation {
    /// Where it stands.
    #[field(index)]
    pub status: ExpectationStatus,
    /// Who expects what, and where that was learnt.
    #[field(flatten)]
    pub captured: Capture,
    /// When it was captured.
    #[field(index)]
    pub captured_at: Instant,
    /// Who captured or assessed it.
    pub assessors: Vec<UserId>,
    /// What it would take, and what speaks for and against it.
    pub assessment: Option<Prose>,
    /// What the customer is answered.
    pub answer: Option<Prose>,
    /// Who decided on it.
    pub decided_by: Option<UserId>,
    /// What the organisation owes the customer by it.
    pub obligations: BTreeMap<Key, Obligation>,
    /// Of what the customer was told, and when.
    pub informed_of: BTreeMap<Key, Information>,
    /// When it was found broken last.
    pub broken_at: Option<Instant>,
    /// How it was broken last.
    pub breach: Option<Prose>,
    /// How it was found to be met last.
    pub finding: Option<Prose>,
}

/// Who expects what, and where that was learnt. Input of `capture`.
#[record]
#[derive(Default)]
pub struct Capture {
    /// The customer: an organisation or group, no person.
    #[field(index, search, correctable)]
    pub customer: Line,
    /// What is expected.
    #[field(correctable)]
    pub expectation: Prose,
    /// Where that was learnt.
    pub source: ExpectationSource,
    /// The contract that says so.
    #[field(index)]
    pub contract: Option<Ref<kinds::Contract>>,
    /// The systems that it is about.
    #[field(max = 40)]
    pub systems: Vec<Ref<kinds::AiSystem>>,
}

/// Where an expectation was learnt.
#[words]
#[derive(Default)]
pub enum ExpectationSource {
    /// A contract.
    #[default]
    Contract,
    /// A survey.
    Survey,
    /// A complaint.
    Complaint,
    /// A request for proposals.
    Rfp,
}

/// Where an expectation stands.
#[words]
#[derive(Default)]
pub enum ExpectationStatus {
    /// It is known.
    #[default]
    Captured,
    /// It is known what it would take.
    Assessed,
    /// The organisation owes it.
    Adopted,
    /// The organisation does not owe it.
    Declined,
    /// It is met.
    Met,
    /// It was adopted and is not met.
    Broken,
}

/// What the organisation owes.
#[record]
pub struct Obligation {
    /// What is to be done.
    pub text: Line,
    /// By when, where there is a day.
    pub due: Option<Date>,
}

/// What a customer was told.
#[record]
pub struct Information {
    /// Of what.
    pub topic: Line,
    /// How.
    pub how: Line,
    /// Who told it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Input of `assess`.
#[record]
pub struct Assess {
    /// What it would take, and what speaks for and against it.
    pub assessment: Prose,
}

/// Input of `adopt`.
#[record]
pub struct Adopt {
    /// What the customer is answered.
    pub answer: Prose,
    /// What the organisation owes by it.
    #[field(max = 20)]
    pub obligations: Vec<Obligation>,
}

/// Input of `decline`.
#[record]
pub struct Decline {
    /// Why.
    pub reason: Prose,
}

/// Input of `meet`.
#[record]
pub struct Meet {
    /// How that was found.
    pub finding: Prose,
}

/// Input of `record_breach`.
#[record]
pub struct RecordBreach {
    /// How it is broken.
    pub breach: Prose,
}

/// Input of `inform`.
#[record]
pub struct Inform {
    /// Of what the customer was told.
    pub topic: Line,
    /// How.
    pub how: Line,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Records what a customer expects.
    #[command(by(Sm), emits(Captured), creates)]
    Capture(Capture),
    /// Says what it would take.
    #[command(by(Sm), emits(Assessed))]
    Assess(Assess),
    /// Takes it on.
    #[command(by(Am), emits(Adopted))]
    Adopt(Adopt),
    /// Turns it down.
    #[command(by(Am), emits(Declined))]
    Decline(Decline),
    /// Says that it is met.
    #[command(by(Sm, Am), emits(Met))]
    Meet(Meet),
    /// Says that it is broken.
    #[command(by(Sm, Am), emits(Broken))]
    RecordBreach(RecordBreach),
    /// Records that the customer was told of something.
    #[command(by(Sm, Am), emits(CustomerInformed))]
    Inform(Inform),
    /// Corrects an earlier event.
    #[command(by(Sm), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "customer_expectation")]
pub enum Event {
    /// It was captured.
    Captured(Captured),
    /// It is known what it would take.
    Assessed(Assessed),
    /// The organisation owes it.
    Adopted(Adopted),
    /// The organisation does not owe it.
    Declined(Declined),
    /// It is met.
    Met(Met),
    /// It is broken.
    Broken(Broken),
    /// The customer was told of something.
    CustomerInformed(CustomerInformed),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(CustomerExpectation, "customer_expectation", Command, Event, Refusal);

impl Domain for CustomerExpectation {
    const ABOUT: About = About {
        kind: "customer_expectation",
        doc: "What a customer expects of the organisation's AI, and what became of it.",
        clauses: &["A.10.4", "A.10.2"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        let of = |contract: &Option<Ref<kinds::Contract>>| {
            contract.iter().map(|contract| Need::Object(contract.id().to_owned())).collect()
        };
        match command {
            Command::Capture(input) => of(&input.contract),
            Command::Decline(_) => of(&self.captured.contract),
            Command::Assess(_)
            | Command::Adopt(_)
            | Command::Meet(_)
            | Command::RecordBreach(_)
            | Command::Inform(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Capture(input) => course::captured(input, context),
            Command::Assess(input) => self.assessed(input, context),
            Command::Adopt(input) => self.adopted(input, context),
            Command::Decline(input) => self.declined(input, context),
            Command::Meet(input) => self.met(input, context),
            Command::RecordBreach(input) => self.broken(input, context),
            Command::Inform(input) => self.informed(input, context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Captured(e) => {
                self.captured = e.captured;
                self.captured_at = e.at;
                self.looked_at(e.by);
            }
            Event::Assessed(e) => {
                self.status = ExpectationStatus::Assessed;
                self.assessment = Some(e.assessment);
                self.looked_at(e.by);
            }
            Event::Adopted(e) => {
                self.status = ExpectationStatus::Adopted;
                self.answer = Some(e.answer);
                self.obligations = e.obligations;
                self.decided_by = Some(e.by);
            }
            Event::Declined(e) => {
                self.status = ExpectationStatus::Declined;
                self.answer = Some(e.reason);
                self.decided_by = Some(e.by);
            }
            Event::Met(e) => {
                self.status = ExpectationStatus::Met;
                self.finding = Some(e.finding);
            }
            Event::Broken(e) => {
                self.status = ExpectationStatus::Broken;
                self.breach = Some(e.breach);
                self.broken_at = Some(e.at);
            }
            Event::CustomerInformed(e) => {
                self.informed_of.insert(e.key, e.information);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}
