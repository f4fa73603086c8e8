//! A component from a supplier that systems are made of (S-04; ISO/IEC 42001 A.10.3, A.4.3, A.4.4,
//! A.4.5).
//!
//! ```text
//!           propose              accept                notify_version
//!   (none) ─────────► Proposed ──────────► Accepted ──────────────────► VersionChanged
//!                       │  ▲ describe        ▲   │                        │      │
//!                       └──┘                 └───┼──────── accept ────────┘      │
//!                         withdraw, from any ────┴──► Withdrawn ◄────────────────┘
//! ```
//!
//! Only an accepted component is linked to a version of a system, and only under a contract that
//! says who answers for what.

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds;
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Instant, Need, Role, UserId};

pub use self::description::{
    ComponentKind, Describe, Described, Description, Documentation, NotifyVersion, VersionChanged,
};
pub use self::link::{ComponentLink, Link, Linked, Unlink, Unlinked};
pub use self::refusal::Refusal;

mod description;
mod link;
mod refusal;
#[cfg(test)]
mod tests;

/// A component.
#[record]
#[derive(Default)]
pub struct SuppliedComponent {
    /// Where it stands.
    #[field(index)]
    pub status: ComponentStatus,
    /// The supplier.
    #[field(index)]
    pub supplier: Ref<kinds::Supplier>,
    /// Its name.
    #[field(index, search, correctable)]
    pub name: Line,
    /// What it is.
    #[field(correctable)]
    pub component_kind: ComponentKind,
    /// Label of its version.
    pub component_version: Line,
    /// The version before that.
    pub previous_version: Option<Line>,
    /// What is known of it.
    #[field(flatten)]
    pub about: Description,
    /// Who proposed it, described it or told of its version, since it was accepted last.
    pub proposers: Vec<UserId>,
    /// Who accepted it last.
    pub accepted_by: Option<UserId>,
    /// When it was accepted last.
    #[field(index)]
    pub accepted_at: Option<Instant>,
    /// The version that was accepted last.
    pub accepted_version: Option<Line>,
    /// The systems that use it, by the system's id.
    pub used_by: BTreeMap<Key, ComponentLink>,
    /// Why it was withdrawn.
    pub withdrawal: Option<Prose>,
}

/// Where a component stands.
#[words]
#[derive(Default)]
pub enum ComponentStatus {
    /// It is to be used; nobody has accepted it.
    #[default]
    Proposed,
    /// It may be used as it is.
    Accepted,
    /// It is another version than was accepted.
    VersionChanged,
    /// It is not used any more.
    Withdrawn,
}

/// Input of `propose`.
#[record]
pub struct Propose {
    /// The supplier.
    pub supplier: Ref<kinds::Supplier>,
    /// Its name.
    pub name: Line,
    /// What it is.
    pub component_kind: ComponentKind,
    /// Label of its version.
    pub component_version: Line,
    /// What is known of it.
    #[field(flatten)]
    pub about: Describe,
}

/// Input of `withdraw`.
#[record]
pub struct Withdraw {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Proposes a component.
    #[command(by(Sm, So), emits(Proposed), creates)]
    Propose(Propose),
    /// Says more of it: documentation, limits, bills of materials; what is left out stays.
    #[command(by(Sm, So), emits(Described))]
    Describe(Describe),
    /// Accepts it in its present version.
    #[command(by(Sm, So), emits(Accepted), if_match)]
    Accept,
    /// Says that the supplier has another version.
    #[command(by(Sm, Sys), emits(VersionChanged))]
    NotifyVersion(NotifyVersion),
    /// Says that versions of a system use it.
    #[command(by(Sm, So), emits(Linked))]
    Link(Link),
    /// Says that a system, or versions of it, use it no more.
    #[command(by(Sm, So), emits(Unlinked))]
    Unlink(Unlink),
    /// Ends its use.
    #[command(by(Sm, So), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Corrects an earlier event.
    #[command(by(Sm, So), emits(Corrected))]
    Correct(Correct),
}

/// It was proposed.
#[record]
pub struct Proposed {
    /// The supplier.
    pub supplier: Ref<kinds::Supplier>,
    /// Its name.
    pub name: Line,
    /// What it is.
    pub component_kind: ComponentKind,
    /// Label of its version.
    pub component_version: Line,
    /// What is known of it.
    pub about: Description,
    /// Who proposed it.
    pub by: UserId,
}

