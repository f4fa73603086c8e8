//! A note of an auditor (G-19; ISO/IEC 17021-1 9.4). Its text is open to the auditors of the
//! engagement alone: what they want the organisation to know is a finding.
//!
//! ```text
//!           write             rewrite
//!   (none) ─────► Written ───────────┐
//!                   │ ▲ ─────────────┘
//!                   └──── withdraw ──────► Withdrawn
//! ```

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Anything, Number, Prose, Pseudonym, Ref};
use kernel::{Context, Fact, Need, Role, UserId, kinds};

use crate::sample::engagement_of;

/// Most notes of an engagement.
const NOTES_MAX: usize = 1_000;

/// What an auditor has written down.
#[record]
#[derive(Default)]
pub struct AuditNote {
    /// The engagement under which it was written.
    #[field(index)]
    pub engagement: Ref<kinds::AuditorEngagement>,
    /// The auditors who may open it.
    pub auditors: Vec<Pseudonym>,
    /// What is noted.
    #[field(correctable)]
    pub text: Prose,
    /// The record that it is about.
    #[field(index)]
    pub about: Option<Ref<Anything>>,
    /// The clause or control that it is about.
    #[field(correctable)]
    pub requirement: Option<Number>,
    /// Who wrote it.
    pub written_by: UserId,
    /// Where it stands.
    #[field(index)]
    pub status: NoteStatus,
}

impl Fact for AuditNote {
    const KIND: &'static str = "audit_note";
}

/// Where a note stands.
#[words]
#[derive(Default)]
pub enum NoteStatus {
    /// It stands.
    #[default]
    Written,
    /// It was taken back.
    Withdrawn,
}

/// Input of `write`.
#[record]
pub struct Write {
    /// What is noted.
    pub text: Prose,
    /// The record that it is about.
    pub about: Option<Ref<Anything>>,
    /// The clause or control that it is about.
    pub requirement: Option<Number>,
}

/// Input of `rewrite`, and what was recorded of it.
#[record]
pub struct Rewrite {
    /// What is noted instead.
    pub text: Prose,
}

/// Input of `withdraw`, and what was recorded of it.
#[record]
pub struct Withdraw {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Writes a note.
    #[command(by(Cba), emits(Written), creates)]
    Write(Write),
    /// Writes a note of one's own again.
    #[command(by(Cba), emits(Rewritten))]
    Rewrite(Rewrite),
    /// Takes a note of one's own back.
    #[command(by(Cba), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Corrects an earlier event.
    #[command(by(Cba), emits(Corrected))]
    Correct(Correct),
}

/// A note was written.
#[record]
pub struct Written {
    /// Under which engagement.
    pub engagement: Ref<kinds::AuditorEngagement>,
    /// The auditors who may open it.
    pub auditors: Vec<Pseudonym>,
    /// What is noted.
    pub text: Prose,
    /// The record that it is about.
    pub about: Option<Ref<Anything>>,
    /// The clause or control that it is about.
    pub requirement: Option<Number>,
    /// Who wrote it.
    pub by: UserId,
}

/// What can have happened.
#[events(kind = "audit_note")]
pub enum Event {
    /// A note was written.
    Written(Written),
    /// It was written again.
    Rewritten(Rewrite),
    /// It was taken back.
    Withdrawn(Withdraw),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// Notes are written under an engagement that is open, by one of its auditors.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.4")]
    EngagementNotOpen,
    /// The note is another auditor's, or belongs to another engagement.
    #[refusal(conflict)]
    NotYourNote,
    /// The note was withdrawn.
    #[refusal(conflict)]
    WasWithdrawn,
    /// An engagement has at most {max} notes.
    #[refusal(conflict)]
    TooMany {
        /// The limit.
        max: usize,
    },
}

kernel::aggregate!(AuditNote, "audit_note", Command, Event, Refusal);

impl Domain for AuditNote {
    const ABOUT: About = About {
        kind: "audit_note",
        doc: "A note of a certification body's auditor; its text is open to the auditors alone.",
        clauses: &["9.2.1"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    const CONFIDED: Option<&'static str> = Some("auditors");

    fn needs(&self, command: &Command, context: &Context) -> Vec<Need> {
        let Some(engagement) = context.actor.engagement.clone() else { return Vec::new() };
        match command {
            Command::Write(_) => vec![
                Need::Object(engagement.clone()),
                Need::Where("audit_note", "engagement", engagement),
            ],
            Command::Rewrite(_) | Command::Withdraw(_) | Command::Correct(_) => {
                vec![Need::Object(engagement)]
            }
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let (id, engagement) = engagement_of(context).ok_or(Refusal::EngagementNotOpen)?;
        Ok(match command {
            Command::Write(Write { text, about, requirement }) => {
                if context.facts.all::<AuditNote>().len() >= NOTES_MAX {
                    return Err(Refusal::TooMany { max: NOTES_MAX });
                }
                vec![Event::Written(Written {
                    engagement: Ref::new(id),
                    auditors: engagement.terms.auditors,
                    text,
                    about,
                    requirement,
                    by: context.user(),
                })]
            }
            Command::Rewrite(input) => {
                self.must_be_own(&id, context)?;
                if self.status == NoteStatus::Withdrawn {
                    return Err(Refusal::WasWithdrawn);
                }
                vec![Event::Rewritten(input)]
            }
            Command::Withdraw(input) => {
                self.must_be_own(&id, context)?;
                let is_gone = self.status == NoteStatus::Withdrawn;
                if is_gone { Vec::new() } else { vec![Event::Withdrawn(input)] }
            }
            Command::Correct(input) => {
                self.must_be_own(&id, context)?;
                vec![Event::Corrected(input.decide::<Self>(context)?)]
            }
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Written(e) => {
                *self = Self {
                    engagement: e.engagement,
                    auditors: e.auditors,
                    text: e.text,
                    about: e.about,
                    requirement: e.requirement,
                    written_by: e.by,
                    status: NoteStatus::Written,
                };
            }
            Event::Rewritten(e) => self.text = e.text,
            Event::Withdrawn(_) => self.status = NoteStatus::Withdrawn,
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl AuditNote {
    fn must_be_own(&self, engagement: &str, context: &Context) -> Result<(), Refusal> {
        let is_own = self.engagement.id() == engagement && self.written_by == context.user();
        if is_own { Ok(()) } else { Err(Refusal::NotYourNote) }
    }
}

#[cfg(test)]
mod tests;
