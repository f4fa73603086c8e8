//! What a gate asks for, made as far as it is not there yet.

use kernel::Role;
use serde_json::{Value, json};

use super::world::{Life, V1, hash, make};

impl Life<'_> {
    /// Everything is there that the gate into a stage asks for.
    pub async fn meets(&self, into: &str) -> anyhow::Result<()> {
        if into == "retirement" {
            return self.ends().await;
        }
        if self.lacks("class") {
            self.classified("minimal", None).await?;
        }
        match into {
            "verification_and_validation" => self.can_be_verified().await,
            "deployment" => self.can_be_deployed().await,
            _ => Ok(()),
        }
    }

    /// It is planned how the life of the system ends, and its users were told.
    async fn ends(&self) -> anyhow::Result<()> {
        if self.lacks("end") {
            let plan = json!({
                "dataDisposition": "Deleted.", "modelDisposition": "Archived.",
                "userNotice": "By letter.", "usersToldOn": "2024-09-01",
                "logsKeptUntil": "2026-01-01",
            });
            self.system.then(&self.by(Role::So), "plan-retirement", &plan).await?;
        }
        Ok(())
    }

    async fn can_be_verified(&self) -> anyhow::Result<()> {
        if self.lacks("requirements") {
            let item = |kind: &str| {
                json!({
                    "requirementKind": kind, "text": "As the policy says.", "source": "Policy",
                    "priority": "must", "metric": kind,
                    "threshold": { "comparison": "at_least", "value": "0.80" },
                })
            };
            let items = json!({
                "fair": item("fairness"), "watch": item("oversight"), "law": item("legal"),
            });
            let by = self.by(Role::So);
            let set = self.makes(&by, "requirement_set", &json!({ "items": items })).await?;
            self.approved(&set, Role::So, Role::Ro).await?;
        }
        let is_bought = self.system.now(&self.by(Role::So)).await?["origin"] == "bought";
        if !is_bought && self.lacks("design") {
            self.designed().await?;
        }
        Ok(())
    }

    async fn can_be_deployed(&self) -> anyhow::Result<()> {
        if self.lacks("impact") {
            self.assessed(&["Consumer credit"]).await?;
        }
        if self.lacks("documents") {
            self.documented().await?;
        }
        if self.lacks("verification") {
            self.verified().await?;
        }
        if self.lacks("use") {
            self.published().await?;
        }
        if self.lacks("watch") {
            self.watched().await?;
        }
        if self.lacks("log") {
            self.logged().await?;
        }
        if self.lacks("plan") {
            self.planned().await?;
        }
        if self.lacks("answers") {
            self.answered_for().await?;
        }
        Ok(())
    }

    /// Approved documentation of the version, with all that Annex IV asks for.
    async fn documented(&self) -> anyhow::Result<()> {
        let document = json!({ "title": "Handbook", "hash": hash('a') });
        let point = |n: u32| (n.to_string(), json!({ "reference": format!("Part {n}") }));
        let map: serde_json::Map<String, Value> = (1..=9).map(point).collect();
        let input = json!({
            "systemVersion": V1, "audiences": { "user": document }, "annexIvMap": map,
        });
        let documents = self.makes(&self.by(Role::Dev), "technical_documentation", &input).await?;
        self.approved(&documents, Role::Dev, Role::So).await
    }

    /// The version was verified, by criteria that stood before, and passed.
    async fn verified(&self) -> anyhow::Result<()> {
        let criterion = json!({
            "metric": "auc", "must": true,
            "threshold": { "comparison": "at_least", "value": "0.8" },
        });
        let plan = json!({ "systemVersion": V1, "criteria": { "auc": criterion } });
        let val = self.by(Role::Val);
        let record = self.makes(&val, "verification_record", &plan).await?;
        let run = json!({ "closes": true, "run": {
            "environment": "Staging", "startedAt": self.time(), "reportHash": hash('7'),
            "results": [{ "criterion": "auc", "value": "0.9" }],
        } });
        record.then(&val, "complete-run", &run).await?;
        Ok(())
    }

    /// Somebody answers for the management system.
    async fn answered_for(&self) -> anyhow::Result<()> {
        let (am, tm) = (self.by(Role::Am), self.by(Role::Tm));
        let post = json!({
            "process": "AI management system", "role": "AIMS manager", "aimsRole": "AM",
            "responsibility": "accountable", "isKey": true, "holder": am.user,
            "validFrom": "2024-09-01",
        });
        let (post, _) = make(self.world, &am, "role_assignment", &post).await?;
        post.then(&tm, "assign", &json!({})).await?;
        Ok(())
    }
}
