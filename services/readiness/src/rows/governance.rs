//! Rows of governance's documents.

use crate::value::{At, Day, Keyed, Micros, Sym, Syms, Time};
use crate::word::Word;

row! {
    /// What an organisation sets.
    Organisation { settings: Settings }
    /// Its settings.
    Settings { readiness: Option<Rules> }
    /// What it says of readiness.
    Rules {
        months_of_records: Option<u32>,
        implementation_threshold: Option<u32>,
        evidence_fresh_days: Option<u32>,
        weights: Option<Weights>,
    }
    /// Weights of the parts of the index, in percent.
    Weights {
        clause_coverage: u32,
        control_implementation: u32,
        control_proof: u32,
        impact_assessments: u32,
        nonconformities: u32,
        document_currency: u32,
        supplier_assurance: u32,
    }
    /// The version in force of something that is approved.
    Approved { version: u32, approved_at: Time }
    /// The scope.
    Scope { effective: Option<Approved> }
    /// A controlled document.
    Document { kind: Word, status: Word, effective: Option<Approved>, in_force: Option<InForce> }
    /// What holds of its version in force.
    InForce { edition: Sym, effective_from: Day, next_review_due: Day }
    /// An acknowledgement.
    Acknowledgement { document: Sym, edition: Sym, user: Sym }
    /// A membership.
    Membership { user: Sym, status: Word }
    /// An assignment of a role.
    RoleAssignment {
        role: Sym,
        aims_role: Option<Sym>,
        holder: Option<Sym>,
        status: Word,
        valid_from: Day,
        valid_to: Option<Day>,
    }
    /// What a role demands.
    CompetenceProfile { role_key: Sym, status: Word, required: Keyed<Level> }
    /// A level of competence.
    Level { level: Word }
    /// A person's training.
    TrainingRecord {
        person: Sym,
        status: Word,
        completed_on: Option<Day>,
        valid_until: Option<Day>,
        competences: Keyed<Level>,
    }
    /// An objective.
    Objective { effective: Option<Approved>, progress: Word }
    /// An indicator.
    Kpi { status: Word, standing: Word, direction: Word, measurements: Keyed<Measurement> }
    /// A measurement of it.
    Measurement { period: Day, value: Micros }
    /// A statement of applicability.
    Soa {
        catalogue: Sym,
        effective: Option<Approved>,
        effective_rows: Option<SoaRows>,
        contradictions: Keyed<Contradiction>,
    }
    /// The rows that were approved.
    SoaRows { position: At }
    /// A fact that speaks against the statement.
    Contradiction { control: Sym, since: Time }
    /// A row of a statement.
    SoaControl { soa: Sym, control: Sym, decision: Word, status: Word, evidence: Syms }
    /// Evidence.
    Evidence {
        status: Word,
        captured_at: Option<Time>,
        fresh_until: Option<Day>,
        links: Keyed<Target>,
    }
    /// What it is evidence of.
    Target { clause: Option<Sym>, control: Option<Sym> }
}
