//! The tenant's gate policy: which checks block which gate, and who may waive them (L-02; ISO/IEC
//! 42001 8.1, A.6.1.3, A.6.2.5). Until one is set, the table of checks holds as it stands.
//!
//! ```text
//!           set                change
//!   (none) ─────► in force ─────────────► in force (next policy version)
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, refusals};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Key, Line};
use kernel::{Context, Fact, Instant, Role, UserId};

pub use self::table::{Check, Leeway, Mode, Row, TABLE, WAIVERS};
use crate::stage::Stage;

mod table;
#[cfg(test)]
mod tests;

/// Most versions of a policy.
pub const VERSIONS_MAX: usize = 200;
/// What a gate says of its policy while the tenant has set none.
pub const STANDARD: &str = "default";

/// The policy in force.
#[record]
#[derive(Default)]
pub struct GatePolicy {
    /// Its version, such as `1.1`.
    #[field(index, max = 40)]
    pub policy_version: Line,
    /// What holds for each check, by its code.
    pub rules: BTreeMap<Key, Rule>,
    /// Who set it.
    pub set_by: Option<UserId>,
    /// Since when it is in force.
    #[field(index)]
    pub set_at: Option<Instant>,
    /// The versions that there have been, this one last.
    pub policy_versions: Vec<Line>,
}

/// What a policy says of one check.
#[record]
#[derive(Eq)]
pub struct Rule {
    /// What it does to the gate.
    pub mode: Mode,
    /// The stages whose gates ask it.
    pub into: Vec<Stage>,
    /// Who must waive it together; nobody can when it is empty.
    pub waivable_by: Vec<Role>,
    /// Most days from the waiver to its end.
    pub max_days: u32,
}

/// Where a policy departs from the table.
#[record]
pub struct Setting {
    /// The check.
    pub check: Check,
    /// What it does to the gate.
    pub mode: Mode,
    /// The stages whose gates ask it; the table's when empty.
    #[field(max = 7)]
    pub into: Vec<Stage>,
    /// Who must waive it together; the table's when left out, nobody when empty.
    #[field(max = 5)]
    pub waivable_by: Option<Vec<Role>>,
    /// Most days from the waiver to its end; the table's when left out.
    pub max_days: Option<u32>,
}

/// Input of `set` and `change`.
#[record]
pub struct Set {
    /// The version of the policy; one that there was before is refused.
    #[field(max = 40)]
    pub policy_version: Line,
    /// Where it departs from the table of checks; whatever it does not name is as in the table.
    #[field(max = 18)]
    pub rules: Vec<Setting>,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Sets the tenant's first policy.
    #[command(by(Tm), emits(Changed), creates)]
    Set(Set),
    /// Sets the next version of the policy.
    #[command(by(Tm), emits(Changed))]
    Change(Set),
    /// Corrects an earlier event.
    #[command(by(Tm), emits(Corrected))]
    Correct(Correct),
}

