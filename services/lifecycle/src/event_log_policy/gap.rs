//! Gaps: times of which the log has no entries though it should.

use declare::{record, refusals};
use kernel::values::Prose;
use kernel::{Context, Instant};

use super::{Event, EventLogPolicy, LogPolicyStatus, Refusal};

/// The gap that is open.
#[record]
pub struct Gap {
    /// Since when entries are missing.
    pub from: Instant,
    /// Until when, where that is known.
    pub to: Option<Instant>,
    /// When it was found first.
    pub detected_at: Instant,
}

/// Input of `detect_gap`.
#[record]
pub struct DetectGap {
    /// Since when entries are missing.
    pub from: Instant,
    /// Until when, where that is known.
    pub to: Option<Instant>,
}

/// Input of `close_gap`.
#[record]
pub struct CloseGap {
    /// Until when entries were missing.
    pub to: Instant,
    /// Why they were.
    pub cause: Option<Prose>,
}

/// Entries are missing.
#[record]
pub struct LogGapDetected {
    /// The gap; one that reaches further takes the place of the one that was known.
    pub gap: Gap,
}

/// Entries come again.
#[record]
pub struct LogGapClosed {
    /// Since when they were missing.
    pub from: Instant,
    /// Until when.
    pub to: Instant,
    /// Why.
    pub cause: Option<Prose>,
}

/// Why a gap is refused.
#[refusals]
pub enum GapRefusal {
    /// The gap lies in the future.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.8")]
    InTheFuture {
        /// Where in the input.
        at: &'static str,
    },
    /// The gap ends before it begins.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.8")]
    EndsBeforeItBegins {
        /// Where in the input.
        at: &'static str,
    },
    /// The gap begins before logging was on, {since}.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.8")]
    BeforeActivation {
        /// Since when logging is on.
        since: Instant,
        /// Where in the input.
        at: &'static str,
    },
}

fn check_span(from: Instant, to: Option<Instant>, context: &Context) -> Result<(), GapRefusal> {
    if from > context.now {
        return Err(GapRefusal::InTheFuture { at: "/from" });
    }
    match to {
        Some(to) if to > context.now => Err(GapRefusal::InTheFuture { at: "/to" }),
        Some(to) if to < from => Err(GapRefusal::EndsBeforeItBegins { at: "/to" }),
        Some(_) | None => Ok(()),
    }
}

impl Gap {
    /// Whether it covers this span.
    fn covers(&self, span: &DetectGap) -> bool {
        let reaches = match (self.to, span.to) {
            (None, _) => true,
            (Some(end), Some(to)) => to <= end,
            (Some(_), None) => false,
        };
        self.from <= span.from && reaches
    }
}

impl EventLogPolicy {
    /// A gap that is found again reaches as far as both.
    pub(super) fn gap_detected(
        &self,
        input: &DetectGap,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_on()?;
        check_span(input.from, input.to, context)?;
        if let Some(since) = self.activated_at.filter(|since| input.from < *since) {
            return Err(GapRefusal::BeforeActivation { since, at: "/from" }.into());
        }
        let gap = match &self.gap {
            Some(known) if known.covers(input) => return Ok(Vec::new()),
            Some(known) => Gap {
                from: known.from.min(input.from),
                to: known.to.zip(input.to).map(|(one, other)| one.max(other)),
                detected_at: known.detected_at,
            },
            None => Gap { from: input.from, to: input.to, detected_at: context.now },
        };
        Ok(vec![Event::LogGapDetected(LogGapDetected { gap })])
    }

    pub(super) fn gap_closed(
        &self,
        input: CloseGap,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_on()?;
        let Some(gap) = &self.gap else { return Ok(Vec::new()) };
        check_span(gap.from, Some(input.to), context)?;
        let CloseGap { to, cause } = input;
        Ok(vec![Event::LogGapClosed(LogGapClosed { from: gap.from, to, cause })])
    }

    pub(super) fn evolve_gap(&mut self, event: LogGapDetected) {
        if self.gap.is_none() {
            self.gaps = self.gaps.saturating_add(1);
        }
        self.status = LogPolicyStatus::Gap;
        self.gap = Some(event.gap);
    }
}
