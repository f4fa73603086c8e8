//! The life cycle of systems: gates, verification, data, monitoring, incidents, concerns.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::metrics::impact::{in_scope, running};
use crate::register::Rows;
use crate::rows::lifecycle::{Dataset, SystemVersion};
use crate::tally::{ONE, Tally, Unit};
use crate::value::Sym;
use crate::word::Word;
use crate::world::World;

/// Microseconds of an hour.
const HOUR_US: i64 = 3_600_000_000;

impl SystemVersion {
    /// Whether it was put into operation under the AIMS: what ran before it was registered was not.
    fn was_deployed(&self) -> bool {
        !self.onboarded
            && (self.deployment_gate.is_some()
                || matches!(self.status, Word::Running | Word::Stopped))
    }
}

/// Deployments through a gate that passed.
pub(crate) fn gates<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    for (id, system) in world.ai_systems().iter() {
        for (label, version) in system.versions.0.iter().filter(|(_, v)| v.was_deployed()) {
            let gate =
                version.deployment_gate.and_then(|gate| world.one(world.stage_gates(), gate));
            let passed = gate.is_some_and(|gate| gate.passed_at.is_some());
            let (label, whole) = (world.text(*label), if passed { ONE } else { 0 });
            tally.weigh(Cow::Borrowed(world.text(id)), whole, ONE, passed, || {
                let how = if passed { "through its gate" } else { "without a passed gate" };
                Cow::Owned(format!("{label} {how}"))
            });
        }
    }
    let (mut waivers, mut refused, mut requests) = (0, 0, 0);
    for gate in world.stage_gates().rows() {
        requests += 1;
        refused += i64::from(gate.status == Word::Refused);
        let grants = gate.waivers.values().filter(|waiver| {
            !waiver.grants.is_empty()
                && waiver.grants.values().all(|grant| world.day <= grant.until)
        });
        waivers += i64::try_from(grants.count()).unwrap_or_default();
    }
    tally.number("waivers_open", waivers, Unit::Count);
    tally.ratio("refusals", refused, requests);
}

/// Records that passed whose validators developed nothing of it, and whose criteria came first.
pub(crate) fn verification<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let records = world.verification_records().iter();
    for (id, row) in records.filter(|(_, row)| row.outcome == Some(Word::Pass)) {
        let apart = !row.validators.iter().any(|validator| row.developers.contains(validator));
        tally.one(world, id, apart && row.criteria_first, || {
            Cow::Borrowed(match (apart, row.criteria_first) {
                (true, true) => "independent, criteria first",
                (true, false) => "criteria registered after a run",
                (false, _) => "verified by a developer",
            })
        });
    }
}

impl Dataset {
    /// Whether each step of its provenance begins with what the step before ended with.
    fn is_chained(&self) -> bool {
        let mut steps: Vec<_> = self.provenance.values().collect();
        steps.sort_by_key(|step| step.order);
        !steps.is_empty()
            && steps.windows(2).all(|pair| match pair {
                [before, after] => after.hash_in == Some(before.hash_out),
                _ => true,
            })
    }
}

/// Data sets in use whose provenance is complete and whose quality passed.
pub(crate) fn datasets<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let versions = in_scope(world).flat_map(|(_, system)| system.versions.values());
    let used = versions.filter(|version| version.status == Word::Running);
    let mut used: Vec<Sym> = used.flat_map(|version| &version.datasets).copied().collect();
    used.sort_unstable();
    used.dedup();
    for id in used {
        let Some(row) = world.one(world.datasets(), id) else { continue };
        let passed = row.quality.as_ref().is_some_and(|quality| quality.passed);
        let chained = row.is_chained();
        tally.one(world, id, chained && passed, || {
            Cow::Borrowed(match (chained, passed) {
                (true, true) => "proven",
                (false, _) => "provenance incomplete",
                (true, false) => "quality not passed",
            })
        });
    }
}

