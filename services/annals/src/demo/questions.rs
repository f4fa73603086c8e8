//! Questions that the worked example answers, and what the example says the answers are.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::ensure;
use serde_json::{Value, json};

use super::replay::Replayed;
use crate::app::App;
use crate::bench::client::Connection;

/// A question with its answer.
pub struct Question {
    /// In words.
    pub words: &'static str,
    /// In GraphQL.
    pub query: &'static str,
    /// What the data must be.
    pub answer: fn() -> Value,
}

/// The auditor's questions (domain model, 7.2) that the aggregates so far can answer.
pub const QUESTIONS: &[Question] = &[
    Question {
        words: "Q1: the SoA status of A.6.2.4 on 2025-03-31, and who approved it",
        query: "{ aims(asOf: {time: \"2025-03-31T00:00:00Z\"}) { soa { \
                effective { version approvedAt approvedBy { name } } \
                officialControls(filter: {control: {eq: \"A.6.2.4\"}}) \
                { nodes { control decision status note } } } } }",
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
        words: "Q6: was the AI policy's review overdue on 2025-09-01, and which version was in force",
        query: "{ aims(asOf: {time: \"2025-09-01T00:00:00Z\"}) { documents(filter: {number: \
                {eq: \"POL-01\"}}) { nodes { title reviewStatus inForce { edition nextReviewDue } \
                effective { approvedBy { name } } } } } }",
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
        words: "Which controls did the SoA exclude on 2025-10-01, and did a fact contradict it",
        query: "{ aims(asOf: {time: \"2025-10-01T00:00:00Z\"}) { soa { \
                effectiveRows { applicable implemented excludedControls } \
                contradictions { control } } } }",
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

/// Asks every question over HTTP and compares.
///
/// # Errors
/// When an answer differs.
pub async fn check(app: &App, halden: &Replayed, address: SocketAddr) -> anyhow::Result<()> {
    let reader = halden.id("rui")?;
    let token = app.identity.tokens().mint(&halden.tenant, reader, Duration::from_secs(60))?;
    let mut connection = Connection::open(&address.to_string(), &token).await?;
    for Question { words, query, answer } in QUESTIONS {
        let body = json!({ "query": query }).to_string();
        let (status, text) = connection.post("/graphql", &body).await?;
        let got: Value = serde_json::from_slice(&text)?;
        ensure!(status == 200 && got.get("errors").is_none(), "{words}: {status} {got}");
        ensure!(got["data"] == answer(), "{words}: {}, not {}", got["data"], answer());
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
        ("ingrid", "TOP", "Ingrid Solberg, top management: approves"),
        ("sara", "EMPLOYEE", "Sara Lind, developer: reads, registers evidence"),
        ("administrator", "ADMIN", "the tenant's administrator: members and settings"),
    ] {
        println!("\n# {who}\n{variable}={}", token(label)?);
    }
    println!("\nQuestions (paste a token line first):");
    for Question { words, query, .. } in QUESTIONS {
        let body = json!({ "query": query }).to_string();
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
