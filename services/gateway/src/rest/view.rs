//! What a caller sees: who he is, as of which position, and how long the answer may be kept.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, IF_NONE_MATCH, VARY,
};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use event_store::{AsOf, Resolved};
use identity::Caller;
use kernel::Position;
use kernel::domain::KindDecl;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::command::clock;
use super::problem::Problem;
use crate::Gateway;
use crate::own::{Sight, sight};
use crate::reads::Asked;

/// A question's caller and point in time.
pub struct View {
    /// Who asks.
    pub caller: Caller,
    /// As of which position he is answered.
    pub resolved: Resolved,
    /// Whether he named the point in time himself.
    pub pinned: bool,
}

/// The text of a header; `None` when it is absent or no text.
pub fn header(headers: &HeaderMap, name: impl AsRef<str>) -> Option<&str> {
    headers.get(name.as_ref()).and_then(|value| value.to_str().ok())
}

/// The member that asks; people of certification bodies are refused. Whoever shows them anything
/// asks for [`any_reader`] and heeds what they may see.
///
/// # Errors
/// Why he is not let in.
pub async fn reader(request: &HttpRequest, gateway: &Gateway) -> Result<Caller, Problem> {
    Ok(gateway.identity.reader(header(request.headers(), AUTHORIZATION)).await?)
}

/// The one that asks: a member, or somebody from outside whose [`Caller::outlook`] bounds what he
/// is shown. What an auditor asks is noted.
///
/// # Errors
/// Why he is not let in.
pub async fn any_reader(request: &HttpRequest, gateway: &Gateway) -> Result<Caller, Problem> {
    let headers = request.headers();
    let identity = &gateway.identity;
    let caller = identity.any_reader(header(headers, AUTHORIZATION), clock(headers)?).await?;
    if let Some(asked) = Asked::of(&caller) {
        request.extensions_mut().insert(asked);
    }
    Ok(caller)
}

/// Whether he may read anything of a kind.
///
/// # Errors
/// The problem when he may not.
pub fn may_read(caller: &Caller, decl: &KindDecl) -> Result<(), Problem> {
    if sight(caller, decl) != Sight::Nothing {
        return Ok(());
    }
    // GraphQL says the same: `graphql::error::Problem::unread`.
    if caller.outlook.is_some() {
        let detail = format!("{} are not open to your token", decl.row.plural);
        return Err(Problem::new("engagement_forbids", detail));
    }
    let codes: Vec<_> = decl.about.readers.iter().map(|role| role.code()).collect();
    let detail = format!("reading {} takes one of the roles {}", decl.row.plural, codes.join(", "));
    Err(Problem::new("forbidden", detail))
}

impl View {
    /// The caller's view as of a point in time.
    ///
    /// # Errors
    /// When the point lies in the future.
    pub async fn of(caller: Caller, as_of: AsOf) -> Result<Self, Problem> {
        if caller.outlook.as_ref().is_some_and(|outlook| outlook.is_beyond(as_of)) {
            let detail = "nothing that was recorded after the engagement's ceiling is shown";
            return Err(Problem::new("beyond_ceiling", detail));
        }
        let resolved = match &caller.head {
            Some(head) => caller.log.resolve_at(as_of, head).await?,
            None => caller.log.resolve(as_of).await?,
        };
        Ok(Self { caller, resolved, pinned: as_of != AsOf::Now })
    }

    /// The position.
    pub fn at(&self) -> Position {
        self.resolved.position
    }

    /// Whether the answer can still change although the caller named its point in time.
    pub fn is_unsettled(&self) -> bool {
        self.pinned && !self.resolved.settled
    }

    /// The tag of an answer that depends on question, position, the caller and his roles alone.
    pub fn tag(&self, request: &HttpRequest) -> String {
        let mut hash = Sha256::new();
        let tenant = self.caller.tenant().as_str();
        let position = self.at().to_string();
        let mut roles: Vec<_> = self.caller.who.roles.iter().map(|role| role.code()).collect();
        roles.sort_unstable();
        let roles = roles.join(" ");
        let who = self.caller.who.id.as_str();
        for part in [tenant, request.path(), request.query_string(), &position, who, &roles] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        format!("\"{}\"", hex::encode(&hash.finalize()[..16]))
    }

    /// The headers of an answer. `now` is the tag of an answer without point in time. What
    /// outsiders see may end at any moment: nobody keeps it.
    pub fn caching(&self, request: &HttpRequest, now: String) -> Caching {
        if let Some(asked) = request.extensions_mut().get_mut::<Asked>() {
            asked.position = self.at();
        }
        let (tag, control) = match &self.caller.outlook {
            Some(_) => (None, "no-store"),
            None => self.kept(request, now),
        };
        Caching {
            tag,
            control,
            position: self.at(),
            simulated: self.resolved.simulated,
            unsettled: self.is_unsettled(),
        }
    }

    fn kept(&self, request: &HttpRequest, now: String) -> (Option<String>, &'static str) {
        match (self.pinned, self.resolved.settled) {
            (true, true) => (Some(self.tag(request)), "private, immutable, max-age=31536000"),
            (true, false) => (None, "no-store"),
            (false, _) => (Some(now), "private, no-cache"),
        }
    }
}

/// How an answer may be kept, and what it was read at.
#[derive(Clone, Debug)]
pub struct Caching {
    tag: Option<String>,
    control: &'static str,
    position: Position,
    simulated: bool,
    unsettled: bool,
}

impl Caching {
    /// As of another position, which a cursor brought along.
    pub fn at(self, position: Position) -> Self {
        Self { position, ..self }
    }

    /// The answer that nothing changed, when the caller has this one already.
    pub fn not_modified(&self, request: &HttpRequest) -> Option<HttpResponse> {
        let tag = self.tag.as_deref()?;
        let known = header(request.headers(), IF_NONE_MATCH)?;
        let same = |known: &str| known.strip_prefix("W/").unwrap_or(known) == tag;
        let fresh = known.trim() == "*" || known.split(',').any(|known| same(known.trim()));
        fresh.then(|| self.headed(StatusCode::NOT_MODIFIED).finish())
    }

    /// An answer.
    pub fn json(&self, body: &Value) -> HttpResponse {
        self.headed(StatusCode::OK)
            .insert_header((CONTENT_TYPE, "application/json"))
            .body(body.to_string())
    }

    /// An answer that goes on on another page.
    pub fn json_with_next(&self, body: &Value, next: &str) -> HttpResponse {
        self.headed(StatusCode::OK)
            .insert_header((CONTENT_TYPE, "application/json"))
            .insert_header(("Link", format!("<{next}>; rel=\"next\"")))
            .body(body.to_string())
    }

    /// An answer of exactly these bytes of JSON, with a header more.
    pub fn bytes(&self, body: Vec<u8>, header: (&str, String)) -> HttpResponse {
        self.headed(StatusCode::OK)
            .insert_header((CONTENT_TYPE, "application/json"))
            .insert_header(header)
            .body(body)
    }

    fn headed(&self, status: StatusCode) -> actix_web::HttpResponseBuilder {
        let mut response = HttpResponse::build(status);
        response
            .insert_header((CACHE_CONTROL, self.control))
            .insert_header((VARY, "Authorization, Accept"))
            .insert_header(("Annals-Position", self.position.to_string()));
        if let Some(tag) = &self.tag {
            response.insert_header((ETAG, tag.as_str()));
        }
        if self.simulated {
            response.insert_header(("Annals-Simulated", "true"));
        }
        if self.unsettled {
            response.insert_header(("Annals-Settled", "false"));
        }
        response
    }
}
