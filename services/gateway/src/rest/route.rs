//! From a path to what it names. The kinds' routes follow from their declarations.

use std::sync::Arc;

use bus::{AnyKind, Registry};
use kernel::domain::{CommandDecl, KindDecl};
use reference::catalogue::catalogue;

use super::frozen::REVIEW;
use super::intake::Place;
use super::tokens::has_tokens;

/// What stands for the id of a kind of which a tenant has at most one object.
pub const CURRENT: &str = "current";

/// The kind whose objects have bytes.
pub const EVIDENCE: &str = "evidence";

/// What a path names.
pub enum Route<'a> {
    /// `/`
    Landing,
    /// `/docs`
    Docs,
    /// `/openapi.json`
    OpenApi,
    /// `/livez`
    Alive,
    /// `/readyz`
    Ready,
    /// `/metrics`
    Metrics,
    /// `/v1/me`
    Me,
    /// `/v1/events`
    Events,
    /// `/v1/catalogues/packaged`: those that come with the product.
    Packaged,
    /// `/v1/catalogues/{id}` of one that comes with the product.
    Catalogue(&'a str),
    /// `/v1/catalogues/{id}/coverage` of any.
    Coverage(&'a str),
    /// `/v1/imports`
    Imports,
    /// `/v1/parked`
    Parked,
    /// `/v1/parked/resume`
    Resume,
    /// `/v1/public/{tenant}/…`: what takes no token.
    Public(&'a str, Place<'a>),
    /// `/v1/evidence/files`: evidence and its bytes in one.
    Files(&'a Arc<dyn AnyKind>),
    /// `/v1/evidence/{id}/content`: the bytes.
    Content(&'a Arc<dyn AnyKind>, &'a str),
    /// `/v1/{plural}`: its objects; with the command that makes one.
    List(&'a Arc<dyn AnyKind>, Option<&'a CommandDecl>),
    /// `/v1/{plural}/{verb}`: one of several commands that make an object.
    Create(&'a Arc<dyn AnyKind>, &'a CommandDecl),
    /// `/v1/{plural}/{id}`
    Object(&'a Arc<dyn AnyKind>, &'a str),
    /// `/v1/{plural}/{id}/history`
    History(&'a Arc<dyn AnyKind>, &'a str),
    /// `/v1/{plural}/{id}/tokens`
    Tokens(&'a Arc<dyn AnyKind>, &'a str),
    /// `/v1/management-reviews/{id}/inputs/{input}`
    FrozenInput(&'a str, &'a str),
    /// `/v1/{plural}/{id}/{verb}`
    Command(&'a Arc<dyn AnyKind>, &'a str, &'a CommandDecl),
}

/// A verb as it stands in paths.
pub fn kebab(verb: &str) -> String {
    verb.replace('_', "-")
}

/// The commands that make an object, in order; the first is the plain `POST /v1/{plural}`.
pub fn creating(decl: &KindDecl) -> impl Iterator<Item = &CommandDecl> {
    decl.commands.iter().filter(|command| command.creates)
}

/// What a path names; `None` when it names nothing.
pub fn route<'a>(registry: &'a Registry, path: &'a str) -> Option<Route<'a>> {
    match path {
        "/" => return Some(Route::Landing),
        "/docs" => return Some(Route::Docs),
        "/openapi.json" => return Some(Route::OpenApi),
        "/livez" => return Some(Route::Alive),
        "/readyz" => return Some(Route::Ready),
        "/metrics" => return Some(Route::Metrics),
        "/v1/me" => return Some(Route::Me),
        "/v1/events" => return Some(Route::Events),
        "/v1/imports" => return Some(Route::Imports),
        "/v1/parked" => return Some(Route::Parked),
        "/v1/parked/resume" => return Some(Route::Resume),
        _ => {}
    }
    let rest = path.strip_prefix("/v1/")?;
    if let Some(rest) = rest.strip_prefix("public/") {
        let (tenant, rest) = rest.split_once('/')?;
        let place = Place::of(&rest.split('/').collect::<Vec<_>>())?;
        return Some(Route::Public(tenant, place));
    }
    let mut parts = rest.split('/');
    let (plural, second, third) = (parts.next()?, parts.next(), parts.next());
    if let Some(fourth) = parts.next() {
        return part(registry.plural(plural)?, second?, third?, fourth)
            .filter(|_| parts.next().is_none());
    }
    match (plural, second, third) {
        ("catalogues", Some("packaged"), None) => return Some(Route::Packaged),
        ("catalogues", Some(id), None) if catalogue(id).is_some() => {
            return Some(Route::Catalogue(id));
        }
        ("catalogues", Some(id), Some("coverage")) => return Some(Route::Coverage(id)),
        (_, _, _) => {}
    }
    let kind = registry.plural(plural)?;
    let decl = kind.decl();
    match (decl.row.name, second, third) {
        (EVIDENCE, Some("files"), None) => return Some(Route::Files(kind)),
        (EVIDENCE, Some(id), Some("content")) => {
            return is_id(decl, id).then_some(Route::Content(kind, id));
        }
        _ => {}
    }
    match (second, third) {
        (None, _) => Some(Route::List(kind, creating(decl).next())),
        (Some(second), None) => {
            let several = creating(decl).nth(1).is_some();
            let verb = creating(decl).find(|command| kebab(command.verb) == second);
            match verb.filter(|_| several) {
                Some(command) => Some(Route::Create(kind, command)),
                None => is_id(decl, second).then_some(Route::Object(kind, second)),
            }
        }
        (Some(id), Some("history")) => is_id(decl, id).then_some(Route::History(kind, id)),
        (Some(id), Some("tokens")) if has_tokens(&**kind) => {
            is_id(decl, id).then_some(Route::Tokens(kind, id))
        }
        (Some(id), Some(verb)) => {
            let named = |command: &&CommandDecl| !command.creates && kebab(command.verb) == verb;
            let command = decl.commands.iter().find(named)?;
            is_id(decl, id).then_some(Route::Command(kind, id, command))
        }
    }
}

/// What a path names of a part of an object.
fn part<'a>(
    kind: &'a Arc<dyn AnyKind>,
    id: &'a str,
    parts: &str,
    part: &'a str,
) -> Option<Route<'a>> {
    let is_input = kind.decl().row.name == REVIEW && parts == "inputs";
    (is_input && is_id(kind.decl(), id)).then_some(Route::FrozenInput(id, part))
}

/// Whether a path segment can name an object of the kind.
fn is_id(decl: &KindDecl, text: &str) -> bool {
    kernel::id::is_of(decl.row.prefix, text) || decl.about.singleton && text == CURRENT
}

impl Route<'_> {
    /// The methods that the path takes.
    pub fn allowed(&self) -> &'static str {
        match self {
            Route::List(_, Some(_)) => "GET, HEAD, POST",
            Route::Content(_, _) => "GET, HEAD, PUT",
            Route::Create(_, _)
            | Route::Command(_, _, _)
            | Route::Tokens(_, _)
            | Route::Imports
            | Route::Resume
            | Route::Files(_)
            | Route::Public(_, Place::Concerns(_) | Place::Receipt | Place::Messages) => "POST",
            Route::Landing
            | Route::Docs
            | Route::OpenApi
            | Route::Alive
            | Route::Ready
            | Route::Metrics
            | Route::Me
            | Route::Events
            | Route::Parked
            | Route::Packaged
            | Route::Catalogue(_)
            | Route::Coverage(_)
            | Route::Public(_, Place::Channel(_))
            | Route::List(_, None)
            | Route::Object(_, _)
            | Route::History(_, _)
            | Route::FrozenInput(_, _) => "GET, HEAD",
        }
    }
}
