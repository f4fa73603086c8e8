//! One command through its steps: may he, is it well formed, what does the object say, what do the
//! facts say, what follows; then the append, and again from the start when others were faster.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use cqrs_es::event_sink::EventSink;
use cqrs_es::{AggregateContext, EventStore};
use event_store::prepare::Grounds;
use event_store::store::clock;
use event_store::{AppendError, Fault, Guard, Log, Outcome};
use kernel::domain::{CommandDecl, Commands, Domain, Events, KindDecl, Refusals};
use kernel::door;
use kernel::{Actor, Context, Facts, Instant, Position, Refused};
use serde::Deserialize;
use serde_json::Value;

use crate::cqrs::{Loaded, Meta, TenantStore};
use crate::facts;
use crate::kinds::{Input, Typed};
use crate::references::{dangling, singleton_id};
use crate::{CommandError, Done, Request, Who};

/// How often a command is decided when others are faster.
pub(crate) const ATTEMPTS: usize = 3;

pub(crate) async fn dispatch<A: Domain + 'static>(
    kind: &Typed<A>,
    log: &Log,
    who: &Who,
    request: Request,
) -> Result<Done, CommandError> {
    let row = kind.decl.row;
    let place = kind.decl.commands.iter().position(|command| command.verb == request.verb);
    let Some((decl, declared)) = place.map(|n| (&kind.decl.commands[n], &kind.inputs[n])) else {
        return Err(CommandError::UnknownCommand { kind: row.name, verb: request.verb });
    };
    let role = decl.by.iter().copied().find(|role| who.roles.contains(role));
    let role = role.ok_or(CommandError::Forbidden { by: decl.by })?;
    if who.only.is_some_and(|only| !only.contains(&row.name)) {
        return Err(CommandError::OutsideOfEngagement { kind: row.name });
    }
    let (input, grounds) = parse(log, declared, &request.input).await?;
    if decl.if_match && request.expected.is_none() {
        return Err(CommandError::VersionRequired);
    }
    if let Some(done) = answered(log, &request, &kind.decl, decl).await? {
        return Ok(done);
    }
    let actor =
        Actor { id: who.id.clone(), role, via: who.via, engagement: who.engagement.clone() };
    let attempt = Attempt { kind, log, who, request: &request, decl, input, grounds, actor };
    for _ in 1..ATTEMPTS {
        match attempt.run().await? {
            Ok(done) => return Ok(done),
            Err(AppendError::VersionConflict { .. } | AppendError::GuardBroken { .. }) => {}
            Err(AppendError::KeyTaken(_)) => return attempt.other_was_faster().await,
            Err(error) => return Err(CommandError::of(error)),
        }
    }
    match attempt.run().await? {
        Ok(done) => Ok(done),
        Err(AppendError::VersionConflict { .. }) if request.expected.is_none() => {
            Err(CommandError::Conflict)
        }
        Err(error) => Err(CommandError::of(error)),
    }
}

/// The command's own input and the grounds, apart.
async fn parse(
    log: &Log,
    declared: &Input,
    input: &Value,
) -> Result<(Value, door::Grounds), CommandError> {
    let empty = Value::Object(serde_json::Map::new());
    let input = if input.is_null() { &empty } else { input };
    let mut errors = door::check(&declared.fields, input, "");
    if errors.is_empty() {
        errors = dangling(log, &declared.fields, input).await?;
    }
    if !errors.is_empty() {
        return Err(CommandError::Invalid { errors });
    }
    let members = input.as_object().into_iter().flatten();
    let grounds = members.filter(|(name, _)| declared.is_ground(name));
    let grounds: Value = grounds.map(|(name, value)| (name.clone(), value.clone())).collect();
    let grounds = door::Grounds::deserialize(&grounds)
        .map_err(|error| Fault::Corrupt(format!("grounds: {error}")))?;
    Ok((input.clone(), grounds))
}

/// The first answer under the request's idempotency key.
async fn answered(
    log: &Log,
    request: &Request,
    kind: &KindDecl,
    decl: &CommandDecl,
) -> Result<Option<Done>, CommandError> {
    let Some(key) = &request.key else { return Ok(None) };
    let Some((fingerprint, outcome)) = log.answered(&key.key).await? else { return Ok(None) };
    if fingerprint != key.fingerprint {
        return Err(CommandError::KeyReused);
    }
    let last = outcome.events.last();
    let id = last.map(|event| event.stream.clone()).or_else(|| request.id.clone());
    debug_assert!(id.is_some() || decl.creates);
    let refusing = outcome.events.iter().find(|event| refuses(kind, &event.name));
    let refusal = match refusing {
        Some(event) => {
            let before = Position(event.position.0 - 1);
            let found = log.events(before, event.position, 1).await?;
            found.first().map(|found| refusal_in(&found.payload["data"])).transpose()?
        }
        None => None,
    };
    Ok(Some(Done {
        id: id.unwrap_or_default(),
        version: last.map_or(0, |event| event.version),
        outcome,
        replayed: true,
        refusal,
    }))
}

