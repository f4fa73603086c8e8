//! An interested party and what it requires (G-03; ISO/IEC 42001 4.2; A.8.5, A.10.4).
//!
//! ```text
//!           register             retire
//!   (none) ─────────► Active ──────────► Retired
//!
//!   each requirement:
//!           register_requirement               adopt_requirement
//!   (none) ─────────────────────► Identified ────────────────────► Adopted ──┐ retire_requirement
//!                                      └────── decline_requirement ► Declined ┴──► Retired
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Key, Line, Prose};
use kernel::{Context, Fact, Role, UserId};

pub use self::requirement::{Asked, Requirement, RequirementSource, RequirementStatus};

mod requirement;

/// Who cares about the organisation's AI, and what it requires.
#[record]
#[derive(Default)]
pub struct InterestedParty {
    /// What it is.
    #[field(flatten)]
    pub party: Party,
    /// Whether it still counts.
    #[field(index)]
    pub status: PartyStatus,
    /// What it requires.
    pub requirements: BTreeMap<Key, Requirement>,
}

/// What a party is. Input of `register`.
#[record]
#[derive(Default)]
pub struct Party {
    /// Name of the party: a group or organisation, no person.
    #[field(index, search, correctable)]
    pub name: Line,
    /// Which kind of party.
    #[field(index, correctable)]
    pub kind: PartyKind,
}

/// Which kind of party.
#[words]
#[derive(Default)]
pub enum PartyKind {
    /// Uses the AI systems.
    #[default]
    User,
    /// Is affected by them.
    AffectedPerson,
    /// Makes or enforces rules.
    Regulator,
    /// Buys from the organisation.
    Customer,
    /// Supplies it.
    Supplier,
    /// Works for it.
    Worker,
    /// Society at large.
    Society,
    /// Invests in it.
    Investor,
}

/// Whether a party still counts.
#[words]
#[derive(Default)]
pub enum PartyStatus {
    /// It does.
    #[default]
    Active,
    /// It does not any more.
    Retired,
}

/// Input of `register_requirement`.
#[record]
pub struct RegisterRequirement {
    /// A key of your own choice, such as `explanation`; made when left out.
    pub key: Option<Key>,
    /// What it asks for.
    #[field(flatten)]
    pub asked: Asked,
}

/// Input of `adopt_requirement`, and what was recorded of it.
#[record]
pub struct Adopt {
    /// Key of the requirement.
    pub requirement: Key,
    /// Who sees to it.
    pub owner: Option<UserId>,
}

/// Input of `decline_requirement` and `retire_requirement`, and what was recorded of them.
#[record]
pub struct Dismiss {
    /// Key of the requirement.
    pub requirement: Key,
    /// Why.
    pub reason: Prose,
}

