//! How an incident is reported.

use std::collections::BTreeMap;

use declare::record;
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Instant, UserId, kinds};

use super::{Assessment, Category, Findings, Incident, Refusal};

/// Some people or things that were harmed.
#[record]
pub struct Harm {
    /// Who: a group, or whom the text names.
    pub who: Prose,
    /// What sort of harm.
    pub harm_kind: Line,
    /// How many.
    pub count: u32,
}

/// Input of `report`.
#[record]
pub struct Report {
    /// The AI system.
    pub system: Ref<kinds::AiSystem>,
    /// The label of the system's version; the one that runs when left out.
    pub system_version: Option<Key>,
    /// What happened, in a line.
    pub title: Line,
    /// What happened.
    pub description: Prose,
    /// When it happened.
    pub occurred_at: Option<Instant>,
    /// When the organisation became aware of it.
    pub aware_at: Instant,
    /// Of what sort it is.
    pub category: Category,
    /// Who was harmed, and how.
    #[field(max = 50)]
    pub harm: Vec<Harm>,
    /// How grave it seems.
    #[field(flatten)]
    pub findings: Findings,
}

/// An incident was reported.
#[record]
pub struct Reported {
    /// The AI system.
    pub system: Ref<kinds::AiSystem>,
    /// The label of the system's version.
    pub system_version: Option<Key>,
    /// What happened, in a line.
    pub title: Line,
    /// What happened.
    pub description: Prose,
    /// When it happened.
    pub occurred_at: Option<Instant>,
    /// When the organisation became aware of it.
    pub aware_at: Instant,
    /// Of what sort it is.
    pub category: Category,
    /// Who was harmed, and how.
    pub harm: BTreeMap<Key, Harm>,
    /// How grave it seems.
    pub assessment: Assessment,
    /// Who reported it.
    pub by: UserId,
}

/// Each harm under a key of its own.
pub(super) fn keyed(harm: Vec<Harm>, context: &Context) -> BTreeMap<Key, Harm> {
    harm.into_iter().map(|harm| (context.new_key("harm"), harm)).collect()
}

impl Report {
    pub(super) fn reported(self, context: &Context) -> Result<Reported, Refusal> {
        if self.aware_at > context.now {
            return Err(Refusal::AwareInFuture { at: "/awareAt" });
        }
        if let Some(occurred) = self.occurred_at.filter(|occurred| *occurred > self.aware_at) {
            return Err(Refusal::AwareBeforeItHappened { occurred, at: "/awareAt" });
        }
        let system_version = self.version(context)?;
        let assessment = self.findings.on(&Assessment::default())?;
        Ok(Reported {
            system: self.system,
            system_version,
            title: self.title,
            description: self.description,
            occurred_at: self.occurred_at,
            aware_at: self.aware_at,
            category: self.category,
            harm: keyed(self.harm, context),
            assessment,
            by: context.user(),
        })
    }

    /// The version that is named, or the only one that runs.
    fn version(&self, context: &Context) -> Result<Option<Key>, Refusal> {
        let system = context.facts.get::<facts::AiSystem>(self.system.id());
        let versions = system.map(|system| system.versions).unwrap_or_default();
        let Some(named) = &self.system_version else {
            let mut running = versions.into_iter().filter(|(_, v)| v.status == "running");
            let first = running.next().map(|(label, _)| Key::new(label));
            return Ok(first.filter(|_| running.next().is_none()));
        };
        if versions.contains_key(named.as_str()) {
            return Ok(Some(named.clone()));
        }
        let version = named.as_str().to_owned();
        Err(Refusal::UnknownVersion { version, at: "/systemVersion" })
    }
}

impl Incident {
    pub(super) fn begin(&mut self, event: Reported) {
        self.system = event.system;
        self.system_version = event.system_version;
        self.title = event.title;
        self.description = event.description;
        self.occurred_at = event.occurred_at;
        self.aware_at = event.aware_at;
        self.category = event.category;
        self.harm = event.harm;
        self.assessment = event.assessment;
        self.reporter = event.by;
    }
}
