//! A contract with a supplier or customer, and who answers for what under it (S-03; ISO/IEC 42001
//! A.10.2).
//!
//! ```text
//!           draft           agree_allocation          amend
//!   (none) ──────► Draft ───────────────────► Agreed ───────► Amended ◄─┐ amend
//!                  │   ▲ redraft                 │               │  └───┘
//!                  └───┘                         ├── expire ─────┴──► Expired
//!                  │ terminate                   └── terminate ──────► Terminated
//!                  └──────────────────────────────────────────────────────▲
//!
//!   an amendment:  propose_amendment ──► amend, or drop_amendment
//! ```

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain, Relation};
use kernel::kinds;
use kernel::values::{Hash, Line, Prose, Ref};
use kernel::{Context, Date, Instant, Need, Role, UserId};

pub use self::amendment::{
    Amend, Amended, Amendment, AmendmentDropped, DropAmendment, ProposeAmendment,
};
pub use self::content::{
    CONTENT_MAX, Clause, ClauseTopic, Content, Duty, EuRole, RoleShare, Stage, Who,
};
pub use self::end::{ExpiryApproaching, Terminate, Terminated};
pub use self::refusal::Refusal;

mod agreement;
mod amendment;
mod content;
mod end;
mod refusal;
#[cfg(test)]
mod tests;

/// A contract.
#[record]
#[derive(Default)]
pub struct Contract {
    /// Where it stands.
    #[field(index)]
    pub status: ContractStatus,
    /// The supplier, where it is with one.
    #[field(index)]
    pub supplier: Option<Ref<kinds::Supplier>>,
    /// The customer, where it is with one.
    #[field(index)]
    pub customer: Option<Line>,
    /// What it says.
    #[field(flatten)]
    pub content: Content,
    /// Everyone who wrote on the draft.
    pub authors: Vec<UserId>,
    /// Who signed it.
    pub agreed_by: Option<UserId>,
    /// When it was signed.
    pub agreed_at: Option<Instant>,
    /// SHA-256 over the canonical JSON (RFC 8785) of what was agreed last.
    pub content_hash: Option<Hash>,
    /// When it was amended last.
    pub amended_at: Option<Instant>,
    /// The amendment that waits to be signed.
    pub amendment: Option<Amendment>,
    /// How many days before its end that was last told.
    pub told_days_before: Option<u32>,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// Why it was terminated.
    pub termination: Option<Prose>,
}

/// Where a contract stands.
#[words]
#[derive(Default)]
pub enum ContractStatus {
    /// It is being written.
    #[default]
    Draft,
    /// It is signed and holds.
    Agreed,
    /// It holds as it was amended.
    Amended,
    /// Its term is over.
    Expired,
    /// It was ended.
    Terminated,
}

/// Input of `draft`.
#[record]
pub struct Draft {
    /// The supplier, where it is with one.
    pub supplier: Option<Ref<kinds::Supplier>>,
    /// The customer, where it is with one; an organisation, no person.
    pub customer: Option<Line>,
    /// What it says.
    #[field(flatten)]
    pub content: Content,
}

/// Input of `agree_allocation`.
#[record]
pub struct AgreeAllocation {
    /// The hash of the document that the signer saw; refused when another was drafted.
    pub document_hash: Option<Hash>,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Writes the draft of a contract.
    #[command(by(Sm), emits(Drafted), creates)]
    Draft(Draft),
    /// Writes the draft again.
    #[command(by(Sm), emits(Redrafted))]
    Redraft(Content),
    /// Signs it: who answers for what is agreed.
    #[command(by(Tm, Dpo), emits(ResponsibilityAllocationAgreed), if_match)]
    AgreeAllocation(AgreeAllocation),
    /// Writes how it is to be amended.
    #[command(by(Sm), emits(AmendmentProposed))]
    ProposeAmendment(ProposeAmendment),
    /// Signs the amendment.
    #[command(by(Tm, Dpo), emits(Amended), if_match)]
    Amend(Amend),
    /// Gives the amendment up.
    #[command(by(Sm, Tm, Dpo), emits(AmendmentDropped))]
    DropAmendment(DropAmendment),
    /// Says that its end comes near.
    #[command(by(Sys), emits(ExpiryApproaching))]
    AnnounceExpiry,
    /// Says that its term is over.
    #[command(by(Sys), emits(Expired))]
    Expire,
    /// Ends it.
    #[command(by(Tm, Dpo), emits(Terminated))]
    Terminate(Terminate),
    /// Corrects an earlier event.
    #[command(by(Sm), emits(Corrected))]
    Correct(Correct),
}

/// The draft was written.
#[record]
pub struct Drafted {
    /// The supplier, where it is with one.
    pub supplier: Option<Ref<kinds::Supplier>>,
    /// The customer, where it is with one.
    pub customer: Option<Line>,
    /// What it says.
    pub content: Content,
    /// Who wrote it.
    pub by: UserId,
}

/// The draft was written again.
#[record]
pub struct Redrafted {
    /// What it says.
    pub content: Content,
    /// Who wrote it.
    pub by: UserId,
}

/// It was signed.
#[record]
pub struct AllocationAgreed {
    /// Who signed it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// SHA-256 over the canonical JSON of what was agreed.
    pub content_hash: Hash,
    /// The regulatory rule with the shortest clock that the notice of incidents was held against.
    pub clock_rule: Option<Line>,
    /// The hours of that clock.
    pub clock_hours: Option<u64>,
}

