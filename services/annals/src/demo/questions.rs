//! Questions that the worked example answers, and what the example says the answers are.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::ensure;
use kernel::{Date, Instant};
use serde_json::{Value, json};

use super::replay::Replayed;
use crate::app::App;
use crate::bench::client::Connection;

/// A question with its answer.
pub struct Question {
    /// In words.
    pub words: &'static str,
    /// In GraphQL; `"@label"` stands for the id of that label.
    pub query: &'static str,
    /// What of the data answers the question.
    pub seen: fn(Value) -> Value,
    /// What that must be.
    pub answer: fn() -> Value,
}

impl Question {
    /// The query with the ids of the replayed example.
    #[must_use]
    pub fn asked(&self, halden: &Replayed) -> String {
        halden.ids.iter().fold(self.query.to_owned(), |query, (label, id)| {
            query.replace(&format!("\"@{label}\""), &format!("\"{id}\""))
        })
    }
}

/// The auditor's questions (domain model, 7.2) that the aggregates so far can answer.
pub const QUESTIONS: &[Question] = &[
    Question {
        words: "Q1: the SoA status of A.6.2.4 on 2025-03-31, and who approved it",
        query: "{ aims(asOf: {time: \"2025-03-31T00:00:00Z\"}) { soa { \
                effective { version approvedAt approvedBy { name } } \
                officialControls(filter: {control: {eq: \"A.6.2.4\"}}) \
                { nodes { control decision status note } } } } }",
        seen: all,
        answer: || {
            json!({ "aims": { "soa": {
                "effective": {
                    "version": 3,
                    "approvedAt": "2025-03-10T09:00:00.000000Z",
                    "approvedBy": { "name": "Ingrid Solberg" },
                },
                "officialControls": { "nodes": [{
                    "control": "A.6.2.4",
                    "decision": "APPLICABLE",
                    "status": "PARTIALLY_IMPLEMENTED",
                    "note": NC_002,
                }] },
            } } })
        },
    },
    Question {
        words: "Q3: was a risk above the appetite open on CreditLens when it went live",
        query: "{ goLive: aims(asOf: {time: \"2025-01-20T09:00:00Z\"}) { riskCriteria { appetite } \
                aiSystems(filter: {id: {eq: \"@SYS-01\"}}) { nodes { operationStatus stageGates(\
                filter: {status: {eq: REFUSED}}) { nodes { to requestedAt blocking } } } } \
                risks(filter: {systemsIds: {eq: \"@SYS-01\"}}) { nodes { status residualScore \
                owner { name } acceptance { by { name } validUntil edit { at } } } } } \
                refused: aims(asOf: {time: \"2024-12-05T12:00:00Z\"}) { risks(filter: {systemsIds: \
                {eq: \"@SYS-01\"}}) { nodes { inherentScore residualScore } } } }",
        seen: all,
        answer: || {
            json!({
                "goLive": {
                    "riskCriteria": { "appetite": 9 },
                    "aiSystems": { "nodes": [{
                        "operationStatus": "RUNNING",
                        "stageGates": { "nodes": [{
                            "to": "DEPLOYMENT",
                            "requestedAt": "2024-12-05T09:00:00.000000Z",
                            "blocking": ["G3", "G8", "G10", "G11"],
                        }] },
                    }] },
                    "risks": { "nodes": [{
                        "status": "ACCEPTED",
                        "residualScore": 8,
                        "owner": { "name": "Lena Fischer" },
                        "acceptance": {
                            "by": { "name": "Lena Fischer" },
                            "validUntil": "2025-07-10",
                            "edit": { "at": "2025-01-10T09:00:00.000000Z" },
                        },
                    }] },
                },
                "refused": { "risks": { "nodes": [
                    { "inherentScore": 20, "residualScore": null },
                ] } },
            })
        },
    },
    Question {
        words: "Q4: what the register said about RISK-001 on 2025-04-10, and from 2025-04-14",
        query: "{ on10: aims(asOf: {time: \"2025-04-10T00:00:00Z\"}) { \
                risks(filter: {systemsIds: {eq: \"@SYS-01\"}}) { nodes { residualScore \
                acceptance { by { name } validUntil } lastAcceptance { ended } } } \
                monitors(filter: {systemId: {eq: \"@SYS-01\"}}) { nodes { \
                alerts { level value openedAt } } } } \
                from14: aims(asOf: {time: \"2025-04-14T09:01:00Z\"}) { \
                risks(filter: {systemsIds: {eq: \"@SYS-01\"}}) { nodes { residualScore \
                acceptance { validUntil } lastAcceptance { ended endedAt by { name } } } } } }",
        seen: all,
        answer: || {
            json!({
                "on10": {
                    "risks": { "nodes": [{
                        "residualScore": 8,
                        "acceptance": {
                            "by": { "name": "Lena Fischer" }, "validUntil": "2025-07-10",
                        },
                        "lastAcceptance": null,
                    }] },
                    "monitors": { "nodes": [{ "alerts": [{
                        "level": "BREACH",
                        "value": "0.79",
                        "openedAt": "2025-04-07T09:00:00.000000Z",
                    }] }] },
                },
                "from14": { "risks": { "nodes": [{
                    "residualScore": 12,
                    "acceptance": null,
                    "lastAcceptance": {
                        "ended": "REVOKED",
                        "endedAt": "2025-04-14T09:01:00.000000Z",
                        "by": { "name": "Lena Fischer" },
                    },
                }] } },
            })
        },
    },
    Question {
        words: "Q6: was the AI policy's review overdue on 2025-09-01, and which version was in force",
        query: "{ aims(asOf: {time: \"2025-09-01T00:00:00Z\"}) { documents(filter: {number: \
                {eq: \"POL-01\"}}) { nodes { title reviewStatus inForce { edition nextReviewDue } \
                effective { approvedBy { name } } } } } }",
        seen: all,
        answer: || {
            json!({ "aims": { "documents": { "nodes": [{
                "title": "AI policy",
                "reviewStatus": "OVERDUE",
                "inForce": { "edition": "1.0", "nextReviewDue": "2025-08-05" },
                "effective": { "approvedBy": { "name": "Ingrid Solberg" } },
            }] } } })
        },
    },
    Question {
        words: "Q7: was INC-01 reported in time, and why did Art. 73 of the AI Act not apply",
        query: "{ aims { incidents(filter: {id: {eq: \"@INC-01\"}}) { nodes { awareAt \
                clocks { key due metAt } reports(filter: {reportKind: {eq: INITIAL}}) { nodes { \
                submittedAt submittedBy { name } late } } evaluations { key applies because } \
                } } } }",
        seen: in_time,
        answer: || {
            json!({
                "aware": "2025-06-16T09:40:00.000000Z",
                "due": "2025-06-19T09:40:00.000000Z",
                "submitted": "2025-06-18T14:05:00.000000Z",
                "by": "Aoife Byrne",
                "late": false,
                "after": "52 h 25 min",
                "left": "19 h 35 min",
                "applied": ["eu_gdpr.33_1"],
                "art73": "applies from 2026-08-02, not on 2025-06-16; the class is transparency, \
                          not high_risk; the role is deployer, not provider; the incident is \
                          major, not serious",
            })
        },
    },
    Question {
        words: "Q10: which nonconformities were open on 2025-06-01",
        query: "{ aims(asOf: {time: \"2025-06-01T00:00:00Z\"}) { \
                open: nonconformities(filter: {not: {status: {in: [CLOSED, REJECTED]}}}) \
                { nodes { title status source raisedOn } } \
                closed: nonconformities(filter: {status: {eq: CLOSED}}) \
                { nodes { title ended { at by { name } } } } } }",
        seen: open_on_the_first_of_june,
        answer: || {
            json!({
                "open": [{
                    "title": "NC-003, disparate impact of CreditLens below its limit",
                    "source": "KPI",
                    "status": "ACTIONS_DONE",
                    "daysOpen": 55,
                }],
                "closed": [
                    {
                        "title": "NC-001, four people without AI literacy training",
                        "ended": { "at": "2025-01-22T09:00:00.000000Z",
                            "by": { "name": "Rui Costa" } },
                    },
                    {
                        "title": "NC-002, fairness criteria were registered after the runs",
                        "ended": { "at": "2025-05-15T09:00:00.000000Z",
                            "by": { "name": "Rui Costa" } },
                    },
                ],
            })
        },
    },
    Question {
        words: "Q13: on what the certificate rests, and who decided it",
        query: "{ aims { certificates(filter: {number: {eq: \"CERT-0421\"}}) { nodes { \
                bodyName standard status validFrom validTo scopeVersion soaVersion \
                people { key name } decisions { what byId scopeVersion soaVersion \
                audit { auditKind team } } } } } }",
        seen: decided,
        answer: || {
            json!({
                "rests": ["CertNova", "ISO/IEC 42001:2023", "ACTIVE", "2025-03-20", "2028-03-19"],
                "scope": 1,
                "soa": 3,
                "issued": { "by": "Miriam Stein", "on": "STAGE2", "wasOnTheTeam": false },
            })
        },
    },
    Question {
        words: "Which controls did the SoA exclude on 2025-10-01, and did a fact contradict it",
        query: "{ aims(asOf: {time: \"2025-10-01T00:00:00Z\"}) { soa { \
                effectiveRows { applicable implemented excludedControls } \
                contradictions { control } } } }",
        seen: all,
        answer: || {
            json!({ "aims": { "soa": {
                "effectiveRows": {
                    "applicable": 37, "implemented": 36, "excludedControls": ["A.7.3"],
                },
                "contradictions": [{ "control": "A.7.3" }],
            } } })
        },
    },
];

