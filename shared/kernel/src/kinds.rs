//! The one table of kinds: name, id prefix, REST plural, GraphQL type and the service that owns it.
//! `stored_name` says how the domain model's event names are stored; a test holds every kind to it.

use crate::values::KindTag;

/// One kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindRow {
    /// Name in events and documents.
    pub name: &'static str,
    /// Prefix of identifiers.
    pub prefix: &'static str,
    /// Plural in REST paths.
    pub plural: &'static str,
    /// GraphQL type.
    pub graphql: &'static str,
    /// Owner.
    pub service: &'static str,
}

impl KindRow {
    /// Whether its objects stand in the log of the installation and not in a tenant's.
    pub fn is_of_platform(&self) -> bool {
        matches!(self.name, "tenant" | "certification_body")
    }
}

macro_rules! kinds {
    ($(
        $(#[$meta:meta])*
        $tag:ident $name:literal $prefix:literal $plural:literal $service:literal;
    )*) => {
        /// Every kind that is stored or referred to.
        pub const KINDS: &[KindRow] = &[$(KindRow {
            name: $name,
            prefix: $prefix,
            plural: $plural,
            graphql: stringify!($tag),
            service: $service,
        }),*];

        $($(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $tag;

        impl KindTag for $tag {
            const NAME: &'static str = $name;
            const PREFIX: &'static str = $prefix;
        })*
    };
}

kinds! {
    /// A tenant in the platform's log.
    Tenant "tenant" "tnt" "tenants" "identity";
    /// A person's membership of a tenant with his roles.
    Membership "membership" "mbr" "memberships" "identity";
    /// The organisation that runs the AIMS (G-01).
    Organisation "organisation" "org" "organisations" "governance";
    /// Scope and context of the AIMS (G-02).
    Scope "scope" "scp" "scopes" "governance";
    /// An interested party (G-03).
    InterestedParty "interested_party" "pty" "interested-parties" "governance";
    /// A controlled document (G-04).
    Document "document" "doc" "documents" "governance";
    /// One person's acknowledgement of one document version (G-04).
    Acknowledgement "acknowledgement" "ack" "acknowledgements" "governance";
    /// A Statement of Applicability (G-08).
    Soa "soa" "soa" "soas" "governance";
    /// One control's row in a Statement of Applicability (G-08).
    SoaControl "soa_control" "soc" "soa-controls" "governance";
    /// A catalogue of requirements or controls that a tenant has loaded.
    OwnCatalogue "catalogue" "cat" "catalogues" "governance";
    /// One item of such a catalogue.
    CatalogueItem "catalogue_item" "cit" "catalogue-items" "governance";
    /// How requirements and controls of two catalogues correspond.
    Mapping "mapping" "map" "mappings" "governance";
    /// Evidence (G-14).
    Evidence "evidence" "evd" "evidence" "governance";
    /// Who answers for what (G-05).
    RoleAssignment "role_assignment" "ras" "role-assignments" "governance";
    /// The competence that a role demands (G-06).
    CompetenceProfile "competence_profile" "cpr" "competence-profiles" "governance";
    /// One person's training and the competence that came of it (G-06).
    TrainingRecord "training_record" "trr" "training-records" "governance";
    /// An AI objective (G-07).
    Objective "objective" "obj" "objectives" "governance";
    /// A key performance indicator of an objective (G-07).
    Kpi "kpi" "kpi" "kpis" "governance";
    /// A programme of internal audits (G-09).
    AuditProgramme "audit_programme" "apr" "audit-programmes" "governance";
    /// An internal audit (G-09).
    InternalAudit "internal_audit" "iad" "internal-audits" "governance";
    /// A finding of an internal or external audit (G-10).
    AuditFinding "audit_finding" "fnd" "audit-findings" "governance";
    /// A management review (G-11).
    ManagementReview "management_review" "mrv" "management-reviews" "governance";
    /// A nonconformity and its corrective action (G-12).
    Nonconformity "nonconformity" "ncf" "nonconformities" "governance";
    /// An improvement (G-13).
    Improvement "improvement" "ipv" "improvements" "governance";
    /// What is communicated, to whom, when and how (G-15).
    CommunicationPlan "communication_plan" "cpl" "communication-plans" "governance";
    /// An obligation to report to an interested party (G-15).
    ReportingObligation "reporting_obligation" "rob" "reporting-obligations" "governance";
    /// A planned change of the management system (G-16).
    AimsChange "aims_change" "amc" "aims-changes" "governance";
    /// A work item of a person (G-17).
    Task "task" "tsk" "tasks" "governance";
    /// Risk criteria.
    RiskCriteria "risk_criteria" "rcr" "risk-criteria" "risk";
    /// An AI risk.
    Risk "risk" "risk" "risks" "risk";
    /// A risk treatment plan.
    TreatmentPlan "treatment_plan" "tpl" "treatment-plans" "risk";
    /// An AI system impact assessment.
    ImpactAssessment "impact_assessment" "aia" "impact-assessments" "risk";
    /// A data protection impact assessment.
    PrivacyAssessment "privacy_assessment" "dpi" "privacy-assessments" "risk";
    /// A regulatory classification of an AI system.
    RegulatoryClassification "regulatory_classification" "cls" "regulatory-classifications" "risk";
    /// A versioned set of regulatory rules.
    RuleSet "rule_set" "rst" "rule-sets" "risk";
    /// An AI system (L-01).
    AiSystem "ai_system" "sys" "ai-systems" "lifecycle";
    /// A request to enter a life-cycle stage (L-02).
    StageGate "stage_gate" "gat" "stage-gates" "lifecycle";
    /// Which checks block which gate (L-02).
    GatePolicy "gate_policy" "gpo" "gate-policies" "lifecycle";
    /// Requirements of an AI system (L-03).
    RequirementSet "requirement_set" "rqs" "requirement-sets" "lifecycle";
    /// The design of a system version (L-04).
    DesignRecord "design_record" "dsr" "design-records" "lifecycle";
    /// The technical documentation of a system version (L-04).
    TechnicalDocumentation "technical_documentation" "tdo" "technical-documentation" "lifecycle";
    /// Verification and validation of a system version (L-05).
    VerificationRecord "verification_record" "vrf" "verification-records" "lifecycle";
    /// A deployment plan (L-06).
    DeploymentPlan "deployment_plan" "dpl" "deployment-plans" "lifecycle";
    /// A model, tool, computing or human resource (L-07).
    Resource "resource" "res" "resources" "lifecycle";
    /// A data set (L-08).
    Dataset "dataset" "dst" "datasets" "lifecycle";
    /// What an AI system logs of its operation (L-09).
    EventLogPolicy "event_log_policy" "elp" "event-log-policies" "lifecycle";
    /// A monitor of an AI system in operation (L-10).
    Monitor "monitor" "mon" "monitors" "lifecycle";
    /// An incident (L-11).
    Incident "incident" "inc" "incidents" "lifecycle";
    /// A concern (L-12).
    Concern "concern" "con" "concerns" "lifecycle";
    /// The channel through which outsiders report concerns (L-12).
    ReportingChannel "reporting_channel" "rch" "reporting-channels" "lifecycle";
    /// A report to a regulator, customer or affected person (L-13).
    ExternalReport "external_report" "xrp" "external-reports" "lifecycle";
    /// A change to an AI system (L-14).
    ChangeRequest "change_request" "chg" "change-requests" "lifecycle";
    /// Intended use, oversight and user information (L-15).
    IntendedUse "intended_use" "itu" "intended-uses" "lifecycle";
    /// A long job: what it did, and what came of it.
    Operation "operation" "opr" "operations" "exchange";
    /// A supplier (S-01).
    Supplier "supplier" "sup" "suppliers" "suppliers";
    /// A questionnaire for suppliers, as data (S-02).
    Questionnaire "questionnaire" "qst" "questionnaires" "suppliers";
    /// A chapter of a questionnaire, with its questions (S-02).
    QuestionnaireChapter "questionnaire_chapter" "qch" "questionnaire-chapters" "suppliers";
    /// The assessment of a supplier (S-02).
    SupplierAssessment "supplier_assessment" "sas" "supplier-assessments" "suppliers";
    /// A contract and who answers for what under it (S-03).
    Contract "contract" "ctr" "contracts" "suppliers";
    /// A component from a supplier (S-04).
    SuppliedComponent "supplied_component" "cmp" "supplied-components" "suppliers";
    /// A corrective action that is demanded of a supplier (S-05).
    SupplierCorrectiveAction "supplier_corrective_action" "sca" "supplier-corrective-actions" "suppliers";
    /// What a customer expects (S-06).
    CustomerExpectation "customer_expectation" "cex" "customer-expectations" "suppliers";
    /// A certification body, in the platform's log (G-18).
    CertificationBody "certification_body" "cbo" "certification-bodies" "certification";
    /// Time-boxed access of a certification body's auditors (G-19).
    AuditorEngagement "auditor_engagement" "eng" "auditor-engagements" "certification";
    /// What auditors have read, a minute at a time (G-19).
    AuditorQuery "auditor_query" "aqy" "auditor-queries" "certification";
    /// A record that auditors have taken as a sample (G-19).
    Sample "sample" "smp" "samples" "certification";
    /// A note of an auditor (G-19).
    AuditNote "audit_note" "ant" "audit-notes" "certification";
    /// An audit by a certification body (G-20).
    CertificationAudit "certification_audit" "cau" "certification-audits" "certification";
    /// A certificate (G-21).
    Certificate "certificate" "crt" "certificates" "certification";
}

/// The row of a kind.
pub fn kind(name: &str) -> Option<&'static KindRow> {
    KINDS.iter().find(|row| row.name == name)
}

/// The row of the kind whose identifiers begin with this prefix.
pub fn kind_of_prefix(prefix: &str) -> Option<&'static KindRow> {
    KINDS.iter().find(|row| row.prefix == prefix)
}

