//! A resource of AI systems: a model, tooling, computing or people (L-07; ISO/IEC 42001 A.4.2,
//! A.4.4, A.4.5, A.4.6).
//!
//! ```text
//!          register              approve             restrict
//!   (none) ────────► Registered ──────────► Approved ──────────► Restricted
//!                     ▲    ▲       revise      │  ▲     approve      │
//!             unblock │    └───────────────────┘  └──────────────────┘
//!                     └──── Blocked ◄──── block (from any of these)
//!                                         retire (from any) ────► Retired
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Key, Prose};
use kernel::{Context, Instant, Need, Role, UserId};

pub use self::description::{Description, Lack, ResourceKind, Revise};
use self::link::key_of;
pub use self::link::{LinkRefusal, Stage, Unlink, Use};
use crate::origin::Origin;

mod description;
mod link;
#[cfg(test)]
mod tests;

/// Something that AI systems are made of, made with, run on or run by.
#[record]
#[derive(Default)]
pub struct Resource {
    /// Where it stands.
    #[field(index)]
    pub status: ResourceStatus,
    /// What it is.
    #[field(flatten)]
    pub about: Description,
    /// Why it is restricted, blocked or retired.
    pub status_reason: Option<Prose>,
    /// Everyone who wrote on the description as it stands.
    pub authors: Vec<UserId>,
    /// Who approved it last.
    pub approved_by: Option<UserId>,
    /// When it was approved last.
    #[field(index)]
    pub approved_at: Option<Instant>,
    /// The systems that use it, by the system's id.
    pub used_by: BTreeMap<Key, Use>,
}

/// Where a resource stands.
#[words]
#[derive(Default)]
pub enum ResourceStatus {
    /// Documented; nobody has approved it as it is described.
    #[default]
    Registered,
    /// Approved for use.
    Approved,
    /// To be used only as the restriction says.
    Restricted,
    /// Not used any more.
    Retired,
    /// Not to be used: no system may begin to.
    Blocked,
}

/// Input of `restrict`, `block`, `unblock` and `retire`, and what was recorded of them.
#[record]
pub struct Grounded {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Registers a resource; what an imported document does not say can follow.
    #[command(by(So, Dev, Sys), emits(Registered), creates)]
    Register(Description),
    /// Describes it anew or further; an approved one must be approved again.
    #[command(by(So, Dev), emits(Revised))]
    Revise(Revise),
    /// Approves it as it is described.
    #[command(by(So), emits(Approved), if_match)]
    Approve,
    /// Restricts how it may be used.
    #[command(by(So), emits(Restricted))]
    Restrict(Grounded),
    /// Forbids its use.
    #[command(by(So, Am), emits(Blocked))]
    Block(Grounded),
    /// Lifts the ban; it must be approved again.
    #[command(by(So, Am), emits(Unblocked))]
    Unblock(Grounded),
    /// Says that it is not used any more.
    #[command(by(So), emits(Retired))]
    Retire(Grounded),
    /// Says in which stages of its life cycle a system needs it.
    #[command(by(So, Dev), emits(Linked))]
    Link(Use),
    /// Says that a system does not need it any more.
    #[command(by(So, Dev), emits(Unlinked))]
    Unlink(Unlink),
    /// Corrects an earlier event.
    #[command(by(So), emits(Corrected))]
    Correct(Correct),
}

/// It was described, first or anew.
#[record]
pub struct Described {
    /// By whom.
    pub by: UserId,
    /// As what.
    pub about: Description,
}

