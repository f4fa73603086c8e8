//! `check` and `rebuild`: the log read from its first event, against everything that follows from
//! it.

use std::collections::HashMap;
use std::sync::Arc;

use kernel::{Instant, Position};
use merkle_log::Frontier;
use serde_json::Value;

use crate::engine::{DocumentRow, Head};
use crate::error::{AppendError, Fault};
use crate::header::Header;
use crate::log::{Log, StoredEvent};
use crate::{patch, prepare};

const CHUNK: usize = 1_000;

/// Folds events by the domain's own code.
pub trait Folds: Send + Sync {
    /// The state after an event; `state` is null before the first.
    ///
    /// # Errors
    /// When the kind or event is unknown or does not read.
    fn fold(
        &self,
        kind: &str,
        state: &Value,
        name: &str,
        version: u16,
        data: Value,
    ) -> Result<Value, String>;
}

/// Something that does not fit together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where in the log, if at an event.
    pub position: Option<Position>,
    /// Which object, if one.
    pub object: Option<String>,
    /// What.
    pub what: String,
}

/// What a check saw.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many events were read.
    pub events: u64,
    /// How many document versions were compared.
    pub documents: u64,
    /// The Merkle root of the log, hex.
    pub root: String,
    /// What does not fit together; at most a hundred are listed.
    pub problems: Vec<Problem>,
}

impl Report {
    fn add(&mut self, position: Option<Position>, object: Option<&str>, what: impl Into<String>) {
        if self.problems.len() < 100 {
            let (object, what) = (object.map(str::to_owned), what.into());
            self.problems.push(Problem { position, object, what });
        }
    }
}

/// Everything that the events read so far say.
#[derive(Default)]
struct Replay {
    last: Position,
    at: Instant,
    transaction_ends: u64,
    frontier: Frontier,
    objects: HashMap<String, Replayed>,
    versions: Vec<DocumentRow>,
}

struct Replayed {
    value: Value,
    folded: Value,
    row: DocumentRow,
}

/// Reads the log from its first event: hashes, order and times; patches and fold; then compares
/// head and documents with what follows.
///
/// # Errors
/// When the database fails; what does not fit together is reported, not an error.
pub async fn check(log: &Log, folds: &dyn Folds) -> Result<Report, Fault> {
    let head = log.head().await?.ok_or_else(|| Fault::Corrupt("no such log".into()))?;
    let mut report = Report::default();
    let replay = replay(log, &head, Some(folds), &mut report).await?;
    report.root = hex::encode(replay.frontier.root());
    if replay.frontier.to_bytes() != head.frontier {
        report.add(None, None, "the head's Merkle frontier is not that of the events");
    }
    if replay.last != head.position || replay.at != head.at {
        let what = format!(
            "the head says {} at {}, the events end with {} at {}",
            head.position, head.at, replay.last, replay.at
        );
        report.add(None, None, what);
    }
    compare(log, replay.versions(), &mut report).await?;
    Ok(report)
}

/// Throws the documents of a log away and derives them again from its events; returns how many
/// versions there are.
///
/// # Errors
/// When the log itself does not fit together (nothing is thrown away then), something was appended
/// meanwhile, or the database fails.
pub async fn rebuild(log: &Log) -> Result<u64, Fault> {
    let head = log.head().await?.ok_or_else(|| Fault::Corrupt("no such log".into()))?;
    let mut report = Report::default();
    let replay = replay(log, &head, None, &mut report).await?;
    if let Some(problem) = report.problems.first() {
        return Err(Fault::Corrupt(format!("the log does not fit together: {problem:?}")));
    }
    let rows = replay.versions();
    let count = rows.len() as u64;
    log.store().engine.replace_documents(log.tenant(), head.position, rows).await?;
    Ok(count)
}

async fn replay(
    log: &Log,
    head: &Head,
    folds: Option<&dyn Folds>,
    report: &mut Report,
) -> Result<Replay, Fault> {
    let mut replay = Replay::default();
    loop {
        let events = log.events(replay.last, head.position, CHUNK).await?;
        let Some(last) = events.last().map(|event| event.row.position) else { break };
        for event in events {
            report.events += 1;
            replay.check_event(&event, head, report);
            replay.take(log, event, folds, report)?;
        }
        replay.last = last;
        tokio::task::yield_now().await;
    }
    Ok(replay)
}

impl Replay {
    /// Hashes, columns, order and time of one event.
    fn check_event(&mut self, event: &StoredEvent, head: &Head, report: &mut Report) {
        let StoredEvent { row, header, .. } = event;
        let here = Some(row.position);
        let mut add = |what: &str| report.add(here, Some(&row.stream), what);
        if row.position != self.frontier_position() {
            add("the positions have a gap");
        }
        if merkle_log::leaf_hash(&row.header) != row.leaf {
            add("the header is not what was hashed");
        }
        if prepare::payload_hash(&row.payload) != header.ph {
            add("the payload is not what was hashed");
        }
        if !columns_agree(event) {
            add("the columns do not say what the header says");
        }
        if header.log != head.log {
            add("the event belongs to another log");
        }
        let first = header.tx.first == row.position.0;
        let in_order = if first { row.at > self.at } else { row.at == self.at };
        if !in_order {
            add("the times are not strictly increasing by transaction");
        }
        if !first && row.position.0 > self.transaction_ends {
            add("the transaction's bounds do not fit");
        }
        self.transaction_ends = header.tx.first + header.tx.n - 1;
        self.at = row.at;
        self.frontier.push(row.leaf);
    }

