//! What a classification refuses.

use declare::refusals;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The system is classified within {regime} already, as {id}: propose another revision there.
    #[refusal(conflict)]
    AlreadyClassified {
        /// The regime.
        regime: String,
        /// The classification.
        id: String,
    },
    /// No rules published until {on} define classes of {regime}; they do of {known}.
    UnknownRegime {
        /// The regime.
        regime: String,
        /// The day.
        on: String,
        /// Regimes that are known.
        known: String,
        /// Where in the input.
        at: &'static str,
    },
    /// No rule published until {on} defines the class {class} of {regime}; there are {known}.
    UnknownClass {
        /// The class.
        class: String,
        /// The regime.
        regime: String,
        /// The day.
        on: String,
        /// Classes that are known.
        known: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {regime} knows no role {role}; there are {known}.
    UnknownRole {
        /// The role.
        role: String,
        /// The regime.
        regime: String,
        /// Roles that are known.
        known: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The class {class} is defined by a list of uses: name the point, such as 5(b), of {points}.
    PointMissing {
        /// The class.
        class: String,
        /// The points of the list.
        points: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {point} is no point of the list that defines the class {class}: {points}, each with a letter
    /// if need be, as 5(b).
    UnknownPoint {
        /// The point.
        point: String,
        /// The class.
        class: String,
        /// The points of the list.
        points: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The class {class} is not defined by a list of uses: it has no points.
    ClassWithoutPoints {
        /// The class.
        class: String,
        /// Where in the input.
        at: &'static str,
    },
    /// There is no exemption from the class {class}: only from listed uses of high risk.
    #[refusal(rule = "Regulation (EU) 2024/1689 Art. 6(3)")]
    NoExemptionFromClass {
        /// The class.
        class: String,
        /// Where in the input.
        at: &'static str,
    },
    /// A system that profiles people is never exempted.
    #[refusal(rule = "Regulation (EU) 2024/1689 Art. 6(3)")]
    ExemptionWhileProfiling {
        /// Where in the input.
        at: &'static str,
    },
    /// An exemption is documented: give the assessment as its reason.
    #[refusal(rule = "Regulation (EU) 2024/1689 Art. 6(4)")]
    ExemptionWithoutReason {
        /// Where in the input.
        at: &'static str,
    },
    /// Who proposed a classification, or recorded the change of role, does not confirm it.
    #[refusal(rule = "segregation of duties: author is not approver")]
    ConfirmerIsAuthor,
    /// The proposal no longer fits the rules: {why} Propose another one.
    #[refusal(conflict)]
    ProposalOutdated {
        /// What does not fit.
        why: String,
    },
}
