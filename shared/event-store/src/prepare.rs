//! Everything of an event that does not depend on its position: sealing, patch, payload, columns.
//! Done by the caller's task, so that the appender has only to number, hash and write.

use std::collections::HashMap;
use std::sync::Arc;

use kernel::values::{PLAIN, SEALED};
use kernel::{Position, Role};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::document::Document;
use crate::engine::{BlobRow, DocumentRow, Matching, Slots};
use crate::error::{AppendError, Fault};
use crate::mapping::Mapping;
use crate::patch;
use crate::seal::{self, ALG, SealedAt, SecretKey};

/// Most bytes of a document's canonical JSON.
pub const DOCUMENT_MAX: usize = 64 * 1024;

/// What happened to one object: the events of a decision, each with the state after it.
#[derive(Clone, Debug)]
pub struct Change {
    /// The object's kind.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Its document before; `None` for a new object.
    pub before: Option<Arc<Document>>,
    /// Whether its id has just been drawn, so that it cannot exist.
    pub is_fresh: bool,
    /// The events in order.
    pub events: Vec<NewEvent>,
}

/// One event as the aggregate made it.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Stored name.
    pub name: &'static str,
    /// Schema version of its data.
    pub version: u16,
    /// SHA-256 of the JSON Schema of its data.
    pub schema_hash: Arc<str>,
    /// Clauses and controls that it evidences.
    pub clauses: &'static [&'static str],
    /// Its data.
    pub data: Value,
    /// The object's state after it.
    pub after: Value,
}

/// On what grounds a decision was taken.
#[derive(Clone, Debug, Default)]
pub struct Grounds {
    /// Why, in the decider's words.
    pub reason: Option<String>,
    /// Evidence by id.
    pub evidence: Vec<String>,
    /// The facts that it relied on.
    pub relied: Option<Relied>,
    /// The role in which it was taken, where the append's actor acts in several.
    pub role: Option<Role>,
}

/// The facts that a decision relied on, and as of which position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relied {
    /// Where they were read.
    pub position: Position,
    /// All objects of these kinds.
    pub kinds: Vec<String>,
    /// These objects.
    pub streams: Vec<String>,
    /// All objects whose column has a value.
    pub matching: Vec<Matching>,
}

/// An event that lacks only its number and time.
#[derive(Clone, Debug)]
pub struct PreparedEvent {
    /// `evt_…`
    pub id: String,
    /// Stored name.
    pub name: &'static str,
    /// Schema version of its data.
    pub version: u16,
    /// The role in which it was decided, where that is not the append's.
    pub role: Option<Role>,
    /// Canonical payload.
    pub payload: Vec<u8>,
    /// Hash of the payload, hex.
    pub payload_hash: String,
    /// The document after it.
    pub document: PreparedDocument,
}

/// A document that lacks only its position.
#[derive(Clone, Debug)]
pub struct PreparedDocument {
    /// Parsed.
    pub value: Arc<Value>,
    /// Canonical JSON.
    pub body: Arc<str>,
    /// Columns.
    pub slots: Slots,
    /// Full-text column.
    pub search: String,
    /// Shape.
    pub shape: u16,
}

/// One object's change, ready for the appender.
#[derive(Clone, Debug)]
pub struct PreparedStream {
    /// The object's kind.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// The version it must have; 0 = must not exist.
    pub expected: u64,
    /// Whether its id has just been drawn: nothing needs to be looked up (a unique key stands
    /// behind).
    pub is_fresh: bool,
    /// The version that ends; `None` for a new object.
    pub before: Option<DocumentRow>,
    /// Its events.
    pub events: Vec<PreparedEvent>,
    /// Sealed values.
    pub blobs: Vec<BlobRow>,
    /// The texts that were sealed, by hash: whoever wrote them is likely to read them next.
    pub texts: Vec<(String, Arc<str>)>,
    /// The object's key and how it is stored, if it is new.
    pub new_key: Option<(SecretKey, Vec<u8>)>,
}

/// The key under which an object's texts are sealed.
#[derive(Debug)]
pub struct SubjectKey {
    /// The key.
    pub key: SecretKey,
    /// Binds a sealed value to tenant and subject.
    pub context: String,
    /// The wrapped key when it is not stored yet.
    pub unstored: Option<Vec<u8>>,
}

