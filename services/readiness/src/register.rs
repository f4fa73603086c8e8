//! The register of a tenant: all rows of its documents with their history, and on which days events
//! evidenced each clause and control. A register that has come as far as a position answers for
//! every earlier one.

use serde::{Deserialize, Serialize};

use crate::rows::{Settle, assurance, governance, lifecycle, risk, suppliers};
use crate::table::{Front, NOWHERE, Seen, Table};
use crate::value::{Day, Names, Sym, Time};

/// Number of the form of a register's bytes: raised when a row changes.
const FORM: u32 = 1;

macro_rules! tables {
    ($($field:ident: $row:ty = $kind:literal,)*) => {
        /// The rows of all kinds.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub struct Tables {
            $(pub(crate) $field: Table<$row>,)*
        }

        /// Which versions count, kind by kind.
        #[derive(Clone, Debug, Default)]
        pub struct Fronts {
            $($field: Front,)*
        }

        /// The kinds that metrics are read from.
        pub const KINDS: &[&str] = &[$($kind),*];

        impl Tables {
            fn begin(&mut self, kind: &str, id: Sym, created: Time) -> Option<u32> {
                match kind {
                    $($kind => Some(self.$field.begin(id, created)),)*
                    _ => None,
                }
            }

            fn take(
                &mut self,
                names: &mut Names,
                object: u32,
                version: &Version<'_>,
            ) -> Result<(), serde_json::Error> {
                match version.kind {
                    $($kind => {
                        let row = names.read::<$row>(version.body)?;
                        self.$field.take(object, version.from, version.at, row);
                    })*
                    _ => {}
                }
                Ok(())
            }

            fn sort(&mut self) {
                $(self.$field.sort();)*
            }

            fn shrink(&mut self) {
                $(self.$field.shrink();)*
            }

            pub(crate) fn advance(&self, fronts: &mut Fronts, to: u64) {
                $(self.$field.advance(&mut fronts.$field, to);)*
            }

            fn weight(&self) -> u64 {
                [$(self.$field.weight()),*].iter().sum()
            }

            fn len(&self) -> usize {
                [$(self.$field.len()),*].iter().sum()
            }
        }

        /// Rows as of a position.
        pub(crate) trait Rows<'a> {
            /// All rows.
            fn tables(&self) -> &'a Tables;
            /// Which of them count.
            fn fronts(&self) -> &'a Fronts;
            $(
                /// The rows of this kind.
                fn $field(&self) -> Seen<'a, $row> {
                    self.tables().$field.seen(&self.fronts().$field)
                }
            )*
        }
    };
}

tables! {
    organisations: governance::Organisation = "organisation",
    scopes: governance::Scope = "scope",
    documents: governance::Document = "document",
    acknowledgements: governance::Acknowledgement = "acknowledgement",
    memberships: governance::Membership = "membership",
    role_assignments: governance::RoleAssignment = "role_assignment",
    competence_profiles: governance::CompetenceProfile = "competence_profile",
    training_records: governance::TrainingRecord = "training_record",
    objectives: governance::Objective = "objective",
    kpis: governance::Kpi = "kpi",
    soas: governance::Soa = "soa",
    soa_controls: governance::SoaControl = "soa_control",
    evidence: governance::Evidence = "evidence",
    audit_programmes: assurance::AuditProgramme = "audit_programme",
    internal_audits: assurance::InternalAudit = "internal_audit",
    management_reviews: assurance::ManagementReview = "management_review",
    nonconformities: assurance::Nonconformity = "nonconformity",
    certificates: assurance::Certificate = "certificate",
    risk_criteria: risk::RiskCriteria = "risk_criteria",
    risks: risk::Risk = "risk",
    treatment_plans: risk::TreatmentPlan = "treatment_plan",
    impact_assessments: risk::ImpactAssessment = "impact_assessment",
    classifications: risk::RegulatoryClassification = "regulatory_classification",
    ai_systems: lifecycle::AiSystem = "ai_system",
    stage_gates: lifecycle::StageGate = "stage_gate",
    gate_policies: lifecycle::GatePolicy = "gate_policy",
    verification_records: lifecycle::VerificationRecord = "verification_record",
    datasets: lifecycle::Dataset = "dataset",
    event_log_policies: lifecycle::EventLogPolicy = "event_log_policy",
    monitors: lifecycle::Monitor = "monitor",
    incidents: lifecycle::Incident = "incident",
    concerns: lifecycle::Concern = "concern",
    reporting_channels: lifecycle::ReportingChannel = "reporting_channel",
    intended_uses: lifecycle::IntendedUse = "intended_use",
    suppliers: suppliers::Supplier = "supplier",
    supplier_assessments: suppliers::SupplierAssessment = "supplier_assessment",
    supplied_components: suppliers::SuppliedComponent = "supplied_component",
    contracts: suppliers::Contract = "contract",
}

macro_rules! said {
    ($($row:ty),* $(,)?) => { $(impl Settle for $row {})* };
}

