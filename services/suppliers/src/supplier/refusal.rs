//! What is refused of suppliers.

use declare::refusals;
use kernel::Date;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The supplier is {status}: it cannot be {step}.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.3")]
    WrongStatus {
        /// Where it stands.
        status: &'static str,
        /// What was asked.
        step: &'static str,
    },
    /// A supplier of this name is registered already as {id}.
    #[refusal(rule = "ISO/IEC 42001 A.10.3")]
    NameTaken {
        /// The supplier of that name.
        id: String,
        /// Where in the input.
        at: &'static str,
    },
    /// Only the AIMS manager says that less depends on a supplier than before.
    #[refusal(rule = "ISO/IEC 42001 A.10.3")]
    LoweredByOther {
        /// Where in the input.
        at: &'static str,
    },
    /// The assessment {assessment} is of another supplier.
    AssessmentOfAnother {
        /// The assessment.
        assessment: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The assessment {assessment} is not in progress.
    AssessmentNotInProgress {
        /// The assessment.
        assessment: String,
        /// Where in the input.
        at: &'static str,
    },
    /// No completed assessment of the supplier counts today: it cannot be approved.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.3")]
    NoCurrentAssessment,
    /// The approver worked on the assessment {assessment}: somebody else must approve.
    #[refusal(rule = "segregation of duties: supplier assessor is not supplier approver")]
    ApproverIsAssessor {
        /// The assessment.
        assessment: String,
    },
    /// A supplier of high criticality is approved by the AIMS manager alone.
    #[refusal(rule = "ISO/IEC 42001 A.10.3")]
    CriticalByOther,
    /// A condition that was due on {due} is open: it must be met before the approval is free of it.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.3")]
    ConditionOpen {
        /// By which day it is to be met.
        due: Date,
    },
    /// An approval under conditions names at least one.
    #[refusal(rule = "ISO/IEC 42001 A.10.3")]
    NoCondition {
        /// Where in the input.
        at: &'static str,
    },
    /// The supplier has, or had, a condition {condition} already: give the new one another key.
    ConditionTwice {
        /// Its key.
        condition: String,
        /// Where in the input.
        at: String,
    },
    /// A condition names the day by which it is to be met.
    #[refusal(rule = "ISO/IEC 42001 A.10.3")]
    ConditionWithoutDue {
        /// Where in the input.
        at: String,
    },
    /// A condition is to be met by a day that is yet to come.
    #[refusal(rule = "ISO/IEC 42001 A.10.3")]
    ConditionDueInPast {
        /// Where in the input.
        at: String,
    },
    /// A supplier has at most {most} conditions, met ones included.
    #[refusal(conflict)]
    TooManyConditions {
        /// The most.
        most: usize,
    },
    /// The supplier has no condition {condition}.
    NoSuchCondition {
        /// Its key.
        condition: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The condition is met, or its approval does not count any more: it is not overdue.
    #[refusal(conflict)]
    ConditionNotOpen,
    /// The condition can be met until {due}: it is not overdue.
    #[refusal(conflict)]
    ConditionNotDue {
        /// Its last day.
        due: Date,
    },
    /// A supplier is looked at again on a day that is yet to come.
    #[refusal(rule = "ISO/IEC 42001 A.10.3")]
    ReviewInPast {
        /// Where in the input.
        at: &'static str,
    },
    /// The assessment {assessment} was completed before the suspension: assess the supplier anew.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.3")]
    AssessedBeforeSuspension {
        /// The assessment.
        assessment: String,
    },
    /// The corrective action {action} is not verified: the supplier stays suspended until it is.
    #[refusal(conflict, rule = "ISO/IEC 42001 10.2")]
    CorrectiveActionOpen {
        /// The corrective action.
        action: String,
    },
}
