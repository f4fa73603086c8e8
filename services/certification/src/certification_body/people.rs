//! The people of a certification body: who audits, who decides, and towards whom each is impartial.

use std::collections::BTreeMap;

use declare::{record, words};
use kernel::kinds::Tenant;
use kernel::values::{Key, Line, Prose, Pseudonym, Ref};
use kernel::{Context, Date, TenantId};

use super::{CertificationBody, Event, Refusal};

/// Most people of a body at a time.
const PEOPLE_MAX: usize = 50;
/// Most declarations and consultancies that a body's people have together.
const DECLARATIONS_MAX: usize = 300;
/// How long after the end of a consultancy a person does not audit, in months.
const CONSULTANCY_MONTHS: i64 = 24;

/// Somebody who acts for a body.
#[record]
pub struct Person {
    /// His name.
    pub name: Prose,
    /// What he does; never both.
    pub role: PersonRole,
    /// What he is competent in.
    pub competences: Vec<Competence>,
    /// Clients towards which he has declared himself impartial, by tenant.
    pub impartiality: BTreeMap<Key, Declaration>,
    /// Clients that he has advised, by tenant.
    pub consultancy: BTreeMap<Key, Consultancy>,
    /// The day from which he no longer acts for the body.
    pub ended_on: Option<Date>,
}

/// What a person does for a body.
#[words]
pub enum PersonRole {
    /// He audits.
    Auditor,
    /// He decides on certificates.
    DecisionMaker,
}

/// Something that a person is competent in.
#[record]
pub struct Competence {
    /// What it is.
    #[field(max = 60)]
    pub what: Line,
}

/// A declaration of impartiality towards a client.
#[record]
pub struct Declaration {
    /// The day on which it was made.
    pub declared_on: Date,
}

/// Advice to a client.
#[record]
pub struct Consultancy {
    /// The last day of the advice.
    pub until: Date,
}

/// Input of `add_person`, and what was recorded of it.
#[record]
pub struct AddPerson {
    /// The person: a pseudonym (`usr_…`) that is no member of the body's clients.
    pub user: Pseudonym,
    /// His name.
    pub name: Prose,
    /// What he does.
    pub role: PersonRole,
    /// What he is competent in.
    #[field(max = 6)]
    pub competences: Vec<Competence>,
}

/// A person acts for the body.
pub type PersonAdded = AddPerson;

/// Input of `end_person`.
#[record]
pub struct EndPerson {
    /// The person.
    pub user: Pseudonym,
    /// Why.
    pub reason: Prose,
}

/// A person no longer acts for the body.
#[record]
pub struct PersonEnded {
    /// The person.
    pub user: Pseudonym,
    /// Why.
    pub reason: Prose,
    /// Since when.
    pub on: Date,
}

/// Input of `declare_impartiality`, and what was recorded of it.
#[record]
pub struct DeclareImpartiality {
    /// The person.
    pub user: Pseudonym,
    /// The client.
    pub client: Ref<Tenant>,
    /// The day on which he declared it.
    pub declared_on: Date,
}

/// A person has declared himself impartial.
pub type ImpartialityDeclared = DeclareImpartiality;

/// Input of `record_consultancy`, and what was recorded of it.
#[record]
pub struct RecordConsultancy {
    /// The person.
    pub user: Pseudonym,
    /// The client.
    pub client: Ref<Tenant>,
    /// The last day of the advice, also one that is planned.
    pub until: Date,
}

/// A person has advised a client.
pub type ConsultancyRecorded = RecordConsultancy;

impl PersonRole {
    /// As it stands in documents.
    pub fn text(self) -> &'static str {
        match self {
            PersonRole::Auditor => "auditor",
            PersonRole::DecisionMaker => "decision_maker",
        }
    }
}

impl Person {
    /// Whether he acts for the body in this role.
    pub fn acts_as(&self, role: PersonRole) -> bool {
        self.ended_on.is_none() && self.role == role
    }

    /// Whether he has declared himself impartial towards a client by a day.
    pub fn is_impartial(&self, client: &TenantId, day: Date) -> bool {
        let declared = self.impartiality.get(&Key::new(client.as_str()));
        declared.is_some_and(|declared| declared.declared_on <= day)
    }

    /// The last day of advice that stands in the way of auditing a client on a day: less than two
    /// years ago.
    pub fn advised_until(&self, client: &TenantId, day: Date) -> Option<Date> {
        let advice = self.consultancy.get(&Key::new(client.as_str()))?;
        (day < advice.until.plus_months(CONSULTANCY_MONTHS)).then_some(advice.until)
    }
}