/// A policy came into force.
#[record]
pub struct Changed {
    /// Its version.
    pub policy_version: Line,
    /// The version that it replaces.
    pub replaces: Option<Line>,
    /// What holds for each check, by its code.
    pub rules: BTreeMap<Key, Rule>,
    /// Who set it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// What can have happened.
#[events(kind = "gate_policy")]
pub enum Event {
    /// A version of the policy came into force.
    Changed(Changed),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// There was a policy {policy_version} already: a changed policy needs a version of its own.
    #[refusal(rule = "ISO/IEC 42001 7.5.2")]
    VersionUsed {
        /// The version.
        policy_version: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The version `default` names the rules that hold while no policy is set.
    VersionReserved {
        /// Where in the input.
        at: &'static str,
    },
    /// There have been {max} versions of the policy: no more can be kept.
    #[refusal(conflict)]
    TooManyVersions {
        /// How many can be.
        max: usize,
    },
    /// {check} is named twice.
    CheckTwice {
        /// The check.
        check: &'static str,
        /// Where in the input.
        at: String,
    },
    /// {check} must block: no policy can soften it.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    MustBlock {
        /// The check.
        check: &'static str,
        /// Where in the input.
        at: String,
    },
    /// {check} can only warn or block: it cannot be switched off.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.4")]
    MustBeAsked {
        /// The check.
        check: &'static str,
        /// Where in the input.
        at: String,
    },
    /// {check} must be asked at the gate into {stage}.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.5")]
    StageMissing {
        /// The check.
        check: &'static str,
        /// The stage.
        stage: &'static str,
        /// Where in the input.
        at: String,
    },
    /// {check} cannot be waived by anyone: no policy can allow it.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    NotWaivable {
        /// The check.
        check: &'static str,
        /// Where in the input.
        at: String,
    },
    /// {check} cannot be waived without {role}.
    #[refusal(rule = "ISO/IEC 42001 5.3")]
    WaiverRoleMissing {
        /// The check.
        check: &'static str,
        /// The role that must take part.
        role: &'static str,
        /// Where in the input.
        at: String,
    },
    /// {role} decides on no gate and cannot waive {check}.
    #[refusal(rule = "segregation of duties")]
    RoleMayNotWaive {
        /// The check.
        check: &'static str,
        /// The role.
        role: &'static str,
        /// Where in the input.
        at: String,
    },
    /// {check} can be waived for at most {max} days.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    TooManyDays {
        /// The check.
        check: &'static str,
        /// How many.
        max: u32,
        /// Where in the input.
        at: String,
    },
}

kernel::aggregate!(GatePolicy, "gate_policy", Command, Event, Refusal);

impl Fact for GatePolicy {
    const KIND: &'static str = "gate_policy";
}

