//! A report to a regulator, customer or affected person (L-13; ISO/IEC 42001 A.8.4, A.8.5).
//!
//! ```text
//!           fall_due        redraft            release             submit
//!   (none) ─────────► Due ─────────► Drafted ─────────► Released ─────────► Submitted
//!      │ draft                        ▲  ▲  redraft │                        │ record_receipt
//!      └──────────────────────────────┘  └──────────┘                        ▼
//!        miss_deadline, before it is submitted                          Acknowledged
//!          ──► Missed ──redraft, release, submit (late)──► Submitted
//!        withdraw, before it is submitted or missed ──► Withdrawn
//! ```

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Hash, Line, Prose};
use kernel::{Context, Instant, Need, Role, UserId};

pub use self::duty::{Duty, ReportKind};
pub use self::progress::{Acknowledged, DeadlineMissed, Drafted, Released, Submitted};
pub use self::refusal::Refusal;

mod duty;
mod progress;
mod refusal;
#[cfg(test)]
mod tests;

/// A report to somebody outside: why, to whom, by when, and what became of it.
#[record]
#[derive(Default)]
pub struct ExternalReport {
    /// Why, to whom and what.
    #[field(flatten)]
    pub duty: Duty,
    /// SHA-256 of the report as it was written last.
    pub content_hash: Option<Hash>,
    /// How it is sent.
    #[field(correctable)]
    pub channel: Option<Line>,
    /// Where it stands.
    #[field(index)]
    pub status: ReportStatus,
    /// Everyone who wrote on it.
    pub authors: Vec<UserId>,
    /// Its release, while that holds for what was written last.
    pub release: Option<Released>,
    /// When its deadline was found to have passed.
    pub missed_at: Option<Instant>,
    /// When the recipient got it.
    #[field(index)]
    pub submitted_at: Option<Instant>,
    /// Who submitted it.
    pub submitted_by: Option<UserId>,
    /// Whether it was submitted after its deadline.
    pub late: bool,
    /// Where the receipt will stand: the reference under which it was sent.
    pub receipt_placeholder: Option<Line>,
    /// The recipient's receipt.
    pub receipt: Option<Line>,
    /// When the recipient confirmed it.
    pub acknowledged_at: Option<Instant>,
    /// Why it was withdrawn.
    pub withdrawal: Option<Prose>,
}

/// Where a report stands.
#[words]
#[derive(Default)]
pub enum ReportStatus {
    /// It is owed and nobody has written it.
    #[default]
    Due,
    /// It is being written.
    Drafted,
    /// It may be sent.
    Released,
    /// The recipient has it.
    Submitted,
    /// The recipient has confirmed it.
    Acknowledged,
    /// Its deadline passed before it was submitted.
    Missed,
    /// It was not made after all.
    Withdrawn,
}

/// Input of `draft`.
#[record]
pub struct Draft {
    /// Why, to whom and what.
    #[field(flatten)]
    pub duty: Duty,
    /// SHA-256 of the report as it is written.
    pub content_hash: Hash,
    /// How it is sent.
    pub channel: Option<Line>,
}

/// Input of `redraft`.
#[record]
pub struct Redraft {
    /// Who gets it, if that changes.
    pub recipient: Option<Line>,
    /// SHA-256 of the report as it is written now.
    pub content_hash: Hash,
    /// How it is sent, if that changes.
    pub channel: Option<Line>,
}

/// Input of `release`.
#[record]
pub struct Release {
    /// The hash of the report that the releaser saw; refused when another was written.
    pub content_hash: Option<Hash>,
}

/// Input of `submit`.
#[record]
pub struct Submit {
    /// When the recipient got it; now when left out.
    pub submitted_at: Option<Instant>,
    /// The reference under which it was sent, for the receipt to be matched.
    pub receipt_placeholder: Option<Line>,
}

/// Input of `record_receipt`.
#[record]
pub struct RecordReceipt {
    /// The recipient's receipt.
    pub receipt: Line,
}

