//! One run of a rule (domain model, 5.2): what it reacted to, what it knew, what it ordered and
//! what came of that. Recorded in the transaction that carries the orders out, so that either all
//! of it happened, once, or nothing.
//!
//! ```text
//!           run
//!   (none) ─────────► Ran
//!     │ cut_off
//!     └─────────────► CutOff (rules that trigger each other without end)
//! ```

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Anything, Line, Ref};
use kernel::{Context, Instant, Position, Role};

/// Most rules that may follow from each other before a chain counts as one without end.
pub const DEPTH_MAX: u32 = 16;

/// One run of a rule.
#[record]
#[derive(Default)]
pub struct Reaction {
    /// What it reacted to, and what it did.
    #[field(flatten)]
    pub run: Run,
    /// When.
    #[field(index)]
    pub ran_at: Instant,
    /// What came of it.
    #[field(index)]
    pub status: ReactionStatus,
}

/// What came of a run.
#[words]
#[derive(Default)]
pub enum ReactionStatus {
    /// Its orders were carried out, but for those that were refused.
    #[default]
    Ran,
    /// It was not run: the chain of rules had no end.
    CutOff,
}

/// What a rule reacted to, what it knew and what it ordered: input of `run`.
#[record]
#[derive(Default)]
pub struct Run {
    /// The rule's number in the domain model.
    #[field(index)]
    pub rule: Line,
    /// The object whose event it reacted to.
    #[field(index)]
    pub subject: Ref<Anything>,
    /// The event, by its position in the log.
    #[field(index)]
    pub trigger: Position,
    /// The event's id.
    pub trigger_event: Line,
    /// The event's stored name.
    pub trigger_type: Line,
    /// The position as of which everything was looked at.
    pub knew: Position,
    /// The objects that were looked at.
    #[field(max = 200)]
    pub looked_at: Vec<Ref<Anything>>,
    /// How many rules led to it, one from the other; 0 when a person or the clock did.
    pub depth: u32,
    /// Its orders, in order.
    #[field(max = 200)]
    pub orders: Vec<Ordered>,
}

/// An order, and what came of it.
#[record]
pub struct Ordered {
    /// Kind and verb, `task.open`.
    pub command: Line,
    /// The object that decided.
    pub object: Line,
    /// What came of it.
    pub outcome: Outcome,
    /// The code of the refusal.
    pub refusal: Option<Line>,
}

/// What came of an order.
#[words]
pub enum Outcome {
    /// It was carried out in the transaction of this record, or held already.
    Done,
    /// It was refused: what the rule wanted cannot be any more.
    Refused,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Records a run, together with its orders.
    #[command(by(Sys), emits(Ran), creates)]
    Run(Run),
    /// Records that a chain of rules was cut off.
    #[command(by(Sys), emits(CutOff), creates)]
    CutOff(Run),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// What a rule was about.
#[record]
pub struct Ran {
    /// What it reacted to, what it knew and what it ordered.
    pub run: Run,
    /// When.
    pub at: Instant,
}

/// What can have happened.
#[events(kind = "reaction")]
pub enum Event {
    /// A rule ran.
    Ran(Ran),
    /// A rule was not run: the chain of rules that led to it had no end.
    CutOff(Ran),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
}

kernel::aggregate!(Reaction, "reaction", Command, Event, Refusal);

impl Domain for Reaction {
    const ABOUT: About = About {
        kind: "reaction",
        doc: "One run of a rule: what it reacted to, what it knew and what it ordered.",
        clauses: &["8.1", "9.1"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn given_id(command: &Command) -> Option<String> {
        match command {
            Command::Run(run) | Command::CutOff(run) => {
                Some(facts::derived("rct", &[run.rule.as_str(), run.trigger_event.as_str()]))
            }
            Command::Correct(_) => None,
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let at = context.now;
        Ok(vec![match command {
            Command::Run(run) => Event::Ran(Ran { run, at }),
            Command::CutOff(run) => Event::CutOff(Ran { run, at }),
            Command::Correct(input) => Event::Corrected(input.decide::<Self>(context)?),
        }])
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Ran(e) => {
                (self.run, self.ran_at, self.status) = (e.run, e.at, ReactionStatus::Ran);
            }
            Event::CutOff(e) => {
                (self.run, self.ran_at, self.status) = (e.run, e.at, ReactionStatus::CutOff);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use cqrs_es::test::TestFramework;

    use super::*;

    fn run() -> Run {
        Run {
            rule: Line::new("P4"),
            subject: Ref::new("risk_00000000000000000000000001"),
            trigger: Position(7),
            trigger_event: Line::new("evt_00000000000000000000000001"),
            trigger_type: Line::new("risk.analysed"),
            knew: Position(8),
            ..Run::default()
        }
    }

    fn engine() -> Context {
        Context::of("rea_P4", &[Role::Sys], "2025-01-10T09:00:00Z")
    }

    #[test]
    fn a_run_is_recorded_as_it_was() {
        let context = engine();
        let ran = Ran { run: run(), at: context.now };
        TestFramework::<Reaction>::with(context)
            .given_no_previous_events()
            .when(Command::Run(run()))
            .then_expect_events(vec![Event::Ran(ran)]);
    }

    #[test]
    fn a_chain_that_was_cut_off_is_another_thing_than_a_run() {
        let mut reaction = Reaction::default();
        reaction.evolve(Event::CutOff(Ran { run: run(), at: engine().now }));
        assert_eq!(reaction.status, ReactionStatus::CutOff);
    }

    #[test]
    fn rule_and_event_determine_the_record() {
        let id = Reaction::given_id(&Command::Run(run()));
        assert_eq!(id, Reaction::given_id(&Command::CutOff(run())));
        let other = Run { rule: Line::new("P5"), ..run() };
        assert_ne!(id, Reaction::given_id(&Command::Run(other)));
    }
}
