//! What an assessment says of the system, its use and the rights that it touches (ISO/IEC 42005
//! clause 6; Regulation (EU) 2024/1689 Art. 27).

use declare::{record, words};
use kernel::kinds::{AiSystem, PrivacyAssessment};
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Date, Need, UserId};

use super::rating::Subject;
use super::{Event, ImpactAssessment, Refusal, Status};

/// What a revision says of the system and its use. Input of `revise`.
#[record]
#[derive(Default)]
pub struct Content {
    /// Label of the system's version that is assessed.
    pub system_version: Option<Key>,
    /// What the assessment covers and what it leaves out.
    #[field(correctable)]
    pub scope: Option<Prose>,
    /// What the system is for.
    #[field(correctable)]
    pub purpose: Option<Prose>,
    /// The uses that are intended.
    #[field(max = 20)]
    pub intended_uses: Vec<Line>,
    /// The misuse that can be foreseen.
    #[field(max = 20)]
    pub foreseeable_misuse: Vec<Line>,
    /// Where and on whom it is used.
    pub context: Option<UseContext>,
    /// Who was consulted: groups and organisations, no person by name.
    #[field(max = 20, correctable)]
    pub consulted_parties: Vec<Line>,
    /// Which data it uses, and of what quality.
    #[field(correctable)]
    pub data_summary: Option<Prose>,
    /// Whether it uses personal data.
    pub personal_data: bool,
    /// The privacy assessment that goes with it.
    pub privacy_assessment: Option<Ref<PrivacyAssessment>>,
    /// How people oversee it.
    #[field(correctable)]
    pub oversight: Option<Prose>,
    /// Whether its use is a sensitive one by the organisation's thresholds (ISO/IEC 42005 5.7).
    pub sensitive_use: bool,
}

/// Where and on whom a system is used.
#[record]
pub struct UseContext {
    /// Countries or regions.
    #[field(max = 20)]
    pub geo: Vec<Line>,
    /// The sector.
    pub sector: Line,
    /// The people whom it concerns.
    pub population: Prose,
    /// About how many they are.
    pub affected_count: Option<u64>,
}

/// Input of `start`.
#[record]
pub struct Start {
    /// The AI system.
    pub system: Ref<AiSystem>,
    /// What the first revision says.
    #[field(flatten)]
    pub content: Content,
}

/// Input of `plan`.
#[record]
pub struct Plan {
    /// The AI system.
    pub system: Ref<AiSystem>,
    /// By when it is to be assessed.
    pub due: Option<Date>,
}

/// An assessment was planned.
#[record]
pub struct Planned {
    /// The AI system.
    pub system: Ref<AiSystem>,
    /// By when it is to be assessed.
    pub due: Option<Date>,
}

/// A revision was begun.
#[record]
pub struct Started {
    /// The AI system.
    pub system: Ref<AiSystem>,
    /// Number of the revision, from 1.
    pub revision: u32,
    /// Who began it.
    pub by: UserId,
    /// What it says.
    pub content: Content,
}

/// What the working revision says was written again.
#[record]
pub struct Revised {
    /// Number of the revision.
    pub revision: u32,
    /// Who wrote it.
    pub by: UserId,
    /// What it says.
    pub content: Content,
}

/// The fundamental rights impact assessment, part by part (Art. 27(1)). Input of `assess_rights`:
/// the parts that are given take the place of what was there.
#[record]
#[derive(Default)]
pub struct Rights {
    /// (a) The processes in which the system is used, in line with its intended purpose.
    pub processes: Option<Prose>,
    /// (b) For how long and how often it is used.
    pub period_and_frequency: Option<Prose>,
    /// (c) The persons and groups who are likely to be affected.
    pub affected_persons: Option<Prose>,
    /// (d) The risks of harm to them.
    pub risks_of_harm: Option<Prose>,
    /// (e) How people oversee it.
    pub human_oversight: Option<Prose>,
    /// (f) What is done when the risks come true: governance and complaints.
    pub measures: Option<Prose>,
}

/// Parts of the fundamental rights impact assessment were written.
#[record]
pub struct RightsAssessed {
    /// Who wrote them.
    pub by: UserId,
    /// What they say.
    pub rights: Rights,
}

