//! What the stories of certification start from: CertNova with its people, known to the
//! installation, and engagements of its auditors.

use annals::demo::replay::{self, Example, Replayed};
use annals_tests::{Answer, Client, World};
use identity::tenant::{first_administrator, platform};
use identity::token::For;
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;

/// After the window of the stories' engagement has begun.
pub const WITHIN: &str = "2024-08-07T10:00:00Z";
/// The last moment that the stories' engagement shows.
pub const CEILING: &str = "2024-08-04T23:59:59Z";

/// A certification body and the organisation that it audits.
pub struct House<'a> {
    /// The running process.
    pub world: &'a World,
    /// The body.
    pub body: String,
    /// An auditor of the body.
    pub helen: String,
    /// Another auditor of the body.
    pub otto: String,
    /// A decision maker of the body.
    pub miriam: String,
}

/// The accreditation of a body.
pub fn accreditation() -> Value {
    json!({
        "accreditor": "Raad voor Accreditatie", "number": "C 042", "validFrom": "2024-01-01",
        "validUntil": "2039-12-31",
        "scope": ["ISO/IEC 17021-1", "ISO/IEC 42001", "ISO/IEC 42006"],
    })
}

/// A body that the operator registers and accredits.
pub async fn registered(world: &World, name: &str) -> anyhow::Result<String> {
    let operator = operator(world)?;
    let rules = json!({ "ncReplyDays": 60, "majorFixDays": 90, "minorPlanOk": true });
    let input = json!({ "name": name, "rules": rules });
    let body = operator.post("/v1/certification-bodies", &input).await?.created();
    let body = body["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/certification-bodies/{body}/record-accreditation");
    operator.post(&path, &accreditation()).await?.ok();
    Ok(body)
}

/// The operator of the installation.
pub fn operator(world: &World) -> anyhow::Result<Client> {
    world.client(&platform(), first_administrator(&platform()).as_str())
}

impl<'a> House<'a> {
    /// CertNova is registered and accredited; Helen and Otto audit, Miriam decides; all have
    /// declared themselves impartial.
    pub async fn opened(world: &'a World) -> anyhow::Result<Self> {
        let body = registered(world, "CertNova").await?;
        let user = || event_store::store::new_id("usr");
        let house = Self { world, body, helen: user()?, otto: user()?, miriam: user()? };
        for (user, name, role) in [
            (&house.helen, "Helen Okafor", "auditor"),
            (&house.otto, "Otto Brandt", "auditor"),
            (&house.miriam, "Miriam Stein", "decision_maker"),
        ] {
            house.adds(user, name, role).await?;
        }
        Ok(house)
    }

    /// Another body with the same people.
    pub fn of(&self, body: String) -> Self {
        let (helen, otto) = (self.helen.clone(), self.otto.clone());
        Self { world: self.world, body, helen, otto, miriam: self.miriam.clone() }
    }

    /// Helen and Otto under an engagement, inside its window.
    pub fn both(&self, engagement: &str) -> anyhow::Result<(Client, Client)> {
        let otto = self.under(&self.otto, engagement)?.at(WITHIN);
        Ok((self.helen(engagement)?, otto))
    }

    /// The operator gives the body a command.
    pub async fn operates(&self, verb: &str, input: &Value) -> anyhow::Result<Answer> {
        let path = format!("/v1/certification-bodies/{}/{verb}", self.body);
        operator(self.world)?.post(&path, input).await
    }

    /// Somebody joins the body, impartial towards the organisation.
    pub async fn adds(&self, user: &str, name: &str, role: &str) -> anyhow::Result<()> {
        let person = json!({ "user": user, "name": name, "role": role, "competences": [] });
        self.operates("add-person", &person).await?.ok();
        let client = self.world.tenant.to_string();
        let declared = json!({ "user": user, "client": client, "declaredOn": "2024-06-01" });
        self.operates("declare-impartiality", &declared).await?.ok();
        Ok(())
    }

