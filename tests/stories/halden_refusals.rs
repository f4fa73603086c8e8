//! What the worked example must refuse (domain model, 7.2): each command is given over HTTP at the
//! end of the example, or at the moment at which it would have mattered.

use annals::demo::replay::{self, Example, Replayed};
use annals_tests::{Client, World, story};
use serde_json::{Value, json};

/// After the example's last step.
const AFTER: &str = "2025-12-23T09:00:00Z";

/// The example up to a time, with everything of its world that a fixture needs.
struct Halden<'a> {
    world: &'a World,
    replayed: Replayed,
}

impl<'a> Halden<'a> {
    async fn until(world: &'a World, time: &str) -> anyhow::Result<Self> {
        let example = Example::halden()?.until(time.parse()?);
        Ok(Self { world, replayed: replay::replay(&world.app, example).await? })
    }

    fn id(&self, label: &str) -> &str {
        self.replayed.id(label).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Somebody at a simulated time.
    fn by(&self, label: &str, time: &str) -> anyhow::Result<Client> {
        Ok(self.world.client(&self.replayed.tenant, self.id(label))?.at(time))
    }

    /// The tenant's administrator gives somebody these roles, and no others.
    async fn give_roles(&self, label: &str, roles: &[&str], time: &str) -> anyhow::Result<()> {
        let membership = self.id(&format!("membership of {label}"));
        let path = format!("/v1/memberships/{membership}/change-roles");
        let administrator = self.by("administrator", time)?;
        administrator.post(&path, &json!({ "roles": roles })).await?.ok();
        Ok(())
    }

    async fn body(&self, plural: &str, label: &str) -> anyhow::Result<Value> {
        let reader = self.by("rui", AFTER)?;
        Ok(reader.get(&format!("/v1/{plural}/{}", self.id(label))).await?.ok())
    }

    /// The version that somebody who read the object just now has seen.
    async fn version(&self, plural: &str, label: &str) -> anyhow::Result<u64> {
        Ok(self.body(plural, label).await?["version"].as_u64().unwrap_or_default())
    }
}

story!(tomas_does_not_accept_the_risk_that_he_assessed, world => {
    let halden = Halden::until(&world, AFTER).await?;
    let path = format!("/v1/risks/{}/accept", halden.id("RISK-001"));
    let input = json!({ "validUntil": "2026-06-01", "reason": "I know it best." });
    let before = halden.body("risks", "RISK-001").await?;
    let seen = before["version"].as_u64().unwrap();
    let tomas = halden.by("tomas", AFTER)?;
    // He owns no risks: the role is missing.
    tomas.post_seen(&path, seen, &input).await?.problem(403, "forbidden");
    // As a risk owner he is still the one who assessed it: that he tried is a fact.
    halden.give_roles("tomas", &["RM", "IA", "RO"], "2025-12-23T09:01:00Z").await?;
    let tomas = halden.by("tomas", "2025-12-23T09:02:00Z")?;
    let answer = tomas.post_seen(&path, seen, &input).await?.ok();
    assert_eq!(answer["refusal"]["code"], "risk.acceptor_is_author", "{answer}");
    assert_eq!(answer["events"][0]["type"], "risk.acceptance_refused", "{answer}");
    let after = halden.body("risks", "RISK-001").await?;
    assert_eq!(after["acceptance"], before["acceptance"]);
    assert_eq!(after["acceptance"]["by"], halden.id("lena"));
    assert_eq!(after["lastRefusal"]["refusal"]["code"], "risk.acceptor_is_author");
});

story!(marc_does_not_approve_the_gate_that_he_requested, world => {
    // GATE-04 is requested and evaluated, nobody has approved it yet.
    let halden = Halden::until(&world, "2025-09-26T08:31:00Z").await?;
    let path = format!("/v1/stage-gates/{}/approve", halden.id("GATE-04"));
    let seen = halden.version("stage-gates", "GATE-04").await?;
    let none = json!({});
    let marc = halden.by("marc", "2025-09-26T08:40:00Z")?;
    marc.post_seen(&path, seen, &none).await?.problem(403, "forbidden");
    halden.give_roles("marc", &["SO", "RO", "REL"], "2025-09-26T08:41:00Z").await?;
    let marc = halden.by("marc", "2025-09-26T08:42:00Z")?;
    marc.post_seen(&path, seen, &none).await?.problem(422, "stage_gate.requester_approves");
    // Sara developed the version: no role lets her release it either.
    halden.give_roles("sara", &["DEV", "REL"], "2025-09-26T08:43:00Z").await?;
    let sara = halden.by("sara", "2025-09-26T08:44:00Z")?;
    sara.post_seen(&path, seen, &none).await?.problem(422, "stage_gate.developer_approves");
    assert_eq!(halden.version("stage-gates", "GATE-04").await?, seen);
    // Owen is no stranger to the release, and alone does not suffice.
    let owen = halden.by("owen", "2025-09-26T08:59:00Z")?;
    owen.post_seen(&path, seen, &none).await?.ok();
    let again = halden.by("owen", "2025-09-26T09:00:00Z")?;
    again.post_seen(&path, seen + 1, &none).await?.problem(422, "stage_gate.same_person_twice");
    assert_eq!(halden.body("stage-gates", "GATE-04").await?["status"], "evaluated");
});

story!(sara_does_not_file_the_verification_of_what_she_developed, world => {
    // Version 2.0.1 waits for its verification.
    let halden = Halden::until(&world, "2025-01-07T23:00:00Z").await?;
    let plan = json!({
        "system": halden.id("SYS-01"), "systemVersion": "2.0.1",
        "criteria": { "dir": {
            "metric": "disparate impact ratio", "must": true,
            "threshold": { "comparison": "at_least", "value": "0.80" },
        } },
    });
    let path = "/v1/verification-records";
    let sara = halden.by("sara", "2025-01-08T08:00:00Z")?;
    sara.post(path, &plan).await?.problem(403, "forbidden");
    halden.give_roles("sara", &["DEV", "VAL"], "2025-01-08T08:01:00Z").await?;
    let sara = halden.by("sara", "2025-01-08T08:02:00Z")?;
    sara.post(path, &plan).await?.problem(422, "verification_record.validator_is_developer");
    // Nor does she report a run of the record that Kenji began.
    let kenji = halden.by("kenji", "2025-01-08T08:30:00Z")?;
    let record = kenji.post(path, &plan).await?.created();
    let path = format!("{path}/{}/complete-run", record["id"].as_str().unwrap());
    let run = json!({
        "run": {
            "dataset": halden.id("DS-01-HOLDOUT"), "environment": "her own machine",
            "startedAt": "2025-01-08T08:31:00Z", "reportHash": "a".repeat(64),
            "results": [{ "criterion": "dir", "value": "0.87" }],
        },
        "closes": true, "outcome": "pass",
    });
    let sara = halden.by("sara", "2025-01-08T09:00:00Z")?;
    sara.post(&path, &run).await?.problem(422, "verification_record.validator_is_developer");
    let kenji = halden.by("kenji", "2025-01-08T09:01:00Z")?;
    kenji.post(&path, &run).await?.ok();
});

story!(nobody_becomes_aware_of_an_incident_later, world => {
    let halden = Halden::until(&world, AFTER).await?;
    let path = format!("/v1/incidents/{}/move-aware-at", halden.id("INC-01"));
    let at = |time: &str| json!({ "awareAt": time, "reason": "The log says otherwise." });
    let jonas = halden.by("jonas", AFTER)?;
    let later = jonas.post(&path, &at("2025-06-16T09:40:01Z")).await?;
    later.problem(422, "incident.aware_moved_later");
    let correct = format!("/v1/incidents/{}/correct", halden.id("INC-01"));
    let set = json!({
        "corrects": 1, "reason": "A slip.", "set": { "awareAt": "2025-06-16T11:00:00Z" },
    });
    jonas.post(&correct, &set).await?.problem(422, "incident.not_correctable");
    let incident = halden.body("incidents", "INC-01").await?;
    assert_eq!(incident["awareAt"], "2025-06-16T09:40:00.000000Z");
    // Earlier is possible, and never moves what is due to a later time.
    let earlier = jonas.post(&path, &at("2025-06-16T08:40:00Z")).await?.ok();
    assert_eq!(earlier["events"][0]["type"], "incident.aware_at_moved", "{earlier}");
    let clock = &halden.body("incidents", "INC-01").await?["clocks"]["eu_gdpr.33_1"];
    assert_eq!(clock["due"], "2025-06-19T08:40:00.000000Z");
});

story!(bought_data_are_not_approved_before_their_acquisition_is_recorded, world => {
    // DS-02 is registered as purchased, its acquisition is not recorded yet.
    let halden = Halden::until(&world, "2025-09-10T23:00:00Z").await?;
    let elif = |time: &str| halden.by("elif", time);
    let (path, seen) = (format!("/v1/datasets/{}", halden.id("DS-02")), 1);
    let approve = format!("{path}/approve");
    let answer = elif("2025-09-11T08:00:00Z")?.post_seen(&approve, seen, &json!({})).await?;
    let problem = answer.problem(409, "dataset.acquisition_incomplete");
    for missing in ["legalBasis", "terms", "selectedHow"] {
        assert!(problem["detail"].as_str().unwrap().contains(missing), "{problem}");
    }
    // Registered without a word of where it came from, it fares no better.
    let silent = json!({
        "name": "Bureau data once more", "hash": "b".repeat(64), "datasetVersion": "2025-08",
        "roles": ["train"], "personalData": false,
    });
    let made = elif("2025-09-11T08:01:00Z")?.post("/v1/datasets", &silent).await?.created();
    let approve = format!("/v1/datasets/{}/approve", made["id"].as_str().unwrap());
    let answer = elif("2025-09-11T08:02:00Z")?.post_seen(&approve, 1, &json!({})).await?;
    answer.problem(409, "dataset.no_acquisition_record");
    assert_eq!(halden.body("datasets", "DS-02").await?["status"], "registered");
});

story!(version_2_2_0_is_not_deployed_once_the_contradiction_blocks, world => {
    // GATE-04 was passed with a warning: the Statement of Applicability excludes A.7.3.
    let halden = Halden::until(&world, "2025-09-26T09:00:00Z").await?;
    let system = format!("/v1/ai-systems/{}", halden.id("SYS-01"));
    let enter = json!({
        "systemVersion": "2.2.0", "stage": "deployment", "gate": halden.id("GATE-04"),
    });
    let policy = |version: &str, mode: &str| {
        json!({ "policyVersion": version, "rules": [
            { "check": "g8_preregistration", "mode": "block" }, { "check": "g16", "mode": mode },
        ] })
    };
    let change = format!("/v1/gate-policies/{}/change", halden.id("GATE-POL"));
    let ingrid = halden.by("ingrid", "2025-09-29T06:00:00Z")?;
    ingrid.post(&change, &policy("2", "block")).await?.ok();
    let owen = |time: &str| halden.by("owen", time);
    let into = format!("{system}/enter-stage");
    let answer = owen("2025-09-29T06:01:00Z")?.post(&into, &enter).await?;
    let problem = answer.problem(409, "ai_system.gate_no_longer_holds");
    assert!(problem["detail"].as_str().unwrap().contains("g16"), "{problem}");
    // In deployment already, it is still not executed and not deployed.
    let ingrid = halden.by("ingrid", "2025-09-29T06:02:00Z")?;
    ingrid.post(&change, &policy("2.1", "warn")).await?.ok();
    owen("2025-09-29T06:03:00Z")?.post(&into, &enter).await?.ok();
    let ingrid = halden.by("ingrid", "2025-09-29T06:04:00Z")?;
    ingrid.post(&change, &policy("2.2", "block")).await?.ok();
    let execute = format!("/v1/deployment-plans/{}/execute", halden.id("DP-03"));
    let answer = owen("2025-09-29T06:05:00Z")?.post(&execute, &json!({})).await?;
    answer.problem(409, "deployment_plan.gate_no_longer_holds");
    let deploy = json!({ "systemVersion": "2.2.0", "replaces": "2.1.0" });
    let answer = owen("2025-09-29T06:06:00Z")?.post(&format!("{system}/deploy"), &deploy).await?;
    let problem = answer.problem(409, "ai_system.gate_no_longer_holds");
    assert!(problem["detail"].as_str().unwrap().contains("g16"), "{problem}");
    let body = halden.body("ai-systems", "SYS-01").await?;
    assert_eq!(body["versions"]["2.1.0"]["status"], "running");
    assert_eq!(body["versions"]["2.2.0"]["status"], "in_preparation");
});

story!(an_engagement_shows_nothing_after_its_ceiling_but_ones_own_findings, world => {
    // Stage 2 is concluded, F-01 and F-02 are raised; the ceiling of ENG-2 is 2025-02-23.
    let halden = Halden::until(&world, "2025-03-03T09:10:00Z").await?;
    let (tenant, engagement) = (&halden.replayed.tenant, halden.id("ENG-2"));
    let behalf = identity::token::For::Engagement(engagement);
    let tokens = world.app.identity.tokens();
    let hour = std::time::Duration::from_secs(3600);
    let token = tokens.mint_for(behalf, tenant, halden.id("helen"), hour)?;
    let mut helen = halden.by("helen", "2025-03-04T09:00:00Z")?;
    helen.authorization = Some(format!("Bearer {token}"));
    // A.6.2.4 was set back on 2025-03-03: to her it is implemented, as it was on the ceiling.
    let row = format!("/v1/soa-controls/{}", halden.id("SOA-A.6.2.4"));
    assert_eq!(halden.body("soa-controls", "SOA-A.6.2.4").await?["status"], "partially_implemented");
    assert_eq!(helen.get(&row).await?.ok()["status"], "implemented");
    let after = format!("{row}?asOf=2025-03-03T09:05:00Z");
    helen.get(&after).await?.problem(403, "beyond_ceiling");
    let feed = helen.get("/v1/events?type=soa_control.implementation_status_changed&limit=100").await?.ok();
    let last = feed["data"].as_array().unwrap().last().unwrap();
    assert!(last["recordedAt"].as_str().unwrap() < "2025-02-24", "{last}");
    // Her findings were raised after the ceiling: she sees how they stand, and what answers them.
    let finding = helen.get(&format!("/v1/audit-findings/{}", halden.id("F-01"))).await?.ok();
    assert_eq!((&finding["grade"], &finding["status"]), (&json!("minor"), &json!("accepted")));
    helen.get(&format!("/v1/nonconformities/{}", halden.id("NC-002"))).await?.ok();
    let internal = helen.get(&format!("/v1/nonconformities/{}", halden.id("NC-001"))).await?.ok();
    assert_eq!(internal["status"], "closed");
});

story!(helen_does_not_sign_the_certificate, world => {
    let halden = Halden::until(&world, "2025-03-19T09:00:00Z").await?;
    let (tenant, body) = (&halden.replayed.tenant, halden.id("CERTNOVA"));
    let bearing = |label: &str| {
        let behalf = identity::token::For::Body(body);
        let hour = std::time::Duration::from_secs(3600);
        let token = world.app.identity.tokens().mint_for(behalf, tenant, halden.id(label), hour)?;
        let mut client = halden.by(label, "2025-03-20T09:00:00Z")?;
        client.authorization = Some(format!("Bearer {token}"));
        anyhow::Ok(client)
    };
    let sign = json!({ "number": "CERT-0421", "audit": halden.id("CA-2"), "sites": ["Utrecht", "Oslo"] });
    bearing("helen")?.post("/v1/certificates", &sign).await?.problem(403, "forbidden");
    let mut members = Vec::new();
    for label in ["ingrid", "priya", "rui", "administrator"] {
        members.push(halden.by(label, "2025-03-20T09:00:00Z")?);
    }
    for member in members {
        member.post("/v1/certificates", &sign).await?.problem(403, "forbidden");
    }
    let issued = bearing("miriam")?.post("/v1/certificates", &sign).await?.created();
    assert_eq!(issued["object"]["decidedBy"], halden.id("miriam"));
});

story!(evidence_on_which_the_certificate_rests_is_not_deleted, world => {
    let halden = Halden::until(&world, AFTER).await?;
    let certificate = halden.body("certificates", "CERT-0421").await?;
    let rests_on = certificate["restsOn"].as_array().unwrap();
    // Its retention is not over either; after that the certificate alone stands in the way.
    let mut refused = Vec::new();
    for (label, time) in [("EV-A.6.2.4", AFTER), ("EV-A.6.2.4", "2029-01-02T09:00:00Z")] {
        assert!(rests_on.contains(&json!(halden.id(label))), "{label}");
        let path = format!("/v1/evidence/{}/shred", halden.id(label));
        let answer = halden.by("priya", time)?.post(&path, &json!({ "reason": "Room." })).await?;
        assert_eq!(answer.status.as_u16(), 409, "{}", answer.text);
        refused.push(answer.json["code"].clone());
    }
    assert_eq!(refused, ["evidence.under_retention", "evidence.certificate_active"]);
    // Nor is the statement withdrawn, or the scope.
    for (plural, label) in [("soas", "SOA"), ("scopes", "SCOPE")] {
        let path = format!("/v1/{plural}/{}/withdraw", halden.id(label));
        let ingrid = halden.by("ingrid", AFTER)?;
        let answer = ingrid.post(&path, &json!({ "reason": "Not needed." })).await?;
        let code = answer.json["code"].as_str().unwrap_or_default().to_owned();
        assert!(code.ends_with(".certificate_active"), "{label}: {}", answer.text);
    }
});

story!(the_first_statement_is_not_approved_while_an_exclusion_has_no_justification, world => {
    // On the evening before Priya submits it.
    let halden = Halden::until(&world, "2024-10-07T15:00:00Z").await?;
    let row = format!("/v1/soa-controls/{}/decide", halden.id("SOA-A.7.3"));
    let silent = json!({ "decision": "excluded", "justification": "" });
    let priya = |time: &str| halden.by("priya", time);
    let blank = priya("2024-10-07T15:01:00Z")?.post(&row, &silent).await?;
    if blank.status != 422 {
        blank.ok();
    }
    let none = json!({ "decision": "excluded" });
    priya("2024-10-07T15:02:00Z")?.post(&row, &none).await?.ok();
    let submit = format!("/v1/soas/{}/submit", halden.id("SOA"));
    let answer = priya("2024-10-07T15:03:00Z")?.post(&submit, &json!({})).await?;
    let problem = answer.problem(422, "soa.exclusion_without_justification");
    assert!(problem["detail"].as_str().unwrap().contains("A.7.3"), "{problem}");
    assert!(halden.body("soas", "SOA").await?["effective"].is_null());
});

story!(ingrid_does_not_approve_a_policy_that_she_drafted, world => {
    let halden = Halden::until(&world, AFTER).await?;
    halden.give_roles("ingrid", &["TM", "DO"], AFTER).await?;
    let ingrid = |time: &str| halden.by("ingrid", time);
    let policy = json!({
        "kind": "ai_policy", "title": "AI policy of the subsidiary", "number": "POL-02",
        "edition": "1.0", "textHash": "c".repeat(64), "owner": halden.id("ingrid"),
        "nextReviewDue": "2026-12-01", "classification": "internal", "audience": ["All employees"],
        "effectiveFrom": "2025-12-24", "retentionMonths": 120,
        "commitments": { "framesObjectives": true, "meetsRequirements": true, "improves": true },
    });
    let made = ingrid("2025-12-23T09:01:00Z")?.post("/v1/documents", &policy).await?.created();
    let path = format!("/v1/documents/{}", made["id"].as_str().unwrap());
    let submit = format!("{path}/submit");
    ingrid("2025-12-23T09:02:00Z")?.post(&submit, &json!({})).await?.ok();
    let approve = format!("{path}/approve");
    let answer = ingrid("2025-12-23T09:03:00Z")?.post_seen(&approve, 2, &json!({})).await?;
    answer.problem(422, "document.approver_is_author");
});

story!(what_a_certificate_rests_on_is_not_destroyed, world => {
    let halden = Halden::until(&world, AFTER).await?;
    let certificate = halden.body("certificates", "CERT-0421").await?;
    let rests_on = certificate["restsOn"].as_array().unwrap();
    assert!(rests_on.contains(&json!(halden.id("EV-A.2.2"))), "{certificate}");
    let shred = format!("/v1/evidence/{}/shred", halden.id("EV-A.2.2"));
    let input = json!({ "reason": "Nobody looks at it." });
    let priya = halden.by("priya", "2035-12-23T09:00:00Z")?;
    let problem = priya.post(&shred, &input).await?.problem(409, "evidence.certificate_active");
    assert!(problem["detail"].as_str().unwrap().contains("CERT-0421"), "{problem}");
    assert_eq!(halden.body("evidence", "EV-A.2.2").await?["status"], "verified");
});
