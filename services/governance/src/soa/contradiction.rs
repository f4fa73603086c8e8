//! Facts of the world that contradict an exclusion (domain model, 5.3).

use declare::record;
use kernel::values::{Anything, Key, Line, Number, Ref};
use kernel::{Context, Instant};

use super::{Event, Refusal, Soa};

/// A fact of the world that contradicts the exclusion of a control.
#[record]
pub struct Contradiction {
    /// The excluded control.
    pub control: Number,
    /// The fact, in words that name no person.
    pub fact: Line,
    /// The object that shows it.
    pub object: Option<Ref<Anything>>,
    /// Since when it has been so.
    pub since: Instant,
}

/// Input of `detect_contradiction`.
#[record]
pub struct Detect {
    /// A key that the finder derives from control and fact: one contradiction is found once.
    pub key: Key,
    /// The excluded control.
    pub control: Number,
    /// The fact, in words that name no person.
    pub fact: Line,
    /// The object that shows it.
    pub object: Option<Ref<Anything>>,
}

/// Input of `resolve_contradiction`.
#[record]
pub struct Resolve {
    /// Key of the contradiction.
    pub key: Key,
}

/// A fact was found to contradict an exclusion.
#[record]
pub struct ContradictionDetected {
    /// Key of the contradiction.
    pub key: Key,
    /// The contradiction.
    pub contradiction: Contradiction,
}

impl Detect {
    pub(super) fn decide(self, soa: &Soa, context: &Context) -> Result<Vec<Event>, Refusal> {
        let Self { key, control, fact, object } = self;
        if soa.contradictions.contains_key(&key) {
            return Ok(Vec::new());
        }
        let official = soa.effective_rows.as_ref();
        if !official.is_some_and(|rows| rows.excluded_controls.contains(&control)) {
            return Err(Refusal::NotExcluded { control: control.to_string() });
        }
        let since = context.effective.unwrap_or(context.now);
        let contradiction = Contradiction { control, fact, object, since };
        Ok(vec![Event::ContradictionDetected(ContradictionDetected { key, contradiction })])
    }
}
