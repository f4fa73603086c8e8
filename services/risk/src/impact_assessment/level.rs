//! How large an impact is: grades, scores and levels (ISO/IEC 42005 5.7, 5.9).

use declare::{record, words};
use kernel::Context;
use kernel::schema::{Described, Ty};
use kernel::values::Key;
use serde::{Deserialize, Serialize};

/// A grade on a scale of five.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Grade(u32);

impl Grade {
    /// The lowest.
    pub const MIN: Grade = Grade(1);
    /// The highest.
    pub const MAX: Grade = Grade(5);
    /// From here on a scale or an irreversibility weighs on the severity.
    const GRAVE: Grade = Grade(4);

    /// Its number.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Whether it weighs on the severity.
    fn is_grave(self) -> bool {
        self >= Self::GRAVE
    }
}

impl TryFrom<u32> for Grade {
    type Error = &'static str;

    fn try_from(number: u32) -> Result<Self, &'static str> {
        let grade = Grade(number);
        let fine = (Self::MIN..=Self::MAX).contains(&grade);
        fine.then_some(grade).ok_or("a grade is a whole number from 1 to 5")
    }
}

impl From<Grade> for u32 {
    fn from(grade: Grade) -> u32 {
        grade.0
    }
}

impl Described for Grade {
    fn ty() -> Ty {
        Ty::Int(Self::MIN.0.into(), Self::MAX.0.into())
    }
}

/// How serious an impact is.
#[words]
pub enum Level {
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

impl Level {
    const ALL: [Level; 4] = [Level::Low, Level::Medium, Level::High, Level::Critical];

    /// The word.
    pub fn text(self) -> &'static str {
        match self {
            Level::Low => "low",
            Level::Medium => "medium",
            Level::High => "high",
            Level::Critical => "critical",
        }
    }

    /// The level of a word; a word that is not known counts as the worst.
    fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|level| level.text() == word).unwrap_or(Level::Critical)
    }

    /// Longest time in months until an assessment of this level is done again.
    pub fn months(self) -> i64 {
        match self {
            Level::Low | Level::Medium => 12,
            Level::High | Level::Critical => 6,
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

/// The criteria by which impacts were given their levels.
#[record]
pub struct AppliedCriteria {
    /// Version of the tenant's risk criteria, such as `v1`; `default` where none were approved.
    pub version: Key,
    /// Which scores have which level.
    pub bands: Vec<Band>,
}

impl AppliedCriteria {
    /// The criteria in force at the position of the facts.
    pub fn in_force(context: &Context) -> Self {
        let criteria = context.facts.all::<facts::RiskCriteria>();
        let in_force = criteria.iter().find_map(|(_, criteria)| criteria.in_force());
        in_force.map_or_else(Self::default, |(version, approved)| Self {
            version: Key::new(version),
            bands: approved.bands.iter().map(Band::of).collect(),
        })
    }

    /// The level of a score; a score that no band knows counts as the worst.
    pub fn level(&self, score: u32) -> Level {
        let found = self.bands.iter().find(|band| (band.from..=band.to).contains(&score));
        found.map_or(Level::Critical, |band| band.level)
    }
}

impl Default for AppliedCriteria {
    /// The domain's bands: 1-4 low, 5-9 medium, 10-14 high, 15-25 critical.
    fn default() -> Self {
        let bands = [
            (Level::Low, 1, 4),
            (Level::Medium, 5, 9),
            (Level::High, 10, 14),
            (Level::Critical, 15, 25),
        ];
        let band = |(level, from, to)| Band { level, from, to };
        Self { version: Key::new("default"), bands: bands.map(band).into() }
    }
}

impl Band {
    fn of(band: &facts::Band) -> Self {
        Self { level: Level::of(&band.level), from: band.from, to: band.to }
    }
}

/// What the score of an impact depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    /// How grave.
    pub severity: Grade,
    /// How likely.
    pub likelihood: Grade,
    /// How many are affected.
    pub scale: Grade,
    /// How hard to undo; an impact of which that is not known counts as one that cannot be undone.
    pub reversibility: Option<Grade>,
    /// Whether vulnerable people are affected.
    pub vulnerable: bool,
}

impl Weights {
    /// `min(5, severity + [reversibility >= 4] + [scale >= 4 or vulnerable]) x likelihood`.
    pub fn score(self) -> u32 {
        let irreversible = self.reversibility.is_none_or(Grade::is_grave);
        let wide = self.scale.is_grave() || self.vulnerable;
        let severity = self.severity.0 + u32::from(irreversible) + u32::from(wide);
        severity.min(Grade::MAX.0) * self.likelihood.0
    }
}
