//! A questionnaire for suppliers: a template as data, in versions (S-02; ISO/IEC 42001 A.10.3).
//!
//! ```text
//!           draft            submit              approve
//!   (none) ──────► Draft ───────────► InReview ───────────► Approved ──redraft──► Draft (next
//! version)          ▲      reject        │                     │
//!                   └────────────────────┘     withdraw ──► Withdrawn
//! ```
//!
//! A version lists chapters that do not change any more, so that neither does the version: an
//! assessment keeps the chapters with which it was started.

use declare::{commands, events, record, refusals};
use kernel::approval::{
    Approval, ApprovalRefusal, Approve, Approved, Phase, Reject, Rejected, Submitted, Superseded,
    Withdraw, Withdrawn,
};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds::QuestionnaireChapter;
use kernel::values::{Hash, Line, Prose, Ref};
use kernel::{Context, Fact, Need, Role, UserId};

use crate::questionnaire_chapter::Sheet;

mod structure;
#[cfg(test)]
mod tests;

/// Most questions of a version.
pub const QUESTIONS_MAX: usize = 500;

/// A questionnaire with its successive versions.
#[record]
#[derive(Default)]
pub struct Questionnaire {
    /// Where the working version stands, and which version is in force.
    #[field(flatten)]
    pub approval: Approval,
    /// What the working version says.
    #[field(flatten)]
    pub content: Content,
    /// The version with which assessments are started.
    pub in_force: Option<InForce>,
}

/// What a version says. Input of `draft` and `redraft`.
#[record]
#[derive(Default)]
pub struct Content {
    /// Its title.
    #[field(index, search, correctable)]
    pub title: Line,
    /// For which suppliers it is meant.
    #[field(correctable)]
    pub purpose: Option<Prose>,
    /// Its chapters in order.
    #[field(max = 60)]
    pub chapters: Vec<Ref<QuestionnaireChapter>>,
    /// Where it was taken from.
    pub source: Option<Line>,
    /// The licence under which it is given.
    pub licence: Option<Line>,
    /// SHA-256 of the file from which it was imported; no file is imported twice.
    #[field(index)]
    pub document_hash: Option<Hash>,
}

/// The version in force.
#[record]
pub struct InForce {
    /// Its number.
    pub version: u32,
    /// Its title.
    pub title: Line,
    /// Its chapters in order.
    pub chapters: Vec<Ref<QuestionnaireChapter>>,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Writes the draft of a new questionnaire.
    #[command(by(Sm), emits(Drafted), creates)]
    Draft(Content),
    /// Writes the draft again, or begins the next version.
    #[command(by(Sm), emits(Drafted))]
    Redraft(Content),
    /// Submits the draft for approval.
    #[command(by(Sm), emits(Submitted))]
    Submit,
    /// Sends the submitted version back.
    #[command(by(Am), emits(Rejected))]
    Reject(Reject),
    /// Approves the submitted version.
    #[command(by(Am), emits(Superseded, Approved), if_match)]
    Approve(Approve),
    /// Takes the version back: no assessment is started with it any more.
    #[command(by(Sm, Am), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Corrects an earlier event.
    #[command(by(Sm), emits(Corrected))]
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

/// What can have happened.
#[events(kind = "questionnaire")]
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
    Approved(Approved),
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
    /// The file was imported already as {id}: write its next version, or withdraw it first.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.3")]
    ImportedAlready {
        /// The questionnaire.
        id: String,
        /// Where in the input.
        at: &'static str,
    },
    /// A questionnaire without a chapter cannot be submitted.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.3")]
    NoChapter,
    /// The chapter {chapter} stands twice in the questionnaire.
    ChapterTwice {
        /// The chapter.
        chapter: String,
        /// Where in the input.
        at: String,
    },
    /// The chapter {chapter} can still change: fix it before the questionnaire is submitted.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.3")]
    ChapterOpen {
        /// The chapter.
        chapter: String,
    },
    /// The question {question} stands in more than one chapter.
    #[refusal(conflict)]
    QuestionTwice {
        /// Its number.
        question: String,
    },
    /// Question {question} leads to {shown}, which is not in the questionnaire.
    #[refusal(conflict)]
    ShowsUnknown {
        /// Its number.
        question: String,
        /// The other question.
        shown: String,
    },
    /// Question {question} leads to {shown}, which does not come after it.
    #[refusal(conflict)]
    ShowsEarlier {
        /// Its number.
        question: String,
        /// The other question.
        shown: String,
    },
    /// No question is scored: give at least one a weight, and its choices points.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.3")]
    NothingScored,
    /// A questionnaire has at most {most} questions.
    #[refusal(conflict)]
    TooManyQuestions {
        /// The most that it has.
        most: usize,
    },
    /// The approver wrote on a chapter: somebody else must approve the questionnaire.
    #[refusal(rule = "segregation of duties: author is not approver")]
    ApproverWroteChapter,
}

