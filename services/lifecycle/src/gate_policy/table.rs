//! The checks of a gate as the domain model's table 5.1 has them: which gate each blocks, and who
//! may waive it for how long. What holds until a tenant sets a policy, and how far a policy may go.

use declare::words;
use kernel::Role;
use kernel::values::Key;

use crate::stage::Stage;

/// Roles that a policy may allow to waive a check.
pub const WAIVERS: &[Role] = &[Role::Tm, Role::Am, Role::Ro, Role::Iap, Role::Rel];
/// Most days for which a policy may allow a check to be waived that the table leaves to it.
const DAYS_BY_POLICY: u32 = 30;

/// A question that a gate asks before it lets a version through.
#[words]
pub enum Check {
    /// Regulatory classification confirmed, and not a prohibited practice.
    G1,
    /// Impact assessment approved and current, its conditions met.
    G2,
    /// No open risk above appetite without valid acceptance; no critical residual risk.
    G3,
    /// Mandatory treatment actions done that were due by now.
    G4,
    /// Data protection impact assessment approved where personal data is used.
    G5,
    /// Requirement baseline approved.
    G6,
    /// Design record and technical documentation approved for this version.
    G7,
    /// This version was verified and validated and passed, by somebody who did not develop it.
    G8,
    /// The criteria of verification and validation were registered before the first run.
    G8Preregistration,
    /// Every data set in use is approved for use.
    G9,
    /// Intended use approved, user information published, the overseer competent.
    G10,
    /// Deployment plan with rollback approved, monitor armed, event-log policy active.
    G11,
    /// Every supplied component accepted, its supplier approved, responsibilities agreed.
    G12,
    /// No open major nonconformity or blocking task on the system.
    G13,
    /// Accountable roles are filled.
    G14,
    /// Assessment of fundamental rights and registration done where a rule demands them by now.
    G15,
    /// No open contradiction of the Statement of Applicability touches the system.
    G16,
    /// Disposition of data and model, user notice, log retention, contracts and incidents settled.
    G17,
}

/// What a check does to a gate.
#[words]
pub enum Mode {
    /// The gate is refused unless the check passes or is waived.
    Block,
    /// A warning is stored in the decision.
    Warn,
    /// It is not asked.
    Off,
}

/// How far a tenant's policy may depart from the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leeway {
    /// Not at all: it blocks and cannot be waived.
    None,
    /// It warns or blocks and cannot be waived.
    WarnOrBlock,
    /// It may be waived by all of these together, for so many days at most.
    Waivable(&'static [Role], u32),
    /// The policy says what it does and who may waive it.
    ByPolicy,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The check.
    pub check: Check,
    /// The stages whose gates ask it.
    pub into: &'static [Stage],
    /// What it does there while no policy says otherwise.
    pub mode: Mode,
    /// What a policy may change.
    pub leeway: Leeway,
}

/// Every stage in which a system goes on. A prohibited system must still be able to retire.
const DESIGN_AND_LATER: &[Stage] = &[
    Stage::DesignAndDevelopment,
    Stage::VerificationAndValidation,
    Stage::Deployment,
    Stage::OperationAndMonitoring,
    Stage::ReEvaluation,
];
const BOTH: &[Stage] = &[Stage::VerificationAndValidation, Stage::Deployment];
const VERIFICATION: &[Stage] = &[Stage::VerificationAndValidation];
const DEPLOYMENT: &[Stage] = &[Stage::Deployment];
const OPERATION: &[Stage] = &[Stage::OperationAndMonitoring];
const RETIREMENT: &[Stage] = &[Stage::Retirement];

const fn blocks(check: Check, into: &'static [Stage], leeway: Leeway) -> Row {
    Row { check, into, mode: Mode::Block, leeway }
}

const fn warns(check: Check, into: &'static [Stage], leeway: Leeway) -> Row {
    Row { check, into, mode: Mode::Warn, leeway }
}

/// The table.
pub const TABLE: [Row; 18] = [
    blocks(Check::G1, DESIGN_AND_LATER, Leeway::None),
    blocks(Check::G2, DEPLOYMENT, Leeway::None),
    blocks(Check::G3, DEPLOYMENT, Leeway::None),
    blocks(Check::G4, DEPLOYMENT, Leeway::Waivable(&[Role::Ro], 30)),
    blocks(Check::G5, BOTH, Leeway::None),
    blocks(Check::G6, VERIFICATION, Leeway::None),
    blocks(Check::G7, BOTH, Leeway::Waivable(&[Role::Rel, Role::Ro], 14)),
    blocks(Check::G8, DEPLOYMENT, Leeway::None),
    blocks(Check::G8Preregistration, DEPLOYMENT, Leeway::WarnOrBlock),
    blocks(Check::G9, VERIFICATION, Leeway::Waivable(&[Role::Ro], 30)),
    blocks(Check::G10, DEPLOYMENT, Leeway::None),
    blocks(Check::G11, DEPLOYMENT, Leeway::None),
    blocks(Check::G12, DEPLOYMENT, Leeway::Waivable(&[Role::Tm], 30)),
    blocks(Check::G13, DEPLOYMENT, Leeway::None),
    blocks(Check::G14, DEPLOYMENT, Leeway::Waivable(&[Role::Am], 14)),
    blocks(Check::G15, OPERATION, Leeway::None),
    warns(Check::G16, DEPLOYMENT, Leeway::ByPolicy),
    blocks(Check::G17, RETIREMENT, Leeway::None),
];

