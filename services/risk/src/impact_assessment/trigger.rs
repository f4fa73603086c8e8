//! What makes an assessment out of date, and what becomes of its result (ISO/IEC 42001 8.4;
//! ISO/IEC 42005 5.10, 5.12).

use declare::{record, words};
use kernel::kinds::InterestedParty;
use kernel::values::{Anything, Key, Line, Prose, Ref};
use kernel::{Context, Date, Instant, UserId};

use super::{Event, ImpactAssessment, Refusal, Status};

/// Most triggers between two approvals.
const TRIGGERS_MAX: usize = 30;
/// Most readers of one revision's result.
const SHARED_MAX: usize = 60;

/// What makes an assessment out of date.
#[words]
pub enum TriggerKind {
    /// It is to be used for something else.
    NewIntendedUse,
    /// It is to be used on other people.
    NewPopulation,
    /// It is to be used elsewhere.
    NewGeography,
    /// It is to use data of another source.
    NewDataSource,
    /// It was changed substantially (Art. 3(23)).
    SubstantialChange,
    /// Its model has a new major version.
    ModelMajorVersion,
    /// A serious incident happened.
    SeriousIncident,
    /// It drifted beyond what is tolerable.
    CriticalDrift,
    /// A supplier's component changed, or the supplier is no longer trusted.
    SupplierComponentChange,
    /// The law changed.
    LawChange,
    /// Three complaints or more within 30 days.
    ComplaintCluster,
    /// The planned interval is over, or the next assessment is due to begin.
    IntervalElapsed,
}

/// A trigger that fired since the last approval.
#[record]
pub struct Trigger {
    /// What happened.
    pub trigger: TriggerKind,
    /// The particulars.
    pub reason: Prose,
    /// The incident, change, monitor or other object that brought it about.
    pub source: Option<Ref<Anything>>,
    /// Who said so.
    pub by: UserId,
    /// When it was recorded.
    pub at: Instant,
    /// The submitted revision that takes account of it.
    pub answered_in: Option<u32>,
}

/// Input of `fire_trigger`.
#[record]
pub struct FireTrigger {
    /// What happened.
    pub trigger: TriggerKind,
    /// The particulars.
    pub reason: Prose,
    /// The incident, change, monitor or other object that brought it about.
    pub source: Option<Ref<Anything>>,
}

/// A trigger fired: the system is to be assessed again.
#[record]
pub struct ReassessmentTriggered {
    /// Key of the trigger.
    pub key: Key,
    /// What fired.
    pub trigger: Trigger,
}

/// The assessment was not done again in time.
#[record]
pub struct Overdue {
    /// The last day on which it was in time.
    pub due: Date,
}

/// For whom a result is.
#[words]
pub enum Audience {
    /// People whom the system concerns.
    AffectedPersons,
    /// A customer or user.
    Customer,
    /// A supplier.
    Supplier,
    /// An authority (Art. 27(3)).
    Authority,
    /// People within the organisation.
    Internal,
    /// Everybody.
    Public,
}

/// Input of `share_result`.
#[record]
pub struct ShareResult {
    /// With whom: a group, body or organisation, no person by name.
    pub with: Line,
    /// Which kind of reader.
    pub audience: Audience,
    /// The interested party, where it is registered.
    pub party: Option<Ref<InterestedParty>>,
    /// What was shared, and how.
    pub note: Option<Prose>,
}

/// Somebody to whom an approved result was given.
#[record]
pub struct Shared {
    /// What was asked for.
    #[field(flatten)]
    pub result: ShareResult,
    /// The revision whose result it was.
    pub revision: u32,
    /// Who gave it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// An approved result was shared.
#[record]
pub struct ImpactResultShared {
    /// Its key in the list.
    pub key: Key,
    /// With whom, by whom and when.
    pub shared: Shared,
}

/// Input of `supersede`, and what was recorded of it.
#[record]
pub struct Supersede {
    /// Why nothing is assessed any more.
    pub reason: Prose,
}

impl ImpactAssessment {
    /// Decides on `fire_trigger`.
    pub(super) fn triggered(
        &self,
        input: FireTrigger,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        match self.status {
            Status::Planned | Status::Superseded => {
                return Err(Refusal::NothingToReassess { status: self.status.text() });
            }
            Status::InProgress
            | Status::Submitted
            | Status::Approved
            | Status::ApprovedWithConditions
            | Status::Rejected
            | Status::ReassessmentRequired => {}
        }
        if self.has_fired(&input) {
            return Ok(Vec::new());
        }
        if self.triggers_fired.len() >= TRIGGERS_MAX {
            return Err(Refusal::Full { max: TRIGGERS_MAX, what: "open triggers" });
        }
        Ok(vec![fired(input, context)])
    }

