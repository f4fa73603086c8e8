//! Where a supplier stands beside its approval: assessed, turned down, suspended, terminated.

use declare::record;
use kernel::kinds::SupplierAssessment;
use kernel::values::{Prose, Ref};
use kernel::{Context, Instant, UserId};

use super::{Event, Refusal, Supplier, SupplierStatus};

/// Input of `begin_assessment`.
#[record]
pub struct BeginAssessment {
    /// The assessment that was started.
    pub assessment: Ref<SupplierAssessment>,
}

/// An assessment was begun.
#[record]
pub struct AssessmentBegun {
    /// The assessment.
    pub assessment: Ref<SupplierAssessment>,
    /// Who said so.
    pub by: UserId,
}

/// Input of `reject`, `suspend` and `terminate`.
#[record]
pub struct Because {
    /// Why.
    pub reason: Prose,
}

/// It was rejected, suspended or terminated.
#[record]
pub struct Stopped {
    /// Why.
    pub reason: Prose,
    /// Who decided it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

impl Supplier {
    pub(super) fn begun(
        &self,
        input: BeginAssessment,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let same = self.assessment.as_ref() == Some(&input.assessment);
        match self.status {
            SupplierStatus::UnderAssessment if same => return Ok(Vec::new()),
            SupplierStatus::Prospective
            | SupplierStatus::UnderAssessment
            | SupplierStatus::Rejected => {}
            SupplierStatus::Approved
            | SupplierStatus::ConditionallyApproved
            | SupplierStatus::Suspended
            | SupplierStatus::Terminated => return Err(self.wrong("put under assessment")),
        }
        let (id, at) = (input.assessment.id().to_owned(), "/assessment");
        let assessment = context.facts.get::<facts::SupplierAssessment>(&id);
        match assessment.filter(|assessment| assessment.supplier == context.id) {
            None => Err(Refusal::AssessmentOfAnother { assessment: id, at }),
            Some(assessment) if assessment.status != "in_progress" => {
                Err(Refusal::AssessmentNotInProgress { assessment: id, at })
            }
            Some(_) => Ok(vec![Event::AssessmentBegun(AssessmentBegun {
                assessment: input.assessment,
                by: context.user(),
            })]),
        }
    }

    pub(super) fn rejected(
        &self,
        input: Because,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        match self.status {
            SupplierStatus::Rejected => Ok(Vec::new()),
            SupplierStatus::Prospective | SupplierStatus::UnderAssessment => {
                Ok(vec![Event::Rejected(input.stopped(context))])
            }
            SupplierStatus::Approved
            | SupplierStatus::ConditionallyApproved
            | SupplierStatus::Suspended
            | SupplierStatus::Terminated => Err(self.wrong("rejected")),
        }
    }

    pub(super) fn suspended(
        &self,
        input: Because,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        match self.status {
            SupplierStatus::Suspended => Ok(Vec::new()),
            SupplierStatus::Approved | SupplierStatus::ConditionallyApproved => {
                Ok(vec![Event::Suspended(input.stopped(context))])
            }
            SupplierStatus::Prospective
            | SupplierStatus::UnderAssessment
            | SupplierStatus::Rejected
            | SupplierStatus::Terminated => Err(self.wrong("suspended")),
        }
    }

    pub(super) fn terminated(
        &self,
        input: Because,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        match self.status {
            SupplierStatus::Terminated => Ok(Vec::new()),
            SupplierStatus::Approved
            | SupplierStatus::ConditionallyApproved
            | SupplierStatus::Suspended => Ok(vec![Event::Terminated(input.stopped(context))]),
            SupplierStatus::Prospective
            | SupplierStatus::UnderAssessment
            | SupplierStatus::Rejected => Err(self.wrong("terminated")),
        }
    }
}

impl Because {
    fn stopped(self, context: &Context) -> Stopped {
        Stopped { reason: self.reason, by: context.user(), at: context.now }
    }
}