    fn bearing(&self, user: &str, behalf: For<'_>) -> anyhow::Result<Client> {
        let (tenant, hour) = (&self.world.tenant, std::time::Duration::from_secs(3600));
        let token = self.world.app.identity.tokens().mint_for(behalf, tenant, user, hour)?;
        let mut client = self.world.client(tenant, user)?;
        client.authorization = Some(format!("Bearer {token}"));
        Ok(client)
    }

    /// Somebody with the body's rights.
    pub fn for_body(&self, user: &str) -> anyhow::Result<Client> {
        self.bearing(user, For::Body(&self.body))
    }

    /// Somebody under an engagement.
    pub fn under(&self, user: &str, engagement: &str) -> anyhow::Result<Client> {
        self.bearing(user, For::Engagement(engagement))
    }

    /// Helen under an engagement, inside its window.
    pub fn helen(&self, engagement: &str) -> anyhow::Result<Client> {
        Ok(self.under(&self.helen, engagement)?.at(WITHIN))
    }

    /// What an engagement of Helen's for stage 1 asks for, with other values.
    pub fn terms(&self, more: Value) -> Value {
        let mut input = json!({
            "body": self.body, "auditors": [self.helen], "auditKind": "stage1",
            "accredited": true, "window": { "from": "2024-08-05", "to": "2024-08-16" },
            "asOfCeiling": CEILING, "scope": {}, "purpose": "Stage 1.",
        });
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    }

    /// An engagement that the AM has asked for and the TM has granted, with other values.
    pub async fn engaged(&self, more: Value) -> anyhow::Result<String> {
        let desk = Desk::of(self.world, "auditor_engagement");
        let id = desk.make(&self.world.as_(Role::Am), "request", self.terms(more)).await?;
        desk.does(&self.world.as_(Role::Tm), "grant", &id, json!({})).await?;
        Ok(id)
    }

    /// An audit of stage 1 that Helen has planned and begun under an engagement.
    pub async fn audits(&self, engagement: &str) -> anyhow::Result<String> {
        let (desk, helen) =
            (Desk::of(self.world, "certification_audit"), self.for_body(&self.helen)?);
        let plan = json!({
            "auditKind": "stage1", "engagement": engagement, "team": [self.helen],
            "plannedFrom": "2024-08-05", "plannedTo": "2024-08-09", "criteria": ["6.1.3"],
        });
        let id = desk.make(&helen.at("2024-08-05T09:00:00Z"), "plan", plan).await?;
        desk.does(&helen.at("2024-08-05T09:30:00Z"), "start", &id, json!({})).await?;
        Ok(id)
    }
}

/// An interested party of the organisation.
pub async fn party(world: &World, name: &str, at: &str) -> anyhow::Result<String> {
    let input = json!({ "name": name, "kind": "customer" });
    let made = world.as_(Role::Am).at(at).post("/v1/interested-parties", &input).await?.created();
    Ok(made["id"].as_str().unwrap().to_owned())
}

/// A risk to a system.
pub async fn risk(world: &World, title: &str, system: &str) -> anyhow::Result<String> {
    let input = json!({
        "title": title, "description": "Applicants of one group are refused more often.",
        "systems": [system],
    });
    Desk::of(world, "risk").make(&world.as_(Role::Rm), "identify", input).await
}

/// The worked example up to a time, with its certification body.
pub struct Certified<'a> {
    /// The running process.
    pub world: &'a World,
    /// The example.
    pub halden: Replayed,
}

impl<'a> Certified<'a> {
    /// The example up to a time.
    pub async fn until(world: &'a World, time: &str) -> anyhow::Result<Self> {
        let example = Example::halden()?.until(time.parse()?);
        Ok(Self { world, halden: replay::replay(&world.app, example).await? })
    }

