//! What a resource is, and what of it must be known before it is approved.

use declare::{record, refusals, words};
use kernel::kinds::SuppliedComponent;
use kernel::values::{Hash, Line, Prose, Ref};

use crate::origin::Origin;

/// What a resource is. Input of `register`.
#[record]
#[derive(Default)]
pub struct Description {
    /// Its name; people are named by their function.
    #[field(index, search, correctable)]
    pub name: Line,
    /// SHA-256 of its bytes, where it has any; it never changes.
    #[field(index)]
    pub hash: Option<Hash>,
    /// Which kind of resource.
    #[field(index)]
    pub resource_kind: ResourceKind,
    /// Its version, as its maker writes it.
    pub resource_version: Option<Line>,
    /// The component from a supplier that it is.
    pub supplied_component: Option<Ref<SuppliedComponent>>,
    /// Who supplies it, where no component is registered.
    #[field(correctable)]
    pub supplier_name: Option<Line>,
    /// Where it is kept or runs (A.4.5).
    pub location: Option<Line>,
    /// Under which licence it is used.
    pub licence: Option<Line>,
    /// What is known of its use of energy.
    #[field(correctable)]
    pub energy_note: Option<Prose>,
    /// What the people can do (A.4.6).
    #[field(max = 50)]
    pub competences: Vec<Line>,
    /// The document from which it was imported.
    pub origin: Option<Origin>,
}

/// Which kind of resource.
#[words]
#[derive(Default)]
pub enum ResourceKind {
    /// A trained model (A.4.4).
    #[default]
    Model,
    /// Algorithms, frameworks and tools (A.4.4).
    Tooling,
    /// Hardware, cloud and other computing (A.4.5).
    Compute,
    /// People and their competences (A.4.6).
    Human,
}

/// Input of `revise`: what is left out stays.
#[record]
#[derive(Default)]
pub struct Revise {
    /// Its name.
    pub name: Option<Line>,
    /// SHA-256 of its bytes, where it was not known.
    pub hash: Option<Hash>,
    /// Its version.
    pub resource_version: Option<Line>,
    /// The component from a supplier that it is.
    pub supplied_component: Option<Ref<SuppliedComponent>>,
    /// Who supplies it.
    pub supplier_name: Option<Line>,
    /// Where it is kept or runs.
    pub location: Option<Line>,
    /// Under which licence it is used.
    pub licence: Option<Line>,
    /// What is known of its use of energy.
    pub energy_note: Option<Prose>,
    /// What the people can do; all of it.
    #[field(max = 50)]
    pub competences: Vec<Line>,
}

/// Why a resource cannot be approved as it is described.
#[refusals]
pub enum Lack {
    /// The licence of the model is not known: it cannot be approved.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.4.4")]
    ModelWithoutLicence,
    /// It is not known where the computing runs: it cannot be approved.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.4.5")]
    ComputeWithoutLocation,
    /// It is not known what the people can do: they cannot be approved as a resource.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.4.6")]
    PeopleWithoutCompetences,
}

impl Description {
    /// Whether what its kind demands is known.
    pub(super) fn check(&self) -> Result<(), Lack> {
        match self.resource_kind {
            ResourceKind::Model if self.licence.is_none() => Err(Lack::ModelWithoutLicence),
            ResourceKind::Compute if self.location.is_none() => Err(Lack::ComputeWithoutLocation),
            ResourceKind::Human if self.competences.is_empty() => {
                Err(Lack::PeopleWithoutCompetences)
            }
            ResourceKind::Model
            | ResourceKind::Tooling
            | ResourceKind::Compute
            | ResourceKind::Human => Ok(()),
        }
    }
}

impl Revise {
    /// The description with what this says in place.
    pub(super) fn over(self, before: Description) -> Description {
        let same_people = self.competences.is_empty();
        let competences = if same_people { before.competences } else { self.competences };
        Description {
            name: self.name.unwrap_or(before.name),
            hash: self.hash.or(before.hash),
            resource_kind: before.resource_kind,
            resource_version: self.resource_version.or(before.resource_version),
            supplied_component: self.supplied_component.or(before.supplied_component),
            supplier_name: self.supplier_name.or(before.supplier_name),
            location: self.location.or(before.location),
            licence: self.licence.or(before.licence),
            energy_note: self.energy_note.or(before.energy_note),
            competences,
            origin: before.origin,
        }
    }
}
