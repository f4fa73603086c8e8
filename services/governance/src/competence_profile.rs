//! The competence that a role demands (G-06; ISO/IEC 42001 7.2, A.4.6).
//! `CompetenceRequirementDefined` of the domain model is stored as
//! `competence_profile.competence_requirement_defined`.
//!
//! ```text
//!           define             retire
//!   (none) ────────► InForce ──────────► Retired
//!                    │     ▲
//!                    └─────┘ redefine (the next revision)
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Key, Line, Prose};
use kernel::{Context, Fact, Need, Role, UserId};

use crate::name::folded;

/// What whoever holds a role must be able to do.
#[record]
#[derive(Default)]
pub struct CompetenceProfile {
    /// The role as it is written: a role of the AIMS by code (`VAL`) or one of the organisation.
    #[field(search)]
    pub role: Line,
    /// The role in lower case, by which assignments find their profile.
    #[field(index)]
    pub role_key: Line,
    /// What it demands, by a key of each competence.
    #[field(max = 60)]
    pub required: BTreeMap<Key, Required>,
    /// How often it was defined.
    pub revision: u32,
    /// Who defined it last.
    pub defined_by: UserId,
    /// A remark.
    #[field(correctable)]
    pub note: Option<Prose>,
    /// Whether it still counts.
    #[field(index)]
    pub status: ProfileStatus,
}

/// A competence that a role demands.
#[record]
#[derive(Eq)]
pub struct Required {
    /// What it is, in words.
    pub title: Line,
    /// How much of it.
    pub level: Level,
    /// Whether a law or standard asks for it: what shows it is valid for a time only.
    pub regulated: bool,
}

/// How much of a competence, from little to much.
#[words]
#[derive(Default, Hash)]
pub enum Level {
    /// Knows what it is about.
    #[default]
    Basic,
    /// Does it alone.
    Skilled,
    /// Teaches and judges it.
    Expert,
}

/// Whether a profile still counts.
#[words]
#[derive(Default)]
pub enum ProfileStatus {
    /// It does.
    #[default]
    InForce,
    /// It does not any more.
    Retired,
}

/// Input of `define`.
#[record]
pub struct Define {
    /// The role: a role of the AIMS by code (`VAL`) or one of the organisation by name.
    pub role: Line,
    /// What it demands.
    #[field(flatten)]
    pub demand: Demand,
}

/// What a role demands. Input of `redefine`.
#[record]
pub struct Demand {
    /// Each competence by a key of your own choice, such as `ai-literacy`.
    #[field(max = 60)]
    pub required: BTreeMap<Key, Required>,
    /// A remark.
    pub note: Option<Prose>,
}

