//! From what a customer expects to what is owed, met or broken.

use std::collections::BTreeMap;

use declare::record;
use kernel::values::{Key, Prose};
use kernel::{Context, Instant, UserId};

use super::{
    ASSESSORS_MAX, Adopt, Assess, Capture, CustomerExpectation, Decline, Event, ExpectationSource,
    ExpectationStatus, Inform, Information, Meet, Obligation, RecordBreach, Refusal, TOLD_MAX,
};

/// It was captured.
#[record]
pub struct Captured {
    /// Who expects what.
    pub captured: Capture,
    /// Who recorded it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// It is known what it would take.
#[record]
pub struct Assessed {
    /// What it would take.
    pub assessment: Prose,
    /// Who said so.
    pub by: UserId,
}

/// The organisation owes it.
#[record]
pub struct Adopted {
    /// What the customer is answered.
    pub answer: Prose,
    /// What is owed by it.
    pub obligations: BTreeMap<Key, Obligation>,
    /// Who decided it.
    pub by: UserId,
}

/// The organisation does not owe it.
#[record]
pub struct Declined {
    /// Why.
    pub reason: Prose,
    /// Who decided it.
    pub by: UserId,
    /// When the contract that said so was amended.
    pub amended_at: Option<Instant>,
}

/// It is met.
#[record]
pub struct Met {
    /// How that was found.
    pub finding: Prose,
    /// Who found it.
    pub by: UserId,
}

/// It is broken.
#[record]
pub struct Broken {
    /// How.
    pub breach: Prose,
    /// Who found it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// The customer was told of something.
#[record]
pub struct CustomerInformed {
    /// Its key.
    pub key: Key,
    /// Of what.
    pub information: Information,
}

impl ExpectationStatus {
    fn text(self) -> &'static str {
        match self {
            ExpectationStatus::Captured => "only captured",
            ExpectationStatus::Assessed => "assessed",
            ExpectationStatus::Adopted => "adopted",
            ExpectationStatus::Declined => "declined",
            ExpectationStatus::Met => "met",
            ExpectationStatus::Broken => "broken",
        }
    }
}

pub(super) fn captured(captured: Capture, context: &Context) -> Result<Vec<Event>, Refusal> {
    let at = "/contract";
    let by_contract = captured.source == ExpectationSource::Contract;
    if by_contract != captured.contract.is_some() {
        return Err(Refusal::ContractUnclear { at });
    }
    if let Some(contract) = &captured.contract {
        let known = context.facts.get::<facts::Contract>(contract.id());
        if known.is_some_and(|known| known.supplier.is_some()) {
            let contract = contract.id().to_owned();
            return Err(Refusal::ContractOfSupplier { contract, at });
        }
    }
    let (by, at) = (context.user(), context.now);
    Ok(vec![Event::Captured(Captured { captured, by, at })])
}

impl CustomerExpectation {
    fn wrong(&self, step: &'static str) -> Refusal {
        Refusal::WrongStatus { status: self.status.text(), step }
    }

    pub(super) fn looked_at(&mut self, by: UserId) {
        if !self.assessors.contains(&by) {
            self.assessors.push(by);
        }
    }

    pub(super) fn assessed(&self, input: Assess, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            ExpectationStatus::Captured | ExpectationStatus::Assessed => {}
            ExpectationStatus::Adopted
            | ExpectationStatus::Declined
            | ExpectationStatus::Met
            | ExpectationStatus::Broken => return Err(self.wrong("assessed")),
        }
        let (assessment, by) = (input.assessment, context.user());
        if self.assessors.len() >= ASSESSORS_MAX && !self.assessors.contains(&by) {
            return Err(Refusal::TooManyAssessors { most: ASSESSORS_MAX });
        }
        Ok(vec![Event::Assessed(Assessed { assessment, by })])
    }

    /// It is assessed, and whoever decides on it had no part in that.
    fn may_decide(&self, step: &'static str, context: &Context) -> Result<UserId, Refusal> {
        if self.status != ExpectationStatus::Assessed {
            return Err(self.wrong(step));
        }
        let by = context.user();
        if self.assessors.contains(&by) { Err(Refusal::DeciderIsAssessor) } else { Ok(by) }
    }

    pub(super) fn adopted(&self, input: Adopt, context: &Context) -> Result<Vec<Event>, Refusal> {
        let by = self.may_decide("adopted", context)?;
        let obligations = input.obligations.into_iter();
        let obligations = obligations.map(|one| (context.new_key("obligation"), one)).collect();
        Ok(vec![Event::Adopted(Adopted { answer: input.answer, obligations, by })])
    }

    pub(super) fn declined(
        &self,
        input: Decline,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if self.status == ExpectationStatus::Declined {
            return Ok(Vec::new());
        }
        let by = self.may_decide("declined", context)?;
        let mut amended_at = None;
        if let Some(contract) = &self.captured.contract {
            let known = context.facts.get::<facts::Contract>(contract.id());
            amended_at = known.and_then(|known| known.amended_at);
            if amended_at.is_none_or(|at| at <= self.captured_at) {
                let contract = contract.id().to_owned();
                return Err(Refusal::ContractNotAmended { contract });
            }
        }
        Ok(vec![Event::Declined(Declined { reason: input.reason, by, amended_at })])
    }

    pub(super) fn met(&self, input: Meet, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            ExpectationStatus::Adopted | ExpectationStatus::Broken => {}
            ExpectationStatus::Met => return Ok(Vec::new()),
            ExpectationStatus::Captured
            | ExpectationStatus::Assessed
            | ExpectationStatus::Declined => return Err(self.wrong("met")),
        }
        let (finding, by) = (input.finding, context.user());
        Ok(vec![Event::Met(Met { finding, by })])
    }

    pub(super) fn broken(
        &self,
        input: RecordBreach,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        match self.status {
            ExpectationStatus::Adopted | ExpectationStatus::Met => {}
            ExpectationStatus::Broken => return Ok(Vec::new()),
            ExpectationStatus::Captured
            | ExpectationStatus::Assessed
            | ExpectationStatus::Declined => return Err(self.wrong("broken")),
        }
        let (breach, by, at) = (input.breach, context.user(), context.now);
        Ok(vec![Event::Broken(Broken { breach, by, at })])
    }

    pub(super) fn informed(&self, input: Inform, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.informed_of.len() >= TOLD_MAX {
            return Err(Refusal::TooMuchTold { most: TOLD_MAX });
        }
        let Inform { topic, how } = input;
        let information = Information { topic, how, by: context.user(), at: context.now };
        let key = context.new_key("information");
        Ok(vec![Event::CustomerInformed(CustomerInformed { key, information })])
    }
}
