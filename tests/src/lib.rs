//! The harness of the whole-system tests: a running Annals of one's own, and people who use it.

#![allow(clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use annals::app::{App, Running};
use annals::settings::Settings;
use anyhow::Context;
use identity::tenant::{first_administrator, platform};
use kernel::id::suffix_of;
use kernel::{Role, TenantId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::{Connection, Executor};

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one.
    Sqlite,
    /// PostgreSQL, as `tests/with-postgres` starts it.
    Postgres,
}

/// A running Annals with two tenants and a member for each role.
pub struct World {
    /// The process.
    pub app: App,
    /// The tenant whose story is told.
    pub tenant: TenantId,
    /// Another one.
    pub stranger: TenantId,
    http: reqwest::Client,
    running: Running,
    people: HashMap<(TenantId, Role), String>,
    folder: tempfile::TempDir,
}

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    /// What stands in `Authorization`.
    pub authorization: Option<String>,
    /// The person's id.
    pub user: String,
    headers: Vec<(String, String)>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers by lower-case name.
    pub headers: HashMap<String, String>,
    /// Body as text.
    pub text: String,
    /// Body as JSON; null when it is none.
    pub json: Value,
}

/// An empty database of one's own.
///
/// # Errors
/// When the server cannot be reached.
pub async fn database(engine: Engine, folder: &std::path::Path) -> anyhow::Result<Settings> {
    let mut settings = Settings {
        data: folder.to_owned(),
        listen: "127.0.0.1:0".into(),
        workers: 1,
        database_connections: 4,
        ..Settings::default()
    };
    if engine == Engine::Postgres {
        let server = std::env::var("TEST_POSTGRES_URL")
            .context("TEST_POSTGRES_URL is not set: run tests/run or tests/with-postgres …")?;
        let mut id = event_store::store::new_id("annals_test")?;
        id.truncate(60);
        let mut connection = sqlx::PgConnection::connect(&server).await?;
        connection.execute(sqlx::AssertSqlSafe(format!("create database {id}"))).await?;
        let (base, _) = server.rsplit_once('/').context("a URL with a database")?;
        settings.database_url = Some(format!("{base}/{id}"));
    }
    Ok(settings)
}

impl World {
    /// Starts one. The tenants' clocks are simulated and begin on 2024-07-01.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(engine: Engine) -> anyhow::Result<Self> {
        Self::start_with(engine, |_| ()).await
    }

    /// The same with other settings.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_with(engine: Engine, set: impl Fn(&mut Settings)) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut settings = database(engine, folder.path()).await?;
        // All people of a story call from one address.
        settings.public_per_minute = NonZeroU32::MAX;
        set(&mut settings);
        let app = App::open(settings).await?;
        app.follow();
        let running = app.serve()?;
        let mut world = Self {
            tenant: platform(),
            stranger: platform(),
            http: reqwest::Client::new(),
            running,
            people: HashMap::new(),
            app,
            folder,
        };
        world.tenant = world.provision("Halden Analytics B.V.").await?;
        world.stranger = world.provision("Somebody Else Ltd").await?;
        Ok(world)
    }

    async fn provision(&mut self, name: &str) -> anyhow::Result<TenantId> {
        let operator = self.client(&platform(), first_administrator(&platform()).as_str())?;
        let input = json!({
            "legalName": name, "jurisdictions": ["NL"], "dataRegion": "eu",
            "simulatedFrom": "2024-07-01T00:00:00Z",
            "administrator": { "name": "Ada Admin", "email": "ada@example.org" },
        });
        let answer = operator.post("/v1/tenants", &input).await?.created();
        let tenant = TenantId::new(answer["id"].as_str().context("id")?);
        let administrator = self.client(&tenant, first_administrator(&tenant).as_str())?;
        for attempt in 0.. {
            if administrator.get("/v1/me").await?.status.is_success() {
                break;
            }
            anyhow::ensure!(attempt < 1000, "the tenant's log was not opened");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let administrator = administrator.at("2024-07-01T08:00:00Z");
        self.people.insert((tenant.clone(), Role::Adm), administrator.user.clone());
        for role in Role::MEMBERS.iter().copied().filter(|r| *r != Role::Adm) {
            let user = event_store::store::new_id("usr")?;
            let roles = if role == Role::Emp { vec![] } else { vec![role.code()] };
            let input =
                json!({ "user": user, "name": format!("The {}", role.code()), "roles": roles });
            administrator.post("/v1/memberships", &input).await?.created();
            self.people.insert((tenant.clone(), role), user);
        }
        Ok(tenant)
    }

    /// Where the server listens.
    pub fn base(&self) -> String {
        format!("http://{}", self.running.address)
    }

    /// A member's or machine's client, by id.
    ///
    /// # Errors
    /// When no token can be made.
    pub fn client(&self, tenant: &TenantId, user: &str) -> anyhow::Result<Client> {
        let token = self.app.identity.tokens().mint(tenant, user, Duration::from_secs(3600))?;
        Ok(Client {
            http: self.http.clone(),
            base: self.base(),
            authorization: Some(format!("Bearer {token}")),
            user: user.to_owned(),
            headers: Vec::new(),
        })
    }

    /// The member who holds this role, in the tenant of the story.
    pub fn as_(&self, role: Role) -> Client {
        self.of(&self.tenant, role)
    }

    /// The member who holds this role in the other tenant.
    pub fn stranger_as(&self, role: Role) -> Client {
        self.of(&self.stranger, role)
    }

    fn of(&self, tenant: &TenantId, role: Role) -> Client {
        let user = match role {
            Role::Sys => "rea_timer",
            role => &self.people[&(tenant.clone(), role)],
        };
        self.client(tenant, user).unwrap_or_else(|error| panic!("token: {error}"))
    }

    /// Somebody without a token.
    pub fn nobody(&self) -> Client {
        Client {
            http: self.http.clone(),
            base: self.base(),
            authorization: None,
            user: String::new(),
            headers: Vec::new(),
        }
    }

    /// The id of a member's membership.
    pub fn membership(&self, role: Role) -> String {
        format!("mbr_{}", suffix_of(&self.people[&(self.tenant.clone(), role)]))
    }

    /// Stops it.
    pub async fn stop(self) {
        self.running.handle.stop(false).await;
    }

    /// Stops it and keeps its database: how to open that, and the folder, which goes with its
    /// handle.
    /// What runs beside the server lets go of the database when the runtime ends.
    pub async fn leave(self) -> (Settings, tempfile::TempDir) {
        self.running.handle.stop(false).await;
        (self.app.settings.clone(), self.folder)
    }

    /// The kinds that it serves.
    pub fn registry(&self) -> &Arc<bus::Registry> {
        &self.app.registry
    }
}

