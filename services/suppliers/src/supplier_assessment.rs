//! The assessment of a supplier by a questionnaire (S-02; ISO/IEC 42001 A.10.3).
//!
//! ```text
//!           plan                start              complete               expire
//!   (none) ──────► Planned ───────────► InProgress ───────────► Completed ───────► Expired
//!                                        │      ▲ answer, record_certificate,
//!                                        └──────┘ remove_certificate
//! ```
//!
//! It is pinned to the version of the questionnaire that was in force when it was started.

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds;
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Date, Instant, Need, Role, UserId};

pub use self::answer::{Answer, Answered, GiveAnswer, GiveAnswers};
pub use self::certificate::{
    CertificateRecorded, CertificateRemoved, RemoveCertificate, SupplierCertificate,
};
pub use self::completion::{Complete, Completed, Gap, Outcome, months_valid};
pub use self::refusal::Refusal;

mod answer;
mod certificate;
mod completion;
mod refusal;
#[cfg(test)]
mod tests;

/// Most people who work on an assessment.
pub const ASSESSORS_MAX: usize = 20;

/// The assessment of a supplier.
#[record]
#[derive(Default)]
pub struct SupplierAssessment {
    /// Where it stands.
    #[field(index)]
    pub status: AssessmentStatus,
    /// The supplier.
    #[field(index)]
    pub supplier: Ref<kinds::Supplier>,
    /// The questionnaire.
    #[field(index)]
    pub questionnaire: Ref<kinds::Questionnaire>,
    /// The version of the questionnaire, once it is started.
    pub questionnaire_version: Option<u32>,
    /// The chapters of that version in order.
    pub chapters: Vec<Ref<kinds::QuestionnaireChapter>>,
    /// The day by which it is planned.
    #[field(correctable)]
    pub planned_for: Option<Date>,
    /// Everyone who worked on it.
    pub assessors: Vec<UserId>,
    /// The answers by the numbers of the questions.
    pub answers: BTreeMap<Key, Answer>,
    /// The supplier's certificates.
    pub certificates: BTreeMap<Key, SupplierCertificate>,
    /// When it was started.
    pub started_at: Option<Instant>,
    /// When it was completed.
    #[field(index)]
    pub completed_at: Option<Instant>,
    /// What came of it, once it is completed.
    #[field(flatten)]
    pub outcome: Outcome,
    /// What the assessors think.
    #[field(correctable)]
    pub opinion: Option<Prose>,
    /// Last day on which it counts.
    #[field(index)]
    pub valid_until: Option<Date>,
}

/// Where an assessment stands.
#[words]
#[derive(Default)]
pub enum AssessmentStatus {
    /// It is to be made.
    #[default]
    Planned,
    /// Answers and evidence are collected.
    InProgress,
    /// It is made and counts until its last day.
    Completed,
    /// It counts no more.
    Expired,
}

/// Input of `plan`.
#[record]
pub struct Plan {
    /// The supplier.
    pub supplier: Ref<kinds::Supplier>,
    /// The questionnaire.
    pub questionnaire: Ref<kinds::Questionnaire>,
    /// The day by which it is planned.
    pub planned_for: Option<Date>,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Plans an assessment.
    #[command(by(Sm), emits(Planned), creates)]
    Plan(Plan),
    /// Starts it with the version of the questionnaire that is in force.
    #[command(by(Sm), emits(Started))]
    Start,
    /// Gives answers; earlier ones to the same questions are replaced.
    #[command(by(Sm), emits(Answered))]
    Answer(GiveAnswers),
    /// Records a certificate of the supplier.
    #[command(by(Sm), emits(CertificateRecorded))]
    RecordCertificate(SupplierCertificate),
    /// Takes a certificate back that was recorded wrongly.
    #[command(by(Sm), emits(CertificateRemoved))]
    RemoveCertificate(RemoveCertificate),
    /// Completes it: computes the score and the gaps.
    #[command(by(Sm), emits(Completed))]
    Complete(Complete),
    /// Says that it counts no more.
    #[command(by(Sys), emits(Expired))]
    Expire,
    /// Corrects an earlier event.
    #[command(by(Sm), emits(Corrected))]
    Correct(Correct),
}

/// It was planned.
#[record]
pub struct Planned {
    /// The supplier.
    pub supplier: Ref<kinds::Supplier>,
    /// The questionnaire.
    pub questionnaire: Ref<kinds::Questionnaire>,
    /// The day by which it is planned.
    pub planned_for: Option<Date>,
    /// Who planned it.
    pub by: UserId,
}

