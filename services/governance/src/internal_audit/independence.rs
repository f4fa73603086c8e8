//! Whether auditors are independent of what they audit (9.2.2): whoever answers for an area, or did
//! within the look-back, does not audit it.

use kernel::{Context, Date, UserId};

use super::{Plan, Refusal};
use crate::audit_programme::{AuditProgramme, LOOK_BACK_MONTHS};
use crate::criteria::covers;

impl Plan {
    /// Refuses the first auditor who answers for something that is audited: by an assignment of
    /// responsibility that lasts or ended within the look-back, as owner of an audited control, or
    /// as owner of an audited system.
    pub(super) fn check_independence(&self, day: Date, context: &Context) -> Result<(), Refusal> {
        let since = day.plus_months(-i64::from(self.look_back(context)));
        let answers = |auditor: &UserId| {
            let area = self.assigned_to(auditor, since, context);
            let area = area.or_else(|| self.control_of(auditor, context));
            area.or_else(|| self.system_of(auditor, context))
        };
        let found = self.auditors.iter().find_map(|one| Some((one, answers(one)?)));
        match found {
            Some((auditor, area)) => {
                let auditor = auditor.to_string();
                Err(Refusal::AuditorAnswersForArea { auditor, area, at: "/auditors" })
            }
            None => Ok(()),
        }
    }

    fn look_back(&self, context: &Context) -> u32 {
        let programme = self.programme.as_ref();
        let programme = programme.and_then(|p| context.facts.get::<AuditProgramme>(p.id()));
        let in_force = programme.and_then(|programme| programme.in_force);
        in_force.map_or(LOOK_BACK_MONTHS, |in_force| in_force.look_back_months)
    }

    /// What the auditor is or was assigned to and the audit looks at.
    fn assigned_to(&self, auditor: &UserId, since: Date, context: &Context) -> Option<String> {
        let assignments = context.facts.all::<facts::RoleAssignment>();
        let mut his = assignments.into_iter().filter(|(_, one)| one.binds_after(auditor, since));
        his.find(|(_, one)| self.looks_at(&one.item)).map(|(_, one)| one.item)
    }

    /// Whether an item of an assignment (a process, a control or a system's id) is audited.
    fn looks_at(&self, item: &str) -> bool {
        let same = |area: &str| area.trim().to_lowercase() == item.trim().to_lowercase();
        self.areas.iter().any(|area| same(area.as_str()))
            || self.systems.iter().any(|system| system.id() == item)
            || self.criteria.iter().any(|criterion| covers(criterion, item))
    }

    fn control_of(&self, auditor: &UserId, context: &Context) -> Option<String> {
        let rows = context.facts.all::<facts::SoaControl>();
        let his = rows.into_iter().filter(|(_, row)| row.owner.as_ref() == Some(auditor));
        let mut controls = his.map(|(_, row)| row.control);
        controls.find(|control| self.criteria.iter().any(|number| covers(number, control)))
    }

    fn system_of(&self, auditor: &UserId, context: &Context) -> Option<String> {
        let systems = self.systems.iter();
        let mut systems = systems.filter_map(|s| context.facts.get::<facts::AiSystem>(s.id()));
        systems.find(|s| s.owner.as_deref() == Some(auditor.as_str())).map(|system| system.name)
    }
}
