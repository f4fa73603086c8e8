//! The bytes of evidence over HTTP (ISO/IEC 42001 7.5.3): in with the evidence itself, in for
//! evidence that was registered by its hash, and out.

pub mod announced;
pub mod content;
pub mod download;
mod receive;
pub mod upload;

use bus::CommandError;
use event_store::Document;
use event_store::Fault;
use facts::Evidence;
use identity::Caller;
use kernel::domain::{CommandDecl, KindDecl};
use serde::Deserialize;

use super::problem::Problem;

/// What is registered of a file.
fn evidence(document: &Document) -> Result<Evidence, Problem> {
    let read = Evidence::deserialize(&*document.body);
    Ok(read.map_err(|error| Fault::Corrupt(format!("evidence {}: {error}", document.id)))?)
}

/// A command of evidence.
fn command<'a>(decl: &'a KindDecl, verb: &str) -> Result<&'a CommandDecl, Problem> {
    decl.command(verb).ok_or_else(Problem::not_found)
}

/// Whoever may register evidence may bring its bytes, while the organisation's records are open:
/// he is told before they are on their way.
async fn may_bring(caller: &Caller, decl: &KindDecl) -> Result<(), Problem> {
    let by = command(decl, "register")?.by;
    if !caller.holds_one_of(by) {
        return Err(CommandError::Forbidden { by }.into());
    }
    bus::writable(&caller.log).await?;
    Ok(())
}

/// Evidence whose bytes are neither served nor taken any more.
fn refuse_dead(evidence: &Evidence) -> Result<(), Problem> {
    match evidence.status.as_str() {
        "shredded" => {
            let detail = "the bytes of this evidence were destroyed; its hash is kept";
            Err(Problem::new("content_shredded", detail))
        }
        "quarantined" => {
            let detail = "the bytes of this evidence were found not to have its hash";
            Err(Problem::new("content_quarantined", detail))
        }
        _ => Ok(()),
    }
}
