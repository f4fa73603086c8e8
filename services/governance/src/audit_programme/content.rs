//! What a programme of internal audits says.

use std::collections::BTreeMap;

use declare::record;
use kernel::values::{Key, Line, Number, Prose};
use kernel::{Context, Date, UserId};

use super::{InForce, LOOK_BACK_MONTHS, Refusal};
use crate::criteria;

/// What a version of the programme says. Input of `draft` and `redraft`.
#[record]
#[derive(Default)]
pub struct Content {
    /// The calendar year.
    #[field(index)]
    pub year: u32,
    /// What is audited against: standards and the organisation's own rules.
    #[field(max = 20)]
    pub criteria: Vec<Line>,
    /// Months within which each area is audited again.
    pub frequency_months: u32,
    /// How the auditors go about it.
    #[field(correctable)]
    pub methods: Option<Prose>,
    /// Why these audits: the importance of the processes, the risks, what earlier audits found.
    #[field(correctable)]
    pub risk_basis: Option<Prose>,
    /// Months for which whoever answered for an area does not audit it; 24 when left out.
    pub look_back_months: Option<u32>,
    /// The audits, by key.
    #[field(max = 16)]
    pub planned_audits: BTreeMap<Key, PlannedAudit>,
}

/// An audit that is planned.
#[record]
pub struct PlannedAudit {
    /// What it is called.
    pub title: Line,
    /// Clauses and controls that it is to cover; a number stands for what is below it too.
    #[field(max = 80)]
    pub criteria: Vec<Number>,
    /// The processes and units that it is to look at.
    #[field(max = 10)]
    pub areas: Vec<Line>,
    /// When it is planned.
    pub planned_on: Date,
    /// Who is to lead it.
    pub lead: Option<UserId>,
}

impl Content {
    /// The clauses and controls of all planned audits.
    pub(super) fn audited(&self) -> impl Iterator<Item = &Number> {
        self.planned_audits.values().flat_map(|audit| &audit.criteria)
    }

    /// The days of the year: its first and its last.
    pub(super) fn days(year: u32) -> Option<(Date, Date)> {
        let first: Date = format!("{year:04}-01-01").parse().ok()?;
        Some((first, first.plus_months(12).plus_days(-1)))
    }

    pub(super) fn check(&self, context: &Context) -> Result<(), Refusal> {
        let (year, months) = (self.year, self.frequency_months);
        if !(1..=36).contains(&months) {
            return Err(Refusal::FrequencyOutOfRange { months, at: "/frequencyMonths" });
        }
        for (key, audit) in &self.planned_audits {
            let at = |field: &str| format!("/plannedAudits/{}/{field}", key.as_str());
            let planned_on = audit.planned_on;
            let within = |(first, last)| first <= planned_on && planned_on <= last;
            if !Self::days(year).is_some_and(within) {
                let (audit, at) = (key.as_str().to_owned(), at("plannedOn"));
                return Err(Refusal::PlannedOutsideYear { audit, planned_on, year, at });
            }
            if let Some(number) = criteria::unknown(&audit.criteria, context) {
                let (number, at) = (number.to_string(), at("criteria"));
                return Err(Refusal::UnknownCriterion { number, at });
            }
        }
        Ok(())
    }

    /// What the clause on audit programmes asks for.
    pub(super) fn check_complete(&self) -> Result<(), Refusal> {
        let lacks = |what| Err(Refusal::ProgrammeLacks { what });
        if self.criteria.is_empty() {
            return lacks("criteria: what is audited against");
        }
        if self.risk_basis.is_none() {
            return lacks("a basis in risks and earlier results");
        }
        if self.planned_audits.is_empty() {
            return lacks("planned audits");
        }
        if self.planned_audits.values().any(|audit| audit.criteria.is_empty()) {
            return lacks("clauses or controls for one of its audits");
        }
        Ok(())
    }

    pub(super) fn in_force(&self) -> InForce {
        InForce {
            planned_audits: self.planned_audits.keys().cloned().collect(),
            look_back_months: self.look_back_months.unwrap_or(LOOK_BACK_MONTHS),
        }
    }
}