/// Why A.6.2.4 was set back (rows E48 and E50).
const NC_002: &str = "Finding F-01 (NC-002): fairness criteria were registered after runs VR-01 \
                      and VR-02.";

/// The data as they came.
fn all(data: Value) -> Value {
    data
}

/// What a certificate says, and whether whoever decided it had audited.
fn decided(data: Value) -> Value {
    let found = &data["aims"]["certificates"]["nodes"][0];
    let all = |name: &str| found[name].as_array().into_iter().flatten();
    let issued = all("decisions").find(|decision| decision["what"] == "ISSUED");
    let issued = issued.unwrap_or(&Value::Null);
    let person = all("people").find(|person| person["key"] == issued["byId"]);
    let team = issued["audit"]["team"].as_array().into_iter().flatten();
    let rests = ["bodyName", "standard", "status", "validFrom", "validTo"];
    json!({
        "rests": rests.map(|name| &found[name]),
        "scope": issued["scopeVersion"],
        "soa": issued["soaVersion"],
        "issued": {
            "by": person.map(|person| &person["name"]),
            "on": issued["audit"]["auditKind"],
            "wasOnTheTeam": team.filter(|member| **member == issued["byId"]).count() > 0,
        },
    })
}

/// The times of the initial report with what lies between them, and which rules applied.
fn in_time(data: Value) -> Value {
    let incident = &data["aims"]["incidents"]["nodes"][0];
    let report = &incident["reports"]["nodes"][0];
    let (aware, due) = (&incident["awareAt"], &incident["clocks"][0]["due"]);
    let submitted = &report["submittedAt"];
    let rules: Vec<_> = incident["evaluations"].as_array().into_iter().flatten().collect();
    let applied = rules.iter().filter(|rule| rule["applies"] == true).map(|rule| &rule["key"]);
    let art73 = rules.iter().find(|rule| rule["key"] == "eu_ai_act.73_2");
    json!({
        "aware": aware,
        "due": due,
        "submitted": submitted,
        "by": report["submittedBy"]["name"],
        "late": report["late"],
        "after": between(aware, submitted),
        "left": between(submitted, due),
        "applied": applied.collect::<Vec<_>>(),
        "art73": art73.filter(|rule| rule["applies"] == false).map(|rule| &rule["because"]),
    })
}

