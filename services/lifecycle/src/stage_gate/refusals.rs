//! What a gate refuses; two of these are recorded as facts.

use declare::refusals;
use kernel::Date;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The gate into {to} is refused: {checks}.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.5")]
    ChecksFailed {
        /// The stage.
        to: &'static str,
        /// What blocks.
        checks: String,
    },
    /// The gate into {to} is refused by {role}.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.5")]
    RefusedByApprover {
        /// The stage.
        to: &'static str,
        /// In which role.
        role: &'static str,
    },
    /// The system has no version {system_version}.
    UnknownVersion {
        /// The label.
        system_version: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The system is retired.
    #[refusal(conflict)]
    SystemRetired,
    /// From {from} no way leads directly to {to}: no stage is skipped.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.5")]
    StageSkipped {
        /// The stage of the version.
        from: &'static str,
        /// The stage asked for.
        to: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// The gate {gate} for the same version and stage is open.
    #[refusal(conflict)]
    OtherGateOpen {
        /// The gate.
        gate: String,
    },
    /// The gate is {status}.
    #[refusal(conflict)]
    GateClosed {
        /// Where it stands.
        status: &'static str,
    },
    /// The version is no longer in the stage from which the gate leads.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.5")]
    StageMoved,
    /// {check} is answered twice.
    CheckTwice {
        /// The check.
        check: &'static str,
        /// Where in the input.
        at: String,
    },
    /// {check} is not asked at the gate into {to}.
    CheckNotAsked {
        /// The check.
        check: &'static str,
        /// The stage.
        to: &'static str,
        /// Where in the input.
        at: String,
    },
    /// {check} cannot be waived.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    NotWaivable {
        /// The check.
        check: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// {check} is waived by {roles}, in so far as they have not done so.
    #[refusal(rule = "ISO/IEC 42001 5.3")]
    WrongWaiver {
        /// The check.
        check: &'static str,
        /// Who can.
        roles: String,
    },
    /// The end of the waiver has passed.
    WaiverPassed {
        /// Where in the input.
        at: &'static str,
    },
    /// {check} is waived for at most {max} days.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    WaiverTooLong {
        /// The check.
        check: &'static str,
        /// How many.
        max: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// Who asked for the gate does not waive its checks.
    #[refusal(rule = "segregation of duties: release requester is not release approver")]
    RequesterWaives,
    /// The gate was not evaluated with success: it cannot be approved.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.5")]
    NotEvaluated,
    /// The evaluation no longer holds, {check} blocks: it must be evaluated again.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.5")]
    EvaluationOutdated {
        /// The check that blocks.
        check: &'static str,
    },
    /// The approval is dated before the evaluation.
    #[refusal(rule = "ISO/IEC 42001 7.5.2")]
    ApprovedBeforeEvaluation {
        /// Where in the input.
        at: &'static str,
    },
    /// Who asked for the gate does not approve it.
    #[refusal(rule = "segregation of duties: release requester is not release approver")]
    RequesterApproves,
    /// Who develops the version does not approve its gate.
    #[refusal(rule = "segregation of duties: author is not approver")]
    DeveloperApproves,
    /// The second approval must come from another person.
    #[refusal(rule = "segregation of duties: two people approve")]
    SamePersonTwice,
    /// What is missing is the approval of {roles}.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.5")]
    WrongApprover {
        /// Who must approve.
        roles: String,
    },
    /// The version has gone through the gate: it does not expire.
    #[refusal(conflict)]
    GateUsed,
    /// The gate can be used until {until}.
    #[refusal(conflict)]
    NotYetExpired {
        /// The last day.
        until: Date,
    },
}