/// Alerts that were acknowledged in time.
pub(crate) fn monitoring<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let (mut taken, mut answered, mut armed) = (0, 0, HashSet::new());
    for (id, monitor) in world.monitors().iter() {
        if !matches!(monitor.status, Word::Closed | Word::Paused) {
            armed.insert(monitor.system);
        }
        for (key, alert) in &monitor.alerts.0 {
            let in_time = alert.ack_at.is_some_and(|at| at <= alert.ack_due);
            if let Some(at) = alert.ack_at {
                (taken, answered) = (taken + (at.0 - alert.opened_at.0).max(0), answered + 1);
            }
            let (key, whole) = (world.text(*key), if in_time { ONE } else { 0 });
            let acknowledged = alert.ack_at.is_some();
            tally.weigh(Cow::Borrowed(world.text(id)), whole, ONE, in_time, || {
                let how = match (in_time, acknowledged) {
                    (true, _) => "acknowledged in time",
                    (false, true) => "acknowledged late",
                    (false, false) => "not acknowledged",
                };
                Cow::Owned(format!("{key} {how}"))
            });
        }
    }
    tally.quotient("mean_time_to_acknowledge", hours(taken, answered), Unit::Hours);
    let systems: Vec<_> = running(world).map(|(id, _)| id).collect();
    let watched = systems.iter().filter(|id| armed.contains(*id)).count();
    let count = |number: usize| i64::try_from(number).unwrap_or_default();
    tally.ratio("armed", count(watched), count(systems.len()));
}

/// A mean in hours: the sum of microseconds in millionths of an hour, and their number.
fn hours(micros: i64, count: i64) -> (i64, i64) {
    let sum = i128::from(micros) * i128::from(ONE) / i128::from(HOUR_US);
    (i64::try_from(sum).unwrap_or(i64::MAX), count * ONE)
}

/// Incidents, by severity; how fast they were noticed and resolved.
pub(crate) fn incidents<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    let (mut counts, mut clocks) = ([0; 3], (0, 0));
    let (mut noticed, mut resolved) = ((0, 0), (0, 0));
    let rows = world.incidents().iter();
    let real = |row: &&crate::rows::lifecycle::Incident| {
        !matches!(row.status, Word::Duplicate | Word::NotAnIncident)
    };
    for (id, row) in rows.filter(|(_, row)| real(row)) {
        tally.numerator += ONE;
        let severity = [Word::Minor, Word::Major, Word::Serious];
        let place = severity.iter().position(|severity| *severity == row.severity);
        if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
            *count += 1;
        }
        if let Some(occurred) = row.occurred_at {
            noticed = (noticed.0 + (row.aware_at.0 - occurred.0).max(0), noticed.1 + 1);
        }
        if let Some(at) = row.resolved_at {
            resolved = (resolved.0 + (at.0 - row.aware_at.0).max(0), resolved.1 + 1);
        }
        for clock in row.clocks.values().filter(|clock| clock.lifted_at.is_none()) {
            let met = clock.met_at.is_some_and(|at| at <= clock.due);
            clocks = (clocks.0 + i64::from(met), clocks.1 + 1);
        }
        tally.item(Cow::Borrowed(world.text(id)), true, || Cow::Owned(row.severity.text()));
    }
    for (name, count) in ["minor", "major", "serious"].into_iter().zip(counts) {
        tally.number(name, count, Unit::Count);
    }
    tally.quotient("mean_time_to_detect", hours(noticed.0, noticed.1), Unit::Hours);
    tally.quotient("mean_time_to_resolve", hours(resolved.0, resolved.1), Unit::Hours);
    tally.ratio("clocks_met", clocks.0, clocks.1);
}

/// Concerns that were answered in time.
pub(crate) fn concerns<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    for (id, row) in world.concerns().iter() {
        let in_time = row.reply.as_ref().is_some_and(|reply| reply.at <= row.answer_due);
        let answered = row.reply.is_some();
        tally.one(world, id, in_time, || {
            Cow::Borrowed(match (in_time, answered) {
                (true, _) => "answered in time",
                (false, true) => "answered late",
                (false, false) => "not answered",
            })
        });
    }
    let mut channels = world.reporting_channels().rows();
    let open = channels.any(|row| row.audience == Word::External && row.status == Word::Published);
    tally.number("external_channel", i64::from(open), Unit::YesNo);
}
