//! Approval: on a current assessment, by somebody who did not assess.

use std::collections::BTreeMap;

use declare::record;
use kernel::kinds::SupplierAssessment;
use kernel::values::{Key, Ref};
use kernel::{Context, Date, Instant, Role, UserId};

use super::{Condition, Criticality, Event, NewCondition, Refusal, Supplier, SupplierStatus};
use crate::supplier_assessment::months_valid;

/// An approval, with what it rests on.
#[record]
pub struct SupplierApproval {
    /// Who gave it.
    pub by: UserId,
    /// Whether as AIMS manager, who alone approves suppliers of high criticality.
    pub by_aims_manager: bool,
    /// When.
    pub at: Instant,
    /// The assessment that it rests on.
    pub assessment: Ref<SupplierAssessment>,
    /// The score of that assessment.
    pub score: Option<u32>,
    /// The day until which the assessment counted then.
    pub valid_until: Option<Date>,
    /// How critical the supplier was.
    pub criticality: Criticality,
}

/// Input of `approve` and `reinstate`.
#[record]
pub struct Approve {
    /// When it is to be looked at again; when its assessment runs out, when left out.
    pub review_due: Option<Date>,
}

/// Input of `approve_conditionally`.
#[record]
pub struct ApproveConditionally {
    /// What is to be done, each by a day, under keys that the supplier has not had yet.
    #[field(max = 20)]
    pub conditions: BTreeMap<Key, NewCondition>,
    /// When it is to be looked at again; when its assessment runs out, when left out.
    pub review_due: Option<Date>,
}

/// It was approved.
#[record]
pub struct Approved {
    /// The approval.
    pub approval: SupplierApproval,
    /// When it is to be looked at again.
    pub review_due: Option<Date>,
}

/// It was approved under conditions.
#[record]
pub struct ConditionallyApproved {
    /// The approval.
    pub approval: SupplierApproval,
    /// What is to be done.
    pub conditions: BTreeMap<Key, Condition>,
    /// When it is to be looked at again.
    pub review_due: Option<Date>,
}

/// Its suspension was lifted.
#[record]
pub struct Reinstated {
    /// The approval.
    pub approval: SupplierApproval,
    /// When it is to be looked at again.
    pub review_due: Option<Date>,
}

impl Supplier {
    fn may_be_approved(&self, step: &'static str) -> Result<(), Refusal> {
        match self.status {
            SupplierStatus::UnderAssessment
            | SupplierStatus::Approved
            | SupplierStatus::ConditionallyApproved => Ok(()),
            SupplierStatus::Prospective
            | SupplierStatus::Rejected
            | SupplierStatus::Suspended
            | SupplierStatus::Terminated => Err(self.wrong(step)),
        }
    }

    /// The approval on the assessment that counts today; of several the one completed last.
    fn approval(&self, context: &Context) -> Result<(SupplierApproval, Option<Instant>), Refusal> {
        let criticality = self.profile.criticality;
        let by_aims_manager = context.holds(Role::Am);
        if criticality == Criticality::High && !by_aims_manager {
            return Err(Refusal::CriticalByOther);
        }
        let today = context.today();
        let counts = |assessment: &facts::SupplierAssessment| {
            // Raised since: what counted for two years counts for one.
            let made = assessment.completed_at.map(Instant::date);
            let longest = made.map(|day| day.plus_months(months_valid(criticality.word())));
            let until = [assessment.valid_until, longest].into_iter().flatten().min();
            assessment.supplier == context.id
                && assessment.status == "completed"
                && until.is_some_and(|until| today <= until)
        };
        let all = context.facts.all::<facts::SupplierAssessment>().into_iter();
        let current = all.filter(|(_, assessment)| counts(assessment));
        let Some((id, found)) = current.max_by_key(|(_, found)| found.completed_at) else {
            return Err(Refusal::NoCurrentAssessment);
        };
        let by = context.user();
        if found.assessors.contains(&by) {
            return Err(Refusal::ApproverIsAssessor { assessment: id });
        }
        let approval = SupplierApproval {
            by,
            by_aims_manager,
            at: context.now,
            assessment: Ref::new(id),
            score: found.score,
            valid_until: found.valid_until,
            criticality,
        };
        Ok((approval, found.completed_at))
    }

    fn review(
        &self,
        asked: Option<Date>,
        approval: &SupplierApproval,
        context: &Context,
    ) -> Result<Option<Date>, Refusal> {
        if asked.is_some_and(|due| due < context.today()) {
            return Err(Refusal::ReviewInPast { at: "/reviewDue" });
        }
        Ok(asked.or(approval.valid_until))
    }

    pub(super) fn approved(
        &self,
        input: Approve,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.may_be_approved("approved")?;
        if let Some((_, condition)) = self.open_conditions().next() {
            return Err(Refusal::ConditionOpen { due: condition.due });
        }
        let (approval, _) = self.approval(context)?;
        let review_due = self.review(input.review_due, &approval, context)?;
        let stands = self.approval.as_ref().is_some_and(|before| {
            before.assessment == approval.assessment && before.criticality == approval.criticality
        });
        if self.status == SupplierStatus::Approved && stands && self.review_due == review_due {
            return Ok(Vec::new());
        }
        Ok(vec![Event::Approved(Approved { approval, review_due })])
    }

    pub(super) fn conditionally_approved(
        &self,
        input: ApproveConditionally,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.may_be_approved("approved")?;
        let (approval, _) = self.approval(context)?;
        let review_due = self.review(input.review_due, &approval, context)?;
        let conditions = self.new_conditions(input.conditions, context)?;
        Ok(vec![Event::ConditionallyApproved(ConditionallyApproved {
            approval,
            conditions,
            review_due,
        })])
    }

    /// Reinstated on an assessment made after the suspension, with no corrective action open.
    pub(super) fn reinstated(
        &self,
        input: Approve,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        match self.status {
            SupplierStatus::Suspended => {}
            SupplierStatus::Prospective
            | SupplierStatus::UnderAssessment
            | SupplierStatus::Approved
            | SupplierStatus::ConditionallyApproved
            | SupplierStatus::Rejected
            | SupplierStatus::Terminated => return Err(self.wrong("reinstated")),
        }
        let (approval, completed) = self.approval(context)?;
        if completed <= self.suspended_at {
            let assessment = approval.assessment.id().to_owned();
            return Err(Refusal::AssessedBeforeSuspension { assessment });
        }
        let actions = context.facts.all::<facts::SupplierCorrectiveAction>().into_iter();
        let mut open = actions.filter(|(_, a)| a.supplier == context.id && a.status != "verified");
        if let Some((action, _)) = open.next() {
            return Err(Refusal::CorrectiveActionOpen { action });
        }
        let review_due = self.review(input.review_due, &approval, context)?;
        Ok(vec![Event::Reinstated(Reinstated { approval, review_due })])
    }

    /// What it supplies may be used, under conditions while one is open.
    pub(super) fn approve(&mut self, approval: SupplierApproval, review_due: Option<Date>) {
        self.approval = Some(approval);
        self.review_due = review_due;
        let open = self.open_conditions().next().is_some();
        let (under, free) = (SupplierStatus::ConditionallyApproved, SupplierStatus::Approved);
        self.stands(if open { under } else { free }, None);
    }
}
