//! From a question that an HTTP request asks to the answer: scanned, authenticated, parsed,
//! measured, executed.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::dynamic::Schema;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::{Request, Response, ServerError, Value as Shown, Variables, value};
use identity::{AuthError, Caller};
use kernel::Instant;
use tokio::runtime::Handle;

use super::error::extended;
use super::limits::{self, Measured, Refused};
use super::model::Model;
use super::nulls::Types;
use super::scan::scan;
use super::schemas::Schemas;
use super::session::Session;
use crate::Gateway;
use crate::reads;

/// How long an answer may take.
const TIME_MAX: Duration = Duration::from_secs(30);
/// What the executor says where a field that must have a value has none.
const NO_VALUE: &str = "internal: non-null types require a return value";

/// The schema with everything that it takes to answer.
pub struct GraphQl {
    gateway: Gateway,
    schemas: Schemas,
    model: Arc<Model>,
    runtime: Option<Handle>,
}

/// What is asked.
#[derive(Debug, Default)]
pub struct Asked {
    /// The document.
    pub query: String,
    /// Which operation of it.
    pub operation: Option<String>,
    /// Values of its variables.
    pub variables: Variables,
    /// The bearer token.
    pub authorization: Option<String>,
    /// The clock of a simulated log.
    pub clock: Option<Instant>,
    /// Whether only questions are answered.
    pub only_query: bool,
    /// The request's id.
    pub request_id: String,
}

/// Why nothing was executed.
#[derive(Debug)]
pub enum Rejected {
    /// The caller is not let in.
    Door(AuthError),
    /// A command where only questions are answered.
    MutationOnGet,
    /// The document asks for too much, or cannot be read.
    Document(ServerError),
    /// Ours.
    Fault(ServerError),
}

/// What was answered.
#[derive(Debug)]
pub struct Answered {
    /// The answer.
    pub response: Response,
    /// Whether execution began; if not, the answer has no data.
    pub executed: bool,
    /// Whether the answer can never change.
    pub settled: bool,
    /// How many batches of objects and texts were fetched.
    pub fetches: usize,
}

impl GraphQl {
    /// The schema of a gateway's kinds. With a runtime, queries are executed there and not on the
    /// thread that took the request. Nothing of the schema is made before somebody asks.
    pub fn new(gateway: Gateway, runtime: Option<Handle>) -> Arc<Self> {
        let model = Model::of(&gateway.registry);
        let schemas = Schemas::of(Arc::clone(&model));
        Arc::new(Self { gateway, schemas, model, runtime })
    }

    /// Answers, or says why not.
    ///
    /// # Errors
    /// When nothing was executed.
    pub(super) async fn answer(self: &Arc<Self>, asked: Asked) -> Result<Answered, Rejected> {
        let id = asked.request_id.clone();
        let document = |refused: Refused| {
            let error = ServerError::new(refused.message, None);
            Rejected::Document(extended(error, refused.code, &id, false))
        };
        let seen = scan(&asked.query).map_err(document)?;
        let mut caller = self.caller(&asked, seen.mutates).await?;
        let parsed = parse_query(&asked.query).map_err(|error| {
            let error = ServerError::from(error);
            Rejected::Document(extended(error, "malformed_query", &id, false))
        })?;
        let name = asked.operation.as_deref();
        let runtime = self.runtime.clone().unwrap_or_else(Handle::current);
        let schema = self.schemas.answering(&parsed, &runtime).await;
        let schema = schema.map_err(|error| self.fault(&asked, &error.0))?.schema.clone();
        let measured = limits::measure(schema.registry(), &parsed, name, &asked.variables);
        let measured = measured.map_err(document)?;
        if asked.only_query && measured.operation != OperationType::Query {
            return Err(Rejected::MutationOnGet);
        }
        if measured.operation == OperationType::Query && caller.head.is_none() {
            caller.head = caller.log.head().await.map_err(|fault| self.fault(&asked, &fault))?;
        }
        let this = Arc::clone(self);
        let execute = async move { this.execute(asked, caller, (schema, parsed), measured).await };
        let Some(runtime) = &self.runtime else { return Ok(execute.await) };
        match runtime.spawn(execute).await {
            Ok(answered) => Ok(answered),
            Err(error) => {
                tracing::error!(request_id = id, %error, "a GraphQL request was lost");
                let error = ServerError::new("something of ours failed", None);
                Err(Rejected::Fault(extended(error, "fault", &id, false)))
            }
        }
    }

