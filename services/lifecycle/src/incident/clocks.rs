//! The regulatory clocks of an incident: by when each rule that applies asks for a report, and
//! which report met it (EU AI Act Art. 73, 26(5); GDPR Art. 33).

use std::collections::BTreeMap;

use declare::record;
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Instant, UserId, kinds};
use reference::rules::{self, Rules};

use super::evaluation::shortened;
use super::{Evaluated, Event, Incident, Refusal};

/// Most clocks of one incident.
const CLOCKS_MAX: usize = 60;

/// A clock: a rule asks for a report by then.
#[record]
pub struct Clock {
    /// Article and paragraph.
    pub article: Line,
    /// The set of rules and its edition.
    pub set: Line,
    /// From when it runs.
    pub aware_at: Instant,
    /// When the report is due at the latest.
    pub due: Instant,
    /// When it was first started.
    pub started_at: Instant,
    /// When it was met: when the recipient got the report.
    pub met_at: Option<Instant>,
    /// The report that met it.
    pub report: Option<Ref<kinds::ExternalReport>>,
    /// When it ended because its rule did not apply any more.
    pub lifted_at: Option<Instant>,
}

/// A clock runs, or ends earlier than it did.
#[record]
pub struct RegulatoryClockStarted {
    /// Code of the rule.
    pub rule: Key,
    /// Article and paragraph.
    pub article: Line,
    /// The set of rules and its edition.
    pub set: Line,
    /// From when it runs.
    pub aware_at: Instant,
    /// When the report is due at the latest.
    pub due: Instant,
    /// When it was started.
    pub at: Instant,
}

/// Input of `meet_clock`.
#[record]
pub struct MeetClock {
    /// Code of the clock's rule.
    pub rule: Key,
    /// The report that meets it.
    pub report: Ref<kinds::ExternalReport>,
}

/// A submitted report met a clock.
#[record]
pub struct RegulatoryClockMet {
    /// Code of the clock's rule.
    pub rule: Key,
    /// The report.
    pub report: Ref<kinds::ExternalReport>,
    /// When the recipient got it.
    pub met_at: Instant,
    /// When it was due.
    pub due: Instant,
    /// Whether it came later than that.
    pub late: bool,
}

/// Input of `lift_clock`.
#[record]
pub struct LiftClock {
    /// Code of the clock's rule.
    pub rule: Key,
    /// Why no report is owed.
    pub reason: Prose,
}

/// A clock ended because its rule does not apply any more.
#[record]
pub struct RegulatoryClockLifted {
    /// Code of the clock's rule.
    pub rule: Key,
    /// Why no report is owed.
    pub reason: Prose,
    /// What speaks against the rule.
    pub because: Line,
    /// Who ended it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

impl Clock {
    /// Whether a report is still owed.
    pub fn is_running(&self) -> bool {
        self.met_at.is_none() && self.lifted_at.is_none()
    }
}

impl Incident {
    /// The first clock that runs.
    pub(super) fn running_clock(&self) -> Option<(&Key, &Clock)> {
        self.clocks.iter().find(|(_, clock)| clock.is_running())
    }

    /// What each rule on reports says, and the clocks that begin or end earlier by that.
    pub(super) fn clocks_started(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_go_on("put to the regulatory rules")?;
        let rules = Rules::known(&context.facts);
        let found = self.weighed(&rules, context);
        let evaluated = self.told(&found, context);
        let same = self.evaluated.as_ref().is_some_and(|before| {
            Evaluated { at: before.at, ..evaluated.evaluated.clone() } == *before
                && self.evaluations == evaluated.evaluations
        });
        let mut events = Vec::new();
        if !same {
            events.push(Event::RegulatoryRulesEvaluated(evaluated));
        }
        let mut due_by_rule: BTreeMap<Key, RegulatoryClockStarted> = BTreeMap::new();
        for clock in found.iter().filter_map(|found| self.clock_of(found, context)) {
            let earliest = due_by_rule.entry(clock.rule.clone()).or_insert_with(|| clock.clone());
            if clock.due < earliest.due {
                *earliest = clock;
            }
        }
        let known = due_by_rule.keys().filter(|rule| self.clocks.contains_key(rule)).count();
        if self.clocks.len() + due_by_rule.len() - known > CLOCKS_MAX {
            return Err(Refusal::TooManyClocks { most: CLOCKS_MAX });
        }
        events.extend(due_by_rule.into_values().map(Event::RegulatoryClockStarted));
        Ok(events)
    }