kernel::aggregate!(Questionnaire, "questionnaire", Command, Event, Refusal);

impl Fact for Questionnaire {
    const KIND: &'static str = "questionnaire";
}

impl Domain for Questionnaire {
    const ABOUT: About = About {
        kind: "questionnaire",
        doc: "A questionnaire for suppliers: chapters, questions, branches and scores as data.",
        clauses: &["A.10.3"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[kernel::domain::Relation {
            name: "assessments",
            doc: "The assessments of suppliers by it.",
            kind: "supplier_assessment",
            by: "questionnaire",
            pinned: None,
        }],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Submit | Command::Approve(_) => Sheet::needs(&self.content.chapters),
            Command::Draft(content) => {
                let same =
                    |hash: &Hash| Need::Where("questionnaire", "documentHash", hash.to_string());
                content.document_hash.iter().map(same).collect()
            }
            Command::Redraft(_)
            | Command::Reject(_)
            | Command::Withdraw(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let approval = &self.approval;
        Ok(match command {
            Command::Draft(content) => {
                not_imported_yet(&content, context)?;
                self.drafted(content, context)?
            }
            Command::Redraft(content) => self.drafted(content, context)?,
            Command::Submit => {
                approval.may_edit()?;
                structure::check(&self.content.chapters, &context.facts)?;
                vec![Event::Submitted(approval.submit(&self.content, context)?)]
            }
            Command::Reject(input) => vec![Event::Rejected(approval.reject(input, context)?)],
            Command::Approve(input) => {
                let (ended, approved) = approval.approve(&input, &self.content, context)?;
                let sheet = Sheet::of(&self.content.chapters, &context.facts);
                if sheet.authors.contains(&context.user()) {
                    return Err(Refusal::ApproverWroteChapter);
                }
                let ended = ended.map(Event::Superseded);
                ended.into_iter().chain([Event::Approved(approved)]).collect()
            }
            Command::Withdraw(input) => vec![Event::Withdrawn(approval.withdraw(input, context)?)],
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
            Event::Superseded(_) => self.approval.effective = None,
            Event::Approved(e) => {
                self.in_force = Some(InForce {
                    version: e.effective.version,
                    title: self.content.title.clone(),
                    chapters: self.content.chapters.clone(),
                });
                self.approval.approved(e);
            }
            Event::Withdrawn(e) => {
                self.approval.withdrawn(&e);
                if self.approval.effective.is_none() {
                    self.in_force = None;
                }
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

/// A file that is imported again brings nothing new, until what it brought is withdrawn.
fn not_imported_yet(content: &Content, context: &Context) -> Result<(), Refusal> {
    let Some(hash) = &content.document_hash else { return Ok(()) };
    let known = context.facts.all::<Questionnaire>().into_iter();
    let mut same = known.filter(|(id, other)| {
        *id != context.id
            && other.content.document_hash.as_ref() == Some(hash)
            && other.approval.status != Phase::Withdrawn
    });
    match same.next() {
        Some((id, _)) => Err(Refusal::ImportedAlready { id, at: "/documentHash" }),
        None => Ok(()),
    }
}

impl Questionnaire {
    fn drafted(&self, content: Content, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.approval.may_draft()?;
        structure::check_list(&content.chapters)?;
        let (version, by) = (self.approval.draft_version(), context.user());
        Ok(vec![Event::Drafted(Drafted { version, by, content })])
    }
}