/// Its term is over.
#[record]
pub struct Expired {
    /// Its last day.
    pub valid_until: Date,
    /// When that was found.
    pub at: Instant,
}

/// What can have happened.
#[events(kind = "contract")]
pub enum Event {
    /// The draft was written.
    Drafted(Drafted),
    /// The draft was written again.
    Redrafted(Redrafted),
    /// It was signed: who answers for what is agreed.
    ResponsibilityAllocationAgreed(AllocationAgreed),
    /// An amendment was written.
    AmendmentProposed(Amendment),
    /// The amendment was signed.
    Amended(Amended),
    /// The amendment was given up.
    AmendmentDropped(AmendmentDropped),
    /// Its end comes near.
    ExpiryApproaching(ExpiryApproaching),
    /// Its term is over.
    Expired(Expired),
    /// It was ended.
    Terminated(Terminated),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(Contract, "contract", Command, Event, Refusal);

impl Domain for Contract {
    const ABOUT: About = About {
        kind: "contract",
        doc: "A contract with a supplier or customer: clauses, and who answers for what.",
        clauses: &["A.10.2"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[Relation {
            name: "expectations",
            doc: "What the customer expects by it.",
            kind: "customer_expectation",
            by: "contract",
            pinned: None,
        }],
        shape: 1,
    };

    fn needs(&self, command: &Command, known: &Context) -> Vec<Need> {
        match command {
            Command::Draft(input) => {
                input.supplier.iter().map(|s| Need::Object(s.id().to_owned())).collect()
            }
            Command::AgreeAllocation(_) | Command::Amend(_) => self.needs_of_agreement(known),
            Command::Redraft(_)
            | Command::ProposeAmendment(_)
            | Command::DropAmendment(_)
            | Command::AnnounceExpiry
            | Command::Expire
            | Command::Terminate(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Draft(input) => drafted(input, context),
            Command::Redraft(content) => self.redrafted(content, context),
            Command::AgreeAllocation(input) => self.agreed(&input, context),
            Command::ProposeAmendment(input) => self.amendment_proposed(input, context),
            Command::Amend(input) => self.amended(&input, context),
            Command::DropAmendment(input) => Ok(self.amendment_dropped(input, context)),
            Command::AnnounceExpiry => self.expiry_announced(context),
            Command::Expire => self.expired(context),
            Command::Terminate(input) => self.terminated(input, context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Drafted(e) => {
                self.supplier = e.supplier;
                self.customer = e.customer;
                self.written(e.content, e.by);
            }
            Event::Redrafted(e) => self.written(e.content, e.by),
            Event::ResponsibilityAllocationAgreed(e) => {
                self.status = ContractStatus::Agreed;
                self.agreed_by = Some(e.by);
                self.agreed_at = Some(e.at);
                self.content_hash = Some(e.content_hash);
            }
            Event::AmendmentProposed(e) => self.amendment = Some(e),
            Event::Amended(e) => {
                self.status = ContractStatus::Amended;
                self.content = e.content;
                self.amended_at = Some(e.at);
                self.content_hash = Some(e.content_hash);
                self.amendment = None;
                self.told_days_before = None;
            }
            Event::AmendmentDropped(_) => self.amendment = None,
            Event::ExpiryApproaching(e) => self.told_days_before = Some(e.days_before),
            Event::Expired(e) => self.end(ContractStatus::Expired, e.at),
            Event::Terminated(e) => {
                self.end(ContractStatus::Terminated, e.at);
                self.termination = Some(e.reason);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl ContractStatus {
    fn text(self) -> &'static str {
        match self {
            ContractStatus::Draft => "a draft",
            ContractStatus::Agreed => "agreed",
            ContractStatus::Amended => "amended",
            ContractStatus::Expired => "expired",
            ContractStatus::Terminated => "terminated",
        }
    }

    /// Whether it holds.
    fn holds(self) -> bool {
        match self {
            ContractStatus::Agreed | ContractStatus::Amended => true,
            ContractStatus::Draft | ContractStatus::Expired | ContractStatus::Terminated => false,
        }
    }
}

fn drafted(input: Draft, context: &Context) -> Result<Vec<Event>, Refusal> {
    let Draft { supplier, customer, content } = input;
    if supplier.is_some() == customer.is_some() {
        return Err(Refusal::NotOneOtherParty { at: "/supplier" });
    }
    if let Some(supplier) = &supplier {
        agreement::must_serve(supplier, "/supplier", context)?;
    }
    content.check()?;
    Ok(vec![Event::Drafted(Drafted { supplier, customer, content, by: context.user() })])
}

impl Contract {
    fn wrong(&self, step: &'static str) -> Refusal {
        Refusal::WrongStatus { status: self.status.text(), step }
    }

    fn written(&mut self, content: Content, by: UserId) {
        self.content = content;
        if !self.authors.contains(&by) {
            self.authors.push(by);
        }
    }

    fn end(&mut self, status: ContractStatus, at: Instant) {
        self.status = status;
        self.ended_at = Some(at);
        self.amendment = None;
    }

    fn redrafted(&self, content: Content, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status != ContractStatus::Draft {
            return Err(self.wrong("drafted again"));
        }
        content.check()?;
        if content == self.content {
            return Ok(Vec::new());
        }
        Ok(vec![Event::Redrafted(Redrafted { content, by: context.user() })])
    }
}
