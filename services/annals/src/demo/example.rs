//! An example as its files give it: who acts, what they do, and what is then there by itself.

use anyhow::{Context, ensure};
use kernel::{Instant, Role};
use serde::Deserialize;
use serde_json::Value;

const PEOPLE: &str = include_str!("halden/people.json");
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
    #[serde(rename = "do", default)]
    pub what: String,
    /// Instead of a command: the stored name of an event that is there by itself by then, recorded
    /// on that day.
    pub appears: Option<String>,
    /// What that event's data must hold.
    #[serde(default)]
    pub with: Value,
    /// Label of the object that the command makes.
    #[serde(rename = "as")]
    pub makes: Option<String>,
    /// Label of the object that decides.
    pub on: Option<String>,
    /// Its input; `"@label"` stands for the id of that label.
    #[serde(default)]
    pub input: Value,
}

impl Example {
    /// Halden Analytics B.V.: the files of the services, merged by time.
    ///
    /// # Errors
    /// When a file cannot be read, or two commands have the same time.
    pub fn halden() -> anyhow::Result<Self> {
        let people = serde_json::from_str(PEOPLE).context("people.json")?;
        let mut steps = Vec::new();
        for (name, text) in STEPS {
            steps.extend(serde_json::from_str::<Vec<Step>>(text).context(name)?);
        }
        steps.sort_by_key(|step: &Step| step.at);
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
