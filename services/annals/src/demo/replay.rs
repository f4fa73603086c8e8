//! Replays an example from data: people, then commands in the order of their times.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use bus::{Request, Who};
use event_store::Log;
use event_store::store::new_id;
use identity::tenant::{first_administrator, platform};
use kernel::id::suffix_of;
use kernel::{Instant, Role, TenantId};
use rules::deadlines::Deadlines;
use serde::Deserialize;
use serde_json::{Value, json};

use super::example::{Example, Expected, Person, Step};
use crate::app::App;

/// What the installation's operator does.
const PLATFORM: &str = include_str!("halden/platform.json");
/// People who are no members: those of the certification body.
const OUTSIDERS: [&str; 2] = ["helen", "miriam"];

/// What the installation's operator does beforehand, in the installation's own log.
#[derive(Debug, Deserialize)]
struct Before {
    #[serde(rename = "do")]
    what: String,
    #[serde(rename = "as")]
    makes: Option<String>,
    on: Option<String>,
    input: Value,
}

/// A replayed example.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its people.
    pub people: Vec<Person>,
    /// Ids by label, also of people (`usr_…`).
    pub ids: HashMap<String, String>,
    /// How many commands were given.
    pub commands: usize,
}

impl Replayed {
    /// The id of a label.
    ///
    /// # Errors
    /// When the example has no such label.
    pub fn id(&self, label: &str) -> anyhow::Result<&str> {
        self.ids.get(label).map(String::as_str).with_context(|| format!("no label {label:?}"))
    }
}

/// Replays Halden Analytics B.V.
///
/// # Errors
/// When a command is refused.
pub async fn halden(app: &App) -> anyhow::Result<Replayed> {
    replay(app, Example::halden()?).await
}

/// Replays an example.
///
/// # Errors
/// When a command is refused.
pub async fn replay(app: &App, example: Example) -> anyhow::Result<Replayed> {
    let Example { people, steps, expected } = example;
    let (first, steps) = steps.split_first().context("an example has steps")?;
    ensure!(first.what == "organisation.provision", "the first step provisions the organisation");
    let tenant = provision(app, first.input.clone(), first.at).await?;
    let log = app.store.log(&tenant);
    let deadlines = app.deadlines();
    let mut replay = Replay { app, log, deadlines, ids: HashMap::new(), commands: 1 };
    if let Some(label) = &first.makes {
        let id = format!("org_{}", suffix_of(tenant.as_str()));
        replay.ids.insert(label.clone(), id);
    }
    replay.take_in(&people, first.at).await?;
    replay.before().await?;
    let mut expected = expected.iter().peekable();
    for step in steps {
        while let Some(happens) = expected.next_if(|happens| happens.at < step.at) {
            replay.expect(happens).await?;
        }
        let named = || format!("row {}, {} at {}", step.row, step.what, step.at);
        replay.deadlines.advance(&replay.log, step.at).await.with_context(named)?;
        replay.step(step).await.with_context(named)?;
    }
    for happens in expected {
        replay.expect(happens).await?;
    }
    replay.nothing_is_parked().await?;
    let Replay { ids, commands, .. } = replay;
    Ok(Replayed { tenant, people, ids, commands })
}

