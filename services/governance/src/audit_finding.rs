//! A finding of an internal or external audit (G-10; ISO/IEC 42001 9.2.2, 10.2). Both have one
//! shape; what a certification body found, its auditors alone grade, verify, close and correct.
//!
//! ```text
//!           raise             accept              answer             verify           close
//!   (none) ───────► Raised ───────────► Accepted ────────► Answered ────────► Verified ───► Closed
//!                     │ dispute ▲ accept  │ dispute  ▲ answer │ ▲                             ▲
//!                     ▼         │         ▼          │        └─┘                             │
//!                   Disputed ───┴──────── Disputed ──┘       close, of a positive finding ────┘
//!
//!   regrade, before it is verified · link to what answers it, before it is closed
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain, Relation};
use kernel::kinds;
use kernel::values::{Anything, Key, Line, Number, Prose, Ref};
use kernel::{Context, Date, Fact, Need, Role};

pub use self::grading::{Grade, Regrade, Regraded};
pub use self::raising::{ObjectiveEvidence, Proof, Raise, Raised, Source};
pub use self::refusal::Refusal;
pub use self::reply::{Accepted, Answer, Answered, Dispute, Disputed, Link, Linked};
pub use self::reply::{Closed, Verified};
use crate::stamp::Stamp;
use crate::{criteria, nonconformity};

mod grading;
mod raising;
mod refusal;
mod reply;
mod standing;
#[cfg(test)]
mod tests;

/// What an audit found, and what became of it.
#[record]
#[derive(Default)]
pub struct AuditFinding {
    /// The internal or certification audit.
    #[field(index)]
    pub audit: Ref<Anything>,
    /// Which sort of audit that is.
    pub source: Source,
    /// The certification body whose audit it is, by id; none for an internal audit.
    pub body: Option<Line>,
    /// How grave it is.
    #[field(index)]
    pub grade: Grade,
    /// Where it stands.
    #[field(index)]
    pub status: FindingStatus,
    /// The clause or control that it is about.
    pub requirement: Option<Number>,
    /// Whether that requirement is violated.
    pub requirement_violated: bool,
    /// What it is, in a line that names no person.
    #[field(search, correctable)]
    pub title: Line,
    /// What was found.
    #[field(correctable)]
    pub statement: Prose,
    /// On what it rests.
    pub objective_evidence: BTreeMap<Key, ObjectiveEvidence>,
    /// Who raised it, and when.
    pub raised: Option<Stamp>,
    /// The day by which the certification body wants an answer.
    #[field(index)]
    pub reply_due: Option<Date>,
    /// Why the organisation disputes it.
    pub dispute: Option<Disputed>,
    /// How the organisation answers it.
    pub answer: Option<Answered>,
    /// How its grade changed last.
    pub regraded: Option<Regraded>,
    /// The nonconformity that answers it.
    pub linked_nc: Option<Ref<kinds::Nonconformity>>,
    /// The improvement that answers it.
    pub linked_improvement: Option<Ref<kinds::Improvement>>,
    /// Who found that what answers it works, and when.
    pub verified: Option<Stamp>,
    /// Who closed it, and when.
    pub closed: Option<Stamp>,
}

