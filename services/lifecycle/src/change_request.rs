//! A change to an AI system (L-14; ISO/IEC 42001 8.1, A.6.2.6; EU AI Act Art. 25, 3(23)).
//!
//! ```text
//!           propose            submit                 approve (release manager and system owner)
//!   (none) ─────────► Draft ───────────► InReview ────────────────────────────────► Approved
//!                       ▲     reject        │        withdraw (before implement)        │
//!                       ├───────────────────┘        ──────────► Withdrawn ─┐           │
//!                       └────────────── revise (ends the approval) ─────────┴───────────┤
//!                                                                                       │
//!        progress:   Implemented ◄──────────────────── implement ───────────────────────┘
//!                        │  verify            close
//!                        ├────────► Verified ───────► Closed
//!                        └──────────────┴─── roll_back ──► RolledBack
//!
//!           detect_unplanned            review_unplanned
//!   (none) ──────────────────► Detected ────────────────► Reviewed
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, refusals, words};
use kernel::approval::{
    Approval, ApprovalRefusal, Approve, Reject, Rejected, Submitted, Superseded, Withdraw,
    Withdrawn,
};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::values::Key;
use kernel::{Context, Need, Role};

pub use self::approving::{ApprovingRefusal, ChangeApprovalGiven, ChangeApproved, Given};
pub use self::content::{ChangeClass, ChangeKind, ChangeProposed, Content, ContentRefusal, Impact};
pub use self::course::{ChangeStep, CourseRefusal, Note, RollBack, RolledBack};
pub use self::reclassification::{
    ReclassificationOutcome, ReclassificationRecorded, ReclassificationRefusal,
    RecordReclassification,
};
pub use self::unplanned::{
    Conclusion, DetectUnplanned, Review, ReviewUnplanned, UnplannedChangeDetected, UnplannedRefusal,
};

mod approving;
mod content;
mod course;
mod reclassification;
#[cfg(test)]
mod tests;
mod unplanned;

/// A change to an AI system: what it is, what follows from it, who approved it and what became of
/// it; or one that happened without a request.
#[record]
#[derive(Default)]
pub struct ChangeRequest {
    /// Where the working version stands; of an unplanned change, a draft throughout.
    #[field(flatten)]
    pub approval: Approval,
    /// What is to be changed, and what follows from it.
    #[field(flatten)]
    pub content: Content,
    /// Whether it was requested; an unplanned change was found.
    #[field(index)]
    pub planned: bool,
    /// What became of it.
    #[field(index)]
    pub progress: Option<Progress>,
    /// The approvals of the working version, by the approver's id.
    pub approvals: BTreeMap<Key, Given>,
    /// Whether the system falls into another regulatory class by the change.
    pub reclassification: Option<ReclassificationRecorded>,
    /// Who implemented it.
    pub implemented: Option<ChangeStep>,
    /// Who verified it.
    pub verified: Option<ChangeStep>,
    /// Who closed it.
    pub closed: Option<ChangeStep>,
    /// Who took it back, and why.
    pub rolled_back: Option<RolledBack>,
    /// How an unplanned change was found.
    pub detection: Option<UnplannedChangeDetected>,
    /// What was concluded of an unplanned change.
    pub review: Option<Review>,
}

