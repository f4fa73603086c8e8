//! How an incident is handled: contained, investigated, told to users, resolved and closed.

use declare::{record, words};
use kernel::values::{Key, Prose};
use kernel::{Context, Instant, UserId};

use super::{Event, Incident, IncidentStatus, Refusal};

/// Most steps of containment.
const STEPS_MAX: usize = 50;

/// Input of `contain`.
#[record]
pub struct Contain {
    /// What was done, or why there is nothing to contain.
    pub what: Prose,
    /// When it was done; now when left out.
    pub contained_at: Option<Instant>,
}

/// A step of containment.
#[record]
pub struct Contained {
    /// Its key.
    pub key: Key,
    /// What was done.
    pub what: Prose,
    /// When.
    pub at: Instant,
    /// Who says so.
    pub by: UserId,
}

/// The cause is being looked for.
#[record]
pub struct InvestigationStarted {
    /// Who looks for it.
    pub by: UserId,
    /// Since when.
    pub at: Instant,
}

/// Whether the AI system caused the harm.
#[words]
pub enum CausalLink {
    /// It did not.
    None,
    /// It may have.
    Suspected,
    /// It probably did (AI Act Art. 73(2): report at once).
    Likely,
    /// It did.
    Established,
}

/// Input of `establish_causality`.
#[record]
pub struct EstablishCausality {
    /// Whether the AI system caused it.
    pub link: CausalLink,
    /// On what that rests.
    pub note: Option<Prose>,
}

/// The link between system and harm was assessed.
#[record]
pub struct CausalLinkAssessed {
    /// Whether the AI system caused it.
    pub link: CausalLink,
    /// On what that rests.
    pub note: Option<Prose>,
    /// Who assessed it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Whether users are told of an incident.
#[words]
pub enum UserDecision {
    /// They were.
    Informed,
    /// They need not be.
    NotNeeded,
}

/// Input of `inform_users`.
#[record]
pub struct InformUsers {
    /// Whether users are told.
    pub decision: UserDecision,
    /// Why they need not be told, or what they were told.
    pub reason: Option<Prose>,
    /// How they were told.
    pub how: Option<Prose>,
    /// When they were told; now when left out.
    pub informed_at: Option<Instant>,
}

/// The decision whether users are told.
#[record]
pub struct UserNotice {
    /// Whether users are told.
    pub decision: UserDecision,
    /// Why they need not be told, or what they were told.
    pub reason: Option<Prose>,
    /// How they were told.
    pub how: Option<Prose>,
    /// When they were told, or when it was decided.
    pub at: Instant,
    /// Who decided.
    pub by: UserId,
}

/// Input of `resolve`.
#[record]
pub struct Resolve {
    /// What caused it; may be left out while that is not known.
    pub cause: Option<Prose>,
    /// What was done about it.
    #[field(max = 50)]
    pub actions: Vec<Prose>,
}

/// What caused an incident and what was done.
#[record]
pub struct Resolved {
    /// What caused it.
    pub cause: Option<Prose>,
    /// What was done about it.
    pub actions: Vec<Prose>,
    /// Who says so.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Input of `close`.
#[record]
pub struct Close {
    /// What was learnt.
    pub lessons: Prose,
}

/// An incident was closed.
#[record]
pub struct Closed {
    /// What was learnt.
    pub lessons: Prose,
    /// Who closed it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

impl Incident {
    pub(super) fn contain(&mut self, event: Contained) {
        if self.status == IncidentStatus::Triaged {
            self.status = IncidentStatus::Contained;
        }
        self.containment.insert(event.key.clone(), event);
    }

    pub(super) fn resolve(&mut self, event: Resolved) {
        self.status = IncidentStatus::Resolved;
        self.cause = event.cause.or(self.cause.take());
        if !event.actions.is_empty() {
            self.actions = event.actions;
        }
    }

    pub(super) fn contained(
        &self,
        input: Contain,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be(
            &[
                IncidentStatus::Reported,
                IncidentStatus::Triaged,
                IncidentStatus::Contained,
                IncidentStatus::Investigating,
            ],
            "contained",
        )?;
        let at = past(input.contained_at, context, "/containedAt")?;
        if self.containment.len() >= STEPS_MAX {
            return Err(Refusal::TooManySteps { most: STEPS_MAX });
        }
        let (key, by) = (context.new_key("step"), context.user());
        Ok(vec![Event::Contained(Contained { key, what: input.what, at, by })])
    }

