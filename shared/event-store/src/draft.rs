//! Several commands as one append: a log that keeps what is appended to itself, shows it to the
//! commands that follow, and hands it over whole.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::Instant;

use crate::append::{Append, Guard};
use crate::batch::{Committed, Outcome, Recorded};
use crate::document::Document;
use crate::engine::{Condition, Head, ListQuery, Matching, Op, Slot, SlotValue};
use crate::error::{AppendError, Fault};
use crate::log::Log;
use crate::prepare::{PreparedEvent, PreparedStream, SubjectKey};
use crate::seal::SecretKey;

/// What has been appended to a log that keeps it to itself.
#[derive(Debug)]
pub(crate) struct Draft {
    /// The log's head when the draft was begun: all its commands are decided there.
    pub head: Head,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    append: Option<Append>,
    places: HashMap<String, usize>,
    documents: HashMap<String, Arc<Document>>,
    /// The objects that have had a value in a column, by kind, column and value.
    by_value: HashMap<(String, usize, String), BTreeSet<String>>,
    by_kind: HashMap<String, BTreeSet<String>>,
    guarded: Guarded,
}

/// What the guards of the draft's commands name, each once.
#[derive(Debug, Default)]
struct Guarded {
    kinds: HashSet<String>,
    streams: HashSet<String>,
    matching: HashSet<Matching>,
}

impl Log {
    /// A log like this one that keeps what is appended to itself.
    ///
    /// # Errors
    /// When there is no such log or the database fails.
    pub async fn drafting(&self) -> Result<Log, AppendError> {
        let head = self.head().await?;
        let head = head.ok_or_else(|| AppendError::NoLog(self.tenant.clone()))?;
        let draft = Draft { head, kept: Mutex::default() };
        Ok(Log { draft: Some(Arc::new(draft)), ..self.clone() })
    }

    /// Everything that was appended to a drafting log, as one append; `None` when that is nothing.
    pub fn drafted(&self) -> Option<Append> {
        self.draft.as_ref().and_then(|draft| draft.lock().append.take())
    }
}

impl Draft {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest version of an object, if the draft has one.
    pub fn document(&self, id: &str) -> Option<Arc<Document>> {
        self.lock().documents.get(id).cloned()
    }

    /// The key of an object that the draft has made.
    pub fn key(&self, id: &str, context: &str) -> Option<SubjectKey> {
        let kept = self.lock();
        let place = *kept.places.get(id)?;
        let (key, wrapped) = kept.append.as_ref()?.streams.get(place)?.new_key.clone()?;
        Some(SubjectKey { key, context: context.to_owned(), unstored: Some(wrapped) })
    }

    /// A list of facts with the draft's objects in the place of the stored ones.
    pub fn overlay(
        &self,
        query: &ListQuery,
        stored: &[Arc<Document>],
    ) -> Result<Vec<Arc<Document>>, Fault> {
        let kept = self.lock();
        let stored = stored.iter().filter(|document| !kept.documents.contains_key(&document.id));
        let mut found: Vec<_> = stored.cloned().collect();
        let ids = match query.conditions.as_slice() {
            [] => kept.by_kind.get(&query.kind),
            [Condition { slot: Slot::Text(n), op: Op::Eq(SlotValue::Text(wanted)) }] => {
                kept.by_value.get(&(query.kind.clone(), *n, wanted.clone()))
            }
            _ => return Err(Fault::Corrupt("a draft answers one equality alone".into())),
        };
        for document in ids.into_iter().flatten().filter_map(|id| kept.documents.get(id)) {
            let holds =
                query.conditions.iter().all(|condition| match (condition.slot, &condition.op) {
                    (Slot::Text(n), Op::Eq(SlotValue::Text(wanted))) => {
                        document.slots.text[n].as_ref() == Some(wanted)
                    }
                    (_, _) => false,
                });
            if holds {
                found.push(Arc::clone(document));
            }
        }
        found.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        Ok(found)
    }