/// Takes the organisation in as the platform's operator, and waits for its log.
async fn provision(app: &App, mut input: Value, from: Instant) -> anyhow::Result<TenantId> {
    input["simulatedFrom"] = json!(from);
    input["administrator"] = json!({ "name": "Tenant administration" });
    let kind = app.registry.named("tenant").context("no kind tenant")?;
    let platform = app.store.log(&platform());
    let operator = first_administrator(platform.tenant());
    let who = app.identity.member(&platform, operator.as_str()).await?;
    let request = Request { verb: "provision".into(), input, ..Request::default() };
    let done = app.registry.dispatch(kind, &platform, &who, request).await?;
    let tenant = TenantId::new(done.id);
    let log = app.store.log(&tenant);
    let administrator = format!("mbr_{}", suffix_of(first_administrator(&tenant).as_str()));
    for _ in 0..500 {
        if log.newest(&administrator).await?.is_some() {
            return Ok(tenant);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bail!("the log of {tenant} was not opened")
}

struct Replay<'a> {
    app: &'a App,
    log: Log,
    deadlines: Deadlines,
    ids: HashMap<String, String>,
    commands: usize,
}

impl Replay<'_> {
    /// Lets time go on, and looks whether that has happened, on its day.
    async fn expect(&self, happens: &Expected) -> anyhow::Result<()> {
        let Expected { row, at, expect, on } = happens;
        self.deadlines.advance(&self.log, *at).await.with_context(|| format!("row {row}"))?;
        let head = self.log.head().await?.context("the log is open")?.position;
        let mut history = Vec::new();
        while let found = self.log.history(&self.id(on)?, history.len() as u64, head, 500).await?
            && !found.is_empty()
        {
            history.extend(found);
        }
        let times = history.iter().filter(|event| event.row.name == *expect);
        let times: Vec<_> = times.map(|event| event.row.at).collect();
        let on_its_day = times.iter().any(|time| time <= at && time.date() == at.date());
        ensure!(on_its_day, "row {row}: {expect} of {on} by {at}; it happened at {times:?}");
        Ok(())
    }

    /// Nothing that came due was refused.
    async fn nothing_is_parked(&self) -> anyhow::Result<()> {
        let mut parked = self.app.store.parked().await?;
        parked.retain(|parked| parked.tenant == *self.log.tenant());
        ensure!(parked.is_empty(), "parked: {parked:#?}");
        Ok(())
    }

    async fn take_in(&mut self, people: &[Person], at: Instant) -> anyhow::Result<()> {
        let administrator = first_administrator(self.log.tenant()).to_string();
        self.ids.insert("administrator".into(), administrator);
        for (n, Person { label, name, email, roles }) in people.iter().enumerate() {
            let user = new_id("usr")?;
            self.ids.insert(label.clone(), user.clone());
            let step = Step {
                row: "people".into(),
                at: at.plus_micros((n as i64 + 1) * 1_000_000),
                by: "administrator".into(),
                role: Role::Adm,
                body: None,
                engagement: None,
                what: "membership.grant".into(),
                makes: Some(format!("membership of {label}")),
                on: None,
                input: json!({ "user": user, "name": name, "email": email, "roles": roles }),
            };
            self.step(&step).await.with_context(|| format!("membership of {name}"))?;
        }
        Ok(())
    }

    async fn step(&mut self, step: &Step) -> anyhow::Result<()> {
        let (kind, verb) = step.what.split_once('.').context("kind.verb")?;
        let kind = self.app.registry.named(kind).with_context(|| format!("no kind {kind}"))?;
        let kind = Arc::clone(kind);
        let id = step.on.as_deref().map(|label| self.id(label)).transpose()?;
        let who = match step.by.as_str() {
            "sys" => Who::system("timer"),
            label => self.who(step, &self.id(label)?).await?,
        };
        let needs_version = kind.decl().command(verb).is_some_and(|command| command.if_match);
        let seen = match &id {
            Some(id) if needs_version => self.log.newest(id).await?.map(|seen| seen.version),
            Some(_) | None => None,
        };
        let request = Request {
            verb: verb.to_owned(),
            id,
            input: self.resolved(&step.input).await?,
            expected: seen,
            clock: Some(step.at),
            ..Request::default()
        };
        let done = self.app.registry.dispatch(&kind, &self.log, &who, request).await;
        let done = done.map_err(explained)?;
        if done.outcome.events.is_empty() {
            bail!("the command changed nothing");
        }
        if let Some(label) = &step.makes {
            self.ids.insert(label.clone(), done.id);
        }
        self.commands += 1;
        Ok(())
    }

    /// A member, or somebody who acts for a certification body or under an engagement.
    async fn who(&self, step: &Step, user: &str) -> anyhow::Result<Who> {
        let (identity, log) = (&self.app.identity, self.log.clone());
        let now = Some(step.at);
        Ok(match (&step.body, &step.engagement) {
            (Some(body), _) => identity.of_body(log, user, &self.id(body)?, now).await?.who,
            (None, Some(under)) => identity.auditor(log, user, &self.id(under)?, now).await?.who,
            (None, None) => identity.member(&log, user).await?,
        })
    }

    /// Sets the certification body up, as the operator of the installation.
    async fn before(&mut self) -> anyhow::Result<()> {
        self.ids.insert("tenant".into(), self.log.tenant().to_string());
        for label in OUTSIDERS {
            self.ids.insert(label.into(), new_id("usr")?);
        }
        let log = self.app.store.log(&platform());
        let operator = first_administrator(log.tenant());
        let who = self.app.identity.member(&log, operator.as_str()).await?;
        for step in serde_json::from_str::<Vec<Before>>(PLATFORM).context("platform.json")? {
            let (kind, verb) = step.what.split_once('.').context("kind.verb")?;
            let kind = self.app.registry.named(kind).with_context(|| format!("no kind {kind}"))?;
            let id = step.on.as_deref().map(|label| self.id(label)).transpose()?;
            let input = self.labels_resolved(&step.input)?;
            let request = Request { verb: verb.to_owned(), id, input, ..Request::default() };
            let done = self.app.registry.dispatch(kind, &log, &who, request).await;
            let done = done.map_err(explained).with_context(|| step.what.clone())?;
            if let Some(label) = step.makes {
                self.ids.insert(label, done.id);
            }
        }
        Ok(())
    }

    fn id(&self, label: &str) -> anyhow::Result<String> {
        self.ids.get(label).cloned().with_context(|| format!("no label {label:?}"))
    }

    /// An input with labels resolved, and with `"@label/field"` as the only key of that field of
    /// the object: where the system has drawn a key, the example cannot know it.
    async fn resolved(&self, input: &Value) -> anyhow::Result<Value> {
        let mut input = self.labels_resolved(input)?;
        for member in input.as_object_mut().into_iter().flat_map(|members| members.values_mut()) {
            let place = member.as_str().and_then(|text| text.strip_prefix('@')?.split_once('/'));
            let Some((label, field)) = place else { continue };
            let id = self.id(label)?;
            let document = self.log.newest(&id).await?.with_context(|| format!("no {label}"))?;
            let mut keys = document.body[field].as_object().into_iter().flatten();
            let only = keys.next().filter(|_| keys.next().is_none());
            *member = json!(only.with_context(|| format!("{label}/{field} has not one key"))?.0);
        }
        Ok(input)
    }

    fn labels_resolved(&self, value: &Value) -> anyhow::Result<Value> {
        Ok(match value {
            Value::String(text) => match text.strip_prefix('@').filter(|t| !t.contains('/')) {
                Some(label) => json!(self.id(label)?),
                None => value.clone(),
            },
            Value::Array(items) => {
                items.iter().map(|item| self.labels_resolved(item)).collect::<Result<_, _>>()?
            }
            Value::Object(members) => {
                let resolved = members.iter().map(|(name, member)| {
                    Ok::<_, anyhow::Error>((name.clone(), self.labels_resolved(member)?))
                });
                Value::Object(resolved.collect::<Result<_, _>>()?)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        })
    }
}

/// With the faults of the input, which the error's text only counts.
fn explained(error: bus::CommandError) -> anyhow::Error {
    match &error {
        bus::CommandError::Invalid { errors } => anyhow!("{error}: {errors:?}"),
        _ => anyhow!(error),
    }
}
