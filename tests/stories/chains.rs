//! What follows from an event without anybody's doing: chains of rules, each as the auditor reads
//! it in the records of the runs.

use annals_tests::{World, story};
use kernel::Role;
use serde_json::{Value, json};

use crate::assurance::{begun, found, minor, raised};
use crate::desk::Desk;
use crate::given::{self, because};
use crate::life::concerns::channel;
use crate::support::objectives;

/// Everything that follows from what was recorded until now.
async fn settled(world: &World) -> anyhow::Result<()> {
    Ok(world.app.rules.settle(&world.tenant).await?)
}

/// The runs of a rule as an auditor reads them, oldest first: its trigger, and each order with what
/// came of it.
async fn runs(world: &World, rule: &str) -> anyhow::Result<Vec<Value>> {
    let path = format!("/v1/reactions?filter[rule]={rule}&sort=ranAt&limit=100");
    let answer = world.as_(Role::Aud).get(&path).await?.ok();
    Ok(answer["data"].as_array().unwrap().clone())
}

/// What a rule did, in a line for each run: `trigger -> command outcome, ...`.
async fn told(world: &World, rule: &str) -> anyhow::Result<Vec<String>> {
    let line = |run: &Value| {
        let orders = run["orders"].as_array().unwrap().iter().map(|order| {
            let refusal = order["refusal"].as_str().map_or_else(String::new, |r| format!(" ({r})"));
            let [command, outcome] = ["command", "outcome"].map(|f| order[f].as_str().unwrap());
            format!("{command} {outcome}{refusal}")
        });
        let orders: Vec<_> = orders.collect();
        format!("{} -> {}", run["triggerType"].as_str().unwrap(), orders.join(", "))
    };
    Ok(runs(world, rule).await?.iter().map(line).collect())
}

/// The tasks about an object, by title.
async fn tasks(world: &World, about: &str) -> anyhow::Result<Vec<Value>> {
    let path = format!("/v1/tasks?filter[subject]={about}&limit=100");
    let answer = world.as_(Role::Am).get(&path).await?.ok();
    let mut tasks = answer["data"].as_array().unwrap().clone();
    tasks.sort_by_key(|task| task["title"].as_str().unwrap().to_owned());
    Ok(tasks)
}

fn titles(tasks: &[Value]) -> Vec<&str> {
    tasks.iter().map(|task| task["title"].as_str().unwrap()).collect()
}

fn statuses(tasks: &[Value]) -> Vec<&str> {
    tasks.iter().map(|task| task["status"].as_str().unwrap()).collect()
}

/// The id of an object.
fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap()
}

/// The approved statement on the standard, which excludes these controls.
async fn statement(world: &World, excluded: &[&str]) -> anyhow::Result<String> {
    let (am, soas, rows) =
        (world.as_(Role::Am), Desk::of(world, "soa"), Desk::of(world, "soa_control"));
    let soa = json!({ "title": "Statement", "catalogue": "iso42001-2023" });
    let soa = soas.make(&am, "start", soa).await?;
    let iso = reference::catalogue::catalogue(reference::catalogue::ISO_42001).unwrap();
    for control in &iso.controls {
        let excluded = excluded.contains(&control.number.as_str());
        let mut row = json!({
            "soa": soa, "control": control.number, "decision": "applicable",
            "reasonCodes": ["risk"],
        });
        if excluded {
            row["decision"] = json!("excluded");
            row["justification"] = json!("There is nothing of the kind.");
            row["reasonCodes"] = json!([]);
        }
        rows.make(&am, "list", row).await?;
    }
    soas.does(&am, "submit", &soa, json!({})).await?;
    soas.does(&world.as_(Role::Tm), "approve", &soa, json!({})).await?;
    Ok(soa)
}

/// The keys of the contradictions that a statement shows.
async fn contradictions(world: &World, soa: &str) -> anyhow::Result<Vec<String>> {
    let shown = Desk::of(world, "soa").shown(soa, "").await?;
    let open = shown["contradictions"].as_object().cloned().unwrap_or_default();
    Ok(open.into_iter().map(|(key, _)| key).collect())
}

