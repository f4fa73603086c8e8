//! Why a command was refused, as data.

use std::sync::Arc;

use async_graphql::Value as Shown;
use async_graphql::dynamic::{FieldFuture, FieldValue, ResolverContext, TypeRef, Union};
use kernel::door::FieldError;

use super::error::Problem;
use super::events::{FIRST_MAX, Happened};
use super::model::Kind;
use super::place::Moment;
use super::session::{always, no_members, session};
use super::types::{FieldSet, Made, Named, Types, described, named};

/// Why a command was refused.
#[derive(Clone)]
pub enum Refusal {
    /// By a rule of the domain.
    Domain {
        /// `scope.no_context_issue`
        code: String,
        /// In words.
        message: String,
        /// Clause, article or principle.
        rule: Option<String>,
        /// Where in the input.
        pointer: Option<String>,
    },
    /// The object is at another version.
    Version {
        /// Its kind.
        kind: Arc<Kind>,
        /// The object.
        id: String,
        /// What the caller saw.
        expected: u64,
        /// What it is.
        actual: u64,
    },
    /// The input is wrong.
    Invalid {
        /// What and where.
        errors: Arc<[FieldError]>,
    },
}

impl Refusal {
    /// One that is itself what was recorded.
    pub fn recorded(refused: kernel::Refused) -> Self {
        Refusal::Domain {
            code: refused.code.to_string(),
            message: refused.message.to_string(),
            rule: refused.rule.map(|rule| rule.to_string()),
            pointer: None,
        }
    }

    /// As a field's value.
    pub fn shown<'a>(&self) -> FieldValue<'a> {
        let ty = match self {
            Refusal::Domain { .. } => "DomainRefusal",
            Refusal::Version { .. } => "VersionConflict",
            Refusal::Invalid { .. } => "InvalidInput",
        };
        FieldValue::owned_any(self.clone()).with_type(ty)
    }
}

fn here<'a>(ctx: &ResolverContext<'a>) -> Option<&'a Refusal> {
    ctx.parent_value.downcast_ref::<Refusal>()
}

fn of(name: &str, ty: TypeRef, doc: &str, show: fn(&Refusal) -> Option<Shown>) -> Named {
    let field = named(name, ty, move |ctx| {
        FieldFuture::Value(here(&ctx).and_then(show).map(FieldValue::value))
    });
    described(field, doc)
}

/// Makes the types of refusals.
pub fn make(types: &mut Types) {
    let possible = ["DomainRefusal", "VersionConflict", "InvalidInput"];
    let union = possible.into_iter().fold(Union::new("Refusal"), Union::possible_type);
    let union = union.description(
        "Why a command was refused. Nothing of it is stored, unless the payload has events.",
    );
    types.add(Made::from(union).needing(possible));
    make_domain(types);
    make_version(types);
    make_invalid(types);
}

fn make_domain(types: &mut Types) {
    let text = || TypeRef::named(TypeRef::STRING);
    let mut fields = FieldSet::of(types);
    fields.add(of("code", TypeRef::named_nn("String"), "Stable code.", |refusal| match refusal {
        Refusal::Domain { code, .. } => Some(code.as_str().into()),
        Refusal::Version { .. } | Refusal::Invalid { .. } => None,
    }));
    fields.add(of("message", TypeRef::named_nn("String"), "In words.", |refusal| match refusal {
        Refusal::Domain { message, .. } => Some(message.as_str().into()),
        Refusal::Version { .. } | Refusal::Invalid { .. } => None,
    }));
    let doc = "Clause, article or principle that demands it.";
    fields.add(of("rule", text(), doc, |refusal| match refusal {
        Refusal::Domain { rule, .. } => rule.as_deref().map(Into::into),
        Refusal::Version { .. } | Refusal::Invalid { .. } => None,
    }));
    let doc = "JSON pointer to what is wrong in the input.";
    fields.add(of("pointer", text(), doc, |refusal| match refusal {
        Refusal::Domain { pointer, .. } => pointer.as_deref().map(Into::into),
        Refusal::Version { .. } | Refusal::Invalid { .. } => None,
    }));
    types.add(fields.object("DomainRefusal", "A rule of the domain forbids it."));
}

fn make_version(types: &mut Types) {
    let int = || TypeRef::named_nn(TypeRef::INT);
    let mut fields = FieldSet::of(types);
    fields.add(of("id", TypeRef::named_nn("ID"), "The object.", |refusal| match refusal {
        Refusal::Version { id, .. } => Some(id.as_str().into()),
        Refusal::Domain { .. } | Refusal::Invalid { .. } => None,
    }));
    fields.add(of("expected", int(), "The version that was seen.", |refusal| match refusal {
        Refusal::Version { expected, .. } => Some((*expected).into()),
        Refusal::Domain { .. } | Refusal::Invalid { .. } => None,
    }));
    fields.add(of("actual", int(), "The version that it has.", |refusal| match refusal {
        Refusal::Version { actual, .. } => Some((*actual).into()),
        Refusal::Domain { .. } | Refusal::Invalid { .. } => None,
    }));
    let since = named("since", TypeRef::named_nn_list_nn("Event"), |ctx| {
        always(ctx, no_members, |ctx| async move { since(&ctx).await })
    });
    fields.add(described(since, "The events since the version that was seen."));
    types.add(fields.object("VersionConflict", "Somebody else changed the object."));
}

async fn since<'a>(ctx: &ResolverContext<'a>) -> Result<Option<FieldValue<'a>>, Problem> {
    let Some(Refusal::Version { kind, id, expected, .. }) = here(ctx) else { return Ok(None) };
    let session = session(ctx)?;
    let moment = Moment { at: session.head().await?.position, past: false };
    if session.object(kind, id, moment).await?.is_none() {
        return Ok(Some(no_members()));
    }
    let found = session.log().history(id, *expected, moment.at, FIRST_MAX).await?;
    let shown = found.into_iter().map(|event| Happened::shown(event, moment));
    Ok(Some(FieldValue::list(shown)))
}

fn make_invalid(types: &mut Types) {
    let mut fields = FieldSet::of(types);
    fields.add(named("errors", TypeRef::named_nn_list_nn("FieldError"), |ctx| {
        let Some(Refusal::Invalid { errors }) = here(&ctx) else { return FieldFuture::Value(None) };
        let errors = errors.iter().cloned().map(FieldValue::owned_any);
        FieldFuture::Value(Some(FieldValue::list(errors)))
    }));
    types.add(fields.object("InvalidInput", "Values of the input are wrong."));
    let mut fields = FieldSet::of(types);
    type Part = (&'static str, &'static str, fn(&FieldError) -> &str);
    let parts: [Part; 3] = [
        ("pointer", "JSON pointer (RFC 6901) into the input.", |error| &error.pointer),
        ("code", "Stable code.", |error| error.code),
        ("message", "What it must be.", |error| &error.message),
    ];
    for (name, doc, show) in parts {
        let field = named(name, TypeRef::named_nn(TypeRef::STRING), move |ctx| {
            let error = ctx.parent_value.downcast_ref::<FieldError>();
            FieldFuture::Value(error.map(|error| FieldValue::value(show(error))))
        });
        fields.add(described(field, doc));
    }
    types.add(fields.object("FieldError", "What is wrong with one value of the input."));
}
