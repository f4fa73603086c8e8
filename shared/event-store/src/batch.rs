//! What one batch writes: each append checked against the locked heads and against its neighbours,
//! numbered, timed and hashed. Pure but for the bytes it is given.

use std::collections::HashMap;
use std::sync::Arc;

use kernel::{Instant, Position, TenantId};
use serde::{Deserialize, Serialize};

use crate::append::{Append, Waiting};
use crate::document::Document;
use crate::engine::{AnswerRow, Checks, DocumentRow, EventRow, Findings, GuardCheck, Head, Writes};
use crate::error::{AppendError, Fault};
use crate::growing::{Growing, Place};
use crate::header::Transaction;
use crate::known::Known;
use crate::prepare::{PreparedEvent, PreparedStream};

/// How far a log's last time may lie ahead of the database's clock.
const CLOCK_TOLERANCE_US: i64 = 2_000_000;

/// Commands that a caller gives at one simulated moment follow each other within it.
const SAME_MOMENT_US: i64 = 1_000_000;

/// What became of an append.
#[derive(Clone, Debug)]
pub struct Committed {
    /// Whose log.
    pub tenant: TenantId,
    /// What the caller is told, now and under the same idempotency key again.
    pub outcome: Outcome,
    /// The new current documents.
    pub documents: Vec<Arc<Document>>,
}

/// What the caller of an append is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The log's position after it.
    pub position: Position,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// The events.
    pub events: Vec<Recorded>,
}

/// One event of an outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recorded {
    /// `evt_…`
    pub id: String,
    /// Stored name.
    #[serde(rename = "type")]
    pub name: String,
    /// The object.
    pub stream: String,
    /// Version of the object's stream.
    pub version: u64,
    /// Position in the log.
    pub position: Position,
}

pub(crate) struct Plan {
    pub writes: Writes,
    pub accepted: Vec<(Arc<Committed>, Waiting)>,
    pub refused: Vec<(Waiting, AppendError)>,
}

/// What must be looked up for these appends: versions that are not known, and guards whose facts
/// were read before the head came to stand where it does.
pub(crate) fn checks(
    appends: &[Waiting],
    heads: &HashMap<TenantId, Head>,
    known: &Known,
) -> Checks {
    let mut checks = Checks::default();
    for Waiting { append, .. } in appends {
        let tenant = &append.tenant;
        if let Some(key) = &append.key {
            checks.keys.push((tenant.clone(), key.key.clone()));
        }
        let head = heads.get(tenant).map(|head| head.position);
        for Expectation { id, is_fresh, .. } in expectations(append) {
            if !is_fresh && known.version(tenant, id).is_none() {
                checks.versions.push((tenant.clone(), id.to_owned()));
            }
        }
        if let Some(guard) = append.guard.as_ref().filter(|guard| Some(guard.since) != head) {
            checks.guards.push(GuardCheck {
                tenant: tenant.clone(),
                since: guard.since,
                kinds: guard.kinds.clone(),
                streams: guard.streams.clone(),
                matching: guard.matching.clone(),
            });
        }
    }
    checks
}

/// The version at which a stream must be.
struct Expectation<'a> {
    id: &'a str,
    version: u64,
    is_fresh: bool,
}

/// The versions that the objects of an append, and those that it relies on, must have.
fn expectations(append: &Append) -> impl Iterator<Item = Expectation<'_>> {
    let changed = append.streams.iter().map(|stream| Expectation {
        id: &stream.id,
        version: stream.expected,
        is_fresh: stream.is_fresh,
    });
    let relied = append.unchanged.iter();
    changed.chain(relied.map(|(id, version)| Expectation {
        id,
        version: *version,
        is_fresh: false,
    }))
}

/// The state of the batch while appends are taken into it one by one.
struct Planner<'a> {
    heads: HashMap<TenantId, Growing>,
    known: &'a Known,
    broken: Vec<(&'a GuardCheck, Option<Position>)>,
    answers: HashMap<(&'a str, &'a str), &'a AnswerRow>,
    now: Instant,
    plan: Plan,
}

