//! One person's training and the competence that came of it (G-06; ISO/IEC 42001 7.2, 7.3, A.4.6).
//! `CompetenceExpired` of the domain model is stored as `training_record.competence_expired`.
//!
//! ```text
//!           plan              complete               verify_effect
//!   (none) ──────► Planned ────────────► Completed ───────────────► EffectivenessVerified
//!      │           │    ▲ reschedule       ▲    │ verify_effect: it had none      │
//!      │      fail │    └──┘               │    ▼                                 │
//!      │           └──────────────────────────► Failed              expire        │
//!      └── record_competence ──────────────┘    (education,   Expired ◄───────────┘
//!                                               experience)      ▲── expire ── Completed
//! ```
//!
//! Members read their own records and those of the people whom they lead; AM, TM, ADM, AUD and DPO
//! read all.

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds;
use kernel::values::{Key, Line, Prose, Pseudonym, Ref};
use kernel::{Context, Date, Fact, Instant, Need, Role, UserId};

pub use self::course::{
    Complete, Completed, Expired, Fail, Failed, Plan, RecordCompetence, Reschedule, VerifyEffect,
};
pub use self::refusal::Refusal;
use crate::competence_profile::Level;

mod course;
mod refusal;
#[cfg(test)]
mod tests;

/// A person's training, or what else made him competent.
#[record]
#[derive(Default)]
pub struct TrainingRecord {
    /// Who and what.
    #[field(flatten)]
    pub training: Training,
    /// When it is to take place.
    #[field(index)]
    pub planned_on: Option<Date>,
    /// When it took place.
    #[field(index)]
    pub completed_on: Option<Date>,
    /// Last day on which it counts.
    #[field(index)]
    pub valid_until: Option<Date>,
    /// How it went: marks, grade, certificate number.
    #[field(correctable)]
    pub result: Option<Line>,
    /// What shows it.
    pub evidence: Vec<Ref<kinds::Evidence>>,
    /// Whether it had an effect, as another person judged it.
    pub effect: Option<Effect>,
    /// Why it failed.
    pub failure: Option<Prose>,
    /// Where it stands.
    #[field(index)]
    pub status: TrainingStatus,
}

/// Who is trained in what.
#[record]
#[derive(Default)]
pub struct Training {
    /// Whose: a member, or a person by the pseudonym under which he would be one.
    #[field(index)]
    pub person: Pseudonym,
    /// His name, where he is no member.
    #[field(correctable)]
    pub person_name: Option<Prose>,
    /// Who leads him.
    pub line_manager: Option<UserId>,
    /// What made him competent.
    pub basis: Basis,
    /// The course, degree or occupation.
    #[field(index, search, correctable)]
    pub course: Line,
    /// For whom the course is.
    #[field(correctable)]
    pub audience: Option<Line>,
    /// What it gives, by the key of the competence in the profiles.
    #[field(max = 60)]
    pub competences: BTreeMap<Key, Conveyed>,
}

/// What makes a person competent (7.2).
#[words]
#[derive(Default)]
pub enum Basis {
    /// Training.
    #[default]
    Training,
    /// Education.
    Education,
    /// Experience.
    Experience,
}

/// A competence that a person got.
#[record]
#[derive(Eq)]
pub struct Conveyed {
    /// How much of it.
    pub level: Level,
}

