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
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;

const PEOPLE: &str = include_str!("halden/people.json");
/// What the installation's operator does.
const PLATFORM: &str = include_str!("halden/platform.json");
/// People who are no members: those of the certification body.
const OUTSIDERS: [&str; 2] = ["helen", "miriam"];
/// What the people do, in a file for each service.
const STEPS: [(&str, &str); 7] = [
    ("governance.json", include_str!("halden/governance.json")),
    ("risk.json", include_str!("halden/risk.json")),
    ("lifecycle.json", include_str!("halden/lifecycle.json")),
    ("suppliers.json", include_str!("halden/suppliers.json")),
    ("support.json", include_str!("halden/support.json")),
    ("assurance.json", include_str!("halden/assurance.json")),
    ("certification.json", include_str!("halden/certification.json")),
];

/// An example as its files give it.
#[derive(Clone, Debug)]
pub struct Example {
    /// Who acts.
    pub people: Vec<Person>,
    /// What they do, in the order of their times.
    pub steps: Vec<Step>,
}

/// Somebody who acts.
#[derive(Clone, Debug, Deserialize)]
pub struct Person {
    /// Short name in the file.
    pub label: String,
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Roles.
    pub roles: Vec<String>,
}

/// One command.
#[derive(Clone, Debug, Deserialize)]
pub struct Step {
    /// Row of the example's table.
    pub row: String,
    /// The simulated time.
    pub at: Instant,
    /// Label of the person, or `sys`.
    pub by: String,
    /// The role in which that is done.
    pub role: Role,
    /// Label of the certification body for which that is done.
    #[serde(rename = "for")]
    pub body: Option<String>,
    /// Label of the auditor engagement under which that is done.
    #[serde(rename = "under")]
    pub engagement: Option<String>,
    /// Kind and verb, `scope.approve`.
    #[serde(rename = "do")]
    pub what: String,
    /// Label of the object that the command makes.
    #[serde(rename = "as")]
    pub makes: Option<String>,
    /// Label of the object that decides.
    pub on: Option<String>,
    /// Its input; `"@label"` stands for the id of that label.
    #[serde(default)]
    pub input: Value,
}

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

impl Example {
    /// Halden Analytics B.V.: the files of the services, merged by time.
    ///
    /// # Errors
    /// When a file cannot be read, or two commands have the same time.
    pub fn halden() -> anyhow::Result<Self> {
        let people = serde_json::from_str(PEOPLE).context("people.json")?;
        let mut steps: Vec<Step> = Vec::new();
        for (name, text) in STEPS {
            steps.extend(serde_json::from_str::<Vec<Step>>(text).context(name)?);
        }
        steps.sort_by_key(|step| step.at);
        for (one, next) in steps.iter().zip(steps.iter().skip(1)) {
            ensure!(one.at < next.at, "{} and {} are both at {}", one.what, next.what, one.at);
        }
        Ok(Self { people, steps })
    }

    /// The same up to a time, that included.
    #[must_use]
    pub fn until(mut self, time: Instant) -> Self {
        self.steps.retain(|step| step.at <= time);
        self
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
    let Example { people, steps } = example;
    let (first, steps) = steps.split_first().context("an example has steps")?;
    ensure!(first.what == "organisation.provision", "the first step provisions the organisation");
    let tenant = provision(app, first.input.clone(), first.at).await?;
    let log = app.store.log(&tenant);
    let mut replay = Replay { app, log, ids: HashMap::new(), commands: 1 };
    if let Some(label) = &first.makes {
        let id = format!("org_{}", suffix_of(tenant.as_str()));
        replay.ids.insert(label.clone(), id);
    }
    replay.take_in(&people, first.at).await?;
    replay.before().await?;
    for step in steps {
        let named = || format!("row {}, {} at {}", step.row, step.what, step.at);
        replay.step(step).await.with_context(named)?;
    }
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
    ids: HashMap<String, String>,
    commands: usize,
}

impl Replay<'_> {
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
            input: self.labels_resolved(&step.input)?,
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

    fn labels_resolved(&self, value: &Value) -> anyhow::Result<Value> {
        Ok(match value {
            Value::String(text) => match text.strip_prefix('@') {
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
