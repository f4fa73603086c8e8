//! What a data set is, as it is registered.

use declare::{record, words};
use kernel::kinds::{self, AiSystem, PrivacyAssessment};
use kernel::values::{Hash, Line, Prose, Ref};
use kernel::{Context, Need, UserId};

use super::acquisition::Acquisition;
use super::{Dataset, Event, Refusal};
use crate::origin::Origin;

/// What a data set is.
#[record]
#[derive(Default)]
pub struct Description {
    /// Its name.
    #[field(index, search, correctable)]
    pub name: Line,
    /// SHA-256 of its content; given once.
    #[field(index)]
    pub hash: Option<Hash>,
    /// Its version, as its keeper writes it.
    pub dataset_version: Option<Line>,
    /// What it is for.
    pub roles: Vec<DatasetRole>,
    /// Whether it holds personal data; unknown until somebody says so.
    #[field(index)]
    pub personal_data: Option<bool>,
    /// The systems that it is for.
    #[field(max = 50)]
    pub systems: Vec<Ref<AiSystem>>,
    /// The privacy assessment under which its personal data are used.
    pub privacy_assessment: Option<Ref<PrivacyAssessment>>,
    /// The data set whose content it replaces.
    pub replaces: Option<Ref<kinds::Dataset>>,
    /// What is known of bias in the data.
    #[field(correctable)]
    pub bias_notes: Option<Prose>,
    /// How long the data are kept.
    #[field(correctable)]
    pub retention: Option<Line>,
    /// The document from which it was imported.
    pub origin: Option<Origin>,
}

/// What data are for.
#[words]
pub enum DatasetRole {
    /// Training a model.
    Train,
    /// Tuning and choosing a model.
    Validation,
    /// Testing a model.
    Test,
    /// Input of a system in operation.
    Input,
    /// What a system looks things up in.
    Grounding,
}

/// Input of `register`.
#[record]
#[derive(Default)]
pub struct Register {
    /// What it is.
    #[field(flatten)]
    pub about: Description,
    /// How the data were obtained.
    pub acquisition: Option<Acquisition>,
}

/// It was registered.
#[record]
pub struct Registration {
    /// By whom.
    pub by: UserId,
    /// As what.
    pub about: Description,
    /// How the data were obtained.
    pub acquisition: Option<Acquisition>,
}

/// Input of `revise`: what is left out stays.
#[record]
#[derive(Default)]
pub struct Revise {
    /// Its name.
    pub name: Option<Line>,
    /// SHA-256 of its content, where it was not known.
    pub hash: Option<Hash>,
    /// Its version.
    pub dataset_version: Option<Line>,
    /// What it is for; all of it.
    pub roles: Vec<DatasetRole>,
    /// Whether it holds personal data.
    pub personal_data: Option<bool>,
    /// The systems that it is for; all of them.
    #[field(max = 50)]
    pub systems: Vec<Ref<AiSystem>>,
    /// The privacy assessment under which its personal data are used.
    pub privacy_assessment: Option<Ref<PrivacyAssessment>>,
    /// The data set whose content it replaces.
    pub replaces: Option<Ref<kinds::Dataset>>,
    /// What is known of bias in the data.
    pub bias_notes: Option<Prose>,
    /// How long the data are kept.
    pub retention: Option<Line>,
}

/// The data sets of the same content: restricted data do not come back under another name.
pub(super) fn same_content(hash: Option<&Hash>) -> Vec<Need> {
    let of = |hash: &Hash| Need::Where("dataset", "hash", hash.as_str().to_owned());
    hash.map(of).into_iter().collect()
}

fn check_new(hash: Option<&Hash>, context: &Context) -> Result<(), Refusal> {
    let Some(hash) = hash else { return Ok(()) };
    let known = context.facts.all::<facts::Dataset>().into_iter();
    let mut same =
        known.filter(|(id, d)| *id != context.id && d.hash.as_deref() == Some(hash.as_str()));
    match same.next() {
        Some((id, _)) => Err(Refusal::Duplicate { id, at: "/hash" }),
        None => Ok(()),
    }
}

/// A document that is imported again brings nothing new, until what it brought is retired.
fn check_not_imported(origin: &Origin, context: &Context) -> Result<(), Refusal> {
    let known = context.facts.all::<facts::Dataset>().into_iter();
    let mut same =
        known.filter(|(_, d)| d.status != "retired" && origin.is_same(d.origin.as_ref()));
    match same.next() {
        Some((id, _)) => Err(Refusal::ImportedAlready { id, at: "/origin/entry" }),
        None => Ok(()),
    }
}

impl Register {
    pub(super) fn needs(&self) -> Vec<Need> {
        let known = Origin::need("dataset", &self.about.name, self.about.origin.as_ref());
        same_content(self.about.hash.as_ref()).into_iter().chain(known).collect()
    }

    pub(super) fn decide(mut self, context: &Context) -> Result<Registration, Refusal> {
        check_new(self.about.hash.as_ref(), context)?;
        self.about.origin.as_ref().map_or(Ok(()), |origin| check_not_imported(origin, context))?;
        if let Some(acquisition) = &self.acquisition {
            acquisition.check("/acquisition/acquiredOn", context)?;
        }
        self.about.roles = in_order(self.about.roles);
        Ok(Registration { by: context.user(), about: self.about, acquisition: self.acquisition })
    }
}

fn in_order(mut roles: Vec<DatasetRole>) -> Vec<DatasetRole> {
    roles.sort_unstable();
    roles.dedup();
    roles
}

impl Revise {
    /// The description with what this says in place.
    fn over(self, before: Description) -> Description {
        let roles = if self.roles.is_empty() { before.roles } else { in_order(self.roles) };
        let systems = if self.systems.is_empty() { before.systems } else { self.systems };
        Description {
            name: self.name.unwrap_or(before.name),
            hash: self.hash.or(before.hash),
            dataset_version: self.dataset_version.or(before.dataset_version),
            roles,
            personal_data: self.personal_data.or(before.personal_data),
            systems,
            privacy_assessment: self.privacy_assessment.or(before.privacy_assessment),
            replaces: self.replaces.or(before.replaces),
            bias_notes: self.bias_notes.or(before.bias_notes),
            retention: self.retention.or(before.retention),
            origin: before.origin,
        }
    }
}

impl Dataset {
    pub(super) fn revised(&self, input: Revise, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.may_change()?;
        if let Some(hash) = &input.hash {
            if self.about.hash.as_ref().is_some_and(|stands| stands != hash) {
                return Err(Refusal::HashStands { at: "/hash" });
            }
            if let Some(end) = self.chain_end().filter(|end| *end != hash) {
                return Err(Refusal::HashIsNotTheEnd { end: end.to_string(), at: "/hash" });
            }
            check_new(Some(hash), context)?;
        }
        let about = input.over(self.about.clone());
        Ok(if about == self.about { Vec::new() } else { vec![Event::Revised(about)] })
    }
}
