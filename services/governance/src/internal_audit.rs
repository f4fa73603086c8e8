//! An internal audit (G-09; ISO/IEC 42001 9.2.1, 9.2.2).
//!
//! ```text
//!           schedule             start                report              close
//!   (none) ─────────► Planned ─────────► InProgress ─────────► Reported ────────► Closed
//!                      │   ▲ replan         │   ▲ replan, record_sample
//!                      └───┘                └───┘
//!                      └────── cancel ──────┴──► Cancelled
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain, Relation};
use kernel::values::{Hash, Key, Prose};
use kernel::{Context, Date, Fact, Instant, Need, Role};

pub use self::conduct::{
    Cancel, Cancelled, Closed, RecordSample, Report, Reported, Sample, Sampled, Start, Started,
};
pub use self::plan::{Overdue, Plan, Replanned, Scheduled};
pub use self::refusal::Refusal;
use crate::stamp::Stamp;

mod conduct;
mod independence;
mod plan;
mod refusal;
#[cfg(test)]
mod tests;

/// Most records that an audit notes as its sample.
pub const SAMPLES_MAX: usize = 100;

/// An audit of the organisation by its own auditors: its plan, and how it went.
#[record]
#[derive(Default)]
pub struct InternalAudit {
    /// What is planned.
    #[field(flatten)]
    pub plan: Plan,
    /// Where it stands.
    #[field(index)]
    pub status: AuditStatus,
    /// Who scheduled it, and when.
    pub scheduled: Option<Stamp>,
    /// Since when it has been late to start.
    pub overdue_since: Option<Date>,
    /// The day on which the auditors began.
    #[field(index)]
    pub performed_on: Option<Date>,
    /// What the auditors looked at.
    pub samples: BTreeMap<Key, Sample>,
    /// SHA-256 of the report.
    pub report_hash: Option<Hash>,
    /// What the report says, in short.
    #[field(correctable)]
    pub summary: Option<Prose>,
    /// When it was reported.
    #[field(index)]
    pub reported_at: Option<Instant>,
    /// Who closed it, and when.
    pub closed: Option<Stamp>,
    /// Why it was cancelled.
    pub cancellation: Option<Prose>,
}

/// Where an audit stands.
#[words]
#[derive(Default)]
pub enum AuditStatus {
    /// It is to come.
    #[default]
    Planned,
    /// The auditors are at work.
    InProgress,
    /// Its report is there.
    Reported,
    /// Everything that it found is taken care of.
    Closed,
    /// It does not take place.
    Cancelled,
}

impl AuditStatus {
    pub(crate) fn text(self) -> &'static str {
        match self {
            AuditStatus::Planned => "planned",
            AuditStatus::InProgress => "in progress",
            AuditStatus::Reported => "reported",
            AuditStatus::Closed => "closed",
            AuditStatus::Cancelled => "cancelled",
        }
    }
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Schedules an audit.
    #[command(by(Am, Aud), emits(Scheduled), creates)]
    Schedule(Plan),
    /// Writes the plan again; once it has begun, only its auditors may.
    #[command(by(Am, Aud), emits(Replanned))]
    Replan(Plan),
    /// Begins the audit.
    #[command(by(Aud), emits(Started))]
    Start(Start),
    /// Notes what the auditors looked at.
    #[command(by(Aud), emits(Sampled))]
    RecordSample(RecordSample),
    /// Hands in the report.
    #[command(by(Aud), emits(Reported))]
    Report(Report),
    /// Closes the audit once everything that it found is graded and taken care of.
    #[command(by(Aud), emits(Closed))]
    Close,
    /// Cancels it; once it has begun, only top management may.
    #[command(by(Am, Tm), emits(Cancelled))]
    Cancel(Cancel),
    /// Says that it should have begun.
    #[command(by(Sys), emits(Overdue))]
    MarkOverdue,
    /// Corrects an earlier event.
    #[command(by(Aud), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "internal_audit")]
pub enum Event {
    /// It was scheduled.
    Scheduled(Scheduled),
    /// Its plan was written again.
    Replanned(Replanned),
    /// It began.
    Started(Started),
    /// Something was looked at.
    Sampled(Sampled),
    /// Its report is there.
    Reported(Reported),
    /// It was closed.
    Closed(Closed),
    /// It does not take place.
    Cancelled(Cancelled),
    /// It should have begun.
    Overdue(Overdue),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(InternalAudit, "internal_audit", Command, Event, Refusal);

impl Fact for InternalAudit {
    const KIND: &'static str = "internal_audit";
}

impl Domain for InternalAudit {
    const ABOUT: About = About {
        kind: "internal_audit",
        doc: "An audit of the organisation by its own auditors.",
        clauses: &["9.2.1", "9.2.2"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[Relation {
            name: "findings",
            doc: "What it found.",
            kind: "audit_finding",
            by: "audit",
            pinned: None,
        }],
        shape: 1,
    };

    fn needs(&self, command: &Command, known: &Context) -> Vec<Need> {
        match command {
            Command::Schedule(plan) | Command::Replan(plan) => plan.needs(),
            Command::Start(_) => self.plan.needs(),
            Command::Close => vec![Need::Where("audit_finding", "audit", known.id.clone())],
            Command::RecordSample(input) => {
                input.object.iter().map(|object| Need::Object(object.id().to_owned())).collect()
            }
            Command::Report(_)
            | Command::Cancel(_)
            | Command::MarkOverdue
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Schedule(plan) => plan.scheduled(context),
            Command::Replan(plan) => self.replanned(plan, context),
            Command::Start(input) => self.started(&input, context),
            Command::RecordSample(input) => self.sampled(input, context),
            Command::Report(input) => self.reported(input, context),
            Command::Close => self.closed(context),
            Command::Cancel(input) => self.cancelled(input, context),
            Command::MarkOverdue => self.overdue(context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Scheduled(e) => {
                self.plan = e.plan;
                self.scheduled = Some(e.by);
            }
            Event::Replanned(e) => {
                self.plan = e.plan;
                self.overdue_since = None;
            }
            Event::Started(e) => {
                self.status = AuditStatus::InProgress;
                self.performed_on = Some(e.performed_on);
            }
            Event::Sampled(e) => {
                self.samples.insert(e.key, e.sample);
            }
            Event::Reported(e) => {
                self.status = AuditStatus::Reported;
                self.report_hash = Some(e.report_hash);
                self.summary = e.summary;
                self.reported_at = Some(e.reported.at);
            }
            Event::Closed(e) => {
                self.status = AuditStatus::Closed;
                self.closed = Some(e.closed);
            }
            Event::Cancelled(e) => {
                self.status = AuditStatus::Cancelled;
                self.cancellation = Some(e.reason);
            }
            Event::Overdue(e) => self.overdue_since = Some(e.planned_on),
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}
