//! What is decided about a system before it runs, in the order in which gates ask for it.

use annals_tests::World;
use kernel::Role;
use serde_json::{Value, json};

use super::concerns::channel;
use super::world::{Life, Thing, V1, hash, make};

/// The checks of the standard policy at the gate into a stage.
pub fn checks(into: &str) -> &'static [&'static str] {
    match into {
        "verification_and_validation" => &["g1", "g5", "g6", "g7", "g9"],
        "deployment" => &[
            "g1",
            "g2",
            "g3",
            "g4",
            "g5",
            "g7",
            "g8",
            "g8_preregistration",
            "g10",
            "g11",
            "g12",
            "g13",
            "g14",
            "g16",
        ],
        "operation_and_monitoring" => &["g1", "g15"],
        "retirement" => &["g17"],
        _ => &["g1"],
    }
}

/// Answers to these checks, all of them good.
pub fn answers(codes: &[&str]) -> Value {
    let answer = |code: &&str| json!({ "check": code, "result": "pass", "because": "Looked at." });
    json!({ "checks": codes.iter().map(answer).collect::<Vec<_>>() })
}

impl Life<'_> {
    /// A gate into a stage is asked for.
    pub async fn asks(&self, into: &str) -> anyhow::Result<Thing> {
        let input = json!({ "systemVersion": V1, "to": into });
        self.makes(&self.by(Role::So), "stage_gate", &input).await
    }

    /// A gate into a stage is asked for, met, and passed.
    pub async fn passes(&self, into: &str) -> anyhow::Result<Thing> {
        let gate = self.asks(into).await?;
        let sys = self.by(Role::Sys);
        gate.then(&sys, "evaluate", &answers(checks(into))).await?;
        gate.then(&self.by(Role::Rel), "approve", &json!({})).await?;
        if matches!(into, "deployment" | "operation_and_monitoring" | "retirement") {
            gate.then(&self.by(Role::Ro), "approve", &json!({})).await?;
        }
        Ok(gate)
    }

    /// The version enters a stage through a gate of its own.
    pub async fn enters(&self, stage: &str) -> anyhow::Result<Thing> {
        let gate = self.passes(stage).await?;
        let input = json!({ "systemVersion": V1, "stage": stage, "gate": gate.id });
        self.system.then(&self.by(Role::So), "enter-stage", &input).await?;
        Ok(gate)
    }

    /// An approved design of the version.
    pub async fn designed(&self) -> anyhow::Result<Thing> {
        let input = json!({
            "systemVersion": V1, "architecture": "Gradient boosted trees.",
            "approach": "Supervised learning.", "security": "Signed artefacts.",
            "knownLimits": ["Thin files"],
        });
        let design = self.makes(&self.by(Role::Dev), "design_record", &input).await?;
        self.approved(&design, Role::Dev, Role::So).await?;
        Ok(design)
    }

    /// The system has a class in law, which another person has confirmed.
    pub async fn classified(&self, class: &str, point: Option<&str>) -> anyhow::Result<Thing> {
        let mut input = json!({
            "regime": "eu_ai_act", "class": class, "role": "provider", "rationale": "Annex III.",
        });
        if let Some(point) = point {
            input["point"] = json!(point);
        }
        let by = self.by(Role::Rm);
        let classification = self.makes(&by, "regulatory_classification", &input).await?;
        classification.then(&self.by(Role::Dpo), "confirm", &json!({})).await?;
        Ok(classification)
    }

    /// An approved impact assessment that covers these uses.
    pub async fn assessed(&self, uses: &[&str]) -> anyhow::Result<Thing> {
        let input = json!({
            "purpose": "Scores applications.", "scope": "Consumer credit.", "intendedUses": uses,
            "foreseeableMisuse": ["Setting insurance premiums"], "personalData": false,
            "sensitiveUse": false, "oversight": "A clerk decides.", "dataSummary": "Bureau data.",
            "systemVersion": V1,
            "context": { "sector": "Finance", "population": "Loan applicants" },
        });
        let ia = self.by(Role::Ia);
        let assessment = self.makes(&ia, "impact_assessment", &input).await?;
        for subject in ["individual", "group", "society"] {
            let none = json!({ "subject": subject, "reason": "Looked for, none found." });
            assessment.then(&ia, "state-none", &none).await?;
        }
        assessment.then(&ia, "submit", &json!({})).await?;
        assessment.then(&self.by(Role::Iap), "approve", &json!({})).await?;
        Ok(assessment)
    }

    /// A monitor of one metric: mean AUC of a day, at least ten observations.
    pub async fn watched(&self) -> anyhow::Result<Thing> {
        let metric = json!({
            "name": "AUC", "metricKind": "performance", "aggregate": "mean",
            "direction": "higher_is_better", "window": { "amount": 1, "unit": "days" },
            "warn": "0.78", "breach": "0.75", "critical": "0.70", "minN": 10,
        });
        let input = json!({ "name": "Operation", "metrics": { "auc": metric } });
        self.makes(&self.by(Role::So), "monitor", &input).await
    }

    /// A competence profile of its own that the operator meets until a day, at this level.
    pub async fn overseer(&self, level: &str, until: Option<&str>) -> anyhow::Result<Thing> {
        let (am, name) = (self.by(Role::Am), event_store::store::new_id("cpr")?);
        let demanded =
            json!({ "title": "Stopping the system", "level": "skilled", "regulated": false });
        let profile =
            json!({ "role": format!("Overseer {name}"), "required": { (&name): demanded } });
        let (profile, _) = make(self.world, &am, "competence_profile", &profile).await?;
        // The same bytes are registered once: each record has its own.
        let digest: String =
            name.bytes().rev().take(32).map(|byte| format!("{byte:02x}")).collect();
        let evidence = json!({
            "classification": "internal", "filename": "course.pdf", "size": 39,
            "mediaType": "application/pdf", "sha256": format!("{digest:0<64}"), "source": "upload",
        });
        let (evidence, _) = make(self.world, &self.by(Role::Emp), "evidence", &evidence).await?;
        let mut record = json!({
            "person": self.by(Role::Ops).user, "basis": "experience", "course": "Credit operations",
            "competences": { (&name): { "level": level } }, "completedOn": "2024-01-31",
            "evidence": [evidence.id],
        });
        if let Some(until) = until {
            record["validUntil"] = json!(until);
        }
        am.post("/v1/training-records/record-competence", &record).await?.created();
        Ok(profile)
    }

    /// A draft of the intended use that an assessment of "Consumer credit" covers.
    pub async fn use_of(&self) -> anyhow::Result<Value> {
        let profile = self.overseer("skilled", None).await?;
        Ok(json!({
            "intendedPurpose": "To help clerks decide.", "intendedUses": ["Consumer credit"],
            "allowedUsers": ["Trained clerks"], "prohibitedUses": ["Mortgages"],
            "instructionsHash": hash('1'), "languages": ["nl", "en"],
            "oversight": { "clerk": {
                "who": self.by(Role::Ops).user, "competence": profile.id,
                "stopAbility": true, "reviewShare": "12.5",
            } },
        }))
    }

    /// What the system logs of its operation, switched on.
    pub async fn logged(&self) -> anyhow::Result<Thing> {
        let policy = json!({
            "stagesOn": ["operation_and_monitoring"], "fields": ["input", "output", "clerk"],
            "integrity": "hash_chain", "retentionMonths": 12, "sink": "logs.example",
        });
        let log = self.makes(&self.by(Role::So), "event_log_policy", &policy).await?;
        log.then(&self.by(Role::Ops), "activate", &json!({})).await?;
        Ok(log)
    }

    /// A published intended use; consumer credit must have been assessed.
    pub async fn published(&self) -> anyhow::Result<Thing> {
        let so = self.by(Role::So);
        let draft = self.use_of().await?;
        let intended = self.makes(&so, "intended_use", &draft).await?;
        self.approved(&intended, Role::So, Role::Ro).await?;
        intended.then(&so, "publish", &json!({})).await?;
        Ok(intended)
    }

    /// A plan to deploy the version on 2024-10-10.
    pub fn plan(&self) -> Value {
        json!({
            "systemVersion": V1, "targetEnv": "Production", "steps": ["Roll out"],
            "rollback": ["Roll back"], "monitoringReady": true, "userInfoReady": true,
            "window": { "from": "2024-10-10T06:00:00Z", "to": "2024-10-10T18:00:00Z" },
        })
    }

    /// Everything up to the gate into deployment; the version is not yet deployed.
    pub async fn ready(&self) -> anyhow::Result<()> {
        self.assessed(&["Consumer credit"]).await?;
        for stage in ["design_and_development", "verification_and_validation", "deployment"] {
            let done = self.system.now(&self.by(Role::So)).await?;
            if done["versions"][V1]["stage"] == stage {
                continue;
            }
            if stage == "verification_and_validation" {
                self.designed().await?;
            }
            self.enters(stage).await?;
        }
        Ok(())
    }

    /// The version is deployed on 2024-10-10, by a plan that is carried out; the plan.
    pub async fn deployed(&self) -> anyhow::Result<Thing> {
        self.ready().await?;
        self.published().await?;
        self.watched().await?;
        self.logged().await?;
        let plan = self.makes(&self.by(Role::Rel), "deployment_plan", &self.plan()).await?;
        self.approved(&plan, Role::Rel, Role::So).await?;
        self.day("2024-10-10T09:00:00Z");
        plan.then(&self.by(Role::Rel), "execute", &json!({})).await?;
        let deploy = json!({ "systemVersion": V1 });
        self.system.then(&self.by(Role::Rel), "deploy", &deploy).await?;
        Ok(plan)
    }
}

