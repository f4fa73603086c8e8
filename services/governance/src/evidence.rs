//! Evidence (G-14; ISO/IEC 42001 7.5.3): what is known of a file, and its hash; never the bytes.
//!
//! ```text
//!          register             verify             go_stale           supersede
//!   (none) ────────► Registered ──────► Verified ─────────► Stale ───────────────► Superseded
//!                        │  verify, bytes ≠ hash │            │      (from any of these)
//!                        └───────────────────────┴────────────┴──► Quarantined
//!                        shred (from any, hash kept) ──► Shredded
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds;
use kernel::values::{Hash, Key, Prose, Ref};
use kernel::{Context, Date, Fact, Instant, Need, Role, UserId};

pub use self::file::{EvidenceSource, File, Registered};
pub use self::target::Target;

mod file;
mod target;
#[cfg(test)]
mod tests;

/// A file that proves something: its hash, what it is linked to and how long it counts.
#[record]
#[derive(Default)]
pub struct Evidence {
    /// What was said of it when it was registered.
    #[field(flatten)]
    pub file: File,
    /// Where it stands.
    #[field(index)]
    pub status: EvidenceStatus,
    /// Who registered it.
    pub registered_by: UserId,
    /// When its bytes were found to have the hash.
    pub verified_at: Option<Instant>,
    /// What it is evidence of, by the clause's or control's number or the object's id.
    pub links: BTreeMap<Key, Target>,
    /// Why it may not be shredded, if it is under legal hold.
    pub legal_hold: Option<Prose>,
    /// The evidence that took its place.
    pub superseded_by: Option<Ref<kinds::Evidence>>,
}

/// Where evidence stands.
#[words]
#[derive(Default)]
pub enum EvidenceStatus {
    /// Announced; its bytes have not been compared with the hash.
    #[default]
    Registered,
    /// Its bytes have the hash.
    Verified,
    /// It proves nothing any more: too old.
    Stale,
    /// Newer evidence took its place.
    Superseded,
    /// Its bytes do not have the hash: not to be relied on.
    Quarantined,
    /// Its bytes were destroyed; the hash is kept.
    Shredded,
}

/// Input of `verify`.
#[record]
pub struct Verify {
    /// SHA-256 of the bytes as they were read.
    pub sha256: Hash,
}

/// Input of `supersede`, and what was recorded of it.
#[record]
pub struct Supersede {
    /// The evidence that takes its place.
    pub by: Ref<kinds::Evidence>,
}

