//! What criteria must be: whole, growing, and with limits below the critical scores.

use kernel::Role;

use super::rules::{Authority, Band, GRADES, Intervals, Level, MatrixRow, Rules, SCORES};
use super::scales::Grade;
use super::{Content, Refusal};

/// Longest acceptance: twelve months.
pub const YEAR_DAYS: u32 = 365;
/// Longest acceptance above the appetite.
pub const TOLERATED_DAYS: u32 = 180;
/// Longest time between two assessments.
const INTERVAL_DAYS_MAX: u32 = 1_095;

const BANDS: &str = "/bands";
const MATRIX: &str = "/matrix";
const AUTHORITY: &str = "/acceptanceAuthority";

/// Checks a whole draft.
pub(super) fn content(content: &Content) -> Result<(), Refusal> {
    let (severity, impact) = (&content.severity_scale, &content.impact_scales);
    scale("likelihood", &content.likelihood_scale, "/likelihoodScale")?;
    scale("the organisation's severity", &severity.organisation, "/severityScale/organisation")?;
    scale("the individual's severity", &severity.individual, "/severityScale/individual")?;
    scale("society's severity", &severity.society, "/severityScale/society")?;
    scale("scale", &impact.scale, "/impactScales/scale")?;
    scale("reversibility", &impact.reversibility, "/impactScales/reversibility")?;
    rules(&content.rules)
}

fn scale(scale: &'static str, grades: &[Grade], at: &'static str) -> Result<(), Refusal> {
    let grades = grades.len();
    if grades == GRADES as usize {
        return Ok(());
    }
    Err(Refusal::ScaleNotOfFive { scale, grades, at })
}

fn rules(rules: &Rules) -> Result<(), Refusal> {
    bands(&rules.bands)?;
    matrix(&rules.matrix)?;
    limits(rules)?;
    authority(rules)?;
    intervals(rules.review_interval_days)
}

/// One band for each level, and they run on from 1 to 25 in the order of the levels.
fn bands(bands: &[Band]) -> Result<(), Refusal> {
    let at = BANDS;
    let mut next = 1;
    for level in Level::ALL {
        let mut of_level = bands.iter().filter(|band| band.level == level);
        let (Some(band), None) = (of_level.next(), of_level.next()) else {
            let bands = bands.iter().filter(|band| band.level == level).count();
            return Err(Refusal::NotOneBand { level: level.text(), bands, at });
        };
        let Band { from, to, .. } = *band;
        if from < 1 || to > SCORES || from > to {
            return Err(Refusal::BandOutOfRange { from, to, at });
        }
        if from > next {
            return Err(Refusal::BandGap { score: next, at });
        }
        if from < next {
            return Err(Refusal::BandOverlap { score: from, at });
        }
        next = to + 1;
    }
    if next <= SCORES { Err(Refusal::BandGap { score: next, at }) } else { Ok(()) }
}

/// Five by five, and never falling along a row or a column.
fn matrix(matrix: &[MatrixRow]) -> Result<(), Refusal> {
    let (at, size) = (MATRIX, GRADES as usize);
    if matrix.len() != size || matrix.iter().any(|row| row.levels.len() != size) {
        return Err(Refusal::MatrixIncomplete { at });
    }
    for (l, row) in matrix.iter().enumerate() {
        let falls_along = row.levels.windows(2).position(|pair| pair[1] < pair[0]);
        let above = l.checked_sub(1).and_then(|above| matrix.get(above));
        let falls_down = above.and_then(|above| {
            row.levels.iter().zip(&above.levels).position(|(here, above)| here < above)
        });
        let falls = falls_along.map(|s| s + 1).or(falls_down);
        if let Some(s) = falls {
            return Err(Refusal::MatrixDecreases { likelihood: l + 1, severity: s + 1, at });
        }
    }
    Ok(())
}

/// The lowest score that bands or matrix call critical.
fn lowest_critical(rules: &Rules) -> u32 {
    let bands = rules.bands.iter().filter(|band| band.level == Level::Critical);
    let cells = rules.matrix.iter().zip(1..).flat_map(|(row, likelihood)| {
        let cells = row.levels.iter().zip(1..);
        let critical = cells.filter(|(level, _)| **level == Level::Critical);
        critical.map(move |(_, severity): (_, u32)| likelihood * severity)
    });
    bands.map(|band| band.from).chain(cells).min().unwrap_or(SCORES)
}

fn limits(rules: &Rules) -> Result<(), Refusal> {
    let (appetite, tolerance) = (rules.appetite, rules.tolerance);
    let critical = lowest_critical(rules);
    if appetite >= critical {
        return Err(Refusal::AppetiteReachesCritical { appetite, critical, at: "/appetite" });
    }
    if tolerance < appetite {
        return Err(Refusal::ToleranceBelowAppetite { tolerance, appetite, at: "/tolerance" });
    }
    if tolerance >= critical {
        return Err(Refusal::ToleranceReachesCritical { tolerance, critical, at: "/tolerance" });
    }
    Ok(())
}

fn authority(rules: &Rules) -> Result<(), Refusal> {
    let (at, all) = (AUTHORITY, &rules.acceptance_authority);
    for (n, Authority { role, up_to_score, max_days }) in all.iter().enumerate() {
        let code = role.code();
        if !matches!(role, Role::Ro | Role::Tm) {
            return Err(Refusal::RoleAcceptsNothing { role: code, at });
        }
        if all.iter().take(n).any(|other| other.role == *role) {
            return Err(Refusal::DuplicateAuthority { role: code, at });
        }
        let most = if *up_to_score > rules.appetite { TOLERATED_DAYS } else { YEAR_DAYS };
        if !(1..=most).contains(max_days) {
            let days = *max_days;
            return Err(Refusal::AcceptanceTooLong { role: code, days, most, at });
        }
    }
    let up_to = all.iter().map(|authority| authority.up_to_score).max().unwrap_or(0);
    let tolerance = rules.tolerance;
    if up_to == tolerance {
        return Ok(());
    }
    Err(Refusal::AuthorityEndsElsewhere { up_to, tolerance, at })
}

fn intervals(intervals: Intervals) -> Result<(), Refusal> {
    let Intervals { low, medium, high, critical } = intervals;
    let fits = low <= INTERVAL_DAYS_MAX && critical >= 1;
    if fits && low >= medium && medium >= high && high >= critical {
        return Ok(());
    }
    Err(Refusal::IntervalsWrong { at: "/reviewIntervalDays" })
}
