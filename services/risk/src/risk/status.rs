//! Where a risk stands, and who brought it there.

use declare::{record, words};
use kernel::{Context, Instant, UserId};

/// Who changed a risk, when, and to which version of its history.
#[record]
pub struct Edit {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// The version of the risk's history that the change made.
    pub history_version: u64,
}

impl Edit {
    pub(super) fn of(context: &Context) -> Self {
        Self { by: context.user(), at: context.now, history_version: context.version + 1 }
    }
}

/// Where a risk stands.
#[words]
#[derive(Default)]
pub enum RiskStatus {
    /// Taken from a library; nobody has said yet that it concerns the organisation.
    Candidate,
    /// It concerns the organisation.
    #[default]
    Identified,
    /// Likelihood and consequences are rated.
    Analysed,
    /// Compared with the criteria; the treatment is chosen.
    Evaluated,
    /// An approved plan treats it.
    TreatmentPlanned,
    /// The plan is carried out.
    Treated,
    /// Rated again after treatment.
    ResidualEvaluated,
    /// Accepted by somebody who may.
    Accepted,
    /// It exists no longer.
    Closed,
}

impl RiskStatus {
    pub(super) fn text(self) -> &'static str {
        match self {
            RiskStatus::Candidate => "a candidate",
            RiskStatus::Identified => "identified",
            RiskStatus::Analysed => "analysed",
            RiskStatus::Evaluated => "evaluated",
            RiskStatus::TreatmentPlanned => "planned to be treated",
            RiskStatus::Treated => "treated",
            RiskStatus::ResidualEvaluated => "rated after treatment",
            RiskStatus::Accepted => "accepted",
            RiskStatus::Closed => "closed",
        }
    }
}
