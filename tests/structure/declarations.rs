//! What the kinds declare, held against the domain model and against each other.

use std::collections::BTreeSet;

use kernel::domain::KindDecl;
use kernel::kinds::stored_name;
use kernel::{Fact, Role};

/// The events of the domain model (4.1 to 4.3) by the kind that declares them.
#[rustfmt::skip]
const EVENTS: &[(&str, &[&str])] = &[
    ("organisation", &["TenantProvisioned", "AiRolesDeclared", "TenantClosed"]),
    ("membership", &["MembershipGranted", "MembershipRevoked"]),
    ("scope", &["ScopeDrafted", "ContextIssueRecorded", "ScopeApproved", "ScopeSuperseded"]),
    ("interested_party", &["InterestedPartyRegistered", "PartyRequirementRegistered",
        "RequirementAdopted", "RequirementDeclined"]),
    ("document", &["DocumentVersionDrafted", "DocumentVersionApproved", "DocumentPublished",
        "DocumentReviewed", "DocumentReviewFellDue", "DocumentReviewOverdue",
        "DocumentWithdrawn"]),
    ("acknowledgement", &["DocumentAcknowledged"]),
    ("soa_control", &["ControlApplicabilityDecided", "ControlImplementationStatusChanged",
        "CustomControlAdded"]),
    ("soa", &["SoaVersionApproved", "SoaContradictionDetected", "SoaContradictionResolved"]),
    ("catalogue", &["CatalogueDrafted", "CataloguePublished", "CatalogueSuperseded",
        "CatalogueWithdrawn"]),
    ("catalogue_item", &["CatalogueItemAdded", "CatalogueItemRevised", "CatalogueItemRemoved"]),
    ("mapping", &["MappingLinked", "MappingRevised", "MappingRetired"]),
    ("audit_programme", &["AuditProgrammeApproved"]),
    ("internal_audit", &["InternalAuditScheduled", "InternalAuditStarted",
        "InternalAuditReported", "InternalAuditOverdue"]),
    ("audit_finding", &["AuditFindingRaised", "AuditFindingDisputed", "AuditFindingRegraded",
        "AuditFindingClosed"]),
    ("management_review", &["ManagementReviewScheduled", "ReviewInputsFrozen",
        "ManagementReviewHeld", "ReviewDecisionRecorded", "ManagementReviewOverdue"]),
    ("nonconformity", &["NonconformityRaised", "ContainmentRecorded", "RootCauseRecorded",
        "CorrectiveActionsPlanned", "CorrectiveActionCompleted", "EffectivenessVerified",
        "EffectivenessFailed", "NonconformityClosed", "CorrectiveActionOverdue"]),
    ("improvement", &["ImprovementProposed", "ImprovementAccepted", "ImprovementDeclined",
        "ImprovementEvaluated"]),
    ("evidence", &["EvidenceRegistered", "EvidenceVerified", "EvidenceLinked",
        "EvidenceSuperseded", "EvidenceWentStale", "EvidenceShredded"]),
    ("role_assignment", &["RoleAssigned", "RoleAssignmentEnded", "AccountableRoleVacant"]),
    ("competence_profile", &["CompetenceRequirementDefined"]),
    ("training_record", &["TrainingPlanned", "TrainingCompleted",
        "TrainingEffectivenessVerified", "CompetenceExpired"]),
    ("objective", &["ObjectiveSet", "ObjectiveApproved", "ObjectiveAchieved", "ObjectiveDropped"]),
    ("kpi", &["KpiMeasured", "KpiBreached", "KpiRecovered"]),
    ("communication_plan", &["CommunicationPlanned", "CommunicationSent"]),
    ("reporting_obligation", &["ReportingObligationRegistered"]),
    ("aims_change", &["AimsChangeProposed", "AimsChangeApproved", "AimsChangeImplemented"]),
    ("task", &["TaskOpened", "TaskCompleted", "TaskOverdue", "TaskCancelled"]),
    ("risk_criteria", &["RiskCriteriaDrafted", "RiskCriteriaApproved"]),
    ("risk", &["RiskIdentified", "RiskAnalysed", "RiskEvaluated", "RiskOwnerAssigned",
        "ResidualRiskEvaluated", "RiskAccepted", "RiskAcceptanceRefused",
        "RiskAcceptanceRevoked", "RiskAcceptanceExpired", "RiskReviewFellDue", "RiskClosed"]),
    ("treatment_plan", &["TreatmentPlanDrafted", "TreatmentPlanApproved",
        "TreatmentActionCompleted", "TreatmentEffectivenessVerified",
        "TreatmentFoundIneffective", "TreatmentActionOverdue"]),
    ("impact_assessment", &["ImpactAssessmentStarted", "ImpactRated",
        "ImpactAssessmentSubmitted", "ImpactAssessmentApproved", "ImpactAssessmentRejected",
        "ReassessmentTriggered", "ImpactResultShared", "ImpactAssessmentOverdue"]),
    ("privacy_assessment", &["PrivacyAssessmentStarted", "PrivacyAssessmentApproved",
        "PrivacyReviewRequired"]),
    ("regulatory_classification", &["ClassificationProposed", "ClassificationConfirmed",
        "RegulatoryRoleChanged"]),
    ("ai_system", &["AiSystemRegistered", "SystemVersionAdded", "SystemStageEntered",
        "SystemDeployed", "OperationRestricted", "OperationRestrictionLifted",
        "OperationSuspended", "OperationResumed", "SystemRetired"]),
    ("stage_gate", &["StageGateRequested", "StageGateEvaluated", "StageGatePassed",
        "StageGateRefused", "GateCheckWaived"]),
    ("gate_policy", &["GatePolicyChanged"]),
    ("requirement_set", &["RequirementAdded", "RequirementSetBaselined",
        "RequirementBaselineChanged"]),
    ("design_record", &["DesignRecorded"]),
    ("technical_documentation", &["TechnicalDocumentationApproved"]),
    ("verification_record", &["VerificationPlanRegistered", "VerificationCompleted",
        "VerificationInvalidated"]),
    ("deployment_plan", &["DeploymentPlanApproved", "DeploymentExecuted",
        "DeploymentRolledBack"]),
    ("resource", &["ResourceRegistered", "ResourceApproved", "ResourceBlocked",
        "ResourceLinked"]),
    ("dataset", &["DatasetRegistered", "DatasetProvenanceRecorded", "DataPreparationRecorded",
        "DataQualityAssessed", "DatasetApprovedForUse", "DatasetRestricted"]),
    ("event_log_policy", &["EventLogPolicyDefined", "LogGapDetected", "LogGapClosed",
        "LogDigestRecorded"]),
    ("monitor", &["MonitorArmed", "MetricObserved", "MetricThresholdBreached", "DriftDetected",
        "AlertAcknowledged", "AlertResolved", "ThresholdChanged"]),
    ("incident", &["IncidentReported", "IncidentTriaged", "IncidentSeverityChanged",
        "IncidentContained", "CausalLinkAssessed", "UsersInformedOfIncident",
        "IncidentResolved", "IncidentClosed", "RegulatoryClockStarted"]),
    ("concern", &["ConcernReported", "ConcernAcknowledged", "ConcernEscalated", "ConcernClosed"]),
    ("reporting_channel", &["ExternalReportingChannelPublished"]),
    ("external_report", &["ExternalReportDrafted", "ExternalReportSubmitted",
        "ExternalReportAcknowledged", "ExternalReportDeadlineMissed"]),
    ("change_request", &["ChangeProposed", "ChangeApproved", "ChangeImplemented",
        "ChangeVerified", "UnplannedChangeDetected"]),
    ("certification_body", &["CertificationBodyRegistered", "AccreditationRecorded",
        "AccreditationLapsed"]),
    ("auditor_engagement", &["AuditorEngagementRequested", "AuditorEngagementGranted",
        "AuditorEngagementExtended", "AuditorEngagementRevoked", "AuditorEngagementExpired"]),
    ("auditor_query", &["AuditorQueryLogged"]),
    ("certification_audit", &["CertificationAuditPlanned", "CertificationAuditConcluded",
        "CorrectiveActionPlanAccepted", "CorrectiveActionsVerified"]),
    ("certificate", &["CertificateIssued", "CertificateMaintained", "CertificateSuspended",
        "CertificateSuspensionLifted", "CertificateScopeReduced", "CertificateWithdrawn",
        "CertificateRenewed", "SurveillanceFellDue", "CertificateExpired"]),
    ("intended_use", &["IntendedUseApproved", "UserInformationPublished",
        "UseDeviationRecorded"]),
    ("supplier", &["SupplierRegistered", "SupplierApproved", "SupplierConditionallyApproved",
        "SupplierConditionMet", "SupplierSuspended", "SupplierReinstated", "SupplierTerminated",
        "SupplierConditionOverdue"]),
    ("supplier_assessment", &["SupplierAssessmentStarted", "SupplierAssessmentCompleted",
        "SupplierAssessmentExpired"]),
    ("contract", &["ResponsibilityAllocationAgreed", "ContractAmended",
        "ContractExpiryApproaching", "ContractExpired"]),
    ("supplied_component", &["ComponentAccepted", "ComponentVersionChanged", "ComponentLinked",
        "ComponentWithdrawn"]),
    ("supplier_corrective_action", &["SupplierCorrectiveActionRequested",
        "SupplierCorrectiveActionAnswered", "SupplierCorrectiveActionVerified"]),
    ("customer_expectation", &["CustomerExpectationCaptured", "CustomerExpectationAdopted",
        "CustomerExpectationBroken", "CustomerInformed"]),
];

