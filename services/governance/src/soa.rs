//! The Statement of Applicability (G-08; ISO/IEC 42001 6.1.3). Its rows are objects of their own
//! (`soa_control.rs`), so that several people can edit at once; a version of the statement is its
//! rows as of the position at which it was approved. There is one on ISO/IEC 42001, and one on each
//! other catalogue that the organisation states on.
//!
//! ```text
//!          start           submit             approve            submit
//!   (none) ─────► Draft ──────────► InReview ─────────► Approved ────────► InReview (next one)
//!                   ▲     reject       │                   │
//!                   └──────────────────┘      withdraw ──► Withdrawn
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record};
use kernel::approval::{
    Approval, Approve, Effective, Reject, Rejected, Submitted, Superseded, Withdraw, Withdrawn,
};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain, Relation};
use kernel::values::{Key, Prose};
use kernel::{Context, Fact, Need, Role, UserId};

use crate::catalogue_ref;
use reference::catalogue::ISO_42001;

pub use self::content::{Content, VersionDrafted};
pub use self::contradiction::{Contradiction, ContradictionDetected, Detect, Resolve};
pub use self::refusal::Refusal;
pub use self::rows::Rows;

mod check;
mod content;
mod contradiction;
mod refusal;
mod rows;
#[cfg(test)]
mod tests;

/// Which controls of a catalogue the organisation applies, and why: one statement on each, with
/// successive versions.
#[record]
#[derive(Default)]
pub struct Soa {
    /// Where the working version stands, and which version is in force.
    #[field(flatten)]
    pub approval: Approval,
    /// What it is a statement on.
    #[field(flatten)]
    pub content: Content,
    /// The rows of the version in review.
    pub submitted_rows: Option<Rows>,
    /// The rows of the version in force: the official statement.
    pub effective_rows: Option<Rows>,
    /// Why the version in force may exclude controls that clauses of the standard demand.
    pub despite_clauses: Option<Prose>,
    /// Facts that contradict an exclusion of the version in force and are not resolved.
    pub contradictions: BTreeMap<Key, Contradiction>,
}

/// Input of `approve`.
#[record]
pub struct ApproveSoa {
    /// What the approver saw.
    #[field(flatten)]
    pub approve: Approve,
    /// Why controls may stay excluded that clauses of the standard demand; without a reason such a
    /// statement is not approved.
    pub despite_clauses: Option<Prose>,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Starts the statement.
    #[command(by(Am), emits(VersionDrafted), creates)]
    Start(Content),
    /// Submits the rows as they stand; begins the next version once one is approved or withdrawn.
    #[command(by(Am), emits(VersionDrafted, VersionSubmitted))]
    Submit,
    /// Sends the submitted version back.
    #[command(by(Tm), emits(VersionRejected))]
    Reject(Reject),
    /// Approves the submitted version.
    #[command(by(Tm), emits(VersionSuperseded, VersionApproved), if_match)]
    Approve(ApproveSoa),
    /// Takes the version back.
    #[command(by(Am, Tm), emits(VersionWithdrawn))]
    Withdraw(Withdraw),
    /// Finds that a fact contradicts an exclusion of the version in force.
    #[command(by(Sys), emits(ContradictionDetected))]
    DetectContradiction(Detect),
    /// Finds that a contradiction is gone.
    #[command(by(Sys), emits(ContradictionResolved))]
    ResolveContradiction(Resolve),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// A version was submitted.
#[record]
pub struct VersionSubmitted {
    /// The submission.
    #[field(flatten)]
    pub submitted: Submitted,
    /// The rows that were submitted.
    pub rows: Rows,
    /// Everyone who changed a row since the version in force.
    pub authors: Vec<UserId>,
}

/// A version was approved.
#[record]
pub struct VersionApproved {
    /// The version as it is in force from now on.
    pub effective: Effective,
    /// The rows that were approved: exactly those submitted.
    pub rows: Rows,
    /// Why it may exclude controls that clauses of the standard demand.
    pub despite_clauses: Option<Prose>,
}

/// What can have happened.
#[events(kind = "soa")]
pub enum Event {
    /// A version was begun.
    VersionDrafted(VersionDrafted),
    /// The rows as they stood were submitted.
    VersionSubmitted(VersionSubmitted),
    /// The submitted version was sent back.
    VersionRejected(Rejected),
    /// A version is no longer in force.
    VersionSuperseded(Superseded),
    /// A version is in force: the rows as of its position are the official statement.
    VersionApproved(VersionApproved),
    /// A version was taken back.
    VersionWithdrawn(Withdrawn),
    /// A fact contradicts an exclusion.
    ContradictionDetected(ContradictionDetected),
    /// A contradiction is gone.
    ContradictionResolved(Resolve),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(Soa, "soa", Command, Event, Refusal);

impl Fact for Soa {
    const KIND: &'static str = "soa";
}

impl Domain for Soa {
    const ABOUT: About = About {
        kind: "soa",
        doc: "The Statement of Applicability: which controls apply, why, and how far they are \
              implemented.",
        clauses: &["6.1.3", "8.1"],
        singleton: true,
        readers: Role::MEMBERS,
        relations: &[
            Relation {
                name: "controls",
                doc: "The working copy of its rows.",
                kind: "soa_control",
                by: "soa",
                pinned: None,
            },
            Relation {
                name: "officialControls",
                doc: "The rows of the version in force.",
                kind: "soa_control",
                by: "soa",
                pinned: Some("effectiveRows.position"),
            },
        ],
        shape: 1,
    };

