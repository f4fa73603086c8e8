//! One requirement of an AI system, and what a baseline keeps of it.

use std::collections::BTreeMap;

use declare::{record, words};
use kernel::values::{Key, Line, Prose};

use crate::threshold::Threshold;

/// Something that an AI system must do or be.
#[record]
pub struct Requirement {
    /// What is required.
    pub text: Prose,
    /// What it is about.
    pub requirement_kind: RequirementKind,
    /// What is measured to show that it is met.
    #[field(max = 80)]
    pub metric: Option<Line>,
    /// What the measured value must reach.
    pub threshold: Option<Threshold>,
    /// Where it comes from: a law's article, a contract, a party, an assessment.
    #[field(max = 120)]
    pub source: Line,
    /// How much it counts.
    pub priority: Priority,
}

/// What a requirement is about. Performance, fairness and safety are measured: a baseline needs a
/// metric and a threshold for each of them.
#[words]
#[derive(Hash)]
pub enum RequirementKind {
    /// What the system does.
    Function,
    /// How well it does it; measured.
    Performance,
    /// That it treats groups alike; measured.
    Fairness,
    /// That it does no harm; measured.
    Safety,
    /// That it withstands attack.
    Security,
    /// That it spares personal data.
    Privacy,
    /// That people can see what it does and why.
    Transparency,
    /// That people watch over it and can stop it.
    Oversight,
    /// What a law demands.
    Legal,
}

/// How much a requirement counts.
#[words]
pub enum Priority {
    /// It has to be met.
    Must,
    /// It is met unless a good reason stands against it.
    Should,
    /// It is met if that is easy.
    Could,
}

impl RequirementKind {
    /// What the baseline of a high-impact system may not lack.
    pub const HIGH_IMPACT: [Self; 3] = [Self::Fairness, Self::Oversight, Self::Legal];

    /// Whether it is shown to be met by a number.
    pub fn is_measurable(self) -> bool {
        match self {
            Self::Performance | Self::Fairness | Self::Safety => true,
            Self::Function
            | Self::Security
            | Self::Privacy
            | Self::Transparency
            | Self::Oversight
            | Self::Legal => false,
        }
    }

    /// Its word.
    pub fn text(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Performance => "performance",
            Self::Fairness => "fairness",
            Self::Safety => "safety",
            Self::Security => "security",
            Self::Privacy => "privacy",
            Self::Transparency => "transparency",
            Self::Oversight => "oversight",
            Self::Legal => "legal",
        }
    }
}

/// The baseline in force: what verification plans are held to while the next one is written.
#[record]
pub struct Baseline {
    /// Its number: that of the version that was approved.
    pub number: u32,
    /// What it requires, by the requirement's key; the texts stand in the history.
    pub requirements: BTreeMap<Key, Measure>,
}

/// How a requirement of a baseline is shown to be met.
#[record]
pub struct Measure {
    /// What it is about.
    pub requirement_kind: RequirementKind,
    /// How much it counts.
    pub priority: Priority,
    /// What is measured.
    #[field(max = 80)]
    pub metric: Option<Line>,
    /// What the measured value must reach.
    pub threshold: Option<Threshold>,
}

impl From<&Requirement> for Measure {
    fn from(of: &Requirement) -> Self {
        Self {
            requirement_kind: of.requirement_kind,
            priority: of.priority,
            metric: of.metric.clone(),
            threshold: of.threshold,
        }
    }
}
