//! Commands as mutations, and what became of them: a refusal by the domain is data, everything
//! else that went wrong an entry in `errors`.

use std::collections::HashSet;
use std::sync::Arc;

use async_graphql::Value as Given;
use async_graphql::dynamic::{FieldFuture, FieldValue, ResolverContext, TypeRef, ValueAccessor};
use bus::{CommandError, Done, Request};
use event_store::IdempotencyKey;
use kernel::domain::CommandDecl;
use kernel::door::{FieldError, Grounds};
use kernel::schema::{Field, Record};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::error::Problem;
use super::events::Happened;
use super::inputs;
use super::model::Kind;
use super::names::pascal;
use super::place::{Moment, Place};
use super::query::text_of;
use super::refusals::{self, Refusal};
use super::session::{Session, always, later, no_members, session};
use super::types::{Argument, FieldSet, Input, Named, Types, described, named, taking};
use crate::rest::command::{KEY_MAX, count, is_idempotency_key};
use crate::{outside, own};

/// What became of a command.
struct Payload {
    kind: Arc<Kind>,
    done: Option<Done>,
    refusal: Option<Refusal>,
}

/// Makes the root of commands.
pub fn make(types: &mut Types) {
    let mut fields = FieldSet::of(types);
    refusals::make(types);
    for kind in types.model.kinds.clone() {
        for (command, name) in kind.decl().commands.iter().zip(&kind.mutations) {
            if fields.wants(name) {
                fields.add(field(types, &kind, command, name));
            }
        }
    }
    types.add(fields.object("Mutation", "Commands."));
}

/// The fields of a command's input: its own and the grounds.
fn fields_of(command: &CommandDecl) -> Vec<Field> {
    let grounds = Grounds::record();
    let extra = grounds.fields.iter().filter(|field| command.input.field(field.name).is_none());
    command.input.fields.iter().chain(extra).cloned().collect()
}

fn field(types: &mut Types, kind: &Arc<Kind>, command: &CommandDecl, name: &str) -> Named {
    let ty = format!("{}{}", kind.ty, pascal(command.verb));
    let input = input(types, &format!("{ty}Input"), command);
    let payload = payload(types, &format!("{ty}Payload"), kind);
    let (kind, verb, creates) = (Arc::clone(kind), command.verb, command.creates);
    let fields: Arc<[Field]> = fields_of(command).into();
    let field = named(name, TypeRef::named(payload), move |ctx| {
        let (kind, fields) = (Arc::clone(&kind), Arc::clone(&fields));
        later(ctx, move |ctx| async move {
            let given = ctx.args.try_get("input")?;
            let session = session(&ctx)?;
            let request = match request(session, &kind, (verb, creates), &fields, &given)? {
                Ok(request) => request,
                Err(errors) => {
                    let payload = refused(kind, CommandError::Invalid { errors }, None)?;
                    return Ok(Some(FieldValue::owned_any(payload)));
                }
            };
            if let Some(command) = kind.decl().command(verb) {
                let (decl, id) = (kind.decl(), request.id.as_deref());
                let checked = outside::check(&session.caller, decl, command, id, &request.input);
                if let Err(error) = checked.await {
                    return refused(kind, error, None).map(|p| Some(FieldValue::owned_any(p)));
                }
            }
            let payload = carry_out(session, kind, request).await?;
            Ok(Some(FieldValue::owned_any(payload)))
        })
    });
    let by: Vec<_> = command.by.iter().map(|role| role.code()).collect();
    let doc = format!("{} By {}.", command.doc, by.join(", "));
    described(taking(field, Argument::new("input", TypeRef::named_nn(input))), &doc)
}