/// At least one object of each kind of the life cycle.
pub async fn one_of_each(world: &World) -> anyhow::Result<()> {
    let life = Life::begun(world).await?;
    let item = json!({
        "requirementKind": "legal", "text": "Explain.", "source": "Law", "priority": "must",
    });
    let set = json!({ "items": { "law": item } });
    life.makes(&life.by(Role::So), "requirement_set", &set).await?;
    let document = json!({ "title": "Handbook", "hash": hash('a') });
    let documents = json!({ "systemVersion": V1, "audiences": { "user": document } });
    life.makes(&life.by(Role::Dev), "technical_documentation", &documents).await?;
    let criterion = json!({
        "metric": "auc", "must": true, "threshold": { "comparison": "at_least", "value": "0.8" },
    });
    let plan = json!({ "systemVersion": V1, "criteria": { "auc": criterion } });
    life.makes(&life.by(Role::Val), "verification_record", &plan).await?;
    let change = json!({
        "title": "Another prompt", "changeKind": "prompt", "class": "minor", "reason": "x",
        "impact": { "aisiaNeeded": false, "revalidationNeeded": false },
    });
    life.makes(&life.by(Role::So), "change_request", &change).await?;
    let resource = json!({ "name": "A cluster", "resourceKind": "compute" });
    make(world, &life.by(Role::So), "resource", &resource).await?;
    make(world, &life.by(Role::Ds), "dataset", &json!({ "name": "Applications" })).await?;
    make(world, &life.by(Role::Tm), "gate_policy", &json!({ "policyVersion": "1.0" })).await?;
    let incident = json!({
        "title": "Slow answers", "description": "x", "awareAt": "2024-09-02T08:00:00Z",
        "category": "malfunction", "severity": "minor",
    });
    let incident = life.makes(&life.by(Role::Emp), "incident", &incident).await?;
    let report = json!({
        "incident": incident.id, "recipient": "Authority", "reportKind": "initial",
    });
    life.by(Role::Sys).post("/v1/external-reports", &report).await?.created();
    let channel = channel(world, "internal").await?;
    let concern = json!({ "channel": channel.id, "text": "Something.", "anonymous": false });
    make(world, &life.by(Role::Emp), "concern", &concern).await?;
    life.deployed().await?;
    Ok(())
}
