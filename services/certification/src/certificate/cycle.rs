//! The cycle of a certificate: given, kept up by surveillance, given again.

use declare::record;
use kernel::kinds;
use kernel::values::{Anything, Key, Line, Prose, Ref};
use kernel::{Context, Date, Need};

use super::audited::{Audited, DecisionKind, in_force};
use super::validity::{VALID_MONTHS, after_surveillance, check_validity, new_cycle};
use super::{Certificate, CertificateStatus, Certified, Decision, Event, Refusal};
use crate::auditor_engagement::{AuditKind, Copied};

/// A recertification should begin so many months before the end.
const RECERTIFICATION_MONTHS: i64 = 6;
/// After its end a certificate can be restored for so many months.
pub(super) const RESTORE_MONTHS: i64 = 6;
/// Most decisions that a certificate keeps.
const DECISIONS_MAX: usize = 60;
/// What is certified.
const STANDARD: &str = "ISO/IEC 42001:2023";

/// Input of `issue`.
#[record]
pub struct Issue {
    /// Its number.
    pub number: Line,
    /// The audit on which it rests.
    pub audit: Ref<kinds::CertificationAudit>,
    /// Sites.
    #[field(max = 100)]
    pub sites: Vec<Line>,
    /// Its first day; the day of the decision when left out.
    pub valid_from: Option<Date>,
    /// Its last day; three years on when left out.
    pub valid_to: Option<Date>,
}

/// A certificate was given.
#[record]
pub struct Issued {
    /// The certification body.
    pub body: Ref<kinds::CertificationBody>,
    /// What the installation's log said of the body and the decision maker.
    pub copied: Copied,
    /// Its number.
    pub number: Line,
    /// The standard.
    pub standard: Line,
    /// What is certified, and for how long.
    pub certified: Certified,
    /// The days by which surveillance audits are due.
    pub surveillance_due: Vec<Date>,
    /// Documents and evidence that it rests on.
    pub rests_on: Vec<Ref<Anything>>,
    /// Key of the decision.
    pub key: Key,
    /// The decision.
    pub decision: Decision,
}

/// Input of `maintain`.
#[record]
pub struct Maintain {
    /// The surveillance or special audit on which it rests.
    pub audit: Ref<kinds::CertificationAudit>,
    /// Whether the certificate follows the scope and the Statement of Applicability that are in
    /// force now; it stays with those that it has when left out.
    pub updates_scope: Option<bool>,
    /// Sites from now on; as they were when left out.
    #[field(max = 100)]
    pub sites: Vec<Line>,
    /// What was weighed.
    pub remark: Option<Prose>,
}

/// A certificate goes on.
#[record]
pub struct Maintained {
    /// What is certified from then on.
    pub certified: Certified,
    /// The days by which surveillance audits are due.
    pub surveillance_due: Vec<Date>,
    /// What was weighed.
    pub remark: Option<Prose>,
    /// Key of the decision.
    pub key: Key,
    /// The decision.
    pub decision: Decision,
}

/// Input of `renew` and `restore`.
#[record]
pub struct Renew {
    /// The recertification audit on which it rests.
    pub audit: Ref<kinds::CertificationAudit>,
    /// Its last day; three years after the last cycle's when left out.
    pub valid_to: Option<Date>,
    /// Sites from now on; as they were when left out.
    #[field(max = 100)]
    pub sites: Vec<Line>,
}

/// A certificate was given for another cycle.
#[record]
pub struct Renewed {
    /// What the installation's log said of the body and the decision maker.
    pub copied: Copied,
    /// What is certified, and for how long.
    pub certified: Certified,
    /// The days by which surveillance audits are due.
    pub surveillance_due: Vec<Date>,
    /// Documents and evidence that the new cycle rests on.
    pub rests_on: Vec<Ref<Anything>>,
    /// Key of the decision.
    pub key: Key,
    /// The decision.
    pub decision: Decision,
}

pub(super) fn numbered(number: &Line) -> Need {
    Need::Where("certificate", "number", number.to_string())
}