story!(an_exclusion_is_contradicted_by_a_fact_until_that_ends, world => {
    let soa = statement(&world, &["A.7.3", "A.10.4"]).await?;
    settled(&world).await?;
    assert_eq!(contradictions(&world, &soa).await?, [""; 0]);
    let (datasets, ds) = (Desk::of(&world, "dataset"), world.as_(Role::Ds));
    let bought = json!({ "name": "Bureau data", "roles": ["train"],
        "acquisition": { "source": "purchased", "sourceName": "ScoreHub" } });
    let dataset = datasets.make(&ds, "register", bought).await?;
    settled(&world).await?;
    let key = format!("a.7.3-{dataset}");
    assert_eq!(contradictions(&world, &soa).await?, std::slice::from_ref(&key));
    let open = tasks(&world, &soa).await?;
    let fact = "Bureau data is a data set from outside: purchased";
    assert_eq!(titles(&open), [format!("Resolve the contradiction about A.7.3: {fact}")]);
    assert_eq!(open[0]["assignee"], json!(world.as_(Role::Am).user), "she alone is AIMS manager");
    let due = open[0]["due"].as_str().unwrap().to_owned();

    // An auditor sees what brought it about, what was known then and what was ordered.
    assert_eq!(told(&world, "P15").await?, [
        "dataset.registered -> soa.detect_contradiction done",
        "soa.contradiction_detected -> task.open done",
    ]);
    let first = runs(&world, "P15").await?[0].clone();
    assert_eq!((&first["subject"], &first["depth"]), (&json!(dataset), &json!(0)));
    let looked_at = first["lookedAt"].as_array().unwrap();
    assert!(looked_at.contains(&json!(soa)) && looked_at.contains(&json!(dataset)));

    // Nobody resolves it: it is overdue, and the AIMS manager is to say what that is.
    let late = world.as_(Role::Sys).at("2024-07-31T00:00:05Z");
    assert!(due.as_str() < "2024-07-31");
    Desk::of(&world, "task").does(&late, "fall_overdue", id(&open[0]), json!({})).await?;
    settled(&world).await?;
    let now = tasks(&world, &soa).await?;
    assert_eq!(statuses(&now), ["open", "overdue"]);
    assert!(titles(&now)[0].starts_with("Raise a nonconformity, or say why not: not done in time"));

    // A customer contradicts the other exclusion; the data set goes.
    let party = json!({ "name": "Nordbank", "kind": "customer" });
    let (parties, am) = (Desk::of(&world, "interested_party"), world.as_(Role::Am));
    let customer = parties.make(&am, "register", party).await?;
    let end = json!({ "reason": "The contract ended.", "disposition": "returned" });
    datasets.does(&ds, "retire", &dataset, end).await?;
    settled(&world).await?;
    assert_eq!(contradictions(&world, &soa).await?, [format!("a.10.4-{customer}")]);
    let now = tasks(&world, &soa).await?;
    let of_data = now.iter().find(|task| task["title"] == open[0]["title"]).unwrap();
    assert_eq!(of_data["status"], "done");
    assert_eq!(of_data["ending"]["by"], "rea_TASKS");
});

story!(a_statement_that_excludes_what_exists_is_told_so_when_it_is_approved, world => {
    let (am, tm) = (world.as_(Role::Am), world.as_(Role::Tm));
    let system = given::system(&world, "CreditLens", false).await?;
    let soa = statement(&world, &["A.4.2"]).await?;
    settled(&world).await?;
    let key = format!("a.4.2-{system}");
    assert_eq!(contradictions(&world, &soa).await?, [key]);
    // The next version includes the control: the contradiction is resolved by that.
    let path = format!("/v1/soa-controls?filter[soa]={soa}&filter[control]=A.4.2");
    let row = am.get(&path).await?.ok();
    let choice = json!({ "decision": "applicable", "reasonCodes": ["risk"] });
    Desk::of(&world, "soa_control").does(&am, "decide", id(&row["data"][0]), choice).await?;
    let soas = Desk::of(&world, "soa");
    soas.does(&am, "submit", &soa, json!({})).await?;
    soas.does(&tm, "approve", &soa, json!({})).await?;
    settled(&world).await?;
    assert_eq!(contradictions(&world, &soa).await?, [""; 0]);
    assert_eq!(statuses(&tasks(&world, &soa).await?), ["done"]);
});

story!(a_statement_records_a_hundred_contradictions, world => {
    let soa = statement(&world, &["A.7.3"]).await?;
    let (mut desk, sys) = (Desk::of(&world, "soa"), world.as_(Role::Sys));
    let detect = |n: u32| {
        json!({ "key": format!("a.7.3-{n}"), "control": "A.7.3", "fact": "Bought." })
    };
    for n in 0..100 {
        desk.does(&sys, "detect_contradiction", &soa, detect(n)).await?;
    }
    let more = "409 too_many_contradictions";
    desk.refuse(&sys, "detect_contradiction", &soa, detect(100), more).await?;
});