/// Input of `withdraw`, and what was recorded of it.
#[record]
pub struct Withdraw {
    /// Why it is not made after all.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Says that a report is owed.
    #[command(by(Sys), emits(FellDue), creates)]
    FallDue(Duty),
    /// Writes a report.
    #[command(by(Dpo, Im), emits(Drafted), creates)]
    Draft(Draft),
    /// Writes a report that is owed, or writes it again; a release ends with it.
    #[command(by(Dpo, Im), emits(Drafted))]
    Redraft(Redraft),
    /// Lets the report go out.
    #[command(by(Tm, Dpo), emits(Released), if_match)]
    Release(Release),
    /// Records that the recipient has it.
    #[command(by(Dpo, Im), emits(Submitted))]
    Submit(Submit),
    /// Records the recipient's receipt.
    #[command(by(Dpo, Im, Sys), emits(Acknowledged))]
    RecordReceipt(RecordReceipt),
    /// Says that the deadline has passed.
    #[command(by(Sys), emits(DeadlineMissed))]
    MissDeadline,
    /// Says that the report is not made after all.
    #[command(by(Dpo), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Corrects an earlier event.
    #[command(by(Dpo, Im), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "external_report")]
pub enum Event {
    /// A report is owed.
    FellDue(Duty),
    /// A report was written.
    Drafted(Drafted),
    /// It may go out.
    Released(Released),
    /// The recipient has it.
    Submitted(Submitted),
    /// The recipient has confirmed it.
    Acknowledged(Acknowledged),
    /// Its deadline passed before it was submitted.
    DeadlineMissed(DeadlineMissed),
    /// It is not made after all.
    Withdrawn(Withdraw),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(ExternalReport, "external_report", Command, Event, Refusal);

impl Domain for ExternalReport {
    const ABOUT: About = About {
        kind: "external_report",
        doc: "A report to a regulator, customer or affected person.",
        clauses: &["A.8.4", "A.8.5"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::FallDue(duty) | Command::Draft(Draft { duty, .. }) => {
                duty.incident.iter().map(|i| Need::Object(i.id().to_owned())).collect()
            }
            Command::Submit(_) if self.duty.report_kind != ReportKind::Initial => {
                let incident = self.duty.incident.iter();
                let same = |id: &str| Need::Where("external_report", "incident", id.to_owned());
                incident.map(|incident| same(incident.id())).collect()
            }
            Command::Submit(_)
            | Command::Redraft(_)
            | Command::Release(_)
            | Command::RecordReceipt(_)
            | Command::MissDeadline
            | Command::Withdraw(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::FallDue(duty) => Ok(vec![Event::FellDue(duty.in_time(context)?)]),
            Command::Draft(input) => Ok(vec![Event::Drafted(Drafted {
                duty: input.duty.in_time(context)?,
                content_hash: input.content_hash,
                channel: input.channel,
                by: context.user(),
            })]),
            Command::Redraft(input) => self.redrafted(input, context),
            Command::Release(input) => self.released(&input, context),
            Command::Submit(input) => self.submitted(input, context),
            Command::RecordReceipt(input) => self.acknowledged(input, context),
            Command::MissDeadline => self.missed(context),
            Command::Withdraw(input) => self.withdrawn(input),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::FellDue(duty) => self.duty = duty,
            Event::Drafted(e) => self.written(e),
            Event::Released(e) => {
                self.advance(ReportStatus::Released);
                self.release = Some(e);
            }
            Event::Submitted(e) => {
                self.status = ReportStatus::Submitted;
                self.submitted_at = Some(e.submitted_at);
                self.submitted_by = Some(e.by);
                self.late = e.late;
                self.receipt_placeholder = Some(e.receipt_placeholder);
            }
            Event::Acknowledged(e) => {
                self.status = ReportStatus::Acknowledged;
                self.receipt = Some(e.receipt);
                self.acknowledged_at = Some(e.at);
            }
            Event::DeadlineMissed(e) => {
                self.status = ReportStatus::Missed;
                self.missed_at = Some(e.at);
            }
            Event::Withdrawn(e) => {
                self.status = ReportStatus::Withdrawn;
                self.withdrawal = Some(e.reason);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}
