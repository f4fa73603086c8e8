//! Imports: from a file to a plan, and from a plan to one transaction or none.

use std::collections::BTreeMap;
use std::sync::Arc;

use bus::{Batch, BatchError, CommandError, Done, Registry, Request, Step, Who};
use event_store::engine::{Condition, ListQuery, Op, Order, Slot, SlotValue};
use event_store::{Document, Fault, IdempotencyKey, Log, Store};
use kernel::values::{Hash, Line, Ref};
use kernel::{Instant, Position, Role, UserId, Via};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::known::Known;
use crate::numbers::Unknown;
use crate::operation::{Created, FileError, Format, Job, Report};
use crate::plan::{ERRORS_MAX, Plan, cut, number};
use crate::read::{self, Notation, Unreadable};
use crate::{catalogue, mapping, ml_bom, model_card, questionnaire, risk_library};

/// Most bytes of a file.
pub const FILE_MAX: usize = 16 << 20;
/// Most objects that one import makes.
pub const OBJECTS_MAX: usize = 10_000;
/// Of so many objects the operation names the ids.
const NAMED_MAX: usize = 200;

/// A file to import.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// What it is taken for.
    pub format: Format,
    /// Its name.
    pub name: Line,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Where it comes from.
    pub source: Line,
    /// The licence under which it may be used.
    pub licence: Line,
    /// Whether an AI system is made of the model where the file names no system.
    pub with_system: bool,
    /// What is wanted of a catalogue or of mappings.
    pub wishes: Wishes,
}

/// What is wanted of a catalogue or of mappings, beyond what the file says.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Title of the catalogue.
    pub title: Option<Line>,
    /// Its edition; of mappings, the version of their source.
    pub edition: Option<Line>,
    /// Its language, also where the file has several.
    pub language: Option<String>,
    /// What its items are.
    pub item_kind: Option<String>,
    /// Whether it is published at once.
    pub publish: bool,
    /// The catalogue whose controls a mapping is from.
    pub catalogue: Option<String>,
    /// What to do with what a mapping names and no catalogue has.
    pub unknown: Unknown,
}

/// Who may import a format: who may author what it makes.
pub const fn importers(format: Format) -> &'static [Role] {
    match format {
        Format::RiskLibrary => &[Role::Rm],
        Format::CyclonedxMlBom | Format::ModelCard => &[Role::So, Role::Dev],
        Format::Questionnaire => &[Role::Sm],
        Format::Catalogue | Format::Mapping => &[Role::Am],
    }
}

/// What an import would do, as a dry run shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DryRun {
    /// Always true.
    pub dry_run: bool,
    /// Whether the import would succeed.
    pub succeeds: bool,
    /// What it would do.
    #[serde(flatten)]
    pub report: Report,
    /// Title of each object that would be created, with its line.
    pub titles: Vec<Title>,
    /// What is wrong.
    pub errors: Vec<FileError>,
}

/// An object that would be created.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Title {
    /// Its kind.
    pub kind: String,
    /// What it is called.
    pub title: String,
    /// The line that it comes from.
    pub line: u32,
}

/// Imports into the tenants' logs.
#[derive(Clone)]
pub struct Imports {
    registry: Arc<Registry>,
}

/// One import of one member.
pub struct Import {
    /// His tenant's log.
    pub log: Log,
    /// He himself.
    pub who: Who,
    /// The file.
    pub file: File,
    /// The clock of a simulated log.
    pub clock: Option<Instant>,
}

impl Import {
    /// The member as the one who gives the commands: his own roles, and that of an integration for
    /// what an import alone may do.
    fn importer(&self) -> Who {
        let mut who = self.who.clone();
        who.roles.push(Role::Sys);
        who.via = Via::Import;
        who
    }

    /// Its plan. What mappings name is looked up among the tenant's catalogues; that they are still
    /// so is decided with each command.
    async fn planned(&self) -> Result<Plan, Fault> {
        let known = match self.file.format {
            Format::Mapping => Known::of(&self.log).await?,
            Format::RiskLibrary
            | Format::CyclonedxMlBom
            | Format::ModelCard
            | Format::Questionnaire
            | Format::Catalogue => Known::default(),
        };
        planned(&self.file, &self.who, &known)
    }
}