impl CertificationBody {
    /// A person of the body, also a former one.
    pub fn person(&self, user: &Pseudonym) -> Option<&Person> {
        self.people.get(&Key::new(user.as_str()))
    }

    /// A person who acts for the body today.
    fn acting(&self, user: &Pseudonym) -> Result<&Person, Refusal> {
        let found = self.person(user).filter(|person| person.ended_on.is_none());
        found.ok_or_else(|| Refusal::NotOfTheBody { user: user.as_str().to_owned(), at: "/user" })
    }

    pub(super) fn person_added(&self, input: AddPerson) -> Result<Vec<Event>, Refusal> {
        if let Ok(known) = self.acting(&input.user) {
            if known.role != input.role {
                return Err(Refusal::HoldsOtherRole { role: known.role.text() });
            }
            if known.competences == input.competences {
                return Ok(Vec::new());
            }
        } else {
            let acting = self.people.values().filter(|person| person.ended_on.is_none());
            // Former people stay for the record, as many again.
            let is_new = self.person(&input.user).is_none();
            if acting.count() >= PEOPLE_MAX || is_new && self.people.len() >= 2 * PEOPLE_MAX {
                return Err(Refusal::TooMany { max: PEOPLE_MAX, what: "people" });
            }
        }
        Ok(vec![Event::PersonAdded(input)])
    }

    pub(super) fn person_ended(
        &self,
        input: EndPerson,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.acting(&input.user)?;
        let EndPerson { user, reason } = input;
        Ok(vec![Event::PersonEnded(PersonEnded { user, reason, on: context.today() })])
    }

    pub(super) fn declared_impartial(
        &self,
        input: DeclareImpartiality,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let known = self.acting(&input.user)?;
        if input.declared_on > context.today() {
            return Err(Refusal::InTheFuture { date: input.declared_on, at: "/declaredOn" });
        }
        let declared = Declaration { declared_on: input.declared_on };
        if known.impartiality.get(&Key::new(input.client.id())) == Some(&declared) {
            return Ok(Vec::new());
        }
        self.check_room()?;
        Ok(vec![Event::ImpartialityDeclared(input)])
    }

    pub(super) fn has_advised(&self, input: RecordConsultancy) -> Result<Vec<Event>, Refusal> {
        let known = self.acting(&input.user)?;
        let advice = Consultancy { until: input.until };
        if known.consultancy.get(&Key::new(input.client.id())) == Some(&advice) {
            return Ok(Vec::new());
        }
        self.check_room()?;
        Ok(vec![Event::ConsultancyRecorded(input)])
    }

    fn check_room(&self) -> Result<(), Refusal> {
        let of = |person: &Person| person.impartiality.len() + person.consultancy.len();
        if self.people.values().map(of).sum::<usize>() >= DECLARATIONS_MAX {
            return Err(Refusal::TooMany { max: DECLARATIONS_MAX, what: "declarations" });
        }
        Ok(())
    }

    pub(super) fn takes_in(&mut self, event: PersonAdded) {
        let AddPerson { user, name, role, competences } = event;
        let known = self.people.remove(&Key::new(user.as_str()));
        let (impartiality, consultancy) =
            known.map(|known| (known.impartiality, known.consultancy)).unwrap_or_default();
        let ended_on = None;
        let person = Person { name, role, competences, impartiality, consultancy, ended_on };
        self.people.insert(Key::new(user.as_str()), person);
    }

    pub(super) fn lets_go(&mut self, event: &PersonEnded) {
        if let Some(person) = self.people.get_mut(&Key::new(event.user.as_str())) {
            person.ended_on = Some(event.on);
        }
    }

    pub(super) fn notes_impartiality(&mut self, event: ImpartialityDeclared) {
        if let Some(person) = self.people.get_mut(&Key::new(event.user.as_str())) {
            let declared = Declaration { declared_on: event.declared_on };
            person.impartiality.insert(Key::new(event.client.id()), declared);
        }
    }

    pub(super) fn notes_consultancy(&mut self, event: ConsultancyRecorded) {
        if let Some(person) = self.people.get_mut(&Key::new(event.user.as_str())) {
            let advice = Consultancy { until: event.until };
            person.consultancy.insert(Key::new(event.client.id()), advice);
        }
    }
}
