//! What becomes of a certificate: begun, suspended, reduced, withdrawn, run out.

use declare::{record, words};
use kernel::kinds;
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Date, UserId};

use super::audited::{Audited, DecisionKind};
use super::cycle::RESTORE_MONTHS;
use super::{Certificate, CertificateStatus, Certified, Decision, Event, Refusal};
use crate::auditor_engagement::AuditKind;

/// Longest suspension, in months.
const SUSPENSION_MONTHS: i64 = 6;

/// Validity has begun.
#[record]
pub struct Activated {
    /// The first day.
    pub valid_from: Date,
}

/// Input of `suspend`.
#[record]
pub struct Suspend {
    /// On what ground.
    pub ground: SuspensionGround,
    /// In words.
    pub reason: Prose,
}

/// Grounds of a suspension (ISO/IEC 17021-1 9.6.5.2).
#[words]
pub enum SuspensionGround {
    /// The management system persistently or seriously fails its requirements.
    PersistentFailure,
    /// Surveillance or recertification audits were not allowed.
    AuditsNotAllowed,
    /// The organisation has asked for it.
    Voluntary,
}

/// A suspension.
#[record]
pub struct Suspension {
    /// On what ground.
    pub ground: SuspensionGround,
    /// In words.
    pub reason: Prose,
    /// Since when.
    pub since: Date,
    /// The last day on which it can be lifted.
    pub until: Date,
    /// Who decided it.
    pub by: UserId,
}

/// A certificate was suspended.
#[record]
pub struct Suspended {
    /// The suspension.
    pub suspension: Suspension,
}

/// Input of `lift_suspension`.
#[record]
pub struct Lift {
    /// What was seen to.
    pub reason: Prose,
}

/// A suspension was lifted.
#[record]
pub struct SuspensionLifted {
    /// What was seen to.
    pub reason: Prose,
    /// Who decided it.
    pub by: UserId,
}

/// Input of `reduce_scope`.
#[record]
pub struct ReduceScope {
    /// The audit on which that rests.
    pub audit: Option<Ref<kinds::CertificationAudit>>,
    /// The sites that stay; as they were when left out.
    #[field(max = 100)]
    pub sites: Vec<Line>,
    /// Whether the certificate follows the smaller scope that is in force now.
    pub updates_scope: Option<bool>,
    /// Why.
    pub reason: Prose,
}

/// A certificate certifies less.
#[record]
pub struct ScopeReduced {
    /// What is certified from then on.
    pub certified: Certified,
    /// Why.
    pub reason: Prose,
    /// Key of the decision.
    pub key: Key,
    /// The decision.
    pub decision: Decision,
}

/// Input of `withdraw`.
#[record]
pub struct Withdraw {
    /// Why.
    pub reason: Prose,
}

/// A certificate was withdrawn.
#[record]
pub struct Withdrawn {
    /// Why.
    pub reason: Prose,
    /// Who decided it.
    pub by: UserId,
    /// Since when.
    pub on: Date,
}

/// A surveillance audit is due.
#[record]
pub struct SurveillanceFellDue {
    /// By when.
    pub due: Date,
}

/// A certificate has run out.
#[record]
pub struct Expired {
    /// Its last day.
    pub valid_to: Date,
    /// The last day on which it can be restored.
    pub restorable_until: Date,
}

/// A certificate can no longer be restored.
#[record]
pub struct Lapsed {
    /// Its last day.
    pub valid_to: Date,
}

impl CertificateStatus {
    /// As it stands in documents.
    pub fn text(self) -> &'static str {
        match self {
            CertificateStatus::Issued => "issued",
            CertificateStatus::Active => "active",
            CertificateStatus::Suspended => "suspended",
            CertificateStatus::ScopeReduced => "scope_reduced",
            CertificateStatus::Withdrawn => "withdrawn",
            CertificateStatus::Expired => "expired",
            CertificateStatus::Lapsed => "lapsed",
        }
    }
}

