//! The answers to the checks of a gate, and what follows from them under the policy.

use std::collections::BTreeMap;

use declare::{record, words};
use kernel::kinds::Evidence;
use kernel::values::{Anything, Key, Line, Prose, Ref};
use kernel::{Context, Instant, Position, Refused, UserId};

use super::{Event, Refusal, StageGate, Status};
use crate::gate_policy::{Check, GatePolicy, Mode};

/// An answer to a check.
#[words]
pub enum Answer {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It cannot be told.
    Unknown,
}

/// What came of a check.
#[words]
pub enum CheckResult {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It cannot be told, or nobody has answered.
    Unknown,
    /// It does not pass, but was waived.
    Waived,
}

/// The answer to one check.
#[record]
pub struct Answered {
    /// The check.
    pub check: Check,
    /// The answer.
    pub result: Answer,
    /// Why, in words that name no person.
    pub because: Line,
    /// What proves it.
    #[field(max = 10)]
    pub evidence: Vec<Ref<Evidence>>,
    /// The objects that were looked at.
    #[field(max = 40)]
    pub looked_at: Vec<Ref<Anything>>,
}

/// Input of `evaluate`.
#[record]
pub struct Evaluate {
    /// The answers.
    #[field(max = 18)]
    pub checks: Vec<Answered>,
}

/// What a gate keeps of a check.
#[record]
#[derive(Eq)]
pub struct CheckState {
    /// What it does to the gate under the policy.
    pub mode: Mode,
    /// What came of it.
    pub result: CheckResult,
    /// Why; nobody has answered when it is left out.
    pub because: Option<Line>,
    /// What proves it.
    pub evidence: Vec<Ref<Evidence>>,
    /// The objects that were looked at.
    pub looked_at: Vec<Ref<Anything>>,
}

/// The checks of a gate were answered.
#[record]
pub struct Evaluated {
    /// The policy that says which checks block.
    pub policy_version: Line,
    /// The position in the log at which the answers were taken.
    pub position: Position,
    /// When.
    pub at: Instant,
    /// The checks with their results, by code.
    pub checks: BTreeMap<Key, CheckState>,
    /// The checks that did not pass but only warn.
    pub warnings: Vec<Check>,
    /// The checks that did not pass and block; nothing does when it is empty.
    pub blocking: Vec<Check>,
    /// Whether earlier approvals lapse, because they were given on other answers.
    pub approvals_lapse: bool,
}

/// A gate was refused.
#[record]
pub struct GateRefused {
    /// What was refused and by which rule.
    pub refusal: Refused,
    /// The checks that block, where they are the reason.
    pub checks: Vec<Check>,
    /// Who refused it; nobody where the checks did.
    pub by: Option<UserId>,
    /// Why he did.
    pub reason: Option<Prose>,
}

impl StageGate {
    pub(super) fn evaluated(
        &self,
        input: Evaluate,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let is_refused_by_checks = self.status == Status::Refused && self.refused_by.is_none();
        if !self.is_open() && !is_refused_by_checks {
            return Err(self.closed());
        }
        self.check_stage(context)?;
        self.check_alone(context)?;
        let policy = GatePolicy::in_force(context);
        let checks = self.checks_of(input, &policy, context)?;
        let not_passed = |mode: Mode| -> Vec<Check> {
            let asked = policy.asked(self.to).into_iter().map(|(check, _)| check);
            let open = asked.filter(|check| {
                checks.get(&check.key()).is_some_and(|s| s.mode == mode && !s.result.is_settled())
            });
            open.collect()
        };
        let (blocking, warnings) = (not_passed(Mode::Block), not_passed(Mode::Warn));
        let is_same =
            self.checks == checks && self.policy_version.as_ref() == Some(&policy.policy_version);
        if is_same && self.status != Status::Requested {
            return Ok(Vec::new());
        }
        let refused = self.refused_by_checks(&blocking, &checks);
        let evaluated = Event::Evaluated(Evaluated {
            policy_version: policy.policy_version,
            position: context.facts.position,
            at: context.effective.unwrap_or(context.now),
            checks,
            warnings,
            blocking,
            approvals_lapse: !is_same && !self.approvals.is_empty(),
        });
        Ok([evaluated].into_iter().chain(refused.map(Event::Refused)).collect())
    }