/// The plan of an import; what makes the file unreadable stands in it as an error.
fn planned(file: &File, who: &Who, known: &Known) -> Result<Plan, Fault> {
    let mut plan = match read(file, who, known) {
        Ok(plan) => plan?,
        Err(unreadable) => Plan { errors: vec![unreadable.into()], ..Plan::default() },
    };
    if plan.errors.is_empty() && plan.commands.is_empty() {
        plan.wrong(1, "", "nothing_found", "the file holds nothing that can be imported");
    }
    if plan.commands.len() > OBJECTS_MAX {
        let message = format!("an import makes at most {OBJECTS_MAX} objects");
        plan.wrong(1, "", "too_many", &message);
    }
    Ok(plan)
}

fn read(file: &File, who: &Who, known: &Known) -> Result<Result<Plan, Fault>, Unreadable> {
    let text = read::text(&file.bytes)?;
    let notation = Notation::of(file.name.as_str(), text);
    Ok(match file.format {
        Format::RiskLibrary => {
            risk_library::plan(&read::read(notation, &file.bytes)?, notation, file)
        }
        Format::CyclonedxMlBom => {
            ml_bom::plan(&read::read(Notation::Json, &file.bytes)?, file, who)
        }
        Format::ModelCard => model_card::plan(text, file, who)?,
        Format::Questionnaire => {
            questionnaire::plan(&read::read(Notation::Csv, &file.bytes)?, file)
        }
        Format::Catalogue => catalogue::plan(&read::read(notation, &file.bytes)?, file),
        Format::Mapping => mapping::plan(&read::read(notation, &file.bytes)?, file, known),
    })
}

impl Imports {
    /// Imports of these kinds.
    pub fn of(registry: &Arc<Registry>) -> Self {
        Self { registry: Arc::clone(registry) }
    }

    /// Decides everything and stores nothing.
    ///
    /// # Errors
    /// When something of ours fails.
    pub async fn dry_run(&self, import: &Import) -> Result<DryRun, CommandError> {
        let plan = import.planned().await?;
        let mut errors = plan.errors.clone();
        if errors.is_empty() {
            let batch = Batch { clock: import.clock, dry_run: true, ..Batch::default() };
            errors = self.decide(import, &plan, &batch, None).await?.err().unwrap_or_default();
        }
        let mut report = report(&plan);
        report.objects = Vec::new();
        let made = plan.commands.iter().filter(|planned| planned.step.request.fresh.is_some());
        let title = |planned: &crate::plan::Planned| Title {
            kind: planned.step.kind.clone(),
            title: planned.title.clone(),
            line: number(planned.line),
        };
        let titles = made.map(title).collect();
        Ok(DryRun { dry_run: true, succeeds: errors.is_empty(), report, titles, errors })
    }

    /// Records that the import begins; the operation's id.
    ///
    /// # Errors
    /// When it cannot be recorded.
    pub async fn start(
        &self,
        import: &Import,
        key: Option<IdempotencyKey>,
    ) -> Result<Done, CommandError> {
        let File { format, name, bytes, source, licence, .. } = &import.file;
        let job = Job {
            format: *format,
            started_by: UserId::new(import.who.id.clone()),
            file_name: name.clone(),
            file_hash: Hash::new(hex::encode(Sha256::digest(bytes))),
            file_size: number(bytes.len()),
            source: source.clone(),
            licence: licence.clone(),
        };
        let input = serde_json::to_value(job).map_err(|error| Fault::Corrupt(error.to_string()))?;
        let clock = import.clock;
        let request = Request { verb: "start".into(), input, key, clock, ..Request::default() };
        self.operation(&import.log, &import.importer(), request).await
    }

    /// Carries the import out: everything that the file asks for and the operation's result in one
    /// transaction, or the faults alone.
    ///
    /// # Errors
    /// When something of ours fails; nothing is stored then.
    pub async fn carry_out(&self, import: &Import, operation: &str) -> Result<(), CommandError> {
        let plan = import.planned().await?;
        let mut errors = plan.errors.clone();
        if errors.is_empty() {
            let correlation = Some(operation.to_owned());
            let batch = Batch { clock: import.clock, correlation, ..Batch::default() };
            match self.decide(import, &plan, &batch, Some(operation)).await? {
                Ok(()) => return Ok(()),
                Err(faults) => errors = faults,
            }
        }
        let request = Request {
            verb: "fail".into(),
            id: Some(operation.to_owned()),
            input: json!({ "errors": errors }),
            clock: import.clock,
            ..Request::default()
        };
        self.operation(&import.log, &Who::system("import"), request).await.map(drop)
    }

