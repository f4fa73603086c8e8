//! Who lets a version through a gate, and who does not.

use declare::record;
use kernel::values::{Key, Line, Prose};
use kernel::{Context, Date, Instant, Position, Refused, Role, UserId};

use super::{Event, GateRefused, Refusal, StageGate, Status, UNUSED_DAYS};
use crate::ai_system::AiSystem;
use crate::gate_policy::{Check, GatePolicy};

/// One person's approval.
#[record]
pub struct Approval {
    /// Who.
    pub by: UserId,
    /// In which role.
    pub role: Role,
    /// When.
    pub at: Instant,
    /// The version of the gate's history that he saw.
    pub seen_version: u64,
    /// The position in the log at which the answers that he saw were taken.
    pub seen_position: Option<Position>,
}

/// Input of `refuse`.
#[record]
pub struct RefuseGate {
    /// Why.
    pub reason: Prose,
}

/// One of those who must approve did.
#[record]
pub struct ApprovalGiven {
    /// The approval.
    pub approval: Approval,
}

/// The last one approved.
#[record]
pub struct Passed {
    /// His approval.
    pub approval: Approval,
    /// The policy in force.
    pub policy_version: Line,
    /// The checks that did not pass but only warn.
    pub warnings: Vec<Check>,
    /// When.
    pub at: Instant,
    /// The last day on which the gate lets through.
    pub valid_until: Date,
}

impl StageGate {
    pub(super) fn approved(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            Status::Evaluated => {}
            Status::Requested => return Err(Refusal::NotEvaluated),
            Status::Passed | Status::Refused | Status::Expired => return Err(self.closed()),
        }
        self.check_person(context)?;
        let (role, is_last) = self.approving_role(context)?;
        self.check_stage(context)?;
        let policy = GatePolicy::in_force(context);
        if let Some(check) = self.blocking(&policy, context.today()).first() {
            return Err(Refusal::EvaluationOutdated { check: check.code() });
        }
        let at = context.effective.unwrap_or(context.now);
        if self.evaluated_at.is_some_and(|evaluated| at < evaluated) {
            return Err(Refusal::ApprovedBeforeEvaluation { at: "/effectiveAt" });
        }
        let approval = Approval {
            by: context.user(),
            role,
            at,
            seen_version: context.version,
            seen_position: self.evaluated_position,
        };
        if !is_last {
            return Ok(vec![Event::ApprovalGiven(ApprovalGiven { approval })]);
        }
        Ok(vec![Event::Passed(Passed {
            approval,
            policy_version: policy.policy_version,
            warnings: self.warnings.clone(),
            at,
            valid_until: at.date().plus_days(UNUSED_DAYS),
        })])
    }

    pub(super) fn refused(
        &self,
        input: RefuseGate,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let is_by_person = self.refused_by.is_some();
        match self.status {
            Status::Refused if is_by_person => return Ok(Vec::new()),
            Status::Requested | Status::Evaluated | Status::Refused => {}
            Status::Passed | Status::Expired => return Err(self.closed()),
        }
        let (to, role) = (self.to.word(), context.actor.role.code());
        let refusal = Refusal::RefusedByApprover { to, role };
        Ok(vec![Event::Refused(GateRefused {
            refusal: Refused::of("stage_gate", &refusal),
            checks: self.blocking.clone(),
            by: Some(context.user()),
            reason: Some(input.reason),
        })])
    }

    /// Who asked, who develops and who has approved already does not approve.
    fn check_person(&self, context: &Context) -> Result<(), Refusal> {
        let user = context.user();
        if user == self.requested_by {
            return Err(Refusal::RequesterApproves);
        }
        let system = context.facts.get::<AiSystem>(self.system.id());
        let version = system.as_ref().and_then(|system| system.version(&self.system_version));
        if version.is_some_and(|version| version.developers.contains(&user)) {
            return Err(Refusal::DeveloperApproves);
        }
        if self.approvals.contains_key(&Key::new(user.as_str())) {
            return Err(Refusal::SamePersonTwice);
        }
        Ok(())
    }

    /// The role in which this person approves, and whether his approval is the last one needed.
    fn approving_role(&self, context: &Context) -> Result<(Role, bool), Refusal> {
        let is_given = |roles: &[Role]| self.approvals.values().any(|a| roles.contains(&a.role));
        let groups = self.to.approvers().iter().copied();
        let missing: Vec<_> = groups.filter(|roles| !is_given(roles)).collect();
        let held = missing.iter().flat_map(|roles| roles.iter().copied());
        let role = held.into_iter().find(|role| context.holds(*role)).ok_or_else(|| {
            let codes = |roles: &[Role]| {
                roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(" or ")
            };
            let roles: Vec<_> = missing.iter().map(|roles| codes(roles)).collect();
            Refusal::WrongApprover { roles: roles.join(" and ") }
        })?;
        Ok((role, missing.len() == 1))
    }

    pub(super) fn take_approval(&mut self, approval: Approval) {
        self.approvals.insert(Key::new(approval.by.as_str()), approval);
    }
}
