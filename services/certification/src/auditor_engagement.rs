//! An engagement of a certification body's auditors: their time-boxed access to the records (G-19;
//! ISO/IEC 42001 9.2, ISO/IEC 17021-1).
//!
//! ```text
//!           request             grant            activate           expire
//!   (none) ─────────► Requested ─────► Granted ──────────► Active ─────────► Expired
//!                         │               │ ▲ extend, redact │ ▲
//!                         │               │ └─┘              │ └─┘
//!                         └───────────────┴─────── revoke ───┴─────────────► Revoked
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::context::LogPoint;
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds;
use kernel::values::{Key, Line, Prose, Pseudonym, Ref};
use kernel::{Context, Date, Fact, Instant, Need, Role, UserId};

use crate::certification_body::Rules;

pub use self::access::{
    AccessScope, LiftRedaction, Redact, Redacted, Redaction, RedactionLifted, Service,
};
pub use self::course::{
    Activated, Expired, Extend, Extended, Extension, Granted, Request, Revoke, Revoked, Window,
};
pub use self::refusal::Refusal;

mod access;
mod course;
mod refusal;
#[cfg(test)]
mod tests;

/// Who of a body may read what, when and up to which point; and who let them.
#[record]
#[derive(Default)]
pub struct AuditorEngagement {
    /// What was asked for, as it stands now.
    #[field(flatten)]
    pub terms: Terms,
    /// What the installation's log said of the body when it was asked for or granted.
    #[field(flatten)]
    pub copied: Copied,
    /// Where it stands.
    #[field(index)]
    pub status: EngagementStatus,
    /// What is not shown, and why.
    pub redactions: BTreeMap<Key, Redaction>,
    /// Who asked for it.
    pub requested_by: UserId,
    /// Who granted it.
    pub granted_by: Option<UserId>,
    /// When it was granted.
    pub granted_at: Option<Instant>,
    /// How often it was extended, and until when each time.
    pub extensions: BTreeMap<Key, Extension>,
    /// Why it was revoked.
    pub revocation: Option<Prose>,
}

impl Fact for AuditorEngagement {
    const KIND: &'static str = "auditor_engagement";
}

/// What an engagement is to be.
#[record]
#[derive(Default)]
pub struct Terms {
    /// The certification body.
    #[field(index)]
    pub body: Ref<kinds::CertificationBody>,
    /// Its auditors who may read, and write findings, notes and samples.
    #[field(max = 20)]
    pub auditors: Vec<Pseudonym>,
    /// For which audit.
    #[field(index)]
    pub audit_kind: AuditKind,
    /// Whether it is under the body's accreditation.
    pub accredited: bool,
    /// When they may read.
    pub window: Window,
    /// Nothing that is recorded later is shown to them; everything while it is left out.
    pub as_of_ceiling: Option<Instant>,
    /// Which part of the records they may read.
    pub scope: AccessScope,
    /// What it is for.
    #[field(correctable)]
    pub purpose: Prose,
}

/// Kinds of audits by a certification body.
#[words]
#[derive(Default)]
pub enum AuditKind {
    /// Documents and readiness.
    #[default]
    Stage1,
    /// Implementation and effectiveness.
    Stage2,
    /// Between certification and recertification.
    Surveillance,
    /// Before the certificate ends.
    Recertification,
    /// On an occasion: an extension of scope, or at short notice.
    Special,
}

/// Facts of the installation's log, copied.
#[record]
#[derive(Default)]
pub struct Copied {
    /// Name of the body.
    pub body_name: Line,
    /// Its accreditation: by whom, under which number.
    pub accreditation: Option<Line>,
    /// How it deals with nonconformities.
    pub rules: Rules,
    /// Names of the people concerned, by user id.
    pub people: BTreeMap<Key, Named>,
    /// Where that was read.
    pub seen: LogPoint,
}

/// Somebody by name.
#[record]
pub struct Named {
    /// His name.
    pub name: Prose,
}

