//! What technical documentation must fulfil before it is approved.

use kernel::Context;

use super::{Content, Refusal, Subject, TechnicalDocumentation};

/// The points of Annex IV to the AI Act.
const ANNEX_IV: [&str; 9] = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
/// Who does not draw up technical documentation of a high-risk system but relies on the provider's
/// (AI Act Art. 23, 24, 26).
const RELYING_ROLES: [&str; 3] = ["deployer", "importer", "distributor"];

/// The version exists and has no documentation yet.
pub(super) fn subject(subject: &Subject, context: &Context) -> Result<(), Refusal> {
    let (system, label) = (subject.system.id(), subject.system_version.as_str());
    let at = "/systemVersion";
    let known = context.facts.get::<facts::AiSystem>(system);
    if known.is_none_or(|known| !known.versions.contains_key(label)) {
        return Err(Refusal::UnknownVersion { label: label.to_owned(), at });
    }
    let all = context.facts.all::<facts::TechnicalDocumentation>();
    let mut all = all.into_iter();
    match all.find(|(_, other)| other.system == system && other.system_version == label) {
        Some((documentation, _)) => {
            Err(Refusal::VersionIsDocumented { label: label.to_owned(), documentation, at })
        }
        None => Ok(()),
    }
}

/// Every point that is mapped is one of Annex IV.
pub(super) fn points(content: &Content) -> Result<(), Refusal> {
    let mut points = content.annex_iv_map.keys().map(kernel::values::Key::as_str);
    match points.find(|point| !ANNEX_IV.contains(point)) {
        Some(point) => {
            let (point, at) = (point.to_owned(), format!("/annexIvMap/{point}"));
            Err(Refusal::NoSuchPoint { point, at })
        }
        None => Ok(()),
    }
}

impl TechnicalDocumentation {
    /// Whether the working version can be in force.
    pub(super) fn check_complete(&self, context: &Context) -> Result<(), Refusal> {
        if self.content.audiences.is_empty() {
            return Err(Refusal::NoAudience);
        }
        let covered = |point: &str| self.content.annex_iv_map.keys().any(|k| k.as_str() == point);
        let missing: Vec<_> = ANNEX_IV.into_iter().filter(|point| !covered(point)).collect();
        if !missing.is_empty() && self.is_owed_by_law(context) {
            return Err(Refusal::AnnexPointsMissing { missing: missing.join(", ") });
        }
        self.check_not_outrun(context)
    }

    /// Whether the organisation answers for a high-risk system as its provider does. While a change
    /// of role waits for confirmation, the duty stands.
    fn is_owed_by_law(&self, context: &Context) -> bool {
        let classes = context.facts.all::<facts::RegulatoryClassification>();
        classes.iter().any(|(_, class)| {
            let relies = class.is_confirmed() && RELYING_ROLES.contains(&class.role.as_str());
            class.system == self.subject.system.id()
                && class.was_confirmed()
                && class.has_effect("high_risk")
                && !relies
        })
    }

    /// Documentation of a version that a newer running one has outrun would pass for that of the
    /// system. A version that runs itself, beside the newer one, may still be documented.
    fn check_not_outrun(&self, context: &Context) -> Result<(), Refusal> {
        let label = self.subject.system_version.as_str();
        let system = context.facts.get::<facts::AiSystem>(self.subject.system.id());
        let versions = system.map(|system| system.versions).unwrap_or_default();
        let runs = |version: &facts::SystemVersion| version.status == "running";
        let Some(documented) = versions.get(label).filter(|version| !runs(version)) else {
            return Ok(());
        };
        let mut newer = versions.iter().filter(|(_, other)| other.order > documented.order);
        match newer.find(|(_, other)| runs(other)) {
            Some((running, _)) => {
                let (label, running) = (label.to_owned(), running.clone());
                Err(Refusal::OlderThanRunning { label, running })
            }
            None => Ok(()),
        }
    }
}
