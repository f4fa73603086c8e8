//! Who answers for what (G-05; ISO/IEC 42001 5.3, A.3.2): the RACI of processes, control areas and
//! AI systems. `RoleAssigned` of the domain model is stored as `role_assignment.role_assigned`.
//!
//! ```text
//!           propose               assign                  end
//!   (none) ─────────► Proposed ───────────► Active ─────────────────► Ended
//!                      ▲    │ end (a first proposal) ──────────────────▲
//!                      │    └─ end (of a successor) ─┐ │ end, where the item lives on
//!    propose_successor │                             ▼ ▼ and somebody must be accountable
//!                      └──────────────────────────── Vacant ──end (with its item)──► Ended
//!                                                    │  ▲
//!                                       fall_vacant  └──┘ (reported once, after 30 days)
//! ```

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds::{AiSystem, AimsChange, TrainingRecord};
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Date, Fact, Instant, Need, Role, UserId};

pub use self::appointment::{Nominee, Propose, ProposeSuccessor, Proposed, RoleAssigned};
pub use self::competence::{Judged, ProfileSeen, Waiver, WaiverEnded};
pub use self::refusal::Refusal;
pub use self::vacancy::{End, Ended, Vacant};

mod appointment;
mod competence;
mod refusal;
#[cfg(test)]
mod tests;
mod vacancy;

/// Who answers for a process, a control area or an AI system, and in which way.
#[record]
#[derive(Default)]
pub struct RoleAssignment {
    /// What it is about as lists find it: the process in lower case, or the AI system's id.
    #[field(index)]
    pub item: Line,
    /// The post.
    #[field(flatten)]
    pub post: Post,
    /// Who; none while it is vacant.
    #[field(index)]
    pub holder: Option<UserId>,
    /// Who stands in for him.
    pub deputy: Option<UserId>,
    /// First day on which he answers.
    #[field(index)]
    pub valid_from: Date,
    /// Last day on which he answers.
    #[field(index)]
    pub valid_to: Option<Date>,
    /// Until when he may lack a competence, and why.
    pub waiver: Option<Waiver>,
    /// The competences that he lacks, under a waiver or since it ended.
    pub lacking: Vec<Key>,
    /// What his competence was judged by.
    pub judged: Option<Judged>,
    /// The change of the management system under which a key role changes hands.
    pub aims_change: Option<Ref<AimsChange>>,
    /// Who proposed him.
    pub proposed_by: UserId,
    /// Who assigned the role last.
    pub assigned_by: Option<UserId>,
    /// When.
    pub assigned_at: Option<Instant>,
    /// Where it stands.
    #[field(index)]
    pub status: AssignmentStatus,
    /// Since when nobody is accountable.
    #[field(index)]
    pub vacant_since: Option<Date>,
    /// When it was reported that this lasts.
    pub vacancy_reported_at: Option<Instant>,
    /// Why the last holder's assignment ended.
    pub end_reason: Option<Prose>,
}

/// A post: which role, for what, in which way.
#[record]
#[derive(Default)]
pub struct Post {
    /// The AI system, where it is about one.
    pub system: Option<Ref<AiSystem>>,
    /// The process or control area, where it is about one.
    #[field(search)]
    pub process: Option<Line>,
    /// The role as the organisation calls it.
    #[field(search)]
    pub role: Line,
    /// The role of the AIMS that goes with it, and which the holder must have.
    pub aims_role: Option<Role>,
    /// In which way he answers.
    pub responsibility: Responsibility,
    /// Whether top management decides on it: always of who is accountable.
    pub is_key: bool,
    /// What he may decide.
    #[field(correctable)]
    pub authority: Option<Prose>,
}

/// In which way somebody answers for something (RACI).
#[words]
#[derive(Default)]
pub enum Responsibility {
    /// Does it.
    #[default]
    Responsible,
    /// Answers for it; there is one.
    Accountable,
    /// Is asked before.
    Consulted,
    /// Is told after.
    Informed,
}

