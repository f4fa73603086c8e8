//! Whether the bytes of a tenant's evidence are what the records say.

use event_store::engine::{ListQuery, Order, Slot, SlotValue};
use event_store::{Fault, Log};
use facts::Evidence;
use kernel::Position;
use serde::Deserialize;

use crate::{FileError, Files};

/// Objects that are looked at in one go.
const PAGE: usize = 200;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Files that are there.
    pub files: u64,
    /// What does not fit together: the object, and what is wrong.
    pub problems: Vec<(String, String)>,
}

/// Compares the files of a tenant's evidence with its records: presence and length, and, when
/// `whole`, every byte.
///
/// # Errors
/// When records or the store of files cannot be read.
pub async fn check(files: &Files, log: &Log, whole: bool) -> Result<Checked, FileError> {
    let mut checked = Checked::default();
    let Some(head) = log.head().await? else { return Ok(checked) };
    let mut after = None;
    loop {
        let page = log.list(page(head.position, after)).await?;
        for document in page.iter() {
            let evidence = Evidence::deserialize(&*document.body)
                .map_err(|error| Fault::Corrupt(format!("{}: {error}", document.id)))?;
            let (there, wrong) = one(files, log, &document.id, &evidence, whole).await?;
            checked.files += u64::from(there);
            checked.problems.extend(wrong.map(|what| (document.id.clone(), what)));
        }
        match page.last().filter(|_| page.len() == PAGE) {
            Some(last) => after = Some(vec![SlotValue::Text(last.id.clone())]),
            None => return Ok(checked),
        }
    }
}

fn page(at: Position, after: Option<Vec<SlotValue>>) -> ListQuery {
    ListQuery {
        kind: "evidence".to_owned(),
        conditions: Vec::new(),
        search: None,
        order: vec![Order { slot: Slot::Id, descending: false, nullable: false }],
        after,
        limit: PAGE,
        at,
    }
}

/// Whether there is a file, and what is wrong with it.
async fn one(
    files: &Files,
    log: &Log,
    id: &str,
    of: &Evidence,
    whole: bool,
) -> Result<(bool, Option<String>), FileError> {
    let is_kept = log.file_key(id).await?.is_some();
    if !is_kept && of.status != "shredded" {
        // Its bytes are elsewhere.
        return Ok((false, None));
    }
    let found = files.holds(log, id, of.size).await?;
    let wrong = match (of.status.as_str(), found) {
        ("shredded", Some(_)) => Some("its bytes are there although they were shredded"),
        // Of what was never verified, an upload may have broken off.
        ("shredded" | "registered", _) => None,
        (_, None) => Some("its bytes are gone"),
        (_, Some(false)) => Some("its bytes have another length"),
        (_, Some(true)) => None,
    };
    let there = found.is_some();
    if let Some(wrong) = wrong {
        return Ok((there, Some(wrong.to_owned())));
    }
    if !whole || !there || of.status == "registered" {
        return Ok((there, None));
    }
    Ok((
        there,
        match files.digest(log, id, of.size).await {
            Ok(sha256) if sha256 == of.sha256 => None,
            Ok(_) => Some("its bytes have another hash".to_owned()),
            Err(FileError::Damaged(what)) => Some(format!("its bytes are damaged: {what}")),
            Err(error) => return Err(error),
        },
    ))
}