    /// The clock of a rule that applies, unless it runs already and ends no later.
    fn clock_of(
        &self,
        found: &rules::Evaluation<'_>,
        context: &Context,
    ) -> Option<RegulatoryClockStarted> {
        let deadline = found.rule.deadline.filter(|_| found.applies)?;
        let before = self.clocks.get(&found.rule.code);
        let due = deadline.due(self.aware_at);
        let due = before.map_or(due, |clock| clock.due.min(due));
        let stands = before.is_some_and(|clock| clock.due <= due && clock.lifted_at.is_none());
        (!stands).then(|| RegulatoryClockStarted {
            rule: found.rule.code.clone(),
            article: found.rule.article.clone(),
            set: Line::new(found.set.clone()),
            aware_at: self.aware_at,
            due,
            at: context.now,
        })
    }

    fn clock(&self, rule: &Key) -> Result<&Clock, Refusal> {
        let clock = self.clocks.get(rule).filter(|clock| clock.lifted_at.is_none());
        let unknown = || Refusal::NoSuchClock { rule: rule.as_str().to_owned(), at: "/rule" };
        clock.ok_or_else(unknown)
    }

    pub(super) fn clock_met(
        &self,
        input: MeetClock,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let clock = self.clock(&input.rule)?;
        let (id, at) = (input.report.id().to_owned(), "/report");
        let report = context.facts.get::<facts::ExternalReport>(&id);
        let Some(report) = report.filter(|r| r.incident.as_deref() == Some(&context.id)) else {
            return Err(Refusal::ReportOfAnother { report: id, at });
        };
        if report.rule.as_deref() != Some(input.rule.as_str()) {
            return Err(Refusal::ReportOfAnother { report: id, at });
        }
        if report.report_kind == "follow_up" {
            return Err(Refusal::ReportOnlyFollowsUp { report: id, at });
        }
        let Some(met_at) = report.submitted_at.filter(|_| report.is_submitted()) else {
            return Err(Refusal::ReportNotSubmitted { report: id, at });
        };
        // The first report that arrived is the one that met the clock.
        if clock.met_at.is_some_and(|before| before <= met_at) {
            return Ok(Vec::new());
        }
        let (due, late) = (clock.due, met_at > clock.due);
        let MeetClock { rule, report } = input;
        Ok(vec![Event::RegulatoryClockMet(RegulatoryClockMet { rule, report, met_at, due, late })])
    }

    pub(super) fn clock_lifted(
        &self,
        input: LiftClock,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let rule = input.rule;
        if self.clocks.get(&rule).is_some_and(|clock| clock.lifted_at.is_some()) {
            return Ok(Vec::new());
        }
        if self.clock(&rule)?.met_at.is_some() {
            return Err(Refusal::ClockIsMet { rule: rule.as_str().to_owned() });
        }
        let rules = Rules::known(&context.facts);
        let found = self.weighed(&rules, context);
        let of_rule: Vec<_> = found.iter().filter(|found| found.rule.code == rule).collect();
        if let Some(applying) = of_rule.iter().find(|found| found.applies) {
            let (rule, because) = (rule.as_str().to_owned(), applying.because.clone());
            return Err(Refusal::RuleStillApplies { rule, because });
        }
        let because = of_rule.first().map(|found| found.because.clone());
        let because = shortened(because.as_deref().unwrap_or("the rule is in no set"));
        let (reason, by, at) = (input.reason, context.user(), context.now);
        Ok(vec![Event::RegulatoryClockLifted(RegulatoryClockLifted {
            rule,
            reason,
            because,
            by,
            at,
        })])
    }

    pub(super) fn start_clock(&mut self, event: RegulatoryClockStarted) {
        let before = self.clocks.remove(&event.rule);
        let started_at = before.as_ref().map_or(event.at, |clock| clock.started_at);
        let (met_at, report) = before.map_or((None, None), |clock| (clock.met_at, clock.report));
        let clock = Clock {
            article: event.article,
            set: event.set,
            aware_at: event.aware_at,
            due: event.due,
            started_at,
            met_at,
            report,
            lifted_at: None,
        };
        self.clocks.insert(event.rule, clock);
    }

    pub(super) fn meet_clock(&mut self, event: RegulatoryClockMet) {
        if let Some(clock) = self.clocks.get_mut(&event.rule) {
            clock.met_at = Some(event.met_at);
            clock.report = Some(event.report);
        }
    }

    pub(super) fn lift_clock(&mut self, event: RegulatoryClockLifted) {
        if let Some(clock) = self.clocks.get_mut(&event.rule) {
            clock.lifted_at = Some(event.at);
        }
    }
}