/// The stored name of an event: kind, point, and the words of the domain model's name without the
/// leading words that repeat the kind's last words (`SystemDeployed` of `ai_system` is
/// `ai_system.deployed`).
pub fn stored_name(kind: &str, event: &str) -> String {
    let mut words = Vec::<String>::new();
    for c in event.chars() {
        if c.is_ascii_uppercase() || words.is_empty() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c.to_ascii_lowercase());
        }
    }
    let kind_words: Vec<&str> = kind.split('_').collect();
    let repeated = (1..words.len())
        .rev()
        .find(|&n| n <= kind_words.len() && kind_words[kind_words.len() - n..] == words[..n])
        .unwrap_or(0);
    format!("{kind}.{}", words[repeated..].join("_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_words_that_repeat_the_kind_are_dropped() {
        for (kind, event, stored) in [
            ("ai_system", "SystemDeployed", "ai_system.deployed"),
            ("ai_system", "AiSystemRegistered", "ai_system.registered"),
            ("risk", "RiskAcceptanceExpired", "risk.acceptance_expired"),
            ("scope", "ContextIssueRecorded", "scope.context_issue_recorded"),
            (
                "interested_party",
                "PartyRequirementRegistered",
                "interested_party.requirement_registered",
            ),
            ("document", "DocumentVersionDrafted", "document.version_drafted"),
        ] {
            assert_eq!(stored_name(kind, event), stored);
        }
    }

    #[test]
    fn names_prefixes_and_plurals_are_unique() {
        for column in [|k: &KindRow| k.name, |k: &KindRow| k.prefix, |k: &KindRow| k.plural] {
            let mut seen: Vec<_> = KINDS.iter().map(column).collect();
            seen.sort_unstable();
            let all = seen.len();
            seen.dedup();
            assert_eq!(seen.len(), all);
        }
    }
}
