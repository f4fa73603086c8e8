//! The programme of a year's internal audits (G-09; ISO/IEC 42001 9.2.1, 9.2.2).
//!
//! ```text
//!           draft            submit              approve
//!   (none) ──────► Draft ───────────► InReview ───────────► Approved ──redraft──► Draft (next
//!                    ▲      reject       │                     │                  version)
//!                    └───────────────────┘      withdraw ──► Withdrawn
//! ```

use declare::{commands, events, record, refusals};
use kernel::approval::{
    Approval, ApprovalRefusal, Approve, Effective, Reject, Rejected, Submitted, Superseded,
    Withdraw, Withdrawn,
};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain, Relation};
use kernel::values::Key;
use kernel::{Context, Date, Fact, Need, Role, UserId};

pub use self::content::{Content, PlannedAudit};
pub use self::coverage::Uncovered;
use crate::criteria;

mod content;
mod coverage;
#[cfg(test)]
mod tests;

/// Months for which whoever answered for an area does not audit it, unless the programme says so.
pub const LOOK_BACK_MONTHS: u32 = 24;

/// A year's programme with its successive versions.
#[record]
#[derive(Default)]
pub struct AuditProgramme {
    /// Where the working version stands, and which version is in force.
    #[field(flatten)]
    pub approval: Approval,
    /// What the working version says.
    #[field(flatten)]
    pub content: Content,
    /// What audits rely on of the version in force.
    pub in_force: Option<InForce>,
    /// What the version in force left uncovered when it was approved: warnings.
    pub uncovered: Option<Uncovered>,
}

