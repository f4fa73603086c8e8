//! Why a field has no answer, as an entry of `errors` with `code`, `requestId` and `retryable`.

use std::sync::Arc;

use async_graphql::{Context, ErrorExtensionValues, ServerError, Value as Shown, value};
use bus::CommandError;
use event_store::Fault;
use event_store::log::ResolveError;
use identity::Caller;
use kernel::domain::KindDecl;

use super::session::Session;
use crate::listing::QuestionError;

/// What callers are told of faults; the cause is in the log under the request's id.
const INTERNAL: &str = "something of ours failed; the request id finds it in our log";

/// Why a field has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The caller may not read it.
    #[error("{0}")]
    Forbidden(String),
    /// The engagement of an auditor does not open it.
    #[error("{0}")]
    EngagementForbids(String),
    /// An auditor asks for what was recorded after the ceiling of his engagement.
    #[error("nothing that was recorded after the engagement's ceiling is shown")]
    BeyondCeiling,
    /// An argument is wrong.
    #[error("{message}")]
    Argument {
        /// Its name.
        argument: &'static str,
        /// What kind of mistake.
        code: &'static str,
        /// What is wrong.
        message: String,
    },
    /// A list cannot be made.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// A point in time cannot be found.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// A command was not carried out.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// Ours.
    #[error("{0}")]
    Fault(String),
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault.to_string())
    }
}

impl From<async_graphql::Error> for Problem {
    fn from(error: async_graphql::Error) -> Self {
        Self::Fault(error.message)
    }
}

impl Problem {
    /// A wrong argument.
    pub fn argument(
        argument: &'static str,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self::Argument { argument, code, message: message.into() }
    }

    /// Nothing of a kind may be read.
    pub fn unread(caller: &Caller, kind: &KindDecl) -> Self {
        let plural = kind.row.plural;
        if caller.outlook.is_some() {
            return Self::EngagementForbids(format!("{plural} are not open to your token"));
        }
        let codes: Vec<_> = kind.about.readers.iter().map(|role| role.code()).collect();
        let roles = codes.join(", ");
        Self::Forbidden(format!("reading {plural} takes one of the roles {roles}"))
    }

    /// Stable code, the same as in REST.
    pub fn code(&self) -> &str {
        match self {
            Self::Forbidden(_) => "forbidden",
            Self::EngagementForbids(_) => "engagement_forbids",
            Self::BeyondCeiling => "beyond_ceiling",
            Self::Question(QuestionError::Invalid { code: "bad_cursor", .. }) => "bad_cursor",
            Self::Argument { .. } | Self::Question(QuestionError::Invalid { .. }) => {
                "invalid_query"
            }
            Self::Question(QuestionError::TooExpensive) => "too_expensive",
            Self::Resolve(ResolveError::InTheFuture(_)) => "in_the_future",
            Self::Resolve(ResolveError::NoLog(_)) => "unknown_tenant",
            Self::Command(error) => error.code(),
            Self::Question(QuestionError::Fault(_))
            | Self::Resolve(ResolveError::Fault(_))
            | Self::Fault(_) => "fault",
        }
    }

    /// What is wrong with an argument: its name, the kind of mistake, and what it must be.
    fn wrong(&self) -> Option<Shown> {
        let (argument, code, message) = match self {
            Self::Argument { argument, code, message } => (*argument, *code, message),
            Self::Question(QuestionError::Invalid { code, message, field }) => {
                // What REST calls a parameter has GraphQL's name here.
                let argument = match field.as_str() {
                    "cursor" => "after",
                    "sort" => "orderBy",
                    other => other,
                };
                (argument, *code, message)
            }
            _ => return None,
        };
        Some(value!([{ "argument": argument, "code": code, "message": message.as_str() }]))
    }

    /// Whether the same request may succeed later.
    pub fn retryable(&self) -> bool {
        matches!(
            self,
            Self::Command(CommandError::Busy | CommandError::Conflict | CommandError::KeyInFlight)
        )
    }

    /// The entry of `errors` for the field at hand.
    pub fn at(&self, context: &Context<'_>) -> ServerError {
        let request_id = context.data::<Arc<Session>>().map_or("", |session| &session.request_id);
        let code = self.code();
        let message = if code == "fault" {
            tracing::error!(request_id, problem = %self, "a GraphQL field failed");
            INTERNAL.to_owned()
        } else {
            self.to_string()
        };
        let error = ServerError::new(message, Some(context.item.pos));
        let mut error = extended(error, code, request_id, self.retryable());
        if let (Some(wrong), Some(extensions)) = (self.wrong(), &mut error.extensions) {
            extensions.set("errors", wrong);
        }
        context.set_error_path(error)
    }
}

/// An error with the extensions that every error has.
pub fn extended(
    mut error: ServerError,
    code: &str,
    request_id: &str,
    retryable: bool,
) -> ServerError {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    extensions.set("requestId", request_id);
    extensions.set("retryable", retryable);
    error.extensions = Some(extensions);
    error
}