story!(a_control_is_unproven_once_its_evidence_is_stale, world => {
    let row = given::implemented_control(&world, "A.6.2.4").await?;
    let rows = Desk::of(&world, "soa_control");
    let (am, sys) = (world.as_(Role::Am), world.as_(Role::Sys));
    let owner = json!({ "owner": world.as_(Role::So).user });
    rows.does(&am, "assign_owner", &row, owner).await?;
    let evidence = Desk::of(&world, "evidence");
    let first = rows.shown(&row, "").await?["evidence"][0].as_str().unwrap().to_owned();
    evidence.does(&sys, "verify", &first, json!({ "sha256": format!("{:064x}", 200) })).await?;
    evidence.does(&sys.at("2024-10-01T00:00:05Z"), "go_stale", &first, json!({})).await?;
    settled(&world).await?;
    assert_ne!(rows.shown(&row, "").await?["unprovenSince"], Value::Null);
    let open = tasks(&world, &row).await?;
    assert_eq!(titles(&open), ["Renew what proves that A.6.2.4 is implemented"]);
    assert_eq!(open[0]["assignee"], json!(world.as_(Role::So).user));

    // Other evidence proves it once it is verified.
    let second = json!({
        "filename": "tests.pdf", "mediaType": "application/pdf", "sha256": format!("{:064x}", 201),
        "size": 1000, "source": "upload", "classification": "internal",
    });
    let second = evidence.make(&world.as_(Role::Emp), "register", second).await?;
    rows.does(&am, "link_evidence", &row, json!({ "evidence": second })).await?;
    settled(&world).await?;
    assert_ne!(rows.shown(&row, "").await?["unprovenSince"], Value::Null, "nobody looked at it");
    evidence.does(&sys, "verify", &second, json!({ "sha256": format!("{:064x}", 201) })).await?;
    settled(&world).await?;
    assert_eq!(rows.shown(&row, "").await?["unprovenSince"], Value::Null);
    assert_eq!(statuses(&tasks(&world, &row).await?), ["done"]);
    assert_eq!(told(&world, "P17").await?, [
        "evidence.went_stale -> soa_control.check_proof done",
        "soa_control.proof_lost -> task.open done",
        "soa_control.evidence_linked -> soa_control.check_proof done",
        "evidence.verified -> soa_control.check_proof done",
    ]);
});

/// A member leaves, and what follows.
async fn leaves(world: &World, role: Role) -> anyhow::Result<()> {
    let desk = Desk::of(world, "membership");
    desk.does(&world.as_(Role::Adm), "revoke", &world.membership(role), because()).await?;
    settled(world).await
}

story!(what_a_member_who_leaves_answered_for_is_given_to_others, world => {
    let (rm, ro) = (world.as_(Role::Rm), world.as_(Role::Ro));
    let risk = json!({ "title": "Unfair refusals", "owner": ro.user,
        "description": "Applicants of one group are refused more often." });
    let risk = Desk::of(&world, "risk").make(&rm, "identify", risk).await?;
    let desk = Desk::of(&world, "task");
    let work = |role: &str, kind: &str| json!({
        "title": "Look at the list", "taskKind": kind, "assigneeRole": role, "due": "2024-12-31",
        "assignee": ro.user,
    });
    let am = world.as_(Role::Am);
    let by_role = desk.make(&am, "open", work("RO", "review")).await?;
    let by_name = desk.make(&am, "open", work("EMP", "review")).await?;
    let to_note = desk.make(&am, "open", work("EMP", "acknowledge")).await?;
    let posts = Desk::of(&world, "role_assignment");
    let post = json!({
        "process": "Credit", "role": "Risk owner credit", "responsibility": "accountable",
        "isKey": false, "holder": ro.user, "validFrom": "2024-07-01",
    });
    let post = posts.make(&am, "propose", post).await?;
    posts.does(&world.as_(Role::Tm), "assign", &post, json!({})).await?;
    settled(&world).await?;
    leaves(&world, Role::Ro).await?;
    let title = "Give to somebody else: the risk Unfair refusals";
    assert_eq!(titles(&tasks(&world, &risk).await?), [title]);
    let role = desk.shown(&by_role, "").await?;
    assert_eq!((&role["assignee"], &role["assigneeRole"]), (&Value::Null, &json!("RO")));
    assert_eq!(desk.shown(&by_name, "").await?["assigneeRole"], "AM");
    assert_eq!(desk.shown(&to_note, "").await?["status"], "cancelled");
    assert_eq!(posts.shown(&post, "").await?["status"], "vacant");
    let vacant = tasks(&world, &post).await?;
    assert_eq!(titles(&vacant), ["Name who answers as Risk owner credit (credit)"]);
    let member = tasks(&world, &world.membership(Role::Ro)).await?;
    assert_eq!(titles(&member), ["Give the role RO to a member: nobody holds it"]);
    // It is done when the risk has a new owner; nobody says so again.
    let owner = json!({ "owner": world.as_(Role::Tm).user });
    Desk::of(&world, "risk").does(&rm, "assign_owner", &risk, owner).await?;
    settled(&world).await?;
    assert_eq!(statuses(&tasks(&world, &risk).await?), ["done"]);
});

