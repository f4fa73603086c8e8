//! The rules of approved versions, as assessments rely on them.

use std::collections::BTreeMap;

use kernel::values::Key;
use kernel::{Context, Fact, Need};
use serde::Deserialize;

use super::{Content, KEPT_VERSIONS, Rules};

/// Keeps the rules of a version that was approved, and forgets the oldest beyond the limit.
pub(super) fn keep(kept: &mut BTreeMap<Key, Rules>, version: u32, content: &Content) {
    kept.insert(key(version), content.rules.clone());
    while kept.len() > KEPT_VERSIONS {
        let oldest = kept.keys().min_by_key(|key| number(key)).cloned();
        if let Some(oldest) = oldest {
            kept.remove(&oldest);
        }
    }
}

fn key(version: u32) -> Key {
    Key::new(format!("v{version}"))
}

fn number(key: &Key) -> u32 {
    key.as_str().strip_prefix('v').and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// The criteria as assessments read them: what is not needed for that is not read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Criteria {
    #[serde(default)]
    effective: Option<InForce>,
    #[serde(default)]
    approved_versions: BTreeMap<Key, Rules>,
}

#[derive(Deserialize)]
struct InForce {
    version: u32,
}

impl Fact for Criteria {
    const KIND: &'static str = "risk_criteria";
}

impl Criteria {
    /// The criteria of the tenant, of which there is at most one object.
    pub(crate) fn need() -> Need {
        Need::All("risk_criteria")
    }

    /// The criteria, if the tenant has any.
    pub(crate) fn known(context: &Context) -> Option<Self> {
        context.facts.all::<Self>().into_iter().map(|(_, criteria)| criteria).next()
    }

    /// The version in force and its rules.
    pub(crate) fn in_force(&self) -> Option<(u32, &Rules)> {
        let version = self.effective.as_ref()?.version;
        Some((version, self.version(version)?))
    }

    /// The rules of an approved version, while it is kept.
    pub(crate) fn version(&self, version: u32) -> Option<&Rules> {
        self.approved_versions.get(&key(version))
    }
}