    /// The statement on ISO/IEC 42001 is the tenant's own; on every other catalogue there is one
    /// beside it.
    fn given_id(command: &Command) -> Option<String> {
        match command {
            Command::Start(content) => {
                let catalogue = content.catalogue.as_str();
                (catalogue != ISO_42001).then(|| facts::statement_id(catalogue))
            }
            Command::Submit
            | Command::Reject(_)
            | Command::Approve(_)
            | Command::Withdraw(_)
            | Command::DetectContradiction(_)
            | Command::ResolveContradiction(_)
            | Command::Correct(_) => None,
        }
    }

    fn needs(&self, command: &Command, known: &Context) -> Vec<Need> {
        match command {
            Command::Start(content) => {
                catalogue_ref::needs(&content.catalogue).into_iter().collect()
            }
            Command::Submit | Command::Approve(_) => rows::needs(&self.content.catalogue, known),
            Command::Withdraw(_) => vec![Need::All("certificate")],
            Command::Reject(_)
            | Command::DetectContradiction(_)
            | Command::ResolveContradiction(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let approval = &self.approval;
        Ok(match command {
            Command::Start(content) => vec![Event::VersionDrafted(content.start(context)?)],
            Command::Submit => self.submitted(context)?,
            Command::Reject(input) => {
                vec![Event::VersionRejected(approval.reject(input, context)?)]
            }
            Command::Approve(input) => self.approved(input, context)?,
            Command::Withdraw(input) => {
                let certificates = context.facts.all::<facts::Certificate>();
                let mut certificates = certificates.into_iter();
                if let Some((_, active)) = certificates.find(|(_, c)| c.relies_on(&context.id)) {
                    return Err(Refusal::CertificateActive { number: active.number });
                }
                vec![Event::VersionWithdrawn(approval.withdraw(input, context)?)]
            }
            Command::DetectContradiction(input) => input.decide(self, context)?,
            Command::ResolveContradiction(input) => {
                let open = self.contradictions.contains_key(&input.key);
                if open { vec![Event::ContradictionResolved(input)] } else { Vec::new() }
            }
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::VersionDrafted(e) => {
                self.approval.drafted(e.version, e.by);
                self.content = e.content;
            }
            Event::VersionSubmitted(e) => {
                let known = self.approval.authors.clone();
                let more = e.authors.into_iter().filter(|author| !known.contains(author));
                self.approval.authors.extend(more);
                self.approval.submitted(e.submitted);
                self.submitted_rows = Some(e.rows);
            }
            Event::VersionRejected(e) => {
                self.approval.rejected(e);
                self.submitted_rows = None;
            }
            Event::VersionSuperseded(_) => {
                self.approval.effective = None;
                (self.effective_rows, self.despite_clauses) = (None, None);
            }
            Event::VersionApproved(e) => {
                self.approval.approved(kernel::approval::Approved { effective: e.effective });
                (self.effective_rows, self.despite_clauses) = (Some(e.rows), e.despite_clauses);
                self.submitted_rows = None;
            }
            Event::VersionWithdrawn(e) => {
                self.approval.withdrawn(&e);
                self.submitted_rows = None;
                if self.approval.effective.is_none() {
                    (self.effective_rows, self.despite_clauses) = (None, None);
                }
            }
            Event::ContradictionDetected(e) => {
                self.contradictions.insert(e.key, e.contradiction);
            }
            Event::ContradictionResolved(e) => {
                self.contradictions.remove(&e.key);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl Soa {
    fn submitted(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.approval.may_draft()?;
        let mut events = Vec::new();
        let mut approval = self.approval.clone();
        if approval.may_edit().is_err() {
            let version = approval.draft_version();
            let drafted = self.content.clone().begin(version, context);
            approval.drafted(version, drafted.by.clone());
            events.push(Event::VersionDrafted(drafted));
        }
        let table = rows::table(context);
        check::complete(&self.content, &table, context)?;
        let rows = Rows::of(&table, context);
        let submitted = approval.submit(&self.content.with(&rows.hash), context)?;
        let since = self.effective_rows.as_ref().map(|rows| rows.at);
        let authors = rows::authors(&table, since);
        events.push(Event::VersionSubmitted(VersionSubmitted { submitted, rows, authors }));
        Ok(events)
    }

    fn approved(&self, input: ApproveSoa, context: &Context) -> Result<Vec<Event>, Refusal> {
        let ApproveSoa { approve, despite_clauses } = input;
        let seen = self.submitted_rows.as_ref().map(|rows| rows.hash.clone()).unwrap_or_default();
        let submission = self.content.with(&seen);
        let (ended, approved) = self.approval.approve(&approve, &submission, context)?;
        let table = rows::table(context);
        let rows = Rows::of(&table, context);
        if rows.hash != seen {
            return Err(Refusal::RowsChanged);
        }
        check::complete(&self.content, &table, context)?;
        if despite_clauses.as_ref().is_none_or(Prose::is_blank) {
            check::clauses(&self.content, &table)?;
        }
        let effective = approved.effective;
        let approved = VersionApproved { effective, rows, despite_clauses };
        let ended = ended.map(Event::VersionSuperseded);
        Ok(ended.into_iter().chain([Event::VersionApproved(approved)]).collect())
    }
}
