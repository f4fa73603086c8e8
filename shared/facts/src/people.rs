//! What others rely on of governance: who answers for what, what is to be reached, what is to be
//! done.

use std::collections::BTreeMap;

use kernel::{Date, UserId};

view!("role_assignment",
/// Who answers for what, as others rely on it.
RoleAssignment {
    /// The process, control area or AI system: a line, or the object's id.
    item: String,
    /// `responsible`, `accountable`, `consulted`, `informed`.
    responsibility: String,
    /// Who; none while it is vacant.
    #[serde(default)]
    holder: Option<UserId>,
    /// `proposed`, `active`, `ended`, `vacant`.
    status: String,
    /// Last day on which the holder answered for it.
    #[serde(default)]
    valid_to: Option<Date>,
});

impl RoleAssignment {
    /// Whether this person decides or does what the item is about: today, or after a day when that
    /// has ended since.
    pub fn binds_after(&self, user: &UserId, day: Date) -> bool {
        let binds = matches!(self.responsibility.as_str(), "responsible" | "accountable");
        let lasts = match self.status.as_str() {
            "active" => true,
            "ended" | "vacant" => self.valid_to.is_none_or(|last| last >= day),
            _ => false,
        };
        binds && lasts && self.holder.as_ref() == Some(user)
    }
}

view!("training_record",
/// One person's training as others rely on it.
TrainingRecord {
    /// Whose.
    person: UserId,
    /// The competences that it gives, by key.
    #[serde(default)]
    competences: BTreeMap<String, Conveyed>,
    /// `planned`, `completed`, `effectiveness_verified`, `expired`, `failed`.
    status: String,
    /// When it took place.
    #[serde(default)]
    completed_on: Option<Date>,
    /// Last day on which it counts.
    #[serde(default)]
    valid_until: Option<Date>,
});

/// A competence that a training gives.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conveyed {
    /// How much of it.
    pub level: Level,
}

/// How much of a competence, from little to much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Knows what it is about.
    Basic,
    /// Does it alone.
    Skilled,
    /// Teaches and judges it.
    Expert,
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Basic => "basic",
            Self::Skilled => "skilled",
            Self::Expert => "expert",
        })
    }
}

impl TrainingRecord {
    /// Whether what it gives counts on a day.
    pub fn counts_on(&self, day: Date) -> bool {
        matches!(self.status.as_str(), "completed" | "effectiveness_verified")
            && self.completed_on.is_some_and(|since| since <= day)
            && self.valid_until.is_none_or(|last| last >= day)
    }

    /// Whether it shows what a profile demands on a day. What a law asks for is shown for a time
    /// only.
    pub fn shows(&self, competence: &str, demanded: &Demanded, day: Date) -> bool {
        let conveyed = self.competences.get(competence);
        self.counts_on(day)
            && (!demanded.regulated || self.valid_until.is_some())
            && conveyed.is_some_and(|conveyed| conveyed.level >= demanded.level)
    }
}

view!("competence_profile",
/// What whoever holds a role must be able to do, as others rely on it.
CompetenceProfile {
    /// What is demanded, by the key of the competence.
    #[serde(default)]
    required: BTreeMap<String, Demanded>,
    /// How often it was defined.
    revision: u32,
    /// `in_force`, `retired`.
    status: String,
});

/// A competence that a profile demands.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Demanded {
    /// What it is, in words.
    pub title: String,
    /// How much of it.
    pub level: Level,
    /// Whether a law or standard asks for it.
    #[serde(default)]
    pub regulated: bool,
}

impl CompetenceProfile {
    /// Whether it still counts.
    pub fn is_in_force(&self) -> bool {
        self.status == "in_force"
    }

    /// The first competence that none of a person's records shows on a day.
    pub fn lacking<'a>(
        &'a self,
        records: &[&TrainingRecord],
        day: Date,
    ) -> Option<(&'a str, &'a Demanded)> {
        let shown = |key: &str, demanded: &Demanded| {
            records.iter().any(|record| record.shows(key, demanded, day))
        };
        let mut required = self.required.iter().map(|(key, demanded)| (key.as_str(), demanded));
        required.find(|(key, demanded)| !shown(key, demanded))
    }
}

view!("objective",
/// An AI objective as others rely on it.
Objective {
    /// Where its working version stands in the approval pattern.
    status: String,
    /// `not_started`, `on_track`, `at_risk`, `breached`, `achieved`, `dropped`.
    progress: String,
    /// Its theme (Annex C).
    #[serde(default)]
    theme: String,
});

impl Objective {
    /// Whether it has ended.
    pub fn is_closed(&self) -> bool {
        matches!(self.progress.as_str(), "achieved" | "dropped")
    }

    /// Whether it is about safety or fairness: a single breach counts then.
    pub fn is_about_people(&self) -> bool {
        matches!(self.theme.as_str(), "safety" | "fairness")
    }
}

view!("kpi",
/// A key performance indicator as others rely on it.
Kpi {
    /// The objective, by id.
    objective: String,
    /// `not_measured`, `on_target`, `at_risk`, `breached`.
    standing: String,
    /// `active`, `retired`.
    #[serde(default)]
    status: String,
});

view!("task",
/// A work item as others rely on it.
Task {
    /// The object that it is about, by id.
    #[serde(default)]
    subject: Option<String>,
    /// `open`, `overdue`, `done`, `cancelled`.
    status: String,
    /// Whether it keeps its subject's gate shut.
    blocking: bool,
});
