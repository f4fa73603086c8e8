//! What a version of the criteria says, and how a draft is made of what is given.

use declare::record;
use kernel::Role;
use kernel::kinds::AimsChange;
use kernel::values::{Prose, Ref};

use super::check::{TOLERATED_DAYS, YEAR_DAYS};
use super::rules::{Authority, Band, Intervals, MatrixRow, Rules, default_bands, matrix_of};
use super::scales::{
    Grade, ImpactScales, SeverityScale, default_impact, default_likelihood, default_severity,
};

const APPETITE: u32 = 9;
const TOLERANCE: u32 = 14;
const INTERVALS: Intervals = Intervals { low: 365, medium: 365, high: 180, critical: 120 };

/// What a version of the criteria says.
#[record]
#[derive(Default)]
pub struct Content {
    /// To what the criteria apply, and what this version changes.
    #[field(correctable)]
    pub note: Option<Prose>,
    /// The grades of likelihood, from 1 to 5.
    #[field(max = 5)]
    pub likelihood_scale: Vec<Grade>,
    /// The grades of severity, from 1 to 5, for each whom a consequence can hit.
    pub severity_scale: SeverityScale,
    /// The further scales of impact assessments.
    pub impact_scales: ImpactScales,
    /// What follows for a rated risk.
    #[field(flatten)]
    pub rules: Rules,
    /// The change of the management system that alters the criteria (6.3); the first need none.
    pub aims_change: Option<Ref<AimsChange>>,
}

/// Input of `draft` and `redraft`.
#[record]
#[derive(Default)]
pub struct Draft {
    /// To what the criteria apply, and what this version changes.
    pub note: Option<Prose>,
    /// Five grades of likelihood, from the lowest.
    #[field(max = 5)]
    pub likelihood_scale: Option<Vec<Grade>>,
    /// Five grades of severity for each whom a consequence can hit, from the lowest.
    pub severity_scale: Option<SeverityScale>,
    /// Five grades of each further scale of impact assessments.
    pub impact_scales: Option<ImpactScales>,
    /// The scores of each level; at first 1-4 low, 5-9 medium, 10-14 high, 15-25 critical.
    #[field(max = 25)]
    pub bands: Option<Vec<Band>>,
    /// Five rows of five levels; follows from the bands when these are given without it.
    #[field(max = 25)]
    pub matrix: Option<Vec<MatrixRow>>,
    /// The highest score that the organisation lives with; at first 9.
    pub appetite: Option<u32>,
    /// The highest score that may be accepted for a time; at first 14.
    pub tolerance: Option<u32>,
    /// Who may accept what; at first RO up to the appetite for 365 days, TM up to the tolerance for
    /// 180. What ended at the old appetite or tolerance moves along with these.
    #[field(max = 25)]
    pub acceptance_authority: Option<Vec<Authority>>,
    /// After how many days risks are assessed again, by level.
    pub review_interval_days: Option<Intervals>,
    /// The change of the management system that alters the criteria (6.3); the first need none.
    pub aims_change: Option<Ref<AimsChange>>,
}

impl Draft {
    /// The draft over what the version before says, or over the usual values.
    pub(super) fn over(self, before: &Content) -> Content {
        let usual = before.rules.matrix.is_empty().then(usual);
        let before = usual.as_ref().unwrap_or(before);
        let old = &before.rules;
        let appetite = self.appetite.unwrap_or(old.appetite);
        let tolerance = self.tolerance.unwrap_or(old.tolerance);
        let moved = |authority: &Authority| {
            let up_to_score = match authority.up_to_score {
                score if score == old.appetite => appetite,
                score if score == old.tolerance => tolerance,
                score => score,
            };
            Authority { up_to_score, ..authority.clone() }
        };
        let matrix = match (self.matrix, &self.bands) {
            (Some(matrix), _) => matrix,
            (None, Some(bands)) => matrix_of(bands),
            (None, None) => old.matrix.clone(),
        };
        Content {
            note: self.note.or_else(|| before.note.clone()),
            likelihood_scale: self
                .likelihood_scale
                .unwrap_or_else(|| before.likelihood_scale.clone()),
            severity_scale: self.severity_scale.unwrap_or_else(|| before.severity_scale.clone()),
            impact_scales: self.impact_scales.unwrap_or_else(|| before.impact_scales.clone()),
            rules: Rules {
                matrix,
                bands: self.bands.unwrap_or_else(|| old.bands.clone()),
                appetite,
                tolerance,
                acceptance_authority: self
                    .acceptance_authority
                    .unwrap_or_else(|| old.acceptance_authority.iter().map(moved).collect()),
                review_interval_days: self.review_interval_days.unwrap_or(old.review_interval_days),
            },
            aims_change: self.aims_change,
        }
    }
}

/// What the domain model takes for granted.
fn usual() -> Content {
    let bands = default_bands();
    let authority = |role, up_to_score, max_days| Authority { role, up_to_score, max_days };
    Content {
        note: None,
        likelihood_scale: default_likelihood(),
        severity_scale: default_severity(),
        impact_scales: default_impact(),
        aims_change: None,
        rules: Rules {
            matrix: matrix_of(&bands),
            bands,
            appetite: APPETITE,
            tolerance: TOLERANCE,
            acceptance_authority: vec![
                authority(Role::Ro, APPETITE, YEAR_DAYS),
                authority(Role::Tm, TOLERANCE, TOLERATED_DAYS),
            ],
            review_interval_days: INTERVALS,
        },
    }
}