/// What an assessment still has to say before it can be approved.
#[words]
pub enum Missing {
    /// Which version of the system it is about.
    SystemVersion,
    /// Its scope.
    Scope,
    /// The purpose of the system.
    Purpose,
    /// An intended use.
    IntendedUse,
    /// A misuse that can be foreseen.
    ForeseeableMisuse,
    /// Where and on whom the system is used.
    Context,
    /// Which data it uses.
    DataSummary,
    /// How people oversee it.
    Oversight,
    /// An impact on individuals, or why there is none.
    Individual,
    /// An impact on groups, or why there is none.
    Group,
    /// An impact on society, or why there is none.
    Society,
    /// How hard an impact is to undo.
    Reversibility,
}

impl Missing {
    fn subject(subject: Subject) -> Self {
        match subject {
            Subject::Individual => Missing::Individual,
            Subject::Group => Missing::Group,
            Subject::Society => Missing::Society,
        }
    }

    /// The refusal of an approval without it.
    pub(super) fn refusal(self) -> Refusal {
        let what = match self {
            Missing::IntendedUse => return Refusal::NoIntendedUse,
            Missing::ForeseeableMisuse => return Refusal::NoForeseeableMisuse,
            Missing::Reversibility => return Refusal::ReversibilityNotAssessed,
            Missing::Individual => return Refusal::SubjectNotAssessed { subject: "individuals" },
            Missing::Group => return Refusal::SubjectNotAssessed { subject: "groups" },
            Missing::Society => return Refusal::SubjectNotAssessed { subject: "society" },
            Missing::SystemVersion => "which version of the system it is about",
            Missing::Scope => "its scope",
            Missing::Purpose => "the purpose of the system",
            Missing::Context => "where and on whom the system is used",
            Missing::DataSummary => "which data the system uses",
            Missing::Oversight => "how people oversee the system",
        };
        Refusal::NotDescribed { what }
    }
}

impl Content {
    /// What it leaves out.
    fn missing(&self) -> impl Iterator<Item = Missing> {
        [
            (Missing::SystemVersion, self.system_version.is_some()),
            (Missing::Scope, self.scope.is_some()),
            (Missing::Purpose, self.purpose.is_some()),
            (Missing::IntendedUse, !self.intended_uses.is_empty()),
            (Missing::ForeseeableMisuse, !self.foreseeable_misuse.is_empty()),
            (Missing::Context, self.context.is_some()),
            (Missing::DataSummary, self.data_summary.is_some()),
            (Missing::Oversight, self.oversight.is_some()),
        ]
        .into_iter()
        .filter_map(|(missing, is_there)| (!is_there).then_some(missing))
    }

    /// The facts that it is checked against.
    pub(super) fn needs(&self, system: &Ref<AiSystem>) -> Vec<Need> {
        let named = self.privacy_assessment.iter().map(|privacy| privacy.id());
        [system.id()].into_iter().chain(named).map(|id| Need::Object(id.to_owned())).collect()
    }

    /// Whether what it refers to is of this system.
    fn check(&self, system: &Ref<AiSystem>, context: &Context) -> Result<(), Refusal> {
        let known = context.facts.get::<facts::AiSystem>(system.id());
        let versions = known.map(|system| system.versions).unwrap_or_default();
        if let Some(version) = &self.system_version
            && !versions.contains_key(version.as_str())
        {
            let version = version.as_str().to_owned();
            return Err(Refusal::UnknownSystemVersion { version, at: "/systemVersion" });
        }
        let Some(privacy) = &self.privacy_assessment else { return Ok(()) };
        let known = context.facts.get::<facts::PrivacyAssessment>(privacy.id());
        if known.is_some_and(|known| known.system == system.id()) {
            return Ok(());
        }
        let id = privacy.id().to_owned();
        Err(Refusal::PrivacyAssessmentOfOtherSystem { id, at: "/privacyAssessment" })
    }
}

impl Rights {
    /// The letters of the parts that are missing.
    pub(super) fn missing(&self) -> String {
        let parts = [
            ("a", &self.processes),
            ("b", &self.period_and_frequency),
            ("c", &self.affected_persons),
            ("d", &self.risks_of_harm),
            ("e", &self.human_oversight),
            ("f", &self.measures),
        ];
        let missing = parts.into_iter().filter(|(_, part)| part.is_none());
        missing.map(|(letter, _)| letter).collect::<Vec<_>>().join(", ")
    }

