//! Where data come from and what was done to them: a chain of steps joined by hashes (A.7.5).

use std::collections::BTreeMap;

use declare::{record, refusals};
use kernel::values::{Hash, Key, Line, Prose};
use kernel::{Context, Instant, UserId};

use super::{Dataset, Event, Refusal};

/// Most steps of a chain.
const STEPS_MAX: usize = 60;

/// One step on the way of the data.
#[record]
pub struct Step {
    /// Its place in the chain, from 1.
    pub order: u32,
    /// What was done.
    #[field(max = 100)]
    pub step: Line,
    /// From where, or to what.
    #[field(max = 160)]
    pub source: Line,
    /// Who or what did it.
    #[field(max = 200)]
    pub actor: Option<Prose>,
    /// When it was done.
    pub at: Instant,
    /// SHA-256 of what went in; of a first step, of what the source gave, where it is known.
    pub hash_in: Option<Hash>,
    /// SHA-256 of what came out.
    pub hash_out: Hash,
    /// Who recorded it.
    pub recorded_by: UserId,
}

/// A step as it is recorded.
#[record]
pub struct NewStep {
    /// What was done.
    #[field(max = 100)]
    pub step: Line,
    /// From where, or to what.
    #[field(max = 160)]
    pub source: Line,
    /// Who or what did it.
    #[field(max = 200)]
    pub actor: Option<Prose>,
    /// When it was done; not before the step before it.
    pub at: Instant,
    /// SHA-256 of what went in: what came out of the step before.
    pub hash_in: Option<Hash>,
    /// SHA-256 of what came out; of the last step, the data set's.
    pub hash_out: Hash,
}

/// Input of `record_provenance`.
#[record]
pub struct RecordProvenance {
    /// The next steps, in order.
    #[field(max = 60)]
    pub steps: Vec<NewStep>,
}

/// Steps were recorded.
#[record]
pub struct ProvenanceRecorded {
    /// The steps by their key.
    pub steps: BTreeMap<Key, Step>,
}

/// Why a chain is refused.
#[refusals]
pub enum ProvenanceRefusal {
    /// Name at least one step.
    #[refusal(rule = "ISO/IEC 42001 A.7.5")]
    NoStep {
        /// Where in the input.
        at: &'static str,
    },
    /// The chain is broken: this step must take in what the one before it gave, {end}.
    #[refusal(rule = "ISO/IEC 42001 A.7.5")]
    ChainBroken {
        /// Where the chain ends before this step.
        end: String,
        /// Where in the input.
        at: String,
    },
    /// The chain must end in the data set's hash, {hash}.
    #[refusal(rule = "ISO/IEC 42001 A.7.5")]
    EndsElsewhere {
        /// The data set's hash.
        hash: String,
        /// Where in the input.
        at: String,
    },
    /// The step is dated before the one that it follows, {before}.
    #[refusal(rule = "ISO/IEC 42001 A.7.5")]
    BeforeItsForerunner {
        /// When the step before was done.
        before: Instant,
        /// Where in the input.
        at: String,
    },
    /// The step is dated in the future.
    #[refusal(rule = "ISO/IEC 42001 A.7.5")]
    InTheFuture {
        /// Where in the input.
        at: String,
    },
    /// A chain takes at most {most} steps.
    #[refusal(conflict)]
    TooManySteps {
        /// The limit.
        most: usize,
    },
}

/// Keys sort in the order of the steps.
fn key_of(order: u32) -> Key {
    Key::new(format!("step_{order:02}"))
}

impl Step {
    /// Whether the same was recorded; who did it is sealed and not compared.
    fn is(&self, other: &NewStep) -> bool {
        let same_hashes = self.hash_in == other.hash_in && self.hash_out == other.hash_out;
        let same_words = self.step == other.step && self.source == other.source;
        same_hashes && same_words && self.at == other.at
    }
}

impl Dataset {
    fn last_step(&self) -> Option<&Step> {
        self.provenance.last_key_value().map(|(_, step)| step)
    }

    /// The hash in which the recorded steps end.
    pub(super) fn chain_end(&self) -> Option<&Hash> {
        self.last_step().map(|step| &step.hash_out)
    }

    /// Whether the recorded steps lead to the data set's content.
    pub(super) fn chain_is_complete(&self) -> bool {
        self.about.hash.is_some() && self.chain_end() == self.about.hash.as_ref()
    }

    pub(super) fn provenance_recorded(
        &self,
        input: RecordProvenance,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if input.steps.is_empty() {
            return Err(ProvenanceRefusal::NoStep { at: "/steps" }.into());
        }
        if self.has_at_its_end(&input.steps) {
            return Ok(Vec::new());
        }
        if self.provenance.len() + input.steps.len() > STEPS_MAX {
            return Err(ProvenanceRefusal::TooManySteps { most: STEPS_MAX }.into());
        }
        self.check_joined(&input.steps, context)?;
        let by = context.user();
        let first = self.last_step().map_or(1, |last| last.order + 1);
        let steps = (first..).zip(input.steps).map(|(order, new)| {
            let NewStep { step, source, actor, at, hash_in, hash_out } = new;
            let recorded_by = by.clone();
            let step = Step { order, step, source, actor, at, hash_in, hash_out, recorded_by };
            (key_of(order), step)
        });
        Ok(vec![Event::ProvenanceRecorded(ProvenanceRecorded { steps: steps.collect() })])
    }

    fn has_at_its_end(&self, steps: &[NewStep]) -> bool {
        let known = self.provenance.len().checked_sub(steps.len());
        known.is_some_and(|before| {
            self.provenance.values().skip(before).zip(steps).all(|(step, new)| step.is(new))
        })
    }

    fn check_joined(&self, steps: &[NewStep], context: &Context) -> Result<(), ProvenanceRefusal> {
        let mut before = self.last_step().map(|last| (last.at, &last.hash_out));
        for (n, step) in steps.iter().enumerate() {
            if step.at > context.now {
                return Err(ProvenanceRefusal::InTheFuture { at: format!("/steps/{n}/at") });
            }
            if let Some((time, end)) = before {
                if step.hash_in.as_ref() != Some(end) {
                    let (end, at) = (end.to_string(), format!("/steps/{n}/hashIn"));
                    return Err(ProvenanceRefusal::ChainBroken { end, at });
                }
                if step.at < time {
                    let (before, at) = (time, format!("/steps/{n}/at"));
                    return Err(ProvenanceRefusal::BeforeItsForerunner { before, at });
                }
            }
            before = Some((step.at, &step.hash_out));
        }
        match (&self.about.hash, before) {
            (Some(hash), Some((_, end))) if end != hash => {
                let at = format!("/steps/{}/hashOut", steps.len().saturating_sub(1));
                Err(ProvenanceRefusal::EndsElsewhere { hash: hash.to_string(), at })
            }
            (_, _) => Ok(()),
        }
    }
}