/// What became of a change.
#[words]
pub enum Progress {
    /// It is in the system.
    Implemented,
    /// Somebody else found that it does what it should.
    Verified,
    /// It is done.
    Closed,
    /// It was taken back.
    RolledBack,
    /// It was found in the system without a request.
    Detected,
    /// What was found is judged.
    Reviewed,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Proposes a change.
    #[command(by(Dev, So, Sys), emits(ChangeProposed), creates)]
    Propose(Content),
    /// Writes the proposal again; an approval ends with that.
    #[command(by(Dev, So), emits(Superseded, ChangeRevised))]
    Revise(Content),
    /// Records whether the system falls into another regulatory class by the change.
    #[command(by(So, Dpo), emits(ReclassificationRecorded))]
    RecordReclassification(RecordReclassification),
    /// Submits the proposal for approval.
    #[command(by(Dev, So), emits(Submitted))]
    Submit,
    /// Sends the submitted proposal back.
    #[command(by(Rel, So), emits(Rejected))]
    Reject(Reject),
    /// Approves the submitted proposal; a release manager and a system owner must, both of them.
    #[command(by(Rel, So), emits(ChangeApprovalGiven, ChangeApproved), if_match)]
    Approve(Approve),
    /// Takes the proposal back before it is implemented.
    #[command(by(Dev, So), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Says that the approved change is in the system.
    #[command(by(Dev, So, Rel), emits(ChangeImplemented))]
    Implement(Note),
    /// Says that the change does what it should; whoever implemented it does not.
    #[command(by(Dev, So, Rel), emits(ChangeVerified))]
    Verify(Note),
    /// Says that nothing is left to do.
    #[command(by(So, Rel), emits(ChangeClosed))]
    Close(Note),
    /// Says that the change was taken back.
    #[command(by(Dev, So, Rel), emits(ChangeRolledBack))]
    RollBack(RollBack),
    /// Records a change that nobody requested.
    #[command(by(Sys, Ops), emits(UnplannedChangeDetected), creates)]
    DetectUnplanned(DetectUnplanned),
    /// Concludes what becomes of an unplanned change.
    #[command(by(So, Rel), emits(UnplannedChangeReviewed))]
    ReviewUnplanned(ReviewUnplanned),
    /// Corrects an earlier event.
    #[command(by(So), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "change_request")]
pub enum Event {
    /// A change was proposed.
    ChangeProposed(ChangeProposed),
    /// The proposal was written again.
    ChangeRevised(ChangeProposed),
    /// The approved version is no longer in force: another is being written.
    Superseded(Superseded),
    /// The regulatory class was looked at again.
    ReclassificationRecorded(ReclassificationRecorded),
    /// The proposal was submitted.
    Submitted(Submitted),
    /// The submitted proposal was sent back.
    Rejected(Rejected),
    /// The first of two approvals was given.
    ChangeApprovalGiven(ChangeApprovalGiven),
    /// The change is approved.
    ChangeApproved(ChangeApproved),
    /// The proposal was taken back.
    Withdrawn(Withdrawn),
    /// The change is in the system.
    ChangeImplemented(ChangeStep),
    /// The change does what it should.
    ChangeVerified(ChangeStep),
    /// Nothing is left to do.
    ChangeClosed(ChangeStep),
    /// The change was taken back.
    ChangeRolledBack(RolledBack),
    /// A change was found that nobody requested.
    UnplannedChangeDetected(UnplannedChangeDetected),
    /// An unplanned change was judged.
    UnplannedChangeReviewed(Review),
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
    /// The proposal contradicts itself or lacks something.
    #[refusal(from)]
    Content(ContentRefusal),
    /// The regulatory class was not looked at as it must.
    #[refusal(from)]
    Reclassification(ReclassificationRefusal),
    /// The approvals do not suffice.
    #[refusal(from)]
    Approving(ApprovingRefusal),
    /// The change has not come so far, or further.
    #[refusal(from)]
    Course(CourseRefusal),
    /// The unplanned change is judged otherwise.
    #[refusal(from)]
    Unplanned(UnplannedRefusal),
}

kernel::aggregate!(ChangeRequest, "change_request", Command, Event, Refusal);

impl Domain for ChangeRequest {
    const ABOUT: About = About {
        kind: "change_request",
        doc: "A change to an AI system, requested or found.",
        clauses: &["8.1", "A.6.2.6"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        let object = |id: &str| Need::Object(id.to_owned());
        match command {
            Command::Propose(input) | Command::Revise(input) => vec![object(input.system.id())],
            Command::DetectUnplanned(input) => vec![object(input.system.id())],
            Command::RecordReclassification(input) => vec![object(input.classification.id())],
            Command::Approve(_) => self.needs_of_substantial(self.content.class),
            Command::Implement(_) => {
                let mut needs = self.needs_of_substantial(self.content.class);
                needs.push(object(self.content.system.id()));
                needs
            }
            Command::Verify(_) => {
                let system = self.content.system.id().to_owned();
                vec![Need::Where("verification_record", "system", system)]
            }
            Command::ReviewUnplanned(input) => {
                let mut needs = self.needs_of_substantial(input.class);
                needs.extend(input.follow_up.iter().map(|request| object(request.id())));
                needs
            }
            Command::Submit
            | Command::Reject(_)
            | Command::Withdraw(_)
            | Command::Close(_)
            | Command::RollBack(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Propose(input) => self.proposed(input, context),
            Command::Revise(input) => self.revised(input, context),
            Command::RecordReclassification(input) => self.reclassified(input, context),
            Command::Submit => {
                self.must_be_planned()?;
                self.approval.may_edit()?;
                self.content.check_complete()?;
                let submitted = self.approval.submit(&self.content, context)?;
                Ok(vec![Event::Submitted(submitted)])
            }
            Command::Reject(input) => {
                Ok(vec![Event::Rejected(self.approval.reject(input, context)?)])
            }
            Command::Approve(input) => self.approved(&input, context),
            Command::Withdraw(input) => {
                self.must_be_planned()?;
                self.must_not_have_begun()?;
                Ok(vec![Event::Withdrawn(self.approval.withdraw(input, context)?)])
            }
            Command::Implement(input) => self.implemented(input, context),
            Command::Verify(input) => self.verified(input, context),
            Command::Close(input) => self.closed(input, context),
            Command::RollBack(input) => self.rolled_back(input, context),
            Command::DetectUnplanned(input) => Self::detected(input, context),
            Command::ReviewUnplanned(input) => self.reviewed(input, context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::ChangeProposed(e) => {
                self.planned = true;
                self.written(e);
            }
            Event::ChangeRevised(e) => self.written(e),
            Event::Superseded(_) => self.approval.effective = None,
            Event::ReclassificationRecorded(e) => self.reclassification = Some(e),
            Event::Submitted(e) => {
                self.approval.submitted(e);
                self.approvals.clear();
            }
            Event::Rejected(e) => {
                self.approval.rejected(e);
                self.approvals.clear();
            }
            Event::ChangeApprovalGiven(e) => self.given(e.given),
            Event::ChangeApproved(e) => {
                self.given(e.given);
                self.approval.approved(e.approved);
            }
            Event::Withdrawn(e) => self.approval.withdrawn(&e),
            Event::ChangeImplemented(e) => {
                self.progress = Some(Progress::Implemented);
                self.implemented = Some(e);
            }
            Event::ChangeVerified(e) => {
                self.progress = Some(Progress::Verified);
                self.verified = Some(e);
            }
            Event::ChangeClosed(e) => {
                self.progress = Some(Progress::Closed);
                self.closed = Some(e);
            }
            Event::ChangeRolledBack(e) => {
                self.progress = Some(Progress::RolledBack);
                self.rolled_back = Some(e);
            }
            Event::UnplannedChangeDetected(e) => {
                self.progress = Some(Progress::Detected);
                self.content = e.content();
                self.detection = Some(e);
            }
            Event::UnplannedChangeReviewed(e) => {
                self.progress = Some(Progress::Reviewed);
                self.content.class = e.class;
                self.review = Some(e);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}