    /// These parts, and the others as they were.
    fn over(self, before: Rights) -> Rights {
        Rights {
            processes: self.processes.or(before.processes),
            period_and_frequency: self.period_and_frequency.or(before.period_and_frequency),
            affected_persons: self.affected_persons.or(before.affected_persons),
            risks_of_harm: self.risks_of_harm.or(before.risks_of_harm),
            human_oversight: self.human_oversight.or(before.human_oversight),
            measures: self.measures.or(before.measures),
        }
    }
}

/// The facts that a new assessment of the system is checked against.
pub(super) fn needs_of_new(system: &Ref<AiSystem>) -> [Need; 2] {
    let id = system.id().to_owned();
    [Need::Object(id.clone()), Need::Where("impact_assessment", "system", id)]
}

/// Whether the system lives and has no assessment yet.
fn check_new(system: &Ref<AiSystem>, context: &Context) -> Result<(), Refusal> {
    let others = context.facts.all::<facts::ImpactAssessment>();
    if let Some((id, _)) = others.into_iter().find(|(_, other)| other.system == system.id()) {
        return Err(Refusal::AlreadyAssessed { id, at: "/system" });
    }
    let known = context.facts.get::<facts::AiSystem>(system.id());
    if known.is_some_and(|system| system.is_retired()) {
        return Err(Refusal::SystemRetired { at: "/system" });
    }
    Ok(())
}

impl Plan {
    /// Decides on `plan`.
    pub(super) fn decide(self, context: &Context) -> Result<Vec<Event>, Refusal> {
        check_new(&self.system, context)?;
        let Plan { system, due } = self;
        Ok(vec![Event::Planned(Planned { system, due })])
    }
}

impl Start {
    /// Decides on `start`.
    pub(super) fn decide(self, context: &Context) -> Result<Vec<Event>, Refusal> {
        check_new(&self.system, context)?;
        self.content.check(&self.system, context)?;
        let Start { system, content } = self;
        let by = context.user();
        Ok(vec![Event::Started(Started { system, revision: 1, by, content })])
    }
}

impl ImpactAssessment {
    /// Decides on `revise`: the working revision is written again, or the next one begun.
    pub(super) fn revised(&self, content: Content, context: &Context) -> Result<Event, Refusal> {
        let by = context.user();
        let next = match self.status {
            Status::Planned | Status::ReassessmentRequired => self.revision + 1,
            Status::InProgress | Status::Rejected => self.revision,
            Status::Submitted
            | Status::Approved
            | Status::ApprovedWithConditions
            | Status::Superseded => {
                return Err(Refusal::NotEditable { status: self.status.text() });
            }
        };
        content.check(&self.system, context)?;
        if next == self.revision {
            return Ok(Event::Revised(Revised { revision: next, by, content }));
        }
        let system = self.system.clone();
        Ok(Event::Started(Started { system, revision: next, by, content }))
    }

    /// Evolves by the beginning of a revision: it starts from what the one before said of impacts
    /// and rights, and has no other author yet.
    pub(super) fn evolve_started(&mut self, event: Started) {
        self.system = event.system;
        self.revision = event.revision;
        self.content = event.content;
        self.assessors.clear();
        (self.rejection, self.advice) = (None, None);
        self.written(event.by);
    }

    /// Evolves by parts of the rights assessment.
    pub(super) fn evolve_rights(&mut self, event: RightsAssessed) {
        self.written(event.by);
        self.fria = Some(event.rights.over(self.fria.take().unwrap_or_default()));
    }

    /// What the working revision still has to say.
    pub(super) fn still_missing(&self) -> Vec<Missing> {
        let spoken_of = |subject: Subject| {
            self.no_impacts.contains_key(&subject.key())
                || self.impacts.values().any(|impact| impact.rated.subject == subject)
        };
        let subjects = Subject::ALL.into_iter().filter(|subject| !spoken_of(*subject));
        let unasked = self.impacts.values().any(|impact| impact.reversibility.is_none());
        let mut missing: Vec<_> = self.content.missing().collect();
        missing.extend(subjects.map(Missing::subject));
        missing.extend(unasked.then_some(Missing::Reversibility));
        missing
    }
}