/// Whether the event records a refusal.
fn refuses(kind: &KindDecl, event: &str) -> bool {
    kind.events.iter().any(|decl| decl.refuses && decl.name == event)
}

fn refusal_in(data: &Value) -> Result<Refused, Fault> {
    let read = Refused::deserialize(&data["refusal"]);
    read.map_err(|error| Fault::Corrupt(format!("a recorded refusal: {error}")))
}

/// A command that is ready to be decided, as often as it takes.
struct Attempt<'a, A> {
    kind: &'a Typed<A>,
    log: &'a Log,
    who: &'a Who,
    request: &'a Request,
    decl: &'a CommandDecl,
    input: Value,
    grounds: door::Grounds,
    actor: Actor,
}

impl<A: Domain + 'static> Attempt<'_, A> {
    /// The outer error ends the command; the inner one may be cured by another attempt.
    async fn run(&self) -> Result<Result<Done, AppendError>, CommandError> {
        let command = self.command()?;
        let mut context = self.context(&command)?;
        let id = context.id.clone();
        let unchanged = self.standing().await?;
        let store = |meta| {
            let hashes = Arc::clone(&self.kind.schema_hashes);
            TenantStore::<A>::new(self.log.clone(), meta, hashes)
        };
        let mut loaded = if self.is_certainly_new(&command) {
            Loaded { id: id.clone(), before: None, is_fresh: true, state: A::default() }
        } else {
            let store = store(self.meta(&context, Vec::new()));
            let loaded = store.load_aggregate(&id).await;
            loaded.map_err(|error| Fault::Corrupt(error.to_string()))?
        };
        context.version = loaded.before.as_ref().map_or(0, |before| before.version);
        if !self.existence(&context).await? {
            return Ok(Err(self.stale(&context)));
        }
        facts::know(self.log, &loaded.state, &command, &mut context).await?;
        let sink = EventSink::<A>::default();
        let decided = loaded.aggregate().handle(command, &context, &sink).await;
        if let Some(fault) = context.facts.unreadable() {
            return Err(Fault::Corrupt(format!("a fact cannot be read: {fault}")).into());
        }
        decided.map_err(|refusal| self.refused(&refusal))?;
        let events = sink.collect().await;
        if events.is_empty() {
            return Ok(Ok(self.nothing_new(&loaded, &context)));
        }
        let committed = match store(self.meta(&context, unchanged)).store(&events, &loaded).await {
            Ok(committed) => committed,
            Err(error) => {
                self.forget(&error);
                self.log.forget(&id);
                return Ok(Err(error));
            }
        };
        let version = context.version + events.len() as u64;
        let outcome = committed.outcome.clone();
        let refusal = self.recorded_refusal(&events)?;
        Ok(Ok(Done { id, version, outcome, replayed: false, refusal }))
    }

    /// What was refused, where an event says so.
    fn recorded_refusal(&self, events: &[A::Event]) -> Result<Option<Refused>, CommandError> {
        let Some(event) = events.iter().find(|event| refuses(&self.kind.decl, event.name())) else {
            return Ok(None);
        };
        let data = event.data().map_err(|error| Fault::Corrupt(error.to_string()))?;
        Ok(Some(refusal_in(&data)?))
    }

    fn command(&self) -> Result<A::Command, CommandError> {
        let parsed = A::Command::parse(&self.request.verb, self.input.clone());
        let unreadable = |what: String| Fault::Corrupt(format!("checked input: {what}"));
        let parsed = parsed.map_err(|error| unreadable(error.to_string()))?;
        Ok(parsed.ok_or_else(|| unreadable("unknown command".into()))?)
    }

    /// Whether the command makes an object whose id has just been drawn.
    fn is_certainly_new(&self, command: &A::Command) -> bool {
        self.decl.creates && !A::ABOUT.singleton && A::given_id(command).is_none()
    }

    fn context(&self, command: &A::Command) -> Result<Context, CommandError> {
        let row = self.kind.decl.row;
        let tenant = self.log.tenant();
        let now = self.request.clock.unwrap_or_else(clock);
        let effective = self.grounds.effective_at;
        if effective.is_some_and(|effective| effective > now) {
            return Err(wrong("/effectiveAt", "in_the_future", "must not lie in the future"));
        }
        let mut context = Context {
            tenant: tenant.clone(),
            id: String::new(),
            version: 0,
            now,
            effective,
            actor: self.actor.clone(),
            roles: self.who.roles.clone(),
            body: self.who.body.clone(),
            facts: Facts::default(),
            seed: u128::from_be_bytes(event_store::seal::random()?),
            made: AtomicU64::new(0),
        };
        if let Some(id) = A::given_id(command).filter(|_| self.decl.creates) {
            context.id = id;
            return Ok(context);
        }
        context.id = match &self.request.id {
            // Another kind's object is not read as one of this kind.
            Some(id) if !self.decl.creates && !kernel::id::is_of(row.prefix, id) => {
                return Err(CommandError::NotFound { kind: row.name, id: id.clone() });
            }
            Some(id) if !self.decl.creates => id.clone(),
            None if !self.decl.creates => {
                return Err(CommandError::NotFound { kind: row.name, id: String::new() });
            }
            Some(_) | None if A::ABOUT.singleton => singleton_id(row.prefix, tenant.as_str()),
            Some(_) | None => {
                let fresh = self.request.fresh.clone();
                fresh.unwrap_or_else(|| context.new_id(row.prefix))
            }
        };
        Ok(context)
    }

