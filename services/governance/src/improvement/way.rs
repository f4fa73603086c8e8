//! The way of an improvement: proposed, decided on, carried out, evaluated.

use kernel::{Context, Role};

use super::{
    Choice, Decide, Decided, Evaluate, Evaluated, Event, Idea, Implement, Implemented, Improvement,
    ImprovementStatus, Proposed, Refusal, Source,
};
use crate::management_review::ManagementReview;
use crate::stamp::Stamp;

impl Idea {
    pub(super) fn proposed(self, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.check_origin(context)?;
        Ok(vec![Event::Proposed(Proposed { idea: self, proposed: Stamp::of(context) })])
    }

    /// What comes from a finding, a review or an indicator names it.
    fn check_origin(&self, context: &Context) -> Result<(), Refusal> {
        let (source, wanted, kind) = match self.source {
            Source::Ofi => ("an audit", "finding", "audit_finding"),
            Source::Review => ("a management review", "review", "management_review"),
            Source::Kpi => ("an indicator", "indicator", "kpi"),
            Source::Staff | Source::Benchmark => return Ok(()),
        };
        let named = self.origin.as_ref().map(|origin| kernel::id::prefix_of(origin.id()));
        let named = named.and_then(kernel::kinds::kind_of_prefix).map(|row| row.name);
        if named != Some(kind) {
            return Err(Refusal::OriginMissing { source, wanted, at: "/origin" });
        }
        let Some(key) = self.review_decision.as_ref() else { return Ok(()) };
        let review = self.origin.as_ref();
        let review = review.and_then(|o| context.facts.get::<ManagementReview>(o.id()));
        if review.is_some_and(|review| review.decisions.contains_key(key)) {
            return Ok(());
        }
        let decision = key.as_str().to_owned();
        Err(Refusal::UnknownDecision { decision, at: "/reviewDecision" })
    }
}

impl ImprovementStatus {
    fn text(self) -> &'static str {
        match self {
            ImprovementStatus::Proposed => "proposed",
            ImprovementStatus::Accepted => "accepted",
            ImprovementStatus::Declined => "declined",
            ImprovementStatus::Implemented => "implemented",
            ImprovementStatus::Evaluated => "evaluated",
        }
    }
}

impl Improvement {
    /// Whether it comes from the object of this id.
    pub fn comes_from(&self, id: &str) -> bool {
        self.idea.origin.as_ref().is_some_and(|origin| origin.id() == id)
    }

    fn wrong_status(&self, step: &'static str) -> Refusal {
        Refusal::WrongStatus { status: self.status.text(), step }
    }

    pub(super) fn decided(&self, input: Decide, context: &Context) -> Result<Vec<Event>, Refusal> {
        let Decide { choice, reason, owner, due } = input;
        match (self.status, choice) {
            (ImprovementStatus::Proposed, Choice::Accept | Choice::Decline) => {}
            (ImprovementStatus::Accepted, Choice::Accept)
                if owner == self.owner && due == self.due =>
            {
                return Ok(Vec::new());
            }
            (ImprovementStatus::Declined, Choice::Decline) => return Ok(Vec::new()),
            (
                ImprovementStatus::Accepted
                | ImprovementStatus::Declined
                | ImprovementStatus::Implemented
                | ImprovementStatus::Evaluated,
                Choice::Accept | Choice::Decline,
            ) => return Err(self.wrong_status("decided on")),
        }
        let decided = Stamp::of(context);
        // What a review decided, the AIMS manager only writes down.
        let is_reviews = self.idea.source == Source::Review;
        let is_own = self.proposed.as_ref().is_some_and(|proposed| proposed.by == decided.by);
        if is_own && !is_reviews {
            return Err(Refusal::DeciderIsProposer);
        }
        match choice {
            Choice::Decline if is_reviews => Err(Refusal::DecidedByReview { at: "/choice" }),
            Choice::Decline if reason.is_none() => {
                Err(Refusal::DeclinedWithoutReason { at: "/reason" })
            }
            Choice::Decline => {
                let (owner, due) = (None, None);
                Ok(vec![Event::Declined(Decided { reason, owner, due, decided })])
            }
            Choice::Accept if owner.is_none() => Err(Refusal::AcceptedWithoutPlan { at: "/owner" }),
            Choice::Accept if due.is_none() => Err(Refusal::AcceptedWithoutPlan { at: "/due" }),
            Choice::Accept => Ok(vec![Event::Accepted(Decided { reason, owner, due, decided })]),
        }
    }

    pub(super) fn implemented(
        &self,
        input: Implement,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let implemented = Stamp::of(context);
        if self.owner.as_ref() != Some(&implemented.by) && !context.holds(Role::Am) {
            return Err(Refusal::NotOwner);
        }
        match self.status {
            ImprovementStatus::Accepted => {
                Ok(vec![Event::Implemented(Implemented { text: input.text, implemented })])
            }
            ImprovementStatus::Implemented => Ok(Vec::new()),
            ImprovementStatus::Proposed
            | ImprovementStatus::Declined
            | ImprovementStatus::Evaluated => Err(self.wrong_status("carried out")),
        }
    }

    pub(super) fn evaluated(
        &self,
        input: Evaluate,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let Evaluate { measure, before, after, worked, text } = input;
        let Some(measure) = measure else { return Err(Refusal::NoMeasure { at: "/measure" }) };
        if self.status != ImprovementStatus::Implemented {
            return Err(self.wrong_status("evaluated"));
        }
        let evaluated = Stamp::of(context);
        let event = Evaluated { measure, before, after, worked, text, evaluated };
        Ok(vec![Event::Evaluated(event)])
    }
}
