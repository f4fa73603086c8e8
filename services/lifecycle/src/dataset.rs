//! A data set for AI systems (L-08; ISO/IEC 42001 A.4.3, A.7.2 to A.7.6).
//!
//! ```text
//!          register            record_provenance            assess_quality
//!   (none) ───────► Registered ──────────► ProvenanceRecorded ────────► QualityAssessed
//!                                                                         │ approve  ▲ assess_
//!             retire               restrict              approve          ▼          │ quality
//!   Retired ◄──────── (any)  (any) ────────► Restricted ────────► ApprovedForUse ────┘ (too low)
//! ```
//!
//! Its content never changes: other content is another data set. An approval ends when the quality
//! is found too low afterwards.

use std::collections::BTreeMap;

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Key, Prose};
use kernel::{Context, Date, Instant, Need, Role, UserId};

pub use self::acquisition::{Acquisition, AcquisitionSource};
pub use self::approval::{ApprovalLack, Approve, ApprovedForUse};
pub use self::description::{DatasetRole, Description, Register, Registration, Revise};
pub use self::provenance::{ProvenanceRecorded, ProvenanceRefusal, RecordProvenance, Step};
pub use self::quality::{
    AssessQuality, DataQualityAssessed, Quality, QualityRefusal, QualityWaived, WaiveQuality,
};

mod acquisition;
mod approval;
mod description;
mod provenance;
mod quality;
#[cfg(test)]
mod tests;

/// Data for training, validating, testing or running AI systems: where they come from, how good
/// they are and whether they may be used.
#[record]
#[derive(Default)]
pub struct Dataset {
    /// Where it stands.
    #[field(index)]
    pub status: DatasetStatus,
    /// What it is.
    #[field(flatten)]
    pub about: Description,
    /// Who registered it.
    pub registered_by: UserId,
    /// How the data were obtained (A.7.3).
    pub acquisition: Option<Acquisition>,
    /// Where the data come from and what was done to them, step by step (A.7.5).
    pub provenance: BTreeMap<Key, Step>,
    /// How the data were prepared (A.7.6).
    pub preparation: Option<Preparation>,
    /// How good the data are, measured by what is required of them (A.7.4).
    pub quality: Option<Quality>,
    /// Who approved it last.
    pub approved_by: Option<UserId>,
    /// When it was approved last.
    #[field(index)]
    pub approved_at: Option<Instant>,
    /// The last day on which the approval holds, where it rests on a waiver.
    #[field(index)]
    pub approved_until: Option<Date>,
    /// Why it is restricted.
    pub restriction: Option<Prose>,
    /// Why it was retired, and what became of the data.
    pub retirement: Option<Retire>,
}

/// Where a data set stands.
#[words]
#[derive(Default)]
pub enum DatasetStatus {
    /// Known by name.
    #[default]
    Registered,
    /// It is known where the data come from, up to their hash.
    ProvenanceRecorded,
    /// Their quality was measured.
    QualityAssessed,
    /// AI systems may use it.
    ApprovedForUse,
    /// Not to be used beyond what the restriction allows; no training with it.
    Restricted,
    /// Not to be used any more.
    Retired,
}

/// How data were prepared (A.7.6). Input of `record_preparation`, and what was recorded of it.
#[record]
pub struct Preparation {
    /// By which criteria the methods were chosen.
    pub criteria: Prose,
    /// The methods: cleaning, imputation, normalisation, labelling, encoding.
    #[field(max = 50)]
    pub methods: Vec<kernel::values::Line>,
}

/// Input of `restrict`, and what was recorded of it.
#[record]
pub struct Restrict {
    /// Why, and what is still allowed.
    pub reason: Prose,
}

/// Input of `retire`, and what was recorded of it.
#[record]
pub struct Retire {
    /// Why.
    pub reason: Prose,
    /// What became of the data.
    pub disposition: Disposition,
}

/// What became of the data.
#[words]
pub enum Disposition {
    /// They were deleted.
    Deleted,
    /// They are kept, out of use.
    Archived,
    /// They went back to whom they came from.
    Returned,
    /// They went to another controller.
    Transferred,
}

