//! What a supplier is: what it supplies, how critical that is, where it acts and who works for it.

use std::collections::BTreeMap;

use declare::{record, words};
use kernel::values::{Key, Line, Prose};
use kernel::{Context, Role, UserId};

use super::{Event, Refusal, Supplier, SupplierStatus};

/// What a supplier is.
#[record]
#[derive(Default)]
pub struct Profile {
    /// Its name.
    #[field(index, search, correctable)]
    pub name: Line,
    /// What it supplies.
    #[field(correctable)]
    pub supplier_kind: SupplierKind,
    /// How much depends on it.
    #[field(index)]
    pub criticality: Criticality,
    /// Whom to ask there.
    #[field(correctable, max = 10)]
    pub contacts: Vec<Prose>,
    /// Where it is established or acts: country codes.
    #[field(correctable, max = 30)]
    pub jurisdictions: Vec<Line>,
    /// Who works for it on what it supplies.
    pub subprocessors: BTreeMap<Key, Subprocessor>,
}

/// What is supplied.
#[words]
#[derive(Default)]
pub enum SupplierKind {
    /// Models, or systems made of them.
    #[default]
    Model,
    /// Data.
    Data,
    /// Labels for data.
    Labelling,
    /// Computing.
    Compute,
    /// Integration.
    Integration,
    /// Advice.
    Consulting,
}

/// How much depends on a supplier.
#[words]
#[derive(Default)]
pub enum Criticality {
    /// It can be done without.
    #[default]
    Low,
    /// Without it work is harder.
    Medium,
    /// Systems or people depend on it.
    High,
}

impl Criticality {
    pub(super) fn word(self) -> &'static str {
        match self {
            Criticality::Low => "low",
            Criticality::Medium => "medium",
            Criticality::High => "high",
        }
    }
}

/// Somebody who works for a supplier.
#[record]
pub struct Subprocessor {
    /// Its name.
    pub name: Line,
    /// What it does.
    pub task: Line,
    /// Where: a country code.
    #[field(max = 40)]
    pub jurisdiction: Option<Line>,
}

/// Input of `register`.
#[record]
pub struct Register {
    /// Its name.
    pub name: Line,
    /// What it supplies.
    pub supplier_kind: SupplierKind,
    /// How much depends on it.
    pub criticality: Criticality,
    /// Whom to ask there.
    #[field(max = 10)]
    pub contacts: Vec<Prose>,
    /// Where it is established or acts: country codes.
    #[field(max = 30)]
    pub jurisdictions: Vec<Line>,
    /// Who works for it on what it supplies.
    #[field(max = 40)]
    pub subprocessors: Vec<Subprocessor>,
}

/// It was registered.
#[record]
pub struct Registered {
    /// What it is.
    pub profile: Profile,
    /// Who registered it.
    pub by: UserId,
}

/// Input of `describe`, and what was described: the whole of it.
#[record]
pub struct Describe {
    /// Whom to ask there.
    #[field(max = 10)]
    pub contacts: Vec<Prose>,
    /// Where it is established or acts: country codes.
    #[field(max = 30)]
    pub jurisdictions: Vec<Line>,
    /// Who works for it on what it supplies, by key: those it had are kept by theirs.
    #[field(max = 40)]
    pub subprocessors: BTreeMap<Key, Subprocessor>,
}

/// It was described anew.
#[record]
pub struct Described {
    /// As what.
    pub about: Describe,
    /// By whom.
    pub by: UserId,
}

/// Input of `rate_criticality`.
#[record]
pub struct RateCriticality {
    /// How much depends on it.
    pub criticality: Criticality,
    /// Why.
    pub reason: Prose,
}

/// Its criticality was rated.
#[record]
pub struct CriticalityRated {
    /// How much depended on it.
    pub before: Criticality,
    /// How much does.
    pub criticality: Criticality,
    /// Why.
    pub reason: Prose,
    /// Who rated it.
    pub by: UserId,
    /// Whether its approval was given for less, so that it ends.
    pub ends_approval: bool,
}

impl Profile {
    pub(super) fn describe(&mut self, about: Describe) {
        self.contacts = about.contacts;
        self.jurisdictions = about.jurisdictions;
        self.subprocessors = about.subprocessors;
    }
}

impl Supplier {
    pub(super) fn registered(
        &self,
        input: Register,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let known = context.facts.all::<facts::Supplier>().into_iter();
        let mut same = known.filter(|(id, other)| {
            *id != context.id && other.name == input.name.as_str() && other.status != "terminated"
        });
        if let Some((id, _)) = same.next() {
            return Err(Refusal::NameTaken { id, at: "/name" });
        }
        let subprocessors = input.subprocessors.into_iter();
        let profile = Profile {
            name: input.name,
            supplier_kind: input.supplier_kind,
            criticality: input.criticality,
            contacts: input.contacts,
            jurisdictions: input.jurisdictions,
            subprocessors: subprocessors.map(|one| (context.new_key("sub"), one)).collect(),
        };
        Ok(vec![Event::Registered(Registered { profile, by: context.user() })])
    }

    pub(super) fn described(
        &self,
        about: Describe,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_go_on("described anew")?;
        let now = &self.profile;
        let same = about.contacts.is_empty()
            && now.contacts.is_empty()
            && now.jurisdictions == about.jurisdictions
            && now.subprocessors == about.subprocessors;
        let by = context.user();
        Ok(if same { Vec::new() } else { vec![Event::Described(Described { about, by })] })
    }

    pub(super) fn rated(
        &self,
        input: RateCriticality,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_go_on("rated anew")?;
        let (before, after) = (self.profile.criticality, input.criticality);
        if before == after {
            return Ok(Vec::new());
        }
        if after < before && !context.holds(Role::Am) {
            return Err(Refusal::LoweredByOther { at: "/criticality" });
        }
        let approved = self.approval.as_ref().filter(|_| self.status.supplies());
        let ends_approval = after == Criticality::High
            && approved.is_some_and(|approval| !approval.by_aims_manager);
        let (reason, by) = (input.reason, context.user());
        Ok(vec![Event::CriticalityRated(CriticalityRated {
            before,
            criticality: after,
            reason,
            by,
            ends_approval,
        })])
    }

    pub(super) fn rate(&mut self, event: CriticalityRated) {
        self.profile.criticality = event.criticality;
        if event.ends_approval {
            self.approval = None;
            self.stands(SupplierStatus::UnderAssessment, Some(event.reason));
        }
    }
}