struct Sealer<'a> {
    subject: &'a str,
    key: &'a SubjectKey,
    sealed: HashMap<String, (String, String)>,
    blobs: Vec<BlobRow>,
}

impl Sealer<'_> {
    /// Replaces each text that waits to be sealed by the hash of its ciphertext; the same text of
    /// one decision is sealed once, so that event and document name the same value.
    fn walk(
        &mut self,
        value: &mut Value,
        path: &str,
        found: &mut Vec<SealedAt>,
    ) -> Result<(), Fault> {
        match value {
            Value::Object(members) => {
                if let (1, Some(Value::String(text))) = (members.len(), members.get(PLAIN)) {
                    let (hash, kc) = self.seal(&text.clone())?;
                    found.push(SealedAt {
                        path: path.to_owned(),
                        subject: self.subject.to_owned(),
                        blob: hash.clone(),
                        kc,
                        alg: ALG,
                    });
                    *value = json!({ SEALED: hash });
                    return Ok(());
                }
                for (name, member) in members {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    self.walk(member, &format!("{path}/{name}"), found)?;
                }
            }
            Value::Array(items) => {
                for (n, item) in items.iter_mut().enumerate() {
                    self.walk(item, &format!("{path}/{n}"), found)?;
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        Ok(())
    }

    fn seal(&mut self, text: &str) -> Result<(String, String), Fault> {
        if let Some(known) = self.sealed.get(text) {
            return Ok(known.clone());
        }
        let (bytes, kc) = self.key.key.seal(text, &self.key.context)?;
        let hash = seal::blob_hash(&bytes);
        self.blobs.push(BlobRow { hash: hash.clone(), subject: self.subject.to_owned(), bytes });
        self.sealed.insert(text.to_owned(), (hash.clone(), kc.clone()));
        Ok((hash, kc))
    }
}

/// Prepares one object's change.
///
/// # Errors
/// When a document grows too large or holds what canonical JSON cannot.
pub fn prepare(
    change: Change,
    grounds: &Grounds,
    mapping: &Mapping,
    key: &SubjectKey,
    event_ids: Vec<String>,
) -> Result<PreparedStream, AppendError> {
    let Change { kind, id, before, is_fresh, events } = change;
    let (sealed, blobs) = (HashMap::new(), Vec::new());
    let mut sealer = Sealer { subject: &id, key, sealed, blobs };
    let mut last = before.as_ref().map_or(Arc::new(Value::Null), |b| Arc::clone(&b.body));
    let mut prepared = Vec::with_capacity(events.len());
    for (mut event, event_id) in events.into_iter().zip(event_ids) {
        let mut found = Vec::new();
        sealer.walk(&mut event.data, "/data", &mut found)?;
        sealer.walk(&mut event.after, "", &mut Vec::new())?;
        let reason = match &grounds.reason {
            Some(reason) => {
                let mut value = json!({ PLAIN: reason });
                sealer.walk(&mut value, "/reason", &mut found)?;
                Some(value)
            }
            None => None,
        };
        let patch = patch::diff(&last, &event.after);
        let payload = payload(&event, &patch, reason, grounds, &found)?;
        let document = document(event.after, mapping)?;
        last = Arc::clone(&document.value);
        prepared.push(PreparedEvent {
            id: event_id,
            name: event.name,
            version: event.version,
            role: grounds.role,
            payload_hash: payload_hash(&payload),
            payload,
            document,
        });
    }
    let Sealer { sealed, blobs, .. } = sealer;
    let texts = sealed.into_iter().map(|(text, (hash, _))| (hash, text.into())).collect();
    let new_key = key.unstored.clone().filter(|_| !blobs.is_empty());
    let new_key = new_key.map(|wrapped| (key.key.clone(), wrapped));
    Ok(PreparedStream {
        kind,
        is_fresh,
        expected: before.as_ref().map_or(0, |b| b.version),
        before: before.map(|b| row(&b, mapping)).transpose()?,
        id,
        events: prepared,
        blobs,
        texts,
        new_key,
    })
}

/// Hash of a payload as it stands in the header (history, section 1).
pub fn payload_hash(payload: &[u8]) -> String {
    let hash = Sha256::new().chain_update(b"annals/payload/v1\0").chain_update(payload).finalize();
    hex::encode(hash)
}

fn payload(
    event: &NewEvent,
    patch: &Value,
    reason: Option<Value>,
    grounds: &Grounds,
    sealed: &[SealedAt],
) -> Result<Vec<u8>, AppendError> {
    let mut payload = json!({
        "salt": hex::encode(seal::random::<16>()?),
        "data": event.data,
        "patch": patch,
        "schemaHash": &*event.schema_hash,
        "evidence": grounds.evidence,
        "clauses": event.clauses,
    });
    if let Some(reason) = reason {
        payload["reason"] = reason;
    }
    if let Some(relied) = &grounds.relied {
        payload["relied"] = json!({
            "position": relied.position, "kinds": relied.kinds, "streams": relied.streams,
            "matching": relied.matching,
        });
    }
    if !sealed.is_empty() {
        payload["sealed"] = json!(sealed);
    }
    canonical(&payload)
}

/// Canonical JSON (RFC 8785). The keys that occur here are ASCII and numbers are whole and small,
/// so that sorted compact JSON is canonical; what is not is refused. A property test compares with
/// a crate made for it.
///
/// # Errors
/// When a number is no whole number of at most 2^53 - 1, or a key is not ASCII.
pub fn canonical(value: &Value) -> Result<Vec<u8>, AppendError> {
    storable(value)?;
    serde_json::to_vec(value).map_err(|error| AppendError::Unstorable(error.to_string()))
}

fn storable(value: &Value) -> Result<(), AppendError> {
    const MAX_SAFE: u64 = (1 << 53) - 1;
    let fine = match value {
        Value::Null | Value::Bool(_) => true,
        Value::String(text) => !text.contains('\0'),
        Value::Number(number) => number.as_i64().is_some_and(|n| n.unsigned_abs() <= MAX_SAFE),
        Value::Array(items) => return items.iter().try_for_each(storable),
        Value::Object(members) => {
            members.values().try_for_each(storable)?;
            members.keys().all(|key| key.is_ascii() && !key.contains('\0'))
        }
    };
    if fine {
        return Ok(());
    }
    Err(AppendError::Unstorable(format!("{value} cannot stand in an event")))
}

/// A document as it is stored.
fn row(document: &Document, mapping: &Mapping) -> Result<DocumentRow, AppendError> {
    let body = serde_json::to_string(&*document.body);
    let body = body.map_err(|error| AppendError::Unstorable(error.to_string()))?;
    Ok(DocumentRow {
        id: document.id.clone(),
        kind: document.kind.clone(),
        version: document.version,
        from: document.position,
        to: None,
        at: document.at,
        created_at: document.created_at,
        shape: document.shape,
        dated: document.dated,
        search: mapping.search(&document.body),
        slots: document.slots.clone(),
        body: body.into(),
    })
}

fn document(after: Value, mapping: &Mapping) -> Result<PreparedDocument, AppendError> {
    let body = String::from_utf8(canonical(&after)?)
        .map_err(|error| AppendError::Unstorable(error.to_string()))?;
    if body.len() > DOCUMENT_MAX {
        return Err(AppendError::Unstorable(format!(
            "the object would have {} bytes; it may have at most {DOCUMENT_MAX}",
            body.len()
        )));
    }
    Ok(PreparedDocument {
        slots: mapping.slots(&after),
        search: mapping.search(&after),
        shape: mapping.shape,
        value: Arc::new(after),
        body: body.into(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sorted_compact_json_is_what_the_canonicalizer_writes(
            texts in prop::collection::btree_map("[a-zA-Z0-9_.~/-]{0,6}", any::<String>(), 0..6),
            number in -9_007_199_254_740_991i64..=9_007_199_254_740_991,
        ) {
            let texts = texts.into_iter().map(|(k, v)| (k, v.replace('\0', "")));
            let mut value: serde_json::Map<_, _> =
                texts.map(|(k, v)| (k, Value::String(v))).collect();
            value.insert("n".into(), json!(number));
            let value = Value::Object(value);
            let by_crate = serde_json_canonicalizer::to_vec(&value).unwrap();
            prop_assert_eq!(canonical(&value).unwrap(), by_crate);
        }
    }

    #[test]
    fn what_canonical_json_would_round_is_refused() {
        for value in [json!(0.5), json!(1u64 << 53), json!(u64::MAX), json!({"é": 1})] {
            assert!(canonical(&value).is_err(), "{value}");
        }
    }
}