    /// Records of the operations that an earlier process left running that they did nothing: those
    /// that were started before a time. Times of simulated logs say nothing; theirs are ended where
    /// no other process can be at them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep(
        &self,
        store: &Arc<Store>,
        before: Instant,
        is_alone: bool,
    ) -> Result<(), CommandError> {
        for tenant in store.tenants().await? {
            let log = store.log(&tenant);
            let Some(head) = log.head().await? else { continue };
            for operation in self.running(&log, head.position).await? {
                let started = operation.body["startedAt"].as_str().map(str::parse::<Instant>);
                let is_old = started.is_some_and(|at| at.is_ok_and(|at| at < before));
                if is_alone || is_old && !head.simulated {
                    self.interrupt(&log, &operation.id).await?;
                }
            }
        }
        Ok(())
    }

    async fn running(&self, log: &Log, at: Position) -> Result<Vec<Arc<Document>>, Fault> {
        let status = log.mapping("operation").and_then(|mapping| mapping.field("status"));
        let slot = status.map(|status| status.slot);
        let slot = slot.ok_or_else(|| Fault::Corrupt("operation.status has no column".into()))?;
        let query = ListQuery {
            kind: "operation".to_owned(),
            conditions: vec![Condition { slot, op: Op::Eq(SlotValue::Text("running".into())) }],
            search: None,
            order: vec![Order { slot: Slot::Id, descending: false, nullable: false }],
            after: None,
            limit: 1_000,
            at,
        };
        Ok(log.list(query).await?.to_vec())
    }

    /// Records that a job did nothing because its process ended or failed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn interrupt(&self, log: &Log, operation: &str) -> Result<(), CommandError> {
        let id = Some(operation.to_owned());
        let request = Request { verb: "interrupt".into(), id, ..Request::default() };
        self.operation(log, &Who::system("import"), request).await.map(drop)
    }

    async fn operation(
        &self,
        log: &Log,
        who: &Who,
        request: Request,
    ) -> Result<Done, CommandError> {
        let kind = self.registry.named("operation");
        let kind = kind.ok_or_else(|| Fault::Corrupt("no kind operation".into()))?;
        self.registry.dispatch(kind, log, who, request).await
    }

    /// Gives the plan's commands, with the operation's result last. The inner error is the file's.
    async fn decide(
        &self,
        import: &Import,
        plan: &Plan,
        batch: &Batch,
        operation: Option<&str>,
    ) -> Result<Result<(), Vec<FileError>>, CommandError> {
        let mut steps: Vec<_> = plan.commands.iter().map(|planned| planned.step.clone()).collect();
        if let Some(operation) = operation {
            let input = serde_json::to_value(report(plan));
            let request = Request {
                verb: "complete".into(),
                id: Some(operation.to_owned()),
                input: input.map_err(|error| Fault::Corrupt(error.to_string()))?,
                ..Request::default()
            };
            steps.push(Step { kind: "operation".into(), request });
        }
        let who = import.importer();
        match self.registry.dispatch_all(&import.log, &who, &steps, batch).await {
            Ok(_) => Ok(Ok(())),
            Err(BatchError::Whole(error @ CommandError::Fault(_))) => Err(error),
            Err(BatchError::Whole(error)) => {
                Ok(Err(vec![crate::plan::error(1, "", error.code(), &error.to_string())]))
            }
            Err(BatchError::Steps(faults)) => {
                let faults = faults.iter().flat_map(|(n, fault)| plan.faults(*n, fault));
                let mut faults: Vec<_> = faults.take(ERRORS_MAX).collect();
                if faults.is_empty() {
                    faults.push(crate::plan::error(
                        1,
                        "",
                        "fault",
                        "the import cannot be recorded",
                    ));
                }
                Ok(Err(faults))
            }
        }
    }
}

/// What a plan does.
fn report(plan: &Plan) -> Report {
    let made = plan.commands.iter().filter(|planned| planned.step.request.fresh.is_some());
    let mut counts = BTreeMap::<&str, usize>::new();
    made.clone().for_each(|planned| *counts.entry(&planned.step.kind).or_default() += 1);
    let created = counts.into_iter();
    let created = created.map(|(kind, count)| Created { kind: cut(kind), count: number(count) });
    let ids = made.filter_map(|planned| planned.step.request.fresh.clone()).take(NAMED_MAX);
    Report {
        created: created.collect(),
        objects: ids.map(Ref::new).collect(),
        assumed: plan.assumed.clone(),
        not_understood: plan.not_understood.clone(),
    }
}

#[cfg(test)]
mod tests;
