//! What is refused of external reports.

use declare::refusals;
use kernel::Instant;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The report is {status}: it cannot be {step}.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.8.5")]
    WrongStatus {
        /// Where it stands.
        status: &'static str,
        /// What was asked.
        step: &'static str,
    },
    /// The incident's clock for {rule} ends at {due}: the report cannot be due later.
    #[refusal(rule = "ISO/IEC 42001 A.8.5")]
    DueAfterClock {
        /// The rule.
        rule: String,
        /// When the clock ends.
        due: Instant,
        /// Where in the input.
        at: &'static str,
    },
    /// Whoever wrote the report does not release it.
    #[refusal(rule = "segregation of duties: author is not approver")]
    ReleaserIsAuthor,
    /// The report that the releaser saw is not the one that was written last.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.2")]
    ContentChanged,
    /// Nobody has released the report as it is now written.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.8.5")]
    NotReleased,
    /// Say under which reference the report is sent, so that its receipt can be matched.
    #[refusal(rule = "ISO/IEC 42001 A.8.5")]
    NoReceiptPlaceholder {
        /// Where in the input.
        at: &'static str,
    },
    /// A report cannot be submitted in the future.
    SubmittedInFuture {
        /// Where in the input.
        at: &'static str,
    },
    /// A report is submitted after it was released, which was at {released}.
    #[refusal(rule = "ISO/IEC 42001 A.8.5")]
    SubmittedBeforeRelease {
        /// When it was released.
        released: Instant,
        /// Where in the input.
        at: &'static str,
    },
    /// The initial report {initial} of the same incident comes first and is not submitted by then.
    #[refusal(conflict, rule = "Regulation (EU) 2024/1689 Art. 73(5)")]
    InitialNotSubmitted {
        /// The initial report.
        initial: String,
    },
    /// The report has no deadline, or it has not passed.
    #[refusal(conflict)]
    DeadlineNotPassed,
    /// The recipient's receipt is {receipt}: it does not change.
    #[refusal(conflict)]
    OtherReceipt {
        /// What was recorded.
        receipt: String,
    },
}
