//! A key performance indicator of an objective (G-07; ISO/IEC 42001 6.2, 9.1).
//!
//! ```text
//!           define              approve            record_measurement
//!   (none) ────────► proposed ──────────► measured by ────────────────► OnTarget ⇄ AtRisk
//!                    limits      ▲        limits                              ⇅      ⇅
//!                                │          │                                 Breached
//!                                └──────────┘ propose_limits
//!                                             retire ──► Retired
//! ```
//!
//! A measurement belongs to a calendar period. Limits have a first period and count from it on:
//! what was measured is judged for ever by the limits of its period. The document keeps the newest
//! 36 periods and 20 sets of limits; older ones stand in its history.

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds;
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Date, Decimal, Fact, Need, Role, UserId};

pub use self::limits::{Approved, Bounds, Limits, LimitsProposed, Proposal, ProposeLimits};
pub use self::measurement::{Breached, Measured, Measurement, RecordMeasurement, Recovered};
pub use self::refusal::Refusal;

mod limits;
mod measurement;
mod refusal;
#[cfg(test)]
mod tests;

/// By what an objective is measured.
#[record]
#[derive(Default)]
pub struct Kpi {
    /// The objective.
    #[field(index)]
    pub objective: Ref<kinds::Objective>,
    /// Its name.
    #[field(search, correctable)]
    pub name: Line,
    /// The unit of its values.
    #[field(correctable)]
    pub unit: Line,
    /// Which values are better.
    pub direction: Direction,
    /// How long a period is.
    pub frequency: Frequency,
    /// The monitor that measures it; people do where there is none.
    pub monitor: Option<Ref<kinds::Monitor>>,
    /// The limits that wait for approval.
    pub proposal: Option<Proposal>,
    /// The approved limits, `v1` and so on; the newest twenty.
    pub limits: BTreeMap<Key, Limits>,
    /// Number of the newest approved limits.
    pub limits_version: u32,
    /// What was measured, by the first day of its period; the newest 36 periods.
    pub measurements: BTreeMap<Key, Measurement>,
    /// First day of the newest period that was measured.
    #[field(index)]
    pub last_period: Option<Date>,
    /// The value of that period.
    #[field(index)]
    pub last_value: Option<Decimal>,
    /// How it stands by that value.
    #[field(index)]
    pub standing: Standing,
    /// In how many periods in a row it has been breached.
    pub breached_periods: u32,
    /// Whether its objective is about safety or fairness: a single breach counts then.
    pub is_safety_or_fairness: bool,
    /// Whether it is still measured.
    #[field(index)]
    pub status: KpiStatus,
}

/// Which values of a KPI are better.
#[words]
#[derive(Default)]
pub enum Direction {
    /// High ones.
    #[default]
    Higher,
    /// Low ones.
    Lower,
}

/// How long the period of a measurement is.
#[words]
#[derive(Default)]
pub enum Frequency {
    /// A month.
    #[default]
    Monthly,
    /// Three months.
    Quarterly,
    /// Six months.
    HalfYearly,
    /// A year.
    Yearly,
}

/// How a KPI stands.
#[words]
#[derive(Default)]
pub enum Standing {
    /// Nothing was measured.
    #[default]
    NotMeasured,
    /// Not worse than the limit of warning.
    OnTarget,
    /// Worse than that, not worse than the limit of breach.
    AtRisk,
    /// Worse than that.
    Breached,
}

/// Whether a KPI is still measured.
#[words]
#[derive(Default)]
pub enum KpiStatus {
    /// It is.
    #[default]
    Active,
    /// It is not any more.
    Retired,
}

/// Input of `define`.
#[record]
pub struct Define {
    /// The objective.
    pub objective: Ref<kinds::Objective>,
    /// Its name.
    pub name: Line,
    /// The unit of its values, such as `ratio` or `%`.
    pub unit: Line,
    /// Which values are better.
    pub direction: Direction,
    /// How long a period is.
    pub frequency: Frequency,
    /// The monitor that measures it; people do when it is left out.
    pub monitor: Option<Ref<kinds::Monitor>>,
    /// Its first limits.
    #[field(flatten)]
    pub limits: ProposeLimits,
}