/// Where a finding stands.
#[words]
#[derive(Default)]
pub enum FindingStatus {
    /// The auditors have raised it.
    #[default]
    Raised,
    /// The organisation accepts it.
    Accepted,
    /// The organisation disputes it.
    Disputed,
    /// The organisation has said what it does about it.
    Answered,
    /// The auditors found that this works.
    Verified,
    /// Nothing is left to do.
    Closed,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Raises a finding in an audit under way.
    #[command(by(Aud, Cba), emits(Raised), creates)]
    Raise(Raise),
    /// Accepts it.
    #[command(by(Am), emits(Accepted), if_match)]
    Accept,
    /// Disputes it.
    #[command(by(Am), emits(Disputed))]
    Dispute(Dispute),
    /// Grades it, or changes its grade.
    #[command(by(Aud, Cba), emits(Regraded))]
    Regrade(Regrade),
    /// Links it to the nonconformity or improvement that answers it.
    #[command(by(Am, Sys), emits(Linked))]
    Link(Link),
    /// Says what is done about it.
    #[command(by(Am), emits(Answered))]
    Answer(Answer),
    /// Finds that what answers it works.
    #[command(by(Aud, Cba), emits(Verified))]
    Verify,
    /// Closes it.
    #[command(by(Aud, Cba), emits(Closed))]
    Close,
    /// Corrects an earlier event.
    #[command(by(Aud, Cba), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "audit_finding")]
pub enum Event {
    /// It was raised.
    Raised(Raised),
    /// The organisation accepts it.
    Accepted(Accepted),
    /// The organisation disputes it.
    Disputed(Disputed),
    /// Its grade changed.
    Regraded(Regraded),
    /// It is linked to what answers it.
    Linked(Linked),
    /// The organisation said what it does about it.
    Answered(Answered),
    /// That works.
    Verified(Verified),
    /// It was closed.
    Closed(Closed),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(AuditFinding, "audit_finding", Command, Event, Refusal);

impl Fact for AuditFinding {
    const KIND: &'static str = "audit_finding";
}

impl Domain for AuditFinding {
    const ABOUT: About = About {
        kind: "audit_finding",
        doc: "A finding of an internal or external audit.",
        clauses: &["9.2.2", "10.2"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[Relation {
            name: "nonconformities",
            doc: "The nonconformities that were raised from it.",
            kind: "nonconformity",
            by: "origin",
            pinned: None,
        }],
        shape: 1,
    };

    fn needs(&self, command: &Command, known: &Context) -> Vec<Need> {
        let object = |id: &str| Need::Object(id.to_owned());
        match command {
            Command::Raise(input) => {
                let mut needs = criteria::needs(&input.requirement);
                needs.push(object(input.audit.id()));
                needs
            }
            Command::Regrade(input) => {
                let mut needs = criteria::needs(&input.requirement);
                needs.extend(self.standing_needs(known));
                needs
            }
            Command::Verify => {
                let mut needs = self.standing_needs(known);
                needs.extend(self.linked_nc.iter().map(|nc| object(nc.id())));
                needs
            }
            Command::Close | Command::Correct(_) => self.standing_needs(known),
            Command::Link(input) => {
                let nonconformity = input.nonconformity.iter().map(|nc| object(nc.id()));
                nonconformity.chain(input.improvement.iter().map(|i| object(i.id()))).collect()
            }
            Command::Accept | Command::Dispute(_) | Command::Answer(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Raise(input) => input.decide(context),
            Command::Accept => self.accepted(context),
            Command::Dispute(input) => self.disputed(input, context),
            Command::Regrade(input) => self.regraded(input, context),
            Command::Link(input) => self.linked(input, context),
            Command::Answer(input) => self.answered(input, context),
            Command::Verify => self.verified(context),
            Command::Close => self.closed(context),
            Command::Correct(input) => {
                self.must_be_of_the_auditors(context)?;
                Ok(vec![Event::Corrected(input.decide::<Self>(context)?)])
            }
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Raised(e) => self.take(e),
            Event::Accepted(_) => self.status = FindingStatus::Accepted,
            Event::Disputed(e) => {
                self.status = FindingStatus::Disputed;
                self.dispute = Some(e);
            }
            Event::Regraded(e) => {
                self.grade = e.to;
                self.requirement.clone_from(&e.requirement);
                self.requirement_violated = e.requirement_violated;
                self.reply_due = e.reply_due;
                self.regraded = Some(e);
            }
            Event::Linked(e) => {
                self.linked_nc = e.nonconformity.or(self.linked_nc.take());
                self.linked_improvement = e.improvement.or(self.linked_improvement.take());
            }
            Event::Answered(e) => {
                self.status = FindingStatus::Answered;
                self.answer = Some(e);
            }
            Event::Verified(e) => {
                self.status = FindingStatus::Verified;
                self.verified = Some(e.verified);
            }
            Event::Closed(e) => {
                self.status = FindingStatus::Closed;
                self.closed = Some(e.closed);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl AuditFinding {
    /// Whether the auditors have said how grave it is.
    pub fn is_graded(&self) -> bool {
        self.grade != Grade::Ungraded
    }

    /// Whether it is closed or linked to what answers it; a positive finding asks for nothing.
    pub fn is_taken_care_of(&self) -> bool {
        self.status == FindingStatus::Closed
            || self.grade == Grade::Positive
            || self.linked_nc.is_some()
            || self.linked_improvement.is_some()
    }

    /// Whether it says that a requirement is not met and has not been closed.
    pub fn stands(&self) -> bool {
        self.grade.is_nonconformity() && self.status != FindingStatus::Closed
    }

    /// The grade that a nonconformity from it has at least.
    pub(crate) fn nonconformity_grade(&self) -> Option<nonconformity::Grade> {
        match self.grade {
            Grade::Major => Some(nonconformity::Grade::Major),
            Grade::Minor => Some(nonconformity::Grade::Minor),
            Grade::Ungraded | Grade::Positive | Grade::Ofi | Grade::AreaOfConcern => None,
        }
    }
}
