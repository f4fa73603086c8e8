//! Why a command was not carried out.

use event_store::{AppendError, Fault};
use kernel::Role;
use kernel::door::FieldError;

/// Why a command was not carried out. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The kind has no such command.
    #[error("{kind} has no command {verb:?}")]
    UnknownCommand {
        /// The kind.
        kind: &'static str,
        /// What was asked.
        verb: String,
    },
    /// The actor holds none of the roles that may give the command.
    #[error("this takes one of the roles {}", codes(by))]
    Forbidden {
        /// The roles that may.
        by: &'static [Role],
    },
    /// Somebody from outside the organisation may not command this kind.
    #[error("a certification body's person gives no commands to {kind} objects with this token")]
    OutsideOfEngagement {
        /// The kind.
        kind: &'static str,
    },
    /// The input is wrong.
    #[error("{} of the input's values are wrong", errors.len())]
    Invalid {
        /// What and where.
        errors: Vec<FieldError>,
    },
    /// There is no such object.
    #[error("there is no {kind} {id}")]
    NotFound {
        /// The kind.
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// The object exists already.
    #[error("the {kind} exists already: {id}")]
    AlreadyExists {
        /// The kind.
        kind: &'static str,
        /// The one that exists.
        id: String,
    },
    /// The domain refuses.
    #[error("{message}")]
    Refused {
        /// `scope.no_context_issue`
        code: String,
        /// In words.
        message: String,
        /// Clause, article or principle.
        rule: Option<&'static str>,
        /// Whether the object's state forbids it, rather than the input.
        conflict: bool,
        /// Where in the input.
        pointer: Option<String>,
    },
    /// The organisation's records are closed for writing.
    #[error("the organisation is {status}: its records can be read, not written")]
    ReadOnly {
        /// Its status.
        status: String,
    },
    /// The command must name the version that the caller saw.
    #[error("this command must name the version that was seen (If-Match)")]
    VersionRequired,
    /// The object is at another version than the caller saw.
    #[error("{id} is at version {actual}, not {expected}")]
    VersionMismatch {
        /// The object.
        id: String,
        /// What the caller saw.
        expected: u64,
        /// What it is.
        actual: u64,
    },
    /// Others were faster, several times.
    #[error("others changed the same facts at the same time; try again")]
    Conflict,
    /// The idempotency key belongs to another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The request under the idempotency key is still running.
    #[error("the request under this idempotency key is still running")]
    KeyInFlight,
    /// The object grows too large, or a value cannot be stored.
    #[error("{0}")]
    Unstorable(String),
    /// The clock cannot be set so.
    #[error("{0}")]
    Clock(String),
    /// Too much waits.
    #[error("too many commands wait; try again")]
    Busy,
    /// There is no such log.
    #[error("there is no such tenant")]
    NoTenant,
    /// Ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

fn codes(roles: &[Role]) -> String {
    roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(", ")
}

impl CommandError {
    /// An append error that no further attempt will cure.
    pub(crate) fn of(error: AppendError) -> Self {
        match error {
            AppendError::VersionConflict { stream: id, expected, actual } => {
                Self::VersionMismatch { id, expected, actual }
            }
            AppendError::GuardBroken { .. } => Self::Conflict,
            AppendError::KeyTaken(_) => Self::KeyReused,
            AppendError::NoLog(_) => Self::NoTenant,
            AppendError::Clock(text) => Self::Clock(text),
            AppendError::Unstorable(text) => Self::Unstorable(text),
            AppendError::Busy => Self::Busy,
            AppendError::Fault(fault) => Self::Fault(fault),
        }
    }

    /// Stable code, the same on every surface.
    pub fn code(&self) -> &str {
        match self {
            Self::UnknownCommand { .. } => "unknown_command",
            Self::Forbidden { .. } => "forbidden",
            Self::OutsideOfEngagement { .. } => "engagement_forbids",
            Self::Invalid { .. } => "invalid_input",
            Self::NotFound { .. } => "not_found",
            Self::AlreadyExists { .. } => "already_exists",
            Self::Refused { code, .. } => code,
            Self::ReadOnly { .. } => "organisation_read_only",
            Self::VersionRequired => "version_required",
            Self::VersionMismatch { .. } => "version_mismatch",
            Self::Conflict => "conflict",
            Self::KeyReused => "idempotency_key_reused",
            Self::KeyInFlight => "idempotency_key_in_flight",
            Self::Unstorable(_) => "unstorable",
            Self::Clock(_) => "clock_refused",
            Self::Busy => "busy",
            Self::NoTenant => "unknown_tenant",
            Self::Fault(_) => "fault",
        }
    }
}
