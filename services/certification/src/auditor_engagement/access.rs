//! What the auditors of an engagement may read: services, systems, and what is withheld.

use std::collections::BTreeMap;

use declare::{record, words};
use kernel::kinds::{self, AiSystem, KINDS};
use kernel::values::{Anything, Key, Line, Prose, Ref};
use kernel::{Context, UserId};

use super::{AuditorEngagement, EngagementStatus, Event, Refusal};
use crate::sample::Sample;

/// Most objects and kinds that an engagement withholds.
const REDACTIONS_MAX: usize = 100;

/// Kinds whose objects are the auditors' own or say what they did: they cannot be withheld.
const NEVER_HIDDEN: [&str; 7] = [
    "auditor_engagement",
    "auditor_query",
    "sample",
    "audit_note",
    "certification_audit",
    "certificate",
    "audit_finding",
];

/// Which part of the records auditors may read.
#[record]
#[derive(Default)]
pub struct AccessScope {
    /// Services whose records are shown; all when it is empty.
    pub services: Vec<Service>,
    /// AI systems: of what is about a system, only what is about one of these is shown; all when it
    /// is empty.
    #[field(max = 50)]
    pub systems: Vec<Ref<AiSystem>>,
    /// Sites that are visited. Records are not kept by site: they hide nothing.
    #[field(max = 50)]
    pub sites: Vec<Line>,
}

/// Services that keep records of an organisation.
#[words]
pub enum Service {
    /// Members and their roles.
    Identity,
    /// Scope, policies, controls, audits and reviews.
    Governance,
    /// Risks, impact and privacy assessments.
    Risk,
    /// AI systems and their life.
    Lifecycle,
    /// Suppliers.
    Suppliers,
    /// Certification.
    Certification,
    /// Imports.
    Exchange,
}

/// Something withheld: one object, or all of a kind.
#[record]
pub struct Redaction {
    /// The object.
    pub object: Option<Ref<Anything>>,
    /// The kind, by its name (`incident`).
    pub object_kind: Option<Line>,
    /// Why it is withheld; auditors read that.
    pub reason: Prose,
    /// Who withheld it.
    pub by: UserId,
}

/// Input of `redact`, and of what is withheld from the start.
#[record]
pub struct Redact {
    /// The object.
    pub object: Option<Ref<Anything>>,
    /// The kind, by its name (`incident`).
    pub object_kind: Option<Line>,
    /// Why it is withheld; auditors read that.
    pub reason: Prose,
}

/// Something is withheld.
#[record]
pub struct Redacted {
    /// Key of the redaction.
    pub key: Key,
    /// The redaction.
    pub redaction: Redaction,
}

/// Input of `lift_redaction`.
#[record]
pub struct LiftRedaction {
    /// Key of the redaction.
    pub key: Key,
    /// Why it is shown again.
    pub reason: Prose,
}

/// Something is shown again.
#[record]
pub struct RedactionLifted {
    /// Key of the redaction.
    pub key: Key,
    /// Why.
    pub reason: Prose,
}

impl Redaction {
    /// Whether it withholds an object of a kind.
    pub fn covers(&self, kind: &str, id: &str) -> bool {
        let object = self.object.as_ref().is_some_and(|object| object.id() == id);
        object || self.object_kind.as_ref().is_some_and(|named| named.as_str() == kind)
    }
}

fn redaction(input: Redact, context: &Context) -> Result<Redaction, Refusal> {
    let Redact { object, object_kind, reason } = input;
    let kind = match (&object, &object_kind) {
        (Some(object), None) => kinds::kind_of_prefix(kernel::id::prefix_of(object.id())),
        (None, Some(name)) => KINDS.iter().find(|row| row.name == name.as_str()),
        (None, None) | (Some(_), Some(_)) => return Err(Refusal::ObjectOrKind { at: "/object" }),
    };
    let Some(kind) = kind else { return Err(Refusal::UnknownKind { at: "/objectKind" }) };
    if NEVER_HIDDEN.contains(&kind.name) {
        return Err(Refusal::CannotBeHidden { kind: kind.name.replace('_', " ") });
    }
    Ok(Redaction { object, object_kind, reason, by: context.user() })
}

/// What is withheld from the start, by key.
pub(super) fn keyed(
    redactions: Vec<Redact>,
    context: &Context,
) -> Result<BTreeMap<Key, Redaction>, Refusal> {
    let each = redactions
        .into_iter()
        .map(|input| Ok((context.new_key("redaction"), redaction(input, context)?)));
    each.collect()
}

impl AuditorEngagement {
    pub(super) fn redacted(&self, input: Redact, context: &Context) -> Result<Vec<Event>, Refusal> {
        let open =
            [EngagementStatus::Requested, EngagementStatus::Granted, EngagementStatus::Active];
        self.must_be(&open, "redacted")?;
        let redaction = redaction(input, context)?;
        let same = |known: &&Redaction| {
            known.object == redaction.object && known.object_kind == redaction.object_kind
        };
        if self.redactions.values().any(|known| same(&known)) {
            return Ok(Vec::new());
        }
        let samples = context.facts.all::<Sample>();
        let sampled = samples.iter().map(|(_, sample)| sample).find(|sample| {
            sample.stands_for(&context.id)
                && redaction.covers(sample.object_kind.as_str(), sample.object.id())
        });
        if let Some(sample) = sampled {
            return Err(Refusal::Sampled { object: sample.object.id().to_owned() });
        }
        if self.redactions.len() >= REDACTIONS_MAX {
            return Err(Refusal::TooManyRedactions { max: REDACTIONS_MAX });
        }
        let key = context.new_key("redaction");
        Ok(vec![Event::Redacted(Redacted { key, redaction })])
    }

    pub(super) fn redaction_lifted(&self, input: LiftRedaction) -> Result<Vec<Event>, Refusal> {
        let open =
            [EngagementStatus::Requested, EngagementStatus::Granted, EngagementStatus::Active];
        self.must_be(&open, "shown more")?;
        let LiftRedaction { key, reason } = input;
        if !self.redactions.contains_key(&key) {
            return Err(Refusal::NoSuchRedaction { key: key.as_str().to_owned(), at: "/key" });
        }
        Ok(vec![Event::RedactionLifted(RedactionLifted { key, reason })])
    }
}