pub(crate) fn plan(
    appends: Vec<Waiting>,
    heads: HashMap<TenantId, Head>,
    checks: &Checks,
    findings: &Findings,
    known: &mut Known,
    now: Instant,
) -> Plan {
    for ((tenant, stream), version) in checks.versions.iter().zip(&findings.versions) {
        known.learn(tenant, stream, *version);
    }
    let mut planner = Planner {
        heads: HashMap::new(),
        known,
        broken: checks.guards.iter().zip(findings.broken.iter().copied()).collect(),
        answers: HashMap::new(),
        now,
        plan: Plan { writes: Writes::default(), accepted: Vec::new(), refused: Vec::new() },
    };
    for ((tenant, key), answer) in checks.keys.iter().zip(&findings.answers) {
        if let Some(answer) = answer {
            planner.answers.insert((tenant.as_str(), key), answer);
        }
    }
    for waiting in appends {
        match planner.take(&waiting.append, &heads) {
            Ok(committed) => planner.plan.accepted.push((Arc::new(committed), waiting)),
            Err(error) => planner.plan.refused.push((waiting, error)),
        }
    }
    let moved = planner.heads.into_values().filter(|growing| growing.moved);
    planner.plan.writes.heads = moved
        .map(|growing| Head { frontier: growing.frontier.to_bytes(), ..growing.head })
        .collect();
    planner.plan
}

impl Planner<'_> {
    fn take(
        &mut self,
        append: &Append,
        heads: &HashMap<TenantId, Head>,
    ) -> Result<Committed, AppendError> {
        let tenant = &append.tenant;
        if !self.heads.contains_key(tenant) {
            let head = heads.get(tenant).ok_or_else(|| AppendError::NoLog(tenant.clone()))?;
            self.heads.insert(tenant.clone(), Growing::of(head)?);
        }
        let growing = self.heads.get(tenant).ok_or_else(|| AppendError::NoLog(tenant.clone()))?;
        self.check_key(append)?;
        self.check_versions(append, growing)?;
        self.check_guard(append, growing)?;
        let at = at(append, &growing.head, self.now)?;
        self.write(append, at)
    }

    fn check_key(&self, append: &Append) -> Result<(), AppendError> {
        let Some(key) = &append.key else { return Ok(()) };
        let tenant = append.tenant.as_str();
        if let Some(answer) = self.answers.get(&(tenant, key.key.as_str())) {
            return Err(AppendError::KeyTaken(Box::new((*answer).clone())));
        }
        let mut earlier = self.plan.writes.answers.iter();
        match earlier.find(|(t, answer)| t == &append.tenant && answer.key == key.key) {
            Some((_, answer)) => Err(AppendError::KeyTaken(Box::new(answer.clone()))),
            None => Ok(()),
        }
    }

    fn check_versions(&self, append: &Append, growing: &Growing) -> Result<(), AppendError> {
        for Expectation { id, version: expected, .. } in expectations(append) {
            let stored = self.known.version(&append.tenant, id).unwrap_or(expected);
            let landed = growing.landed.iter().filter(|event| event.stream == id).count() as u64;
            let actual = stored + landed;
            if actual != expected {
                return Err(AppendError::VersionConflict {
                    stream: id.to_owned(),
                    expected,
                    actual,
                });
            }
        }
        Ok(())
    }

    fn check_guard(&self, append: &Append, growing: &Growing) -> Result<(), AppendError> {
        let Some(guard) = &append.guard else { return Ok(()) };
        let stored = self.broken.iter().find(|(check, _)| {
            check.tenant == append.tenant
                && check.since == guard.since
                && check.kinds == guard.kinds
                && check.streams == guard.streams
                && check.matching == guard.matching
        });
        let stored = stored.and_then(|(_, position)| *position);
        let landed = growing.landed.iter().find(|event| event.breaks(guard));
        match stored.or_else(|| landed.map(|event| event.position)) {
            Some(at) => Err(AppendError::GuardBroken { at }),
            None => Ok(()),
        }
    }

    fn write(&mut self, append: &Append, at: Instant) -> Result<Committed, AppendError> {
        let tenant = &append.tenant;
        let growing =
            self.heads.get_mut(tenant).ok_or_else(|| AppendError::NoLog(tenant.clone()))?;
        let writes = &mut self.plan.writes;
        let first = growing.head.position.next();
        let n = append.streams.iter().map(|stream| stream.events.len() as u64).sum();
        let transaction = Transaction { first: first.0, n };
        let (mut recorded, mut documents) = (Vec::new(), Vec::new());
        for stream in &append.streams {
            if let (Some(before), false) = (&stream.before, stream.events.is_empty()) {
                let to = Some(growing.head.position.next());
                writes.ended.push((tenant.clone(), DocumentRow { to, ..before.clone() }));
            }
            let last = stream.events.len();
            for (n, event) in stream.events.iter().enumerate() {
                let place = Place { version: stream.expected + n as u64 + 1, at, transaction };
                let row = growing.event(append, stream, event, place)?;
                recorded.push(Recorded {
                    id: event.id.clone(),
                    name: row.name.clone(),
                    stream: stream.id.clone(),
                    version: row.version,
                    position: row.position,
                });
                let mut document = document(append, stream, event, &row);
                if n + 1 == last {
                    documents.push(read(&document, event));
                    writes.current.push((tenant.clone(), document));
                } else {
                    document.to = Some(row.position.next());
                    writes.ended.push((tenant.clone(), document));
                }
                writes.events.push(row);
            }
            writes.blobs.extend(stream.blobs.iter().map(|blob| (tenant.clone(), blob.clone())));
            if let Some((_, wrapped)) = &stream.new_key {
                writes.subject_keys.push((tenant.clone(), stream.id.clone(), wrapped.clone()));
            }
        }
        let position = growing.head.position;
        let outcome = Outcome { position, recorded_at: at, events: recorded };
        if let Some(key) = &append.key {
            let answer = serde_json::to_vec(&outcome)
                .map_err(|error| AppendError::Unstorable(error.to_string()))?;
            let (key, fingerprint) = (key.key.clone(), key.fingerprint.clone());
            writes.answers.push((tenant.clone(), AnswerRow { key, fingerprint, answer, at }));
        }
        Ok(Committed { tenant: tenant.clone(), outcome, documents })
    }
}

