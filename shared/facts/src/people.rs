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
    /// The role, by name.
    #[serde(default)]
    role: String,
    /// Since when nobody answers for it, where somebody must.
    #[serde(default)]
    vacant_since: Option<Date>,
    /// What competence the holder still lacks, under a waiver.
    #[serde(default)]
    waiver: Option<CompetenceWaiver>,
});

/// The time in which somebody may hold a role without all the competence that it demands.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompetenceWaiver {
    /// Its last day.
    pub until: Date,
}

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
    /// Last day on which it counts.
    #[serde(default)]
    valid_until: Option<Date>,
});

/// A competence that a training gives.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conveyed {
    /// `basic`, `skilled`, `expert`.
    pub level: String,
}

impl TrainingRecord {
    /// Whether it shows a competence at a level on a day.
    pub fn shows(&self, competence: &str, level: &str, day: Date) -> bool {
        let given = self.competences.get(competence);
        self.counts_on(day) && given.is_some_and(|given| height(&given.level) >= height(level))
    }

    /// Whether what it gives counts on a day.
    pub fn counts_on(&self, day: Date) -> bool {
        matches!(self.status.as_str(), "completed" | "effectiveness_verified")
            && self.valid_until.is_none_or(|last| last >= day)
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
    /// What it is, in a line.
    #[serde(default)]
    title: String,
    /// Who answers for it.
    #[serde(default)]
    owner: Option<UserId>,
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
    /// Its name.
    #[serde(default)]
    name: String,
    /// The monitor that measures it, by id; people do where there is none.
    #[serde(default)]
    monitor: Option<String>,
    /// The metric of that monitor, by key.
    #[serde(default)]
    metric: Option<String>,
    /// First day of the newest period that was measured.
    #[serde(default)]
    last_period: Option<Date>,
    /// The value of that period.
    #[serde(default)]
    last_value: Option<kernel::Decimal>,
    /// `not_measured`, `on_target`, `at_risk`, `breached`.
    standing: String,
    /// `active`, `retired`.
    #[serde(default)]
    status: String,
});

view!("competence_profile",
/// What competence a role demands, as others rely on it (owner: governance).
CompetenceProfile {
    /// The role, by name or by its code in the AIMS.
    role: String,
    /// What it demands, by key.
    #[serde(default)]
    required: BTreeMap<String, Demanded>,
    /// `in_force`, `retired`.
    status: String,
});

/// A competence that a role demands.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Demanded {
    /// What it is.
    pub title: String,
    /// `basic`, `skilled`, `expert`.
    pub level: String,
}

/// How far a level of competence goes: what lies higher shows what lies lower as well.
fn height(level: &str) -> u8 {
    match level {
        "basic" => 1,
        "skilled" => 2,
        "expert" => 3,
        _ => 0,
    }
}

view!("task",
/// A work item as others rely on it.
Task {
    /// What is to be done, in a line.
    #[serde(default)]
    title: String,
    /// Which sort of work, such as `decide`.
    #[serde(default)]
    task_kind: String,
    /// The object that it is about, by id.
    #[serde(default)]
    subject: Option<String>,
    /// In which role it is done.
    #[serde(default)]
    assignee_role: String,
    /// What must have happened for it to be done.
    #[serde(default)]
    done_when: Option<DoneWhen>,
    /// `open`, `overdue`, `done`, `cancelled`.
    status: String,
    /// Who opened it.
    #[serde(default)]
    opened_by: String,
    /// The event that brought it about, by position.
    #[serde(default)]
    opened_by_event: Option<kernel::Position>,
    /// Whether it keeps its subject's gate shut.
    blocking: bool,
    /// Who is to do it; anybody in the role when absent.
    #[serde(default)]
    assignee: Option<UserId>,
});

/// The event that must have happened for a task to be done.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DoneWhen {
    /// Its stored name.
    pub event: String,
    /// The object that decides, by id; any when it is absent.
    #[serde(default)]
    pub object: Option<String>,
    /// The object that this one refers to or is, by id.
    #[serde(default)]
    pub about: Option<String>,
    /// Texts that the event's data must hold.
    #[serde(default)]
    pub naming: Vec<String>,
}

impl Task {
    /// Whether it is still to be done, in time or too late.
    pub fn is_open(&self) -> bool {
        matches!(self.status.as_str(), "open" | "overdue")
    }

    /// Whether the rule of this number opened it.
    pub fn is_of_rule(&self, rule: &str) -> bool {
        self.opened_by.strip_prefix("rea_") == Some(rule)
    }

    /// An event that open tasks wait for, as their indexed field `awaits` holds it: of an object,
    /// about one, or of any.
    pub fn awaited(event: &str, object: Option<&str>) -> String {
        format!("{event}@{}", object.unwrap_or_default())
    }
}
