//! A certification body, in the log of the installation (G-18; ISO/IEC 17021-1, ISO/IEC 42006).
//!
//! ```text
//!           register              record_accreditation          lapse_accreditation
//!   (none) ──────────► Registered ────────────────────► Accredited ───────────► Lapsed
//!                                                           ▲  record_accreditation │
//!                                                           └───────────────────────┘
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::id::PLATFORM;
use kernel::values::{Key, Line};
use kernel::{Context, Date, Fact, Role};

pub use self::people::{
    AddPerson, Competence, ConsultancyRecorded, DeclareImpartiality, EndPerson,
    ImpartialityDeclared, Person, PersonAdded, PersonEnded, PersonRole, RecordConsultancy,
};

mod people;
#[cfg(test)]
mod tests;

/// Longest time within which a major nonconformity must be seen corrected, in days: six months.
const MAJOR_FIX_DAYS_MAX: u32 = 184;
/// Longest time within which a nonconformity must be answered, in days.
const REPLY_DAYS_MAX: u32 = 184;

/// A body that audits and certifies, its people and its rules.
#[record]
#[derive(Default)]
pub struct CertificationBody {
    /// Its name.
    #[field(index, search, correctable)]
    pub name: Line,
    /// Whether it is accredited.
    #[field(index)]
    pub status: BodyStatus,
    /// Its accreditation, also after that has lapsed.
    pub accreditation: Option<Accreditation>,
    /// How it deals with nonconformities.
    pub rules: Rules,
    /// Its auditors and decision makers, by user id.
    pub people: BTreeMap<Key, Person>,
}

impl Fact for CertificationBody {
    const KIND: &'static str = "certification_body";
}

/// Whether a body is accredited.
#[words]
#[derive(Default)]
pub enum BodyStatus {
    /// It is known, and has shown no accreditation yet.
    #[default]
    Registered,
    /// It has shown an accreditation.
    Accredited,
    /// Its accreditation has run out.
    Lapsed,
}

/// An accreditation.
#[record]
pub struct Accreditation {
    /// The body that accredits.
    pub accreditor: Line,
    /// Its number.
    pub number: Line,
    /// Standards that its scope names.
    #[field(max = 20)]
    pub scope: Vec<Line>,
    /// The first day on which it holds.
    pub valid_from: Date,
    /// The last day on which it holds.
    pub valid_until: Date,
}

impl Accreditation {
    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.valid_from <= day && day <= self.valid_until
    }
}

/// How a body deals with nonconformities.
#[record]
#[derive(Default)]
pub struct Rules {
    /// Days after the audit's conclusion within which a nonconformity is answered with a plan.
    pub nc_reply_days: u32,
    /// Days after the audit's conclusion within which a major one is seen corrected.
    pub major_fix_days: u32,
    /// Whether an accepted plan is enough for a minor one until the next audit.
    pub minor_plan_ok: bool,
}

/// Input of `register`.
#[record]
pub struct Register {
    /// Its name.
    pub name: Line,
    /// How it deals with nonconformities.
    pub rules: Rules,
}

/// Input of `change_rules`.
#[record]
pub struct ChangeRules {
    /// How it deals with nonconformities from now on.
    pub rules: Rules,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Makes a certification body known to the installation.
    #[command(by(Adm), emits(Registered), creates)]
    Register(Register),
    /// Records an accreditation that the body has shown.
    #[command(by(Adm), emits(AccreditationRecorded))]
    RecordAccreditation(Accreditation),
    /// Says that the accreditation has run out.
    #[command(by(Sys), emits(AccreditationLapsed))]
    LapseAccreditation,
    /// Changes how the body deals with nonconformities in audits that are planned from now on.
    #[command(by(Adm), emits(RulesChanged))]
    ChangeRules(ChangeRules),
    /// Adds an auditor or a decision maker of the body, or a former one again.
    #[command(by(Adm), emits(PersonAdded))]
    AddPerson(AddPerson),
    /// Says that a person no longer acts for the body; his tokens are worth nothing from then on.
    #[command(by(Adm), emits(PersonEnded))]
    EndPerson(EndPerson),
    /// Records that a person has declared himself impartial towards a client.
    #[command(by(Adm), emits(ImpartialityDeclared))]
    DeclareImpartiality(DeclareImpartiality),
    /// Records that a person has advised a client: he does not audit it for two years.
    #[command(by(Adm), emits(ConsultancyRecorded))]
    RecordConsultancy(RecordConsultancy),
    /// Corrects an earlier event.
    #[command(by(Adm), emits(Corrected))]
    Correct(Correct),
}

/// An accreditation has run out.
#[record]
pub struct AccreditationLapsed {
    /// The last day on which it held.
    pub valid_until: Date,
}

