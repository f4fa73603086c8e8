//! Concerns from outside, without a token: a public channel takes them, gives a receipt code, and
//! answers whoever shows it (A.3.3, A.8.3). Nothing of the caller is kept; his address only counts
//! against the rate limit, in memory.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use bus::{CommandError, Done, Request, Who};
use event_store::engine::{Condition, ListQuery, Op, Order, Slot, SlotValue};
use event_store::{Document, Log};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use kernel::door::FieldError;
use kernel::{Role, TenantId, Via, id};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::command;
use super::json as strict;
use super::problem::{Problem, Wrong};
use super::query::Params;
use crate::Gateway;

/// Most bytes of a concern or message.
const BODY_MAX: usize = 64 << 10;
/// Requests of one network address in a burst.
const BURST: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");
/// Concerns through one channel in a burst.
const CHANNEL_BURST: NonZeroU32 = NonZeroU32::new(100).expect("a hundred is not zero");
/// After so many known callers those that have been quiet are forgotten.
const CALLERS_MAX: usize = 10_000;

/// The fields of a channel that outsiders see.
pub const CHANNEL_SHOWN: &[&str] =
    &["title", "audience", "languages", "acceptsAnonymous", "ackDays", "answerDays"];
/// The fields of a concern that its reporter sees, besides the messages.
pub const CONCERN_SHOWN: &[&str] = &[
    "status",
    "receivedAt",
    "ackDue",
    "answerDue",
    "acknowledgedAt",
    "closedAt",
    "retaliationFlag",
];
/// What a reporter says of a concern.
pub const CONCERN_TAKEN: &[&str] = &["text", "system", "contact", "anonymous"];

