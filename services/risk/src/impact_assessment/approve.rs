//! Advice, submission and approval (ISO/IEC 42005 5.10, 5.11).

use std::collections::BTreeMap;

use declare::record;
use kernel::approval::content_hash;
use kernel::kinds::PrivacyAssessment;
use kernel::values::{Hash, Key, Prose, Ref};
use kernel::{Context, Date, Instant, Need, Role, UserId};

use super::condition::{Condition, SetCondition, conditions};
use super::level::{AppliedCriteria, Level};
use super::rating::{Impact, Sizes};
use super::trigger::TriggerKind;
use super::{Event, ImpactAssessment, Refusal, Status};

/// The revision that was approved last.
#[record]
pub struct ApprovedRevision {
    /// Its number.
    pub revision: u32,
    /// The version of the system that it is about.
    pub system_version: Option<Key>,
    /// Its greatest harm.
    pub level: Level,
    /// Its greatest harm with the measures in place.
    pub residual_level: Level,
    /// The version of the risk criteria by which the levels were given; `default` for none.
    pub criteria: Key,
    /// Who approved it.
    pub approved_by: UserId,
    /// When.
    pub approved_at: Instant,
    /// SHA-256 over the canonical JSON of what was submitted and approved.
    pub content_hash: Hash,
    /// When the system must be assessed again at the latest.
    pub next_due: Date,
    /// The triggers that it answered.
    pub answered: Vec<TriggerKind>,
    /// The privacy assessments that it rested on.
    pub privacy_assessments: Vec<Ref<PrivacyAssessment>>,
    /// The version of this object's history at which it stands.
    pub history_version: u64,
}

/// The advice of the data protection officer.
#[record]
pub struct Advice {
    /// What he says.
    pub advice: Prose,
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Input of `advise`.
#[record]
pub struct Advise {
    /// The advice.
    pub advice: Prose,
}

/// The working revision was submitted. Its levels are given afresh, so that all are by the same
/// criteria.
#[record]
pub struct Submitted {
    /// Its number.
    pub revision: u32,
    /// Who submitted it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// Hash of what it says.
    pub content_hash: Hash,
    /// The criteria that gave it its levels.
    pub criteria: AppliedCriteria,
    /// Scores and levels by impact.
    pub sizes: BTreeMap<Key, Sizes>,
}

/// The submitted revision was sent back.
#[record]
pub struct Rejected {
    /// Its number.
    pub revision: u32,
    /// Who sent it back.
    pub by: UserId,
    /// Why.
    pub reason: Prose,
}

/// Input of `approve`.
#[record]
pub struct Approve {
    /// The hash of the content that the approver saw; refused when another was submitted.
    pub content_hash: Option<Hash>,
    /// On what conditions; they take the place of those of the revision before.
    #[field(max = 20)]
    pub conditions: Vec<SetCondition>,
    /// When the system must be assessed again: within 12 months, within 6 at a level of high or
    /// critical; the last such day when left out.
    pub next_due: Option<Date>,
}

/// A revision was approved.
#[record]
pub struct Approved {
    /// What was approved.
    pub approved: ApprovedRevision,
    /// On what conditions.
    pub conditions: BTreeMap<Key, Condition>,
}

impl ImpactAssessment {
    /// The facts on which an approval rests.
    pub(super) fn needs_of_approval(&self) -> Vec<Need> {
        let id = self.system.id().to_owned();
        vec![
            Need::Object(id.clone()),
            Need::Where("privacy_assessment", "system", id.clone()),
            Need::Where("regulatory_classification", "system", id),
        ]
    }

    /// Hash of all that the assessors wrote; levels follow from it and are left out.
    fn written_hash(&self) -> Hash {
        let rated = |(key, impact): (&Key, &Impact)| {
            (key.clone(), (impact.rated.clone(), impact.reversibility))
        };
        let impacts: BTreeMap<_, _> = self.impacts.iter().map(rated).collect();
        content_hash(&(&self.content, impacts, &self.no_impacts, &self.fria))
    }

