//! Rows of the life-cycle service's documents.

use crate::rows::governance::Approved;
use crate::value::{Day, Keyed, Print, Sym, Syms, Time};
use crate::word::Word;

row! {
    /// An AI system.
    AiSystem {
        in_scope: bool,
        owner: Option<Sym>,
        stage: Word,
        operation_status: Word,
        versions: Keyed<SystemVersion>,
    }
    /// A version of it.
    SystemVersion {
        status: Word,
        stage: Word,
        onboarded: bool,
        deployment_gate: Option<Sym>,
        datasets: Syms,
    }
    /// A gate.
    StageGate { status: Word, to: Word, passed_at: Option<Time>, waivers: Keyed<Waiver> }
    /// The gate policy.
    GatePolicy { policy_version: Sym }
    /// A waiver of one of its checks.
    Waiver { grants: Keyed<Grant> }
    /// Who grants it, until when.
    Grant { until: Day }
    /// A verification record.
    VerificationRecord {
        status: Word,
        outcome: Option<Word>,
        criteria_first: bool,
        developers: Syms,
        validators: Syms,
    }
    /// A data set.
    Dataset {
        status: Word,
        approved_until: Option<Day>,
        provenance: Keyed<Step>,
        quality: Option<Quality>,
    }
    /// A step of its provenance.
    Step { order: u32, hash_in: Option<Print>, hash_out: Print }
    /// Its quality.
    Quality { passed: bool }
    /// What a system logs.
    EventLogPolicy { system: Sym, status: Word }
    /// A monitor.
    Monitor { system: Sym, status: Word, alerts: Keyed<Alert> }
    /// An alert of it.
    Alert { opened_at: Time, ack_due: Time, ack_at: Option<Time> }
    /// An incident.
    Incident {
        severity: Word,
        status: Word,
        occurred_at: Option<Time>,
        aware_at: Time,
        clocks: Keyed<Clock>,
        resolved_at: Option<Time>,
    }
    /// A clock that runs for it.
    Clock { due: Time, met_at: Option<Time>, lifted_at: Option<Time> }
    /// A concern.
    Concern { status: Word, received_at: Time, answer_due: Time, reply: Option<Reply> }
    /// The answer to it.
    Reply { at: Time }
    /// A channel for concerns.
    ReportingChannel { audience: Word, status: Word }
    /// The intended use of a system.
    IntendedUse { system: Sym, effective: Option<Approved> }
}

impl super::Settle for Incident {
    /// No field says when an incident was resolved: its first version that is, was.
    fn settle(&mut self, before: Option<&Self>, at: Time) {
        if matches!(self.status, Word::Resolved | Word::Closed) {
            self.resolved_at = before.and_then(|before| before.resolved_at).or(Some(at));
        }
    }
}

impl AiSystem {
    /// Whether a version of it runs, if only with restrictions.
    pub fn is_running(&self) -> bool {
        matches!(self.operation_status, Word::Running | Word::Restricted)
    }
}
