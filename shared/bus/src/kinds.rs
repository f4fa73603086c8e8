//! The kinds that a process serves, with their types erased.

use std::collections::{HashMap, HashSet};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use event_store::Log;
use event_store::mapping::{Mappings, mappings};
use event_store::verify::Folds;
use kernel::domain::{CommandDecl, Domain, Events, KindDecl};
use kernel::door::Grounds;
use kernel::json_schema::{Nested, record};
use kernel::schema::{Field, Record};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::dispatch::dispatch;
use crate::{CommandError, Done, Request, Who};

/// A kind of object as the surfaces use it.
#[async_trait]
pub trait AnyKind: Send + Sync {
    /// Its declaration.
    fn decl(&self) -> &KindDecl;

    /// Carries out a command.
    async fn dispatch(&self, log: &Log, who: &Who, request: Request) -> Result<Done, CommandError>;

    /// The state after an event, by the domain's own code; null stands before the first.
    ///
    /// # Errors
    /// When the event is unknown or does not read.
    fn fold(&self, state: &Value, name: &str, version: u16, data: Value) -> Result<Value, String>;

    /// A document of any shape as the newest shape shows it.
    fn upcast(&self, shape: u16, document: Value) -> Value;
}

/// What one aggregate declares, and what is worked out from it once.
pub(crate) struct Typed<A> {
    pub decl: KindDecl,
    pub schema_hashes: SchemaHashes,
    /// Per command, in the order of the declaration: what its input may hold.
    pub inputs: Vec<Input>,
    of: PhantomData<fn() -> A>,
}

/// SHA-256 of the JSON Schema of each event's data, by stored name.
pub type SchemaHashes = Arc<HashMap<&'static str, Arc<str>>>;

/// What a command's input may hold.
pub(crate) struct Input {
    /// Its own fields, then the grounds.
    pub fields: Vec<Field>,
    /// Where the grounds begin. A field that the command declares itself is the command's, also
    /// under a ground's name.
    pub grounds: usize,
}

impl Input {
    fn of(command: &CommandDecl) -> Self {
        let own = &command.input.fields;
        let grounds = Grounds::record();
        let grounds =
            grounds.fields.iter().filter(|field| command.input.field(field.name).is_none());
        Self { fields: own.iter().chain(grounds).cloned().collect(), grounds: own.len() }
    }

    /// The names of the grounds.
    pub fn is_ground(&self, name: &str) -> bool {
        self.fields[self.grounds..].iter().any(|field| field.name == name)
    }
}

/// The kind of an aggregate; `None` when the table of kinds lacks it.
pub fn kind<A: Domain + 'static>() -> Option<Arc<dyn AnyKind>> {
    let decl = KindDecl::of::<A>()?;
    let schema_hashes = decl.events.iter().map(|event| {
        let schema = record(&event.data, Nested::Inline).to_string();
        (event.name, Arc::from(hex::encode(Sha256::digest(schema))))
    });
    let schema_hashes = Arc::new(schema_hashes.collect());
    let inputs = decl.commands.iter().map(Input::of).collect();
    Some(Arc::new(Typed::<A> { schema_hashes, inputs, decl, of: PhantomData }))
}

#[async_trait]
impl<A: Domain + 'static> AnyKind for Typed<A> {
    fn decl(&self) -> &KindDecl {
        &self.decl
    }

    async fn dispatch(&self, log: &Log, who: &Who, request: Request) -> Result<Done, CommandError> {
        dispatch(self, log, who, request).await
    }

    fn fold(&self, state: &Value, name: &str, version: u16, data: Value) -> Result<Value, String> {
        let show = |error: serde_json::Error| format!("{name}: {error}");
        let mut aggregate = match state {
            Value::Null => A::default(),
            state => A::deserialize(state).map_err(show)?,
        };
        let event = A::Event::read(name, version, data).map_err(show)?;
        aggregate.evolve(event.ok_or_else(|| format!("unknown event {name}"))?);
        serde_json::to_value(&aggregate).map_err(show)
    }

    fn upcast(&self, shape: u16, document: Value) -> Value {
        if shape == self.decl.about.shape { document } else { A::upcast(shape, document) }
    }
}

/// All kinds of a process.
pub struct Registry {
    kinds: Vec<Arc<dyn AnyKind>>,
    in_flight: Mutex<HashSet<(String, String)>>,
}

impl Registry {
    /// A registry of these kinds.
    pub fn new(kinds: Vec<Arc<dyn AnyKind>>) -> Arc<Self> {
        Arc::new(Self { kinds, in_flight: Mutex::new(HashSet::new()) })
    }

    /// All kinds in order.
    pub fn kinds(&self) -> &[Arc<dyn AnyKind>] {
        &self.kinds
    }

    /// All declarations in order.
    pub fn decls(&self) -> impl Iterator<Item = &KindDecl> {
        self.kinds.iter().map(|kind| kind.decl())
    }

    /// The kind of this name.
    pub fn named(&self, name: &str) -> Option<&Arc<dyn AnyKind>> {
        self.kinds.iter().find(|kind| kind.decl().row.name == name)
    }

    /// The kind whose REST plural this is.
    pub fn plural(&self, plural: &str) -> Option<&Arc<dyn AnyKind>> {
        self.kinds.iter().find(|kind| kind.decl().row.plural == plural)
    }

    /// The kind of an object's id.
    pub fn of_id(&self, id: &str) -> Option<&Arc<dyn AnyKind>> {
        let prefix = kernel::id::prefix_of(id);
        self.kinds.iter().find(|kind| kind.decl().row.prefix == prefix)
    }

    /// The columns of all kinds.
    pub fn mappings(&self) -> Mappings {
        mappings(self.decls())
    }

    /// Carries out a command of a kind.
    ///
    /// # Errors
    /// Why it was not carried out.
    pub async fn dispatch(
        &self,
        kind: &Arc<dyn AnyKind>,
        log: &Log,
        who: &Who,
        request: Request,
    ) -> Result<Done, CommandError> {
        let Some(key) = &request.key else { return kind.dispatch(log, who, request).await };
        let place = (log.tenant().to_string(), key.key.clone());
        if !self.lock().insert(place.clone()) {
            return Err(CommandError::KeyInFlight);
        }
        let running = Running { registry: self, place };
        let done = kind.dispatch(log, who, request).await;
        drop(running);
        done
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<(String, String)>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request under an idempotency key that is being carried out; also when its caller goes away.
struct Running<'a> {
    registry: &'a Registry,
    place: (String, String),
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.registry.lock().remove(&self.place);
    }
}

impl Folds for Registry {
    fn fold(
        &self,
        kind: &str,
        state: &Value,
        name: &str,
        version: u16,
        data: Value,
    ) -> Result<Value, String> {
        let kind = self.named(kind).ok_or_else(|| format!("unknown kind {kind}"))?;
        kind.fold(state, name, version, data)
    }
}
