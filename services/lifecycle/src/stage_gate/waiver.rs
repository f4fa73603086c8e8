//! Waivers: a check that does not pass is let through until a day, by those whom the policy names.

use std::collections::BTreeMap;

use declare::record;
use kernel::values::{Key, Prose};
use kernel::{Context, Date, Instant, Role, UserId};

use super::{Event, Refusal, StageGate, Status};
use crate::gate_policy::{Check, GatePolicy, Rule};

/// The waiver of one check.
#[record]
#[derive(Default)]
pub struct Waiver {
    /// Who gave it, by person: one person counts for one role.
    pub grants: BTreeMap<Key, Grant>,
}

/// One person's part in a waiver.
#[record]
pub struct Grant {
    /// Who.
    pub by: UserId,
    /// In which role.
    pub role: Role,
    /// The last day on which it holds.
    pub until: Date,
    /// Why.
    pub reason: Prose,
    /// When it was given.
    pub at: Instant,
}

/// Input of `waive_check`.
#[record]
pub struct WaiveCheck {
    /// The check.
    pub check: Check,
    /// The last day on which it is waived.
    pub until: Date,
    /// Why.
    pub reason: Prose,
}

/// A check was waived, or a part of its waiver given.
#[record]
pub struct CheckWaived {
    /// The check.
    pub check: Check,
    /// Who gave it, in which role, until when and why.
    pub grant: Grant,
    /// Whether everyone who must take part has now done so.
    pub is_complete: bool,
}

impl Waiver {
    /// Whether everyone who must take part has, up to this day.
    pub fn holds(&self, rule: &Rule, today: Date) -> bool {
        let is_given =
            |role: &Role| self.grants.values().any(|g| g.role == *role && g.until >= today);
        !rule.waivable_by.is_empty() && rule.waivable_by.iter().all(is_given)
    }
}

impl StageGate {
    pub(super) fn waived(
        &self,
        input: WaiveCheck,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let is_refused_by_checks = self.status == Status::Refused && self.refused_by.is_none();
        if !self.is_open() && !is_refused_by_checks {
            return Err(self.closed());
        }
        let user = context.user();
        if user == self.requested_by {
            return Err(Refusal::RequesterWaives);
        }
        let (check, policy) = (input.check.code(), GatePolicy::in_force(context));
        let asked = policy.asked(self.to).into_iter().find(|(known, _)| *known == input.check);
        let Some((_, rule)) = asked else {
            let (to, at) = (self.to.word(), "/check".to_owned());
            return Err(Refusal::CheckNotAsked { check, to, at });
        };
        if rule.waivable_by.is_empty() {
            return Err(Refusal::NotWaivable { check, at: "/check" });
        }
        let role = self.waiving_role(input.check, &rule, context)?;
        if input.until < context.today() {
            return Err(Refusal::WaiverPassed { at: "/until" });
        }
        if context.today().days_until(input.until) > i64::from(rule.max_days) {
            return Err(Refusal::WaiverTooLong { check, max: rule.max_days, at: "/until" });
        }
        let mut waiver = self.waivers.get(&input.check.key()).cloned().unwrap_or_default();
        let key = Key::new(user.as_str());
        let known = waiver.grants.get(&key);
        if known.is_some_and(|known| known.role == role && known.until == input.until) {
            return Ok(Vec::new());
        }
        let grant =
            Grant { by: user, role, until: input.until, reason: input.reason, at: context.now };
        waiver.grants.insert(key, grant.clone());
        let is_complete = waiver.holds(&rule, context.today());
        Ok(vec![Event::CheckWaived(CheckWaived { check: input.check, grant, is_complete })])
    }

    /// The role in which this person takes part: his own part again, or one that nobody has given.
    fn waiving_role(&self, check: Check, rule: &Rule, context: &Context) -> Result<Role, Refusal> {
        let grants = self.waivers.get(&check.key()).map(|waiver| &waiver.grants);
        let own = grants.and_then(|grants| grants.get(&Key::new(context.user().as_str())));
        let is_given = |role: Role| {
            let mut given = grants.into_iter().flat_map(BTreeMap::values);
            given.any(|g| g.role == role && g.by != context.user() && g.until >= context.today())
        };
        let held = rule.waivable_by.iter().copied().filter(|role| context.holds(*role));
        let mut free = held.filter(|role| !is_given(*role));
        let again = own.map(|own| own.role).filter(|role| rule.waivable_by.contains(role));
        again.filter(|role| context.holds(*role)).or_else(|| free.next()).ok_or_else(|| {
            let roles: Vec<_> = rule.waivable_by.iter().map(|role| role.code()).collect();
            Refusal::WrongWaiver { check: check.code(), roles: roles.join(" and ") }
        })
    }

    pub(super) fn take_waiver(&mut self, event: CheckWaived) {
        let waiver = self.waivers.entry(event.check.key()).or_default();
        waiver.grants.insert(Key::new(event.grant.by.as_str()), event.grant);
    }
}
