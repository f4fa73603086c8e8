//! What is known of a component, version by version.

use std::collections::BTreeMap;

use declare::{record, words};
use kernel::kinds::Evidence;
use kernel::values::{Hash, Key, Line, Prose, Ref};
use kernel::{Context, Date, UserId};

use super::{ComponentStatus, Event, Refusal, SuppliedComponent};

/// Most documents of a component.
pub const DOCUMENTS_MAX: usize = 50;
/// Most people who describe a component before it is accepted.
pub const PROPOSERS_MAX: usize = 20;

/// What a component is.
#[words]
#[derive(Default)]
pub enum ComponentKind {
    /// A model.
    #[default]
    Model,
    /// A service that is called.
    Service,
    /// Data.
    Data,
    /// Software that is built in.
    Software,
    /// Computing.
    Compute,
    /// A whole system.
    System,
}

/// What is known of a component.
#[record]
#[derive(Default)]
pub struct Description {
    /// Its documents.
    pub documentation: BTreeMap<Key, Documentation>,
    /// What it is known not to do, or to do badly.
    #[field(correctable, max = 20)]
    pub known_limits: Vec<Line>,
    /// Where the supplier tells of changes.
    #[field(correctable)]
    pub change_feed: Option<Line>,
    /// SHA-256 of its software bill of materials.
    pub sbom_hash: Option<Hash>,
    /// SHA-256 of its bill of materials of AI.
    pub aibom_hash: Option<Hash>,
}

/// A document about a component.
#[record]
pub struct Documentation {
    /// Its title.
    pub title: Line,
    /// The version of the component that it describes.
    pub component_version: Line,
    /// SHA-256 of it.
    pub hash: Option<Hash>,
    /// Where it stands.
    pub place: Option<Line>,
    /// The evidence under which it is kept.
    pub evidence: Option<Ref<Evidence>>,
}

/// A document that is added; it describes the component's present version.
#[record]
pub struct NewDocument {
    /// Its title.
    pub title: Line,
    /// SHA-256 of it.
    pub hash: Option<Hash>,
    /// Where it stands.
    pub place: Option<Line>,
    /// The evidence under which it is kept.
    pub evidence: Option<Ref<Evidence>>,
}

/// Input of `describe`: documents are added, anything else is replaced; what is left out stays.
#[record]
pub struct Describe {
    /// Documents of its present version.
    #[field(max = 20)]
    pub documentation: Vec<NewDocument>,
    /// What it is known not to do, or to do badly.
    #[field(max = 20)]
    pub known_limits: Vec<Line>,
    /// Where the supplier tells of changes.
    pub change_feed: Option<Line>,
    /// SHA-256 of its software bill of materials.
    pub sbom_hash: Option<Hash>,
    /// SHA-256 of its bill of materials of AI.
    pub aibom_hash: Option<Hash>,
}

/// More was said of it.
#[record]
pub struct Described {
    /// All that is known of it.
    pub about: Description,
    /// Who said it.
    pub by: UserId,
}

/// Input of `notify_version`.
#[record]
pub struct NotifyVersion {
    /// Label of the version.
    pub component_version: Line,
    /// What has changed.
    pub changes: Option<Prose>,
    /// When the supplier released it.
    pub released_on: Option<Date>,
}

/// The supplier has another version.
#[record]
pub struct VersionChanged {
    /// The version until now.
    pub before: Line,
    /// The version now.
    pub component_version: Line,
    /// What has changed.
    pub changes: Option<Prose>,
    /// When the supplier released it.
    pub released_on: Option<Date>,
    /// Who told of it.
    pub by: UserId,
}

impl Description {
    /// Whether a document describes this version.
    pub(super) fn documents(&self, version: &Line) -> bool {
        self.documentation.values().any(|document| document.component_version == *version)
    }

    /// The same with what was said.
    pub(super) fn with(
        mut self,
        said: Describe,
        version: &Line,
        context: &Context,
    ) -> Result<Self, Refusal> {
        for (n, new) in said.documentation.into_iter().enumerate() {
            let NewDocument { title, hash, place, evidence } = new;
            if hash.is_none() && place.is_none() && evidence.is_none() {
                let (title, at) = (title.to_string(), format!("/documentation/{n}"));
                return Err(Refusal::DocumentNowhere { title, at });
            }
            let component_version = version.clone();
            let document = Documentation { title, component_version, hash, place, evidence };
            if self.documentation.values().all(|known| *known != document) {
                self.documentation.insert(context.new_key("document"), document);
            }
        }
        if self.documentation.len() > DOCUMENTS_MAX {
            let (most, at) = (DOCUMENTS_MAX, "/documentation");
            return Err(Refusal::TooManyDocuments { most, at });
        }
        if !said.known_limits.is_empty() {
            self.known_limits = said.known_limits;
        }
        self.change_feed = said.change_feed.or(self.change_feed);
        self.sbom_hash = said.sbom_hash.or(self.sbom_hash);
        self.aibom_hash = said.aibom_hash.or(self.aibom_hash);
        Ok(self)
    }
}

impl SuppliedComponent {
    pub(super) fn described(
        &self,
        input: Describe,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_used("described")?;
        let about = self.about.clone().with(input, &self.component_version, context)?;
        let by = context.user();
        if about == self.about {
            return Ok(Vec::new());
        }
        if self.proposers.len() >= PROPOSERS_MAX && !self.proposers.contains(&by) {
            return Err(Refusal::TooManyProposers { most: PROPOSERS_MAX });
        }
        Ok(vec![Event::Described(Described { about, by })])
    }

    pub(super) fn version_changed(
        &self,
        input: NotifyVersion,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_used("given another version")?;
        let NotifyVersion { component_version, changes, released_on } = input;
        if component_version == self.component_version {
            return Ok(Vec::new());
        }
        if released_on.is_some_and(|day| day > context.today()) {
            return Err(Refusal::ReleasedInFuture { at: "/releasedOn" });
        }
        Ok(vec![Event::VersionChanged(VersionChanged {
            before: self.component_version.clone(),
            component_version,
            changes,
            released_on,
            by: context.user(),
        })])
    }

    /// Its bills of materials are those of the version before, so that they are known no more.
    pub(super) fn change_version(&mut self, event: VersionChanged) {
        if self.status == ComponentStatus::Accepted {
            self.status = ComponentStatus::VersionChanged;
        }
        self.previous_version = Some(event.before);
        self.component_version = event.component_version;
        self.about.sbom_hash = None;
        self.about.aibom_hash = None;
        self.proposers.clear();
        self.spoken_of(event.by);
    }
}
