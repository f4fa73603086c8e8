//! Rows of the risk service's documents.

use crate::rows::governance::Approved;
use crate::value::{Day, Keyed, Sym, Syms, Time};
use crate::word::Word;

row! {
    /// Risk criteria.
    RiskCriteria { effective: Option<Approved>, approved_versions: Keyed<ApprovedCriteria> }
    /// What an approved version says.
    ApprovedCriteria { appetite: u32 }
    /// A risk.
    Risk {
        status: Word,
        systems: Syms,
        inherent: Option<Rating>,
        residual: Option<Rating>,
        acceptance: Option<Acceptance>,
        acceptance_stale: Option<AcceptanceStale>,
    }
    /// How large it is.
    Rating { score: u32, level: Word }
    /// Its acceptance.
    Acceptance { score: u32, valid_until: Day }
    /// Why the acceptance no longer fits.
    AcceptanceStale { because: Box<[Word]> }
    /// A treatment plan.
    TreatmentPlan { effective: Option<Approved>, in_force: Option<PlanInForce> }
    /// Its version in force.
    PlanInForce { risks: Syms, actions: Keyed<PlanAction> }
    /// An action of it.
    PlanAction { due: Day, done_at: Option<Time>, status: Word }
    /// An impact assessment.
    ImpactAssessment {
        system: Sym,
        status: Word,
        approved_at: Option<Time>,
        next_due: Option<Day>,
    }
    /// A regulatory classification.
    RegulatoryClassification { system: Sym, status: Word }
}