/// Input of `retire`, and what was recorded of it.
#[record]
pub struct Retire {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Registers a party; supplier managers register customers.
    #[command(by(Am, Sm), emits(Registered), creates)]
    Register(Party),
    /// Registers what it requires.
    #[command(by(Am, Sm), emits(RequirementRegistered))]
    RegisterRequirement(RegisterRequirement),
    /// Takes a requirement on.
    #[command(by(Am, Sm), emits(RequirementAdopted))]
    AdoptRequirement(Adopt),
    /// Does not take a requirement on.
    #[command(by(Am, Sm), emits(RequirementDeclined))]
    DeclineRequirement(Dismiss),
    /// Says that a requirement no longer holds.
    #[command(by(Am, Sm), emits(RequirementRetired))]
    RetireRequirement(Dismiss),
    /// Says that the party no longer counts.
    #[command(by(Am, Sm), emits(Retired))]
    Retire(Retire),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// A requirement was registered.
#[record]
pub struct RequirementRegistered {
    /// Its key.
    pub key: Key,
    /// What it asks for.
    pub asked: Asked,
}

/// What can have happened.
#[events(kind = "interested_party")]
pub enum Event {
    /// A party was registered.
    Registered(Party),
    /// What it requires was registered.
    RequirementRegistered(RequirementRegistered),
    /// A requirement was taken on.
    RequirementAdopted(Adopt),
    /// A requirement was not taken on.
    RequirementDeclined(Dismiss),
    /// A requirement no longer holds.
    RequirementRetired(Dismiss),
    /// The party no longer counts.
    Retired(Retire),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// Supplier managers keep customers only; other parties are the AIMS manager's.
    #[refusal(rule = "ISO/IEC 42001 A.10.4")]
    NotACustomer,
    /// The party is retired.
    #[refusal(conflict)]
    PartyRetired,
    /// There is a requirement {key} already.
    #[refusal(conflict)]
    KeyTaken {
        /// The key.
        key: String,
        /// Where in the input.
        at: &'static str,
    },
    /// There is no requirement {key}.
    UnknownRequirement {
        /// The key.
        key: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The requirement is {status}: that cannot follow.
    #[refusal(conflict)]
    WrongStatus {
        /// Where it stands.
        status: &'static str,
    },
    /// A requirement of a law cannot be declined.
    #[refusal(rule = "ISO/IEC 42001 4.2")]
    LawCannotBeDeclined,
    /// A requirement is adopted by somebody: name the owner.
    #[refusal(rule = "ISO/IEC 42001 4.2")]
    AdoptedWithoutOwner {
        /// Where in the input.
        at: &'static str,
    },
}

kernel::aggregate!(InterestedParty, "interested_party", Command, Event, Refusal);

impl Fact for InterestedParty {
    const KIND: &'static str = "interested_party";
}

impl Domain for InterestedParty {
    const ABOUT: About = About {
        kind: "interested_party",
        doc: "A group that cares about the organisation's AI, and what it requires.",
        clauses: &["4.2", "A.8.5", "A.10.4"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        Ok(match command {
            Command::Register(party) => {
                check_keeper(party.kind, context)?;
                vec![Event::Registered(party)]
            }
            Command::RegisterRequirement(input) => {
                self.must_be_open(context)?;
                vec![Event::RequirementRegistered(self.registered(input, context)?)]
            }
            Command::AdoptRequirement(input) => {
                self.must_be_open(context)?;
                self.adopted(input)?
            }
            Command::DeclineRequirement(input) => {
                self.must_be_open(context)?;
                self.declined(input)?
            }
            Command::RetireRequirement(input) => {
                self.must_be_open(context)?;
                self.requirement_retired(input)?
            }
            Command::Retire(input) => {
                check_keeper(self.party.kind, context)?;
                let retired = self.status == PartyStatus::Retired;
                if retired { Vec::new() } else { vec![Event::Retired(input)] }
            }
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Registered(party) => self.party = party,
            Event::RequirementRegistered(RequirementRegistered { key, asked }) => {
                let status = RequirementStatus::Identified;
                let requirement = Requirement { asked, status, owner: None, reason: None };
                self.requirements.insert(key, requirement);
            }
            Event::RequirementAdopted(e) => {
                if let Some(requirement) = self.requirements.get_mut(&e.requirement) {
                    requirement.status = RequirementStatus::Adopted;
                    requirement.owner = e.owner;
                }
            }
            Event::RequirementDeclined(e) => self.dismissed(e, RequirementStatus::Declined),
            Event::RequirementRetired(e) => self.dismissed(e, RequirementStatus::Retired),
            Event::Retired(_) => self.status = PartyStatus::Retired,
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

/// Supplier managers keep customers, the AIMS manager all parties.
fn check_keeper(kind: PartyKind, context: &Context) -> Result<(), Refusal> {
    if context.holds(Role::Am) || kind == PartyKind::Customer {
        return Ok(());
    }
    Err(Refusal::NotACustomer)
}

impl InterestedParty {
    fn must_be_open(&self, context: &Context) -> Result<(), Refusal> {
        check_keeper(self.party.kind, context)?;
        if self.status == PartyStatus::Retired { Err(Refusal::PartyRetired) } else { Ok(()) }
    }

    fn dismissed(&mut self, event: Dismiss, status: RequirementStatus) {
        if let Some(requirement) = self.requirements.get_mut(&event.requirement) {
            requirement.status = status;
            requirement.reason = Some(event.reason);
        }
    }

    fn registered(
        &self,
        input: RegisterRequirement,
        context: &Context,
    ) -> Result<RequirementRegistered, Refusal> {
        let key = input.key.unwrap_or_else(|| context.new_key("requirement"));
        if self.requirements.contains_key(&key) {
            return Err(Refusal::KeyTaken { key: key.as_str().to_owned(), at: "/key" });
        }
        Ok(RequirementRegistered { key, asked: input.asked })
    }

    fn requirement(&self, key: &Key) -> Result<&Requirement, Refusal> {
        let unknown =
            || Refusal::UnknownRequirement { key: key.as_str().to_owned(), at: "/requirement" };
        self.requirements.get(key).ok_or_else(unknown)
    }

    fn adopted(&self, input: Adopt) -> Result<Vec<Event>, Refusal> {
        let requirement = self.requirement(&input.requirement)?;
        if input.owner.is_none() {
            return Err(Refusal::AdoptedWithoutOwner { at: "/owner" });
        }
        match requirement.status {
            RequirementStatus::Adopted if requirement.owner == input.owner => Ok(Vec::new()),
            RequirementStatus::Identified | RequirementStatus::Adopted => {
                Ok(vec![Event::RequirementAdopted(input)])
            }
            RequirementStatus::Declined | RequirementStatus::Retired => {
                Err(Refusal::WrongStatus { status: requirement.status.text() })
            }
        }
    }

    fn declined(&self, input: Dismiss) -> Result<Vec<Event>, Refusal> {
        let requirement = self.requirement(&input.requirement)?;
        if requirement.asked.source == RequirementSource::Law {
            return Err(Refusal::LawCannotBeDeclined);
        }
        match requirement.status {
            RequirementStatus::Declined => Ok(Vec::new()),
            RequirementStatus::Identified => Ok(vec![Event::RequirementDeclined(input)]),
            RequirementStatus::Adopted | RequirementStatus::Retired => {
                Err(Refusal::WrongStatus { status: requirement.status.text() })
            }
        }
    }

    fn requirement_retired(&self, input: Dismiss) -> Result<Vec<Event>, Refusal> {
        let requirement = self.requirement(&input.requirement)?;
        match requirement.status {
            RequirementStatus::Retired => Ok(Vec::new()),
            RequirementStatus::Adopted | RequirementStatus::Declined => {
                Ok(vec![Event::RequirementRetired(input)])
            }
            RequirementStatus::Identified => {
                Err(Refusal::WrongStatus { status: requirement.status.text() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use cqrs_es::test::TestFramework;

    use super::*;

    fn with(role: Role) -> TestFramework<InterestedParty> {
        TestFramework::with(Context::of("usr_priya", &[role], "2024-07-15T09:00:00Z"))
    }

    fn party(kind: PartyKind) -> Party {
        Party { name: Line::new("Loan applicants"), kind }
    }

    fn asked(source: RequirementSource) -> Asked {
        let text = Prose::new("Explanation and human review of declines.");
        Asked { text, source, reference: None, review_due: None }
    }

    fn key() -> Key {
        Key::new("explanation")
    }

    /// A party of affected persons with one requirement.
    fn given(source: RequirementSource) -> Vec<Event> {
        vec![
            Event::Registered(party(PartyKind::AffectedPerson)),
            Event::RequirementRegistered(RequirementRegistered {
                key: key(),
                asked: asked(source),
            }),
        ]
    }

    fn adopt(owner: Option<&str>) -> Adopt {
        Adopt { requirement: key(), owner: owner.map(UserId::new) }
    }

    fn dismiss() -> Dismiss {
        Dismiss { requirement: key(), reason: Prose::new("out of reach") }
    }

    #[test]
    fn a_requirement_of_a_law_is_adopted_by_its_owner() {
        with(Role::Am)
            .given(given(RequirementSource::Law))
            .when(Command::AdoptRequirement(adopt(Some("usr_lena"))))
            .then_expect_events(vec![Event::RequirementAdopted(adopt(Some("usr_lena")))]);
    }

    #[test]
    fn a_requirement_of_a_law_cannot_be_declined() {
        with(Role::Am)
            .given(given(RequirementSource::Law))
            .when(Command::DeclineRequirement(dismiss()))
            .then_expect_error(Refusal::LawCannotBeDeclined);
        with(Role::Am)
            .given(given(RequirementSource::Expectation))
            .when(Command::DeclineRequirement(dismiss()))
            .then_expect_events(vec![Event::RequirementDeclined(dismiss())]);
    }

    #[test]
    fn nothing_is_adopted_without_an_owner() {
        with(Role::Am)
            .given(given(RequirementSource::Contract))
            .when(Command::AdoptRequirement(adopt(None)))
            .then_expect_error(Refusal::AdoptedWithoutOwner { at: "/owner" });
    }

    #[test]
    fn a_declined_requirement_is_not_adopted_afterwards() {
        let mut given = given(RequirementSource::Contract);
        given.push(Event::RequirementDeclined(dismiss()));
        with(Role::Am)
            .given(given)
            .when(Command::AdoptRequirement(adopt(Some("usr_lena"))))
            .then_expect_error(Refusal::WrongStatus { status: "declined" });
    }

    #[test]
    fn a_requirement_is_decided_before_it_is_retired() {
        with(Role::Am)
            .given(given(RequirementSource::Contract))
            .when(Command::RetireRequirement(dismiss()))
            .then_expect_error(Refusal::WrongStatus { status: "not yet decided" });
    }

    #[test]
    fn an_unknown_requirement_and_a_taken_key_are_refused() {
        with(Role::Am)
            .given(vec![Event::Registered(party(PartyKind::User))])
            .when(Command::AdoptRequirement(adopt(Some("usr_lena"))))
            .then_expect_error(Refusal::UnknownRequirement {
                key: "explanation".into(),
                at: "/requirement",
            });
        let again = RegisterRequirement { key: Some(key()), asked: asked(RequirementSource::Law) };
        with(Role::Am)
            .given(given(RequirementSource::Law))
            .when(Command::RegisterRequirement(again))
            .then_expect_error(Refusal::KeyTaken { key: "explanation".into(), at: "/key" });
    }

    #[test]
    fn supplier_managers_keep_customers_only() {
        with(Role::Sm)
            .given_no_previous_events()
            .when(Command::Register(party(PartyKind::Regulator)))
            .then_expect_error(Refusal::NotACustomer);
        with(Role::Sm)
            .given(given(RequirementSource::Contract))
            .when(Command::AdoptRequirement(adopt(Some("usr_nadia"))))
            .then_expect_error(Refusal::NotACustomer);
        with(Role::Sm)
            .given_no_previous_events()
            .when(Command::Register(party(PartyKind::Customer)))
            .then_expect_events(vec![Event::Registered(party(PartyKind::Customer))]);
    }

    #[test]
    fn a_retired_party_requires_nothing_any_more() {
        let mut given = given(RequirementSource::Law);
        given.push(Event::Retired(Retire { reason: Prose::new("product ended") }));
        with(Role::Am)
            .given(given)
            .when(Command::AdoptRequirement(adopt(Some("usr_lena"))))
            .then_expect_error(Refusal::PartyRetired);
    }
}
