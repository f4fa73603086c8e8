//! A planned change of the management system itself (G-16; ISO/IEC 42001 6.3). What alters the
//! scope, the risk criteria or key roles names one that is approved.
//!
//! ```text
//!           propose          submit             approve            implement
//!   (none) ────────► Draft ─────────► InReview ─────────► Approved ───────────► implemented
//!                     ▲     reject       │   revise (before  │                       │ review
//!                     ├──────────────────┘   that)           │                       ▼
//!                     └──────────────────────────────────────┴─ withdraw          reviewed
//!                                                               ──► Withdrawn
//! ```

use declare::{commands, events, record, refusals, words};
use kernel::approval::{
    Approval, ApprovalRefusal, Approve, Approved, Reject, Rejected, Submitted, Superseded,
    Withdraw, Withdrawn,
};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds;
use kernel::values::{Line, Prose, Ref};
use kernel::{Context, Date, Instant, Role, UserId};

#[cfg(test)]
mod tests;

/// A change of the management system, with its successive versions and what became of it.
#[record]
#[derive(Default)]
pub struct AimsChange {
    /// Where the working version stands, and which version is in force.
    #[field(flatten)]
    pub approval: Approval,
    /// What the working version says.
    #[field(flatten)]
    pub content: Content,
    /// What the version in force touches.
    pub approved: Option<Affected>,
    /// How far it has come.
    #[field(index)]
    pub progress: Progress,
    /// How it was carried out.
    pub implementation: Option<Implementation>,
    /// What came of it.
    pub review: Option<Review>,
}

/// What a version of the change says. Input of `propose` and `revise`.
#[record]
#[derive(Default)]
pub struct Content {
    /// Its name.
    #[field(index, search, correctable)]
    pub title: Line,
    /// Why the management system is to change.
    #[field(correctable)]
    pub reason: Prose,
    /// What it touches.
    pub affected: Affected,
    /// What follows from it, wanted or not.
    #[field(correctable)]
    pub consequences: Prose,
    /// What it takes.
    #[field(correctable)]
    pub resources: Option<Prose>,
    /// What is done.
    #[field(max = 40)]
    pub plan: Vec<Line>,
    /// Who answers for it.
    pub owner: UserId,
    /// When it is to be done.
    #[field(index)]
    pub due: Date,
}

/// What a change touches.
#[record]
#[derive(Default)]
pub struct Affected {
    /// Documents.
    #[field(max = 40)]
    pub documents: Vec<Ref<kinds::Document>>,
    /// Roles, as the assignments name them.
    #[field(max = 40)]
    pub roles: Vec<Line>,
    /// Whether the scope.
    pub scope: bool,
    /// Whether the risk criteria.
    pub criteria: bool,
    /// Processes.
    #[field(max = 40)]
    pub processes: Vec<Line>,
}

/// How far a change has come.
#[words]
#[derive(Default)]
pub enum Progress {
    /// It is planned.
    #[default]
    Planned,
    /// It was carried out.
    Implemented,
    /// It was looked at afterwards.
    Reviewed,
}

/// How a change was carried out.
#[record]
pub struct Implementation {
    /// Number of the version.
    pub version: u32,
    /// Since when it holds.
    pub on: Date,
    /// What was done.
    pub what: Prose,
    /// Who carried it out.
    pub by: UserId,
    /// When that was recorded.
    pub at: Instant,
}

