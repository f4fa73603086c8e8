//! Runs the rules: follows every log, reads what a rule asks for as of its trigger, and carries its
//! orders out in one transaction with the record of the run.
//!
//! A run is known by rule and event ([`Reaction`](crate::reaction::Reaction) takes its id from
//! them), so it happens once however often the event comes again; what it makes has ids that follow
//! from rule, event and step. An order that the domain refuses is recorded as refused, and the
//! others stand. Anything else that fails is the subscriber's to try again.

use std::sync::Arc;

use async_trait::async_trait;
use bus::{Batch, BatchError, CommandError, Registry, Request, Step, Who, facts as reading};
use event_store::log::StoredEvent;
use event_store::subscribe::{Subscriber, Why, settle};
use event_store::{Fault, Log, Store};
use kernel::id::platform;
use kernel::{Facts, Instant, Position, TenantId};
use serde_json::{Value, json};

use crate::reaction::DEPTH_MAX;
use crate::reactions::{Reaction, Rules};
use crate::{Known, Order, Trigger};

/// Under which checkpoints are kept.
pub const NAME: &str = "reactions";
/// Rounds in which a rule may ask for more.
const ROUNDS: usize = 16;
/// Most orders of one run.
const ORDERS_MAX: usize = 200;
/// Most objects that a record names.
const LOOKED_AT_MAX: usize = 200;
/// Days until somebody has looked into a chain without end.
const ALARM_DAYS: i64 = 2;
/// How much later than what caused it something is recorded in a log whose clock is set.
const SIMULATED_STEP_US: i64 = 1_000;

/// Follows the logs and runs the rules.
pub struct Engine {
    /// The store.
    pub store: Arc<Store>,
    /// The kinds.
    pub registry: Arc<Registry>,
    /// The rules.
    pub rules: Rules,
}

#[async_trait]
impl Subscriber for Engine {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn handle(&self, tenant: &TenantId, event: &StoredEvent) -> Result<(), Why> {
        // The installation's own log has no management system.
        if *tenant == platform() || event.row.kind == "reaction" {
            return Ok(());
        }
        let mut rules = self.rules.reacting_to(&event.row.name).peekable();
        if rules.peek().is_none() {
            return Ok(());
        }
        let log = self.store.log(tenant);
        let trigger = Trigger::of(event);
        let Some(depth) = depth(&log, event).await? else { return Ok(()) };
        for rule in rules {
            self.run(&log, rule, &trigger, depth, event).await?;
        }
        Ok(())
    }
}

impl Engine {
    /// The rules of the domain model over these kinds.
    pub fn new(store: Arc<Store>, registry: Arc<Registry>) -> Self {
        Self { store, registry, rules: Rules::all() }
    }

    /// Runs what follows from everything that was recorded until now, and from that.
    ///
    /// # Errors
    /// When something is left to an operator, or the database fails.
    pub async fn settle(&self, tenant: &TenantId) -> Result<(), Fault> {
        settle(&self.store, self, tenant).await
    }

    async fn run(
        &self,
        log: &Log,
        rule: &Reaction,
        trigger: &Trigger,
        depth: u32,
        event: &StoredEvent,
    ) -> Result<(), Why> {
        let id = facts::derived("rct", &[rule.id, &trigger.event]);
        if log.newest(&id).await?.is_some() {
            return Ok(());
        }
        let (mut orders, looked_at) = self.ask(log, rule, trigger).await?;
        if orders.is_empty() {
            return Ok(());
        }
        if orders.len() > ORDERS_MAX {
            return Err(format!("{} orders {} things at once", rule.id, orders.len()).into());
        }
        let verb = if depth > DEPTH_MAX { "cut_off" } else { "run" };
        if verb == "cut_off" {
            tracing::error!(tenant = %log.tenant(), rule = rule.id, event = trigger.event, depth,
                "rules trigger each other without end: cut off");
            orders = vec![alarm(rule, trigger)];
        }
        let record = json!({
            "rule": rule.id, "subject": trigger.object, "trigger": trigger.position,
            "triggerEvent": trigger.event, "triggerType": trigger.name,
            "knew": trigger.settled, "lookedAt": looked_at, "depth": depth,
        });
        Run { engine: self, log, rule, trigger, event, verb, record, orders }.carry_out().await
    }

    /// What the rule wants done, and what it looked at.
    async fn ask(
        &self,
        log: &Log,
        rule: &Reaction,
        trigger: &Trigger,
    ) -> Result<(Vec<Order>, Vec<String>), Why> {
        let mut known = Known::new(Facts::at(trigger.settled));
        for _ in 0..ROUNDS {
            let orders = (rule.react)(trigger, &known);
            let missing = known.missing();
            if let Some(fault) = known.facts().unreadable() {
                return Err(format!("a fact cannot be read: {fault}").into());
            }
            if missing.is_empty() {
                let mut looked_at = known.facts().ids();
                looked_at.retain(|id| self.registry.of_id(id).is_some());
                looked_at.truncate(LOOKED_AT_MAX);
                return Ok((orders, looked_at));
            }
            for need in missing {
                reading::read(log, &need, known.facts()).await?;
                known.facts().answered.push(need);
            }
        }
        Err(format!("{} asks without end", rule.id).into())
    }
}

/// Orders on their way into the log.
struct Run<'a> {
    engine: &'a Engine,
    log: &'a Log,
    rule: &'a Reaction,
    trigger: &'a Trigger,
    event: &'a StoredEvent,
    verb: &'static str,
    record: Value,
    orders: Vec<Order>,
}