/// Input of `place_hold`, `release_hold` and `shred`, and what is recorded of them.
#[record]
pub struct Grounded {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Registers a file by its hash.
    #[command(by(Emp), emits(Registered), creates)]
    Register(File),
    /// Compares the hash of the bytes with the registered one.
    #[command(by(Sys), emits(Verified, Quarantined))]
    Verify(Verify),
    /// Links it to a clause, a control, an item of a catalogue or an object.
    #[command(by(Emp), emits(Linked))]
    Link(Target),
    /// Says which evidence takes its place.
    #[command(by(Emp), emits(Superseded))]
    Supersede(Supersede),
    /// Says that it has grown too old.
    #[command(by(Sys), emits(WentStale))]
    GoStale,
    /// Puts it under legal hold.
    #[command(by(Am, Dpo), emits(LegalHoldPlaced))]
    PlaceHold(Grounded),
    /// Ends the legal hold.
    #[command(by(Am, Dpo), emits(LegalHoldReleased))]
    ReleaseHold(Grounded),
    /// Destroys its bytes; the hash is kept.
    #[command(by(Am), emits(Shredded))]
    Shred(Grounded),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// The bytes have the hash.
#[record]
pub struct Verified {
    /// When they were compared.
    pub at: Instant,
}

/// The bytes do not have the hash.
#[record]
pub struct Quarantined {
    /// The hash that they have.
    pub found: Hash,
}

/// Evidence was linked.
#[record]
pub struct Linked {
    /// Key of the link.
    pub key: Key,
    /// What it is linked to.
    pub target: Target,
}

/// Evidence has grown too old.
#[record]
pub struct WentStale {
    /// The last day on which it was fresh.
    pub fresh_until: Date,
}

/// What can have happened.
#[events(kind = "evidence")]
pub enum Event {
    /// It was registered.
    Registered(Registered),
    /// Its bytes were found to have the hash.
    Verified(Verified),
    /// Its bytes were found to have another hash.
    Quarantined(Quarantined),
    /// It was linked.
    Linked(Linked),
    /// Newer evidence took its place.
    Superseded(Supersede),
    /// It grew too old.
    WentStale(WentStale),
    /// It was put under legal hold.
    LegalHoldPlaced(Grounded),
    /// The legal hold ended.
    LegalHoldReleased(Grounded),
    /// Its bytes were destroyed.
    Shredded(Grounded),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// These bytes are registered already as {id}: link that evidence instead.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.3")]
    Duplicate {
        /// The evidence that has this hash.
        id: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The evidence is in quarantine or shredded: nothing can rest on it.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.3")]
    NotUsable,
    /// A link names exactly one clause, control, item of a catalogue or object.
    NotOneTarget,
    /// {target} does not exist in this tenant or catalogue.
    UnknownTarget {
        /// What was named.
        target: String,
    },
    /// Whoever registered the evidence, or the AIMS manager, says what takes its place.
    #[refusal(rule = "ISO/IEC 42001 7.5.3")]
    NotTheRegistrar,
    /// {id} is no usable evidence of this tenant, or this evidence itself.
    UnknownSuccessor {
        /// What was named.
        id: String,
    },
    /// The evidence is fresh: it has no last day, or that has not passed.
    #[refusal(conflict)]
    StillFresh,
    /// The evidence must be kept until {until}.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.3")]
    UnderRetention {
        /// The last day.
        until: Date,
    },
    /// The evidence is under legal hold.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.3")]
    UnderLegalHold,
    /// The certificate {number} rests on the evidence: it cannot be shredded while that is active.
    #[refusal(conflict, rule = "ISO/IEC 17021-1")]
    CertificateActive {
        /// The certificate's number.
        number: String,
    },
}

kernel::aggregate!(Evidence, "evidence", Command, Event, Refusal);

impl Fact for Evidence {
    const KIND: &'static str = "evidence";
}

impl Domain for Evidence {
    const ABOUT: About = About {
        kind: "evidence",
        doc: "Evidence: a file's hash, its links and how long it counts.",
        clauses: &["7.5.3"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Register(file) => file.needs(),
            Command::Link(target) => target.needs(),
            Command::Supersede(input) => vec![Need::Object(input.by.id().to_owned())],
            Command::Shred(_) => vec![Need::All("certificate")],
            Command::Verify(_)
            | Command::GoStale
            | Command::PlaceHold(_)
            | Command::ReleaseHold(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        Ok(match command {
            Command::Register(file) => vec![Event::Registered(file.register(context)?)],
            Command::Verify(input) => self.compared(input, context)?,
            Command::Link(target) => self.linked(target, context)?,
            Command::Supersede(input) => self.superseded(input, context)?,
            Command::GoStale => self.gone_stale(context)?,
            Command::PlaceHold(input) => {
                self.must(self.status != EvidenceStatus::Shredded)?;
                let held = self.legal_hold.is_some();
                if held { Vec::new() } else { vec![Event::LegalHoldPlaced(input)] }
            }
            Command::ReleaseHold(input) => {
                let held = self.legal_hold.is_some();
                if held { vec![Event::LegalHoldReleased(input)] } else { Vec::new() }
            }
            Command::Shred(input) => self.shredded(input, context)?,
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Registered(e) => {
                self.file = e.file;
                self.registered_by = e.by;
            }
            Event::Verified(e) => {
                self.status = EvidenceStatus::Verified;
                self.verified_at = Some(e.at);
            }
            Event::Quarantined(_) => self.status = EvidenceStatus::Quarantined,
            Event::Linked(e) => {
                self.links.insert(e.key, e.target);
            }
            Event::Superseded(e) => {
                self.status = EvidenceStatus::Superseded;
                self.superseded_by = Some(e.by);
            }
            Event::WentStale(_) => self.status = EvidenceStatus::Stale,
            Event::LegalHoldPlaced(e) => self.legal_hold = Some(e.reason),
            Event::LegalHoldReleased(_) => self.legal_hold = None,
            Event::Shredded(_) => self.status = EvidenceStatus::Shredded,
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl Evidence {
    /// Whether it proves something on this day: verified, and not past its last day.
    pub fn proves_on(&self, day: Date) -> bool {
        let fresh = self.file.fresh_until.is_none_or(|last| day <= last);
        self.status == EvidenceStatus::Verified && fresh
    }

    /// Whether it may still be linked and referred to.
    pub fn is_usable(&self) -> bool {
        !matches!(self.status, EvidenceStatus::Quarantined | EvidenceStatus::Shredded)
    }

    fn must(&self, fine: bool) -> Result<(), Refusal> {
        if fine { Ok(()) } else { Err(Refusal::NotUsable) }
    }

    fn compared(&self, input: Verify, context: &Context) -> Result<Vec<Event>, Refusal> {
        let same = input.sha256 == self.file.sha256;
        if self.status == EvidenceStatus::Quarantined && !same {
            return Ok(Vec::new());
        }
        self.must(self.is_usable())?;
        let first = self.status == EvidenceStatus::Registered;
        Ok(match (same, first) {
            (true, true) => vec![Event::Verified(Verified { at: context.now })],
            (true, false) => Vec::new(),
            (false, _) => vec![Event::Quarantined(Quarantined { found: input.sha256 })],
        })
    }

    fn linked(&self, target: Target, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must(self.is_usable())?;
        let key = target.check(context)?;
        if self.links.contains_key(&key) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::Linked(Linked { key, target })])
    }

    fn superseded(&self, input: Supersede, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must(self.is_usable())?;
        if self.superseded_by.as_ref() == Some(&input.by) {
            return Ok(Vec::new());
        }
        if context.user() != self.registered_by && !context.holds(Role::Am) {
            return Err(Refusal::NotTheRegistrar);
        }
        let id = input.by.id();
        let usable = context.facts.get::<Evidence>(id).is_some_and(|e| e.is_usable());
        if id == context.id || !usable {
            return Err(Refusal::UnknownSuccessor { id: id.to_owned() });
        }
        Ok(vec![Event::Superseded(input)])
    }

    fn gone_stale(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        match (self.status, self.file.fresh_until) {
            (EvidenceStatus::Stale | EvidenceStatus::Superseded, _) => Ok(Vec::new()),
            (EvidenceStatus::Quarantined | EvidenceStatus::Shredded, _) => Err(Refusal::NotUsable),
            (EvidenceStatus::Registered | EvidenceStatus::Verified, Some(fresh_until))
                if context.today() > fresh_until =>
            {
                Ok(vec![Event::WentStale(WentStale { fresh_until })])
            }
            (EvidenceStatus::Registered | EvidenceStatus::Verified, _) => Err(Refusal::StillFresh),
        }
    }

    fn shredded(&self, input: Grounded, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == EvidenceStatus::Shredded {
            return Ok(Vec::new());
        }
        if self.legal_hold.is_some() {
            return Err(Refusal::UnderLegalHold);
        }
        if let Some(until) = self.file.retention_until.filter(|last| context.today() <= *last) {
            return Err(Refusal::UnderRetention { until });
        }
        let certificates = context.facts.all::<facts::Certificate>().into_iter();
        let mut relying = certificates.filter(|(_, c)| c.relies_on(&context.id));
        if let Some((_, active)) = relying.next() {
            return Err(Refusal::CertificateActive { number: active.number });
        }
        Ok(vec![Event::Shredded(input)])
    }
}