impl Client {
    /// The same person at a simulated time.
    #[must_use]
    pub fn at(&self, time: &str) -> Self {
        self.with("Annals-Clock", time)
    }

    /// The same person with a header more.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.retain(|(known, _)| known != name);
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// Whether a header of this name is sent.
    pub fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| known == name)
    }

    /// Sends a request with any body.
    ///
    /// # Errors
    /// When nothing comes back.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, Vec<u8>)>,
    ) -> anyhow::Result<Answer> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some((media_type, body)) = body {
            request = request.header("Content-Type", media_type).body(body);
        }
        let response = request.send().await?;
        let status = response.status();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()));
        let headers = headers.collect();
        let text = response.text().await?;
        let json = serde_json::from_str(&text).unwrap_or_default();
        Ok(Answer { status, headers, text, json })
    }

    /// POSTs JSON.
    ///
    /// # Errors
    /// When nothing comes back.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.send(Method::POST, path, Some(("application/json", body.to_string().into()))).await
    }

    /// POSTs JSON naming the version that was seen.
    ///
    /// # Errors
    /// When nothing comes back.
    pub async fn post_seen(&self, path: &str, seen: u64, body: &Value) -> anyhow::Result<Answer> {
        self.with("If-Match", &format!("\"{seen}\"")).post(path, body).await
    }

    /// GETs.
    ///
    /// # Errors
    /// When nothing comes back.
    pub async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(Method::GET, path, None).await
    }

    /// Asks a GraphQL question.
    ///
    /// # Errors
    /// When nothing comes back.
    pub async fn graphql(&self, query: &str, variables: Value) -> anyhow::Result<Answer> {
        self.post("/graphql", &json!({ "query": query, "variables": variables })).await
    }
}

impl Answer {
    /// The body of a 200.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        self.json
    }

    /// The body of a 201.
    #[track_caller]
    pub fn created(self) -> Value {
        assert_eq!(self.status, StatusCode::CREATED, "{}", self.text);
        self.json
    }

    /// The data of a GraphQL answer without errors.
    #[track_caller]
    pub fn data(self) -> Value {
        assert_eq!(self.json.get("errors"), None, "{}", self.text);
        self.ok()["data"].take()
    }

    /// The problem of a refusal with this status and code.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json", "{}", self.text);
        assert_eq!(self.json["code"], code, "{}", self.text);
        assert!(self.json["requestId"].is_string(), "{}", self.text);
        self.json
    }
}

/// Tells a story on both engines; with settings of its own where it gives a function that sets
/// them.
#[macro_export]
macro_rules! story {
    ($(#[$meta:meta])* $name:ident, $world:ident => $body:block) => {
        $crate::story!($(#[$meta])* $name, $world, |_| () => $body);
    };
    ($(#[$meta:meta])* $name:ident, $world:ident, $set:expr => $body:block) => {
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn story($world: $crate::World) -> anyhow::Result<()> {
                $body
                $world.stop().await;
                Ok(())
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() -> anyhow::Result<()> {
                story($crate::World::start_with($crate::Engine::Sqlite, $set).await?).await
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() -> anyhow::Result<()> {
                story($crate::World::start_with($crate::Engine::Postgres, $set).await?).await
            }
        }
    };
}
