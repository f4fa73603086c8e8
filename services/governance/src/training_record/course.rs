//! How a training goes: planned, held, judged, run out.

use declare::record;
use kernel::kinds;
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Date, Need, Role, UserId};

use super::{
    CompetenceRecorded, Effect, Event, Refusal, Training, TrainingPlanned, TrainingRecord,
    TrainingStatus,
};
use crate::competence_profile::CompetenceProfile;

/// Input of `plan`.
#[record]
pub struct Plan {
    /// Who and what.
    #[field(flatten)]
    pub training: Training,
    /// When it is to take place; may lie in the future.
    pub planned_on: Date,
}

/// Input of `record_competence`.
#[record]
pub struct RecordCompetence {
    /// Who and what.
    #[field(flatten)]
    pub training: Training,
    /// What shows it.
    #[field(flatten)]
    pub shown: Shown,
}

/// Input of `complete`.
#[record]
pub struct Complete {
    /// What shows it.
    #[field(flatten)]
    pub shown: Shown,
}

/// What shows that a person is competent.
#[record]
pub struct Shown {
    /// When it took place, or since when he is competent.
    pub completed_on: Date,
    /// What shows it; at least one.
    #[field(max = 20)]
    pub evidence: Vec<Ref<kinds::Evidence>>,
    /// Last day on which it counts; needed where a competence is regulated.
    pub valid_until: Option<Date>,
    /// How it went: marks, grade, certificate number.
    pub result: Option<Line>,
}

/// What shows that a person is competent was recorded.
#[record]
pub struct Completed {
    /// When it took place.
    pub completed_on: Date,
    /// What shows it.
    pub evidence: Vec<Ref<kinds::Evidence>>,
    /// Last day on which it counts.
    pub valid_until: Option<Date>,
    /// How it went.
    pub result: Option<Line>,
    /// Who recorded it.
    pub by: UserId,
}

/// Input of `reschedule`, and what was recorded of it.
#[record]
pub struct Reschedule {
    /// The new day; may lie in the future.
    pub planned_on: Date,
    /// Why.
    pub reason: Prose,
}

/// Input of `fail`.
#[record]
pub struct Fail {
    /// Why: he was absent, did not pass.
    pub reason: Prose,
}

/// It did not take place or was not passed.
#[record]
pub struct Failed {
    /// Why.
    pub reason: Prose,
    /// Who recorded it.
    pub by: UserId,
}

/// Input of `verify_effect`.
#[record]
pub struct VerifyEffect {
    /// Whether it had an effect.
    pub effective: bool,
    /// How that was judged.
    pub method: Prose,
}

/// The time for which it counts is over.
#[record]
pub struct Expired {
    /// The last day on which it counted.
    pub valid_until: Date,
    /// The competences that the person no longer shows by it.
    pub competences: Vec<Key>,
}

impl Training {
    pub(super) fn needs(&self, known: &Context) -> Vec<Need> {
        let mut needs = vec![Need::Object(facts::Membership::id_of(&self.person.0))];
        if !known.holds(Role::Am) {
            needs.push(TrainingRecord::of_person(&self.person.0));
        }
        needs
    }

    /// Who keeps the record may, and says enough of the person.
    fn checked(mut self, context: &Context) -> Result<Self, Refusal> {
        let user = context.user();
        if !context.holds(Role::Am) {
            let mut known = context.facts.all::<TrainingRecord>();
            known.retain(|(_, known)| known.training.person == self.person);
            let named =
                known.iter().rev().find_map(|(_, known)| known.training.line_manager.clone());
            if named.as_ref() != Some(&user) || self.person.0 == user {
                return Err(Refusal::NotLineManager);
            }
            self.line_manager = Some(user);
        }
        if self.line_manager.as_ref() == Some(&self.person.0) {
            return Err(Refusal::OwnManager { at: "/lineManager" });
        }
        let membership = facts::Membership::id_of(&self.person.0);
        let named = self.person_name.as_ref().is_some_and(|name| !name.is_blank());
        match (context.facts.exists(&membership), named) {
            (true, true) => Err(Refusal::NameOfMember { at: "/personName" }),
            (false, false) => Err(Refusal::NameMissing { at: "/personName" }),
            (true, false) | (false, true) => Ok(self),
        }
    }
}

impl Plan {
    pub(super) fn planned(self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let (training, planned_on) = (self.training.checked(context)?, self.planned_on);
        let by = context.user();
        Ok(vec![Event::TrainingPlanned(TrainingPlanned { training, planned_on, by })])
    }
}

impl RecordCompetence {
    pub(super) fn recorded(self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let training = self.training.checked(context)?;
        if training.competences.is_empty() {
            return Err(Refusal::GivesNothing { at: "/competences" });
        }
        let shown = self.shown.checked(&training, context)?;
        Ok(vec![Event::CompetenceRecorded(CompetenceRecorded { training, shown })])
    }
}

impl Shown {
    pub(super) fn needs(&self) -> Vec<Need> {
        let evidence = self.evidence.iter().map(|evidence| Need::Object(evidence.id().to_owned()));
        evidence.chain([Need::All("competence_profile")]).collect()
    }