pub(super) fn issued(input: Issue, context: &Context) -> Result<Vec<Event>, Refusal> {
    let Issue { number, audit, sites, valid_from, valid_to } = input;
    let audited = Audited::of(&audit, context)?;
    let audited = audited.must_be_of(&[AuditKind::Stage2], "a stage 2 audit")?;
    let audited = audited.must_be_new(context)?.must_carry(context)?;
    for (_, known) in context.facts.all::<Certificate>() {
        if known.number == number {
            return Err(Refusal::NumberTaken { number: number.to_string(), at: "/number" });
        }
        if known.body == audited.audit.plan.body && known.is_in_force() {
            return Err(Refusal::AlreadyCertified { number: known.number.to_string() });
        }
    }
    let today = context.today();
    let valid_from = valid_from.unwrap_or(today);
    let valid_to = check_validity(valid_from, valid_to, today)?;
    let base = in_force(context)?;
    let versions = (base.scope_version, base.soa_version);
    let decision = audited.decision(DecisionKind::Issued, versions, valid_to, context);
    let (scope_version, soa_version) = versions;
    Ok(vec![Event::Issued(Issued {
        body: audited.audit.plan.body.clone(),
        copied: audited.copied,
        number,
        standard: Line::new(STANDARD),
        certified: Certified { scope_version, soa_version, sites, valid_from, valid_to },
        surveillance_due: new_cycle(today, valid_to),
        rests_on: base.rests_on,
        key: context.new_key("decision"),
        decision,
    })])
}

impl Certificate {
    /// Whether it certifies something today, if suspended.
    pub fn is_in_force(&self) -> bool {
        match self.status {
            CertificateStatus::Issued
            | CertificateStatus::Active
            | CertificateStatus::Suspended
            | CertificateStatus::ScopeReduced => true,
            CertificateStatus::Withdrawn
            | CertificateStatus::Expired
            | CertificateStatus::Lapsed => false,
        }
    }

    /// Whether an audit can keep it up or bring it back.
    pub fn is_restorable(&self) -> bool {
        self.is_in_force() || self.status == CertificateStatus::Expired
    }

    pub(super) fn must_be_of_the_body(&self, context: &Context) -> Result<(), Refusal> {
        if context.body.as_deref() == Some(self.body.id()) {
            return Ok(());
        }
        Err(Refusal::NotYourBody)
    }

    pub(super) fn must_be(
        &self,
        allowed: &[CertificateStatus],
        done: &'static str,
        context: &Context,
    ) -> Result<(), Refusal> {
        self.must_be_of_the_body(context)?;
        if self.status == CertificateStatus::Withdrawn {
            return Err(Refusal::IsWithdrawn);
        }
        if !allowed.contains(&self.status) {
            return Err(Refusal::NotNow { status: self.status.text(), done });
        }
        Ok(())
    }

    pub(super) fn must_have_room(&self) -> Result<(), Refusal> {
        if self.decisions.len() < DECISIONS_MAX {
            return Ok(());
        }
        Err(Refusal::TooMany { max: DECISIONS_MAX, what: "decisions" })
    }

    /// What is certified, if it follows what is in force now.
    pub(super) fn certified(
        &self,
        follows: bool,
        sites: Vec<Line>,
        context: &Context,
    ) -> Result<Certified, Refusal> {
        let mut certified = self.certified.clone();
        if follows {
            let base = in_force(context)?;
            certified.scope_version = base.scope_version;
            certified.soa_version = base.soa_version;
        }
        if !sites.is_empty() {
            certified.sites = sites;
        }
        Ok(certified)
    }

    pub(super) fn maintained(
        &self,
        input: Maintain,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let alive = [CertificateStatus::Issued, CertificateStatus::Active];
        self.must_be(&alive, "maintained", context)?;
        let Maintain { audit, updates_scope, sites, remark } = input;
        let kinds = [AuditKind::Surveillance, AuditKind::Special];
        let audited = Audited::of(&audit, context)?;
        let audited = audited.must_be_of(&kinds, "a surveillance or special audit")?;
        let audited = audited.must_be_new(context)?.must_carry(context)?;
        self.must_have_room()?;
        let certified = self.certified(updates_scope == Some(true), sites, context)?;
        let versions = (certified.scope_version, certified.soa_version);
        let valid_to = certified.valid_to;
        let decision = audited.decision(DecisionKind::Maintained, versions, valid_to, context);
        let held_on = audited.audit.concluded_on.unwrap_or_else(|| context.today());
        let surveillance_due = match audited.audit.plan.audit_kind {
            AuditKind::Surveillance => after_surveillance(held_on, valid_to),
            AuditKind::Stage1
            | AuditKind::Stage2
            | AuditKind::Recertification
            | AuditKind::Special => self.surveillance_due.clone(),
        };
        let key = context.new_key("decision");
        let event = Maintained { certified, surveillance_due, remark, key, decision };
        Ok(vec![Event::Maintained(event)])
    }

