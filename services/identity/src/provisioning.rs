//! Opens a tenant's log when the platform has taken the organisation in: the organisation's first
//! event and its first administrator. Idempotent, so that it may be begun again after a crash.

use std::sync::Arc;

use async_trait::async_trait;
use bus::{CommandError, Registry, Request, Who};
use event_store::log::StoredEvent;
use event_store::subscribe::{Subscriber, Why};
use event_store::{Fault, Log, Store};
use kernel::values::SEALED;
use kernel::{Instant, TenantId};
use serde_json::{Value, json};

use crate::tenant::{PLATFORM, first_administrator, platform};

/// Follows the platform's log.
pub struct Provisioner {
    /// The store.
    pub store: Arc<Store>,
    /// The kinds.
    pub registry: Arc<Registry>,
}

#[async_trait]
impl Subscriber for Provisioner {
    fn name(&self) -> &'static str {
        "provisioner"
    }

    async fn handle(&self, tenant: &TenantId, event: &StoredEvent) -> Result<(), Why> {
        if tenant.as_str() != PLATFORM || event.row.name != "tenant.provisioned" {
            return Ok(());
        }
        self.open(event).await
    }
}

impl Provisioner {
    async fn open(&self, event: &StoredEvent) -> Result<(), Why> {
        let data = &event.payload["data"];
        let tenant = TenantId::new(event.row.stream.clone());
        let clock = data["simulatedFrom"].as_str().map(str::parse::<Instant>).transpose()?;
        self.store.open_log(&tenant, clock.is_some()).await?;
        let organisation = json!({
            "legalName": data["legalName"],
            "jurisdictions": data.get("jurisdictions").cloned().unwrap_or(json!([])),
            "dataRegion": data["dataRegion"],
        });
        let log = self.store.log(&tenant);
        let cause = Some(event.header.id.clone());
        self.command(&log, "organisation", "provision", organisation, clock, cause.clone()).await?;
        let mut member = json!({ "user": first_administrator(&tenant), "roles": ["ADM"] });
        for name in ["name", "email"] {
            if let Some(text) = self.text(&data["administrator"][name]).await? {
                member[name] = text;
            }
        }
        self.command(&log, "membership", "grant", member, clock, cause).await
    }

    /// Opens a sealed text of the platform's log; `None` when it is absent or erased.
    async fn text(&self, value: &Value) -> Result<Option<Value>, Fault> {
        let Some(hash) = value[SEALED].as_str() else { return Ok(None) };
        let hash = hash.to_owned();
        let mut texts = self.store.log(&platform()).open_texts(std::slice::from_ref(&hash)).await?;
        Ok(texts.remove(&hash).map(|text| json!(&*text)))
    }

    async fn command(
        &self,
        log: &Log,
        kind: &str,
        verb: &str,
        input: Value,
        clock: Option<Instant>,
        cause: Option<String>,
    ) -> Result<(), Why> {
        let kind = self.registry.named(kind).ok_or_else(|| format!("no kind {kind}"))?;
        let request = Request { verb: verb.to_owned(), input, clock, cause, ..Request::default() };
        match self.registry.dispatch(kind, log, &Who::system("provisioner"), request).await {
            Ok(_) | Err(CommandError::AlreadyExists { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Opens the platform's log with its first operator, unless it is open.
///
/// # Errors
/// When the database fails.
pub async fn open_platform(store: &Arc<Store>, registry: &Registry) -> Result<(), Why> {
    let platform = platform();
    store.open_log(&platform, false).await?;
    let kind = registry.named("membership").ok_or("no kind membership")?;
    let input = json!({
        "user": first_administrator(&platform), "name": "Operator", "roles": ["ADM"]
    });
    let request = Request { verb: "grant".into(), input, ..Request::default() };
    let log = store.log(&platform);
    match registry.dispatch(kind, &log, &Who::system("provisioner"), request).await {
        Ok(_) | Err(CommandError::AlreadyExists { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
