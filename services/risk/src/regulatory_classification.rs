//! The regulatory classification of an AI system within a regime (R-06; ISO/IEC 42001 4.1, 6.1.1,
//! A.8.5; EU AI Act Art. 5, 6, 25, 27, 49, 50).
//!
//! ```text
//!           propose              confirm               repropose
//!   (none) ─────────► Proposed ─────────► Confirmed ─────────────► Confirmed, the next pending
//!                      │  ▲ ▲                │  ▲                            │
//!                      └──┘ └────────────────┘  └────────── confirm ─────────┘
//!               repropose    record_role_change     (the former is Superseded)
//! ```
//!
//! A system has one classification per regime. What was confirmed stands until another revision is
//! confirmed; a change of the organisation's role holds at once and leaves nothing confirmed until
//! the class was looked at again.

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds;
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Date, Fact, Instant, Need, Role, UserId};
use reference::rules::{Effect, Rules};

pub use self::finding::{Duty, Finding, Findings};
pub use self::proposal::{Exemption, ExemptionGround, Proposal};
pub use self::refusal::Refusal;

mod course;
mod finding;
mod proposal;
mod refusal;
#[cfg(test)]
mod tests;

/// How a system is classified within a regime, and what follows.
#[record]
#[derive(Default)]
pub struct RegulatoryClassification {
    /// The system.
    #[field(index)]
    pub system: Ref<kinds::AiSystem>,
    /// The regime, such as `eu_ai_act`.
    pub regime: Key,
    /// Whether it is confirmed as it stands.
    #[field(index)]
    pub status: ClassificationStatus,
    /// Number of the revision that stands here, from 1.
    pub revision: u32,
    /// What it says; before the first confirmation, what is proposed.
    #[field(flatten)]
    pub proposal: Proposal,
    /// What follows from it by the rules; nothing before the first confirmation.
    #[field(flatten)]
    pub findings: Findings,
    /// Who wrote it: the proposer, and who recorded a change of role before the first confirmation.
    pub authors: Vec<UserId>,
    /// Who confirmed it last.
    pub confirmed_by: Option<UserId>,
    /// When it was confirmed last.
    #[field(index)]
    pub confirmed_at: Option<Instant>,
    /// The role in which it was confirmed last.
    pub confirmed_role: Option<Key>,
    /// The next revision while it waits for confirmation.
    pub pending: Option<Pending>,
    /// The last change of the organisation's role.
    pub role_change: Option<RoleChange>,
    /// That a forbidden system was found beyond inception.
    pub forbidden_use: Option<ForbiddenUse>,
    /// Revisions that others took the place of; the last twenty.
    pub superseded: BTreeMap<Key, Former>,
}

impl Fact for RegulatoryClassification {
    const KIND: &'static str = "regulatory_classification";
}

/// Whether a classification is confirmed.
#[words]
#[derive(Default)]
pub enum ClassificationStatus {
    /// It waits for confirmation.
    #[default]
    Proposed,
    /// It is confirmed.
    Confirmed,
}

/// A revision that waits for confirmation while the former one stands.
#[record]
pub struct Pending {
    /// Its number.
    pub revision: u32,
    /// Who wrote it: the proposer, and who recorded a change of role since.
    pub authors: Vec<UserId>,
    /// What it says.
    pub proposal: Proposal,
}

/// A revision that another one took the place of.
#[record]
pub struct Former {
    /// Its class.
    pub class: Key,
    /// The role.
    pub role: Key,
    /// What the class brought about.
    pub effects: Vec<Effect>,
    /// Who confirmed it.
    pub confirmed_by: Option<UserId>,
    /// When.
    pub confirmed_at: Option<Instant>,
    /// Number of the revision that took its place.
    pub by_revision: u32,
}

/// Why an organisation's role changed (EU AI Act Art. 25(1)).
#[words]
pub enum RoleChangeGround {
    /// It put its name or trade mark on the system.
    Rebranding,
    /// It modified the system substantially.
    SubstantialModification,
    /// It changed the purpose of the system.
    PurposeChange,
}

/// Input of `record_role_change`.
#[record]
pub struct RecordRoleChange {
    /// The role from now on.
    pub role: Key,
    /// On which ground.
    pub because: RoleChangeGround,
    /// What happened.
    pub reason: Prose,
}

/// A change of the organisation's role.
#[record]
pub struct RoleChange {
    /// The role before.
    pub from: Key,
    /// The role from then on.
    pub to: Key,
    /// On which ground.
    pub because: RoleChangeGround,
    /// What happened.
    pub reason: Prose,
    /// Who recorded it.
    pub by: UserId,
    /// On which day it happened.
    pub on: Date,
}