fn input(types: &mut Types, name: &str, command: &CommandDecl) -> String {
    let mut object = Input::new(name).description(command.doc);
    let own = fields_of(command);
    let free = |name: &str| own.iter().all(|field| field.name != name);
    if !command.creates && free("id") {
        let id = Argument::new("id", TypeRef::named_nn(TypeRef::ID));
        object = object.field(id.description("The object."));
    }
    for field in &own {
        object = object.field(types.input_value(field));
    }
    if !command.creates && free("expectedVersion") {
        let int = if command.if_match { TypeRef::named_nn } else { TypeRef::named };
        let version = Argument::new("expectedVersion", int(TypeRef::INT.to_owned()));
        object = object.field(version.description("The version that you saw."));
    }
    if free("idempotencyKey") {
        let key = Argument::new("idempotencyKey", TypeRef::named(TypeRef::STRING));
        object = object.field(key.description("Makes the command repeatable."));
    }
    types.add(object);
    name.to_owned()
}

/// The command that is asked for, or what is wrong with its input as such.
fn request(
    session: &Session,
    kind: &Kind,
    (verb, creates): (&str, bool),
    fields: &[Field],
    given: &ValueAccessor<'_>,
) -> Result<Result<Request, Vec<FieldError>>, Problem> {
    let members = given.object()?;
    let some = |name: &str| members.get(name).filter(|value| !value.is_null());
    let id = some("id").filter(|_| !creates).map(|id| text_of(&id)).transpose()?;
    let mut errors = inputs::named_twice(fields, given.as_value());
    let mut wrong = |name: &str, code, message: String| {
        errors.push(FieldError { pointer: format!("/{name}"), code, message });
    };
    let expected = some("expectedVersion").map(|version| version.u64());
    if expected.as_ref().is_some_and(Result::is_err) {
        wrong("expectedVersion", "out_of_range", "must be a version: 0 or more".to_owned());
    }
    let expected = expected.and_then(Result::ok);
    let input = inputs::object(fields, given.as_value());
    let key = some("idempotencyKey").map(|key| key.string().map(str::to_owned)).transpose()?;
    if key.as_ref().is_some_and(|key| !is_idempotency_key(key)) {
        let message = format!("must be 1 to {KEY_MAX} visible ASCII characters");
        wrong("idempotencyKey", "malformed", message);
    }
    if !errors.is_empty() {
        return Ok(Err(errors));
    }
    // The same key stands for the same question of the same person.
    let (asker, name) = (&session.caller.who.id, kind.name());
    let fingerprint = json!([asker, name, verb, id, expected, input]).to_string();
    let fingerprint = Sha256::digest(fingerprint).to_vec();
    let key = key.map(|key| IdempotencyKey { key, fingerprint });
    let (verb, clock) = (verb.to_owned(), session.clock);
    Ok(Ok(Request { verb, id, input, expected, key, clock, ..Request::default() }))
}

async fn carry_out(
    session: &Session,
    kind: Arc<Kind>,
    request: Request,
) -> Result<Payload, Problem> {
    let (registry, expected) = (&session.registry, request.id.clone().zip(request.expected));
    let verb = request.verb.clone();
    let done = registry.dispatch(&kind.any, session.log(), &session.caller.who, request).await;
    match done {
        Ok(done) => {
            session.rests_on(done.outcome.position);
            count(&session.surface, kind.name(), &verb, &done);
            let refusal = done.refusal.clone().map(Refusal::recorded);
            Ok(Payload { kind, done: Some(done), refusal })
        }
        Err(error) => refused(kind, error, expected),
    }
}

/// A refusal by the domain as data; everything else is an error. A version is the caller's affair
/// where he named it, of this object; another's is a conflict with others.
fn refused(
    kind: Arc<Kind>,
    error: CommandError,
    seen: Option<(String, u64)>,
) -> Result<Payload, Problem> {
    let refusal = match error {
        CommandError::Refused { code, message, rule, pointer, .. } => {
            Refusal::Domain { code, message, rule: rule.map(str::to_owned), pointer }
        }
        CommandError::VersionMismatch { id, expected, actual } => {
            if seen.is_none_or(|(of, version)| of != id || version != expected) {
                return Err(CommandError::Conflict.into());
            }
            Refusal::Version { kind: Arc::clone(&kind), id, expected, actual }
        }
        CommandError::Invalid { errors } => Refusal::Invalid { errors: errors.into() },
        error => return Err(error.into()),
    };
    Ok(Payload { kind, done: None, refusal: Some(refusal) })
}