/// It was accepted.
#[record]
pub struct Accepted {
    /// The version.
    pub component_version: Line,
    /// Where its supplier stood then.
    pub supplier_status: Line,
    /// Who accepted it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Its use was ended.
#[record]
pub struct Withdrawn {
    /// Why.
    pub reason: Prose,
    /// Who ended it.
    pub by: UserId,
}

/// What can have happened.
#[events(kind = "supplied_component")]
pub enum Event {
    /// It was proposed.
    Proposed(Proposed),
    /// More was said of it.
    Described(Described),
    /// It was accepted.
    Accepted(Accepted),
    /// The supplier has another version.
    VersionChanged(VersionChanged),
    /// Versions of a system use it.
    Linked(Linked),
    /// A system, or versions of it, use it no more.
    Unlinked(Unlinked),
    /// Its use was ended.
    Withdrawn(Withdrawn),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(SuppliedComponent, "supplied_component", Command, Event, Refusal);

impl Domain for SuppliedComponent {
    const ABOUT: About = About {
        kind: "supplied_component",
        doc: "A component from a supplier, its documentation, and the systems that use it.",
        clauses: &["A.10.3", "A.4.3", "A.4.4", "A.4.5"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        let supplier = || self.supplier.id().to_owned();
        match command {
            Command::Propose(input) => vec![Need::Object(input.supplier.id().to_owned())],
            Command::Accept => vec![Need::Object(supplier())],
            Command::Link(input) => vec![
                Need::Object(supplier()),
                Need::Where("contract", "supplier", supplier()),
                Need::Object(input.system.id().to_owned()),
            ],
            Command::Describe(_)
            | Command::NotifyVersion(_)
            | Command::Unlink(_)
            | Command::Withdraw(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Propose(input) => proposed(input, context),
            Command::Describe(input) => self.described(input, context),
            Command::Accept => self.accepted(context),
            Command::NotifyVersion(input) => self.version_changed(input, context),
            Command::Link(input) => self.linked(input, context),
            Command::Unlink(input) => Ok(self.unlinked(input, context)),
            Command::Withdraw(input) => {
                let (reason, by) = (input.reason, context.user());
                let gone = self.status == ComponentStatus::Withdrawn;
                let event = (!gone).then_some(Event::Withdrawn(Withdrawn { reason, by }));
                Ok(event.into_iter().collect())
            }
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Proposed(e) => {
                self.supplier = e.supplier;
                self.name = e.name;
                self.component_kind = e.component_kind;
                self.component_version = e.component_version;
                self.about = e.about;
                self.spoken_of(e.by);
            }
            Event::Described(e) => {
                self.about = e.about;
                self.spoken_of(e.by);
            }
            Event::Accepted(e) => {
                self.status = ComponentStatus::Accepted;
                self.accepted_version = Some(e.component_version);
                self.accepted_by = Some(e.by);
                self.accepted_at = Some(e.at);
                self.proposers.clear();
            }
            Event::VersionChanged(e) => self.change_version(e),
            Event::Linked(e) => {
                self.used_by.insert(link::key_of(&e.link.system), e.link);
            }
            Event::Unlinked(e) => self.unlink(e),
            Event::Withdrawn(e) => {
                self.status = ComponentStatus::Withdrawn;
                self.withdrawal = Some(e.reason);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl ComponentStatus {
    fn text(self) -> &'static str {
        match self {
            ComponentStatus::Proposed => "only proposed",
            ComponentStatus::Accepted => "accepted",
            ComponentStatus::VersionChanged => "of another version than was accepted",
            ComponentStatus::Withdrawn => "withdrawn",
        }
    }
}

/// Nothing new is taken from a supplier that was turned down, suspended or terminated.
fn must_supply(
    supplier: &Ref<kinds::Supplier>,
    at: &'static str,
    context: &Context,
) -> Result<String, Refusal> {
    let known = context.facts.get::<facts::Supplier>(supplier.id());
    let Some(facts::Supplier { name, status, .. }) = known else {
        return Ok(String::new());
    };
    if matches!(status.as_str(), "rejected" | "suspended" | "terminated") {
        return Err(Refusal::SupplierStopped { name, status, at });
    }
    Ok(status)
}

fn proposed(input: Propose, context: &Context) -> Result<Vec<Event>, Refusal> {
    let Propose { supplier, name, component_kind, component_version, about } = input;
    must_supply(&supplier, "/supplier", context)?;
    let about = Description::default().with(about, &component_version, context)?;
    let by = context.user();
    Ok(vec![Event::Proposed(Proposed {
        supplier,
        name,
        component_kind,
        component_version,
        about,
        by,
    })])
}

impl SuppliedComponent {
    fn wrong(&self, step: &'static str) -> Refusal {
        Refusal::WrongStatus { status: self.status.text(), step }
    }

    fn must_be_used(&self, step: &'static str) -> Result<(), Refusal> {
        if self.status == ComponentStatus::Withdrawn { Err(self.wrong(step)) } else { Ok(()) }
    }

    fn spoken_of(&mut self, by: UserId) {
        if !self.proposers.contains(&by) {
            self.proposers.push(by);
        }
    }

    fn accepted(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            ComponentStatus::Accepted => return Ok(Vec::new()),
            ComponentStatus::Withdrawn => return Err(self.wrong("accepted")),
            ComponentStatus::Proposed | ComponentStatus::VersionChanged => {}
        }
        let by = context.user();
        if self.proposers.contains(&by) {
            return Err(Refusal::AcceptorProposed);
        }
        let status = must_supply(&self.supplier, "", context)?;
        if !self.about.documents(&self.component_version) {
            let version = self.component_version.to_string();
            return Err(Refusal::NoDocumentation { version });
        }
        Ok(vec![Event::Accepted(Accepted {
            component_version: self.component_version.clone(),
            supplier_status: Line::new(status),
            by,
            at: context.now,
        })])
    }
}