impl Certificate {
    pub(super) fn activated(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            CertificateStatus::Active => Ok(Vec::new()),
            CertificateStatus::Issued if self.certified.valid_from <= context.today() => {
                let valid_from = self.certified.valid_from;
                Ok(vec![Event::Activated(Activated { valid_from })])
            }
            CertificateStatus::Issued => Err(Refusal::NotBegun { from: self.certified.valid_from }),
            CertificateStatus::Suspended
            | CertificateStatus::ScopeReduced
            | CertificateStatus::Withdrawn
            | CertificateStatus::Expired
            | CertificateStatus::Lapsed => Err(self.not_now("begun")),
        }
    }

    fn not_now(&self, done: &'static str) -> Refusal {
        Refusal::NotNow { status: self.status.text(), done }
    }

    pub(super) fn suspended(
        &self,
        input: Suspend,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let alive =
            [CertificateStatus::Issued, CertificateStatus::Active, CertificateStatus::Suspended];
        self.must_be(&alive, "suspended", context)?;
        if self.status == CertificateStatus::Suspended {
            return Ok(Vec::new());
        }
        let Suspend { ground, reason } = input;
        let (since, by) = (context.today(), context.user());
        let until = since.plus_months(SUSPENSION_MONTHS);
        let suspension = Suspension { ground, reason, since, until, by };
        Ok(vec![Event::Suspended(Suspended { suspension })])
    }

    pub(super) fn suspension_lifted(
        &self,
        input: Lift,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let held = [CertificateStatus::Suspended, CertificateStatus::ScopeReduced];
        self.must_be(&held, "lifted out of a suspension", context)?;
        let until = self.suspension.as_ref().map(|suspension| suspension.until);
        let is_whole = self.status == CertificateStatus::Suspended;
        if is_whole && until.is_some_and(|until| until < context.today()) {
            return Err(Refusal::SuspendedTooLong);
        }
        let (reason, by) = (input.reason, context.user());
        Ok(vec![Event::SuspensionLifted(SuspensionLifted { reason, by })])
    }

    pub(super) fn scope_reduced(
        &self,
        input: ReduceScope,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let alive = [CertificateStatus::Active, CertificateStatus::Suspended];
        self.must_be(&alive, "reduced in its scope", context)?;
        let ReduceScope { audit, sites, updates_scope, reason } = input;
        let audit = audit.ok_or(Refusal::ScopeChangeWithoutAudit { at: "/audit" })?;
        let kinds = [AuditKind::Surveillance, AuditKind::Recertification, AuditKind::Special];
        let audited = Audited::of(&audit, context)?;
        let audited = audited.must_be_of(&kinds, "an audit after certification")?;
        let audited = audited.must_be_new(context)?;
        if audited.audit.conclusion.is_none() {
            return Err(Refusal::AuditNotReviewed { status: audited.audit.status.text() });
        }
        self.must_have_room()?;
        let follows = updates_scope == Some(true);
        self.must_be_less(&sites, follows)?;
        let certified = self.certified(follows, sites, context)?;
        let versions = (certified.scope_version, certified.soa_version);
        let valid_to = certified.valid_to;
        let decision = audited.decision(DecisionKind::ScopeReduced, versions, valid_to, context);
        let key = context.new_key("decision");
        Ok(vec![Event::ScopeReduced(ScopeReduced { certified, reason, key, decision })])
    }

    /// Refuses sites that are not certified, and a reduction that leaves nothing out.
    fn must_be_less(&self, sites: &[Line], follows: bool) -> Result<(), Refusal> {
        let at = "/sites";
        let known = &self.certified.sites;
        if let Some(new) = sites.iter().find(|site| !known.contains(site)) {
            return Err(Refusal::NotAReduction { site: new.to_string(), at });
        }
        let leaves_out = !sites.is_empty() && known.iter().any(|site| !sites.contains(site));
        if !leaves_out && !follows {
            return Err(Refusal::NotAReduction { site: String::new(), at });
        }
        Ok(())
    }

    pub(super) fn withdrawn(
        &self,
        input: Withdraw,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_of_the_body(context)?;
        if self.status == CertificateStatus::Withdrawn {
            return Ok(Vec::new());
        }
        let alive = [
            CertificateStatus::Issued,
            CertificateStatus::Active,
            CertificateStatus::Suspended,
            CertificateStatus::ScopeReduced,
            CertificateStatus::Expired,
        ];
        self.must_be(&alive, "withdrawn", context)?;
        let (reason, by, on) = (input.reason, context.user(), context.today());
        Ok(vec![Event::Withdrawn(Withdrawn { reason, by, on })])
    }

    pub(super) fn surveillance_fell_due(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if !self.is_in_force() {
            return Err(self.not_now("due for surveillance"));
        }
        let due = self.surveillance_due.first().copied();
        match due.filter(|due| *due <= context.today()) {
            Some(due) if self.overdue_since == Some(due) => Ok(Vec::new()),
            Some(due) => Ok(vec![Event::SurveillanceFellDue(SurveillanceFellDue { due })]),
            None => {
                let due = due.map_or_else(|| "its recertification".to_owned(), |d| d.to_string());
                Err(Refusal::NoSurveillanceDue { due })
            }
        }
    }

    pub(super) fn expired(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == CertificateStatus::Expired {
            return Ok(Vec::new());
        }
        if !self.is_in_force() {
            return Err(self.not_now("ended"));
        }
        let valid_to = self.certified.valid_to;
        if context.today() <= valid_to {
            return Err(Refusal::NotOver { to: valid_to });
        }
        let restorable_until = valid_to.plus_months(RESTORE_MONTHS);
        Ok(vec![Event::Expired(Expired { valid_to, restorable_until })])
    }

    pub(super) fn lapsed(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == CertificateStatus::Lapsed {
            return Ok(Vec::new());
        }
        if self.status != CertificateStatus::Expired {
            return Err(self.not_now("lapsed"));
        }
        let valid_to = self.certified.valid_to;
        let restorable_until = valid_to.plus_months(RESTORE_MONTHS);
        if context.today() <= restorable_until {
            return Err(Refusal::NotOver { to: restorable_until });
        }
        Ok(vec![Event::Lapsed(Lapsed { valid_to })])
    }

    pub(super) fn shrinks(&mut self, event: ScopeReduced) {
        let ScopeReduced { certified, reason: _, key, decision } = event;
        if self.status == CertificateStatus::Suspended {
            self.status = CertificateStatus::ScopeReduced;
        }
        let due = self.surveillance_due.clone();
        self.is_decided(key, decision, certified, due);
    }
}