/// What can have happened.
#[events(kind = "certification_body")]
pub enum Event {
    /// A certification body was made known.
    Registered(Register),
    /// It has shown an accreditation.
    AccreditationRecorded(Accreditation),
    /// Its accreditation has run out.
    AccreditationLapsed(AccreditationLapsed),
    /// It deals otherwise with nonconformities.
    RulesChanged(ChangeRules),
    /// A person acts for it.
    PersonAdded(PersonAdded),
    /// A person no longer acts for it.
    PersonEnded(PersonEnded),
    /// A person has declared himself impartial towards a client.
    ImpartialityDeclared(ImpartialityDeclared),
    /// A person has advised a client.
    ConsultancyRecorded(ConsultancyRecorded),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// Certification bodies are kept in the installation's log, not in a tenant's.
    #[refusal(conflict)]
    NotThePlatform,
    /// The scope of the accreditation must name {standard}.
    #[refusal(rule = "ISO/IEC 42006")]
    ScopeLacksStandard {
        /// The standard.
        standard: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// The accreditation ends on {until}, before it begins or before today: it cannot be recorded.
    HasRunOut {
        /// Its last day.
        until: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// The accreditation holds until {until}: it has not lapsed.
    #[refusal(conflict)]
    StillHolds {
        /// Its last day.
        until: Date,
    },
    /// The body has no accreditation that could lapse.
    #[refusal(conflict)]
    NotAccredited,
    /// {what} must lie between 1 and {max} days.
    #[refusal(rule = "ISO/IEC 17021-1 9.4.10")]
    RuleOutOfRange {
        /// Which rule.
        what: &'static str,
        /// Its largest value.
        max: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// The person acts for the body as {role} already: he audits or he decides, never both.
    #[refusal(conflict, rule = "segregation of duties: auditor≠decision maker")]
    HoldsOtherRole {
        /// His role.
        role: &'static str,
    },
    /// {user} does not act for the body.
    NotOfTheBody {
        /// The person.
        user: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {date} lies in the future.
    InTheFuture {
        /// The date.
        date: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// A body's record holds at most {max} {what}.
    #[refusal(conflict)]
    TooMany {
        /// The limit.
        max: usize,
        /// Of what.
        what: &'static str,
    },
}

kernel::aggregate!(CertificationBody, "certification_body", Command, Event, Refusal);

/// The standards by which a body that certifies management systems of AI is accredited.
const STANDARDS: [&str; 3] = ["17021-1", "42001", "42006"];

impl Domain for CertificationBody {
    const ABOUT: About = About {
        kind: "certification_body",
        doc: "A certification body: its accreditation, its people and its rules.",
        clauses: &[],
        singleton: false,
        readers: &[Role::Adm, Role::Sys],
        relations: &[],
        shape: 1,
    };

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        if context.tenant.as_str() != PLATFORM {
            return Err(Refusal::NotThePlatform);
        }
        Ok(match command {
            Command::Register(input) => {
                check_rules(&input.rules)?;
                vec![Event::Registered(input)]
            }
            Command::RecordAccreditation(input) => {
                check_accreditation(&input, context)?;
                if self.accreditation.as_ref() == Some(&input) {
                    return Ok(Vec::new());
                }
                vec![Event::AccreditationRecorded(input)]
            }
            Command::LapseAccreditation => self.lapsed(context)?,
            Command::ChangeRules(input) => {
                check_rules(&input.rules)?;
                if self.rules == input.rules {
                    return Ok(Vec::new());
                }
                vec![Event::RulesChanged(input)]
            }
            Command::AddPerson(input) => self.person_added(input)?,
            Command::EndPerson(input) => self.person_ended(input, context)?,
            Command::DeclareImpartiality(input) => self.declared_impartial(input, context)?,
            Command::RecordConsultancy(input) => self.has_advised(input)?,
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Registered(e) => {
                *self = Self { name: e.name, rules: e.rules, ..Self::default() };
            }
            Event::AccreditationRecorded(e) => {
                self.status = BodyStatus::Accredited;
                self.accreditation = Some(e);
            }
            Event::AccreditationLapsed(_) => self.status = BodyStatus::Lapsed,
            Event::RulesChanged(e) => self.rules = e.rules,
            Event::PersonAdded(e) => self.takes_in(e),
            Event::PersonEnded(e) => self.lets_go(&e),
            Event::ImpartialityDeclared(e) => self.notes_impartiality(e),
            Event::ConsultancyRecorded(e) => self.notes_consultancy(e),
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl CertificationBody {
    /// Whether its accreditation stands on a day.
    pub fn is_accredited_on(&self, day: Date) -> bool {
        let holds = self.accreditation.as_ref().is_some_and(|held| held.holds_on(day));
        holds && self.status == BodyStatus::Accredited
    }

    fn lapsed(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == BodyStatus::Lapsed {
            return Ok(Vec::new());
        }
        let held = self.accreditation.as_ref().ok_or(Refusal::NotAccredited)?;
        let valid_until = held.valid_until;
        if context.today() <= valid_until {
            return Err(Refusal::StillHolds { until: valid_until });
        }
        Ok(vec![Event::AccreditationLapsed(AccreditationLapsed { valid_until })])
    }
}

fn check_accreditation(input: &Accreditation, context: &Context) -> Result<(), Refusal> {
    let named = |standard: &str| input.scope.iter().any(|line| line.as_str().contains(standard));
    if let Some(standard) = STANDARDS.into_iter().find(|standard| !named(standard)) {
        return Err(Refusal::ScopeLacksStandard { standard, at: "/scope" });
    }
    if input.valid_until < input.valid_from || input.valid_until < context.today() {
        return Err(Refusal::HasRunOut { until: input.valid_until, at: "/validUntil" });
    }
    Ok(())
}

fn check_rules(rules: &Rules) -> Result<(), Refusal> {
    let reply = ("the time for a reply", rules.nc_reply_days, REPLY_DAYS_MAX, "/rules/ncReplyDays");
    let major = rules.major_fix_days;
    let fix = ("the time for the correction", major, MAJOR_FIX_DAYS_MAX, "/rules/majorFixDays");
    for (what, days, max, at) in [reply, fix] {
        if days == 0 || days > max {
            return Err(Refusal::RuleOutOfRange { what, max, at });
        }
    }
    Ok(())
}
