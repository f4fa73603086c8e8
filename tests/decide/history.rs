//! An aggregate with a history, and the commands of it that are measured.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use cqrs_es::Aggregate;
use kernel::domain::{Commands, Domain, Events, KindDecl};
use kernel::{Context, Role, TenantId, door};
use serde_json::Value;

/// Decides and folds; hands back the state, so that it is not dropped while the clock runs.
pub type Run = Box<dyn FnOnce() -> Box<dyn Any>>;

/// A command that is measured.
pub struct Case {
    /// Kind and verb, and what is special about it: `monitor.ingest, 10000 points`.
    pub name: String,
    /// Copies state and command; what is measured is the run that it hands back.
    pub prepare: Box<dyn Fn() -> Run>,
    /// What it may take, where that is more than others may.
    pub most: Option<Duration>,
}

impl Case {
    /// Kind and verb.
    pub fn command(&self) -> (&str, &str) {
        let (command, _) = self.name.split_once(',').unwrap_or((&self.name, ""));
        command.split_once('.').unwrap()
    }
}

/// An object as far as its story has come.
pub struct History<A> {
    state: A,
    decl: KindDecl,
    id: String,
    tenant: TenantId,
    now: String,
    body: Option<String>,
    engagement: Option<String>,
    version: u64,
    facts: Vec<(String, String, Value)>,
    cases: Vec<Case>,
}

impl<A: Domain + Clone + 'static> History<A>
where
    <A as Aggregate>::Command: Clone + 'static,
{
    /// An object that does not exist yet, on 2025-03-03.
    pub fn of(id: &str) -> Self {
        Self {
            state: A::default(),
            decl: KindDecl::of::<A>().unwrap(),
            id: id.to_owned(),
            tenant: TenantId::from_bits(1),
            now: "2025-03-03T09:00:00Z".to_owned(),
            body: None,
            engagement: None,
            version: 0,
            facts: Vec::new(),
            cases: Vec::new(),
        }
    }

    /// In the log of this tenant.
    pub fn within(self, tenant: TenantId) -> Self {
        Self { tenant, ..self }
    }

    /// By somebody of this certification body from now on.
    pub fn for_body(self, id: &str) -> Self {
        Self { body: Some(id.to_owned()), engagement: None, ..self }
    }

    /// By an auditor under this engagement from now on.
    pub fn under(self, id: &str) -> Self {
        Self { engagement: Some(id.to_owned()), body: None, ..self }
    }

    /// At this time from now on.
    pub fn at(self, now: &str) -> Self {
        Self { now: now.to_owned(), ..self }
    }

    /// With a fact more, or another version of it.
    pub fn knowing(mut self, id: &str, kind: &str, body: Value) -> Self {
        self.facts.retain(|(known, ..)| known != id);
        self.facts.push((id.to_owned(), kind.to_owned(), body));
        self
    }

    /// After this command, which is not measured.
    pub fn given(mut self, role: Role, verb: &str, input: Value) -> Self {
        let (command, context) = self.command(role, verb, input);
        let place = format!("{}.{verb}", self.decl.row.name);
        let decided = self.state.decide(command, &context);
        let events = decided.unwrap_or_else(|refused| panic!("{place}: {refused}"));
        assert!(!events.is_empty(), "{place}: nothing happens");
        for event in events {
            let data = stored(event.data().unwrap());
            let event = A::Event::read(event.name(), event.version(), data).unwrap().unwrap();
            self.state.evolve(event);
            self.version += 1;
        }
        self
    }

    /// Measures this command, and goes on after it.
    pub fn measured(self, role: Role, verb: &str, input: Value) -> Self {
        self.measured_as(verb, None, role, verb, input)
    }

    /// Measures this command under a name of its own, with a limit of its own.
    pub fn measured_as(
        mut self,
        name: &str,
        most: Option<Duration>,
        role: Role,
        verb: &str,
        input: Value,
    ) -> Self {
        let (command, context) = self.command(role, verb, input.clone());
        let (state, context) = (self.state.clone(), Arc::new(context));
        let prepare = move || {
            let (mut state, command) = (state.clone(), command.clone());
            let context = Arc::clone(&context);
            let run = move || {
                for event in state.decide(command, &context).unwrap() {
                    state.evolve(event);
                }
                Box::new(state) as Box<dyn Any>
            };
            Box::new(run) as Run
        };
        let name = format!("{}.{name}", self.decl.row.name);
        self.cases.push(Case { name, prepare: Box::new(prepare), most });
        self.given(role, verb, input)
    }

    /// The object's document, as a fact for others.
    pub fn body(&self) -> Value {
        serde_json::to_value(&self.state).unwrap()
    }

    /// What is measured.
    pub fn cases(self) -> Vec<Case> {
        self.cases
    }

    /// The command as the bus hands it on, with all facts.
    fn command(&self, role: Role, verb: &str, input: Value) -> (A::Command, Context) {
        let place = format!("{}.{verb}", self.decl.row.name);
        let decl = self.decl.command(verb).unwrap_or_else(|| panic!("{place} does not exist"));
        assert!(decl.by.contains(&role), "{place}: {role:?} may not");
        assert_eq!(decl.creates, self.version == 0, "{place}: makes the object");
        assert_eq!(door::check(&decl.input.fields, &input, ""), [], "{place}");
        let mut context = Context::of(&crate::cases::member(role), &[role, Role::Emp], &self.now);
        context.id.clone_from(&self.id);
        context.tenant = self.tenant.clone();
        context.version = self.version;
        context.body.clone_from(&self.body);
        context.actor.engagement.clone_from(&self.engagement);
        // Keys are drawn anew by each command.
        context.seed = u128::from(self.version);
        for (id, kind, body) in &self.facts {
            context.facts.add(id.clone(), kind.clone(), Arc::new(body.clone()));
        }
        (A::Command::parse(verb, input).unwrap().unwrap(), context)
    }
}

/// The value with texts sealed, as the store keeps it.
fn stored(value: Value) -> Value {
    match value {
        Value::Object(fields)
            if fields.len() == 1 && fields.contains_key(kernel::values::PLAIN) =>
        {
            serde_json::json!({ kernel::values::SEALED: "5e".repeat(32) })
        }
        Value::Object(fields) => fields.into_iter().map(|(k, v)| (k, stored(v))).collect(),
        Value::Array(items) => items.into_iter().map(stored).collect(),
        other => other,
    }
}
