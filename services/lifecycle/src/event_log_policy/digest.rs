//! Digests of parts of a log: proof that it was not changed afterwards, without its content.

use declare::{record, refusals};
use kernel::values::Hash;
use kernel::{Context, Instant};

use super::{Event, EventLogPolicy, Integrity, Refusal};

/// The digest of a part of a log.
#[record]
pub struct Digest {
    /// SHA-256 over the part and, in a chain, the digest before it.
    pub digest: Hash,
    /// The digest before it.
    pub previous: Option<Hash>,
    /// When its first entry was made at the earliest.
    pub covers_from: Instant,
    /// When its last entry was made at the latest.
    pub covers_to: Instant,
    /// How many entries it has.
    pub entries: u32,
    /// When it came.
    pub received_at: Instant,
}

/// Input of `receive_digest`.
#[record]
pub struct ReceiveDigest {
    /// SHA-256 over the part and, in a chain, the digest before it.
    pub digest: Hash,
    /// The digest before it; in a chain it must be the last one that came.
    pub previous: Option<Hash>,
    /// When its first entry was made at the earliest.
    pub covers_from: Instant,
    /// When its last entry was made at the latest.
    pub covers_to: Instant,
    /// How many entries it has.
    pub entries: u32,
}

/// A digest was recorded.
#[record]
pub struct LogDigestRecorded {
    /// The digest.
    pub digest: Digest,
}

/// Why a digest is refused.
#[refusals]
pub enum DigestRefusal {
    /// The chain is broken: the digest before this one must be {last}.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.8")]
    NotJoined {
        /// The last digest that came.
        last: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The part ends before it begins.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.8")]
    PartEndsBeforeItBegins {
        /// Where in the input.
        at: &'static str,
    },
    /// The part reaches into the future.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.8")]
    PartInTheFuture {
        /// Where in the input.
        at: &'static str,
    },
    /// The part begins before the last one ended, {last}.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.8")]
    PartsOverlap {
        /// When the last part ended.
        last: Instant,
        /// Where in the input.
        at: &'static str,
    },
}

impl Digest {
    fn is(&self, input: &ReceiveDigest) -> bool {
        let same_part = self.covers_from == input.covers_from && self.covers_to == input.covers_to;
        let same_hashes = self.digest == input.digest && self.previous == input.previous;
        same_part && same_hashes && self.entries == input.entries
    }
}

impl EventLogPolicy {
    pub(super) fn digest_received(
        &self,
        input: ReceiveDigest,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_on()?;
        if self.last_digest.as_ref().is_some_and(|last| last.is(&input)) {
            return Ok(Vec::new());
        }
        self.check_digest(&input, context)?;
        let ReceiveDigest { digest, previous, covers_from, covers_to, entries } = input;
        let received_at = context.now;
        let digest = Digest { digest, previous, covers_from, covers_to, entries, received_at };
        Ok(vec![Event::LogDigestRecorded(LogDigestRecorded { digest })])
    }

    fn check_digest(&self, input: &ReceiveDigest, context: &Context) -> Result<(), DigestRefusal> {
        if input.covers_to < input.covers_from {
            return Err(DigestRefusal::PartEndsBeforeItBegins { at: "/coversTo" });
        }
        if input.covers_to > context.now {
            return Err(DigestRefusal::PartInTheFuture { at: "/coversTo" });
        }
        let Some(last) = &self.last_digest else { return Ok(()) };
        if input.covers_from < last.covers_to {
            let last = last.covers_to;
            return Err(DigestRefusal::PartsOverlap { last, at: "/coversFrom" });
        }
        let joined = input.previous.as_ref() == Some(&last.digest);
        match self.content.integrity {
            Integrity::HashChain if !joined => {
                let last = last.digest.to_string();
                Err(DigestRefusal::NotJoined { last, at: "/previous" })
            }
            Integrity::HashChain | Integrity::Worm => Ok(()),
        }
    }

    pub(super) fn evolve_digest(&mut self, event: LogDigestRecorded) {
        self.digests = self.digests.saturating_add(1);
        self.last_heartbeat = Some(event.digest.received_at);
        self.last_digest = Some(event.digest);
    }
}
