//! The header of an event: the canonical bytes that are a leaf of the log's Merkle tree
//! (history, section 1). Its fields are for ever.

use kernel::{Instant, Role, Via};
use serde::{Deserialize, Serialize};

use crate::error::{AppendError, Fault};

/// Most bytes of a leaf.
const LEAF_MAX: usize = 65_535;

/// The header. In JSON the fields stand in the order of their names (RFC 8785).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Version of this format.
    pub v: u8,
    /// `evt_…`
    pub id: String,
    /// Opaque id of the log.
    pub log: String,
    /// Position in the log, from 1.
    pub pos: u64,
    /// The transaction that wrote it.
    pub tx: Transaction,
    /// Stored event name.
    #[serde(rename = "type")]
    pub name: String,
    /// Versions of data and document.
    pub schema: HeaderSchema,
    /// The object.
    pub stream: String,
    /// Version of the object's stream, from 1 without gaps.
    pub ver: u64,
    /// When it was recorded.
    pub at: Instant,
    /// When it was true in the world, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eff: Option<Instant>,
    /// Who decided, by pseudonym.
    pub actor: String,
    /// In which role.
    pub role: Role,
    /// Under which auditor engagement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eng: Option<String>,
    /// Through what.
    pub via: Via,
    /// The event or command that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Groups what one cause brought about.
    pub corr: String,
    /// Hash of the payload.
    pub ph: String,
}

/// The events that were written together: the first position and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// Position of the first.
    pub first: u64,
    /// How many.
    pub n: u64,
}

/// Versions of what the payload holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderSchema {
    /// Schema version of the event's data.
    pub data: u16,
    /// Shape of the document that the patch leads to.
    pub shape: u16,
}

/// The canonical bytes.
///
/// # Errors
/// When they would be longer than a leaf may be.
pub fn bytes(header: &Header) -> Result<Vec<u8>, AppendError> {
    let value =
        serde_json::to_value(header).map_err(|error| AppendError::Unstorable(error.to_string()))?;
    let bytes = crate::prepare::canonical(&value)?;
    if bytes.len() > LEAF_MAX {
        return Err(AppendError::Unstorable(format!("a header has at most {LEAF_MAX} bytes")));
    }
    Ok(bytes)
}

/// Reads stored bytes.
///
/// # Errors
/// When they are no header.
pub fn read(bytes: &[u8]) -> Result<Header, Fault> {
    serde_json::from_slice(bytes).map_err(|error| Fault::Corrupt(format!("header: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn golden() -> Header {
        Header {
            v: 1,
            id: "evt_01kb3000000000000000000000".into(),
            log: "log_01kb3000000000000000000001".into(),
            pos: 7,
            tx: Transaction { first: 6, n: 2 },
            name: "scope.approved".into(),
            schema: HeaderSchema { data: 1, shape: 1 },
            stream: "scp_01kb3000000000000000000002".into(),
            ver: 4,
            at: "2024-07-22T09:00:00Z".parse().unwrap(),
            eff: None,
            actor: "usr_01kb3000000000000000000003".into(),
            role: Role::Tm,
            eng: None,
            via: Via::User,
            cause: None,
            corr: "cmd_01kb3000000000000000000004".into(),
            ph: "00".repeat(32),
        }
    }

    #[test]
    fn golden_header_and_leaf_hash() {
        let bytes = bytes(&golden()).unwrap();
        let text = std::str::from_utf8(&bytes).unwrap();
        assert_eq!(
            text,
            concat!(
                r#"{"actor":"usr_01kb3000000000000000000003","at":"2024-07-22T09:00:00.000000Z","#,
                r#""corr":"cmd_01kb3000000000000000000004","id":"evt_01kb3000000000000000000000","#,
                r#""log":"log_01kb3000000000000000000001","#,
                r#""ph":"0000000000000000000000000000000000000000000000000000000000000000","#,
                r#""pos":7,"role":"TM","schema":{"data":1,"shape":1},"#,
                r#""stream":"scp_01kb3000000000000000000002","tx":{"first":6,"n":2},"#,
                r#""type":"scope.approved","v":1,"ver":4,"via":"user"}"#
            )
        );
        let canonical = serde_json_canonicalizer::to_vec(&golden()).unwrap();
        assert_eq!(bytes, canonical);
        assert_eq!(
            hex::encode(merkle_log::leaf_hash(&bytes)),
            "ac9f4fecb119eb27d60b9cc8135f2970ca4b0cbfc7cfd1de1d34be775f1141fa"
        );
        assert_eq!(read(&bytes).unwrap(), golden());
    }
}
