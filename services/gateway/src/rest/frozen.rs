//! A frozen input of a management review, read again at the position at which it was frozen.

use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use event_store::engine::{ListQuery, Order, Slot};
use event_store::{Fault, Log};
use governance::management_review::{Documents, Frozen, InputKind, snapshot};
use kernel::Position;
use kernel::values::Hash;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::problem::Problem;
use super::query::Params;
use super::view::{View, any_reader, may_read};
use crate::Gateway;

/// The kind whose inputs are frozen.
pub const REVIEW: &str = "management_review";
/// Most documents of a kind that are frozen: so many facts a command can have.
const DOCUMENTS_MAX: usize = 5_000;

/// `GET /v1/management-reviews/{id}/inputs/{input}`: the bytes whose SHA-256 was recorded when the
/// input was frozen. Texts that name people are sealed in them.
///
/// # Errors
/// The problem; a fault when the documents do not give the recorded hash.
pub async fn input(
    request: &HttpRequest,
    gateway: &Gateway,
    id: &str,
    word: &str,
) -> Result<HttpResponse, Problem> {
    let caller = any_reader(request, gateway).await?;
    let kind = InputKind::of_word(word).ok_or_else(Problem::not_found)?;
    // Whoever may not read what a query found does not read it by way of a review.
    for name in [REVIEW].iter().chain(kind.kinds()) {
        if let Some(of) = gateway.registry.named(name) {
            may_read(&caller, of.decl())?;
        }
        if caller.outlook.as_ref().is_some_and(|outlook| !outlook.sees_all_of(name)) {
            let detail = "the input was frozen from records of which some are withheld from you";
            return Err(Problem::new("engagement_forbids", detail));
        }
    }
    let mut params = Params::read(request.query_string());
    let as_of = params.as_of();
    params.finish()?;
    let view = View::of(caller, as_of).await?;
    let log = &view.caller.log;
    let review = view.caller.document(id, view.at(), view.pinned).await?;
    let review = review.filter(|(found, _)| found.kind == REVIEW);
    let (review, _) = review.ok_or_else(Problem::not_found)?;
    let frozen = review.body["inputs"].get(word).ok_or_else(Problem::not_found)?;
    let frozen = Frozen::deserialize(frozen).map_err(|error| corrupt(&error.to_string()))?;
    let recorded = frozen.snapshot_hash;
    let caching = view.caching(request, format!("\"{recorded}\""));
    if let Some(same) = caching.not_modified(request) {
        return Ok(same);
    }
    let bytes = read(log, kind, id, frozen.snapshot_as_of).await?;
    let digest = Sha256::digest(&bytes);
    if Hash::new(hex::encode(digest)) != recorded {
        return Err(corrupt(&format!("{id} {word}: the documents do not give {recorded}")).into());
    }
    let digest = format!("sha-256=:{}:", BASE64_STANDARD.encode(digest));
    Ok(caching.bytes(bytes, ("Repr-Digest", digest)))
}

fn corrupt(what: &str) -> Fault {
    Fault::Corrupt(what.to_owned())
}

/// The input's bytes as its query finds them at a position.
async fn read(log: &Log, kind: InputKind, review: &str, at: Position) -> Result<Vec<u8>, Fault> {
    let mut found = Vec::new();
    for name in kind.kinds() {
        let query = ListQuery {
            kind: (*name).to_owned(),
            conditions: Vec::new(),
            search: None,
            order: vec![Order { slot: Slot::Id, descending: false, nullable: false }],
            after: None,
            limit: DOCUMENTS_MAX,
            at,
        };
        found.push((*name, log.list(query).await?));
    }
    let of_kind = found.iter().map(|(name, documents)| {
        (*name, documents.iter().map(|found| (found.id.as_str(), &*found.body)).collect())
    });
    let documents: Documents<'_> = of_kind.collect();
    Ok(snapshot(kind, review, at, documents))
}
