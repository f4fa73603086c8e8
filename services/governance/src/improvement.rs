//! An improvement of the management system (G-13; ISO/IEC 42001 10.1).
//!
//! ```text
//!           propose             decide              implement               evaluate
//!   (none) ────────► Proposed ─────────► Accepted ───────────► Implemented ─────────► Evaluated
//!                        └─────────────► Declined
//! ```

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Anything, Key, Line, Prose, Ref};
use kernel::{Context, Date, Decimal, Fact, Need, Role, UserId};

pub use self::refusal::Refusal;
use crate::stamp::Stamp;

mod refusal;
#[cfg(test)]
mod tests;
mod way;

/// An idea for improvement, and what became of it.
#[record]
#[derive(Default)]
pub struct Improvement {
    /// What is proposed.
    #[field(flatten)]
    pub idea: Idea,
    /// Where it stands.
    #[field(index)]
    pub status: ImprovementStatus,
    /// Who proposed it, and when.
    pub proposed: Option<Stamp>,
    /// What was decided.
    pub decision: Option<Decided>,
    /// Who carries it out.
    #[field(index)]
    pub owner: Option<UserId>,
    /// When it is to be carried out.
    #[field(index)]
    pub due: Option<Date>,
    /// How it was carried out.
    pub implementation: Option<Implemented>,
    /// What came of it.
    pub result: Option<Evaluated>,
}

/// What is proposed, and where it comes from. Input of `propose`.
#[record]
#[derive(Default)]
pub struct Idea {
    /// What it is, in a line that names no person.
    #[field(search, correctable)]
    pub title: Line,
    /// What is to be done.
    #[field(correctable)]
    pub text: Prose,
    /// Where the idea comes from.
    pub source: Source,
    /// The finding, review or indicator that it comes from.
    #[field(index)]
    pub origin: Option<Ref<Anything>>,
    /// The key of the review's decision that it carries out.
    pub review_decision: Option<Key>,
    /// What it is good for.
    #[field(correctable)]
    pub benefit: Option<Prose>,
    /// What it costs, in a line.
    #[field(correctable)]
    pub effort: Option<Line>,
}

/// Where an idea comes from.
#[words]
#[derive(Default)]
pub enum Source {
    /// Somebody's own.
    #[default]
    Staff,
    /// An opportunity for improvement that an audit found.
    Ofi,
    /// A decision of a management review.
    Review,
    /// A comparison with others.
    Benchmark,
    /// A key performance indicator.
    Kpi,
}

/// Where an improvement stands.
#[words]
#[derive(Default)]
pub enum ImprovementStatus {
    /// Somebody has proposed it.
    #[default]
    Proposed,
    /// It will be carried out.
    Accepted,
    /// It will not.
    Declined,
    /// It was carried out.
    Implemented,
    /// It is known what came of it.
    Evaluated,
}

/// What is decided of an idea.
#[words]
pub enum Choice {
    /// It will be carried out.
    Accept,
    /// It will not.
    Decline,
}

/// Input of `decide`.
#[record]
pub struct Decide {
    /// Whether it will be carried out.
    pub choice: Choice,
    /// Why; needed to decline it.
    pub reason: Option<Prose>,
    /// Who carries it out.
    pub owner: Option<UserId>,
    /// When it is to be carried out.
    pub due: Option<Date>,
}

/// Input of `implement`.
#[record]
pub struct Implement {
    /// How it was carried out.
    pub text: Prose,
}

/// Input of `evaluate`.
#[record]
pub struct Evaluate {
    /// What was measured; without it nothing is evaluated.
    pub measure: Option<Line>,
    /// What it was before.
    pub before: Option<Decimal>,
    /// What it is now.
    pub after: Option<Decimal>,
    /// Whether it brought what it was to bring.
    pub worked: bool,
    /// What came of it, in words.
    pub text: Option<Prose>,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Proposes an improvement.
    #[command(by(Emp), emits(Proposed), creates)]
    Propose(Idea),
    /// Decides whether it will be carried out.
    #[command(by(Am), emits(Accepted, Declined), if_match)]
    Decide(Decide),
    /// Records that it was carried out.
    #[command(by(Am, Emp), emits(Implemented))]
    Implement(Implement),
    /// Records what came of it, by a measure.
    #[command(by(Am), emits(Evaluated))]
    Evaluate(Evaluate),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// An improvement was proposed.
#[record]
pub struct Proposed {
    /// What is proposed.
    pub idea: Idea,
    /// Who proposed it, and when.
    pub proposed: Stamp,
}

/// What was decided.
#[record]
pub struct Decided {
    /// Why.
    pub reason: Option<Prose>,
    /// Who carries it out.
    pub owner: Option<UserId>,
    /// When it is to be carried out.
    pub due: Option<Date>,
    /// Who decided, and when.
    pub decided: Stamp,
}

/// It was carried out.
#[record]
pub struct Implemented {
    /// How.
    pub text: Prose,
    /// Who said so, and when.
    pub implemented: Stamp,
}

/// It is known what came of it.
#[record]
pub struct Evaluated {
    /// What was measured.
    pub measure: Line,
    /// What it was before.
    pub before: Option<Decimal>,
    /// What it is now.
    pub after: Option<Decimal>,
    /// Whether it brought what it was to bring.
    pub worked: bool,
    /// What came of it, in words.
    pub text: Option<Prose>,
    /// Who evaluated it, and when.
    pub evaluated: Stamp,
}

/// What can have happened.
#[events(kind = "improvement")]
pub enum Event {
    /// It was proposed.
    Proposed(Proposed),
    /// It will be carried out.
    Accepted(Decided),
    /// It will not be carried out.
    Declined(Decided),
    /// It was carried out.
    Implemented(Implemented),
    /// It is known what came of it.
    Evaluated(Evaluated),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(Improvement, "improvement", Command, Event, Refusal);

impl Fact for Improvement {
    const KIND: &'static str = "improvement";
}

impl Domain for Improvement {
    const ABOUT: About = About {
        kind: "improvement",
        doc: "An idea for improvement of the management system, and what became of it.",
        clauses: &["10.1"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Propose(idea) if idea.source == Source::Review => {
                idea.origin.iter().map(|review| Need::Object(review.id().to_owned())).collect()
            }
            Command::Propose(_)
            | Command::Decide(_)
            | Command::Implement(_)
            | Command::Evaluate(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Propose(idea) => idea.proposed(context),
            Command::Decide(input) => self.decided(input, context),
            Command::Implement(input) => self.implemented(input, context),
            Command::Evaluate(input) => self.evaluated(input, context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Proposed(e) => {
                self.idea = e.idea;
                self.proposed = Some(e.proposed);
            }
            Event::Accepted(e) => {
                self.status = ImprovementStatus::Accepted;
                (self.owner, self.due) = (e.owner.clone(), e.due);
                self.decision = Some(e);
            }
            Event::Declined(e) => {
                self.status = ImprovementStatus::Declined;
                self.decision = Some(e);
            }
            Event::Implemented(e) => {
                self.status = ImprovementStatus::Implemented;
                self.implementation = Some(e);
            }
            Event::Evaluated(e) => {
                self.status = ImprovementStatus::Evaluated;
                self.result = Some(e);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}
