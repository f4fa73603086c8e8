//! The scales: five grades each, with what they mean.

use declare::record;
use kernel::values::{Line, Prose};

/// One grade of a scale.
#[record]
pub struct Grade {
    /// Its name.
    #[field(max = 80)]
    pub label: Line,
    /// What it means, so that two assessors choose the same one.
    #[field(max = 500)]
    pub description: Option<Prose>,
}

/// The scales of severity (6.1.2: consequences for organisation, individuals and societies).
#[record]
#[derive(Default)]
pub struct SeverityScale {
    /// For the organisation, from the lowest to the highest.
    #[field(max = 5)]
    pub organisation: Vec<Grade>,
    /// For individuals and groups.
    #[field(max = 5)]
    pub individual: Vec<Grade>,
    /// For society.
    #[field(max = 5)]
    pub society: Vec<Grade>,
}

/// The further scales of impact assessments (6.1.4).
#[record]
#[derive(Default)]
pub struct ImpactScales {
    /// How many are affected.
    #[field(max = 5)]
    pub scale: Vec<Grade>,
    /// How hard it is to undo, from easy to impossible.
    #[field(max = 5)]
    pub reversibility: Vec<Grade>,
}

type Table = [(&'static str, &'static str); 5];

const LIKELIHOOD: Table = [
    ("rare", "Not expected within five years of operation."),
    ("unlikely", "Could happen once within five years."),
    ("possible", "Could happen once a year."),
    ("likely", "Expected several times a year."),
    ("almost certain", "Expected every month or more often."),
];

const ORGANISATION: Table = [
    ("negligible", "Absorbed by daily work; nobody outside notices."),
    ("minor", "Some rework or cost; single complaints."),
    ("moderate", "An objective is missed; customers or the regulator ask."),
    ("major", "Contracts, licences or a year's result are at stake."),
    ("severe", "The organisation's existence or its right to operate is at stake."),
];

const INDIVIDUAL: Table = [
    ("negligible", "An inconvenience that passes by itself."),
    ("minor", "A disadvantage that the person can easily have put right."),
    ("moderate", "Noticeable harm to money, time, dignity or opportunity."),
    ("major", "Serious harm to health, livelihood or fundamental rights."),
    ("severe", "Death, lasting harm or an unlawful loss of rights."),
];

const SOCIETY: Table = [
    ("negligible", "No effect beyond those who use the system."),
    ("minor", "A small group notices a passing effect."),
    ("moderate", "A group is treated worse, or trust suffers in one place."),
    ("major", "Many people, a public service or the environment suffer."),
    ("severe", "Lasting harm to public safety, democracy or the environment."),
];

const SCALE: Table = [
    ("single persons", "One person or very few."),
    ("small group", "Tens of people."),
    ("group", "Hundreds of people, or one community."),
    ("many", "Thousands of people, or several communities."),
    ("widespread", "A region, a whole country or more."),
];

const REVERSIBILITY: Table = [
    ("easy", "Undone at once and without loss."),
    ("with effort", "Undone within days."),
    ("slow", "Undone within months, or only in part at first."),
    ("hard", "Only partly undone, at high cost."),
    ("none", "Cannot be undone."),
];

fn scale(table: Table) -> Vec<Grade> {
    let grade = |(label, description)| Grade {
        label: Line::new(label),
        description: Some(Prose::new(description)),
    };
    table.map(grade).into()
}

/// The scale of likelihood that holds unless another is given.
pub fn default_likelihood() -> Vec<Grade> {
    scale(LIKELIHOOD)
}

/// The scales of severity that hold unless others are given.
pub fn default_severity() -> SeverityScale {
    SeverityScale {
        organisation: scale(ORGANISATION),
        individual: scale(INDIVIDUAL),
        society: scale(SOCIETY),
    }
}

/// The scales of impact assessments that hold unless others are given.
pub fn default_impact() -> ImpactScales {
    ImpactScales { scale: scale(SCALE), reversibility: scale(REVERSIBILITY) }
}
