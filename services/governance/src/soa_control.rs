//! One control's row in the Statement of Applicability (G-08; ISO/IEC 42001 6.1.3). The rows are
//! the working copy, which moves freely; the official statement is the rows as of the position at
//! which top management approved them (`soa.rs`).
//!
//! ```text
//!          list, add_own             decide                    set_status
//!   (none) ────────────► Undecided ─────────► Applicable ───► not started, planned, partially
//!                            ▲                    ▲           implemented, implemented,
//!                            └──── decide ────► Excluded      not effective, in any order
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, refusals};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds;
use kernel::values::{Key, Line, Number, Prose, Ref};
use kernel::{Context, Fact, Instant, Need, Role, UserId};

use crate::evidence::Evidence;

pub use self::choice::{Choice, Decision, Edit, ReasonCode};
pub use self::listing::{AddOwn, LAST_CATALOGUE_PLACE, List};
pub use self::status::{ControlStatus, ImplementationStatusChanged, SetStatus, StatusVerified};

mod choice;
mod listing;
mod status;
#[cfg(test)]
mod tests;

/// What the Statement of Applicability says of one control.
#[record]
#[derive(Default)]
pub struct SoaControl {
    /// The statement that it belongs to.
    #[field(index)]
    pub soa: Ref<kinds::Soa>,
    /// Id of the catalogue that the statement is on.
    pub catalogue: Key,
    /// Number of the control.
    #[field(index, search)]
    pub control: Number,
    /// Its place in the order of the catalogue; own controls follow.
    #[field(index)]
    pub place: u32,
    /// Whether it is the organisation's own and not of the catalogue.
    pub own: bool,
    /// Title of an own control; the catalogue has the others'.
    #[field(search, correctable)]
    pub title: Option<Line>,
    /// Whether it applies, and why.
    #[field(flatten)]
    pub choice: Choice,
    /// How far it is implemented; says nothing unless it applies.
    #[field(index)]
    pub status: ControlStatus,
    /// Who answers for it.
    #[field(index)]
    pub owner: Option<UserId>,
    /// What proves its implementation.
    pub evidence: Vec<Ref<kinds::Evidence>>,
    /// When its status was last stated or found to hold.
    #[field(index)]
    pub last_verified_at: Option<Instant>,
    /// Why the row was changed last.
    pub note: Option<Prose>,
    /// Who changed the row, and when last. Whoever changed one since the version in force is an
    /// author of the next version and cannot approve it.
    pub edits: BTreeMap<Key, Edit>,
}

/// Input of `decide`.
#[record]
pub struct Decide {
    /// Whether it applies, and why.
    #[field(flatten)]
    pub choice: Choice,
    /// Why the decision changes.
    pub note: Option<Prose>,
}

/// Input of `link_evidence` and `unlink_evidence`.
#[record]
pub struct Proof {
    /// The evidence.
    pub evidence: Ref<kinds::Evidence>,
}

/// Input of `assign_owner`.
#[record]
pub struct Assign {
    /// Who answers for the control.
    pub owner: UserId,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Puts a control of the catalogue into the statement.
    #[command(by(Am), emits(Listed, ApplicabilityDecided), creates)]
    List(List),
    /// Adds a control of the organisation's own.
    #[command(by(Am), emits(CustomControlAdded, ApplicabilityDecided), creates)]
    AddOwn(AddOwn),
    /// Decides whether it applies.
    #[command(by(Am), emits(ApplicabilityDecided))]
    Decide(Decide),
    /// Says how far it is implemented.
    #[command(by(Am), emits(ImplementationStatusChanged))]
    SetStatus(SetStatus),
    /// Finds that the status still holds.
    #[command(by(Am, Aud), emits(StatusVerified))]
    VerifyStatus,
    /// Names evidence of its implementation.
    #[command(by(Am), emits(EvidenceLinked))]
    LinkEvidence(Proof),
    /// Takes evidence off it.
    #[command(by(Am), emits(EvidenceUnlinked))]
    UnlinkEvidence(Proof),
    /// Says who answers for it.
    #[command(by(Am), emits(OwnerAssigned))]
    AssignOwner(Assign),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// A control of the catalogue was put into the statement.
#[record]
pub struct Listed {
    /// The statement.
    pub soa: Ref<kinds::Soa>,
    /// Id of its catalogue.
    pub catalogue: Key,
    /// Number of the control.
    pub control: Number,
    /// Its place in the catalogue.
    pub place: u32,
    /// Who, and when.
    pub edit: Edit,
}

/// A control of the organisation's own was added.
#[record]
pub struct CustomControlAdded {
    /// The statement.
    pub soa: Ref<kinds::Soa>,
    /// Id of its catalogue.
    pub catalogue: Key,
    /// Its number.
    pub control: Number,
    /// Its place behind the catalogue's controls.
    pub place: u32,
    /// Its title.
    pub title: Line,
    /// Who, and when.
    pub edit: Edit,
}

/// It was decided whether the control applies.
#[record]
pub struct ApplicabilityDecided {
    /// Whether it applies, and why.
    #[field(flatten)]
    pub choice: Choice,
    /// Why the decision changed.
    pub note: Option<Prose>,
    /// Who, and when.
    pub edit: Edit,
}

/// Evidence was named for the control or taken off it.
#[record]
pub struct EvidenceLinked {
    /// The evidence.
    pub evidence: Ref<kinds::Evidence>,
    /// Who, and when.
    pub edit: Edit,
}

/// Somebody answers for the control.
#[record]
pub struct OwnerAssigned {
    /// Who answers.
    pub owner: UserId,
    /// Who said so, and when.
    pub edit: Edit,
}

/// What can have happened.
#[events(kind = "soa_control")]
pub enum Event {
    /// A control of the catalogue was put into the statement.
    Listed(Listed),
    /// A control of the organisation's own was added.
    CustomControlAdded(CustomControlAdded),
    /// It was decided whether it applies.
    ApplicabilityDecided(ApplicabilityDecided),
    /// Its implementation moved on or fell back.
    ImplementationStatusChanged(ImplementationStatusChanged),
    /// Its status was found to hold.
    StatusVerified(StatusVerified),
    /// Evidence was named.
    EvidenceLinked(EvidenceLinked),
    /// Evidence was taken off.
    EvidenceUnlinked(EvidenceLinked),
    /// Somebody answers for it.
    OwnerAssigned(OwnerAssigned),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// There is no Statement of Applicability {soa}.
    UnknownSoa {
        /// What was named.
        soa: String,
    },
    /// {control} is no control of the catalogue {catalogue}: add it as one of your own.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    NotInCatalogue {
        /// Number of the control.
        control: String,
        /// The statement's catalogue.
        catalogue: String,
    },
    /// {control} is a control of the catalogue {catalogue} and cannot be one of your own.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    InCatalogue {
        /// Number of the control.
        control: String,
        /// The statement's catalogue.
        catalogue: String,
    },
    /// The statement has a row for {control} already: {row}.
    #[refusal(conflict)]
    Duplicate {
        /// Number of the control.
        control: String,
        /// The row.
        row: String,
    },
    /// The control does not apply, or that is undecided: it has no implementation status.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.1.3")]
    NotApplicable,
    /// {evidence} is no evidence of this tenant, or it is in quarantine or shredded.
    #[refusal(rule = "ISO/IEC 42001 7.5.3")]
    NoEvidence {
        /// What was named.
        evidence: String,
    },
}