/// Input of `retire`, and what was recorded of it.
#[record]
pub struct RetireProfile {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Says what competence a role demands.
    #[command(by(Am), emits(CompetenceRequirementDefined), creates)]
    Define(Define),
    /// Says so anew; who holds the role is judged by it from then on.
    #[command(by(Am), emits(CompetenceRequirementDefined))]
    Redefine(Demand),
    /// Says that it no longer counts.
    #[command(by(Am), emits(Retired))]
    Retire(RetireProfile),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// What competence a role demands was said.
#[record]
pub struct CompetenceRequirementDefined {
    /// The role as it is written.
    pub role: Line,
    /// The role in lower case.
    pub role_key: Line,
    /// Number of this definition, from 1.
    pub revision: u32,
    /// What it demands.
    #[field(flatten)]
    pub demand: Demand,
    /// Who said so.
    pub by: UserId,
}

/// What can have happened.
#[events(kind = "competence_profile")]
pub enum Event {
    /// What competence a role demands was said.
    CompetenceRequirementDefined(CompetenceRequirementDefined),
    /// It no longer counts.
    Retired(RetireProfile),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// A profile that demands nothing says nothing: name a competence.
    #[refusal(rule = "ISO/IEC 42001 7.2")]
    DemandsNothing {
        /// Where in the input.
        at: &'static str,
    },
    /// The role {role} has a profile already: {profile}. Define that one anew.
    #[refusal(conflict)]
    HasProfile {
        /// The role.
        role: String,
        /// The other profile.
        profile: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The profile is retired.
    #[refusal(conflict)]
    IsRetired,
}

kernel::aggregate!(CompetenceProfile, "competence_profile", Command, Event, Refusal);

impl Fact for CompetenceProfile {
    const KIND: &'static str = "competence_profile";
}

impl Domain for CompetenceProfile {
    const ABOUT: About = About {
        kind: "competence_profile",
        doc: "The competence that a role demands.",
        clauses: &["7.2", "7.3", "A.4.6"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Define(input) => vec![Self::of_role(input.role.as_str())],
            Command::Redefine(_) | Command::Retire(_) | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        Ok(match command {
            Command::Define(Define { role, demand }) => {
                let role_key = folded(role.as_str());
                let others = context.facts.all::<Self>().into_iter();
                let mut others = others.filter(|(_, other)| other.counts_for(&role_key));
                if let Some((profile, _)) = others.next() {
                    let role = role.to_string();
                    return Err(Refusal::HasProfile { role, profile, at: "/role" });
                }
                vec![defined((role, role_key), 1, demand, context)?]
            }
            Command::Redefine(demand) => {
                self.must_count()?;
                if demand.required == self.required && demand.note.is_none() {
                    return Ok(Vec::new());
                }
                let role = (self.role.clone(), self.role_key.clone());
                vec![defined(role, self.revision + 1, demand, context)?]
            }
            Command::Retire(input) => match self.status {
                ProfileStatus::Retired => Vec::new(),
                ProfileStatus::InForce => vec![Event::Retired(input)],
            },
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::CompetenceRequirementDefined(e) => {
                (self.role, self.role_key) = (e.role, e.role_key);
                (self.required, self.revision) = (e.demand.required, e.revision);
                (self.note, self.defined_by) = (e.demand.note, e.by);
            }
            Event::Retired(_) => self.status = ProfileStatus::Retired,
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

fn defined(
    (role, role_key): (Line, Line),
    revision: u32,
    demand: Demand,
    context: &Context,
) -> Result<Event, Refusal> {
    if demand.required.is_empty() {
        return Err(Refusal::DemandsNothing { at: "/required" });
    }
    let by = context.user();
    let defined = CompetenceRequirementDefined { role, role_key, revision, demand, by };
    Ok(Event::CompetenceRequirementDefined(defined))
}

impl CompetenceProfile {
    /// The profiles of a role, whatever its spelling.
    pub(crate) fn of_role(role: &str) -> Need {
        Need::Where("competence_profile", "roleKey", folded(role).to_string())
    }

    /// Whether it counts for the role of this folded name.
    pub(crate) fn counts_for(&self, role_key: &Line) -> bool {
        self.status == ProfileStatus::InForce && self.role_key == *role_key
    }

    fn must_count(&self) -> Result<(), Refusal> {
        match self.status {
            ProfileStatus::InForce => Ok(()),
            ProfileStatus::Retired => Err(Refusal::IsRetired),
        }
    }
}

#[cfg(test)]
mod tests {
    use cqrs_es::test::TestFramework;
    use serde_json::json;

    use super::*;

    fn am() -> Context {
        Context::of("usr_priya", &[Role::Am], "2024-08-01T09:00:00Z")
    }

    fn demand(level: Level) -> Demand {
        let title = Line::new("Bias testing");
        let required = Required { title, level, regulated: false };
        Demand { required: BTreeMap::from([(Key::new("bias"), required)]), note: None }
    }

    fn define(role: &str, level: Level) -> Command {
        Command::Define(Define { role: Line::new(role), demand: demand(level) })
    }

    fn known(level: Level, revision: u32) -> Event {
        let role = (Line::new("Validator"), Line::new("validator"));
        defined(role, revision, demand(level), &am()).unwrap()
    }

    #[test]
    fn a_role_has_one_profile_which_is_defined_anew() {
        let with = |context| TestFramework::<CompetenceProfile>::with(context);
        with(am())
            .given_no_previous_events()
            .when(define("Validator", Level::Skilled))
            .then_expect_events(vec![known(Level::Skilled, 1)]);
        let mut other = CompetenceProfile::default();
        other.evolve(known(Level::Skilled, 1));
        let other = serde_json::to_value(&other).unwrap();
        with(am().knowing("cpr_1", "competence_profile", other))
            .given_no_previous_events()
            .when(define(" VALIDATOR", Level::Basic))
            .then_expect_error(Refusal::HasProfile {
                role: " VALIDATOR".into(),
                profile: "cpr_1".into(),
                at: "/role",
            });
        with(am())
            .given(vec![known(Level::Skilled, 1)])
            .when(Command::Redefine(demand(Level::Expert)))
            .then_expect_events(vec![known(Level::Expert, 2)]);
    }

    #[test]
    fn a_retired_profile_leaves_its_role_to_another() {
        let retired = json!({ "role": "Validator", "roleKey": "validator", "revision": 1,
            "definedBy": "usr_priya", "status": "retired" });
        TestFramework::<CompetenceProfile>::with(am().knowing(
            "cpr_1",
            "competence_profile",
            retired,
        ))
        .given_no_previous_events()
        .when(define("Validator", Level::Skilled))
        .then_expect_events(vec![known(Level::Skilled, 1)]);
    }

    #[test]
    fn a_profile_demands_something() {
        let none = Demand { required: BTreeMap::new(), note: None };
        TestFramework::<CompetenceProfile>::with(am())
            .given(vec![known(Level::Basic, 1)])
            .when(Command::Redefine(none))
            .then_expect_error(Refusal::DemandsNothing { at: "/required" });
    }

    #[test]
    fn the_same_demand_again_is_no_event_and_a_retired_profile_is_not_defined_anew() {
        TestFramework::<CompetenceProfile>::with(am())
            .given(vec![known(Level::Basic, 1)])
            .when(Command::Redefine(demand(Level::Basic)))
            .then_expect_events(vec![]);
        let retire = || RetireProfile { reason: Prose::new("the role is gone") };
        let given = vec![known(Level::Basic, 1), Event::Retired(retire())];
        TestFramework::<CompetenceProfile>::with(am())
            .given(given.clone())
            .when(Command::Redefine(demand(Level::Expert)))
            .then_expect_error(Refusal::IsRetired);
        TestFramework::<CompetenceProfile>::with(am())
            .given(given)
            .when(Command::Retire(retire()))
            .then_expect_events(vec![]);
    }

    #[test]
    fn levels_are_ordered() {
        assert!(Level::Basic < Level::Skilled && Level::Skilled < Level::Expert);
    }

    #[test]
    fn others_read_what_a_profile_demands() {
        for (level, seen) in [
            (Level::Basic, facts::Level::Basic),
            (Level::Skilled, facts::Level::Skilled),
            (Level::Expert, facts::Level::Expert),
        ] {
            let mut state = CompetenceProfile::default();
            state.evolve(known(level, 3));
            let view: facts::CompetenceProfile = serde_json::from_value(json!(state)).unwrap();
            assert!(view.is_in_force() && view.revision == 3);
            assert_eq!(view.required["bias"].level, seen);
            assert_eq!(view.lacking(&[], "2025-01-01".parse().unwrap()).unwrap().0, "bias");
            state.evolve(Event::Retired(RetireProfile { reason: Prose::new("x") }));
            let view: facts::CompetenceProfile = serde_json::from_value(json!(state)).unwrap();
            assert!(!view.is_in_force());
        }
    }
}