    fn frontier_position(&self) -> Position {
        Position(self.frontier.size() + 1)
    }

    /// The effect of one event on its object.
    fn take(
        &mut self,
        log: &Log,
        event: StoredEvent,
        folds: Option<&dyn Folds>,
        report: &mut Report,
    ) -> Result<(), Fault> {
        let StoredEvent { row, header, payload } = event;
        let before = self.objects.remove(&row.stream);
        let expected = before.as_ref().map_or(1, |b| b.row.version + 1);
        if row.version != expected {
            report.add(Some(row.position), Some(&row.stream), "the stream's versions have a gap");
        }
        let (mut value, folded) = before
            .as_ref()
            .map_or((Value::Null, Value::Null), |b| (b.value.clone(), b.folded.clone()));
        if let Err(fault) = patch::apply(&mut value, &payload["patch"]) {
            report.add(Some(row.position), Some(&row.stream), fault.to_string());
        }
        let folded = match folds {
            None => Value::Null,
            Some(folds) => {
                let data = payload["data"].clone();
                let version = header.schema.data;
                match folds.fold(&row.kind, &folded, &row.name, version, data) {
                    Ok(folded) => {
                        if folded != value {
                            let what = "the fold of the domain's code differs from the document";
                            report.add(Some(row.position), Some(&row.stream), what);
                        }
                        folded
                    }
                    Err(what) => {
                        report.add(Some(row.position), Some(&row.stream), what);
                        value.clone()
                    }
                }
            }
        };
        let current = document(log, &row.kind, &header, &value, before.as_ref())?;
        if let Some(mut ended) = before {
            ended.row.to = Some(row.position);
            self.versions.push(ended.row);
        }
        self.objects.insert(row.stream, Replayed { value, folded, row: current });
        Ok(())
    }

    /// All versions by id and position.
    fn versions(self) -> Vec<DocumentRow> {
        let mut rows = self.versions;
        rows.extend(self.objects.into_values().map(|replayed| replayed.row));
        rows.sort_unstable_by(|a, b| (&a.id, a.from).cmp(&(&b.id, b.from)));
        rows
    }
}

fn columns_agree(event: &StoredEvent) -> bool {
    let StoredEvent { row, header, .. } = event;
    row.position.0 == header.pos
        && row.stream == header.stream
        && row.version == header.ver
        && row.name == header.name
        && row.name.strip_prefix(&row.kind).is_some_and(|rest| rest.starts_with('.'))
        && row.at == header.at
        && row.effective == header.eff
}

fn document(
    log: &Log,
    kind: &str,
    header: &Header,
    value: &Value,
    before: Option<&Replayed>,
) -> Result<DocumentRow, Fault> {
    let mapping = log.mapping(kind).ok_or_else(|| Fault::Corrupt(format!("no kind {kind}")))?;
    let body = prepare::canonical(value).map_err(|error| match error {
        AppendError::Fault(fault) => fault,
        other => Fault::Corrupt(other.to_string()),
    })?;
    let body = String::from_utf8(body).map_err(|error| Fault::Corrupt(error.to_string()))?;
    Ok(DocumentRow {
        id: header.stream.clone(),
        kind: kind.to_owned(),
        version: header.ver,
        from: Position(header.pos),
        to: None,
        at: header.at,
        created_at: before.map_or(header.at, |b| b.row.created_at),
        shape: header.schema.shape,
        dated: before.is_some_and(|b| b.row.dated) || header.eff.is_some(),
        body: Arc::from(body),
        slots: mapping.slots(value),
        search: mapping.search(value),
    })
}

/// Walks the stored versions and the derived ones side by side.
async fn compare(log: &Log, derived: Vec<DocumentRow>, report: &mut Report) -> Result<(), Fault> {
    let mut derived = derived.into_iter().peekable();
    let mut after = (String::new(), Position::START);
    loop {
        let engine = &log.store().engine;
        let stored = engine.versions(log.tenant(), (&after.0, after.1), CHUNK).await?;
        let Some(last) = stored.last() else { break };
        after = (last.id.clone(), last.from);
        for row in stored {
            report.documents += 1;
            while let Some(lost) = derived.next_if(|d| (&d.id, d.from) < (&row.id, row.from)) {
                report.add(Some(lost.from), Some(&lost.id), "a document version is missing");
            }
            match derived.next_if(|d| (&d.id, d.from) == (&row.id, row.from)) {
                Some(wanted) if wanted == row => {}
                Some(wanted) => {
                    let what = difference(&wanted, &row);
                    report.add(Some(row.from), Some(&row.id), what);
                }
                None => {
                    let what = "a document version that no event made";
                    report.add(Some(row.from), Some(&row.id), what);
                }
            }
        }
    }
    for lost in derived {
        report.add(Some(lost.from), Some(&lost.id), "a document version is missing");
    }
    Ok(())
}

fn difference(wanted: &DocumentRow, stored: &DocumentRow) -> &'static str {
    if wanted.body != stored.body {
        "the stored document is not what the events say"
    } else if wanted.to != stored.to {
        "the stored document ends at another position than the events say"
    } else if wanted.slots != stored.slots || wanted.search != stored.search {
        "the stored columns are not those of the document"
    } else {
        "the stored document's version, kind, shape or times are not what the events say"
    }
}
