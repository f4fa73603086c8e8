//! How an internal audit goes: begun, sampled, reported, closed; or cancelled.

use declare::record;
use kernel::values::{Anything, Hash, Key, Line, Prose, Ref};
use kernel::{Context, Date, Position, Role};

use super::{AuditStatus, Event, InternalAudit, Refusal, SAMPLES_MAX};
use crate::audit_finding::AuditFinding;
use crate::stamp::Stamp;

/// Input of `start`.
#[record]
pub struct Start {
    /// The day on which the auditors began; today when left out.
    pub performed_on: Option<Date>,
}

/// Input of `record_sample`.
#[record]
pub struct RecordSample {
    /// What was looked at, and how much of how much.
    pub what: Line,
    /// The record, where it is one.
    pub object: Option<Ref<Anything>>,
}

/// What was looked at.
#[record]
pub struct Sample {
    /// What it was, and how much of how much.
    pub what: Line,
    /// The record, where it is one.
    pub object: Option<Ref<Anything>>,
    /// The position in the tenant's log at which the record was seen.
    pub as_of: Option<Position>,
    /// Who noted it, and when.
    pub noted: Stamp,
}

/// Input of `report`.
#[record]
pub struct Report {
    /// SHA-256 of the report.
    pub report_hash: Hash,
    /// What it says, in short.
    pub summary: Option<Prose>,
}

/// Input of `cancel`.
#[record]
pub struct Cancel {
    /// Why it does not take place.
    pub reason: Prose,
}

/// The audit began.
#[record]
pub struct Started {
    /// The day on which the auditors began.
    pub performed_on: Date,
    /// Who recorded it, and when.
    pub started: Stamp,
}

/// Something was looked at.
#[record]
pub struct Sampled {
    /// Its key.
    pub key: Key,
    /// What it was.
    pub sample: Sample,
}

/// The report is there.
#[record]
pub struct Reported {
    /// SHA-256 of it.
    pub report_hash: Hash,
    /// What it says, in short.
    pub summary: Option<Prose>,
    /// Who handed it in, and when.
    pub reported: Stamp,
}

/// The audit was closed.
#[record]
pub struct Closed {
    /// Who closed it, and when.
    pub closed: Stamp,
}

/// The audit does not take place.
#[record]
pub struct Cancelled {
    /// Why.
    pub reason: Prose,
    /// Who cancelled it, and when.
    pub cancelled: Stamp,
}

impl InternalAudit {
    /// Whether its auditors went to work.
    pub fn was_performed(&self) -> bool {
        match self.status {
            AuditStatus::InProgress | AuditStatus::Reported | AuditStatus::Closed => true,
            AuditStatus::Planned | AuditStatus::Cancelled => false,
        }
    }

    pub(super) fn wrong_status(&self, step: &'static str) -> Refusal {
        Refusal::WrongStatus { status: self.status.text(), step }
    }

    pub(super) fn must_be_its_auditor(&self, context: &Context) -> Result<(), Refusal> {
        let is_its = self.plan.auditors.contains(&context.user());
        if is_its { Ok(()) } else { Err(Refusal::NotItsAuditor) }
    }

    fn must_be_in_progress(&self, step: &'static str) -> Result<(), Refusal> {
        if self.status == AuditStatus::InProgress { Ok(()) } else { Err(self.wrong_status(step)) }
    }

    pub(super) fn started(&self, input: &Start, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be_its_auditor(context)?;
        let performed_on = input.performed_on.unwrap_or_else(|| context.today());
        match self.status {
            AuditStatus::InProgress if input.performed_on.is_none() => return Ok(Vec::new()),
            AuditStatus::InProgress if self.performed_on == input.performed_on => {
                return Ok(Vec::new());
            }
            AuditStatus::Planned => {}
            AuditStatus::InProgress
            | AuditStatus::Reported
            | AuditStatus::Closed
            | AuditStatus::Cancelled => return Err(self.wrong_status("started")),
        }
        if performed_on > context.today() {
            return Err(Refusal::StartsInFuture { at: "/performedOn" });
        }
        self.plan.check_independence(performed_on, context)?;
        let started = Stamp::of(context);
        Ok(vec![Event::Started(Started { performed_on, started })])
    }

    pub(super) fn sampled(
        &self,
        input: RecordSample,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_its_auditor(context)?;
        self.must_be_in_progress("sampled")?;
        if self.samples.len() >= SAMPLES_MAX {
            return Err(Refusal::TooManySamples { most: SAMPLES_MAX });
        }
        let RecordSample { what, object } = input;
        let as_of = object.as_ref().map(|_| context.facts.position);
        let sample = Sample { what, object, as_of, noted: Stamp::of(context) };
        Ok(vec![Event::Sampled(Sampled { key: context.new_key("sample"), sample })])
    }

    pub(super) fn reported(&self, input: Report, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be_its_auditor(context)?;
        let stands = matches!(self.status, AuditStatus::Reported | AuditStatus::Closed);
        if stands && self.report_hash.as_ref() == Some(&input.report_hash) {
            return Ok(Vec::new());
        }
        self.must_be_in_progress("reported")?;
        if self.plan.criteria.is_empty() {
            return Err(Refusal::NoCriteria);
        }
        let Report { report_hash, summary } = input;
        let reported = Stamp::of(context);
        Ok(vec![Event::Reported(Reported { report_hash, summary, reported })])
    }

    pub(super) fn closed(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            AuditStatus::Closed => return Ok(Vec::new()),
            AuditStatus::Reported => {}
            AuditStatus::Planned | AuditStatus::InProgress | AuditStatus::Cancelled => {
                return Err(self.wrong_status("closed"));
            }
        }
        let findings = context.facts.all::<AuditFinding>();
        let own = findings.into_iter().filter(|(_, found)| found.audit.id() == context.id);
        for (finding, found) in own {
            if !found.is_graded() {
                return Err(Refusal::FindingNotGraded { finding });
            }
            if !found.is_taken_care_of() {
                return Err(Refusal::FindingOpen { finding });
            }
        }
        Ok(vec![Event::Closed(Closed { closed: Stamp::of(context) })])
    }

    pub(super) fn cancelled(
        &self,
        input: Cancel,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        match self.status {
            AuditStatus::Cancelled => return Ok(Vec::new()),
            AuditStatus::Planned => {}
            AuditStatus::InProgress if context.holds(Role::Tm) => {}
            AuditStatus::InProgress => return Err(Refusal::HasBegun),
            AuditStatus::Reported | AuditStatus::Closed => {
                return Err(self.wrong_status("cancelled"));
            }
        }
        let cancelled = Stamp::of(context);
        Ok(vec![Event::Cancelled(Cancelled { reason: input.reason, cancelled })])
    }
}
