//! The plan of an internal audit.

use declare::record;
use kernel::kinds::{AiSystem, AuditProgramme as ProgrammeKind};
use kernel::values::{Key, Line, Number, Prose, Ref};
use kernel::{Context, Date, Need, Role, UserId};

use super::{AuditStatus, Event, InternalAudit, Refusal};
use crate::audit_programme::AuditProgramme;
use crate::criteria;
use crate::stamp::Stamp;

/// What is audited, against what, by whom and when. Input of `schedule` and `replan`.
#[record]
#[derive(Default)]
pub struct Plan {
    /// The programme that it belongs to.
    #[field(index)]
    pub programme: Option<Ref<ProgrammeKind>>,
    /// Which of the programme's audits it is.
    pub planned_audit: Option<Key>,
    /// What it is called.
    #[field(search, correctable)]
    pub title: Line,
    /// What it is to find out.
    #[field(correctable)]
    pub objective: Prose,
    /// Clauses and controls that it covers; a number stands for what is below it too. It cannot be
    /// reported without.
    #[field(max = 80)]
    pub criteria: Vec<Number>,
    /// How far it goes.
    #[field(correctable)]
    pub scope: Prose,
    /// The processes and units that it looks at.
    #[field(max = 20)]
    pub areas: Vec<Line>,
    /// The AI systems that it looks at.
    #[field(max = 40)]
    pub systems: Vec<Ref<AiSystem>>,
    /// Who audits.
    #[field(max = 10)]
    pub auditors: Vec<UserId>,
    /// When it is to begin.
    #[field(index)]
    pub planned_on: Date,
}

/// An audit was scheduled.
#[record]
pub struct Scheduled {
    /// What is planned.
    pub plan: Plan,
    /// Who scheduled it, and when.
    pub by: Stamp,
}

/// The plan was written again.
#[record]
pub struct Replanned {
    /// What is planned now.
    pub plan: Plan,
    /// Who wrote it, and when.
    pub by: Stamp,
}

/// The audit should have begun.
#[record]
pub struct Overdue {
    /// When it was to begin.
    pub planned_on: Date,
}

impl Plan {
    /// What must be known to tell whether the plan is sound and its auditors independent.
    pub(super) fn needs(&self) -> Vec<Need> {
        let mut needs = vec![Need::All("role_assignment")];
        if !self.criteria.is_empty() {
            needs.push(Need::All("soa_control"));
        }
        let programme = self.programme.iter().map(|programme| programme.id().to_owned());
        let systems = self.systems.iter().map(|system| system.id().to_owned());
        let auditors = self.auditors.iter().map(facts::Membership::id_of);
        needs.extend(programme.chain(systems).chain(auditors).map(Need::Object));
        needs
    }

    /// Whether the programme knows the audit, the criteria exist and the auditors may audit.
    fn check(&self, context: &Context) -> Result<(), Refusal> {
        if let Some(programme) = &self.programme {
            let programme = context.facts.get::<AuditProgramme>(programme.id());
            let Some(in_force) = programme.and_then(|programme| programme.in_force) else {
                return Err(Refusal::ProgrammeNotInForce { at: "/programme" });
            };
            let unknown = |key: &&Key| !in_force.planned_audits.contains(*key);
            if let Some(key) = self.planned_audit.as_ref().filter(unknown) {
                let audit = key.as_str().to_owned();
                return Err(Refusal::NotInProgramme { audit, at: "/plannedAudit" });
            }
        }
        if let Some(number) = criteria::unknown(&self.criteria, context) {
            return Err(Refusal::UnknownCriterion { number: number.to_string(), at: "/criteria" });
        }
        if self.auditors.is_empty() {
            return Err(Refusal::NoAuditor { at: "/auditors" });
        }
        let is_auditor = |auditor: &&UserId| {
            let membership = facts::Membership::id_of(auditor);
            let membership = context.facts.get::<facts::Membership>(&membership);
            membership.is_some_and(|membership| membership.holds_one_of(&[Role::Aud]))
        };
        if let Some(auditor) = self.auditors.iter().find(|auditor| !is_auditor(auditor)) {
            let auditor = auditor.to_string();
            return Err(Refusal::NotInTheRole { auditor, at: "/auditors" });
        }
        self.check_independence(self.planned_on, context)
    }

    pub(super) fn scheduled(self, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.check(context)?;
        Ok(vec![Event::Scheduled(Scheduled { plan: self, by: Stamp::of(context) })])
    }
}

impl InternalAudit {
    pub(super) fn replanned(&self, plan: Plan, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            AuditStatus::Planned => {}
            AuditStatus::InProgress => self.must_be_its_auditor(context)?,
            AuditStatus::Reported | AuditStatus::Closed | AuditStatus::Cancelled => {
                return Err(self.wrong_status("planned again"));
            }
        }
        plan.check(context)?;
        Ok(vec![Event::Replanned(Replanned { plan, by: Stamp::of(context) })])
    }

    pub(super) fn overdue(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.overdue_since.is_some() {
            return Ok(Vec::new());
        }
        let planned_on = self.plan.planned_on;
        match self.status {
            AuditStatus::Planned if context.today() > planned_on => {
                Ok(vec![Event::Overdue(Overdue { planned_on })])
            }
            AuditStatus::Planned => Err(Refusal::NotOverdue { planned_on }),
            AuditStatus::InProgress
            | AuditStatus::Reported
            | AuditStatus::Closed
            | AuditStatus::Cancelled => Err(self.wrong_status("overdue")),
        }
    }
}
