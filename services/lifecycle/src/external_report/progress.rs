//! The way of a report: written, released, submitted, confirmed; or its deadline missed.

use std::collections::BTreeMap;

use declare::record;
use kernel::values::{Hash, Key, Line, Ref};
use kernel::{Context, Instant, UserId};

use super::{
    Duty, Event, ExternalReport, RecordReceipt, Redraft, Refusal, Release, ReportKind,
    ReportStatus, Submit, Withdraw,
};

/// A report was written.
#[record]
pub struct Drafted {
    /// Why, to whom and what.
    pub duty: Duty,
    /// SHA-256 of the report.
    pub content_hash: Hash,
    /// How it is sent.
    pub channel: Option<Line>,
    /// Who wrote it.
    pub by: UserId,
}

/// A report may go out.
#[record]
pub struct Released {
    /// Who released it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// SHA-256 of the report that was released.
    pub content_hash: Hash,
}

/// The recipient has the report.
#[record]
pub struct Submitted {
    /// When he got it.
    pub submitted_at: Instant,
    /// Who submitted it.
    pub by: UserId,
    /// SHA-256 of the report.
    pub content_hash: Hash,
    /// The reference under which it was sent.
    pub receipt_placeholder: Line,
    /// When it was due.
    pub due: Option<Instant>,
    /// Whether that was later.
    pub late: bool,
}

/// The recipient has confirmed the report.
#[record]
pub struct Acknowledged {
    /// His receipt.
    pub receipt: Line,
    /// When it was recorded.
    pub at: Instant,
}

/// A deadline has passed.
#[record]
pub struct DeadlineMissed {
    /// When the report was due.
    pub due: Instant,
    /// When that was found.
    pub at: Instant,
}

impl ReportStatus {
    fn text(self) -> &'static str {
        match self {
            ReportStatus::Due => "due",
            ReportStatus::Drafted => "drafted",
            ReportStatus::Released => "released",
            ReportStatus::Submitted => "submitted",
            ReportStatus::Acknowledged => "acknowledged",
            ReportStatus::Missed => "missed",
            ReportStatus::Withdrawn => "withdrawn",
        }
    }

    /// Whether the recipient has yet to get it.
    fn is_owed(self) -> bool {
        match self {
            ReportStatus::Due
            | ReportStatus::Drafted
            | ReportStatus::Released
            | ReportStatus::Missed => true,
            ReportStatus::Submitted | ReportStatus::Acknowledged | ReportStatus::Withdrawn => false,
        }
    }
}

impl ExternalReport {
    /// A missed report stays missed until it is submitted, however far it has been written.
    pub(super) fn advance(&mut self, status: ReportStatus) {
        if self.missed_at.is_none() {
            self.status = status;
        }
    }

    pub(super) fn written(&mut self, event: Drafted) {
        self.duty = event.duty;
        self.content_hash = Some(event.content_hash);
        self.channel = event.channel;
        self.release = None;
        if !self.authors.contains(&event.by) {
            self.authors.push(event.by);
        }
        self.advance(ReportStatus::Drafted);
    }

    fn must_be_owed(&self, step: &'static str) -> Result<(), Refusal> {
        if self.status.is_owed() {
            return Ok(());
        }
        Err(Refusal::WrongStatus { status: self.status.text(), step })
    }

    pub(super) fn redrafted(
        &self,
        input: Redraft,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_owed("written")?;
        let mut duty = self.duty.clone();
        duty.recipient = input.recipient.unwrap_or(duty.recipient);
        let channel = input.channel.or_else(|| self.channel.clone());
        let (content_hash, by) = (input.content_hash, context.user());
        let same = self.content_hash.as_ref() == Some(&content_hash)
            && duty == self.duty
            && channel == self.channel;
        if same {
            return Ok(Vec::new());
        }
        Ok(vec![Event::Drafted(Drafted { duty, content_hash, channel, by })])
    }

    pub(super) fn released(
        &self,
        input: &Release,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_owed("released")?;
        let Some(content_hash) = self.content_hash.clone() else {
            let status = self.status.text();
            return Err(Refusal::WrongStatus { status, step: "released before it is written" });
        };
        let by = context.user();
        if self.authors.contains(&by) {
            return Err(Refusal::ReleaserIsAuthor);
        }
        if input.content_hash.as_ref().is_some_and(|seen| *seen != content_hash) {
            return Err(Refusal::ContentChanged);
        }
        if self.release.is_some() {
            return Ok(Vec::new());
        }
        Ok(vec![Event::Released(Released { by, at: context.now, content_hash })])
    }

