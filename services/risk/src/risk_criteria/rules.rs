//! What criteria say of a rated risk: its level, who may accept it, when it is looked at again.

use declare::{record, words};
use kernel::{Date, Role};

/// Highest grade of a scale.
pub const GRADES: u32 = 5;
/// Highest score: highest likelihood times highest severity.
pub const SCORES: u32 = GRADES * GRADES;

/// How grave a risk or an impact is.
#[words]
pub enum Level {
    /// Within everyday management.
    Low,
    /// To be watched.
    Medium,
    /// To be treated.
    High,
    /// Never accepted.
    Critical,
}

impl Level {
    /// The levels from the lowest.
    pub const ALL: [Level; 4] = [Level::Low, Level::Medium, Level::High, Level::Critical];

    /// The word.
    pub fn text(self) -> &'static str {
        match self {
            Level::Low => "low",
            Level::Medium => "medium",
            Level::High => "high",
            Level::Critical => "critical",
        }
    }
}

/// The scores of one level.
#[record]
pub struct Band {
    /// The level.
    pub level: Level,
    /// Its lowest score.
    pub from: u32,
    /// Its highest score.
    pub to: u32,
}

/// The levels of one likelihood.
#[record]
pub struct MatrixRow {
    /// The level for each severity, from 1 to 5.
    #[field(max = 5)]
    pub levels: Vec<Level>,
}

/// Which risks a role may accept, and for how long.
#[record]
pub struct Authority {
    /// The role: RO or TM.
    pub role: Role,
    /// The highest score that it may accept.
    pub up_to_score: u32,
    /// For how many days at most.
    pub max_days: u32,
}

/// After how many days a risk is assessed again, by its level.
#[record]
#[derive(Copy, Default)]
pub struct Intervals {
    /// Low risks.
    pub low: u32,
    /// Medium risks.
    pub medium: u32,
    /// High risks.
    pub high: u32,
    /// Critical risks.
    pub critical: u32,
}

/// How a score stands to the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// At most the appetite.
    WithinAppetite,
    /// Above the appetite, at most the tolerance.
    WithinTolerance,
    /// Above the tolerance, or critical.
    AboveTolerance,
}

/// What a version of the criteria says of rated risks.
#[record]
#[derive(Default)]
pub struct Rules {
    /// The level for each likelihood (rows, from 1 to 5) and severity (columns).
    #[field(max = 5)]
    pub matrix: Vec<MatrixRow>,
    /// The level for each score.
    #[field(max = 4)]
    pub bands: Vec<Band>,
    /// The highest score that the organisation lives with.
    pub appetite: u32,
    /// The highest score that may be accepted for a time.
    pub tolerance: u32,
    /// Who may accept what.
    #[field(max = 2)]
    pub acceptance_authority: Vec<Authority>,
    /// When risks are assessed again.
    pub review_interval_days: Intervals,
}

/// The bands that hold unless others are given.
pub fn default_bands() -> Vec<Band> {
    [
        (Level::Low, 1, 4),
        (Level::Medium, 5, 9),
        (Level::High, 10, 14),
        (Level::Critical, 15, SCORES),
    ]
    .map(|(level, from, to)| Band { level, from, to })
    .into()
}

/// The level of a score. Beyond all bands stands the highest level.
pub fn level_of(bands: &[Band], score: u32) -> Level {
    let band = bands.iter().find(|band| (band.from..=band.to).contains(&score));
    band.map_or(Level::Critical, |band| band.level)
}

/// The level of a score by the usual bands.
pub fn default_level(score: u32) -> Level {
    level_of(&default_bands(), score)
}

/// The matrix that follows from the bands.
pub fn matrix_of(bands: &[Band]) -> Vec<MatrixRow> {
    let row = |likelihood| MatrixRow {
        levels: (1..=GRADES).map(|severity| level_of(bands, likelihood * severity)).collect(),
    };
    (1..=GRADES).map(row).collect()
}

impl Rules {
    /// The level of a likelihood and a severity. Beyond the matrix stands the highest level.
    pub fn level(&self, likelihood: u32, severity: u32) -> Level {
        let place = |grade: u32| (grade as usize).checked_sub(1);
        let row = place(likelihood).and_then(|n| self.matrix.get(n));
        let cell = row.and_then(|row| place(severity).and_then(|n| row.levels.get(n)));
        cell.copied().unwrap_or(Level::Critical)
    }

    /// How a rated risk stands to the limits.
    pub fn standing(&self, score: u32, level: Level) -> Standing {
        if level == Level::Critical || score > self.tolerance {
            Standing::AboveTolerance
        } else if score > self.appetite {
            Standing::WithinTolerance
        } else {
            Standing::WithinAppetite
        }
    }

    /// When a risk of this level that was assessed on a day is assessed again.
    pub fn review_due(&self, level: Level, assessed: Date) -> Date {
        let Intervals { low, medium, high, critical } = self.review_interval_days;
        let days = match level {
            Level::Low => low,
            Level::Medium => medium,
            Level::High => high,
            Level::Critical => critical,
        };
        assessed.plus_days(i64::from(days))
    }
}

impl Authority {
    /// The last day of an acceptance that is given today: 365 days are twelve months.
    pub fn last_day(&self, today: Date) -> Date {
        if self.max_days >= super::check::YEAR_DAYS {
            return today.plus_months(12);
        }
        today.plus_days(i64::from(self.max_days))
    }
}