// Rows that hold what their document says and nothing more.
said!(
    governance::Organisation,
    governance::Scope,
    governance::Document,
    governance::Acknowledgement,
    governance::Membership,
    governance::RoleAssignment,
    governance::CompetenceProfile,
    governance::TrainingRecord,
    governance::Objective,
    governance::Kpi,
    governance::Soa,
    governance::SoaControl,
    governance::Evidence,
    assurance::AuditProgramme,
    assurance::InternalAudit,
    assurance::ManagementReview,
    assurance::Nonconformity,
    assurance::Certificate,
    risk::RiskCriteria,
    risk::Risk,
    risk::TreatmentPlan,
    risk::ImpactAssessment,
    risk::RegulatoryClassification,
    lifecycle::AiSystem,
    lifecycle::StageGate,
    lifecycle::GatePolicy,
    lifecycle::VerificationRecord,
    lifecycle::Dataset,
    lifecycle::EventLogPolicy,
    lifecycle::Monitor,
    lifecycle::Concern,
    lifecycle::ReportingChannel,
    lifecycle::IntendedUse,
    suppliers::Supplier,
    suppliers::SupplierAssessment,
    suppliers::SuppliedComponent,
    suppliers::Contract,
);

/// A version of a document as the store holds it.
#[derive(Clone, Copy, Debug)]
pub struct Version<'a> {
    /// The object's kind.
    pub kind: &'a str,
    /// Its id.
    pub id: &'a str,
    /// Position of the event that made it.
    pub from: u64,
    /// When it was recorded.
    pub at: Time,
    /// When the object's first event was recorded.
    pub created: Time,
    /// Canonical JSON.
    pub body: &'a str,
}

/// On which days events evidenced a clause or control: the first position of each such day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Evidenced {
    number: Sym,
    days: Vec<(u64, Day)>,
}

/// What is known of a tenant up to a position.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Register {
    form: u32,
    /// The position up to which everything was taken in.
    pub position: u64,
    pub(crate) names: Names,
    pub(crate) tables: Tables,
    /// The place of each object in its kind's table, by its name's place.
    places: Vec<u32>,
    evidenced: Vec<Evidenced>,
}

impl Register {
    /// One that knows nothing yet.
    pub fn new() -> Self {
        Self { form: FORM, ..Self::default() }
    }

    /// Takes a version in. Versions of an object come in the order of their positions.
    ///
    /// # Errors
    /// When the document does not have the form of its kind.
    pub fn version(&mut self, version: &Version<'_>) -> Result<(), serde_json::Error> {
        if !KINDS.contains(&version.kind) {
            return Ok(());
        }
        let id = self.names.take(version.id);
        let place = match self.place(id) {
            Some(place) => place,
            None => match self.tables.begin(version.kind, id, version.created) {
                Some(place) => {
                    let index = id.0 as usize;
                    let length = self.places.len().max(index + 1);
                    self.places.resize(length, NOWHERE);
                    if let Some(known) = self.places.get_mut(index) {
                        *known = place;
                    }
                    place
                }
                None => return Ok(()),
            },
        };
        self.tables.take(&mut self.names, place, version)
    }

    /// Notes that an event evidenced a clause or control. Events come in the order of positions.
    pub fn evidenced(&mut self, number: &str, position: u64, at: Time) {
        let (number, day) = (self.names.take(number), at.day());
        let days = match self.evidenced.iter_mut().find(|known| known.number == number) {
            Some(known) => &mut known.days,
            None => {
                self.evidenced.push(Evidenced { number, days: Vec::new() });
                let Some(known) = self.evidenced.last_mut() else { return };
                &mut known.days
            }
        };
        if days.last().is_none_or(|(_, known)| *known < day) {
            days.push((position, day));
        }
    }

    /// Ends taking in: up to this position everything is known.
    pub fn finish(&mut self, position: u64) {
        self.tables.sort();
        self.position = position;
    }

    /// Gives back memory that was taken for growing.
    pub fn shrink(&mut self) {
        self.tables.shrink();
    }

    /// Its bytes, in a form of its own.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_stdvec(self)
    }

    /// A register of its bytes; `None` when they are of another form.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (form, _) = postcard::take_from_bytes::<u32>(bytes).ok()?;
        if form != FORM {
            return None;
        }
        postcard::from_bytes(bytes).ok()
    }

    /// About how many bytes it takes in memory, without lists inside of rows.
    pub fn weight(&self) -> u64 {
        let days: usize = self.evidenced.iter().map(|known| known.days.capacity() * 16).sum();
        self.tables.weight() + self.names.weight() + (self.places.capacity() * 4 + days) as u64
    }

    /// How many versions it holds.
    pub fn len(&self) -> usize {
        self.tables.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place of an object in its kind's table.
    pub(crate) fn place(&self, id: Sym) -> Option<u32> {
        self.places.get(id.0 as usize).copied().filter(|place| *place != NOWHERE)
    }

    /// The last day, up to a position, on which an event evidenced a clause or control.
    pub(crate) fn last_evidenced(&self, number: Sym, position: u64) -> Option<Day> {
        let known = self.evidenced.iter().find(|known| known.number == number)?;
        let upto = known.days.partition_point(|(from, _)| *from <= position);
        known.days.get(upto.checked_sub(1)?).map(|(_, day)| *day)
    }

    /// The first day, up to a position, on which an event evidenced one of the clauses whose number
    /// begins so.
    pub(crate) fn first_evidenced(&self, prefix: &str, position: u64) -> Option<Day> {
        let known = self.evidenced.iter();
        let of = known.filter(|known| self.names.text(known.number).starts_with(prefix));
        let first = of.filter_map(|known| known.days.first());
        first.filter(|(from, _)| *from <= position).map(|(_, day)| *day).min()
    }
}
