//! What a version of an intended use says, and what is recorded around it.

use std::collections::BTreeMap;

use declare::{record, words};
use kernel::kinds::{AiSystem, CompetenceProfile, Monitor, TrainingRecord};
use kernel::values::{Hash, Key, Line, Prose, Ref};
use kernel::{Date, Decimal, Instant, UserId};

/// What a version says. Input of `redraft`. No correction changes it: who corrects is no author of
/// the version, and could then approve what he wrote.
#[record]
#[derive(Default)]
pub struct Content {
    /// What the system is for, as users are told.
    pub intended_purpose: Prose,
    /// The uses that belong to the purpose; each must be assessed before they are approved.
    #[field(max = 40)]
    pub intended_uses: Vec<Line>,
    /// Who may use it.
    #[field(max = 40)]
    pub allowed_users: Vec<Line>,
    /// What it may not be used for.
    #[field(max = 40)]
    pub prohibited_uses: Vec<Line>,
    /// What must hold while it is used.
    #[field(max = 40)]
    pub conditions: Vec<Prose>,
    /// Who watches over it (A.9.2), by a key of your own choice.
    #[field(max = 20)]
    pub oversight: BTreeMap<Key, Overseer>,
    /// SHA-256 of the instructions for use.
    pub instructions_hash: Option<Hash>,
    /// What it does not do well.
    #[field(max = 40)]
    pub limits: Vec<Prose>,
    /// Where users turn to.
    pub contact: Option<Prose>,
    /// The languages of the instructions, `nl`.
    #[field(max = 30)]
    pub languages: Vec<Line>,
    /// The monitors that watch how it is used.
    #[field(max = 20)]
    pub monitors_of_use: Vec<Ref<Monitor>>,
}

/// A person who watches over the system in use.
#[record]
pub struct Overseer {
    /// The member.
    pub who: UserId,
    /// The profile of what he must be able to do (7.2).
    pub competence: Ref<CompetenceProfile>,
    /// Whether he can stop the system.
    pub stop_ability: bool,
    /// The share of decisions that he reviews, in per cent.
    pub review_share: Decimal,
}

/// Input of `draft`.
#[record]
pub struct DraftUse {
    /// The AI system.
    pub system: Ref<AiSystem>,
    /// What its use is to be.
    #[field(flatten)]
    pub content: Content,
}

/// What holds of the version in force while the next one is written.
#[record]
pub struct InForce {
    /// SHA-256 of the instructions for use.
    pub instructions_hash: Hash,
    /// The uses that belong to the purpose.
    pub intended_uses: Vec<Line>,
    /// Who watches over the system.
    pub oversight: BTreeMap<Key, Overseer>,
    /// What showed their competence on the day, by the same keys.
    pub competence: BTreeMap<Key, CompetenceShown>,
    /// The languages of the instructions.
    pub languages: Vec<Line>,
}

/// What showed that a person can watch over the system.
#[record]
pub struct CompetenceShown {
    /// The revision of the profile that he was held against.
    pub revision: u32,
    /// His training records that met it.
    pub records: Vec<Ref<TrainingRecord>>,
    /// Last day on which all of what it demands is still shown; none when that has no end.
    pub valid_until: Option<Date>,
}

/// The user information that users have.
#[record]
pub struct Publication {
    /// Number of the version.
    pub version: u32,
    /// SHA-256 of the instructions for use.
    pub instructions_hash: Hash,
    /// Their languages.
    pub languages: Vec<Line>,
    /// When it was published.
    pub at: Instant,
    /// Who published it.
    pub by: UserId,
}

/// What users have been told.
#[words]
#[derive(Default)]
pub enum Progress {
    /// Nothing.
    #[default]
    NotPublished,
    /// The user information of the version in force.
    Published,
    /// That of an earlier version; it holds until the version in force is published.
    Outdated,
}

/// In what a use differed from the intended one.
#[words]
pub enum DeviationKind {
    /// A use beside the purpose.
    OutsidePurpose,
    /// A prohibited use.
    ProhibitedUse,
    /// A user who may not use the system.
    UserNotAllowed,
    /// A condition of use that did not hold.
    ConditionBroken,
    /// Oversight that was left out.
    OversightSkipped,
}

/// Input of `record_deviation`.
#[record]
pub struct RecordDeviation {
    /// In what the use differed.
    pub deviation_kind: DeviationKind,
    /// What was done.
    pub what: Prose,
    /// When it was seen.
    pub observed_at: Option<Instant>,
    /// What was done about it.
    pub action: Option<Prose>,
}

/// A use that differed from the intended one.
#[record]
pub struct Deviation {
    /// What was seen.
    #[field(flatten)]
    pub seen: RecordDeviation,
    /// The version that was in force.
    pub version: u32,
    /// Who recorded it.
    pub by: UserId,
    /// When.
    pub noted_at: Instant,
}