    /// Keeps an append. Where it comes to stand is not known yet: positions are the head's.
    pub fn keep(&self, append: Append) -> Result<Arc<Committed>, AppendError> {
        let (mut kept, head) = (self.lock(), &self.head);
        let (mut recorded, mut documents) = (Vec::new(), Vec::new());
        for stream in &append.streams {
            let Some(last) = stream.events.last() else { continue };
            for (event, version) in stream.events.iter().zip(stream.expected + 1..) {
                recorded.push(Recorded {
                    id: event.id.clone(),
                    name: event.name.to_owned(),
                    stream: stream.id.clone(),
                    version,
                    position: head.position,
                });
            }
            let known = kept.documents.get(&stream.id);
            let dated = append.effective.is_some() || known.is_some_and(|known| known.dated);
            let document = Arc::new(document(stream, last, dated, head));
            documents.push(Arc::clone(&document));
            kept.show(document);
        }
        let outcome =
            Outcome { position: head.position, recorded_at: Instant::default(), events: recorded };
        let tenant = append.tenant.clone();
        kept.add(append)?;
        Ok(Arc::new(Committed { tenant, outcome, documents }))
    }
}

fn document(stream: &PreparedStream, last: &PreparedEvent, dated: bool, head: &Head) -> Document {
    Document {
        id: stream.id.clone(),
        kind: stream.kind.to_owned(),
        version: stream.expected + stream.events.len() as u64,
        position: head.position,
        at: head.at,
        created_at: stream.before.as_ref().map_or(head.at, |before| before.created_at),
        shape: last.document.shape,
        dated,
        body: Arc::clone(&last.document.value),
        slots: last.document.slots.clone(),
    }
}

impl Kept {
    fn show(&mut self, document: Arc<Document>) {
        let (kind, id) = (document.kind.clone(), document.id.clone());
        let values = document.slots.text.iter().enumerate();
        for (n, value) in values.filter_map(|(n, value)| Some((n, value.as_ref()?))) {
            let ids = self.by_value.entry((kind.clone(), n, value.clone())).or_default();
            ids.insert(id.clone());
        }
        self.by_kind.entry(kind).or_default().insert(id.clone());
        self.documents.insert(id, document);
    }

    fn add(&mut self, append: Append) -> Result<(), AppendError> {
        let Append { streams, guard, unchanged, effective, .. } = append.clone();
        let all = self.append.get_or_insert_with(|| Append {
            streams: Vec::new(),
            guard: None,
            unchanged: Vec::new(),
            ..append
        });
        if all.effective != effective {
            let mixed = "commands of one transaction share their time of effect";
            return Err(AppendError::Unstorable(mixed.into()));
        }
        for stream in streams {
            match self.places.get(&stream.id) {
                Some(place) => join(&mut all.streams[*place], stream),
                None => {
                    self.places.insert(stream.id.clone(), all.streams.len());
                    all.streams.push(stream);
                }
            }
        }
        // What a command saw of an object that the draft changes was the draft's own.
        let theirs = unchanged.into_iter().filter(|(id, _)| !self.places.contains_key(id));
        for pair in theirs {
            if !all.unchanged.contains(&pair) {
                all.unchanged.push(pair);
            }
        }
        if let Some(guard) = guard {
            let all =
                all.guard.get_or_insert_with(|| Guard { since: guard.since, ..Guard::default() });
            self.guarded.join(all, guard);
        }
        Ok(())
    }
}

/// The second change of an object follows the first.
fn join(first: &mut PreparedStream, second: PreparedStream) {
    first.events.extend(second.events);
    first.blobs.extend(second.blobs);
    first.texts.extend(second.texts);
    let key: Option<(SecretKey, Vec<u8>)> = first.new_key.take().or(second.new_key);
    first.new_key = key;
}

impl Guarded {
    /// Adds a guard to that of the whole.
    fn join(&mut self, all: &mut Guard, guard: Guard) {
        let Guard { since, kinds, streams, matching } = guard;
        all.since = all.since.min(since);
        all.kinds.extend(kinds.into_iter().filter(|kind| self.kinds.insert(kind.clone())));
        all.streams.extend(streams.into_iter().filter(|id| self.streams.insert(id.clone())));
        let new = matching.into_iter().filter(|wanted| self.matching.insert(wanted.clone()));
        all.matching.extend(new);
    }
}
