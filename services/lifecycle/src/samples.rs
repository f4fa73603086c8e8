//! What the tests of several kinds start from: a world of objects, of which a command is given
//! those that it asks for, as the bus does it; and a passed gate.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::domain::Domain;
use kernel::values::{Key, Line, Ref};
use kernel::{Context, Date, Fact, Need, Position};
use serde::Serialize;
use serde_json::Value;

use crate::gate_policy::{GatePolicy, Mode};
use crate::stage::Stage;
use crate::stage_gate::{CheckResult, CheckState, StageGate, Status};

/// Where facts are read.
pub const POSITION: Position = Position(70);

/// Objects that exist beside the one that decides.
#[derive(Clone, Default)]
pub struct World {
    objects: BTreeMap<String, (&'static str, Value)>,
}

impl World {
    /// Puts an object of a kind into the world, in place of what had its id.
    pub fn put(&mut self, id: &str, kind: &'static str, body: Value) {
        self.objects.insert(id.to_owned(), (kind, body));
    }

    /// Puts the state of an aggregate of this service into the world.
    pub fn put_state<A: Fact + Serialize>(&mut self, id: &str, state: &A) {
        self.put(id, A::KIND, serde_json::to_value(state).unwrap());
    }

    /// The same world with one object more.
    pub fn with(mut self, id: &str, kind: &'static str, body: Value) -> Self {
        self.put(id, kind, body);
        self
    }

    /// Takes an object out of the world.
    pub fn remove(&mut self, id: &str) {
        self.objects.remove(id).unwrap();
    }

    /// Decides with the facts that the command asks for, and no others.
    pub fn decide<A: Domain>(
        &self,
        state: &A,
        command: A::Command,
        mut context: Context,
    ) -> Result<Vec<A::Event>, A::Error> {
        context.facts.position = POSITION;
        loop {
            let needs = state.needs(&command, &context).into_iter();
            let fresh: Vec<_> = needs.filter(|n| !context.facts.answered.contains(n)).collect();
            if fresh.is_empty() {
                break;
            }
            for need in fresh {
                let found = self.objects.iter().filter(|(id, (kind, body))| match &need {
                    Need::Object(wanted) | Need::Platform(wanted) => *id == wanted,
                    Need::Event(_) => false,
                    Need::All(wanted) => kind == wanted,
                    Need::Where(wanted, field, value) => kind == wanted && body[field] == **value,
                });
                for (id, (kind, body)) in found {
                    context.facts.add(id.clone(), *kind, Arc::new(body.clone()));
                }
                context.facts.answered.push(need);
            }
        }
        let decided = state.decide(command, &context);
        assert_eq!(context.facts.unreadable(), None);
        decided
    }
}

/// A gate for `sys_1` that was passed on a day, all its checks by the standard policy met.
pub fn passed_gate(system_version: &str, from: Stage, to: Stage, on: &str) -> StageGate {
    let on: Date = on.parse().unwrap();
    let asked = GatePolicy::standard().asked(to).into_iter();
    let checks = asked.map(|(check, rule)| (check.key(), met(rule.mode)));
    StageGate {
        system: Ref::new("sys_1"),
        system_version: Key::new(system_version),
        from,
        to,
        status: Status::Passed,
        checks: checks.collect(),
        passed_at: Some(on.start()),
        valid_until: Some(on.plus_days(30)),
        ..StageGate::default()
    }
}

/// A check that passed.
fn met(mode: Mode) -> CheckState {
    CheckState {
        mode,
        result: CheckResult::Pass,
        because: Some(Line::new("seen")),
        evidence: vec![],
        looked_at: vec![],
    }
}
