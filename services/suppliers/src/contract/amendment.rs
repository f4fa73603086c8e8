//! Amendments: written by one, signed by another.

use declare::record;
use kernel::approval::content_hash;
use kernel::values::{Hash, Line, Prose};
use kernel::{Context, Instant, UserId};

use super::{Content, Contract, Event, Refusal};

/// An amendment that waits to be signed.
#[record]
pub struct Amendment {
    /// What the contract is to say.
    pub content: Content,
    /// Why.
    pub reason: Prose,
    /// Who wrote it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Input of `propose_amendment`.
#[record]
pub struct ProposeAmendment {
    /// What the contract is to say: the whole of it.
    pub content: Content,
    /// Why.
    pub reason: Prose,
}

/// Input of `amend`.
#[record]
pub struct Amend {
    /// The hash of the document that the signer saw; refused when another was written.
    pub document_hash: Option<Hash>,
}

/// Input of `drop_amendment`.
#[record]
pub struct DropAmendment {
    /// Why it is given up.
    pub reason: Prose,
}

/// The amendment was signed.
#[record]
pub struct Amended {
    /// What the contract says from now on.
    pub content: Content,
    /// Who wrote the amendment.
    pub written_by: UserId,
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

/// The amendment was given up.
#[record]
pub struct AmendmentDropped {
    /// Why.
    pub reason: Prose,
    /// Who gave it up.
    pub by: UserId,
}

impl Contract {
    pub(super) fn amendment_proposed(
        &self,
        input: ProposeAmendment,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if !self.status.holds() {
            return Err(self.wrong("amended"));
        }
        let ProposeAmendment { content, reason } = input;
        content.check()?;
        if content == self.content {
            return Err(Refusal::AmendsNothing { at: "/content" });
        }
        let (by, at) = (context.user(), context.now);
        Ok(vec![Event::AmendmentProposed(Amendment { content, reason, by, at })])
    }

    pub(super) fn amended(
        &self,
        input: &super::Amend,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if !self.status.holds() {
            return Err(self.wrong("amended"));
        }
        let Some(amendment) = &self.amendment else { return Err(Refusal::NoAmendment) };
        let content = amendment.content.clone();
        if input.document_hash.as_ref().is_some_and(|seen| *seen != content.document_hash) {
            return Err(Refusal::DocumentChanged { at: "/documentHash" });
        }
        let author = std::slice::from_ref(&amendment.by);
        let (clock_rule, clock_hours) = self.check_agreement(&content, author, context)?.unzip();
        Ok(vec![Event::Amended(Amended {
            content_hash: content_hash(&content),
            content,
            written_by: amendment.by.clone(),
            by: context.user(),
            at: context.now,
            clock_rule,
            clock_hours,
        })])
    }

    pub(super) fn amendment_dropped(&self, input: DropAmendment, context: &Context) -> Vec<Event> {
        let (reason, by) = (input.reason, context.user());
        let dropped = self.amendment.as_ref().map(|_| AmendmentDropped { reason, by });
        dropped.map(Event::AmendmentDropped).into_iter().collect()
    }
}