/// The time of a transaction: strictly after the last one's (ruling: all its events share it).
fn at(append: &Append, head: &Head, now: Instant) -> Result<Instant, AppendError> {
    let earliest = head.at.plus_micros(1);
    match append.clock {
        Some(_) if !head.simulated => {
            Err(AppendError::Clock("the clock of this log cannot be set".into()))
        }
        Some(clock) if clock.plus_micros(SAME_MOMENT_US) <= head.at => {
            Err(AppendError::Clock(format!(
                "the clock cannot be set back: the log's last event was recorded at {}",
                head.at
            )))
        }
        Some(clock) => Ok(clock.max(earliest)),
        None if earliest > now.plus_micros(CLOCK_TOLERANCE_US) && !head.simulated => {
            Err(Fault::Clock(format!("the log's last time {} lies ahead of {now}", head.at)).into())
        }
        None => Ok(now.max(earliest)),
    }
}

fn document(
    append: &Append,
    stream: &PreparedStream,
    event: &PreparedEvent,
    row: &EventRow,
) -> DocumentRow {
    let before = stream.before.as_ref();
    DocumentRow {
        id: stream.id.clone(),
        kind: stream.kind.to_owned(),
        version: row.version,
        from: row.position,
        to: None,
        at: row.at,
        created_at: before.map_or(row.at, |before| before.created_at),
        shape: event.document.shape,
        dated: append.effective.is_some() || before.is_some_and(|before| before.dated),
        body: Arc::clone(&event.document.body),
        slots: event.document.slots.clone(),
        search: event.document.search.clone(),
    }
}

fn read(row: &DocumentRow, event: &PreparedEvent) -> Arc<Document> {
    Arc::new(Document {
        id: row.id.clone(),
        kind: row.kind.clone(),
        version: row.version,
        position: row.from,
        at: row.at,
        created_at: row.created_at,
        shape: row.shape,
        dated: row.dated,
        body: Arc::clone(&event.document.value),
        slots: row.slots.clone(),
    })
}
