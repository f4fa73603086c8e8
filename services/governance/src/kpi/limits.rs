//! The limits of a KPI: what is aimed at, from where on it is at risk, and what is a breach.

use declare::record;
use kernel::values::{Key, Prose};
use kernel::{Context, Date, Decimal, Instant, UserId};

use super::{Direction, Event, Frequency, Kpi, Refusal, Standing};

/// How many sets of approved limits are kept.
const KEPT: usize = 20;

/// Limits of a KPI.
#[record]
#[derive(Copy, Eq, Default)]
pub struct Bounds {
    /// What is aimed at.
    pub target: Decimal,
    /// Worse than this is at risk.
    pub warn: Decimal,
    /// Worse than this is a breach.
    pub breach: Decimal,
}

/// Approved limits.
#[record]
pub struct Limits {
    /// First day of the first period for which they count.
    pub from: Date,
    /// The limits.
    #[field(flatten)]
    pub bounds: Bounds,
    /// Who proposed them.
    pub proposed_by: UserId,
    /// Who approved them.
    pub approved_by: UserId,
    /// When.
    pub approved_at: Instant,
}

/// Limits that wait for approval.
#[record]
pub struct Proposal {
    /// First day of the first period for which they are to count.
    pub from: Date,
    /// The limits.
    #[field(flatten)]
    pub bounds: Bounds,
    /// Who proposed them.
    pub by: UserId,
    /// Why they are to change.
    pub reason: Option<Prose>,
}

/// Input of `propose_limits`.
#[record]
pub struct ProposeLimits {
    /// A day of the first period for which they are to count.
    pub from: Date,
    /// What is aimed at.
    pub target: Decimal,
    /// Worse than this is at risk; the target when left out.
    pub warn: Option<Decimal>,
    /// Worse than this is a breach.
    pub breach: Decimal,
    /// Why they are to change.
    pub reason: Option<Prose>,
}

/// Other limits were proposed.
#[record]
pub struct LimitsProposed {
    /// The limits.
    pub proposal: Proposal,
}

/// Limits were approved.
#[record]
pub struct Approved {
    /// Their number, from 1.
    pub version: u32,
    /// The limits.
    pub limits: Limits,
}

impl Direction {
    /// Whether a value is worse than a limit; equal is not.
    pub(super) fn is_worse(self, value: Decimal, limit: Decimal) -> bool {
        match self {
            Direction::Higher => value < limit,
            Direction::Lower => value > limit,
        }
    }
}

impl Frequency {
    fn months(self) -> u32 {
        match self {
            Frequency::Monthly => 1,
            Frequency::Quarterly => 3,
            Frequency::HalfYearly => 6,
            Frequency::Yearly => 12,
        }
    }

    /// First day of the period in which a day lies.
    pub(super) fn period_of(self, day: Date) -> Date {
        day.period_start(self.months())
    }

    /// First day of the period after the one that begins on this day.
    pub(super) fn after(self, period: Date) -> Date {
        period.plus_months(i64::from(self.months()))
    }
}

impl Bounds {
    /// How a value stands by them.
    pub(super) fn judge(&self, direction: Direction, value: Decimal) -> Standing {
        if direction.is_worse(value, self.breach) {
            Standing::Breached
        } else if direction.is_worse(value, self.warn) {
            Standing::AtRisk
        } else {
            Standing::OnTarget
        }
    }
}

impl Standing {
    /// In words.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Standing::NotMeasured => "not measured",
            Standing::OnTarget => "on target",
            Standing::AtRisk => "at risk",
            Standing::Breached => "breached",
        }
    }
}

impl ProposeLimits {
    /// The limits as they wait for approval, once they make sense.
    pub(super) fn proposal(
        self,
        direction: Direction,
        frequency: Frequency,
        context: &Context,
    ) -> Result<Proposal, Refusal> {
        let Self { from, target, warn, breach, reason } = self;
        let warn = warn.unwrap_or(target);
        if direction.is_worse(target, warn) {
            return Err(Refusal::LimitsOutOfOrder { at: "/warn" });
        }
        if direction.is_worse(warn, breach) {
            return Err(Refusal::LimitsOutOfOrder { at: "/breach" });
        }
        let (from, bounds) = (frequency.period_of(from), Bounds { target, warn, breach });
        Ok(Proposal { from, bounds, by: context.user(), reason })
    }
}

impl Kpi {
    /// The approved limits that count for a period, with their number.
    pub(super) fn limits_of(&self, period: Date) -> Option<(&Key, &Limits)> {
        let count = self.limits.iter().filter(|(_, limits)| limits.from <= period);
        count.max_by_key(|(_, limits)| (limits.from, limits.approved_at))
    }

    pub(super) fn limits_proposed(
        &self,
        input: ProposeLimits,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_active()?;
        let proposal = input.proposal(self.direction, self.frequency, context)?;
        if let Some(from) = self.earliest(context).filter(|earliest| proposal.from < *earliest) {
            return Err(Refusal::LimitsLookBack { from, at: "/from" });
        }
        Ok(vec![Event::LimitsProposed(LimitsProposed { proposal })])
    }

    /// The first period that other limits may judge: one that has not ended and was not measured.
    /// The first limits of all may judge any, since nothing was judged before.
    fn earliest(&self, context: &Context) -> Option<Date> {
        if self.limits.is_empty() {
            return None;
        }
        let running = self.frequency.period_of(context.today());
        let unmeasured = self.last_period.map(|last| self.frequency.after(last));
        Some(unmeasured.unwrap_or(running).max(running))
    }

    pub(super) fn approved(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be_active()?;
        let Some(proposal) = self.proposal.clone() else { return Err(Refusal::NothingProposed) };
        let (approved_by, approved_at) = (context.user(), context.now);
        if proposal.by == approved_by {
            return Err(Refusal::ApproverIsAuthor);
        }
        if let Some(from) = self.earliest(context).filter(|earliest| proposal.from < *earliest) {
            return Err(Refusal::ProposalOvertaken { from });
        }
        let Proposal { from, bounds, by: proposed_by, .. } = proposal;
        let limits = Limits { from, bounds, proposed_by, approved_by, approved_at };
        let version = self.limits_version + 1;
        Ok(vec![Event::LimitsApproved(Approved { version, limits })])
    }

    pub(super) fn take_limits(&mut self, event: Approved) {
        let Approved { version, limits } = event;
        (self.proposal, self.limits_version) = (None, version);
        self.limits.insert(Key::new(format!("v{version}")), limits);
        while self.limits.len() > KEPT {
            let oldest = self.limits.iter().min_by_key(|(_, limits)| limits.approved_at);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { break };
            self.limits.remove(&oldest);
        }
    }
}