impl Check {
    /// Its code, as it stands in documents.
    pub const fn code(self) -> &'static str {
        match self {
            Check::G1 => "g1",
            Check::G2 => "g2",
            Check::G3 => "g3",
            Check::G4 => "g4",
            Check::G5 => "g5",
            Check::G6 => "g6",
            Check::G7 => "g7",
            Check::G8 => "g8",
            Check::G8Preregistration => "g8_preregistration",
            Check::G9 => "g9",
            Check::G10 => "g10",
            Check::G11 => "g11",
            Check::G12 => "g12",
            Check::G13 => "g13",
            Check::G14 => "g14",
            Check::G15 => "g15",
            Check::G16 => "g16",
            Check::G17 => "g17",
        }
    }

    /// Its code as a key of records.
    pub fn key(self) -> Key {
        Key::new(self.code())
    }
}

impl Leeway {
    /// Who must waive the check together while no policy says otherwise.
    pub const fn waivable_by(self) -> &'static [Role] {
        match self {
            Leeway::None | Leeway::WarnOrBlock | Leeway::ByPolicy => &[],
            Leeway::Waivable(roles, _) => roles,
        }
    }

    /// Most days of a waiver.
    pub const fn max_days(self) -> u32 {
        match self {
            Leeway::None | Leeway::WarnOrBlock => 0,
            Leeway::Waivable(_, days) => days,
            Leeway::ByPolicy => DAYS_BY_POLICY,
        }
    }

    /// Whether a policy may set the check to this mode.
    pub const fn allows(self, mode: Mode) -> bool {
        match self {
            Leeway::None => matches!(mode, Mode::Block),
            Leeway::WarnOrBlock => matches!(mode, Mode::Block | Mode::Warn),
            Leeway::Waivable(..) | Leeway::ByPolicy => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows that ask something at the gate into a stage.
    fn asked(into: Stage) -> Vec<&'static str> {
        let rows = TABLE.iter().filter(|row| row.into.contains(&into));
        rows.map(|row| row.check.code()).collect()
    }

    #[test]
    fn each_gate_asks_what_the_table_says() {
        assert_eq!(asked(Stage::Inception), Vec::<&str>::new());
        assert_eq!(asked(Stage::DesignAndDevelopment), ["g1"]);
        assert_eq!(asked(Stage::VerificationAndValidation), ["g1", "g5", "g6", "g7", "g9"]);
        let deployment = [
            "g1",
            "g2",
            "g3",
            "g4",
            "g5",
            "g7",
            "g8",
            "g8_preregistration",
            "g10",
            "g11",
            "g12",
            "g13",
            "g14",
            "g16",
        ];
        assert_eq!(asked(Stage::Deployment), deployment);
        assert_eq!(asked(Stage::OperationAndMonitoring), ["g1", "g15"]);
        assert_eq!(asked(Stage::ReEvaluation), ["g1"]);
        assert_eq!(asked(Stage::Retirement), ["g17"]);
    }

    #[test]
    fn who_may_waive_and_for_how_long_is_what_the_table_says() {
        let waivable: Vec<_> = TABLE
            .iter()
            .filter(|row| !row.leeway.waivable_by().is_empty())
            .map(|row| (row.check.code(), row.leeway.waivable_by(), row.leeway.max_days()))
            .collect();
        let wanted: Vec<(&str, &[Role], u32)> = vec![
            ("g4", &[Role::Ro], 30),
            ("g7", &[Role::Rel, Role::Ro], 14),
            ("g9", &[Role::Ro], 30),
            ("g12", &[Role::Tm], 30),
            ("g14", &[Role::Am], 14),
        ];
        assert_eq!(waivable, wanted);
        let warn: Vec<_> =
            TABLE.iter().filter(|row| row.mode == Mode::Warn).map(|row| row.check.code()).collect();
        assert_eq!(warn, ["g16"]);
    }

    #[test]
    fn a_check_is_written_as_its_code_and_stands_once_in_the_table_in_order() {
        for row in TABLE {
            assert_eq!(serde_json::to_value(row.check).unwrap(), row.check.code());
        }
        assert!(TABLE.windows(2).all(|pair| pair[0].check < pair[1].check));
    }
}