story!(a_concern_is_acknowledged_and_answered_by_who_has_no_part_in_it, world => {
    let channel = channel(&world, "internal").await?;
    let report =
        json!({ "channel": channel.id, "text": "The scores are gamed.", "anonymous": false });
    let (concerns, am) = (Desk::of(&world, "concern"), world.as_(Role::Am));
    let concern = concerns.make(&world.as_(Role::Emp), "report", report).await?;
    settled(&world).await?;
    let open = tasks(&world, &concern).await?;
    assert_eq!(titles(&open), ["Acknowledge a concern", "Answer a concern"]);
    assert!(open.iter().all(|task| task["assignee"] == json!(am.user)));
    concerns.does(&am, "acknowledge", &concern, json!({})).await?;
    settled(&world).await?;
    assert_eq!(statuses(&tasks(&world, &concern).await?), ["done", "open"]);
    // The handler finds that he has a part in it: management gives it to somebody else.
    concerns.does(&am, "record_conflict_check", &concern, json!({ "conflict": true })).await?;
    settled(&world).await?;
    let seek = "Give a concern to somebody without a conflict of interest";
    let all = tasks(&world, &concern).await?;
    assert_eq!(titles(&all), ["Acknowledge a concern", "Answer a concern", seek, seek]);
    let im = world.as_(Role::Im);
    let to = json!({ "handler": im.user });
    concerns.does(&world.as_(Role::Tm), "assign_handler", &concern, to).await?;
    settled(&world).await?;
    let all = tasks(&world, &concern).await?;
    assert_eq!(statuses(&all), ["done", "open", "done", "done"]);
    assert_eq!(all[1]["assignee"], json!(im.user));
});

story!(a_nonconformity_is_raised_from_a_finding_and_linked_to_it, world => {
    let audit = begun(&world).await?;
    let finding = found(&world, minor(&audit)).await?;
    settled(&world).await?;
    let open = tasks(&world, &finding).await?;
    assert!(titles(&open)[0].starts_with("Raise a nonconformity from the finding"));
    let nonconformity = raised(&world, json!({
        "source": "finding", "origin": finding, "title": "Untrained", "description": "Four.",
    })).await?;
    settled(&world).await?;
    assert_eq!(statuses(&tasks(&world, &finding).await?), ["done"]);
    let shown = Desk::of(&world, "audit_finding").shown(&finding, "").await?;
    assert_eq!(shown["linkedNc"], json!(nonconformity));
    let mut did = told(&world, "P22").await?;
    did.sort_unstable();
    assert_eq!(did, [
        "audit_finding.raised -> task.open done",
        "nonconformity.raised -> audit_finding.link done",
    ]);
});

story!(an_indicator_of_fairness_that_is_breached_once_is_a_nonconformity, world => {
    let (am, tm, sys) = (world.as_(Role::Am), world.as_(Role::Tm), world.as_(Role::Sys));
    let (objective, kpi) = objectives::pursued(&world).await?;
    let measured = json!({ "period": "2024-07-31", "value": "0.79", "n": 1187 });
    let kpis = Desk::of(&world, "kpi");
    kpis.does(&sys.at("2024-08-05T08:00:00Z"), "record_measurement", &kpi, measured).await?;
    settled(&world).await?;
    let shown = Desk::of(&world, "objective").shown(&objective, "").await?;
    assert_eq!(shown["progress"], "breached");
    let found = am.get(&format!("/v1/nonconformities?filter[origin]={kpi}")).await?.ok();
    let nonconformity = &found["data"][0];
    assert_eq!(nonconformity["source"], "kpi");
    assert_eq!(nonconformity["status"], "raised");
    let open = tasks(&world, id(nonconformity)).await?;
    assert_eq!(titles(&open), ["Find out why Disparate-impact ratio is breached"]);
    // The next breach belongs to the same nonconformity.
    let again = json!({ "period": "2024-08-31", "value": "0.78", "n": 1187 });
    kpis.does(&sys.at("2024-09-05T08:00:00Z"), "record_measurement", &kpi, again).await?;
    settled(&world).await?;
    let found = tm.get(&format!("/v1/nonconformities?filter[origin]={kpi}")).await?.ok();
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
});