/// What a path below `/v1/public/{tenant}` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// `reporting-channels/{id}`
    Channel(&'a str),
    /// `reporting-channels/{id}/concerns`
    Concerns(&'a str),
    /// `receipts`: what became of a concern.
    Receipt,
    /// `receipts/messages`: one message more.
    Messages,
}

impl<'a> Place<'a> {
    /// The place of the path's parts behind the tenant.
    pub fn of(parts: &[&'a str]) -> Option<Self> {
        match parts {
            ["reporting-channels", id] => Some(Place::Channel(id)),
            ["reporting-channels", id, "concerns"] => Some(Place::Concerns(id)),
            ["receipts"] => Some(Place::Receipt),
            ["receipts", "messages"] => Some(Place::Messages),
            _ => None,
        }
    }
}

/// The limits of the public entry.
pub struct Limits {
    callers: DefaultKeyedRateLimiter<IpAddr>,
    channels: DefaultKeyedRateLimiter<String>,
}

impl Limits {
    /// Limits that let so many requests a minute of one address through, after a burst of ten.
    pub fn per_minute(requests: NonZeroU32) -> Self {
        let callers = Quota::per_minute(requests).allow_burst(BURST.max(requests));
        let channels = Quota::per_minute(CHANNEL_BURST);
        Self { callers: RateLimiter::keyed(callers), channels: RateLimiter::keyed(channels) }
    }

    fn caller(&self, address: Option<IpAddr>) -> Result<(), Problem> {
        // Without an address (never over a socket) all share one.
        let address = network(address.unwrap_or(IpAddr::from([0, 0, 0, 0])));
        if self.callers.len() > CALLERS_MAX {
            self.callers.retain_recent();
        }
        self.callers
            .check_key(&address)
            .map_err(|until| too_many(until.wait_time_from(DefaultClock::default().now())))
    }

    fn channel(&self, channel: &str) -> Result<(), Problem> {
        self.channels
            .check_key(&channel.to_owned())
            .map_err(|until| too_many(until.wait_time_from(DefaultClock::default().now())))
    }
}

/// The address that counts: of IPv6 the network, since a caller has all of its addresses.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

fn too_many(wait: Duration) -> Problem {
    let seconds = wait.as_secs() + 1;
    let detail = format!("too many requests; try again in {seconds} s");
    Problem::new("rate_limited", detail).with_header(RETRY_AFTER, &seconds.to_string())
}

/// Answers a request from outside.
///
/// # Errors
/// The problem.
pub async fn intake(
    request: &HttpRequest,
    payload: Payload,
    gateway: &Gateway,
    tenant: &str,
    place: Place<'_>,
) -> Result<HttpResponse, Problem> {
    gateway.limits.caller(request.peer_addr().map(|address| address.ip()))?;
    if request.headers().contains_key("Annals-Clock") {
        return Err(Problem::header("Annals-Clock", "is not set by outsiders"));
    }
    Params::read(request.query_string()).finish()?;
    let tenant = TenantId::parse(tenant).ok_or_else(Problem::not_found)?;
    let log = gateway.store.log(&tenant);
    let outside = Outside { gateway, log };
    match place {
        Place::Channel(id) => outside.channel(id).await,
        Place::Concerns(id) => {
            // Only channels that exist are counted, so that nobody fills the memory with others.
            let channel = outside.published(id).await?;
            gateway.limits.channel(&channel.id)?;
            let body = body(request, payload).await?;
            outside.report(&channel.id, body).await
        }
        Place::Receipt => {
            let body = body(request, payload).await?;
            outside.status(body).await
        }
        Place::Messages => {
            let body = body(request, payload).await?;
            outside.message(body).await
        }
    }
}

async fn body(request: &HttpRequest, payload: Payload) -> Result<Map<String, Value>, Problem> {
    let bytes = command::body(request.headers(), payload, BODY_MAX).await?;
    match strict::read(&bytes)? {
        Value::Object(members) => Ok(members),
        _ => Err(Problem::new("malformed_json", "the body is no JSON object")),
    }
}

/// One request from outside a tenant.
struct Outside<'a> {
    gateway: &'a Gateway,
    log: Log,
}

/// Nobody: the role of an outside reporter, and nothing that names one.
fn nobody() -> Who {
    Who {
        id: "rea_intake".to_owned(),
        roles: vec![Role::Ext],
        via: Via::Reaction,
        engagement: None,
        membership: None,
        body: None,
        only: None,
    }
}

fn hash_of(receipt: &str) -> String {
    hex::encode(Sha256::digest(receipt.trim().as_bytes()))
}

impl Outside<'_> {
    /// What a channel says of itself, while it is published.
    async fn channel(&self, id: &str) -> Result<HttpResponse, Problem> {
        let channel = self.published(id).await?;
        if channel.body["audience"] != "external" {
            return Err(Problem::not_found());
        }
        let mut shown = json!({ "id": channel.id });
        for name in CHANNEL_SHOWN {
            if let Some(value) = channel.body.get(name) {
                shown[*name] = value.clone();
            }
        }
        Ok(answer(StatusCode::OK, &shown))
    }

    async fn published(&self, id: &str) -> Result<Arc<Document>, Problem> {
        let head = self.log.head().await?.ok_or_else(Problem::not_found)?;
        let found = self.log.document(id, head.position).await?;
        let open = |found: &Arc<Document>| {
            found.kind == "reporting_channel" && found.body["status"] == "published"
        };
        found.filter(open).ok_or_else(Problem::not_found)
    }

    /// Takes a concern in. The receipt is shown this once; only its hash is kept.
    async fn report(
        &self,
        channel: &str,
        mut input: Map<String, Value>,
    ) -> Result<HttpResponse, Problem> {
        refuse_others(&input, CONCERN_TAKEN)?;
        let receipt = id::encode("rcp", u128::from_be_bytes(event_store::seal::random()?));
        input.insert("channel".into(), json!(channel));
        input.insert("receiptHash".into(), json!(hash_of(&receipt)));
        input.entry("anonymous").or_insert(json!(true));
        let done = self.command("report", None, Value::Object(input)).await?;
        let concern = self.log.newest(&done.id).await?.ok_or_else(Problem::not_found)?;
        let mut shown = self.shown(&concern).await?;
        shown["receipt"] = json!(receipt);
        Ok(answer(StatusCode::CREATED, &shown))
    }

    /// What became of a concern.
    async fn status(&self, input: Map<String, Value>) -> Result<HttpResponse, Problem> {
        refuse_others(&input, &["receipt"])?;
        let concern = self.concern(&text(&input, "receipt")?).await?;
        let shown = self.shown(&concern).await?;
        Ok(answer(StatusCode::OK, &shown))
    }

    /// Adds a message of the reporter, or that he suffers for having reported.
    async fn message(&self, input: Map<String, Value>) -> Result<HttpResponse, Problem> {
        refuse_others(&input, &["receipt", "text", "retaliation"])?;
        let (receipt, words) = (text(&input, "receipt")?, text(&input, "text")?);
        let verb = match input.get("retaliation") {
            None | Some(Value::Bool(false)) => "add_message",
            Some(Value::Bool(true)) => "flag_retaliation",
            Some(_) => return Err(invalid("retaliation", "wrong_type", "must be true or false")),
        };
        let concern = self.concern(&receipt).await?;
        let input = json!({ "text": words, "receiptHash": hash_of(&receipt) });
        self.command(verb, Some(concern.id.clone()), input).await?;
        let concern = self.log.newest(&concern.id).await?.ok_or_else(Problem::not_found)?;
        let shown = self.shown(&concern).await?;
        Ok(answer(StatusCode::OK, &shown))
    }

    /// The concern of a receipt.
    async fn concern(&self, receipt: &str) -> Result<Arc<Document>, Problem> {
        let head = self.log.head().await?.ok_or_else(Problem::not_found)?;
        let column = self.log.mapping("concern").and_then(|m| m.field("receiptHash"));
        let slot = column.map(|column| column.slot).ok_or_else(Problem::not_found)?;
        let query = ListQuery {
            kind: "concern".to_owned(),
            conditions: vec![Condition { slot, op: Op::Eq(SlotValue::Text(hash_of(receipt))) }],
            search: None,
            order: vec![Order { slot: Slot::Id, descending: false, nullable: false }],
            after: None,
            limit: 1,
            at: head.position,
        };
        let found = self.log.list(query).await?;
        found.first().cloned().ok_or_else(Problem::not_found)
    }

    /// What the reporter may see: where his concern stands, and the messages between him and its
    /// handler.
    async fn shown(&self, concern: &Document) -> Result<Value, Problem> {
        let mut shown = json!({});
        for name in CONCERN_SHOWN {
            if let Some(value) = concern.body.get(name) {
                shown[*name] = value.clone();
            }
        }
        let messages = concern.body["messages"].as_object().into_iter().flatten();
        let mut messages: Vec<Value> = messages.map(|(_, message)| message.clone()).collect();
        messages.sort_by_key(|message| message["at"].as_str().map(str::to_owned));
        let mut hashes = Vec::new();
        messages.iter().for_each(|message| crate::text::collect(message, &mut hashes));
        let texts = self.log.open_texts(&hashes).await?;
        let visible = messages.iter_mut().map(|message| {
            crate::text::put(message, &texts);
            json!({ "from": message["from"], "at": message["at"], "text": message["text"] })
        });
        shown["messages"] = visible.collect();
        Ok(shown)
    }

    async fn command(&self, verb: &str, id: Option<String>, input: Value) -> Result<Done, Problem> {
        let kind = self.gateway.registry.named("concern").ok_or_else(Problem::not_found)?;
        let head = self.log.head().await?.ok_or_else(Problem::not_found)?;
        // A simulated clock stands where members have put it; outsiders do not move it.
        let clock = head.simulated.then_some(head.at);
        let verb = verb.to_owned();
        let request = Request { verb, id, input, clock, ..Request::default() };
        let done = self.gateway.registry.dispatch(kind, &self.log, &nobody(), request).await;
        done.map_err(|error| match error {
            CommandError::NoTenant => Problem::not_found(),
            error => error.into(),
        })
    }
}

fn answer(status: StatusCode, shown: &Value) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header(("Cache-Control", "no-store"))
        .body(shown.to_string())
}

fn invalid(name: &str, code: &'static str, message: &str) -> Problem {
    let (pointer, message) = (format!("/{name}"), message.to_owned());
    let wrong = Wrong::from(FieldError { pointer, code, message });
    Problem::new("invalid_input", "values of the input do not fit").with_errors(vec![wrong])
}

fn refuse_others(input: &Map<String, Value>, allowed: &[&str]) -> Result<(), Problem> {
    match input.keys().find(|name| !allowed.contains(&name.as_str())) {
        Some(name) => {
            let message = format!("is not taken here; there are {}", allowed.join(", "));
            Err(invalid(name, "unknown_field", &message))
        }
        None => Ok(()),
    }
}

fn text(input: &Map<String, Value>, name: &str) -> Result<String, Problem> {
    match input.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(invalid(name, "wrong_type", "must be a string")),
        None => Err(invalid(name, "missing", "must be given")),
    }
}