/// That a system of a forbidden class was found beyond inception: a finding, not a permission.
#[record]
pub struct ForbiddenUse {
    /// The stage of the system.
    #[field(max = 40)]
    pub stage: Line,
    /// Whether it runs.
    #[field(max = 40)]
    pub operation_status: Line,
    /// On which day it was found.
    pub found_on: Date,
}

/// Input of `propose`.
#[record]
pub struct Propose {
    /// The system.
    pub system: Ref<kinds::AiSystem>,
    /// The regime.
    pub regime: Key,
    /// How it is classified.
    #[field(flatten)]
    pub proposal: Proposal,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Proposes how a system is classified within a regime.
    #[command(by(Rm), emits(Proposed), creates)]
    Propose(Propose),
    /// Proposes another classification; a confirmed one stands until this is confirmed.
    #[command(by(Rm), emits(Proposed))]
    Repropose(Proposal),
    /// Confirms what is proposed, with what follows by the rules of the day.
    #[command(by(Dpo), emits(Superseded, Confirmed, ForbiddenUseFound), if_match)]
    Confirm,
    /// Records that the organisation's role has changed; the classification must be confirmed
    /// again.
    #[command(by(Rm, Dpo), emits(RegulatoryRoleChanged))]
    RecordRoleChange(RecordRoleChange),
    /// Corrects an earlier event.
    #[command(by(Rm, Dpo), emits(Corrected))]
    Correct(Correct),
}

/// A classification was proposed.
#[record]
pub struct Proposed {
    /// The system.
    pub system: Ref<kinds::AiSystem>,
    /// The regime.
    pub regime: Key,
    /// Number of the revision.
    pub revision: u32,
    /// Who proposed it.
    pub by: UserId,
    /// How the system is classified.
    pub proposal: Proposal,
}

/// A revision is no longer in force.
#[record]
pub struct Superseded {
    /// Number of the revision that ended.
    pub revision: u32,
    /// Number of the revision that took its place.
    pub by_revision: u32,
}

/// A classification was confirmed.
#[record]
pub struct Confirmed {
    /// Number of the revision.
    pub revision: u32,
    /// Its class.
    pub class: Key,
    /// The role.
    pub role: Key,
    /// Who confirmed it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// What follows by the rules of the day.
    pub findings: Findings,
}

/// The organisation's role changed.
#[record]
pub struct RegulatoryRoleChanged {
    /// Number of the revision that waits for confirmation now.
    pub revision: u32,
    /// The change.
    pub change: RoleChange,
}

/// What can have happened.
#[events(kind = "regulatory_classification")]
pub enum Event {
    /// A classification was proposed.
    Proposed(Proposed),
    /// A revision is no longer in force.
    Superseded(Superseded),
    /// A classification was confirmed.
    Confirmed(Confirmed),
    /// A system of a forbidden class was found beyond inception.
    ForbiddenUseFound(ForbiddenUse),
    /// The organisation's role changed.
    RegulatoryRoleChanged(RegulatoryRoleChanged),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(RegulatoryClassification, "regulatory_classification", Command, Event, Refusal);

impl Domain for RegulatoryClassification {
    const ABOUT: About = About {
        kind: "regulatory_classification",
        doc: "How an AI system is classified within a regulatory regime, and what follows. No \
              statement that the law is complied with.",
        clauses: &["4.1", "6.1.1", "A.8.5"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Propose(input) => {
                let system = input.system.id().to_owned();
                vec![Rules::need(), Need::Where("regulatory_classification", "system", system)]
            }
            Command::Repropose(_) | Command::RecordRoleChange(_) => vec![Rules::need()],
            Command::Confirm => {
                vec![Rules::need(), Need::Object(self.system.id().to_owned())]
            }
            Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        Ok(match command {
            Command::Propose(Propose { system, regime, proposal }) => {
                course::check_first(&system, &regime, context)?;
                proposal.check(&regime, &Rules::known(&context.facts), course::day(context))?;
                let (revision, by) = (1, context.user());
                vec![Event::Proposed(Proposed { system, regime, revision, by, proposal })]
            }
            Command::Repropose(proposal) => {
                let rules = Rules::known(&context.facts);
                proposal.check(&self.regime, &rules, course::day(context))?;
                vec![Event::Proposed(Proposed {
                    system: self.system.clone(),
                    regime: self.regime.clone(),
                    revision: self.next_revision(),
                    by: context.user(),
                    proposal,
                })]
            }
            Command::Confirm => self.confirmed(context)?,
            Command::RecordRoleChange(input) => self.role_changed(input, context)?,
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Proposed(e) => self.evolve_proposed(e),
            Event::Superseded(e) => self.evolve_superseded(&e),
            Event::Confirmed(e) => self.evolve_confirmed(e),
            Event::ForbiddenUseFound(e) => self.forbidden_use = Some(e),
            Event::RegulatoryRoleChanged(e) => self.evolve_role_changed(e),
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}