/// The open nonconformities with the days since they were raised, and the closed ones.
fn open_on_the_first_of_june(mut data: Value) -> Value {
    let mut nodes = |which: &str| data["aims"][which]["nodes"].take();
    let (mut open, closed) = (nodes("open"), nodes("closed"));
    for one in open.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        let raised = one.remove("raisedOn").and_then(|day| day.as_str()?.parse::<Date>().ok());
        let asked = "2025-06-01".parse::<Date>().ok();
        let days = raised.zip(asked).map(|(raised, asked)| raised.days_until(asked));
        one.insert("daysOpen".to_owned(), json!(days));
    }
    json!({ "open": open, "closed": closed })
}

/// From one time to another, in hours and minutes.
fn between(from: &Value, to: &Value) -> Option<String> {
    let micros = |time: &Value| Some(time.as_str()?.parse::<Instant>().ok()?.micros());
    let minutes = (micros(to)? - micros(from)?) / 60_000_000;
    Some(format!("{} h {} min", minutes / 60, minutes % 60))
}

/// Asks every question over HTTP and compares.
///
/// # Errors
/// When an answer differs.
pub async fn check(app: &App, halden: &Replayed, address: SocketAddr) -> anyhow::Result<()> {
    let reader = halden.id("rui")?;
    let token = app.identity.tokens().mint(&halden.tenant, reader, Duration::from_secs(60))?;
    let mut connection = Connection::open(&address.to_string(), &token).await?;
    for question @ Question { words, seen, answer, .. } in QUESTIONS {
        let body = json!({ "query": question.asked(halden) }).to_string();
        let (status, text) = connection.post("/graphql", &body).await?;
        let mut got: Value = serde_json::from_slice(&text)?;
        ensure!(status == 200 && got.get("errors").is_none(), "{words}: {status} {got}");
        let seen = seen(got["data"].take());
        ensure!(seen == answer(), "{words}: {seen}, not {}", answer());
    }
    Ok(())
}