    /// The id of a label.
    pub fn id(&self, label: &str) -> &str {
        self.halden.id(label).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The desk of a kind.
    pub fn desk(&self, kind: &str) -> Desk<'a> {
        Desk::within(self.world, &self.halden.tenant, kind)
    }

    /// A member.
    pub fn by(&self, label: &str) -> anyhow::Result<Client> {
        self.world.client(&self.halden.tenant, self.id(label))
    }

    /// A timer.
    pub fn timer(&self) -> anyhow::Result<Client> {
        self.world.client(&self.halden.tenant, "rea_timer")
    }

    /// Somebody by user id on another's behalf.
    pub fn bearing(&self, user: &str, behalf: For<'_>) -> anyhow::Result<Client> {
        let (tenant, hour) = (&self.halden.tenant, std::time::Duration::from_secs(3600));
        let token = self.world.app.identity.tokens().mint_for(behalf, tenant, user, hour)?;
        let mut client = self.world.client(tenant, user)?;
        client.authorization = Some(format!("Bearer {token}"));
        Ok(client)
    }

    /// Somebody of CertNova, with its rights.
    pub fn certnova(&self, label: &str) -> anyhow::Result<Client> {
        self.bearing(self.id(label), For::Body(self.id("CERTNOVA")))
    }

    /// Helen under an engagement.
    pub fn helen_under(&self, engagement: &str) -> anyhow::Result<Client> {
        self.bearing(self.id("helen"), For::Engagement(engagement))
    }

    /// The operator gives CertNova a command.
    pub async fn operates(&self, verb: &str, input: &Value) -> anyhow::Result<()> {
        let path = format!("/v1/certification-bodies/{}/{verb}", self.id("CERTNOVA"));
        operator(self.world)?.post(&path, input).await?.ok();
        Ok(())
    }

    /// An engagement of Helen's that Priya asks for and Ingrid grants.
    pub async fn engaged(&self, kind: &str, from: &str, to: &str) -> anyhow::Result<String> {
        let desk = self.desk("auditor_engagement");
        let request = json!({
            "body": self.id("CERTNOVA"), "auditors": [self.id("helen")], "auditKind": kind,
            "accredited": true, "window": { "from": from, "to": to }, "scope": {},
            "purpose": "An audit.",
        });
        let id = desk.make(&self.by("priya")?, "request", request).await?;
        desk.does(&self.by("ingrid")?, "grant", &id, json!({})).await?;
        Ok(id)
    }

    /// What a plan of Helen's says.
    pub fn plan(&self, kind: &str, engagement: &str, from: &str, to: &str) -> Value {
        json!({
            "auditKind": kind, "engagement": engagement, "team": [self.id("helen")],
            "plannedFrom": from, "plannedTo": to, "criteria": [],
        })
    }

    /// An audit of Helen's that is over on the day on which it begins: planned, begun, concluded,
    /// closed; and its engagement with it.
    pub async fn audited(&self, kind: &str, day: &str, conclusion: &str) -> anyhow::Result<String> {
        let engagement = self.engaged(kind, day, day).await?;
        let (desk, helen) = (self.desk("certification_audit"), self.certnova("helen")?);
        let plan = self.plan(kind, &engagement, day, day);
        let helen = |time: &str| helen.at(&format!("{day}T{time}Z"));
        let id = desk.make(&helen("09:00:00"), "plan", plan).await?;
        desk.does(&helen("09:10:00"), "start", &id, json!({})).await?;
        let report = json!({ "conclusion": conclusion, "reportHash": "ab".repeat(32) });
        desk.does(&helen("16:00:00"), "conclude", &id, report).await?;
        desk.does(&helen("17:00:00"), "close", &id, json!({})).await?;
        let revoke = json!({ "reason": "All was seen." });
        let engagements = self.desk("auditor_engagement");
        engagements.does(&helen("17:10:00"), "revoke", &engagement, revoke).await?;
        Ok(id)
    }
}