    pub(super) fn investigated(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == IncidentStatus::Investigating {
            return Ok(Vec::new());
        }
        self.must_be(&[IncidentStatus::Contained], "investigated")?;
        let (by, at) = (context.user(), context.now);
        Ok(vec![Event::InvestigationStarted(InvestigationStarted { by, at })])
    }

    pub(super) fn causality_established(
        &self,
        input: EstablishCausality,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_go_on("assessed for its cause")?;
        let EstablishCausality { link, note } = input;
        if note.is_none() && self.causal_link.as_ref().is_some_and(|known| known.link == link) {
            return Ok(Vec::new());
        }
        let (by, at) = (context.user(), context.now);
        Ok(vec![Event::CausalLinkAssessed(CausalLinkAssessed { link, note, by, at })])
    }

    pub(super) fn users_informed(
        &self,
        input: InformUsers,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_go_on("told to users")?;
        let at = past(input.informed_at, context, "/informedAt")?;
        let InformUsers { decision, reason, how, .. } = input;
        let is_told = how.is_some();
        let is_reasoned = reason.is_some();
        let notice = UserNotice { decision, reason, how, at, by: context.user() };
        match decision {
            UserDecision::Informed if !is_told => Err(Refusal::NotSaidHow { at: "/how" }),
            UserDecision::Informed => Ok(vec![Event::UsersInformedOfIncident(notice)]),
            UserDecision::NotNeeded if self.users_informed_at.is_some() => {
                Err(Refusal::UsersWereInformed)
            }
            UserDecision::NotNeeded if !is_reasoned => {
                Err(Refusal::NotSaidWhyNot { at: "/reason" })
            }
            UserDecision::NotNeeded => Ok(vec![Event::UserNoticeWaived(notice)]),
        }
    }

    pub(super) fn resolved(
        &self,
        input: Resolve,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let allowed = [IncidentStatus::Investigating, IncidentStatus::Resolved];
        self.must_be(&allowed, "resolved")?;
        let Resolve { cause, actions } = input;
        let adds_nothing = cause.is_none() && actions.is_empty();
        if self.status == IncidentStatus::Resolved && adds_nothing {
            return Ok(Vec::new());
        }
        let (by, at) = (context.user(), context.now);
        Ok(vec![Event::Resolved(Resolved { cause, actions, by, at })])
    }

    pub(super) fn closed(&self, input: Close, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == IncidentStatus::Closed {
            return Ok(Vec::new());
        }
        self.must_be(&[IncidentStatus::Resolved], "closed")?;
        self.owes_no_report()?;
        if self.cause.is_none() {
            return Err(Refusal::NoCause);
        }
        if self.user_notice.is_none() {
            return Err(Refusal::NoUserDecision);
        }
        if self.lowering.is_some() || self.dismissal.is_some() {
            return Err(Refusal::ProposalWaits);
        }
        let (lessons, by, at) = (input.lessons, context.user(), context.now);
        Ok(vec![Event::Closed(Closed { lessons, by, at })])
    }

    /// The rules were looked at as the incident is assessed now, and no clock runs.
    pub(super) fn owes_no_report(&self) -> Result<(), Refusal> {
        if self.assessment.may_be_reportable() && !self.is_evaluated() {
            return Err(Refusal::RulesNotEvaluated);
        }
        match self.running_clock() {
            Some((rule, clock)) => {
                Err(Refusal::ClockRuns { rule: rule.as_str().to_owned(), due: clock.due })
            }
            None => Ok(()),
        }
    }
}

/// The time that was given, or now; none that lies ahead.
fn past(given: Option<Instant>, context: &Context, at: &'static str) -> Result<Instant, Refusal> {
    match given {
        Some(given) if given > context.now => Err(Refusal::InTheFuture { at }),
        Some(given) => Ok(given),
        None => Ok(context.now),
    }
}
