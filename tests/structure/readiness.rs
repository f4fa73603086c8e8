//! The rows that readiness is counted from are bound to what their owners keep: every field is a
//! field of the owner's document, and every word one of somebody's list.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use kernel::domain::KindDecl;
use kernel::schema::{RecordDecl, Ty};
use readiness::register::KINDS;
use readiness::rows::{assurance, governance, lifecycle, risk, suppliers};
use readiness::word::Word;
use serde::de::{Deserialize, Deserializer, Visitor, value::Error};
use serde::forward_to_deserialize_any;

/// Asks a type which fields or variants it reads.
struct Names<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("no names"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        *self.0 = variants;
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map identifier ignored_any
    }
}

fn names<T: for<'de> Deserialize<'de> + fmt::Debug>() -> &'static [&'static str] {
    let mut found: &'static [&'static str] = &[];
    let asked = T::deserialize(Names(&mut found));
    assert!(asked.is_err() && !found.is_empty());
    found
}

/// The record at a path of an owner's document.
fn at(decl: &KindDecl, path: &str) -> Arc<RecordDecl> {
    let mut record = Arc::clone(&decl.state);
    for name in path.split('.').filter(|name| !name.is_empty()) {
        let field = record.field(name);
        let field = field.unwrap_or_else(|| panic!("{} has no {path}", decl.row.name));
        record = match &field.ty {
            Ty::Record(inner) | Ty::Map(inner, _) => Arc::clone(inner),
            other => panic!("{}.{path} is {other:?}", decl.row.name),
        };
    }
    record
}

macro_rules! bound {
    ($($row:ty = $kind:literal $path:literal;)*) => {
        fn rows() -> Vec<(&'static str, &'static str, &'static [&'static str])> {
            vec![$(($kind, $path, names::<$row>())),*]
        }
    };
}

bound! {
    governance::Organisation = "organisation" "";
    governance::Settings = "organisation" "settings";
    governance::Rules = "organisation" "settings.readiness";
    governance::Weights = "organisation" "settings.readiness.weights";
    governance::Scope = "scope" "";
    governance::Approved = "scope" "effective";
    governance::Document = "document" "";
    governance::Approved = "document" "effective";
    governance::InForce = "document" "inForce";
    governance::Acknowledgement = "acknowledgement" "";
    governance::Membership = "membership" "";
    governance::RoleAssignment = "role_assignment" "";
    governance::CompetenceProfile = "competence_profile" "";
    governance::Level = "competence_profile" "required";
    governance::TrainingRecord = "training_record" "";
    governance::Level = "training_record" "competences";
    governance::Objective = "objective" "";
    governance::Approved = "objective" "effective";
    governance::Kpi = "kpi" "";
    governance::Measurement = "kpi" "measurements";
    governance::Soa = "soa" "";
    governance::Approved = "soa" "effective";
    governance::SoaRows = "soa" "effectiveRows";
    governance::Contradiction = "soa" "contradictions";
    governance::SoaControl = "soa_control" "";
    governance::Evidence = "evidence" "";
    governance::Target = "evidence" "links";
    assurance::AuditProgramme = "audit_programme" "";
    governance::Approved = "audit_programme" "effective";
    assurance::InternalAudit = "internal_audit" "";
    assurance::ManagementReview = "management_review" "";
    assurance::ReviewDecision = "management_review" "decisions";
    assurance::Stamp = "management_review" "decisions.completion";
    assurance::Nonconformity = "nonconformity" "";
    assurance::Effectiveness = "nonconformity" "effectiveness";
    assurance::Verification = "nonconformity" "effectiveness.result";
    assurance::NcAction = "nonconformity" "actions";
    assurance::Stamp = "nonconformity" "actions.done";
    assurance::Certificate = "certificate" "";
    assurance::Suspension = "certificate" "suspension";
    risk::RiskCriteria = "risk_criteria" "";
    governance::Approved = "risk_criteria" "effective";
    risk::ApprovedCriteria = "risk_criteria" "approvedVersions";
    risk::Risk = "risk" "";
    risk::Rating = "risk" "inherent";
    risk::Rating = "risk" "residual";
    risk::Acceptance = "risk" "acceptance";
    risk::AcceptanceStale = "risk" "acceptanceStale";
    risk::TreatmentPlan = "treatment_plan" "";
    governance::Approved = "treatment_plan" "effective";
    risk::PlanInForce = "treatment_plan" "inForce";
    risk::PlanAction = "treatment_plan" "inForce.actions";
    risk::ImpactAssessment = "impact_assessment" "";
    risk::RegulatoryClassification = "regulatory_classification" "";
    lifecycle::AiSystem = "ai_system" "";
    lifecycle::SystemVersion = "ai_system" "versions";
    lifecycle::StageGate = "stage_gate" "";
    lifecycle::Waiver = "stage_gate" "waivers";
    lifecycle::Grant = "stage_gate" "waivers.grants";
    lifecycle::GatePolicy = "gate_policy" "";
    lifecycle::VerificationRecord = "verification_record" "";
    lifecycle::Dataset = "dataset" "";
    lifecycle::Step = "dataset" "provenance";
    lifecycle::Quality = "dataset" "quality";
    lifecycle::EventLogPolicy = "event_log_policy" "";
    lifecycle::Monitor = "monitor" "";
    lifecycle::Alert = "monitor" "alerts";
    lifecycle::Incident = "incident" "";
    lifecycle::Clock = "incident" "clocks";
    lifecycle::Concern = "concern" "";
    lifecycle::Reply = "concern" "reply";
    lifecycle::ReportingChannel = "reporting_channel" "";
    lifecycle::IntendedUse = "intended_use" "";
    governance::Approved = "intended_use" "effective";
    suppliers::Supplier = "supplier" "";
    suppliers::SupplierAssessment = "supplier_assessment" "";
    suppliers::SuppliedComponent = "supplied_component" "";
    suppliers::ComponentUse = "supplied_component" "usedBy";
    suppliers::Contract = "contract" "";
    suppliers::Duty = "contract" "allocation";
}

/// What a row adds of its own.
const ADDED: [(&str, &str); 1] = [("incident", "resolvedAt")];

#[test]
fn rows_of_readiness_read_what_their_owners_keep() {
    let decls = super::declarations::decls();
    let mut seen = BTreeSet::new();
    for (kind, path, fields) in rows() {
        let decl = decls.iter().find(|decl| decl.row.name == kind);
        let record = at(decl.unwrap_or_else(|| panic!("no kind {kind}")), path);
        for field in fields {
            let known = record.field(field).is_some() || ADDED.contains(&(kind, field));
            assert!(known, "{kind} {path} has no {field}");
        }
        seen.insert(kind);
    }
    assert_eq!(seen, KINDS.iter().copied().collect());
}

#[test]
fn words_of_readiness_are_words_of_somebody() {
    let decls = super::declarations::decls();
    let mut words = BTreeSet::new();
    for decl in &decls {
        collect(&decl.state, &mut words);
    }
    for word in names::<Word>().iter().filter(|word| **word != "other") {
        assert!(words.contains(word), "nobody has the word {word}");
    }
}

fn collect(record: &RecordDecl, words: &mut BTreeSet<&'static str>) {
    for field in &record.fields {
        let mut ty = &field.ty;
        while let Ty::List(of, _) = ty {
            ty = of;
        }
        match ty {
            Ty::Words(list) => words.extend(list.words.iter().map(|(word, _)| *word)),
            Ty::Record(inner) | Ty::Map(inner, _) => collect(inner, words),
            _ => {}
        }
    }
}
