//! What is refused of corrective actions of suppliers.

use declare::refusals;
use kernel::Date;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The corrective action is {status}: it cannot be {step}.
    #[refusal(conflict, rule = "ISO/IEC 42001 10.2")]
    WrongStatus {
        /// Where it stands.
        status: &'static str,
        /// What was asked.
        step: &'static str,
    },
    /// The supplier {name} is {status}: nothing can be demanded of it.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.3")]
    SupplierGone {
        /// Its name.
        name: String,
        /// Where it stands.
        status: String,
        /// Where in the input.
        at: &'static str,
    },
    /// A corrective action is due on a day that is yet to come.
    #[refusal(rule = "ISO/IEC 42001 10.2")]
    DueInPast {
        /// Where in the input.
        at: &'static str,
    },
    /// Whoever demanded the action, or spoke for the supplier, does not verify it.
    #[refusal(rule = "segregation of duties: action owner is not effectiveness verifier")]
    VerifierHadPart,
    /// At most {most} people speak for a supplier in a corrective action.
    #[refusal(conflict)]
    TooManySpeakers {
        /// The most.
        most: usize,
    },
    /// The corrective action is due on {due}: it is not late.
    #[refusal(conflict)]
    NotDue {
        /// Its last day.
        due: Date,
    },
}