fn here<'a>(ctx: &ResolverContext<'a>) -> Option<&'a Payload> {
    ctx.parent_value.downcast_ref::<Payload>()
}

/// As of the moment after the command.
fn after(done: &Done) -> Moment {
    Moment { at: done.outcome.position, past: false }
}

fn payload(types: &mut Types, name: &str, kind: &Kind) -> String {
    let mut fields = FieldSet::of(types);
    let object = named(kind.singular.as_str(), TypeRef::named(kind.ty), |ctx| {
        later(ctx, |ctx| async move {
            let Some(payload) = here(&ctx) else { return Ok(None) };
            let Some(done) = &payload.done else { return Ok(None) };
            let found = session(&ctx)?.object(&payload.kind, &done.id, after(done)).await?;
            Ok(found.map(Place::shown))
        })
    });
    fields.add(described(object, "The object after the command; null when it was refused."));
    let of = |name: &str, ty: &str, doc: &str, show: fn(&Done) -> Given| {
        let field = named(name, TypeRef::named(ty), move |ctx| {
            let done = here(&ctx).and_then(|payload| payload.done.as_ref());
            FieldFuture::Value(done.map(|done| FieldValue::value(show(done))))
        });
        described(field, doc)
    };
    fields.add(of("version", "Int", "The object's version.", |done| done.version.into()));
    fields.add(of("position", "Position", "The log's position.", |done| {
        done.outcome.position.to_string().into()
    }));
    fields.add(of("recordedAt", "DateTime", "When it was recorded.", |done| {
        done.outcome.recorded_at.to_string().into()
    }));
    let events = named("events", TypeRef::named_nn_list_nn("Event"), |ctx| {
        always(ctx, no_members, |ctx| async move { events(&ctx).await })
    });
    let doc = "The events; none when what was asked held already, or was refused.";
    fields.add(described(events, doc));
    let replayed = named("replayed", TypeRef::named_nn("Boolean"), |ctx| {
        let done = here(&ctx).and_then(|payload| payload.done.as_ref());
        FieldFuture::Value(Some(FieldValue::value(done.is_some_and(|done| done.replayed))))
    });
    let doc = "Whether this answers an earlier request under the same idempotency key.";
    fields.add(described(replayed, doc));
    let refusal = named("refusal", TypeRef::named("Refusal"), |ctx| {
        let refusal = here(&ctx).and_then(|payload| payload.refusal.as_ref());
        FieldFuture::Value(refusal.map(|refusal| refusal.shown()))
    });
    fields.add(described(refusal, "Why it was refused."));
    types.add(fields.object(name, "What became of the command."));
    name.to_owned()
}

async fn events<'a>(ctx: &ResolverContext<'a>) -> Result<Option<FieldValue<'a>>, Problem> {
    let done = here(ctx).and_then(|payload| payload.done.as_ref());
    let ends = done.and_then(|done| {
        let events = &done.outcome.events;
        Some((done, events.first()?.position, events.last()?.position, events.len()))
    });
    let Some((done, first, last, count)) = ends else {
        return Ok(Some(FieldValue::list(Vec::<FieldValue<'_>>::new())));
    };
    let (before, session) = (kernel::Position(first.0.saturating_sub(1)), session(ctx)?);
    let found = session.log().events(before, last, count).await?;
    let decl = |kind: &str| session.model.kind(kind).map(|kind| kind.decl());
    let his = own::visible(&session.caller, decl, found.clone(), last).await;
    let his = his.map_err(|fault| Problem::Fault(fault.to_string()))?;
    let his: HashSet<_> = his.iter().map(|event| event.row.position).collect();
    let shown = found.into_iter().map(|event| {
        let is_his = his.contains(&event.row.position);
        let shown = if is_his { Happened::shown } else { Happened::announced };
        shown(event, after(done))
    });
    Ok(Some(FieldValue::list(shown)))
}