/// What came of a change.
#[record]
pub struct Review {
    /// Whether it has reached what it was for.
    pub effective: bool,
    /// What was found.
    pub finding: Prose,
    /// Who looked.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Input of `implement`.
#[record]
pub struct Implement {
    /// Since when it holds; today when left out.
    pub on: Option<Date>,
    /// What was done.
    pub what: Prose,
}

/// Input of `review`.
#[record]
pub struct ReviewInput {
    /// Whether it has reached what it was for.
    pub effective: bool,
    /// What was found.
    pub finding: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Writes the first draft.
    #[command(by(Am), emits(Proposed), creates)]
    Propose(Content),
    /// Writes the draft again, or begins the next version.
    #[command(by(Am), emits(Proposed))]
    Revise(Content),
    /// Submits the draft for approval.
    #[command(by(Am), emits(Submitted))]
    Submit,
    /// Sends the submitted version back.
    #[command(by(Tm), emits(Rejected))]
    Reject(Reject),
    /// Approves the submitted version.
    #[command(by(Tm), emits(Superseded, Approved), if_match)]
    Approve(Approve),
    /// Takes the version back, unless it was carried out.
    #[command(by(Am, Tm), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Records that it was carried out.
    #[command(by(Am), emits(Implemented))]
    Implement(Implement),
    /// Looks at it afterwards; another than who carried it out.
    #[command(by(Am, Tm, Aud), emits(Reviewed))]
    Review(ReviewInput),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// The draft was written.
#[record]
pub struct Proposed {
    /// Number of the version.
    pub version: u32,
    /// Who wrote it.
    pub by: UserId,
    /// What it says.
    pub content: Content,
}

/// What can have happened.
#[events(kind = "aims_change")]
#[allow(clippy::large_enum_variant, reason = "events are held one or two at a time")]
pub enum Event {
    /// The draft was written.
    Proposed(Proposed),
    /// The draft was submitted.
    Submitted(Submitted),
    /// The submitted version was sent back.
    Rejected(Rejected),
    /// A version is no longer in force.
    Superseded(Superseded),
    /// A version is in force.
    Approved(Approved),
    /// A version was taken back.
    Withdrawn(Withdrawn),
    /// It was carried out.
    Implemented(Implementation),
    /// It was looked at afterwards.
    Reviewed(Review),
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
    /// A change touches something: documents, roles, the scope, the criteria or processes.
    #[refusal(rule = "ISO/IEC 42001 6.3")]
    TouchesNothing,
    /// A change is carried out as planned: say what is done.
    #[refusal(rule = "ISO/IEC 42001 6.3")]
    WithoutPlan,
    /// The change is not approved, or its next version has been begun: it is not carried out.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.3")]
    NotInForce,
    /// The change was carried out: propose another one to alter or undo it.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.3")]
    IsImplemented,
    /// The change was not carried out: there is nothing to look at.
    #[refusal(conflict)]
    NotImplemented,
    /// Who carried the change out does not review it.
    #[refusal(rule = "segregation of duties: action owner is not verifier of the effect")]
    ReviewerImplemented,
    /// {day} lies in the future.
    InTheFuture {
        /// The day.
        day: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// {day} lies before the approval of the change.
    #[refusal(rule = "ISO/IEC 42001 6.3")]
    BeforeApproval {
        /// The day.
        day: Date,
        /// Where in the input.
        at: &'static str,
    },
}

kernel::aggregate!(AimsChange, "aims_change", Command, Event, Refusal);

impl Domain for AimsChange {
    const ABOUT: About = About {
        kind: "aims_change",
        doc: "A planned change of the management system itself, and what came of it.",
        clauses: &["6.3"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let approval = &self.approval;
        Ok(match command {
            Command::Propose(content) | Command::Revise(content) => {
                self.must_be_planned()?;
                approval.may_draft()?;
                let (version, by) = (approval.draft_version(), context.user());
                vec![Event::Proposed(Proposed { version, by, content })]
            }
            Command::Submit => {
                let submitted = approval.submit(&self.content, context)?;
                self.content.check_complete()?;
                vec![Event::Submitted(submitted)]
            }
            Command::Reject(input) => vec![Event::Rejected(approval.reject(input, context)?)],
            Command::Approve(input) => {
                let (ended, approved) = approval.approve(&input, &self.content, context)?;
                let ended = ended.map(Event::Superseded);
                ended.into_iter().chain([Event::Approved(approved)]).collect()
            }
            Command::Withdraw(input) => {
                self.must_be_planned()?;
                vec![Event::Withdrawn(approval.withdraw(input, context)?)]
            }
            Command::Implement(input) => self.implemented(input, context)?,
            Command::Review(input) => self.reviewed(input, context)?,
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Proposed(e) => {
                self.approval.drafted(e.version, e.by);
                self.content = e.content;
            }
            Event::Submitted(e) => self.approval.submitted(e),
            Event::Rejected(e) => self.approval.rejected(e),
            Event::Superseded(_) => self.approval.effective = None,
            Event::Approved(e) => {
                self.approval.approved(e);
                self.approved = Some(self.content.affected.clone());
            }
            Event::Withdrawn(e) => {
                self.approval.withdrawn(&e);
                if self.approval.effective.is_none() {
                    self.approved = None;
                }
            }
            Event::Implemented(e) => {
                (self.progress, self.implementation) = (Progress::Implemented, Some(e));
            }
            Event::Reviewed(e) => (self.progress, self.review) = (Progress::Reviewed, Some(e)),
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl Content {
    fn check_complete(&self) -> Result<(), Refusal> {
        let Affected { documents, roles, scope, criteria, processes } = &self.affected;
        let touches = *scope || *criteria || !documents.is_empty() || !roles.is_empty();
        if !touches && processes.is_empty() {
            return Err(Refusal::TouchesNothing);
        }
        if self.plan.is_empty() { Err(Refusal::WithoutPlan) } else { Ok(()) }
    }
}

impl AimsChange {
    fn must_be_planned(&self) -> Result<(), Refusal> {
        match self.progress {
            Progress::Planned => Ok(()),
            Progress::Implemented | Progress::Reviewed => Err(Refusal::IsImplemented),
        }
    }

    fn implemented(&self, input: Implement, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.progress != Progress::Planned {
            return Ok(Vec::new());
        }
        let in_force = self.approval.effective.as_ref();
        let in_force = in_force.filter(|in_force| in_force.version == self.approval.version);
        let in_force = in_force.ok_or(Refusal::NotInForce)?;
        let today = context.today();
        let day = input.on.unwrap_or(today);
        if day > today {
            return Err(Refusal::InTheFuture { day, at: "/on" });
        }
        if day < in_force.approved_at.date() {
            return Err(Refusal::BeforeApproval { day, at: "/on" });
        }
        let (version, what) = (in_force.version, input.what);
        let (by, at) = (context.user(), context.now);
        let done = Implementation { version, on: day, what, by, at };
        Ok(vec![Event::Implemented(done)])
    }

    fn reviewed(&self, input: ReviewInput, context: &Context) -> Result<Vec<Event>, Refusal> {
        let Some(implementation) = &self.implementation else {
            return Err(Refusal::NotImplemented);
        };
        if self.progress == Progress::Reviewed {
            return Ok(Vec::new());
        }
        let by = context.user();
        if implementation.by == by {
            return Err(Refusal::ReviewerImplemented);
        }
        let ReviewInput { effective, finding } = input;
        Ok(vec![Event::Reviewed(Review { effective, finding, by, at: context.now })])
    }
}
