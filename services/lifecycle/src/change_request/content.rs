//! What a change is and what follows from it.

use declare::{record, refusals, words};
use kernel::approval::Superseded;
use kernel::kinds::{AiSystem, Monitor, Risk};
use kernel::values::{Anything, Key, Line, Prose, Ref};
use kernel::{Context, UserId};

use super::{ChangeRequest, Event, Refusal};

/// What a change is and what follows from it. Input of `propose` and `revise`.
#[record]
#[derive(Default)]
pub struct Content {
    /// What is changed, in a few words.
    #[field(search, correctable)]
    pub title: Line,
    /// The system that is changed.
    #[field(index)]
    pub system: Ref<AiSystem>,
    /// What of it is changed.
    #[field(index)]
    pub change_kind: ChangeKind,
    /// How far the change reaches.
    #[field(index)]
    pub class: ChangeClass,
    /// Why it is changed.
    #[field(correctable)]
    pub reason: Prose,
    /// What follows from it.
    pub impact: Impact,
    /// How the change is taken back; a minor change can do without.
    pub rollback: Option<Prose>,
    /// The label of the system's version that is changed.
    pub from_version: Option<Key>,
    /// The label of the version that it leads to.
    pub to_version: Option<Key>,
    /// The monitors whose thresholds it may loosen.
    #[field(max = 50)]
    pub monitors: Vec<Ref<Monitor>>,
}

/// What of a system is changed.
#[words]
#[derive(Default)]
pub enum ChangeKind {
    /// Data that it is made of or looks things up in.
    Data,
    /// A model.
    #[default]
    Model,
    /// A prompt.
    Prompt,
    /// Settings.
    Config,
    /// The surroundings in which it is used.
    Context,
    /// What it is for.
    Purpose,
    /// A supplier or a supplied component.
    Supplier,
    /// What it runs on.
    Infra,
}

/// How far a change reaches.
#[words]
#[derive(Default)]
pub enum ChangeClass {
    /// Nothing that was assessed changes.
    Minor,
    /// Something that was assessed changes.
    #[default]
    Significant,
    /// Compliance or the intended purpose changes (EU AI Act Art. 3(23)).
    Substantial,
}

/// What follows from a change.
#[record]
#[derive(Default)]
pub struct Impact {
    /// The risks that it bears on.
    #[field(max = 100)]
    pub risks: Vec<Ref<Risk>>,
    /// Whether the impact assessment must be done again.
    pub aisia_needed: bool,
    /// Whether the new version must be verified and validated.
    pub revalidation_needed: bool,
    /// The documents, design records and other objects that must be brought up to date.
    #[field(max = 100)]
    pub docs: Vec<Ref<Anything>>,
}

/// A change was proposed, first or again.
#[record]
pub struct ChangeProposed {
    /// Number of the version of the proposal.
    pub version: u32,
    /// Who wrote it.
    pub by: UserId,
    /// What it says.
    pub content: Content,
}

/// Why a proposal is refused.
#[refusals]
pub enum ContentRefusal {
    /// A change of purpose is no minor change: it can change who is responsible for what.
    #[refusal(rule = "EU AI Act Art. 25(1)(c)")]
    PurposeIsNotMinor {
        /// Where in the input.
        at: &'static str,
    },
    /// A substantial change needs the impact assessment to be done again.
    #[refusal(rule = "ISO/IEC 42001 8.4")]
    SubstantialWithoutAssessment {
        /// Where in the input.
        at: &'static str,
    },
    /// The proposal is of another system: propose a change of its own for that.
    SystemStands {
        /// Where in the input.
        at: &'static str,
    },
    /// The AI system {name} is retired: nothing of it is changed.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    SystemRetired {
        /// The system's name.
        name: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The AI system {name} has no version {version}.
    UnknownVersion {
        /// The system's name.
        name: String,
        /// The version's label.
        version: String,
        /// Where in the input.
        at: &'static str,
    },
    /// A change leads to another version than the one that it changes.
    SameVersion {
        /// Where in the input.
        at: &'static str,
    },
    /// A {class} change needs a way back: say how it is taken back.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.1")]
    NoRollback {
        /// Its class.
        class: &'static str,
    },
    /// What is to be validated again is a version: name the one that the change leads to.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.4")]
    NoVersionToValidate,
}

