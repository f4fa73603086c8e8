//! Facts between services: small typed views over named fields of other services' documents. Anyone
//! reads them from the shared store at one position; the owners keep the fields (a test binds
//! them).

/// Declares a view: a struct that reads the named fields of a kind's documents.
macro_rules! view {
    ($kind:literal, $(#[$meta:meta])* $name:ident {
        $($(#[$field_meta:meta])* $field:ident: $ty:ty,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $ty,)*
        }

        impl kernel::Fact for $name {
            const KIND: &'static str = $kind;
        }
    };
}

mod assurance;
mod catalogue;
mod certification;
mod event;
mod governance;
mod identity;
mod lifecycle;
mod operation;
mod people;
mod risk;
mod suppliers;

pub use assurance::{AuditFinding, InternalAudit, ManagementReview, Nonconformity};
pub use catalogue::{Catalogue, CatalogueItem, mapping_id, statement_id};
pub use certification::{
    AuditorEngagement, BodyPerson, BodyRules, Certificate, CertificationAudit, CertificationBody,
    EngagementRedaction, EngagementScope, EngagementWindow,
};
pub use event::Event;
pub use governance::{
    AffectedByChange, AimsChange, Document, Evidence, InForce, Scope, Soa, SoaControl,
};
pub use identity::Membership;
pub use lifecycle::{
    AiSystem, ChangeRequest, Dataset, DesignRecord, GatePolicy, GateRule, ImportedFrom,
    IntendedUse, Overseer, RequirementSet, Resource, StageGate, SystemVersion,
    TechnicalDocumentation, UseInForce, VerificationRecord,
};
pub use operation::{
    EventLogPolicy, ExternalReport, Incident, IncidentClock, Monitor, ReportingChannel,
};
pub use people::{
    CompetenceProfile, Conveyed, Demanded, Kpi, Level, Objective, RoleAssignment, Task,
    TrainingRecord,
};
pub use risk::{
    Acceptance, ApprovedCriteria, Band, CriteriaInForce, ImpactAssessment, ImpactCondition,
    PlanAction, PlanInForce, PrivacyAssessment, Rating, RegulatoryClassification, Risk,
    RiskCriteria, Stale, TreatmentPlan,
};
pub use suppliers::{
    ComponentUse, Contract, CustomerExpectation, SuppliedComponent, Supplier, SupplierAssessment,
    SupplierCorrectiveAction,
};