    /// What must hold for any command of this actor in this tenant, with the versions at which it
    /// was seen: his membership, and that the organisation's records are open.
    async fn standing(&self) -> Result<Vec<(String, u64)>, CommandError> {
        let mut unchanged: Vec<_> = self.who.membership.iter().cloned().collect();
        if self.kind.decl.row.name != "organisation" {
            unchanged.extend(writable(self.log).await?);
        }
        Ok(unchanged)
    }

    /// Whether the object is as the caller expects; false when memory may be stale.
    async fn existence(&self, context: &Context) -> Result<bool, CommandError> {
        let (kind, id) = (self.kind.decl.row.name, context.id.clone());
        if self.decl.creates && context.version > 0 {
            return Err(CommandError::AlreadyExists { kind, id });
        }
        if !self.decl.creates && context.version == 0 {
            return Err(CommandError::NotFound { kind, id });
        }
        let Some(expected) = self.request.expected.filter(|_| !self.decl.creates) else {
            return Ok(true);
        };
        if expected == context.version {
            return Ok(true);
        }
        self.log.forget(&id);
        let actual = self.log.newest(&id).await?.map_or(0, |document| document.version);
        if actual == expected {
            return Ok(false);
        }
        Err(CommandError::VersionMismatch { id, expected, actual })
    }

    fn stale(&self, context: &Context) -> AppendError {
        AppendError::VersionConflict {
            stream: context.id.clone(),
            expected: context.version,
            actual: self.request.expected.unwrap_or_default(),
        }
    }

    fn meta(&self, context: &Context, unchanged: Vec<(String, u64)>) -> Meta {
        let relied = facts::relied(self.log, &context.facts);
        let door::Grounds { reason, evidence, effective_at } = &self.grounds;
        let reason = reason.as_ref().map(|reason| match reason {
            kernel::values::Prose::Plain(text) | kernel::values::Prose::Sealed(text) => {
                text.clone()
            }
        });
        let correlation = self.request.correlation.clone();
        Meta {
            actor: self.actor.clone(),
            guard: relied.as_ref().map(|relied| Guard {
                since: relied.position,
                kinds: relied.kinds.clone(),
                streams: relied.streams.clone(),
                matching: relied.matching.clone(),
            }),
            grounds: Grounds {
                reason,
                evidence: evidence.iter().map(|evidence| evidence.id().to_owned()).collect(),
                relied,
                role: Some(self.actor.role),
            },
            effective: *effective_at,
            clock: self.request.clock,
            cause: self.request.cause.clone(),
            correlation: correlation.unwrap_or_else(|| context.new_id("cmd")),
            unchanged,
            key: self.request.key.clone(),
        }
    }

    /// What memory held of objects that turned out to be stale.
    fn forget(&self, error: &AppendError) {
        if let AppendError::VersionConflict { stream, .. } = error {
            self.log.forget(stream);
        }
    }

    fn nothing_new(&self, loaded: &Loaded<A>, context: &Context) -> Done {
        let (position, at) = loaded.before.as_ref().map_or_else(
            || (context.facts.position, Instant::default()),
            |before| (before.position, before.at),
        );
        let outcome = Outcome { position, recorded_at: at, events: Vec::new() };
        let (id, version) = (context.id.clone(), context.version);
        Done { id, version, outcome, replayed: false, refusal: None }
    }

    fn refused(&self, refusal: &A::Error) -> CommandError {
        let declared = refusal.declaration();
        CommandError::Refused {
            code: format!("{}.{}", self.kind.decl.row.name, declared.code),
            message: refusal.to_string(),
            rule: declared.rule,
            conflict: declared.conflict,
            pointer: refusal.pointer().map(str::to_owned),
        }
    }

    /// The same key was used by another process between our look and our append.
    async fn other_was_faster(&self) -> Result<Done, CommandError> {
        let done = answered(self.log, self.request, &self.kind.decl, self.decl).await?;
        done.ok_or(CommandError::KeyReused)
    }
}

/// The organisation's records are open for writing; the version at which that was seen.
///
/// # Errors
/// When they are closed, or the database fails.
pub async fn writable(log: &Log) -> Result<Option<(String, u64)>, CommandError> {
    let id = singleton_id("org", log.tenant().as_str());
    let Some(organisation) = log.newest(&id).await? else { return Ok(None) };
    let status = organisation.body["status"].as_str().unwrap_or_default();
    if matches!(status, "suspended" | "closed") {
        return Err(CommandError::ReadOnly { status: status.to_owned() });
    }
    Ok(Some((id, organisation.version)))
}

fn wrong(pointer: &str, code: &'static str, message: &str) -> CommandError {
    let (pointer, message) = (pointer.to_owned(), message.to_owned());
    CommandError::Invalid { errors: vec![door::FieldError { pointer, code, message }] }
}
