//! The answers to the checks of a gate, and what follows from them under the policy.

use std::collections::BTreeMap;

use declare::{record, words};
use kernel::kinds::Evidence;
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Instant, Position, Refused, UserId};

use super::checks::Question;
use super::{Event, Refusal, StageGate, Status};
use crate::gate_policy::{Check, GatePolicy, Mode};

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
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
    /// It cannot be told.
    Unknown,
    /// It does not pass, but was waived.
    Waived,
}

/// The answer to one check.
pub(super) struct Answered {
    /// The answer.
    pub result: Answer,
    /// Why, in words that name no person.
    pub because: Line,
    /// What proves it.
    pub evidence: Vec<Ref<Evidence>>,
    /// The objects that were looked at, those that decide first.
    pub looked_at: BTreeMap<Key, SeenObject>,
    /// How many there were.
    pub looked_at_count: u32,
}

/// An object as a check saw it.
#[record]
#[derive(Eq)]
pub struct SeenObject {
    /// The version of its stream.
    pub version: u64,
}

/// What a gate keeps of a check.
#[record]
#[derive(Eq)]
pub struct CheckState {
    /// What it does to the gate under the policy.
    pub mode: Mode,
    /// What came of it.
    pub result: CheckResult,
    /// Why, in words that name no person.
    #[field(max = 400)]
    pub because: Line,
    /// What proves it.
    pub evidence: Vec<Ref<Evidence>>,
    /// The objects that were looked at, by id: those that decide, then others, twenty at most.
    pub looked_at: BTreeMap<Key, SeenObject>,
    /// How many were looked at.
    pub looked_at_count: u32,
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
    pub(super) fn evaluated(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let is_refused_by_checks = self.status == Status::Refused && self.refused_by.is_none();
        if !self.is_open() && !is_refused_by_checks {
            return Err(self.closed());
        }
        self.check_stage(context)?;
        self.check_alone(context)?;
        let evaluated = self.evaluate(context)?;
        let is_same = self.checks == evaluated.checks
            && self.policy_version.as_ref() == Some(&evaluated.policy_version);
        if is_same && self.status != Status::Requested {
            return Ok(Vec::new());
        }
        Ok(recorded(self, evaluated))
    }

    /// The answers to all checks as the facts give them now, and what they do to the gate.
    pub(super) fn evaluate(&self, context: &Context) -> Result<Evaluated, Refusal> {
        let question = Question::of(self, context).ok_or(Refusal::StageMoved)?;
        let policy = GatePolicy::in_force(context);
        let asked = policy.asked(self.to);
        let states = asked.iter().map(|(check, rule)| {
            let waiver = self.waivers.get(&check.key());
            let is_waived = waiver.is_some_and(|w| w.holds(rule, context.today()));
            (check.key(), CheckState::of(question.answer(*check), rule.mode, is_waived))
        });
        let checks: BTreeMap<Key, CheckState> = states.collect();
        let not_passed = |mode: Mode| -> Vec<Check> {
            let open = asked.iter().map(|(check, _)| *check).filter(|check| {
                checks.get(&check.key()).is_some_and(|s| s.mode == mode && !s.result.is_settled())
            });
            open.collect()
        };
        let (blocking, warnings) = (not_passed(Mode::Block), not_passed(Mode::Warn));
        let results = |checks: &BTreeMap<Key, CheckState>| -> Vec<(Key, Mode, CheckResult)> {
            checks.iter().map(|(key, state)| (key.clone(), state.mode, state.result)).collect()
        };
        let approvals_lapse =
            !self.approvals.is_empty() && results(&self.checks) != results(&checks);
        Ok(Evaluated {
            policy_version: policy.policy_version,
            position: context.facts.position,
            at: context.effective.unwrap_or(context.now),
            checks,
            warnings,
            blocking,
            approvals_lapse,
        })
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

/// The answers as events: with the refusal that follows where something blocks.
pub(super) fn recorded(gate: &StageGate, evaluated: Evaluated) -> Vec<Event> {
    let refused = refused_by_checks(gate, &evaluated);
    let refused = refused.map(Event::Refused);
    [Event::Evaluated(evaluated)].into_iter().chain(refused).collect()
}

fn refused_by_checks(gate: &StageGate, evaluated: &Evaluated) -> Option<GateRefused> {
    let (blocking, checks) = (&evaluated.blocking, &evaluated.checks);
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
    let said = said.map(|(what, codes)| format!("{what} {codes}")).collect::<Vec<_>>();
    let refusal = Refusal::ChecksFailed { to: gate.to.word(), checks: said.join("; ") };
    Some(GateRefused {
        refusal: Refused::of("stage_gate", &refusal),
        checks: blocking.clone(),
        by: None,
        reason: None,
    })
}

impl CheckResult {
    /// Whether it stands in nobody's way.
    fn is_settled(self) -> bool {
        matches!(self, CheckResult::Pass | CheckResult::Waived)
    }
}

impl CheckState {
    fn of(answered: Answered, mode: Mode, is_waived: bool) -> Self {
        let result = match answered.result {
            Answer::Pass => CheckResult::Pass,
            Answer::Fail | Answer::Unknown if is_waived => CheckResult::Waived,
            Answer::Fail => CheckResult::Fail,
            Answer::Unknown => CheckResult::Unknown,
        };
        let Answered { because, evidence, looked_at, looked_at_count, .. } = answered;
        Self { mode, result, because, evidence, looked_at, looked_at_count }
    }
}