/// Whether a training had an effect.
#[record]
pub struct Effect {
    /// Whether it had.
    pub effective: bool,
    /// How that was judged.
    pub method: Prose,
    /// Who judged it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Where a training stands.
#[words]
#[derive(Default)]
pub enum TrainingStatus {
    /// It is to take place.
    #[default]
    Planned,
    /// It took place, and evidence shows it.
    Completed,
    /// Another person found that it had an effect.
    EffectivenessVerified,
    /// The time for which it counts is over.
    Expired,
    /// It did not take place, was not passed, or had no effect.
    Failed,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Plans a person's training; employees plan that of the people whom they lead.
    #[command(by(Am, Emp), emits(TrainingPlanned), creates)]
    Plan(Plan),
    /// Records a competence that a person has by education, experience or earlier training.
    #[command(by(Am, Emp), emits(CompetenceRecorded), creates)]
    RecordCompetence(RecordCompetence),
    /// Says that it is to take place on another day.
    #[command(by(Am, Emp), emits(TrainingRescheduled))]
    Reschedule(Reschedule),
    /// Records that it took place, with evidence.
    #[command(by(Am, Emp, Sys), emits(TrainingCompleted))]
    Complete(Complete),
    /// Records that it did not take place or was not passed.
    #[command(by(Am, Emp), emits(TrainingFailed))]
    Fail(Fail),
    /// Judges whether it had an effect; never one's own.
    #[command(by(Am, Aud, Emp), emits(TrainingEffectivenessVerified, TrainingFoundIneffective))]
    VerifyEffect(VerifyEffect),
    /// Says that the time for which it counts is over.
    #[command(by(Sys), emits(CompetenceExpired))]
    Expire,
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// A training was planned.
#[record]
pub struct TrainingPlanned {
    /// Who and what.
    pub training: Training,
    /// When it is to take place.
    pub planned_on: Date,
    /// Who planned it.
    pub by: UserId,
}

/// A competence was recorded.
#[record]
pub struct CompetenceRecorded {
    /// Who and what.
    pub training: Training,
    /// What shows it.
    pub shown: Completed,
}

/// What can have happened.
#[events(kind = "training_record")]
#[allow(clippy::large_enum_variant, reason = "events are held one or two at a time")]
pub enum Event {
    /// A training was planned.
    TrainingPlanned(TrainingPlanned),
    /// A competence by education, experience or earlier training was recorded.
    CompetenceRecorded(CompetenceRecorded),
    /// It is to take place on another day.
    TrainingRescheduled(Reschedule),
    /// It took place.
    TrainingCompleted(Completed),
    /// It did not take place or was not passed.
    TrainingFailed(Failed),
    /// It had an effect.
    TrainingEffectivenessVerified(Effect),
    /// It had none.
    TrainingFoundIneffective(Effect),
    /// The time for which it counts is over.
    CompetenceExpired(Expired),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(TrainingRecord, "training_record", Command, Event, Refusal);

impl Fact for TrainingRecord {
    const KIND: &'static str = "training_record";
}

impl Domain for TrainingRecord {
    const ABOUT: About = About {
        kind: "training_record",
        doc: "One person's training and the competence that came of it.",
        clauses: &["7.2", "7.3", "A.4.6"],
        singleton: false,
        readers: &[Role::Am, Role::Tm, Role::Adm, Role::Aud, Role::Dpo],
        relations: &[],
        shape: 1,
    };

    const OWN: &'static [&'static str] = &["person", "lineManager"];

    fn needs(&self, command: &Command, known: &Context) -> Vec<Need> {
        match command {
            Command::Plan(input) => input.training.needs(known),
            Command::RecordCompetence(input) => {
                let of_person = input.training.needs(known).into_iter();
                of_person.chain(input.shown.needs()).collect()
            }
            Command::Complete(input) => input.shown.needs(),
            Command::Reschedule(_)
            | Command::Fail(_)
            | Command::VerifyEffect(_)
            | Command::Expire
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Plan(input) => input.planned(context),
            Command::RecordCompetence(input) => input.recorded(context),
            Command::Reschedule(input) => self.rescheduled(input, context),
            Command::Complete(input) => self.completed(input, context),
            Command::Fail(input) => self.failed(input, context),
            Command::VerifyEffect(input) => self.effect_judged(input, context),
            Command::Expire => self.expired(context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::TrainingPlanned(e) => {
                (self.training, self.planned_on) = (e.training, Some(e.planned_on));
            }
            Event::CompetenceRecorded(e) => {
                self.training = e.training;
                self.take(e.shown);
            }
            Event::TrainingRescheduled(e) => self.planned_on = Some(e.planned_on),
            Event::TrainingCompleted(e) => self.take(e),
            Event::TrainingFailed(e) => {
                (self.status, self.failure) = (TrainingStatus::Failed, Some(e.reason));
            }
            Event::TrainingEffectivenessVerified(e) => {
                (self.status, self.effect) = (TrainingStatus::EffectivenessVerified, Some(e));
            }
            Event::TrainingFoundIneffective(e) => {
                (self.status, self.effect) = (TrainingStatus::Failed, Some(e));
            }
            Event::CompetenceExpired(_) => self.status = TrainingStatus::Expired,
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl TrainingRecord {
    /// The records of a person.
    pub(crate) fn of_person(person: &UserId) -> Need {
        Need::Where("training_record", "person", person.to_string())
    }

    /// Whether it shows this much of a competence on a day.
    pub(crate) fn shows(&self, competence: &Key, level: Level, on: Date) -> bool {
        let conveyed = self.training.competences.get(competence);
        let stands = match self.status {
            TrainingStatus::Completed | TrainingStatus::EffectivenessVerified => true,
            TrainingStatus::Planned | TrainingStatus::Expired | TrainingStatus::Failed => false,
        };
        let in_time = self.completed_on.is_some_and(|since| since <= on)
            && self.valid_until.is_none_or(|last| last >= on);
        stands && in_time && conveyed.is_some_and(|conveyed| conveyed.level >= level)
    }

    fn take(&mut self, shown: Completed) {
        self.status = TrainingStatus::Completed;
        self.completed_on = Some(shown.completed_on);
        self.valid_until = shown.valid_until;
        self.result = shown.result;
        self.evidence = shown.evidence;
    }
}
