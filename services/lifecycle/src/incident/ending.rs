//! Whether an incident goes on; and how one ends that is none of its own: as a duplicate, or found
//! to be none by two people.

use declare::{record, words};
use kernel::values::{Prose, Ref};
use kernel::{Context, Instant, UserId, kinds};

use super::{Event, Incident, IncidentStatus, Refusal};

/// Input of `mark_duplicate`.
#[record]
pub struct MarkDuplicate {
    /// The incident that stands for both.
    pub of: Ref<kinds::Incident>,
}

/// Another incident stands for this one.
#[record]
pub struct MarkedDuplicate {
    /// The incident that stands for both.
    pub of: Ref<kinds::Incident>,
    /// Who found it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Input of `dismiss`.
#[record]
pub struct Dismiss {
    /// Why it is no incident.
    pub reason: Prose,
}

/// A proposal that it is no incident.
#[record]
pub struct Dismissal {
    /// Why.
    pub reason: Prose,
    /// Who proposes it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Two people found that it is no incident.
#[record]
pub struct Ended {
    /// Why.
    pub reason: Prose,
    /// Who proposed it.
    pub proposed_by: UserId,
    /// Who confirmed it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// What waits for a second person.
#[words]
pub enum Proposal {
    /// A softer assessment.
    Lowering,
    /// That it is no incident.
    Dismissal,
}

/// Input of `turn_down`.
#[record]
pub struct TurnDown {
    /// What is turned down.
    pub proposal: Proposal,
    /// Why.
    pub reason: Prose,
}

/// A proposal was turned down.
#[record]
pub struct ProposalTurnedDown {
    /// What was turned down.
    pub proposal: Proposal,
    /// Why.
    pub reason: Prose,
    /// Who turned it down.
    pub by: UserId,
}

impl Incident {
    pub(super) fn end(&mut self, status: IncidentStatus, at: Instant) {
        self.status = status;
        self.ended_at = Some(at);
        self.lowering = None;
        if status != IncidentStatus::NotAnIncident {
            self.dismissal = None;
        }
    }

    pub(super) fn must_be(
        &self,
        allowed: &[IncidentStatus],
        step: &'static str,
    ) -> Result<(), Refusal> {
        if allowed.contains(&self.status) {
            return Ok(());
        }
        Err(Refusal::WrongStatus { status: self.status.text(), step })
    }

    /// It has not ended.
    pub(super) fn must_go_on(&self, step: &'static str) -> Result<(), Refusal> {
        self.must_be(
            &[
                IncidentStatus::Reported,
                IncidentStatus::Triaged,
                IncidentStatus::Contained,
                IncidentStatus::Investigating,
                IncidentStatus::Resolved,
            ],
            step,
        )
    }

    pub(super) fn marked_duplicate(
        &self,
        input: MarkDuplicate,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if self.duplicate_of.as_ref() == Some(&input.of) {
            return Ok(Vec::new());
        }
        self.must_go_on("a duplicate")?;
        let (of, at) = (input.of.id().to_owned(), "/of");
        let found = context.facts.get::<facts::Incident>(&of);
        let usable = |found: &facts::Incident| {
            found.system == self.system.id() && !found.is_dismissed() && of != context.id
        };
        let Some(original) = found.filter(usable) else {
            return Err(Refusal::NotTheSame { of, at });
        };
        // What this one owes, the other one must owe by then.
        if original.aware_at > self.aware_at {
            return Err(Refusal::OriginalAwareLater { of, at });
        }
        let is_graver = self.assessment.is_serious_in_law() && original.severity != "serious"
            || self.assessment.personal_data_breach && !original.personal_data_breach;
        if is_graver {
            return Err(Refusal::OriginalLessGrave { of, at });
        }
        let running = self.clocks.iter().filter(|(_, clock)| clock.is_running());
        for (rule, clock) in running {
            let kept = original.clocks.get(rule.as_str());
            if kept.is_none_or(|kept| kept.lifted_at.is_some() || kept.due > clock.due) {
                return Err(Refusal::ClockRuns { rule: rule.as_str().to_owned(), due: clock.due });
            }
        }
        let (by, at) = (context.user(), context.now);
        Ok(vec![Event::MarkedDuplicate(MarkedDuplicate { of: input.of, by, at })])
    }

    pub(super) fn dismissal_proposed(
        &self,
        input: Dismiss,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if self.status == IncidentStatus::NotAnIncident {
            return Ok(Vec::new());
        }
        self.must_go_on("dismissed")?;
        if self.dismissal.is_some() {
            return Ok(Vec::new());
        }
        let (reason, by, at) = (input.reason, context.user(), context.now);
        Ok(vec![Event::DismissalProposed(Dismissal { reason, by, at })])
    }

    pub(super) fn dismissed(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == IncidentStatus::NotAnIncident {
            return Ok(Vec::new());
        }
        self.must_go_on("dismissed")?;
        let Some(Dismissal { reason, by: proposed_by, .. }) = self.dismissal.clone() else {
            return Err(Refusal::NothingProposed);
        };
        let by = context.user();
        if by == proposed_by {
            return Err(Refusal::ProposerConfirms);
        }
        if let Some((rule, clock)) = self.running_clock() {
            let rule = rule.as_str().to_owned();
            return Err(Refusal::ClockRuns { rule, due: clock.due });
        }
        Ok(vec![Event::Dismissed(Ended { reason, proposed_by, by, at: context.now })])
    }

    pub(super) fn turned_down(
        &self,
        input: TurnDown,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_go_on("turned down")?;
        let waits = match input.proposal {
            Proposal::Lowering => self.lowering.is_some(),
            Proposal::Dismissal => self.dismissal.is_some(),
        };
        if !waits {
            return Err(Refusal::NothingProposed);
        }
        let TurnDown { proposal, reason } = input;
        let by = context.user();
        Ok(vec![Event::ProposalTurnedDown(ProposalTurnedDown { proposal, reason, by })])
    }
}