    /// Whether the same is waiting for an answer: of the same source, or the elapsed interval,
    /// which has none. Two of the same word without a source may be two different events.
    fn has_fired(&self, input: &FireTrigger) -> bool {
        self.triggers_fired.values().filter(|open| open.answered_in.is_none()).any(|open| {
            open.trigger == input.trigger
                && open.source == input.source
                && (input.source.is_some() || input.trigger == TriggerKind::IntervalElapsed)
        })
    }

    /// Decides on `mark_overdue`; what is overdue must be done again.
    pub(super) fn fell_overdue(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_live()?;
        let Some(due) = self.next_due.filter(|due| *due < context.today()) else {
            return Err(Refusal::NotOverdue);
        };
        if self.overdue_since.is_some() {
            return Ok(Vec::new());
        }
        let mut events = vec![Event::Overdue(Overdue { due })];
        if matches!(self.status, Status::Approved | Status::ApprovedWithConditions) {
            let reason = Prose::new(format!("The system was to be assessed again by {due}."));
            let trigger = TriggerKind::IntervalElapsed;
            events.push(fired(FireTrigger { trigger, reason, source: None }, context));
        }
        Ok(events)
    }

    /// Decides on `share_result`.
    pub(super) fn result_shared(
        &self,
        result: ShareResult,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let Some(approved) = &self.approved else { return Err(Refusal::NothingApproved) };
        let known = |shared: &Shared| {
            let before = &shared.result;
            (&before.with, before.audience, &before.party)
                == (&result.with, result.audience, &result.party)
        };
        if self.shared_with.values().any(known) {
            return Ok(Vec::new());
        }
        if self.shared_with.len() >= SHARED_MAX {
            return Err(Refusal::Full { max: SHARED_MAX, what: "readers" });
        }
        let (by, at) = (context.user(), context.effective.unwrap_or(context.now));
        let shared = Shared { result, revision: approved.revision, by, at };
        let key = context.new_key("shared");
        Ok(vec![Event::ImpactResultShared(ImpactResultShared { key, shared })])
    }

    /// Decides on `supersede`: an assessment ends with its system.
    pub(super) fn superseded(
        &self,
        input: Supersede,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if self.status == Status::Superseded {
            return Ok(Vec::new());
        }
        let system = context.facts.get::<facts::AiSystem>(self.system.id());
        if system.is_some_and(|system| system.is_retired()) {
            return Ok(vec![Event::Superseded(input)]);
        }
        Err(Refusal::SystemInUse)
    }

    /// Whether the submitted revision takes account of everything that fired.
    pub(super) fn check_triggers(&self) -> Result<(), Refusal> {
        let open = self.triggers_fired.values().find(|open| open.answered_in.is_none());
        open.map_or(Ok(()), |open| Err(Refusal::TriggerNotAnswered { fired: open.at }))
    }

    /// What the revision in review answers.
    pub(super) fn answered_triggers(&self) -> Vec<TriggerKind> {
        let mut kinds: Vec<_> = self.triggers_fired.values().map(|open| open.trigger).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// Evolves what has fired: with its submission a revision answers all of it.
    pub(super) fn triggers_are_answered(&mut self, answered: bool) {
        let revision = answered.then_some(self.revision);
        self.triggers_fired.values_mut().for_each(|open| open.answered_in = revision);
    }

    /// Evolves by a trigger; a revision that is under way goes on.
    pub(super) fn evolve_triggered(&mut self, event: ReassessmentTriggered) {
        if matches!(self.status, Status::Approved | Status::ApprovedWithConditions) {
            self.status = Status::ReassessmentRequired;
        }
        self.triggers_fired.insert(event.key, event.trigger);
    }
}

fn fired(input: FireTrigger, context: &Context) -> Event {
    let FireTrigger { trigger, reason, source } = input;
    let (by, at) = (context.user(), context.now);
    let trigger = Trigger { trigger, reason, source, by, at, answered_in: None };
    Event::ReassessmentTriggered(ReassessmentTriggered { key: context.new_key("trigger"), trigger })
}
