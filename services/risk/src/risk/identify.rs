//! Identifying a risk (ISO 31000 6.4.2): by somebody's thought or from a library; who owns it and
//! what it concerns.

use declare::record;
use kernel::values::{Line, Prose, Ref};
use kernel::{Context, Fact, Need, UserId, kinds};
use serde::Deserialize;

use super::{
    Closure, ClosureGround, Edit, Event, Identification, Links, ObjectiveTheme, Origin, Refusal,
    Risk, RiskSource, RiskStatus, Stage,
};

const LINKS_MAX: usize = 50;

/// Input of `identify`.
#[record]
pub struct Identify {
    /// What the risk is.
    #[field(flatten)]
    pub content: Identification,
    /// Who owns it.
    pub owner: Option<UserId>,
}

/// Input of `import_candidate`.
#[record]
pub struct ImportCandidate {
    /// Its title.
    pub title: Line,
    /// What may happen, why, and to whom.
    pub description: Prose,
    /// The library that it is taken from.
    pub origin: Origin,
    /// What the library suggests to do about it.
    #[field(max = 250)]
    pub suggested_actions: Vec<Prose>,
    /// What is at stake.
    #[field(max = 10)]
    pub assets: Vec<Line>,
    /// Where it comes from (Annex C.3).
    pub sources: Vec<RiskSource>,
    /// Sources of the organisation's own list.
    #[field(max = 5)]
    pub other_sources: Vec<Line>,
    /// Which objectives it endangers (Annex C.2).
    pub themes: Vec<ObjectiveTheme>,
    /// Objectives of the organisation's own list.
    #[field(max = 5)]
    pub other_themes: Vec<Line>,
    /// The stage of the life cycle in which it arises.
    pub stage: Option<Stage>,
}

/// Input of `adopt`.
#[record]
pub struct Adopt {
    /// The AI systems that it concerns.
    #[field(max = 100)]
    pub systems: Vec<Ref<kinds::AiSystem>>,
    /// Who owns it.
    pub owner: Option<UserId>,
}

/// Input of `dismiss`.
#[record]
pub struct Dismiss {
    /// Why the candidate does not concern the organisation.
    pub reason: Prose,
}

/// Input of `assign_owner`.
#[record]
pub struct AssignOwner {
    /// Who owns the risk.
    pub owner: UserId,
}

/// Input of `change_systems`.
#[record]
pub struct ChangeSystems {
    /// All AI systems that the risk concerns.
    #[field(max = 100)]
    pub systems: Vec<Ref<kinds::AiSystem>>,
}

/// Input of `link`: what is linked beside what is linked already.
#[record]
pub struct Link {
    /// What.
    #[field(flatten)]
    pub links: Links,
}

/// A risk was identified, or taken from a library.
#[record]
pub struct Identified {
    /// What it is.
    #[field(flatten)]
    pub content: Identification,
    /// Who, and when.
    pub edit: Edit,
}

/// A candidate concerns the organisation.
#[record]
pub struct Adopted {
    /// The AI systems that it concerns.
    pub systems: Vec<Ref<kinds::AiSystem>>,
    /// Who said so, and when.
    pub edit: Edit,
}

/// A candidate does not concern the organisation.
#[record]
pub struct Dismissed {
    /// Why.
    pub reason: Prose,
    /// Who said so, and when.
    pub edit: Edit,
}

/// Somebody owns the risk.
#[record]
pub struct OwnerAssigned {
    /// Who owns it.
    pub owner: UserId,
    /// Who said so, and when.
    pub edit: Edit,
}

/// The risk concerns other AI systems.
#[record]
pub struct SystemsChanged {
    /// All that it concerns.
    pub systems: Vec<Ref<kinds::AiSystem>>,
    /// Who said so, and when.
    pub edit: Edit,
}

/// The risk was linked.
#[record]
pub struct Linked {
    /// All that it is linked to.
    #[field(flatten)]
    pub links: Links,
    /// Who said so, and when.
    pub edit: Edit,
}

/// Of another risk, whether it was taken from a library.
#[derive(Deserialize)]
struct Imported {
    origin: Option<Origin>,
}

impl Fact for Imported {
    const KIND: &'static str = "risk";
}

/// The risks that were taken from the same entry.
pub(super) fn needs(origin: Option<&Origin>) -> Vec<Need> {
    let need = |origin: &Origin| Need::Where("risk", "origin.entry", origin.entry.to_string());
    origin.map(need).into_iter().collect()
}