    pub(super) fn renewed(&self, input: Renew, context: &Context) -> Result<Vec<Event>, Refusal> {
        let alive = [CertificateStatus::Issued, CertificateStatus::Active];
        self.must_be(&alive, "renewed", context)?;
        let to = self.certified.valid_to;
        if to < context.today() {
            return Err(Refusal::HasRunOut { to });
        }
        self.another_cycle(input, DecisionKind::Renewed, context)
            .map(|event| vec![Event::Renewed(event)])
    }

    pub(super) fn restored(&self, input: Renew, context: &Context) -> Result<Vec<Event>, Refusal> {
        let over = [CertificateStatus::Expired, CertificateStatus::Lapsed];
        self.must_be(&over, "restored", context)?;
        let to = self.certified.valid_to;
        let is_lapsed = self.status == CertificateStatus::Lapsed;
        if is_lapsed || to.plus_months(RESTORE_MONTHS) < context.today() {
            return Err(Refusal::TooLateToRestore { to });
        }
        self.another_cycle(input, DecisionKind::Restored, context)
            .map(|event| vec![Event::Restored(event)])
    }

    /// The next cycle: it ends three years after the last one, whenever it is decided.
    fn another_cycle(
        &self,
        input: Renew,
        what: DecisionKind,
        context: &Context,
    ) -> Result<Renewed, Refusal> {
        let Renew { audit, valid_to, sites } = input;
        let kinds = [AuditKind::Recertification];
        let audited = Audited::of(&audit, context)?;
        let audited = audited.must_be_of(&kinds, "a recertification audit")?;
        let audited = audited.must_be_new(context)?.must_carry(context)?;
        self.must_have_room()?;
        let (today, old) = (context.today(), self.certified.valid_to);
        let last = old.plus_months(VALID_MONTHS);
        let valid_to = valid_to.unwrap_or(last);
        if valid_to > last {
            return Err(Refusal::ValidTooLong { last, at: "/validTo" });
        }
        if valid_to <= old.max(today) {
            return Err(Refusal::WrongValidity { at: "/validTo" });
        }
        let base = in_force(context)?;
        let mut certified = self.certified(true, sites, context)?;
        (certified.valid_from, certified.valid_to) = (today, valid_to);
        let versions = (base.scope_version, base.soa_version);
        let decision = audited.decision(what, versions, valid_to, context);
        Ok(Renewed {
            copied: audited.copied,
            certified,
            surveillance_due: new_cycle(today, valid_to),
            rests_on: base.rests_on,
            key: context.new_key("decision"),
            decision,
        })
    }

    pub(super) fn begins(&mut self, event: Issued) {
        *self = Self {
            body: event.body,
            copied: event.copied,
            number: event.number,
            standard: event.standard,
            rests_on: event.rests_on,
            ..Self::default()
        };
        self.is_decided(event.key, event.decision, event.certified, event.surveillance_due);
    }

    pub(super) fn goes_on(&mut self, event: Maintained) {
        let Maintained { certified, surveillance_due, remark, key, decision } = event;
        self.overdue_since = None;
        self.remark = remark.or_else(|| self.remark.take());
        self.is_decided(key, decision, certified, surveillance_due);
    }

    pub(super) fn begins_again(&mut self, event: Renewed) {
        let Renewed { copied, certified, surveillance_due, rests_on, key, decision } = event;
        self.status = CertificateStatus::Active;
        self.copied = copied;
        self.rests_on = rests_on;
        self.overdue_since = None;
        self.is_decided(key, decision, certified, surveillance_due);
    }

    pub(super) fn is_decided(
        &mut self,
        key: Key,
        decision: Decision,
        certified: Certified,
        surveillance_due: Vec<Date>,
    ) {
        self.decided_by = decision.by.clone();
        self.decided_on = decision.on;
        self.recertification_due = certified.valid_to.plus_months(-RECERTIFICATION_MONTHS);
        self.next_surveillance = surveillance_due.first().copied();
        self.surveillance_due = surveillance_due;
        self.certified = certified;
        self.decisions.insert(key, decision);
    }
}