impl Run<'_> {
    /// Carries out what is not refused, as one transaction. Which orders are refused shows only
    /// when all are decided one after the other; each round leaves out those that were.
    async fn carry_out(self) -> Result<(), Why> {
        let mut refused: Vec<Option<String>> = vec![None; self.orders.len()];
        let who = Who::system(self.rule.id);
        for _ in 0..=self.orders.len() {
            let (steps, places) = self.steps(&refused);
            let batch = Batch {
                key: None,
                clock: self.clock().await?,
                cause: Some(self.trigger.event.clone()),
                correlation: Some(self.event.header.corr.clone()),
                dry_run: false,
            };
            match self.engine.registry.dispatch_all(self.log, &who, &steps, &batch).await {
                Ok(_) => return Ok(()),
                Err(BatchError::Steps(errors)) => {
                    for (n, error) in errors {
                        let Some(place) = n.checked_sub(1).and_then(|n| places.get(n)) else {
                            return match error {
                                // Another process was faster.
                                CommandError::AlreadyExists { .. } => Ok(()),
                                // Nothing is recorded of the organisation any more.
                                CommandError::ReadOnly { status } if status == "closed" => Ok(()),
                                error => Err(error.into()),
                            };
                        };
                        refused[*place] = Some(refusal(error, &steps[n])?);
                    }
                }
                Err(BatchError::Whole(error)) => return Err(error.into()),
            }
        }
        Err(format!("{}: orders are refused without end", self.rule.id).into())
    }

    /// The record first, then every order that was not refused with its place among all.
    fn steps(&self, refused: &[Option<String>]) -> (Vec<Step>, Vec<usize>) {
        let (mut steps, mut places, mut told) = (Vec::new(), Vec::new(), Vec::new());
        for (place, (order, refusal)) in self.orders.iter().zip(refused).enumerate() {
            let fresh = order.on.is_none().then(|| self.fresh(order, place));
            told.push(json!({
                "command": format!("{}.{}", order.kind, order.verb),
                "object": order.on.as_ref().or(fresh.as_ref()),
                "outcome": if refusal.is_some() { "refused" } else { "done" },
                "refusal": refusal,
            }));
            if refusal.is_none() {
                places.push(place);
                let (verb, id) = (order.verb.to_owned(), order.on.clone());
                let input = order.input.clone();
                let request = Request { verb, id, fresh, input, ..Request::default() };
                steps.push(Step { kind: order.kind.to_owned(), request });
            }
        }
        let mut input = self.record.clone();
        input["orders"] = Value::Array(told);
        let request = Request { verb: self.verb.to_owned(), input, ..Request::default() };
        steps.insert(0, Step { kind: "reaction".to_owned(), request });
        (steps, places)
    }

    /// The id of what an order makes.
    fn fresh(&self, order: &Order, place: usize) -> String {
        let kind = self.engine.registry.named(order.kind);
        let prefix = kind.map_or("", |kind| kind.decl().row.prefix);
        facts::derived(prefix, &[self.rule.id, &self.trigger.event, &place.to_string()])
    }

    /// The time of recording, in a log whose clock is set.
    async fn clock(&self) -> Result<Option<Instant>, Fault> {
        let head = self.log.head().await?;
        let head = head.filter(|head| head.simulated);
        Ok(head.map(|head| head.at.max(self.trigger.at).plus_micros(SIMULATED_STEP_US)))
    }
}

/// The code of a refusal. What is no refusal is ours: the whole run is tried again.
fn refusal(error: CommandError, step: &Step) -> Result<String, Why> {
    match error {
        CommandError::Refused { code, .. } => Ok(code),
        CommandError::NotFound { kind, .. } => Ok(format!("{kind}.not_found")),
        CommandError::AlreadyExists { kind, .. } => Ok(format!("{kind}.already_exists")),
        CommandError::Invalid { errors } => {
            Err(format!("{}.{} {errors:?}", step.kind, step.request.verb).into())
        }
        error => Err(format!("{}.{} {error}", step.kind, step.request.verb).into()),
    }
}

/// How many rules led to an event: one more than led to the run that ordered it, which its
/// transaction begins with. `None` for what came of cutting a chain off.
async fn depth(log: &Log, event: &StoredEvent) -> Result<Option<u32>, Fault> {
    let first = event.header.tx.first;
    if event.header.via != kernel::Via::Reaction || event.header.pos == first {
        return Ok(Some(0));
    }
    let found = log.events(Position(first - 1), Position(first), 1).await?;
    let Some(run) = found.first() else { return Ok(Some(0)) };
    Ok(match run.row.name.as_str() {
        "reaction.cut_off" => None,
        "reaction.ran" => {
            let depth = run.payload["data"]["run"]["depth"].as_u64().unwrap_or_default();
            Some(u32::try_from(depth).unwrap_or(u32::MAX).saturating_add(1))
        }
        _ => Some(0),
    })
}

/// What is done about a chain without end: somebody looks into it.
fn alarm(rule: &Reaction, trigger: &Trigger) -> Order {
    let title = format!("Rules trigger each other without end: {} was cut off", rule.id);
    let due = trigger.in_days(ALARM_DAYS);
    crate::Work::new("investigate", &title, kernel::Role::Am, due)
        .about(&trigger.object)
        .order(trigger)
}