    /// Decides on `submit`.
    pub(super) fn submitted(&self, context: &Context) -> Result<Event, Refusal> {
        self.must_be_editable()?;
        let criteria = AppliedCriteria::in_force(context);
        let sizes = |(key, impact): (&Key, &Impact)| {
            (key.clone(), impact.rated.sizes(impact.reversibility, &criteria))
        };
        Ok(Event::Submitted(Submitted {
            revision: self.revision,
            by: context.user(),
            at: context.now,
            content_hash: self.written_hash(),
            sizes: self.impacts.iter().map(sizes).collect(),
            criteria,
        }))
    }

    /// Decides on `reject`.
    pub(super) fn rejected(&self, reason: Prose, by: UserId) -> Result<Event, Refusal> {
        self.must_be_submitted()?;
        Ok(Event::Rejected(Rejected { revision: self.revision, by, reason }))
    }

    /// Decides on `approve`.
    pub(super) fn approve(&self, input: Approve, context: &Context) -> Result<Event, Refusal> {
        self.must_be_submitted()?;
        self.check_approver(context)?;
        let submitted = self.content_hash.clone().unwrap_or_default();
        let seen = input.content_hash.as_ref().unwrap_or(&submitted);
        if *seen != submitted || self.written_hash() != submitted {
            return Err(Refusal::ContentChanged);
        }
        let approved_at = context.effective.unwrap_or(context.now);
        if self.submitted_at.is_some_and(|submitted| approved_at < submitted) {
            return Err(Refusal::ApprovedBeforeSubmission { at: "/effectiveAt" });
        }
        self.check_triggers()?;
        if let Some(missing) = self.still_missing().into_iter().next() {
            return Err(missing.refusal());
        }
        self.check_rights(context)?;
        let privacy_assessments = self.privacy_assessments(context)?;
        let residual_level = self.greatest(Impact::standing_level);
        check_authority(residual_level, context)?;
        let level = self.greatest(|impact| impact.sizes.level);
        let approved = ApprovedRevision {
            revision: self.revision,
            system_version: self.content.system_version.clone(),
            level,
            residual_level,
            criteria: self.criteria.clone().unwrap_or_default(),
            approved_by: context.user(),
            approved_at,
            content_hash: submitted,
            next_due: next_due(input.next_due, approved_at.date(), level)?,
            answered: self.answered_triggers(),
            privacy_assessments,
            history_version: context.version,
        };
        let conditions = conditions(input.conditions, context)?;
        Ok(Event::Approved(Approved { approved, conditions }))
    }

    fn must_be_submitted(&self) -> Result<(), Refusal> {
        match self.status {
            Status::Submitted => Ok(()),
            Status::Planned
            | Status::InProgress
            | Status::Approved
            | Status::ApprovedWithConditions
            | Status::Rejected
            | Status::ReassessmentRequired
            | Status::Superseded => Err(Refusal::NotSubmitted { status: self.status.text() }),
        }
    }

    /// Who assessed or owns the system does not approve.
    fn check_approver(&self, context: &Context) -> Result<(), Refusal> {
        let approver = context.user();
        if self.assessors.contains(&approver) || self.submitted_by.as_ref() == Some(&approver) {
            return Err(Refusal::ApproverIsAssessor);
        }
        let system = context.facts.get::<facts::AiSystem>(self.system.id());
        let owner = system.and_then(|system| system.owner);
        if owner.is_some_and(|owner| owner == approver.as_str()) {
            return Err(Refusal::ApproverOwnsSystem);
        }
        Ok(())
    }

