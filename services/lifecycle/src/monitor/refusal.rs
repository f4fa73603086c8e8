//! What a monitor refuses.

use declare::refusals;
use kernel::Instant;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The system is retired: there is nothing to watch.
    SystemRetired {
        /// Where in the input.
        at: &'static str,
    },
    /// A post-market monitoring plan is a document or technical documentation.
    #[refusal(rule = "EU AI Act Art. 72")]
    NoPlan {
        /// Where in the input.
        at: &'static str,
    },
    /// A monitor measures at least one metric.
    #[refusal(rule = "ISO/IEC 42001 9.1")]
    NothingMeasured {
        /// Where in the input.
        at: &'static str,
    },
    /// {worse} must lie {side} {milder}: it is the worse of the two.
    #[refusal(rule = "ISO/IEC 42001 9.1")]
    ThresholdsOutOfOrder {
        /// The worse threshold.
        worse: &'static str,
        /// The milder one.
        milder: &'static str,
        /// On which side the worse one lies.
        side: &'static str,
        /// Where in the input.
        at: String,
    },
    /// A window is at least one unit and at most a year long.
    WindowTooLongOrShort {
        /// Where in the input.
        at: String,
    },
    /// A window without observations cannot be judged: minN is at least 1.
    NoObservationsNeeded {
        /// Where in the input.
        at: String,
    },
    /// There is another metric {key} already.
    #[refusal(conflict)]
    KeyTaken {
        /// The key.
        key: String,
        /// Where in the input.
        at: &'static str,
    },
    /// A monitor has at most {max} metrics.
    #[refusal(conflict)]
    TooManyMetrics {
        /// How many.
        max: usize,
        /// Where in the input.
        at: &'static str,
    },
    /// There is no metric {metric}.
    UnknownMetric {
        /// The key.
        metric: String,
        /// Where in the input.
        at: String,
    },
    /// A point cannot lie in the future: at most five minutes, until {latest}.
    FromTheFuture {
        /// The latest time.
        latest: Instant,
        /// Where in the input.
        at: String,
    },
    /// The point comes too late: {metric} takes points from {earliest} on.
    TooLate {
        /// The metric.
        metric: String,
        /// The earliest time.
        earliest: Instant,
        /// Where in the input.
        at: String,
    },
    /// A point stands for at least one observation.
    NothingObserved {
        /// Where in the input.
        at: String,
    },
    /// The window's sum or number of observations would have more than 12 digits before the point.
    SumOutOfRange {
        /// Where in the input.
        at: String,
    },
    /// The monitor is paused until {until} and takes no measurements.
    #[refusal(conflict)]
    MonitorPaused {
        /// The end of the pause.
        until: Instant,
    },
    /// The monitor is closed.
    #[refusal(conflict)]
    MonitorClosed,
    /// An alert is open: it must be resolved first.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.6")]
    AlertsOpen,
    /// There is no open alert {alert}.
    UnknownAlert {
        /// The key.
        alert: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The alert is not acknowledged, or not since it became worse.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.6")]
    NotAcknowledged,
    /// An alert is resolved with a note of what was found and done.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.6")]
    ResolvedWithoutNote {
        /// Where in the input.
        at: &'static str,
    },
    /// That would loosen {what}: name the approved change that allows it.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    LooseningWithoutChange {
        /// What would be loosened.
        what: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// The change concerns another system.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    ChangeOfAnotherSystem {
        /// Where in the input.
        at: &'static str,
    },
    /// The change is not approved.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    ChangeNotApproved {
        /// Where in the input.
        at: &'static str,
    },
    /// The end of the pause has passed.
    PauseInThePast {
        /// Where in the input.
        at: &'static str,
    },
    /// A system goes unwatched for at most 72 hours: the pause can last until {latest}.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.6")]
    PauseTooLong {
        /// The latest end.
        latest: Instant,
        /// Where in the input.
        at: &'static str,
    },
    /// The system is of high risk and runs: only the risk owner may leave it unwatched.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.6")]
    PauseNeedsRiskOwner,
    /// The monitor is closed when its system is retired, not before.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.6")]
    SystemNotRetired,
}