impl Domain for GatePolicy {
    const ABOUT: About = About {
        kind: "gate_policy",
        doc: "Which checks block which gate of the life cycle, and who may waive them.",
        clauses: &["8.1", "A.6.1.3", "A.6.2.5"],
        singleton: true,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        Ok(match command {
            Command::Set(input) | Command::Change(input) => self.changed(input, context)?,
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Changed(e) => {
                self.policy_versions.push(e.policy_version.clone());
                self.policy_version = e.policy_version;
                self.rules = e.rules;
                self.set_by = Some(e.by);
                self.set_at = Some(e.at);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl GatePolicy {
    /// The rules that hold while the tenant has set none.
    pub fn standard() -> Self {
        Self { policy_version: Line::new(STANDARD), ..Self::default() }
    }

    /// The policy in force, of those that are known.
    pub fn in_force(context: &Context) -> Self {
        let known = context.facts.all::<Self>().into_iter().next();
        known.map_or_else(Self::standard, |(_, policy)| policy)
    }

    /// What holds for the check of a row.
    pub fn rule(&self, row: &Row) -> Rule {
        self.rules.get(&row.check.key()).cloned().unwrap_or_else(|| Rule::of(row))
    }

    /// The checks that the gate into a stage asks, in the order of the table.
    pub fn asked(&self, into: Stage) -> Vec<(Check, Rule)> {
        let rules = TABLE.iter().map(|row| (row.check, self.rule(row)));
        rules.filter(|(_, rule)| rule.mode != Mode::Off && rule.into.contains(&into)).collect()
    }

    fn changed(&self, input: Set, context: &Context) -> Result<Vec<Event>, Refusal> {
        let rules = checked(&input.rules)?;
        if self.policy_version == input.policy_version && self.rules == rules {
            return Ok(Vec::new());
        }
        let policy_version = input.policy_version;
        if policy_version.as_str() == STANDARD {
            return Err(Refusal::VersionReserved { at: "/policyVersion" });
        }
        if self.policy_versions.contains(&policy_version) {
            let policy_version = policy_version.to_string();
            return Err(Refusal::VersionUsed { policy_version, at: "/policyVersion" });
        }
        if self.policy_versions.len() >= VERSIONS_MAX {
            return Err(Refusal::TooManyVersions { max: VERSIONS_MAX });
        }
        let replaces = self.policy_versions.last().cloned();
        let (by, at) = (context.user(), context.now);
        Ok(vec![Event::Changed(Changed { policy_version, replaces, rules, by, at })])
    }
}

impl Rule {
    /// What the table says.
    fn of(row: &Row) -> Self {
        Self {
            mode: row.mode,
            into: row.into.to_vec(),
            waivable_by: row.leeway.waivable_by().to_vec(),
            max_days: row.leeway.max_days(),
        }
    }
}

/// The rules of all checks: the table with the settings put in.
fn checked(settings: &[Setting]) -> Result<BTreeMap<Key, Rule>, Refusal> {
    let mut rules: BTreeMap<Key, Rule> =
        TABLE.iter().map(|row| (row.check.key(), Rule::of(row))).collect();
    for row in &TABLE {
        let mut of_row = settings.iter().enumerate().filter(|(_, s)| s.check == row.check);
        let Some((n, setting)) = of_row.next() else { continue };
        if let Some((n, _)) = of_row.next() {
            let at = format!("/rules/{n}/check");
            return Err(Refusal::CheckTwice { check: row.check.code(), at });
        }
        rules.insert(row.check.key(), setting.checked(row, n)?);
    }
    Ok(rules)
}

impl Setting {
    /// The rule that it makes of a row of the table, if the row leaves that to a policy.
    fn checked(&self, row: &Row, n: usize) -> Result<Rule, Refusal> {
        let (check, standard) = (row.check.code(), Rule::of(row));
        let at = |field: &str| format!("/rules/{n}/{field}");
        if !row.leeway.allows(self.mode) {
            return Err(match row.leeway {
                Leeway::WarnOrBlock => Refusal::MustBeAsked { check, at: at("mode") },
                Leeway::None | Leeway::Waivable(..) | Leeway::ByPolicy => {
                    Refusal::MustBlock { check, at: at("mode") }
                }
            });
        }
        let into = if self.into.is_empty() { standard.into.clone() } else { self.into.clone() };
        let missing = standard.into.iter().find(|stage| !into.contains(stage));
        if let Some(stage) = missing.filter(|_| !row.leeway.allows(Mode::Off)) {
            return Err(Refusal::StageMissing { check, stage: stage.word(), at: at("into") });
        }
        let waivable_by = self.waivable_by.clone().unwrap_or(standard.waivable_by);
        check_waivers(row, &waivable_by, || at("waivableBy"))?;
        let max_days = self.max_days.unwrap_or(standard.max_days);
        if max_days > row.leeway.max_days() {
            let max = row.leeway.max_days();
            return Err(Refusal::TooManyDays { check, max, at: at("maxDays") });
        }
        Ok(Rule { mode: self.mode, into, waivable_by, max_days })
    }
}

/// A policy may ask more people to take part in a waiver than the table, or allow none at all.
fn check_waivers(row: &Row, roles: &[Role], at: impl Fn() -> String) -> Result<(), Refusal> {
    let check = row.check.code();
    if roles.is_empty() {
        return Ok(());
    }
    if matches!(row.leeway, Leeway::None | Leeway::WarnOrBlock) {
        return Err(Refusal::NotWaivable { check, at: at() });
    }
    if let Some(role) = roles.iter().find(|role| !WAIVERS.contains(role)) {
        return Err(Refusal::RoleMayNotWaive { check, role: role.code(), at: at() });
    }
    let needed = row.leeway.waivable_by().iter();
    if let Some(role) = needed.into_iter().find(|role| !roles.contains(role)) {
        return Err(Refusal::WaiverRoleMissing { check, role: role.code(), at: at() });
    }
    Ok(())
}