/// Where an engagement stands.
#[words]
#[derive(Default)]
pub enum EngagementStatus {
    /// Top management has not decided.
    #[default]
    Requested,
    /// It is granted; its auditors may read inside the window.
    Granted,
    /// Its window has begun.
    Active,
    /// Its window is over.
    Expired,
    /// It was ended or turned down.
    Revoked,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Asks for access for a body's auditors.
    #[command(by(Am), emits(Requested), creates)]
    Request(Request),
    /// Grants it: from then on tokens can be made out for its auditors.
    #[command(by(Tm), emits(Granted), if_match)]
    Grant,
    /// Lengthens the window by at most 30 days, or shows more by a later ceiling.
    #[command(by(Tm), emits(Extended), if_match)]
    Extend(Extend),
    /// Withholds an object or a kind, visibly and with the reason.
    #[command(by(Tm), emits(Redacted))]
    Redact(Redact),
    /// Shows again what was withheld.
    #[command(by(Tm), emits(RedactionLifted))]
    LiftRedaction(LiftRedaction),
    /// Says that the window has begun.
    #[command(by(Sys), emits(Activated))]
    Activate,
    /// Says that the window is over.
    #[command(by(Sys), emits(Expired))]
    Expire,
    /// Ends the engagement, or turns it down; its tokens are worth nothing from then on.
    #[command(by(Tm, Cba), emits(Revoked))]
    Revoke(Revoke),
    /// Corrects an earlier event.
    #[command(by(Am, Tm), emits(Corrected))]
    Correct(Correct),
}

/// Access was asked for.
#[record]
pub struct Requested {
    /// What was asked for.
    pub terms: Terms,
    /// What the installation's log said of the body.
    pub copied: Copied,
    /// What is not shown.
    pub redactions: BTreeMap<Key, Redaction>,
    /// Who asked.
    pub by: UserId,
}

/// What can have happened.
#[events(kind = "auditor_engagement")]
pub enum Event {
    /// Access was asked for.
    Requested(Requested),
    /// It was granted.
    Granted(Granted),
    /// Its window was lengthened, or more is shown.
    Extended(Extended),
    /// Something is withheld.
    Redacted(Redacted),
    /// Something is shown again.
    RedactionLifted(RedactionLifted),
    /// Its window has begun.
    Activated(Activated),
    /// Its window is over.
    Expired(Expired),
    /// It was ended or turned down.
    Revoked(Revoked),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(AuditorEngagement, "auditor_engagement", Command, Event, Refusal);

impl Domain for AuditorEngagement {
    const ABOUT: About = About {
        kind: "auditor_engagement",
        doc: "Time-boxed access of a certification body's auditors.",
        clauses: &["7.5.3", "9.2.1"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, context: &Context) -> Vec<Need> {
        match command {
            Command::Request(input) => Self::needed(&input.terms),
            Command::Grant => Self::needed(&self.terms),
            Command::Redact(_) => {
                vec![Need::Where("sample", "engagement", context.id.clone())]
            }
            Command::Extend(_)
            | Command::LiftRedaction(_)
            | Command::Activate
            | Command::Expire
            | Command::Revoke(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Request(input) => self.requested(input, context),
            Command::Grant => self.granted(context),
            Command::Extend(input) => self.extended(input, context),
            Command::Redact(input) => self.redacted(input, context),
            Command::LiftRedaction(input) => self.redaction_lifted(input),
            Command::Activate => self.activated(context),
            Command::Expire => self.expired(context),
            Command::Revoke(input) => self.revoked(input, context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Requested(e) => {
                let Requested { terms, copied, redactions, by: requested_by } = e;
                *self = Self { terms, copied, redactions, requested_by, ..Self::default() };
            }
            Event::Granted(e) => {
                self.status = EngagementStatus::Granted;
                self.granted_by = Some(e.by);
                self.granted_at = Some(e.at);
                self.copied = e.copied;
            }
            Event::Extended(e) => {
                self.terms.window.to = e.extension.to;
                self.terms.as_of_ceiling = e.extension.as_of_ceiling;
                self.extensions.insert(e.key, e.extension);
            }
            Event::Redacted(e) => {
                self.redactions.insert(e.key, e.redaction);
            }
            Event::RedactionLifted(e) => {
                self.redactions.remove(&e.key);
            }
            Event::Activated(_) => self.status = EngagementStatus::Active,
            Event::Expired(_) => self.status = EngagementStatus::Expired,
            Event::Revoked(e) => {
                self.status = EngagementStatus::Revoked;
                self.revocation = Some(e.reason);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl AuditorEngagement {
    /// Whether it is granted and not ended.
    pub fn is_granted(&self) -> bool {
        match self.status {
            EngagementStatus::Granted | EngagementStatus::Active => true,
            EngagementStatus::Requested | EngagementStatus::Expired | EngagementStatus::Revoked => {
                false
            }
        }
    }

    /// Whether its auditors may read and write on a day.
    pub fn is_open_on(&self, day: Date) -> bool {
        self.is_granted() && self.terms.window.from <= day && day <= self.terms.window.to
    }

    /// Whether it has come to its end by a day.
    pub fn is_over_on(&self, day: Date) -> bool {
        match self.status {
            EngagementStatus::Expired | EngagementStatus::Revoked => true,
            EngagementStatus::Requested | EngagementStatus::Granted | EngagementStatus::Active => {
                self.terms.window.to < day
            }
        }
    }
}