    /// The privacy assessments in force on which a system that uses personal data rests.
    fn privacy_assessments(
        &self,
        context: &Context,
    ) -> Result<Vec<Ref<PrivacyAssessment>>, Refusal> {
        if !self.content.personal_data {
            return Ok(Vec::new());
        }
        let known = context.facts.all::<facts::PrivacyAssessment>().into_iter();
        let of_system = known.filter(|(_, privacy)| {
            privacy.system == self.system.id() && privacy.effective.is_some()
        });
        let in_force: Vec<_> = of_system.map(|(id, _)| Ref::new(id)).collect();
        let named = self.content.privacy_assessment.as_ref();
        if in_force.is_empty() || named.is_some_and(|named| !in_force.contains(named)) {
            return Err(Refusal::NoPrivacyAssessment);
        }
        Ok(in_force)
    }

    /// Whether a fundamental rights impact assessment is complete where one is required.
    fn check_rights(&self, context: &Context) -> Result<(), Refusal> {
        let known = context.facts.all::<facts::RegulatoryClassification>();
        let required = known.iter().any(|(_, classification)| {
            classification.system == self.system.id()
                && classification.is_confirmed()
                && classification.fria_required
        });
        let missing = self.fria.clone().unwrap_or_default().missing();
        if required && !missing.is_empty() {
            return Err(Refusal::RightsNotAssessed { missing });
        }
        Ok(())
    }

    /// Decides on `advise`: the officer is heard before the approval; he is no assessor for it.
    pub(super) fn advised(&self, advice: Prose, context: &Context) -> Result<Event, Refusal> {
        if self.status != Status::Submitted {
            self.must_be_editable()?;
        }
        let (by, at) = (context.user(), context.effective.unwrap_or(context.now));
        Ok(Event::Advised(Advice { advice, by, at }))
    }

    /// Evolves by a submission.
    pub(super) fn evolve_submitted(&mut self, event: Submitted) {
        self.status = Status::Submitted;
        self.submitted_by = Some(event.by);
        self.submitted_at = Some(event.at);
        self.content_hash = Some(event.content_hash);
        self.rejection = None;
        for (key, sizes) in event.sizes {
            if let Some(impact) = self.impacts.get_mut(&key) {
                impact.sizes = sizes;
                impact.criteria = event.criteria.version.clone();
            }
        }
        self.criteria = Some(event.criteria.version);
        self.triggers_are_answered(true);
    }

    /// Evolves by a rejection.
    pub(super) fn evolve_rejected(&mut self, event: Rejected) {
        self.status = Status::Rejected;
        self.rejection = Some(event.reason);
        self.triggers_are_answered(false);
    }

    /// Evolves by an approval; what belonged to the revision before stands in the history.
    pub(super) fn evolve_approved(&mut self, event: Approved) {
        let unconditional = event.conditions.is_empty();
        self.status = if unconditional { Status::Approved } else { Status::ApprovedWithConditions };
        self.level = Some(event.approved.level);
        self.next_due = Some(event.approved.next_due);
        self.approved_at = Some(event.approved.approved_at);
        self.approved = Some(event.approved);
        self.conditions = event.conditions;
        self.triggers_fired.clear();
        self.shared_with.clear();
        self.overdue_since = None;
    }
}

/// What remains critical is for top management to decide, the rest for an impact approver.
fn check_authority(residual: Level, context: &Context) -> Result<(), Refusal> {
    match residual {
        Level::Critical if context.holds(Role::Tm) => Ok(()),
        Level::Critical => Err(Refusal::CriticalWithoutTopManagement),
        Level::Low | Level::Medium | Level::High if context.holds(Role::Iap) => Ok(()),
        Level::Low | Level::Medium | Level::High => Err(Refusal::NotAnImpactApprover),
    }
}

/// The day by which the system is assessed again.
fn next_due(named: Option<Date>, approved_on: Date, level: Level) -> Result<Date, Refusal> {
    let (latest, at) = (approved_on.plus_months(level.months()), "/nextDue");
    match named {
        Some(due) if due > latest => {
            Err(Refusal::NextDueTooLate { level: level.text(), latest, at })
        }
        Some(due) if due <= approved_on => Err(Refusal::NextDueNotAfterApproval { at }),
        Some(due) => Ok(due),
        None => Ok(latest),
    }
}