kernel::aggregate!(SoaControl, "soa_control", Command, Event, Refusal);

impl Fact for SoaControl {
    const KIND: &'static str = "soa_control";
}

impl Domain for SoaControl {
    const ABOUT: About = About {
        kind: "soa_control",
        doc: "One control's row in the Statement of Applicability: the working copy.",
        clauses: &["6.1.3", "8.1"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, known: &Context) -> Vec<Need> {
        match command {
            Command::List(input) => listing::needs(&input.soa, &input.control, known),
            Command::AddOwn(input) => listing::needs(&input.soa, &input.control, known),
            Command::LinkEvidence(input) => vec![Need::Object(input.evidence.id().to_owned())],
            Command::Decide(_)
            | Command::SetStatus(_)
            | Command::VerifyStatus
            | Command::UnlinkEvidence(_)
            | Command::AssignOwner(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let edit = Edit { by: context.user(), at: context.now };
        Ok(match command {
            Command::List(input) => input.decide(edit, context)?,
            Command::AddOwn(input) => input.decide(edit, context)?,
            Command::Decide(Decide { choice, note }) => self.unless(self.choice == choice, || {
                Event::ApplicabilityDecided(ApplicabilityDecided { choice, note, edit })
            }),
            Command::SetStatus(input) => self.status_set(input, edit)?,
            Command::VerifyStatus => self.status_verified(edit)?,
            Command::LinkEvidence(Proof { evidence }) => {
                let found = context.facts.get::<Evidence>(evidence.id());
                if !found.is_some_and(|e| e.is_usable()) {
                    return Err(Refusal::NoEvidence { evidence: evidence.id().to_owned() });
                }
                self.unless(self.evidence.contains(&evidence), || {
                    Event::EvidenceLinked(EvidenceLinked { evidence, edit })
                })
            }
            Command::UnlinkEvidence(Proof { evidence }) => self
                .unless(!self.evidence.contains(&evidence), || {
                    Event::EvidenceUnlinked(EvidenceLinked { evidence, edit })
                }),
            Command::AssignOwner(Assign { owner }) => self
                .unless(self.owner.as_ref() == Some(&owner), || {
                    Event::OwnerAssigned(OwnerAssigned { owner, edit })
                }),
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Listed(e) => {
                self.catalogue = e.catalogue;
                (self.soa, self.control, self.place) = (e.soa, e.control, e.place);
                self.edited(e.edit);
            }
            Event::CustomControlAdded(e) => {
                self.catalogue = e.catalogue;
                (self.soa, self.control, self.place) = (e.soa, e.control, e.place);
                (self.own, self.title) = (true, Some(e.title));
                self.edited(e.edit);
            }
            Event::ApplicabilityDecided(e) => {
                (self.choice, self.note) = (e.choice, e.note);
                self.edited(e.edit);
            }
            Event::ImplementationStatusChanged(e) => {
                (self.status, self.note) = (e.to, e.note);
                self.last_verified_at = Some(e.edit.at);
                self.edited(e.edit);
            }
            Event::StatusVerified(e) => self.last_verified_at = Some(e.edit.at),
            Event::EvidenceLinked(e) => {
                self.evidence.push(e.evidence);
                self.edited(e.edit);
            }
            Event::EvidenceUnlinked(e) => {
                self.evidence.retain(|linked| *linked != e.evidence);
                self.edited(e.edit);
            }
            Event::OwnerAssigned(e) => {
                self.owner = Some(e.owner);
                self.edited(e.edit);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl SoaControl {
    /// Whether it applies.
    pub fn is_applicable(&self) -> bool {
        self.choice.decision == Decision::Applicable
    }

    fn edited(&mut self, edit: Edit) {
        self.edits.insert(Key::new(edit.by.to_string()), edit);
    }

    fn unless(&self, holds: bool, event: impl FnOnce() -> Event) -> Vec<Event> {
        if holds { Vec::new() } else { vec![event()] }
    }
}
