//! Looking at a risk again, and closing it (ISO 31000 6.6; ISO/IEC 42001 8.2).

use declare::{record, words};
use kernel::values::Prose;
use kernel::{Context, Date, Instant, Role};

use super::{AcceptanceEnd, Edit, Event, Refusal, Risk, RiskStatus};

/// Why a risk is closed.
#[words]
pub enum CloseGround {
    /// All its AI systems are retired.
    SystemRetired,
    /// What gave rise to it is gone.
    SourceGone,
}

/// Why a risk was closed.
#[words]
pub enum ClosureGround {
    /// All its AI systems are retired.
    SystemRetired,
    /// What gave rise to it is gone.
    SourceGone,
    /// It was a candidate and does not concern the organisation.
    Dismissed,
}

/// Why and by whom a risk was closed.
#[record]
pub struct Closure {
    /// On which ground.
    pub ground: ClosureGround,
    /// Why.
    pub reason: Prose,
    /// Who, and when.
    pub edit: Edit,
}

/// Input of `close`.
#[record]
pub struct Close {
    /// On which ground.
    pub ground: CloseGround,
    /// How that is known.
    pub reason: Prose,
}

/// The risk is to be assessed again.
#[record]
pub struct ReviewFellDue {
    /// Since when.
    pub due: Date,
    /// When that was noticed.
    pub at: Instant,
}

/// The risk was closed.
#[record]
pub struct Closed {
    /// On which ground.
    pub ground: CloseGround,
    /// How that is known.
    pub reason: Prose,
    /// Who, and when.
    pub edit: Edit,
}

impl Risk {
    pub(super) fn fallen_due(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be_open()?;
        if self.review_fell_due {
            return Ok(Vec::new());
        }
        let due = self.review_due.filter(|due| *due <= context.today());
        let due = due.ok_or(Refusal::ReviewNotDue)?;
        Ok(vec![Event::ReviewFellDue(ReviewFellDue { due, at: context.now })])
    }

    /// An accepted risk is merely analysed again, and its acceptance ends.
    pub(super) fn evolve_fallen_due(&mut self, event: &ReviewFellDue) {
        self.review_fell_due = true;
        if self.status == RiskStatus::Accepted {
            self.end_acceptance(AcceptanceEnd::Reviewed, event.at, None);
            self.status = RiskStatus::Analysed;
        }
    }

    pub(super) fn closed(&self, input: Close, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == RiskStatus::Closed {
            return Ok(Vec::new());
        }
        self.must_be_open()?;
        self.must_own(Role::Rm, context)?;
        if input.ground == CloseGround::SystemRetired {
            self.check_retired(context)?;
        }
        let (ground, reason, edit) = (input.ground, input.reason, Edit::of(context));
        Ok(vec![Event::Closed(Closed { ground, reason, edit })])
    }

    fn check_retired(&self, context: &Context) -> Result<(), Refusal> {
        if self.content.systems.is_empty() {
            return Err(Refusal::NoSystem);
        }
        for system in &self.content.systems {
            let known = context.facts.get::<facts::AiSystem>(system.id());
            if !known.as_ref().is_some_and(facts::AiSystem::is_retired) {
                let system = known.map_or_else(|| system.id().to_owned(), |known| known.name);
                return Err(Refusal::SystemNotRetired { system });
            }
        }
        Ok(())
    }

    pub(super) fn evolve_closed(&mut self, event: Closed) {
        let ground = match event.ground {
            CloseGround::SystemRetired => ClosureGround::SystemRetired,
            CloseGround::SourceGone => ClosureGround::SourceGone,
        };
        self.end_acceptance(AcceptanceEnd::Closed, event.edit.at, None);
        self.status = RiskStatus::Closed;
        self.closure = Some(Closure { ground, reason: event.reason, edit: event.edit });
        (self.review_due, self.review_fell_due) = (None, false);
    }
}
