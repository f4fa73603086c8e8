//! Why a field has no answer, as an entry of `errors` with `code`, `requestId` and `retryable`.

use std::sync::Arc;

use async_graphql::{Context, ErrorExtensionValues, ServerError};
use bus::CommandError;
use event_store::Fault;
use event_store::log::ResolveError;

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
    /// An auditor asks for what was recorded after the ceiling of his engagement.
    #[error("nothing that was recorded after the engagement's ceiling is shown")]
    BeyondCeiling,
    /// An argument is wrong.
    #[error("{message}")]
    Argument {
        /// Stable code.
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
    pub fn argument(code: &'static str, message: impl Into<String>) -> Self {
        Self::Argument { code, message: message.into() }
    }

    /// Stable code, the same as in REST.
    pub fn code(&self) -> &str {
        match self {
            Self::Forbidden(_) => "forbidden",
            Self::BeyondCeiling => "beyond_ceiling",
            Self::Argument { code, .. } => code,
            Self::Question(QuestionError::Invalid { code, .. }) => code,
            Self::Question(QuestionError::TooExpensive) => "query_too_expensive",
            Self::Resolve(ResolveError::InTheFuture(_)) => "in_the_future",
            Self::Resolve(ResolveError::NoLog(_)) => "unknown_tenant",
            Self::Command(error) => error.code(),
            Self::Question(QuestionError::Fault(_))
            | Self::Resolve(ResolveError::Fault(_))
            | Self::Fault(_) => "fault",
        }
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
        context.set_error_path(extended(error, code, request_id, self.retryable()))
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
