//! The life cycle of AI systems: from registration through gates, evidence of development and
//! deployment to monitoring, incidents, changes and retirement.

pub mod concern;
pub mod external_report;
pub mod incident;
pub mod reporting_channel;

use std::sync::Arc;

use bus::{AnyKind, kind};

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    [
        kind::<incident::Incident>(),
        kind::<concern::Concern>(),
        kind::<reporting_channel::ReportingChannel>(),
        kind::<external_report::ExternalReport>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use kernel::domain::{Domain, KindDecl};
    use kernel::kinds::stored_name;

    use super::*;

    fn declared() -> Vec<KindDecl> {
        fn of<A: Domain>() -> KindDecl {
            KindDecl::of::<A>().unwrap()
        }
        vec![
            of::<concern::Concern>(),
            of::<external_report::ExternalReport>(),
            of::<incident::Incident>(),
            of::<reporting_channel::ReportingChannel>(),
        ]
    }

    /// The events of L-01 to L-15 in the domain model, each with the kind that declares it.
    const EVENTS: &[(&str, &str)] = &[
        ("incident", "IncidentReported"),
        ("incident", "IncidentTriaged"),
        ("incident", "IncidentSeverityChanged"),
        ("incident", "IncidentContained"),
        ("incident", "CausalLinkAssessed"),
        ("incident", "UsersInformedOfIncident"),
        ("incident", "IncidentResolved"),
        ("incident", "IncidentClosed"),
        ("incident", "RegulatoryClockStarted"),
        ("concern", "ConcernReported"),
        ("concern", "ConcernAcknowledged"),
        ("concern", "ConcernEscalated"),
        ("concern", "ConcernClosed"),
        ("reporting_channel", "ExternalReportingChannelPublished"),
        ("external_report", "ExternalReportDrafted"),
        ("external_report", "ExternalReportSubmitted"),
        ("external_report", "ExternalReportAcknowledged"),
        ("external_report", "ExternalReportDeadlineMissed"),
    ];

    #[test]
    fn every_event_of_the_domain_model_is_declared_under_its_stored_name() {
        let declared = declared();
        for (kind, event) in EVENTS {
            let of_kind = declared.iter().find(|decl| decl.row.name == *kind).unwrap();
            let stored = stored_name(kind, event);
            assert!(of_kind.events.iter().any(|e| e.name == stored), "{event} as {stored}");
        }
    }

    #[test]
    fn what_commands_emit_is_declared_and_every_event_is_emitted() {
        for kind in declared() {
            let of = |word: &str| format!("{}.{word}", kind.row.name);
            let mut emitted: Vec<_> =
                kind.commands.iter().flat_map(|c| c.emits.iter().map(|e| of(e))).collect();
            let mut events: Vec<_> = kind.events.iter().map(|e| e.name.to_owned()).collect();
            emitted.sort_unstable();
            emitted.dedup();
            events.sort_unstable();
            assert_eq!(emitted, events);
        }
    }

    #[test]
    fn relations_name_fields_that_are_declared() {
        let kinds = declared();
        for relation in kinds.iter().flat_map(|kind| kind.about.relations) {
            let other = kinds.iter().find(|other| other.row.name == relation.kind).unwrap();
            assert!(other.state.field(relation.by).is_some_and(|field| field.index));
        }
    }

    #[test]
    fn facts_that_are_asked_for_by_field_are_indexed() {
        let kinds = declared();
        for (kind, field) in [("external_report", "incident"), ("incident", "system")] {
            let decl = kinds.iter().find(|decl| decl.row.name == kind).unwrap();
            assert!(decl.state.field(field).is_some_and(|field| field.index), "{kind}.{field}");
        }
    }

    #[test]
    fn who_administers_the_tenant_approves_nothing() {
        for kind in declared() {
            let approving = kind.commands.iter().filter(|c| c.if_match);
            assert!(approving.flat_map(|c| c.by).all(|role| *role != kernel::Role::Adm));
        }
    }
}
