//! A long job: who started it, what it read, and what came of it.
//!
//! ```text
//!           start             complete
//!   (none) ───────► Running ────────────► Succeeded
//!                      │ fail
//!                      ├──────────► Failed
//!                      │ interrupt
//!                      └──────────► Interrupted (the process ended; nothing of it is stored)
//! ```
//!
//! Its result is recorded in the transaction that carries it out: an import that succeeded is
//! whole, every other one has changed nothing.

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Anything, Hash, Line, Ref};
use kernel::{Context, Instant, Role, UserId};

/// A long job.
#[record]
#[derive(Default)]
pub struct Operation {
    /// Where it stands.
    #[field(index)]
    pub status: JobStatus,
    /// What it does, and with which file.
    #[field(flatten)]
    pub job: Job,
    /// When it was started.
    #[field(index)]
    pub started_at: Instant,
    /// When it ended.
    pub finished_at: Option<Instant>,
    /// What it did, once it has succeeded.
    #[field(flatten)]
    pub report: Report,
    /// Why it failed: each fault with its place in the file.
    pub errors: Vec<FileError>,
}

/// Where a job stands.
#[words]
#[derive(Default)]
pub enum JobStatus {
    /// It runs.
    #[default]
    Running,
    /// It did what it should.
    Succeeded,
    /// It did nothing; `errors` says why.
    Failed,
    /// The process ended before it did anything.
    Interrupted,
}

/// What a file is taken for.
#[words]
#[derive(Default)]
pub enum Format {
    /// A library of AI risks: YAML, JSON or CSV.
    #[default]
    RiskLibrary,
    /// A CycloneDX machine-learning bill of materials, JSON.
    CyclonedxMlBom,
    /// A model card: JSON of the Model Card Toolkit, or Markdown with YAML front matter.
    ModelCard,
    /// A questionnaire for suppliers, CSV with a question a row.
    Questionnaire,
    /// A catalogue of requirements or controls: CSV, JSON or YAML.
    Catalogue,
    /// Mappings between catalogues: a list of links, or a matrix of controls and frameworks.
    Mapping,
}

/// What a job does: input of `start`.
#[record]
#[derive(Default)]
pub struct Job {
    /// What the file is taken for.
    #[field(index)]
    pub format: Format,
    /// The member on whose behalf it runs.
    #[field(index)]
    pub started_by: UserId,
    /// Name of the file.
    #[field(search, correctable)]
    pub file_name: Line,
    /// SHA-256 of its bytes.
    #[field(index)]
    pub file_hash: Hash,
    /// How many bytes it has.
    pub file_size: u32,
    /// Where it comes from.
    #[field(correctable)]
    pub source: Line,
    /// The licence under which it may be used.
    #[field(correctable)]
    pub licence: Line,
}

/// What a job did.
#[record]
#[derive(Default)]
pub struct Report {
    /// How many objects of each kind were created.
    pub created: Vec<Created>,
    /// The first of them.
    pub objects: Vec<Ref<Anything>>,
    /// What the file does not say and was assumed.
    pub assumed: Vec<Assumed>,
    /// What of the file was not understood.
    pub not_understood: Vec<NotUnderstood>,
}

/// Objects of one kind.
#[record]
pub struct Created {
    /// The kind.
    pub kind: Line,
    /// How many.
    pub count: u32,
}

/// A value that the file does not give.
#[record]
pub struct Assumed {
    /// The line of what it was assumed for.
    pub line: u32,
    /// The field.
    pub field: Line,
    /// The value.
    pub value: Line,
    /// Why.
    pub because: Line,
}

/// A part of the file that was not understood.
#[record]
pub struct NotUnderstood {
    /// Where it stands: names, with `[]` for the members of lists.
    pub path: Line,
    /// How often.
    pub count: u32,
    /// The line where it stands first.
    pub line: u32,
}

/// A fault in the file.
#[record]
pub struct FileError {
    /// The line, from 1.
    pub line: u32,
    /// The field in the file.
    pub field: Option<Line>,
    /// Stable code.
    pub code: Line,
    /// What is wrong.
    pub message: Line,
}

/// Input of `fail`.
#[record]
pub struct Fail {
    /// Each fault with its place in the file.
    pub errors: Vec<FileError>,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Starts the job.
    #[command(by(Sys), emits(Started), creates)]
    Start(Job),
    /// Records what it did, together with that.
    #[command(by(Sys), emits(Completed))]
    Complete(Report),
    /// Records why it did nothing.
    #[command(by(Sys), emits(Failed))]
    Fail(Fail),
    /// Records that the process ended while it ran.
    #[command(by(Sys), emits(Interrupted))]
    Interrupt,
    /// Corrects an earlier event.
    #[command(by(Rm, So), emits(Corrected))]
    Correct(Correct),
}

