//! How grave a finding is, and what each grade asks for (ISO/IEC 17021-1).

use declare::{record, words};
use kernel::values::{Number, Prose};
use kernel::{Context, Date};

use super::raising::{Source, rules_of};
use super::{AuditFinding, Event, FindingStatus, Refusal};
use crate::criteria;
use crate::stamp::Stamp;

/// How grave a finding is.
#[words]
#[derive(Default)]
pub enum Grade {
    /// The auditors have not said yet.
    #[default]
    Ungraded,
    /// Something is done well.
    Positive,
    /// An opportunity for improvement: advice.
    Ofi,
    /// What could become a nonconformity in stage 2.
    AreaOfConcern,
    /// A lapse that does not put the intended results in doubt.
    Minor,
    /// It is in doubt whether the management system can reach its intended results.
    Major,
}

/// Input of `regrade`.
#[record]
pub struct Regrade {
    /// How grave it is.
    pub grade: Grade,
    /// The clause or control that it is about, if that changes.
    pub requirement: Option<Number>,
    /// Why; a grade is not lowered without.
    pub reason: Option<Prose>,
}

/// The grade changed.
#[record]
pub struct Regraded {
    /// What it was.
    pub from: Grade,
    /// What it is.
    pub to: Grade,
    /// The clause or control that it is about.
    pub requirement: Option<Number>,
    /// Whether that requirement is violated.
    pub requirement_violated: bool,
    /// The day by which the certification body wants an answer.
    pub reply_due: Option<Date>,
    /// Why.
    pub reason: Option<Prose>,
    /// Who, and when.
    pub regraded: Stamp,
}

impl Grade {
    pub(super) fn text(self) -> &'static str {
        match self {
            Grade::Ungraded => "ungraded",
            Grade::Positive => "positive",
            Grade::Ofi => "an opportunity for improvement",
            Grade::AreaOfConcern => "an area of concern",
            Grade::Minor => "minor",
            Grade::Major => "major",
        }
    }

    /// Whether it says that a requirement is not met.
    pub fn is_nonconformity(self) -> bool {
        match self {
            Grade::Minor | Grade::Major => true,
            Grade::Ungraded | Grade::Positive | Grade::Ofi | Grade::AreaOfConcern => false,
        }
    }

    /// What the grade asks for.
    pub(super) fn check(
        self,
        source: Source,
        requirement: Option<&Number>,
        evidence: usize,
        violated: bool,
    ) -> Result<(), Refusal> {
        match self {
            Grade::AreaOfConcern if source != Source::Stage1 => {
                Err(Refusal::AreaOfConcernOutsideStage1 { at: "/grade" })
            }
            Grade::Positive | Grade::Ofi if violated => {
                Err(Refusal::ViolationDressedUp { grade: self.text(), at: "/grade" })
            }
            Grade::Minor | Grade::Major if requirement.is_none() => {
                Err(Refusal::NoRequirement { at: "/requirement" })
            }
            Grade::Minor | Grade::Major if evidence == 0 => {
                Err(Refusal::NoObjectiveEvidence { at: "/objectiveEvidence" })
            }
            Grade::Ungraded
            | Grade::Positive
            | Grade::Ofi
            | Grade::AreaOfConcern
            | Grade::Minor
            | Grade::Major => Ok(()),
        }
    }
}

impl AuditFinding {
    pub(super) fn regraded(
        &self,
        input: Regrade,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_of_the_auditors(context)?;
        let Regrade { grade: to, requirement, reason } = input;
        let requirement = requirement.or_else(|| self.requirement.clone());
        let from = self.grade;
        if from == to && requirement == self.requirement {
            return Ok(Vec::new());
        }
        if matches!(self.status, FindingStatus::Verified | FindingStatus::Closed) {
            return Err(self.wrong_status("graded"));
        }
        if to < from && reason.is_none() {
            let (from, to) = (from.text(), to.text());
            return Err(Refusal::LoweredWithoutReason { from, to, at: "/reason" });
        }
        if let Some(number) = criteria::unknown(&requirement, context) {
            let number = number.to_string();
            return Err(Refusal::UnknownRequirement { number, at: "/requirement" });
        }
        // What the auditors take back as a nonconformity, they take back as a violation.
        let requirement_violated =
            to.is_nonconformity() || self.requirement_violated && !from.is_nonconformity();
        let evidence = self.objective_evidence.len();
        to.check(self.source, requirement.as_ref(), evidence, requirement_violated)?;
        let rules = rules_of(self.audit.id(), context);
        let reply_due = if to.is_nonconformity() {
            self.reply_due.or_else(|| rules.reply_due(context.today()))
        } else {
            None
        };
        let regraded = Stamp::of(context);
        let event =
            Regraded { from, to, requirement, requirement_violated, reply_due, reason, regraded };
        Ok(vec![Event::Regraded(event)])
    }
}