/// What may be asked.
#[commands]
#[allow(clippy::large_enum_variant, reason = "a command is decided once and not kept")]
pub enum Command {
    /// Registers a data set; what an imported document does not say can follow.
    #[command(by(Ds, Sys), emits(Registered), creates)]
    Register(Register),
    /// Says what the registration left out or got wrong, before approval.
    #[command(by(Ds), emits(Revised))]
    Revise(Revise),
    /// Records how the data were obtained.
    #[command(by(Ds, Dev, So), emits(AcquisitionRecorded))]
    RecordAcquisition(Acquisition),
    /// Records the next steps of the way from the source to the data set's hash.
    #[command(by(Ds, Dev, So), emits(ProvenanceRecorded))]
    RecordProvenance(RecordProvenance),
    /// Records how the data were prepared.
    #[command(by(Ds, Dev, So), emits(DataPreparationRecorded))]
    RecordPreparation(Preparation),
    /// Records how good the data are, measured by what is required of them.
    #[command(by(Ds, Dev, So), emits(DataQualityAssessed))]
    AssessQuality(AssessQuality),
    /// Allows use in spite of a result below its threshold, for a time.
    #[command(by(Ro, So), emits(QualityWaived))]
    WaiveQuality(WaiveQuality),
    /// Approves it for use; whoever measured its quality does not.
    #[command(by(Ds), emits(ApprovedForUse), if_match)]
    Approve(Approve),
    /// Restricts its use.
    #[command(by(Ds), emits(Restricted))]
    Restrict(Restrict),
    /// Says that it is not to be used any more.
    #[command(by(Ds), emits(Retired))]
    Retire(Retire),
    /// Corrects an earlier event.
    #[command(by(Ds), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "dataset")]
pub enum Event {
    /// It was registered.
    Registered(Registration),
    /// The registration was completed or changed.
    Revised(Description),
    /// It was recorded how the data were obtained.
    AcquisitionRecorded(Acquisition),
    /// It was recorded where the data come from.
    ProvenanceRecorded(ProvenanceRecorded),
    /// It was recorded how the data were prepared.
    DataPreparationRecorded(Preparation),
    /// The quality of the data was measured.
    DataQualityAssessed(DataQualityAssessed),
    /// A result below its threshold was waived.
    QualityWaived(QualityWaived),
    /// It was approved for use.
    ApprovedForUse(ApprovedForUse),
    /// Its use was restricted.
    Restricted(Restrict),
    /// It is not to be used any more.
    Retired(Retire),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The way of the data is broken.
    #[refusal(from)]
    Provenance(ProvenanceRefusal),
    /// The quality was not measured by what is required.
    #[refusal(from)]
    Quality(QualityRefusal),
    /// Something that approval rests on is missing.
    #[refusal(from)]
    Approval(ApprovalLack),
    /// The data set is retired.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.7.2")]
    IsRetired,
    /// The data set is approved as it is described: restrict it before that changes.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.7.2")]
    ApprovedAsItIs,
    /// The hash of a data set stands: other content is another data set.
    #[refusal(rule = "ISO/IEC 42001 A.7.5")]
    HashStands {
        /// Where in the input.
        at: &'static str,
    },
    /// The recorded steps end in {end}: that is the hash of these data.
    #[refusal(rule = "ISO/IEC 42001 A.7.5")]
    HashIsNotTheEnd {
        /// Where the chain ends.
        end: String,
        /// Where in the input.
        at: &'static str,
    },
    /// This content is registered already as {id}.
    #[refusal(rule = "ISO/IEC 42001 A.4.3")]
    Duplicate {
        /// The data set that has this hash.
        id: String,
        /// Where in the input.
        at: &'static str,
    },
    /// This entry of the document was imported already as {id}.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.4.3")]
    ImportedAlready {
        /// The data set.
        id: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The data cannot have been obtained in the future.
    #[refusal(rule = "ISO/IEC 42001 A.7.3")]
    AcquiredInFuture {
        /// Where in the input.
        at: &'static str,
    },
}

kernel::aggregate!(Dataset, "dataset", Command, Event, Refusal);

impl Domain for Dataset {
    const ABOUT: About = About {
        kind: "dataset",
        doc: "Data for AI systems: where they come from, how good they are, whether to use them.",
        clauses: &["A.4.3", "A.7.2", "A.7.3", "A.7.4", "A.7.5", "A.7.6"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Register(input) => input.needs(),
            Command::Revise(input) => description::same_content(input.hash.as_ref()),
            Command::Approve(input) => {
                let assessment = self.privacy_assessment(input);
                assessment.map(|dpia| Need::Object(dpia.id().to_owned())).into_iter().collect()
            }
            Command::RecordAcquisition(_)
            | Command::RecordProvenance(_)
            | Command::RecordPreparation(_)
            | Command::AssessQuality(_)
            | Command::WaiveQuality(_)
            | Command::Restrict(_)
            | Command::Retire(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Retire(_) | Command::Correct(_) => {}
            Command::Register(_)
            | Command::Revise(_)
            | Command::RecordAcquisition(_)
            | Command::RecordProvenance(_)
            | Command::RecordPreparation(_)
            | Command::AssessQuality(_)
            | Command::WaiveQuality(_)
            | Command::Approve(_)
            | Command::Restrict(_) => self.not_retired()?,
        }
        match command {
            Command::Register(input) => Ok(vec![Event::Registered(input.decide(context)?)]),
            Command::Revise(input) => self.revised(input, context),
            Command::RecordAcquisition(input) => {
                self.may_change()?;
                input.check("/acquiredOn", context)?;
                let known = self.acquisition.as_ref() == Some(&input);
                Ok(if known { Vec::new() } else { vec![Event::AcquisitionRecorded(input)] })
            }
            Command::RecordProvenance(input) => self.provenance_recorded(input, context),
            Command::RecordPreparation(input) => {
                self.may_change()?;
                let known = self.preparation.as_ref() == Some(&input);
                Ok(if known { Vec::new() } else { vec![Event::DataPreparationRecorded(input)] })
            }
            Command::AssessQuality(input) => self.quality_assessed(input, context),
            Command::WaiveQuality(input) => self.quality_waived(input, context),
            Command::Approve(input) => self.approved(&input, context),
            Command::Restrict(input) => {
                let restricted = self.status == DatasetStatus::Restricted;
                Ok(if restricted { Vec::new() } else { vec![Event::Restricted(input)] })
            }
            Command::Retire(input) => {
                let retired = self.status == DatasetStatus::Retired;
                Ok(if retired { Vec::new() } else { vec![Event::Retired(input)] })
            }
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Registered(e) => {
                self.about = e.about;
                self.acquisition = e.acquisition;
                self.registered_by = e.by;
            }
            Event::Revised(about) => {
                self.about = about;
                self.has_come_to(DatasetStatus::ProvenanceRecorded);
            }
            Event::AcquisitionRecorded(acquisition) => self.acquisition = Some(acquisition),
            Event::ProvenanceRecorded(e) => {
                self.provenance.extend(e.steps);
                self.has_come_to(DatasetStatus::ProvenanceRecorded);
            }
            Event::DataPreparationRecorded(preparation) => self.preparation = Some(preparation),
            Event::DataQualityAssessed(e) => {
                if self.status == DatasetStatus::ApprovedForUse && !e.quality.passed {
                    self.status = DatasetStatus::QualityAssessed;
                }
                self.quality = Some(e.quality);
                self.has_come_to(DatasetStatus::QualityAssessed);
            }
            Event::QualityWaived(e) => self.evolve_waived(e),
            Event::ApprovedForUse(e) => self.evolve_approved(e),
            Event::Restricted(e) => {
                self.status = DatasetStatus::Restricted;
                self.restriction = Some(e.reason);
            }
            Event::Retired(e) => {
                self.status = DatasetStatus::Retired;
                self.retirement = Some(e);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl Dataset {
    fn not_retired(&self) -> Result<(), Refusal> {
        if self.status == DatasetStatus::Retired { Err(Refusal::IsRetired) } else { Ok(()) }
    }

    /// Whether what the approval rests on may change.
    fn may_change(&self) -> Result<(), Refusal> {
        let approved = self.status == DatasetStatus::ApprovedForUse;
        if approved { Err(Refusal::ApprovedAsItIs) } else { Ok(()) }
    }

    /// A step on the way to approval; restriction and approval stand.
    fn has_come_to(&mut self, status: DatasetStatus) {
        let first =
            matches!(self.status, DatasetStatus::Registered | DatasetStatus::ProvenanceRecorded);
        if first && self.chain_is_complete() {
            self.status = status;
        }
    }
}