    /// A refused gate is not taken up again while another one asks for the same.
    fn check_alone(&self, context: &Context) -> Result<(), Refusal> {
        let is_rival = |id: &str, gate: &StageGate| {
            id != context.id
                && gate.system == self.system
                && gate.system_version == self.system_version
                && gate.to == self.to
                && gate.is_open()
        };
        let gates = context.facts.all::<StageGate>().into_iter();
        match gates.into_iter().find(|(id, gate)| is_rival(id, gate)) {
            Some((gate, _)) => Err(Refusal::OtherGateOpen { gate }),
            None => Ok(()),
        }
    }

    /// What comes of every check that the policy asks, answered or not.
    fn checks_of(
        &self,
        input: Evaluate,
        policy: &GatePolicy,
        context: &Context,
    ) -> Result<BTreeMap<Key, CheckState>, Refusal> {
        let asked = policy.asked(self.to);
        let mut answers = BTreeMap::new();
        for (n, answer) in input.checks.into_iter().enumerate() {
            let (check, at) = (answer.check.code(), format!("/checks/{n}/check"));
            if !asked.iter().any(|(known, _)| *known == answer.check) {
                return Err(Refusal::CheckNotAsked { check, to: self.to.word(), at });
            }
            if answers.insert(answer.check, answer).is_some() {
                return Err(Refusal::CheckTwice { check, at });
            }
        }
        let states = asked.into_iter().map(|(check, rule)| {
            let waiver = self.waivers.get(&check.key());
            let is_waived = waiver.is_some_and(|w| w.holds(&rule, context.today()));
            let state = CheckState::of(answers.remove(&check), rule.mode, is_waived);
            (check.key(), state)
        });
        Ok(states.collect())
    }

    fn refused_by_checks(
        &self,
        blocking: &[Check],
        checks: &BTreeMap<Key, CheckState>,
    ) -> Option<GateRefused> {
        if blocking.is_empty() {
            return None;
        }
        let codes = |is_answered: bool| {
            let fails = |check: &Check| {
                checks.get(&check.key()).is_some_and(|state| state.result == CheckResult::Fail)
            };
            let of_kind = blocking.iter().filter(|check| fails(check) == is_answered);
            of_kind.map(|check| check.code()).collect::<Vec<_>>().join(", ")
        };
        let said = [("not met", codes(true)), ("not known", codes(false))].into_iter();
        let said = said.filter(|(_, codes)| !codes.is_empty());
        let checks = said.map(|(what, codes)| format!("{what} {codes}")).collect::<Vec<_>>();
        let checks = checks.join("; ");
        let refusal = Refusal::ChecksFailed { to: self.to.word(), checks };
        Some(GateRefused {
            refusal: Refused::of("stage_gate", &refusal),
            checks: blocking.to_vec(),
            by: None,
            reason: None,
        })
    }

    pub(super) fn take_evaluation(&mut self, event: Evaluated) {
        self.status = Status::Evaluated;
        self.policy_version = Some(event.policy_version);
        self.evaluated_position = Some(event.position);
        self.evaluated_at = Some(event.at);
        self.checks = event.checks;
        self.warnings = event.warnings;
        self.blocking = event.blocking;
        self.refusal = None;
        if event.approvals_lapse {
            self.approvals.clear();
        }
    }
}

impl CheckResult {
    /// Whether it stands in nobody's way.
    fn is_settled(self) -> bool {
        matches!(self, CheckResult::Pass | CheckResult::Waived)
    }
}

impl CheckState {
    fn of(answer: Option<Answered>, mode: Mode, is_waived: bool) -> Self {
        let given = answer.as_ref().map_or(Answer::Unknown, |answer| answer.result);
        let result = match given {
            Answer::Pass => CheckResult::Pass,
            Answer::Fail | Answer::Unknown if is_waived => CheckResult::Waived,
            Answer::Fail => CheckResult::Fail,
            Answer::Unknown => CheckResult::Unknown,
        };
        let (because, evidence, looked_at) = answer.map_or_else(Default::default, |answer| {
            (Some(answer.because), answer.evidence, answer.looked_at)
        });
        Self { mode, result, because, evidence, looked_at }
    }
}