/// Prints where everything is, tokens, and the questions ready to paste.
///
/// # Errors
/// When no token can be made.
pub fn print(
    app: &App,
    halden: &Replayed,
    address: SocketAddr,
    valid: Duration,
) -> anyhow::Result<()> {
    let token = |label: &str| {
        let bearer = halden.id(label)?;
        Ok::<_, anyhow::Error>(app.identity.tokens().mint(&halden.tenant, bearer, valid)?)
    };
    println!("\nAnnals listens on http://{address}");
    for (path, what) in [
        ("/graphql/explorer", "ask GraphQL questions in the browser"),
        ("/docs", "REST, problems, OpenAPI"),
        ("/graphql", "GraphQL endpoint"),
        ("/v1/…", "REST"),
    ] {
        println!("  http://{address}{path:<20} {what}");
    }
    println!("\nTokens (valid {} hours; tenant {}):", valid.as_secs() / 3600, halden.tenant);
    for (label, variable, who) in [
        ("rui", "AUDITOR", "Rui Costa, internal auditor: reads everything"),
        ("priya", "MANAGER", "Priya Nair, AIMS manager: drafts and decides"),
        ("lena", "OWNER", "Lena Fischer, risk owner: accepts what she owns"),
        ("ingrid", "TOP", "Ingrid Solberg, top management: approves"),
        ("sara", "EMPLOYEE", "Sara Lind, developer: reads, registers evidence"),
        ("administrator", "ADMIN", "the tenant's administrator: members and settings"),
    ] {
        println!("\n# {who}\n{variable}={}", token(label)?);
    }
    println!("\nQuestions (paste a token line first):");
    for question @ Question { words, .. } in QUESTIONS {
        let body = json!({ "query": question.asked(halden) }).to_string();
        println!(
            "\n# {words}\ncurl -s http://{address}/graphql -H \"Authorization: Bearer $AUDITOR\" \
             -H 'Content-Type: application/json' \\\n  -d '{body}'"
        );
    }
    println!(
        "\n# The same over REST, as of another day\n\
         curl -s -H \"Authorization: Bearer $AUDITOR\" \
         'http://{address}/v1/soas/current?asOf=2024-12-31T00:00:00Z'\n\n\
         The clock of this tenant is simulated: writes need Annals-Clock. End with Ctrl-C."
    );
    Ok(())
}
