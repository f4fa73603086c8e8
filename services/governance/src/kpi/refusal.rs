//! What is refused of KPIs.

use declare::refusals;
use kernel::correction::CorrectionRefusal;
use kernel::{Date, Decimal};

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The objective has ended: it gets no KPI any more.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.2")]
    ObjectiveClosed {
        /// Where in the input.
        at: &'static str,
    },
    /// The limits contradict each other: a breach is not better than a warning, nor that than the
    /// target.
    #[refusal(rule = "ISO/IEC 42001 9.1")]
    LimitsOutOfOrder {
        /// Where in the input.
        at: &'static str,
    },
    /// Limits judge no period that has ended or was measured: they count from {from} on at the
    /// earliest.
    #[refusal(conflict, rule = "ISO/IEC 42001 9.1")]
    LimitsLookBack {
        /// First day of the earliest period.
        from: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// Since they were proposed a period has ended or was measured: propose them from {from} on.
    #[refusal(conflict, rule = "ISO/IEC 42001 9.1")]
    ProposalOvertaken {
        /// First day of the earliest period.
        from: Date,
    },
    /// No limits wait for approval.
    #[refusal(conflict)]
    NothingProposed,
    /// Who proposed the limits does not approve them.
    #[refusal(rule = "segregation of duties: author is not approver")]
    ApproverIsAuthor,
    /// The KPI is no longer measured.
    #[refusal(conflict)]
    IsRetired,
    /// The KPI is measured by its monitor, not by hand.
    #[refusal(rule = "ISO/IEC 42001 9.1")]
    MeasuredByMonitor,
    /// No approved limits count for the period from {period}: nothing judges its value.
    #[refusal(conflict, rule = "ISO/IEC 42001 9.1")]
    NoLimits {
        /// First day of the period.
        period: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// The period from {period} has not begun.
    InTheFuture {
        /// First day of the period.
        period: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// The period from {period} is closed with {value}: only a correction with its reason changes
    /// it.
    #[refusal(conflict, rule = "ISO/IEC 42001 9.1")]
    PeriodClosed {
        /// First day of the period.
        period: Date,
        /// What was measured; zero where a later period was measured and this one was not.
        value: Decimal,
        /// Where in the input.
        at: &'static str,
    },
    /// The period from {period} is older than the 36 that are kept: it is not changed any more.
    #[refusal(conflict, rule = "ISO/IEC 42001 9.1")]
    PeriodTooOld {
        /// First day of the period.
        period: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// The period from {period} is not closed: measure it without a correction.
    NothingToCorrect {
        /// First day of the period.
        period: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// The evidence {evidence} proves nothing today: it is stale, superseded, quarantined or gone.
    #[refusal(rule = "ISO/IEC 42001 9.1")]
    EvidenceNotGood {
        /// The evidence.
        evidence: String,
        /// Where in the input.
        at: String,
    },
}