fn check_new(origin: &Origin, context: &Context) -> Result<(), Refusal> {
    let same = |known: &Origin| known.library == origin.library && known.entry == origin.entry;
    let mut known = context.facts.all::<Imported>().into_iter();
    let Some((id, _)) = known.find(|(_, risk)| risk.origin.as_ref().is_some_and(same)) else {
        return Ok(());
    };
    Err(Refusal::DuplicateEntry { id, at: "/origin/entry" })
}

impl Identify {
    pub(super) fn decide(self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if let Some(origin) = &self.content.origin {
            check_new(origin, context)?;
        }
        let mut edit = Edit::of(context);
        let identified =
            Event::Identified(Identified { content: self.content, edit: edit.clone() });
        edit.history_version += 1;
        let owned = self.owner.map(|owner| Event::OwnerAssigned(OwnerAssigned { owner, edit }));
        Ok([identified].into_iter().chain(owned).collect())
    }
}

impl ImportCandidate {
    pub(super) fn decide(self, context: &Context) -> Result<Vec<Event>, Refusal> {
        check_new(&self.origin, context)?;
        let content = Identification {
            title: self.title,
            description: self.description,
            systems: Vec::new(),
            assets: self.assets,
            sources: self.sources,
            other_sources: self.other_sources,
            themes: self.themes,
            other_themes: self.other_themes,
            stage: self.stage,
            origin: Some(self.origin),
            suggested_actions: self.suggested_actions,
            links: Links::default(),
        };
        Ok(vec![Event::CandidateImported(Identified { content, edit: Edit::of(context) })])
    }
}

impl Risk {
    pub(super) fn adopted(&self, input: Adopt, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be(&[RiskStatus::Candidate], "a candidate")?;
        let mut edit = Edit::of(context);
        let adopted = Event::Adopted(Adopted { systems: input.systems, edit: edit.clone() });
        edit.history_version += 1;
        let owned = input.owner.map(|owner| Event::OwnerAssigned(OwnerAssigned { owner, edit }));
        Ok([adopted].into_iter().chain(owned).collect())
    }

    pub(super) fn dismissed(
        &self,
        input: Dismiss,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let dismissed = |closure: &Closure| closure.ground == ClosureGround::Dismissed;
        if self.closure.as_ref().is_some_and(dismissed) {
            return Ok(Vec::new());
        }
        self.must_be(&[RiskStatus::Candidate], "a candidate")?;
        let edit = Edit::of(context);
        Ok(vec![Event::Dismissed(Dismissed { reason: input.reason, edit })])
    }

    pub(super) fn evolve_dismissed(&mut self, event: Dismissed) {
        self.status = RiskStatus::Closed;
        let (ground, reason, edit) = (ClosureGround::Dismissed, event.reason, event.edit);
        self.closure = Some(Closure { ground, reason, edit });
    }

    pub(super) fn owner_assigned(
        &self,
        input: AssignOwner,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_open()?;
        if self.owner.as_ref() == Some(&input.owner) {
            return Ok(Vec::new());
        }
        let edit = Edit::of(context);
        Ok(vec![Event::OwnerAssigned(OwnerAssigned { owner: input.owner, edit })])
    }

    pub(super) fn systems_changed(
        &self,
        input: ChangeSystems,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_open()?;
        if self.content.systems == input.systems {
            return Ok(Vec::new());
        }
        let edit = Edit::of(context);
        Ok(vec![Event::SystemsChanged(SystemsChanged { systems: input.systems, edit })])
    }

    pub(super) fn linked(&self, input: Link, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be_open()?;
        let before = &self.content.links;
        let Links { impact_assessments, incidents, suppliers } = input.links;
        let links = Links {
            impact_assessments: joined(
                "impact assessments",
                &before.impact_assessments,
                impact_assessments,
            )?,
            incidents: joined("incidents", &before.incidents, incidents)?,
            suppliers: joined("suppliers", &before.suppliers, suppliers)?,
        };
        if links == *before {
            return Ok(Vec::new());
        }
        Ok(vec![Event::Linked(Linked { links, edit: Edit::of(context) })])
    }
}

/// What is linked already and what comes to it, each once.
fn joined<K>(
    what: &'static str,
    before: &[Ref<K>],
    more: Vec<Ref<K>>,
) -> Result<Vec<Ref<K>>, Refusal> {
    let mut all = before.to_vec();
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    if all.len() > LINKS_MAX {
        return Err(Refusal::TooMany { what, most: LINKS_MAX });
    }
    Ok(all)
}