/// A purpose reaches further than a minor change does.
pub(super) fn check_class(kind: ChangeKind, class: ChangeClass) -> Result<(), ContentRefusal> {
    match (kind, class) {
        (ChangeKind::Purpose, ChangeClass::Minor) => {
            Err(ContentRefusal::PurposeIsNotMinor { at: "/class" })
        }
        (_, _) => Ok(()),
    }
}

/// The system lives and has the version that is said to be changed.
pub(super) fn check_system(
    system: &Ref<AiSystem>,
    from: Option<&Key>,
    context: &Context,
) -> Result<(), ContentRefusal> {
    let Some(known) = context.facts.get::<facts::AiSystem>(system.id()) else { return Ok(()) };
    if known.is_retired() {
        return Err(ContentRefusal::SystemRetired { name: known.name, at: "/system" });
    }
    match from {
        Some(label) if !known.versions.contains_key(label.as_str()) => {
            let (name, version) = (known.name, label.as_str().to_owned());
            Err(ContentRefusal::UnknownVersion { name, version, at: "/fromVersion" })
        }
        Some(_) | None => Ok(()),
    }
}

impl Content {
    fn check(&self, context: &Context) -> Result<(), ContentRefusal> {
        check_class(self.change_kind, self.class)?;
        if self.class == ChangeClass::Substantial && !self.impact.aisia_needed {
            let at = "/impact/aisiaNeeded";
            return Err(ContentRefusal::SubstantialWithoutAssessment { at });
        }
        if self.from_version.is_some() && self.from_version == self.to_version {
            return Err(ContentRefusal::SameVersion { at: "/toVersion" });
        }
        check_system(&self.system, self.from_version.as_ref(), context)
    }

    /// Whether it says all that its approvers must know.
    pub(super) fn check_complete(&self) -> Result<(), ContentRefusal> {
        match self.class {
            ChangeClass::Minor => {}
            ChangeClass::Significant if self.rollback.is_none() => {
                return Err(ContentRefusal::NoRollback { class: "significant" });
            }
            ChangeClass::Substantial if self.rollback.is_none() => {
                return Err(ContentRefusal::NoRollback { class: "substantial" });
            }
            ChangeClass::Significant | ChangeClass::Substantial => {}
        }
        if self.impact.revalidation_needed && self.to_version.is_none() {
            return Err(ContentRefusal::NoVersionToValidate);
        }
        Ok(())
    }
}

impl ChangeRequest {
    pub(super) fn proposed(
        &self,
        content: Content,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        content.check(context)?;
        let version = self.approval.draft_version();
        Ok(vec![Event::ChangeProposed(ChangeProposed { version, by: context.user(), content })])
    }

    /// An approval is of what was approved: it ends when something else is being written.
    pub(super) fn revised(
        &self,
        content: Content,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_planned()?;
        self.approval.may_draft()?;
        self.must_not_have_begun()?;
        if content.system != self.content.system {
            return Err(ContentRefusal::SystemStands { at: "/system" }.into());
        }
        content.check(context)?;
        let (version, by) = (self.approval.draft_version(), context.user());
        let ended = self.approval.effective.as_ref();
        let ended = ended.map(|old| Superseded { version: old.version, by_version: version });
        let revised = Event::ChangeRevised(ChangeProposed { version, by, content });
        Ok(ended.map(Event::Superseded).into_iter().chain([revised]).collect())
    }

    /// What was given and looked at concerned another text.
    pub(super) fn written(&mut self, event: ChangeProposed) {
        self.approval.drafted(event.version, event.by);
        self.content = event.content;
        self.approvals.clear();
        self.reclassification = None;
    }
}