/// Where an assignment stands.
#[words]
#[derive(Default)]
pub enum AssignmentStatus {
    /// Somebody is proposed.
    #[default]
    Proposed,
    /// He holds it.
    Active,
    /// It is over.
    Ended,
    /// Nobody holds it, and somebody must.
    Vacant,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Proposes who is to answer for something.
    #[command(by(Am, Tm), emits(Proposed), creates)]
    Propose(Propose),
    /// Proposes who is to follow in a vacant post.
    #[command(by(Am, Tm), emits(Proposed))]
    ProposeSuccessor(ProposeSuccessor),
    /// Assigns the role to whom is proposed; key roles by top management.
    #[command(by(Am, Tm), emits(RoleAssigned), if_match)]
    Assign,
    /// Ends it. Where somebody must be accountable and the item lives on, the post is vacant.
    #[command(by(Am, Tm, Sys), emits(Ended))]
    End(End),
    /// Reports that nobody has been accountable for more than thirty days.
    #[command(by(Sys), emits(AccountableRoleVacant))]
    FallVacant,
    /// Says that the time of the waiver is over, and which competences still lack.
    #[command(by(Sys), emits(WaiverEnded))]
    EndWaiver,
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "role_assignment")]
#[allow(clippy::large_enum_variant, reason = "events are held one or two at a time")]
pub enum Event {
    /// Somebody was proposed.
    Proposed(Proposed),
    /// The role was assigned.
    RoleAssigned(RoleAssigned),
    /// The assignment ended.
    Ended(Ended),
    /// Nobody has been accountable for more than thirty days.
    AccountableRoleVacant(Vacant),
    /// The time of the waiver is over.
    WaiverEnded(WaiverEnded),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(RoleAssignment, "role_assignment", Command, Event, Refusal);

impl Fact for RoleAssignment {
    const KIND: &'static str = "role_assignment";
}

impl Domain for RoleAssignment {
    const ABOUT: About = About {
        kind: "role_assignment",
        doc: "Who answers for a process, a control area or an AI system, and in which way.",
        clauses: &["5.3", "A.3.2"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Propose(input) => {
                let item = input.post.item().unwrap_or_default();
                appointment::needs(&item, &input.post, &input.nominee)
            }
            Command::ProposeSuccessor(input) => {
                appointment::needs(&self.item, &self.post, &input.nominee)
            }
            Command::Assign | Command::EndWaiver => {
                let nominee = self.nominee();
                let needs = nominee.map(|n| appointment::needs(&self.item, &self.post, &n));
                needs.unwrap_or_default()
            }
            Command::End(input) => self.end_needs(input),
            Command::FallVacant | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Propose(input) => Self::proposed(input, context),
            Command::ProposeSuccessor(input) => self.successor_proposed(input, context),
            Command::Assign => self.assigned(context),
            Command::End(input) => self.ended(input, context),
            Command::FallVacant => self.fallen_vacant(context),
            Command::EndWaiver => self.waiver_ended(context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Proposed(e) => self.take_proposal(e),
            Event::RoleAssigned(e) => self.take_assignment(e),
            Event::Ended(e) => self.take_end(e),
            Event::AccountableRoleVacant(e) => self.vacancy_reported_at = Some(e.at),
            Event::WaiverEnded(e) => {
                self.waiver = None;
                self.lacking = e.lacking;
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl Responsibility {
    /// Whether it is that of the one who answers for it.
    pub fn is_accountable(self) -> bool {
        self == Responsibility::Accountable
    }
}

impl AssignmentStatus {
    fn text(self) -> &'static str {
        match self {
            AssignmentStatus::Proposed => "proposed",
            AssignmentStatus::Active => "active",
            AssignmentStatus::Ended => "ended",
            AssignmentStatus::Vacant => "vacant",
        }
    }
}

/// A record that shows a competence.
pub type Proof = Ref<TrainingRecord>;