/// It was approved.
#[record]
pub struct Approved {
    /// By whom.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// What can have happened.
#[events(kind = "resource")]
pub enum Event {
    /// It was registered.
    Registered(Described),
    /// It was described anew.
    Revised(Described),
    /// It was approved.
    Approved(Approved),
    /// Its use was restricted.
    Restricted(Grounded),
    /// Its use was forbidden.
    Blocked(Grounded),
    /// The ban was lifted.
    Unblocked(Grounded),
    /// It is not used any more.
    Retired(Grounded),
    /// A system needs it in these stages.
    Linked(Use),
    /// A system does not need it any more.
    Unlinked(Unlink),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The resource cannot be approved as it is described.
    #[refusal(from)]
    Lack(Lack),
    /// The resource cannot be linked so.
    #[refusal(from)]
    Link(LinkRefusal),
    /// The approver described the resource: somebody else must approve it.
    #[refusal(rule = "segregation of duties: author is not approver")]
    ApproverIsAuthor,
    /// The resource is blocked: lift the ban first.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.4.2")]
    IsBlocked,
    /// The resource is retired.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.4.2")]
    IsRetired,
    /// The resource is only registered: there is no approval to restrict.
    #[refusal(conflict)]
    NotApproved,
    /// The hash of a resource stands: other bytes are another resource.
    #[refusal(rule = "ISO/IEC 42001 A.4.4")]
    HashStands {
        /// Where in the input.
        at: &'static str,
    },
    /// These bytes are registered already as {id}.
    #[refusal(rule = "ISO/IEC 42001 A.4.2")]
    Duplicate {
        /// The resource that has this hash.
        id: String,
        /// Where in the input.
        at: &'static str,
    },
    /// This entry of the document was imported already as {id}.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.4.2")]
    ImportedAlready {
        /// The resource.
        id: String,
        /// Where in the input.
        at: &'static str,
    },
}

kernel::aggregate!(Resource, "resource", Command, Event, Refusal);

impl Domain for Resource {
    const ABOUT: About = About {
        kind: "resource",
        doc: "A model, tooling, computing or people that AI systems need, by life-cycle stage.",
        clauses: &["A.4.2", "A.4.4", "A.4.5", "A.4.6"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        let of = |hash: &str| Need::Where("resource", "hash", hash.to_owned());
        match command {
            Command::Register(input) => {
                let known = Origin::need("resource", &input.name, input.origin.as_ref());
                input.hash.iter().map(|hash| of(hash.as_str())).chain(known).collect()
            }
            Command::Revise(input) => input.hash.iter().map(|hash| of(hash.as_str())).collect(),
            Command::Link(input) => vec![Need::Object(input.system.id().to_owned())],
            Command::Approve
            | Command::Restrict(_)
            | Command::Block(_)
            | Command::Unblock(_)
            | Command::Retire(_)
            | Command::Unlink(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Register(about) => {
                not_registered_yet(&about, context)?;
                not_imported_yet(&about, context)?;
                let by = context.user();
                Ok(vec![Event::Registered(Described { by, about })])
            }
            Command::Revise(input) => self.revised(input, context),
            Command::Approve => self.approved(context),
            Command::Restrict(input) => self.restricted(input),
            Command::Block(input) => self.blocked(input),
            Command::Unblock(input) => {
                let blocked = self.status == ResourceStatus::Blocked;
                Ok(if blocked { vec![Event::Unblocked(input)] } else { Vec::new() })
            }
            Command::Retire(input) => {
                let retired = self.status == ResourceStatus::Retired;
                Ok(if retired { Vec::new() } else { vec![Event::Retired(input)] })
            }
            Command::Link(input) => self.linked(input, context),
            Command::Unlink(input) => {
                let linked = self.used_by.contains_key(&key_of(&input.system));
                Ok(if linked { vec![Event::Unlinked(input)] } else { Vec::new() })
            }
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Registered(e) => self.described(e),
            Event::Revised(e) => {
                if self.status == ResourceStatus::Approved {
                    self.status = ResourceStatus::Registered;
                    self.authors.clear();
                }
                self.described(e);
            }
            Event::Approved(e) => {
                self.status = ResourceStatus::Approved;
                self.status_reason = None;
                self.approved_by = Some(e.by);
                self.approved_at = Some(e.at);
            }
            Event::Restricted(e) => self.stands(ResourceStatus::Restricted, Some(e.reason)),
            Event::Blocked(e) => self.stands(ResourceStatus::Blocked, Some(e.reason)),
            Event::Unblocked(_) => self.stands(ResourceStatus::Registered, None),
            Event::Retired(e) => self.stands(ResourceStatus::Retired, Some(e.reason)),
            Event::Linked(e) => {
                self.used_by.insert(key_of(&e.system), e);
            }
            Event::Unlinked(e) => {
                self.used_by.remove(&key_of(&e.system));
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

/// A blocked resource does not come back under another name.
fn not_registered_yet(about: &Description, context: &Context) -> Result<(), Refusal> {
    let Some(hash) = &about.hash else { return Ok(()) };
    let known = context.facts.all::<facts::Resource>().into_iter();
    let mut same =
        known.filter(|(id, r)| *id != context.id && r.hash.as_deref() == Some(hash.as_str()));
    match same.next() {
        Some((id, _)) => Err(Refusal::Duplicate { id, at: "/hash" }),
        None => Ok(()),
    }
}

/// A document that is imported again brings nothing new, until what it brought is retired.
fn not_imported_yet(about: &Description, context: &Context) -> Result<(), Refusal> {
    let Some(origin) = &about.origin else { return Ok(()) };
    let known = context.facts.all::<facts::Resource>().into_iter();
    let mut same =
        known.filter(|(_, r)| r.status != "retired" && origin.is_same(r.origin.as_ref()));
    match same.next() {
        Some((id, _)) => Err(Refusal::ImportedAlready { id, at: "/origin/entry" }),
        None => Ok(()),
    }
}

impl Resource {
    fn stands(&mut self, status: ResourceStatus, reason: Option<Prose>) {
        self.status = status;
        self.status_reason = reason;
    }

    fn described(&mut self, event: Described) {
        self.about = event.about;
        if !self.authors.contains(&event.by) {
            self.authors.push(event.by);
        }
    }

    fn not_retired(&self) -> Result<(), Refusal> {
        if self.status == ResourceStatus::Retired { Err(Refusal::IsRetired) } else { Ok(()) }
    }

    fn revised(&self, input: Revise, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.not_retired()?;
        if self.about.hash.is_some() && input.hash.is_some() && self.about.hash != input.hash {
            return Err(Refusal::HashStands { at: "/hash" });
        }
        let about = input.over(self.about.clone());
        if about == self.about {
            return Ok(Vec::new());
        }
        not_registered_yet(&about, context)?;
        Ok(vec![Event::Revised(Described { by: context.user(), about })])
    }

    fn approved(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            ResourceStatus::Approved => return Ok(Vec::new()),
            ResourceStatus::Blocked => return Err(Refusal::IsBlocked),
            ResourceStatus::Retired => return Err(Refusal::IsRetired),
            ResourceStatus::Registered | ResourceStatus::Restricted => {}
        }
        self.about.check()?;
        let by = context.user();
        if self.authors.contains(&by) {
            return Err(Refusal::ApproverIsAuthor);
        }
        let at = context.effective.unwrap_or(context.now);
        Ok(vec![Event::Approved(Approved { by, at })])
    }

    fn restricted(&self, input: Grounded) -> Result<Vec<Event>, Refusal> {
        match self.status {
            ResourceStatus::Approved => Ok(vec![Event::Restricted(input)]),
            ResourceStatus::Restricted => Ok(Vec::new()),
            ResourceStatus::Registered => Err(Refusal::NotApproved),
            ResourceStatus::Blocked => Err(Refusal::IsBlocked),
            ResourceStatus::Retired => Err(Refusal::IsRetired),
        }
    }

    fn blocked(&self, input: Grounded) -> Result<Vec<Event>, Refusal> {
        self.not_retired()?;
        let blocked = self.status == ResourceStatus::Blocked;
        Ok(if blocked { Vec::new() } else { vec![Event::Blocked(input)] })
    }
}
