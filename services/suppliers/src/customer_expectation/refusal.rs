//! What is refused of expectations of customers.

use declare::refusals;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The expectation is {status}: it cannot be {step}.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.4")]
    WrongStatus {
        /// Where it stands.
        status: &'static str,
        /// What was asked.
        step: &'static str,
    },
    /// An expectation by contract names the contract, and no other does.
    #[refusal(rule = "ISO/IEC 42001 A.10.2")]
    ContractUnclear {
        /// Where in the input.
        at: &'static str,
    },
    /// The contract {contract} is with a supplier: no customer expects anything by it.
    #[refusal(rule = "ISO/IEC 42001 A.10.4")]
    ContractOfSupplier {
        /// The contract.
        contract: String,
        /// Where in the input.
        at: &'static str,
    },
    /// Whoever captured or assessed the expectation does not decide on it.
    #[refusal(rule = "segregation of duties: author is not approver")]
    DeciderIsAssessor,
    /// The contract {contract} says so and was not amended since: this cannot be declined.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.2")]
    ContractNotAmended {
        /// The contract.
        contract: String,
    },
    /// At most {most} people assess an expectation.
    #[refusal(conflict)]
    TooManyAssessors {
        /// The most.
        most: usize,
    },
    /// An expectation records at most {most} times that the customer was told of something.
    #[refusal(conflict)]
    TooMuchTold {
        /// The most.
        most: usize,
    },
}
