//! The stages of a life cycle (ISO/IEC 22989; ISO/IEC 42001 A.6.2) and which leads to which.
//!
//! ```text
//!   Inception ──► DesignAndDevelopment ──► VerificationAndValidation ──► Deployment
//!       └───────── bought systems ───────────────────▲                      │
//!                                                                           ▼
//!   DesignAndDevelopment ◄── ReEvaluation ◄──────────────► OperationAndMonitoring
//!
//!   any ──► Retirement
//! ```

use declare::words;
use kernel::Role;

/// A stage in the life of an AI system.
#[words]
#[derive(Default)]
pub enum Stage {
    /// It is decided whether and to what end it is to exist.
    #[default]
    Inception,
    /// It is designed and developed.
    DesignAndDevelopment,
    /// It is verified against its requirements and validated for its use.
    VerificationAndValidation,
    /// It is put into its environment.
    Deployment,
    /// It is used and watched.
    OperationAndMonitoring,
    /// It is looked at anew, with what operation has taught.
    ReEvaluation,
    /// Its life has ended.
    Retirement,
}

impl Stage {
    /// The word that stands for it in documents.
    pub const fn word(self) -> &'static str {
        match self {
            Stage::Inception => "inception",
            Stage::DesignAndDevelopment => "design_and_development",
            Stage::VerificationAndValidation => "verification_and_validation",
            Stage::Deployment => "deployment",
            Stage::OperationAndMonitoring => "operation_and_monitoring",
            Stage::ReEvaluation => "re_evaluation",
            Stage::Retirement => "retirement",
        }
    }

    /// Whether the other stage follows directly. A bought system is not designed here: it goes from
    /// inception to verification and validation.
    pub const fn leads_to(self, to: Stage, bought: bool) -> bool {
        match self {
            Stage::Inception => {
                matches!(to, Stage::DesignAndDevelopment | Stage::Retirement)
                    || bought && matches!(to, Stage::VerificationAndValidation)
            }
            Stage::DesignAndDevelopment => {
                matches!(to, Stage::VerificationAndValidation | Stage::Retirement)
            }
            Stage::VerificationAndValidation => matches!(to, Stage::Deployment | Stage::Retirement),
            Stage::Deployment => matches!(to, Stage::OperationAndMonitoring | Stage::Retirement),
            Stage::OperationAndMonitoring => matches!(to, Stage::ReEvaluation | Stage::Retirement),
            Stage::ReEvaluation => matches!(
                to,
                Stage::OperationAndMonitoring | Stage::DesignAndDevelopment | Stage::Retirement
            ),
            Stage::Retirement => false,
        }
    }

    /// Whether a version in this stage may run.
    pub const fn may_run(self) -> bool {
        matches!(self, Stage::Deployment | Stage::OperationAndMonitoring | Stage::ReEvaluation)
    }

    /// Who must approve the gate into this stage: one person for each group, in one of its roles.
    pub const fn approvers(self) -> &'static [&'static [Role]] {
        match self {
            Stage::Deployment | Stage::OperationAndMonitoring | Stage::Retirement => {
                &[&[Role::Rel], &[Role::Ro, Role::Iap]]
            }
            Stage::Inception
            | Stage::DesignAndDevelopment
            | Stage::VerificationAndValidation
            | Stage::ReEvaluation => &[&[Role::Rel, Role::Ro, Role::Iap]],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Stage; 7] = [
        Stage::Inception,
        Stage::DesignAndDevelopment,
        Stage::VerificationAndValidation,
        Stage::Deployment,
        Stage::OperationAndMonitoring,
        Stage::ReEvaluation,
        Stage::Retirement,
    ];

    /// What follows each stage, by the letters of `ALL`.
    fn followers(bought: bool) -> Vec<String> {
        let letter = |stage: &Stage| "IDVPORX".chars().nth(*stage as usize).unwrap();
        let after = |from: Stage| ALL.iter().filter(move |to| from.leads_to(**to, bought));
        ALL.iter().map(|from| after(*from).map(letter).collect()).collect()
    }

    #[test]
    fn no_stage_is_skipped_but_a_bought_system_is_not_designed() {
        assert_eq!(followers(false), ["DX", "VX", "PX", "OX", "RX", "DOX", ""]);
        assert_eq!(followers(true), ["DVX", "VX", "PX", "OX", "RX", "DOX", ""]);
    }

    #[test]
    fn a_stage_is_written_as_its_word() {
        for stage in ALL {
            assert_eq!(serde_json::to_value(stage).unwrap(), stage.word());
        }
    }
}