/// It was started.
#[record]
pub struct Started {
    /// The version of the questionnaire.
    pub questionnaire_version: u32,
    /// Title of that version.
    pub title: Line,
    /// Its chapters in order.
    pub chapters: Vec<Ref<kinds::QuestionnaireChapter>>,
    /// Who started it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// It counts no more.
#[record]
pub struct Expired {
    /// Its last day.
    pub valid_until: Date,
    /// When that was found.
    pub at: Instant,
}

/// What can have happened.
#[events(kind = "supplier_assessment")]
pub enum Event {
    /// It was planned.
    Planned(Planned),
    /// It was started.
    Started(Started),
    /// Answers were given.
    Answered(Answered),
    /// A certificate of the supplier was recorded.
    CertificateRecorded(CertificateRecorded),
    /// A certificate was taken back.
    CertificateRemoved(CertificateRemoved),
    /// It was completed.
    Completed(Completed),
    /// It counts no more.
    Expired(Expired),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(SupplierAssessment, "supplier_assessment", Command, Event, Refusal);

impl Domain for SupplierAssessment {
    const ABOUT: About = About {
        kind: "supplier_assessment",
        doc: "The assessment of a supplier by a questionnaire, with score and gaps.",
        clauses: &["A.10.3"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Plan(input) => vec![Need::Object(input.supplier.id().to_owned())],
            Command::Start => {
                let ids = [self.supplier.id(), self.questionnaire.id()];
                ids.into_iter().map(|id| Need::Object(id.to_owned())).collect()
            }
            Command::Answer(_) => self.needs_of_chapters(),
            Command::Complete(_) => self.needs_of_completion(),
            Command::RecordCertificate(_)
            | Command::RemoveCertificate(_)
            | Command::Expire
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Plan(input) => {
                must_go_on(&input.supplier, "/supplier", context)?;
                let Plan { supplier, questionnaire, planned_for } = input;
                let by = context.user();
                Ok(vec![Event::Planned(Planned { supplier, questionnaire, planned_for, by })])
            }
            Command::Start => self.started(context),
            Command::Answer(input) => self.answered(input, context),
            Command::RecordCertificate(input) => self.certificate_recorded(input, context),
            Command::RemoveCertificate(input) => self.certificate_removed(input, context),
            Command::Complete(input) => self.completed(input, context),
            Command::Expire => self.expired(context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Planned(e) => {
                self.supplier = e.supplier;
                self.questionnaire = e.questionnaire;
                self.planned_for = e.planned_for;
            }
            Event::Started(e) => {
                self.status = AssessmentStatus::InProgress;
                self.questionnaire_version = Some(e.questionnaire_version);
                self.chapters = e.chapters;
                self.started_at = Some(e.at);
                self.worked_on(e.by);
            }
            Event::Answered(e) => {
                self.answers.extend(e.answers);
                self.worked_on(e.by);
            }
            Event::CertificateRecorded(e) => {
                self.certificates.insert(e.key, e.certificate);
                self.worked_on(e.by);
            }
            Event::CertificateRemoved(e) => {
                self.certificates.remove(&e.key);
                self.worked_on(e.by);
            }
            Event::Completed(e) => {
                self.status = AssessmentStatus::Completed;
                self.completed_at = Some(e.at);
                self.valid_until = Some(e.valid_until);
                self.opinion = e.opinion;
                self.outcome = e.outcome;
                self.worked_on(e.by);
            }
            Event::Expired(_) => self.status = AssessmentStatus::Expired,
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl AssessmentStatus {
    fn text(self) -> &'static str {
        match self {
            AssessmentStatus::Planned => "planned",
            AssessmentStatus::InProgress => "in progress",
            AssessmentStatus::Completed => "completed",
            AssessmentStatus::Expired => "expired",
        }
    }
}

/// Nobody assesses a supplier with whom it is over.
fn must_go_on(
    supplier: &Ref<kinds::Supplier>,
    at: &'static str,
    context: &Context,
) -> Result<(), Refusal> {
    let known = context.facts.get::<facts::Supplier>(supplier.id());
    match known.filter(|known| known.status == "terminated") {
        Some(known) => Err(Refusal::SupplierTerminated { name: known.name, at }),
        None => Ok(()),
    }
}

impl SupplierAssessment {
    fn worked_on(&mut self, by: UserId) {
        if !self.assessors.contains(&by) {
            self.assessors.push(by);
        }
    }

    /// It is in progress, and whoever works on it is or can become one of its assessors.
    fn may_work(&self, step: &'static str, context: &Context) -> Result<(), Refusal> {
        if self.status != AssessmentStatus::InProgress {
            return Err(Refusal::WrongStatus { status: self.status.text(), step });
        }
        let is_new = !self.assessors.contains(&context.user());
        if is_new && self.assessors.len() >= ASSESSORS_MAX {
            return Err(Refusal::TooManyAssessors { most: ASSESSORS_MAX });
        }
        Ok(())
    }

    fn started(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            AssessmentStatus::Planned => {}
            AssessmentStatus::InProgress => return Ok(Vec::new()),
            AssessmentStatus::Completed | AssessmentStatus::Expired => {
                let status = self.status.text();
                return Err(Refusal::WrongStatus { status, step: "started" });
            }
        }
        must_go_on(&self.supplier, "", context)?;
        let id = self.questionnaire.id();
        let questionnaire = context.facts.get::<crate::questionnaire::Questionnaire>(id);
        let Some(in_force) = questionnaire.and_then(|questionnaire| questionnaire.in_force) else {
            return Err(Refusal::QuestionnaireNotApproved { questionnaire: id.to_owned() });
        };
        Ok(vec![Event::Started(Started {
            questionnaire_version: in_force.version,
            title: in_force.title,
            chapters: in_force.chapters,
            by: context.user(),
            at: context.now,
        })])
    }

    fn expired(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        match (self.status, self.valid_until) {
            (AssessmentStatus::Expired, _) => Ok(Vec::new()),
            (AssessmentStatus::Completed, Some(valid_until)) if valid_until < context.today() => {
                Ok(vec![Event::Expired(Expired { valid_until, at: context.now })])
            }
            (AssessmentStatus::Completed, Some(valid_until)) => {
                Err(Refusal::StillValid { valid_until })
            }
            (
                AssessmentStatus::Planned
                | AssessmentStatus::InProgress
                | AssessmentStatus::Completed,
                _,
            ) => Err(Refusal::WrongStatus { status: self.status.text(), step: "expired" }),
        }
    }
}