/// Commands that decide for good: no administrator of the tenant may give them.
const DECIDING: &[&str] = &["approve", "accept", "confirm", "baseline", "release", "waive_check"];

fn decls() -> Vec<KindDecl> {
    annals::app::all_kinds().iter().map(|kind| kind.decl().clone()).collect()
}

fn decl<'a>(decls: &'a [KindDecl], kind: &str) -> &'a KindDecl {
    decls.iter().find(|decl| decl.row.name == kind).unwrap_or_else(|| panic!("no kind {kind}"))
}

#[test]
fn every_event_of_the_domain_model_is_declared_under_its_stored_name() {
    let decls = decls();
    let mut missing = Vec::new();
    for (kind, events) in EVENTS {
        let decl = decl(&decls, kind);
        let stored = events.iter().map(|event| stored_name(kind, event));
        missing.extend(stored.filter(|stored| decl.events.iter().all(|e| e.name != *stored)));
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn what_commands_emit_is_declared_and_every_event_is_emitted() {
    for decl in decls() {
        let emitted = decl.commands.iter().flat_map(|command| command.emits);
        let emitted: BTreeSet<_> = emitted.map(|e| format!("{}.{e}", decl.row.name)).collect();
        let declared: BTreeSet<_> = decl.events.iter().map(|event| event.name.to_owned()).collect();
        assert_eq!(emitted, declared);
    }
}

#[test]
fn relations_and_pins_name_fields_that_are_declared() {
    let decls = decls();
    for of in &decls {
        for relation in of.about.relations {
            let other = decl(&decls, relation.kind);
            let by = other.state.field(relation.by);
            let place = format!("{}.{}", of.row.name, relation.name);
            assert!(by.is_some_and(|field| field.index), "{place}: {} is not indexed", relation.by);
            let root = relation.pinned.and_then(|path| path.split('.').next());
            assert!(root.is_none_or(|root| of.state.field(root).is_some()), "{place}");
        }
    }
}

#[test]
fn who_administers_the_tenant_decides_nothing_of_the_business() {
    for decl in decls().iter().filter(|decl| decl.row.service != "identity") {
        let deciding = decl.commands.iter().filter(|c| DECIDING.contains(&c.verb));
        for command in deciding {
            assert!(!command.by.contains(&Role::Adm), "{}.{}", decl.row.name, command.verb);
        }
    }
}

#[test]
fn approving_and_accepting_names_the_version_that_was_seen() {
    for decl in decls() {
        for command in decl.commands.iter().filter(|c| matches!(c.verb, "approve" | "accept")) {
            assert!(command.if_match, "{}.{}", decl.row.name, command.verb);
        }
    }
}

#[test]
fn every_kind_can_be_corrected_and_no_field_hides_what_the_log_says() {
    let own = ["id", "position", "recordedAt", "createdAt"];
    for decl in decls().iter().filter(|decl| decl.row.name != "tenant") {
        assert!(decl.command("correct").is_some(), "{} has no correct", decl.row.name);
        let hidden = decl.state.fields.iter().find(|field| own.contains(&field.name));
        assert!(hidden.is_none(), "{}: {hidden:?}", decl.row.name);
    }
}

#[test]
fn refusals_that_are_recorded_say_what_was_refused() {
    for decl in decls() {
        for event in decl.events.iter().filter(|event| event.refuses) {
            assert!(event.data.field("refusal").is_some(), "{}", event.name);
        }
    }
}

/// Whether a view of facts reads what an owner's document holds from the first.
fn is_read<V: Fact, A: kernel::domain::Domain>() -> bool {
    let document = serde_json::to_value(A::default()).unwrap();
    V::KIND == A::ABOUT.kind && serde_json::from_value::<V>(document).is_ok()
}

#[test]
fn the_views_of_catalogues_read_what_their_owner_keeps() {
    use governance::{catalogue, catalogue_item, soa, soa_control};
    assert!(is_read::<facts::Catalogue, catalogue::Catalogue>());
    assert!(is_read::<facts::CatalogueItem, catalogue_item::CatalogueItem>());
    assert!(is_read::<facts::Soa, soa::Soa>());
    assert!(is_read::<facts::SoaControl, soa_control::SoaControl>());
}