/// The job was started.
#[record]
pub struct Started {
    /// What it does.
    pub job: Job,
    /// When.
    pub at: Instant,
}

/// The job did what it should.
#[record]
pub struct Completed {
    /// What it did.
    pub report: Report,
    /// When.
    pub at: Instant,
}

/// The job did nothing.
#[record]
pub struct Failed {
    /// Why.
    pub errors: Vec<FileError>,
    /// When.
    pub at: Instant,
}

/// The process ended while the job ran.
#[record]
pub struct Interrupted {
    /// When that was found.
    pub at: Instant,
}

/// What can have happened.
#[events(kind = "operation")]
pub enum Event {
    /// The job was started.
    Started(Started),
    /// The job did what it should.
    Completed(Completed),
    /// The job did nothing.
    Failed(Failed),
    /// The process ended while the job ran.
    Interrupted(Interrupted),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The job has ended.
    #[refusal(conflict)]
    HasEnded,
}

kernel::aggregate!(Operation, "operation", Command, Event, Refusal);

impl Domain for Operation {
    const ABOUT: About = About {
        kind: "operation",
        doc: "A long job, such as an import: who started it, what it read, what came of it.",
        clauses: &["7.5.3"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let at = context.now;
        Ok(vec![match command {
            Command::Start(job) => Event::Started(Started { job, at }),
            Command::Complete(report) => {
                self.runs()?;
                Event::Completed(Completed { report, at })
            }
            Command::Fail(Fail { errors }) => {
                self.runs()?;
                Event::Failed(Failed { errors, at })
            }
            Command::Interrupt => {
                self.runs()?;
                Event::Interrupted(Interrupted { at })
            }
            Command::Correct(input) => Event::Corrected(input.decide::<Self>(context)?),
        }])
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Started(e) => {
                self.job = e.job;
                self.started_at = e.at;
            }
            Event::Completed(e) => {
                self.status = JobStatus::Succeeded;
                self.report = e.report;
                self.finished_at = Some(e.at);
            }
            Event::Failed(e) => {
                self.status = JobStatus::Failed;
                self.errors = e.errors;
                self.finished_at = Some(e.at);
            }
            Event::Interrupted(e) => {
                self.status = JobStatus::Interrupted;
                self.finished_at = Some(e.at);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl Operation {
    fn runs(&self) -> Result<(), Refusal> {
        match self.status {
            JobStatus::Running => Ok(()),
            JobStatus::Succeeded | JobStatus::Failed | JobStatus::Interrupted => {
                Err(Refusal::HasEnded)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use cqrs_es::test::TestFramework;

    use super::*;

    fn system() -> Context {
        Context::of("rea_import", &[Role::Sys], "2025-01-10T09:00:00Z")
    }

    fn started() -> Event {
        let job = Job { file_name: Line::new("risks.yaml"), ..Job::default() };
        Event::Started(Started { job, at: system().now })
    }

    #[test]
    fn a_job_says_what_it_did_and_ends_once() {
        let report = Report {
            created: vec![Created { kind: Line::new("risk"), count: 99 }],
            ..Report::default()
        };
        let completed = Event::Completed(Completed { report: report.clone(), at: system().now });
        TestFramework::<Operation>::with(system())
            .given(vec![started()])
            .when(Command::Complete(report))
            .then_expect_events(vec![completed.clone()]);
        for again in [Command::Interrupt, Command::Fail(Fail { errors: vec![] })] {
            let refused = TestFramework::<Operation>::with(system())
                .given(vec![started(), completed.clone()])
                .when(again)
                .inspect_result();
            assert_eq!(refused.unwrap_err(), Refusal::HasEnded);
        }
    }

    #[test]
    fn a_job_that_fails_keeps_each_fault_with_its_line() {
        let fault = FileError {
            line: 7,
            field: Some(Line::new("title")),
            code: Line::new("too_long"),
            message: Line::new("may have at most 200 characters"),
        };
        let mut operation = Operation::default();
        operation.evolve(started());
        let fail = Command::Fail(Fail { errors: vec![fault.clone()] });
        for event in operation.decide(fail, &system()).unwrap() {
            operation.evolve(event);
        }
        assert_eq!((operation.status, operation.errors), (JobStatus::Failed, vec![fault]));
    }
}
