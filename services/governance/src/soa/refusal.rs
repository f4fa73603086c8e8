//! What a Statement of Applicability refuses.

use declare::refusals;
use kernel::approval::ApprovalRefusal;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The pattern of approval forbids it.
    #[refusal(from)]
    Approval(ApprovalRefusal),
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// There is no catalogue {catalogue}.
    UnknownCatalogue {
        /// What was named.
        catalogue: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The catalogue {catalogue} is {status}: a statement is on a published one.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.1.3")]
    CatalogueNotPublished {
        /// What was named.
        catalogue: String,
        /// Where it stands.
        status: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The catalogue {catalogue} was withdrawn: no further version is stated on it.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.1.3")]
    CatalogueWithdrawn {
        /// The catalogue.
        catalogue: String,
    },
    /// It is not decided whether these controls apply: {controls}.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    Undecided {
        /// Their numbers.
        controls: String,
    },
    /// The exclusion of these controls lacks a justification: {controls}.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    ExclusionWithoutJustification {
        /// Their numbers.
        controls: String,
    },
    /// The inclusion of these controls lacks a reason: {controls}.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    InclusionWithoutReason {
        /// Their numbers.
        controls: String,
    },
    /// These controls count as implemented without verified evidence that is not stale: {controls}.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    ImplementedWithoutEvidence {
        /// Their numbers.
        controls: String,
    },
    /// The treatment plan {plan} names {control}, which the statement excludes.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    PlanNamesExcludedControl {
        /// The plan.
        plan: String,
        /// Number of the control.
        control: String,
    },
    /// Clauses of the standard demand what these controls ask for: {controls}. Excluding them needs
    /// the approver's reason.
    #[refusal(rule = "ISO/IEC 42001 5.2, 5.3, 6.1.4, 8.4")]
    ClausesDemandControls {
        /// Their numbers.
        controls: String,
    },
    /// Rows were changed since the submission: send the version back and submit it again.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.2")]
    RowsChanged,
    /// The certificate {number} rests on the statement: it is not withdrawn while that is active.
    #[refusal(conflict, rule = "ISO/IEC 17021-1")]
    CertificateActive {
        /// The certificate's number.
        number: String,
    },
    /// The version in force does not exclude {control}: nothing can contradict its exclusion.
    #[refusal(conflict)]
    NotExcluded {
        /// Number of the control.
        control: String,
    },
}