    async fn caller(&self, asked: &Asked, mutates: bool) -> Result<Caller, Rejected> {
        let (identity, token) = (&self.gateway.identity, asked.authorization.as_deref());
        let caller = if mutates {
            identity.any_commander(token, asked.clock).await
        } else {
            identity.any_reader(token, asked.clock).await
        };
        caller.map_err(|error| match error {
            AuthError::Fault(fault) => self.fault(asked, &fault),
            error => Rejected::Door(error),
        })
    }

    fn fault(&self, asked: &Asked, cause: &dyn Display) -> Rejected {
        let request_id = &asked.request_id;
        tracing::error!(request_id, %cause, "a GraphQL request failed");
        let error = ServerError::new("something of ours failed", None);
        Rejected::Fault(extended(error, "fault", request_id, false))
    }

    async fn execute(
        &self,
        asked: Asked,
        caller: Caller,
        (schema, document): (Schema, ExecutableDocument),
        measured: Measured,
    ) -> Answered {
        let id = asked.request_id;
        let looked =
            Self::looked(&caller, &asked.query, asked.operation.as_deref(), &asked.variables);
        let Gateway { registry, surface, .. } = &self.gateway;
        let kinds = (Arc::clone(registry), Arc::clone(surface), Arc::clone(&self.model));
        let session = Arc::new(Session::new(caller, kinds, id.clone(), asked.clock));
        let mut request = Request::new(String::new()).variables(asked.variables);
        request.operation_name.clone_from(&asked.operation);
        request = request.data(Arc::clone(&session));
        request.set_parsed_query(document);
        let executing = tokio::time::timeout(TIME_MAX, schema.execute(request));
        let mut response = executing.await.unwrap_or_else(|_| {
            let error = ServerError::new("the answer took too long", None);
            Response::from_errors(vec![extended(error, "timeout", &id, true)])
        });
        let executed = response.data != Shown::Null
            || response.errors.iter().any(|error| !error.path.is_empty());
        explain(&mut response, &id);
        clear(&schema, &session, (&asked.query, asked.operation.as_deref()), &mut response.data);
        let position = session.position().map(|position| position.to_string());
        let cost = measured.cost;
        let annals = value!({ "position": position, "cost": cost });
        response.extensions.insert("annals".into(), annals);
        response.extensions.insert("cost".into(), cost.into());
        if let Some((mut looked, what, fingerprint)) = looked {
            looked.position = session.position().unwrap_or(looked.position);
            let refused = !response.errors.is_empty();
            self.gateway.reads.note(looked, "graphql", &what, &fingerprint, refused);
        }
        let is_kept = measured.only_past && session.caller.outlook.is_none();
        let settled = is_kept && response.errors.is_empty() && session.is_settled();
        Answered { response, executed, settled, fetches: session.loader.queries() }
    }
}

impl GraphQl {
    /// What an auditor asks, for the record: also with a command, whose answer can show anything.
    fn looked(
        caller: &Caller,
        query: &str,
        operation: Option<&str>,
        variables: &Variables,
    ) -> Option<(reads::Asked, String, String)> {
        let asked = reads::Asked::of(caller)?;
        let variables = serde_json::to_string(variables).unwrap_or_default();
        let name = operation.unwrap_or_default();
        let fingerprint = reads::fingerprint([query, name, &variables].map(str::as_bytes));
        Some((asked, format!("/graphql {name}").trim_end().to_owned(), fingerprint))
    }
}

/// Makes null what is around fields that failed and must have a value.
fn clear(
    schema: &Schema,
    session: &Session,
    (query, name): (&str, Option<&str>),
    data: &mut Shown,
) {
    let failed = session.failed();
    if failed.is_empty() {
        return;
    }
    let Ok(document) = parse_query(query) else { return };
    let Some(operation) = limits::operation_of(&document, name) else { return };
    let registry = schema.registry();
    let types = Types { registry, document: &document };
    let root = limits::root_of(registry, operation.ty);
    failed.iter().for_each(|path| types.clear(root, operation, path, data));
}

/// Gives every error its code, and hides what the executor says of itself.
fn explain(response: &mut Response, request_id: &str) {
    let told = response.errors.iter().filter(|error| error.extensions.is_some());
    let told: Vec<_> = told.map(|error| error.path.clone()).collect();
    response.errors.retain(|error| {
        error.extensions.is_some() || error.message != NO_VALUE || !told.contains(&error.path)
    });
    for error in &mut response.errors {
        if error.extensions.is_some() {
            continue;
        }
        let code = if error.path.is_empty() { "invalid_query" } else { "fault" };
        if code == "fault" {
            tracing::error!(request_id, message = error.message, "the executor failed");
            "something of ours failed".clone_into(&mut error.message);
        }
        *error = extended(error.clone(), code, request_id, false);
    }
}
