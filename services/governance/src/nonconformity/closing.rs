//! Whether the actions work, and the end of a nonconformity.

use declare::{record, words};
use kernel::kinds;
use kernel::values::{Line, Prose, Ref};
use kernel::{Context, Date, UserId};

use super::{Event, Nonconformity, NonconformityStatus as Status, Refusal};
use crate::stamp::Stamp;

/// How it is found out whether the actions work, and whether they do.
#[record]
pub struct Effectiveness {
    /// How.
    pub method: Line,
    /// When that is to be found out.
    pub due: Option<Date>,
    /// What came of it.
    pub result: Option<Verification>,
}

/// What came of the check of effectiveness.
#[record]
pub struct Verification {
    /// Whether the actions work.
    pub outcome: Outcome,
    /// How that was found.
    pub text: Prose,
    /// Who found it, and when.
    pub verified: Stamp,
}

/// Whether actions work.
#[words]
pub enum Outcome {
    /// It does not happen any more.
    Effective,
    /// It still happens, or could.
    Ineffective,
}

/// Input of `verify_effect`.
#[record]
pub struct VerifyEffect {
    /// Whether the actions work.
    pub outcome: Outcome,
    /// How that was found.
    pub text: Prose,
}

/// It was found out whether the actions work.
#[record]
pub struct Effect {
    /// How that was found.
    pub text: Prose,
    /// Who found it, and when.
    pub verified: Stamp,
}

/// Input of `close`.
#[record]
pub struct Close {
    /// The change of the management system that came of it, if one did.
    pub aims_change: Option<Ref<kinds::AimsChange>>,
}

/// It was closed.
#[record]
pub struct Closed {
    /// The change of the management system that came of it.
    pub aims_change: Option<Ref<kinds::AimsChange>>,
    /// Who closed it, and when.
    pub closed: Stamp,
}

impl Nonconformity {
    /// Whoever owns or did an action, or planned them, does not judge their effect.
    fn check_independence(&self, user: &UserId) -> Result<(), Refusal> {
        let did = |stamp: &Option<Stamp>| stamp.as_ref().is_some_and(|stamp| stamp.by == *user);
        if self.actions.values().any(|action| action.owner == *user || did(&action.done)) {
            return Err(Refusal::VerifierIsActionOwner);
        }
        if self.actions.values().any(|action| action.planned.by == *user) {
            return Err(Refusal::VerifierPlannedActions);
        }
        Ok(())
    }

    pub(super) fn effect_verified(
        &self,
        input: VerifyEffect,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let (VerifyEffect { outcome, text }, verified) = (input, Stamp::of(context));
        if self.status == Status::EffectivenessVerified && outcome == Outcome::Effective {
            return Ok(Vec::new());
        }
        self.must_be(&[Status::ActionsDone], "verified")?;
        self.check_independence(&verified.by)?;
        let effect = Effect { text, verified };
        Ok(vec![match outcome {
            Outcome::Effective => Event::EffectivenessVerified(effect),
            Outcome::Ineffective => Event::EffectivenessFailed(effect),
        }])
    }

    pub(super) fn take_effect(&mut self, event: Effect, outcome: Outcome) {
        let Effect { text, verified } = event;
        if let Some(effectiveness) = &mut self.effectiveness {
            effectiveness.result = Some(Verification { outcome, text, verified });
        }
    }

    pub(super) fn closed(&self, input: Close, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            Status::Closed => return Ok(Vec::new()),
            Status::Rejected => return Err(self.wrong_status("closed")),
            Status::Raised
            | Status::Contained
            | Status::CauseFound
            | Status::ActionsPlanned
            | Status::ActionsDone
            | Status::EffectivenessVerified => {}
        }
        if self.root_cause.is_none() {
            return Err(Refusal::NoCause);
        }
        if !self.similar_cases_checked {
            return Err(Refusal::SimilarCasesNotChecked);
        }
        for (key, action) in &self.actions {
            let is_usable = |one: &Ref<kinds::Evidence>| {
                let found = context.facts.get::<facts::Evidence>(one.id());
                found.is_some_and(|found| found.status != "quarantined")
            };
            if !action.evidence.iter().any(is_usable) {
                return Err(Refusal::ActionWithoutEvidence { action: key.as_str().to_owned() });
            }
        }
        if self.status != Status::EffectivenessVerified {
            return Err(Refusal::EffectNotVerified);
        }
        let (aims_change, closed) = (input.aims_change, Stamp::of(context));
        Ok(vec![Event::Closed(Closed { aims_change, closed })])
    }
}