    /// It lies behind us, is proven, and ends where it must.
    fn checked(self, training: &Training, context: &Context) -> Result<Completed, Refusal> {
        let Self { completed_on, evidence, valid_until, result } = self;
        if completed_on > context.today() {
            return Err(Refusal::InTheFuture { day: completed_on, at: "/completedOn" });
        }
        if let Some(until) = valid_until.filter(|until| *until < completed_on) {
            return Err(Refusal::EndsBeforeItBegins { until, at: "/validUntil" });
        }
        if evidence.is_empty() {
            return Err(Refusal::WithoutEvidence { at: "/evidence" });
        }
        let good = |evidence: &Ref<kinds::Evidence>| {
            let known = context.facts.get::<facts::Evidence>(evidence.id());
            known.is_some_and(|known| known.is_good())
        };
        if let Some(n) = evidence.iter().position(|evidence| !good(evidence)) {
            let (evidence, at) = (evidence[n].id().to_owned(), format!("/evidence/{n}"));
            return Err(Refusal::EvidenceNotGood { evidence, at });
        }
        if valid_until.is_none() {
            let profiles = context.facts.all::<CompetenceProfile>();
            let regulated = |key: &&Key| {
                profiles.iter().any(|(_, profile)| {
                    profile.counts_for(&profile.role_key)
                        && profile.required.get(*key).is_some_and(|required| required.regulated)
                })
            };
            if let Some(key) = training.competences.keys().find(regulated) {
                let competence = key.as_str().to_owned();
                return Err(Refusal::NoEndOfValidity { competence, at: "/validUntil" });
            }
        }
        let by = context.user();
        Ok(Completed { completed_on, evidence, valid_until, result, by })
    }
}

impl TrainingStatus {
    fn text(self) -> &'static str {
        match self {
            TrainingStatus::Planned => "planned",
            TrainingStatus::Completed => "completed",
            TrainingStatus::EffectivenessVerified => "verified in its effect",
            TrainingStatus::Expired => "expired",
            TrainingStatus::Failed => "failed",
        }
    }
}

impl TrainingRecord {
    /// The AIMS manager and integrations keep all records, line managers those of their people.
    fn must_keep(&self, context: &Context) -> Result<(), Refusal> {
        let user = context.user();
        let leads = self.training.line_manager.as_ref() == Some(&user);
        let keeps = context.holds(Role::Am) || context.holds(Role::Sys) || leads;
        if keeps { Ok(()) } else { Err(Refusal::NotLineManager) }
    }

    fn must_be_planned(&self) -> Result<(), Refusal> {
        match self.status {
            TrainingStatus::Planned => Ok(()),
            TrainingStatus::Completed
            | TrainingStatus::EffectivenessVerified
            | TrainingStatus::Expired
            | TrainingStatus::Failed => Err(Refusal::WrongStatus { status: self.status.text() }),
        }
    }

    pub(super) fn rescheduled(
        &self,
        input: Reschedule,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_keep(context)?;
        self.must_be_planned()?;
        let same = self.planned_on == Some(input.planned_on);
        Ok(if same { Vec::new() } else { vec![Event::TrainingRescheduled(input)] })
    }

    pub(super) fn completed(
        &self,
        input: Complete,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_keep(context)?;
        self.must_be_planned()?;
        Ok(vec![Event::TrainingCompleted(input.shown.checked(&self.training, context)?)])
    }

    pub(super) fn failed(&self, input: Fail, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_keep(context)?;
        self.must_be_planned()?;
        let (reason, by) = (input.reason, context.user());
        Ok(vec![Event::TrainingFailed(Failed { reason, by })])
    }

    pub(super) fn effect_judged(
        &self,
        input: VerifyEffect,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let by = context.user();
        if self.training.person.0 == by {
            return Err(Refusal::OwnEffect);
        }
        if !context.holds(Role::Aud) {
            self.must_keep(context)?;
        }
        let VerifyEffect { effective, method } = input;
        let effect = Effect { effective, method, by, at: context.now };
        match (self.status, effective) {
            (TrainingStatus::EffectivenessVerified, true) => Ok(Vec::new()),
            (TrainingStatus::Completed, true) => {
                Ok(vec![Event::TrainingEffectivenessVerified(effect)])
            }
            (TrainingStatus::Completed | TrainingStatus::EffectivenessVerified, false) => {
                Ok(vec![Event::TrainingFoundIneffective(effect)])
            }
            (TrainingStatus::Planned | TrainingStatus::Expired | TrainingStatus::Failed, _) => {
                Err(Refusal::WrongStatus { status: self.status.text() })
            }
        }
    }

    pub(super) fn expired(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            TrainingStatus::Expired => return Ok(Vec::new()),
            TrainingStatus::Completed | TrainingStatus::EffectivenessVerified => {}
            TrainingStatus::Planned | TrainingStatus::Failed => {
                return Err(Refusal::WrongStatus { status: self.status.text() });
            }
        }
        let until = self.valid_until.ok_or(Refusal::HasNoEnd)?;
        if until >= context.today() {
            return Err(Refusal::StillValid { until });
        }
        let competences = self.training.competences.keys().cloned().collect();
        Ok(vec![Event::CompetenceExpired(Expired { valid_until: until, competences })])
    }
}