    pub(super) fn submitted(
        &self,
        input: Submit,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let at = "/submittedAt";
        if self.submitted_at.is_some() {
            let same = input.submitted_at.is_none_or(|said| Some(said) == self.submitted_at);
            let status = self.status.text();
            let again = Refusal::WrongStatus { status, step: "submitted at another time" };
            return if same { Ok(Vec::new()) } else { Err(again) };
        }
        self.must_be_owed("submitted")?;
        let Some(release) = &self.release else { return Err(Refusal::NotReleased) };
        let Some(receipt_placeholder) = input.receipt_placeholder else {
            return Err(Refusal::NoReceiptPlaceholder { at: "/receiptPlaceholder" });
        };
        let submitted_at = input.submitted_at.unwrap_or(context.now);
        if submitted_at > context.now {
            return Err(Refusal::SubmittedInFuture { at });
        }
        if submitted_at < release.at {
            return Err(Refusal::SubmittedBeforeRelease { released: release.at, at });
        }
        self.initial_comes_first(submitted_at, context)?;
        Ok(vec![Event::Submitted(Submitted {
            submitted_at,
            by: context.user(),
            content_hash: release.content_hash.clone(),
            receipt_placeholder,
            due: self.duty.due,
            late: self.duty.due.is_some_and(|due| submitted_at > due),
        })])
    }

    /// Where an initial report to the same rule is used, a later one waits for it.
    fn initial_comes_first(&self, by_then: Instant, context: &Context) -> Result<(), Refusal> {
        if self.duty.report_kind == ReportKind::Initial || self.duty.incident.is_none() {
            return Ok(());
        }
        let incident = self.duty.incident.as_ref().map(Ref::id);
        let rule = self.duty.rule.as_ref().map(Key::as_str);
        let initial: BTreeMap<String, facts::ExternalReport> = context
            .facts
            .all::<facts::ExternalReport>()
            .into_iter()
            .filter(|(_, other)| {
                other.incident.as_deref() == incident
                    && other.rule.as_deref() == rule
                    && other.report_kind == "initial"
                    && other.status != "withdrawn"
            })
            .collect();
        let is_there = |other: &facts::ExternalReport| {
            other.is_submitted() && other.submitted_at.is_none_or(|at| at <= by_then)
        };
        if initial.values().any(is_there) {
            return Ok(());
        }
        match initial.into_keys().next() {
            Some(initial) => Err(Refusal::InitialNotSubmitted { initial }),
            None => Ok(()),
        }
    }

    pub(super) fn acknowledged(
        &self,
        input: RecordReceipt,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        match (&self.receipt, self.status) {
            (Some(receipt), _) if *receipt == input.receipt => Ok(Vec::new()),
            (Some(receipt), _) => Err(Refusal::OtherReceipt { receipt: receipt.to_string() }),
            (None, ReportStatus::Submitted) => {
                let (receipt, at) = (input.receipt, context.now);
                Ok(vec![Event::Acknowledged(Acknowledged { receipt, at })])
            }
            (None, status) => {
                Err(Refusal::WrongStatus { status: status.text(), step: "acknowledged" })
            }
        }
    }

    pub(super) fn missed(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.missed_at.is_some() {
            return Ok(Vec::new());
        }
        self.must_be_owed("missed")?;
        match self.duty.due {
            Some(due) if context.now > due => {
                Ok(vec![Event::DeadlineMissed(DeadlineMissed { due, at: context.now })])
            }
            Some(_) | None => Err(Refusal::DeadlineNotPassed),
        }
    }

    pub(super) fn withdrawn(&self, input: Withdraw) -> Result<Vec<Event>, Refusal> {
        match self.status {
            ReportStatus::Withdrawn => Ok(Vec::new()),
            ReportStatus::Due | ReportStatus::Drafted | ReportStatus::Released => {
                Ok(vec![Event::Withdrawn(input)])
            }
            ReportStatus::Submitted | ReportStatus::Acknowledged | ReportStatus::Missed => {
                let status = self.status.text();
                Err(Refusal::WrongStatus { status, step: "withdrawn" })
            }
        }
    }
}