/// What audits rely on of the version in force.
#[record]
pub struct InForce {
    /// The keys of its audits.
    pub planned_audits: Vec<Key>,
    /// Months for which whoever answered for an area does not audit it.
    pub look_back_months: u32,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Writes the first draft of a year's programme.
    #[command(by(Am), emits(Drafted), creates)]
    Draft(Content),
    /// Writes the draft again, or begins the next version.
    #[command(by(Am), emits(Drafted))]
    Redraft(Content),
    /// Submits the draft for approval.
    #[command(by(Am), emits(Submitted))]
    Submit,
    /// Sends the submitted version back.
    #[command(by(Tm), emits(Rejected))]
    Reject(Reject),
    /// Approves the submitted version; what it leaves uncovered is recorded with it.
    #[command(by(Tm), emits(Superseded, Approved), if_match)]
    Approve(Approve),
    /// Takes the version back.
    #[command(by(Am, Tm), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// The draft was written.
#[record]
pub struct Drafted {
    /// Number of the version.
    pub version: u32,
    /// Who wrote it.
    pub by: UserId,
    /// What it says.
    pub content: Content,
}

/// A version was approved.
#[record]
pub struct ProgrammeApproved {
    /// The version as it is in force from now on.
    pub effective: Effective,
    /// What it leaves uncovered.
    pub uncovered: Uncovered,
}

/// What can have happened.
#[events(kind = "audit_programme")]
pub enum Event {
    /// The draft was written.
    Drafted(Drafted),
    /// The draft was submitted.
    Submitted(Submitted),
    /// The submitted version was sent back.
    Rejected(Rejected),
    /// A version is no longer in force.
    Superseded(Superseded),
    /// A version is in force.
    Approved(ProgrammeApproved),
    /// A version was taken back.
    Withdrawn(Withdrawn),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The pattern of approval forbids it.
    #[refusal(from)]
    Approval(ApprovalRefusal),
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// {year} is no year from 2000 to 2100.
    YearOutOfRange {
        /// The year.
        year: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// The programme is for {year}: another year has a programme of its own.
    OtherYear {
        /// Its year.
        year: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// {year} has a programme already: {programme}.
    #[refusal(conflict, rule = "ISO/IEC 42001 9.2.2")]
    YearHasProgramme {
        /// The year.
        year: u32,
        /// The other programme.
        programme: String,
    },
    /// Each area is audited again within 1 to 36 months, not {months}.
    #[refusal(rule = "ISO/IEC 42001 9.2.1")]
    FrequencyOutOfRange {
        /// What was asked.
        months: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// The audit {audit} is planned on {planned_on}, outside {year}.
    #[refusal(rule = "ISO/IEC 42001 9.2.2")]
    PlannedOutsideYear {
        /// Its key.
        audit: String,
        /// When it is planned.
        planned_on: Date,
        /// The programme's year.
        year: u32,
        /// Where in the input.
        at: String,
    },
    /// {number} is no clause or control of the standard or of a Statement of Applicability.
    UnknownCriterion {
        /// The number.
        number: String,
        /// Where in the input.
        at: String,
    },
    /// The programme lacks {what}.
    #[refusal(rule = "ISO/IEC 42001 9.2.2")]
    ProgrammeLacks {
        /// What is missing.
        what: &'static str,
    },
}

kernel::aggregate!(AuditProgramme, "audit_programme", Command, Event, Refusal);

impl Fact for AuditProgramme {
    const KIND: &'static str = "audit_programme";
}

impl Domain for AuditProgramme {
    const ABOUT: About = About {
        kind: "audit_programme",
        doc: "The programme of a year's internal audits.",
        clauses: &["9.2.1", "9.2.2"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[Relation {
            name: "audits",
            doc: "The audits that were scheduled under it.",
            kind: "internal_audit",
            by: "programme",
            pinned: None,
        }],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Draft(content) | Command::Redraft(content) => {
                let mut needs = criteria::needs(content.audited());
                needs.push(Need::All("audit_programme"));
                needs
            }
            Command::Approve(_) => vec![Need::All("internal_audit"), Need::All("soa_control")],
            Command::Submit | Command::Reject(_) | Command::Withdraw(_) | Command::Correct(_) => {
                Vec::new()
            }
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let approval = &self.approval;
        Ok(match command {
            Command::Draft(content) | Command::Redraft(content) => {
                approval.may_draft()?;
                self.check_year(&content, context)?;
                content.check(context)?;
                let (version, by) = (approval.draft_version(), context.user());
                vec![Event::Drafted(Drafted { version, by, content })]
            }
            Command::Submit => {
                let submitted = approval.submit(&self.content, context)?;
                self.content.check_complete()?;
                vec![Event::Submitted(submitted)]
            }
            Command::Reject(input) => vec![Event::Rejected(approval.reject(input, context)?)],
            Command::Approve(input) => {
                let (ended, approved) = approval.approve(&input, &self.content, context)?;
                let uncovered = Uncovered::by(&self.content, context);
                let effective = approved.effective;
                let approved = Event::Approved(ProgrammeApproved { effective, uncovered });
                ended.map(Event::Superseded).into_iter().chain([approved]).collect()
            }
            Command::Withdraw(input) => {
                vec![Event::Withdrawn(approval.withdraw(input, context)?)]
            }
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Drafted(e) => {
                self.approval.drafted(e.version, e.by);
                self.content = e.content;
            }
            Event::Submitted(e) => self.approval.submitted(e),
            Event::Rejected(e) => self.approval.rejected(e),
            Event::Superseded(_) => {
                self.approval.effective = None;
                (self.in_force, self.uncovered) = (None, None);
            }
            Event::Approved(e) => {
                self.approval.approved(kernel::approval::Approved { effective: e.effective });
                self.uncovered = Some(e.uncovered);
                self.in_force = Some(self.content.in_force());
            }
            Event::Withdrawn(e) => {
                self.approval.withdrawn(&e);
                if self.approval.effective.is_none() {
                    (self.in_force, self.uncovered) = (None, None);
                }
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl AuditProgramme {
    /// A year has one programme; its versions are for that year.
    fn check_year(&self, content: &Content, context: &Context) -> Result<(), Refusal> {
        let year = content.year;
        if !(2000..=2100).contains(&year) {
            return Err(Refusal::YearOutOfRange { year, at: "/year" });
        }
        if self.approval.version > 0 && self.content.year != year {
            return Err(Refusal::OtherYear { year: self.content.year, at: "/year" });
        }
        let others = context.facts.all::<AuditProgramme>();
        let same = |(id, other): &(String, AuditProgramme)| {
            *id != context.id && other.content.year == year && !other.is_withdrawn()
        };
        match others.into_iter().find(same) {
            Some((programme, _)) => Err(Refusal::YearHasProgramme { year, programme }),
            None => Ok(()),
        }
    }

    fn is_withdrawn(&self) -> bool {
        self.approval.status == kernel::approval::Phase::Withdrawn
            && self.approval.effective.is_none()
    }
}
