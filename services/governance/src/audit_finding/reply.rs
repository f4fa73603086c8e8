//! What the organisation says to a finding, and how the auditors end it.

use declare::record;
use kernel::values::{Prose, Ref};
use kernel::{Context, kinds};

use super::{AuditFinding, Event, FindingStatus, Grade, Refusal};
use crate::improvement::Improvement;
use crate::stamp::Stamp;

/// Input of `dispute`.
#[record]
pub struct Dispute {
    /// Why the organisation disputes the finding.
    pub reason: Prose,
}

/// Input of `link`: exactly one of the two.
#[record]
pub struct Link {
    /// The nonconformity that was raised from the finding.
    pub nonconformity: Option<Ref<kinds::Nonconformity>>,
    /// The improvement that was proposed on it.
    pub improvement: Option<Ref<kinds::Improvement>>,
}

/// Input of `answer`.
#[record]
pub struct Answer {
    /// What is done about it, or why nothing is.
    pub text: Prose,
}

/// The organisation accepts the finding.
#[record]
pub struct Accepted {
    /// Who accepted it, and when.
    pub accepted: Stamp,
}

/// The organisation disputes the finding.
#[record]
pub struct Disputed {
    /// Why.
    pub reason: Prose,
    /// Who disputed it, and when.
    pub disputed: Stamp,
}

/// The finding is linked to what answers it.
#[record]
pub struct Linked {
    /// The nonconformity.
    pub nonconformity: Option<Ref<kinds::Nonconformity>>,
    /// The improvement.
    pub improvement: Option<Ref<kinds::Improvement>>,
    /// Who linked it, and when.
    pub linked: Stamp,
}

/// The organisation has answered.
#[record]
pub struct Answered {
    /// What is done, or why nothing is.
    pub text: Prose,
    /// Who answered, and when.
    pub answered: Stamp,
}

/// What answers the finding works.
#[record]
pub struct Verified {
    /// Who found so, and when.
    pub verified: Stamp,
}

/// The finding was closed.
#[record]
pub struct Closed {
    /// Who closed it, and when.
    pub closed: Stamp,
}

impl AuditFinding {
    pub(super) fn accepted(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            FindingStatus::Accepted => Ok(Vec::new()),
            FindingStatus::Raised | FindingStatus::Disputed => {
                Ok(vec![Event::Accepted(Accepted { accepted: Stamp::of(context) })])
            }
            FindingStatus::Answered | FindingStatus::Verified | FindingStatus::Closed => {
                Err(self.wrong_status("accepted"))
            }
        }
    }

    pub(super) fn disputed(
        &self,
        input: Dispute,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        match self.status {
            FindingStatus::Disputed => Ok(Vec::new()),
            FindingStatus::Raised | FindingStatus::Accepted => {
                let (reason, disputed) = (input.reason, Stamp::of(context));
                Ok(vec![Event::Disputed(Disputed { reason, disputed })])
            }
            FindingStatus::Answered | FindingStatus::Verified | FindingStatus::Closed => {
                Err(self.wrong_status("disputed"))
            }
        }
    }

    pub(super) fn linked(&self, input: Link, context: &Context) -> Result<Vec<Event>, Refusal> {
        let Link { nonconformity, improvement } = input;
        if nonconformity.is_some() == improvement.is_some() {
            return Err(Refusal::NotOneAnswer);
        }
        let same = (nonconformity.is_none() || nonconformity == self.linked_nc)
            && (improvement.is_none() || improvement == self.linked_improvement);
        if same {
            return Ok(Vec::new());
        }
        if matches!(self.status, FindingStatus::Verified | FindingStatus::Closed) {
            return Err(self.wrong_status("linked"));
        }
        if let Some(nonconformity) = &nonconformity {
            let found = context.facts.get::<facts::Nonconformity>(nonconformity.id());
            let answers = |nc: &facts::Nonconformity| {
                nc.status != "rejected" && nc.finding.as_deref() == Some(context.id.as_str())
            };
            if !found.as_ref().is_some_and(answers) {
                let answer = nonconformity.id().to_owned();
                return Err(Refusal::AnswersOtherFinding { answer, at: "/nonconformity" });
            }
        }
        if let Some(improvement) = &improvement {
            if self.grade.is_nonconformity() {
                return Err(Refusal::NeedsNonconformity { at: "/improvement" });
            }
            let found = context.facts.get::<Improvement>(improvement.id());
            if !found.is_some_and(|found| found.comes_from(&context.id)) {
                let answer = improvement.id().to_owned();
                return Err(Refusal::AnswersOtherFinding { answer, at: "/improvement" });
            }
        }
        let linked = Stamp::of(context);
        Ok(vec![Event::Linked(Linked { nonconformity, improvement, linked })])
    }

    pub(super) fn answered(&self, input: Answer, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            FindingStatus::Accepted | FindingStatus::Disputed | FindingStatus::Answered => {}
            FindingStatus::Raised | FindingStatus::Verified | FindingStatus::Closed => {
                return Err(self.wrong_status("answered"));
            }
        }
        if self.grade.is_nonconformity() && self.linked_nc.is_none() {
            return Err(Refusal::NoNonconformity);
        }
        let (text, answered) = (input.text, Stamp::of(context));
        Ok(vec![Event::Answered(Answered { text, answered })])
    }

    pub(super) fn verified(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be_of_the_auditors(context)?;
        match self.status {
            FindingStatus::Verified => return Ok(Vec::new()),
            FindingStatus::Answered => {}
            FindingStatus::Raised
            | FindingStatus::Accepted
            | FindingStatus::Disputed
            | FindingStatus::Closed => return Err(self.wrong_status("verified")),
        }
        if let Some(linked) = self.linked_nc.as_ref().filter(|_| self.grade.is_nonconformity()) {
            let found = context.facts.get::<facts::Nonconformity>(linked.id());
            if !found.is_some_and(|found| found.is_verified()) {
                let nonconformity = linked.id().to_owned();
                return Err(Refusal::CorrectionNotVerified { nonconformity });
            }
        }
        Ok(vec![Event::Verified(Verified { verified: Stamp::of(context) })])
    }

    pub(super) fn closed(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be_of_the_auditors(context)?;
        let closes = match self.status {
            FindingStatus::Closed => return Ok(Vec::new()),
            FindingStatus::Verified => true,
            FindingStatus::Raised
            | FindingStatus::Accepted
            | FindingStatus::Disputed
            | FindingStatus::Answered => self.grade == Grade::Positive,
        };
        if !closes {
            return Err(self.wrong_status("closed"));
        }
        Ok(vec![Event::Closed(Closed { closed: Stamp::of(context) })])
    }
}