/// Input of `retire`, and what was recorded of it.
#[record]
pub struct RetireKpi {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Defines a KPI of an objective; its limits count once they are approved.
    #[command(by(Am), emits(Defined), creates)]
    Define(Define),
    /// Proposes other limits from a later period on.
    #[command(by(Am), emits(LimitsProposed))]
    ProposeLimits(ProposeLimits),
    /// Approves the proposed limits.
    #[command(by(Tm), emits(LimitsApproved), if_match)]
    Approve,
    /// Records what was measured for a period.
    #[command(by(Ops, Sys), emits(Measured, Breached, Recovered))]
    RecordMeasurement(RecordMeasurement),
    /// Says that it is no longer measured.
    #[command(by(Am), emits(Retired))]
    Retire(RetireKpi),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// A KPI was defined.
#[record]
pub struct Defined {
    /// The objective.
    pub objective: Ref<kinds::Objective>,
    /// Its name.
    pub name: Line,
    /// The unit of its values.
    pub unit: Line,
    /// Which values are better.
    pub direction: Direction,
    /// How long a period is.
    pub frequency: Frequency,
    /// The monitor that measures it.
    pub monitor: Option<Ref<kinds::Monitor>>,
    /// Its first limits.
    pub proposal: Proposal,
    /// Whether its objective is about safety or fairness.
    pub is_safety_or_fairness: bool,
    /// Who defined it.
    pub by: UserId,
}

/// What can have happened.
#[events(kind = "kpi")]
#[allow(clippy::large_enum_variant, reason = "events are held one or two at a time")]
pub enum Event {
    /// A KPI was defined.
    Defined(Defined),
    /// Other limits were proposed.
    LimitsProposed(LimitsProposed),
    /// The proposed limits count from their first period on.
    LimitsApproved(Approved),
    /// A value was measured for a period.
    Measured(Measured),
    /// The value of a period is worse than the limit of breach.
    Breached(Breached),
    /// It is breached no more.
    Recovered(Recovered),
    /// It is no longer measured.
    Retired(RetireKpi),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(Kpi, "kpi", Command, Event, Refusal);

impl Fact for Kpi {
    const KIND: &'static str = "kpi";
}

impl Domain for Kpi {
    const ABOUT: About = About {
        kind: "kpi",
        doc: "By what an objective is measured, and what was measured. The newest 36 periods are \
              kept in sight; older ones stand in the history.",
        clauses: &["6.2", "9.1"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        let object = |id: &str| Need::Object(id.to_owned());
        match command {
            Command::Define(input) => vec![object(input.objective.id())],
            Command::RecordMeasurement(input) => {
                let evidence = input.evidence.iter().map(|evidence| object(evidence.id()));
                evidence.chain([object(self.objective.id())]).collect()
            }
            Command::ProposeLimits(_)
            | Command::Approve
            | Command::Retire(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Define(input) => Self::defined(input, context),
            Command::ProposeLimits(input) => self.limits_proposed(input, context),
            Command::Approve => self.approved(context),
            Command::RecordMeasurement(input) => self.measured(input, context),
            Command::Retire(input) => {
                let retired = self.status == KpiStatus::Retired;
                Ok(if retired { Vec::new() } else { vec![Event::Retired(input)] })
            }
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Defined(e) => self.take_definition(e),
            Event::LimitsProposed(e) => self.proposal = Some(e.proposal),
            Event::LimitsApproved(e) => self.take_limits(e),
            Event::Measured(e) => self.take_measurement(e),
            Event::Breached(_) | Event::Recovered(_) => {}
            Event::Retired(_) => self.status = KpiStatus::Retired,
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl Kpi {
    /// Whether it counts: it is active and has approved limits.
    pub(crate) fn is_measured(&self) -> bool {
        self.status == KpiStatus::Active && !self.limits.is_empty()
    }

    fn must_be_active(&self) -> Result<(), Refusal> {
        match self.status {
            KpiStatus::Active => Ok(()),
            KpiStatus::Retired => Err(Refusal::IsRetired),
        }
    }

    fn defined(input: Define, context: &Context) -> Result<Vec<Event>, Refusal> {
        let Define { objective, name, unit, direction, frequency, monitor, limits } = input;
        let known = context.facts.get::<facts::Objective>(objective.id());
        if known.as_ref().is_none_or(facts::Objective::is_closed) {
            return Err(Refusal::ObjectiveClosed { at: "/objective" });
        }
        let proposal = limits.proposal(direction, frequency, context)?;
        let is_safety_or_fairness = known.is_some_and(|known| known.is_about_people());
        let by = context.user();
        Ok(vec![Event::Defined(Defined {
            objective,
            name,
            unit,
            direction,
            frequency,
            monitor,
            proposal,
            is_safety_or_fairness,
            by,
        })])
    }

    fn take_definition(&mut self, event: Defined) {
        self.objective = event.objective;
        (self.name, self.unit) = (event.name, event.unit);
        (self.direction, self.frequency) = (event.direction, event.frequency);
        (self.monitor, self.proposal) = (event.monitor, Some(event.proposal));
        self.is_safety_or_fairness = event.is_safety_or_fairness;
    }
}
