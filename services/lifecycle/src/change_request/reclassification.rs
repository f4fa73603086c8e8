//! Whether a system falls into another regulatory class by a change (EU AI Act Art. 25, 3(23)).

use declare::{record, refusals, words};
use kernel::kinds::RegulatoryClassification;
use kernel::values::{Prose, Ref};
use kernel::{Context, Instant, Need, UserId};

use super::{ChangeClass, ChangeRequest, Event, Progress, Refusal};

/// Input of `record_reclassification`.
#[record]
pub struct RecordReclassification {
    /// The classification that was looked at; where the class changes, the new one.
    pub classification: Ref<RegulatoryClassification>,
    /// Whether the system falls into another class.
    pub outcome: ReclassificationOutcome,
    /// How that was found.
    pub conclusion: Prose,
}

/// Whether the system falls into another class.
#[words]
pub enum ReclassificationOutcome {
    /// The class stays.
    ClassUnchanged,
    /// The class changes; the classification that is named says to what.
    ClassChanged,
}

/// The class was looked at again.
#[record]
pub struct ReclassificationRecorded {
    /// The classification that holds after the change.
    pub classification: Ref<RegulatoryClassification>,
    /// Its class, as it was when it was looked at.
    pub class: kernel::values::Line,
    /// Whether the system falls into another class.
    pub outcome: ReclassificationOutcome,
    /// How that was found.
    pub conclusion: Prose,
    /// Who looked.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Why the look at the class is refused, or missing.
#[refusals]
pub enum ReclassificationRefusal {
    /// The classification {id} is of another system.
    #[refusal(rule = "EU AI Act Art. 25")]
    OtherSystem {
        /// The classification.
        id: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The classification {id} is not confirmed.
    #[refusal(rule = "EU AI Act Art. 25")]
    NotConfirmed {
        /// The classification.
        id: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The change has come too far for that: {progress}.
    #[refusal(conflict)]
    TooLate {
        /// What became of it.
        progress: &'static str,
    },
    /// The change is substantial: record first whether the system's regulatory class changes.
    #[refusal(conflict, rule = "EU AI Act Art. 25, 3(23)")]
    NotReclassified,
    /// The classification {id} that was looked at is no longer confirmed: look again.
    #[refusal(conflict, rule = "EU AI Act Art. 25, 3(23)")]
    ClassificationLapsed {
        /// The classification.
        id: String,
    },
    /// The change is substantial, and there is no impact assessment of the system.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.4")]
    NoImpactAssessment,
    /// The impact assessment must be done again and approved before this change is implemented.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.4")]
    ImpactAssessmentNotCurrent,
}

impl ChangeRequest {
    pub(super) fn reclassified(
        &self,
        input: RecordReclassification,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_open()?;
        let (id, at) = (input.classification.id().to_owned(), "/classification");
        let found = context.facts.get::<facts::RegulatoryClassification>(&id);
        let Some(found) = found.filter(facts::RegulatoryClassification::is_confirmed) else {
            return Err(ReclassificationRefusal::NotConfirmed { id, at }.into());
        };
        if found.system != self.content.system.id() {
            return Err(ReclassificationRefusal::OtherSystem { id, at }.into());
        }
        let RecordReclassification { classification, outcome, conclusion } = input;
        Ok(vec![Event::ReclassificationRecorded(ReclassificationRecorded {
            classification,
            class: kernel::values::Line::new(found.class),
            outcome,
            conclusion,
            by: context.user(),
            at: context.effective.unwrap_or(context.now),
        })])
    }

    fn must_be_open(&self) -> Result<(), ReclassificationRefusal> {
        let progress = match self.progress {
            None | Some(Progress::Detected) => return Ok(()),
            Some(Progress::Implemented) => "it is implemented",
            Some(Progress::Verified) => "it is verified",
            Some(Progress::Closed) => "it is closed",
            Some(Progress::RolledBack) => "it was rolled back",
            Some(Progress::Reviewed) => "it is reviewed",
        };
        Err(ReclassificationRefusal::TooLate { progress })
    }

    /// What must be known before a substantial change is approved.
    pub(super) fn needs_of_substantial(&self, class: ChangeClass) -> Vec<Need> {
        if class != ChangeClass::Substantial {
            return Vec::new();
        }
        let system = self.content.system.id().to_owned();
        let looked_at = self.reclassification.as_ref().map(|r| r.classification.id().to_owned());
        let assessments = Need::Where("impact_assessment", "system", system);
        looked_at.map(Need::Object).into_iter().chain([assessments]).collect()
    }

    /// A substantial change is approved after a look at the class, of a system that is assessed.
    pub(super) fn check_substantial(
        &self,
        class: ChangeClass,
        context: &Context,
    ) -> Result<(), ReclassificationRefusal> {
        if class != ChangeClass::Substantial {
            return Ok(());
        }
        let Some(looked_at) = &self.reclassification else {
            return Err(ReclassificationRefusal::NotReclassified);
        };
        let id = looked_at.classification.id();
        let found = context.facts.get::<facts::RegulatoryClassification>(id);
        if !found.is_some_and(|found| found.is_confirmed()) {
            return Err(ReclassificationRefusal::ClassificationLapsed { id: id.to_owned() });
        }
        let dead = |status: &str| matches!(status, "rejected" | "superseded");
        let assessed = self.assessments(context).any(|a| !dead(&a.status));
        if assessed { Ok(()) } else { Err(ReclassificationRefusal::NoImpactAssessment) }
    }

    /// A change that makes the assessment be done again waits for that.
    pub(super) fn check_assessed_again(
        &self,
        context: &Context,
    ) -> Result<(), ReclassificationRefusal> {
        if self.content.class != ChangeClass::Substantial
            || self.assessments(context).any(|a| a.is_current())
        {
            return Ok(());
        }
        Err(ReclassificationRefusal::ImpactAssessmentNotCurrent)
    }

    fn assessments(&self, context: &Context) -> impl Iterator<Item = facts::ImpactAssessment> {
        let system = self.content.system.id().to_owned();
        let known = context.facts.all::<facts::ImpactAssessment>().into_iter();
        known.map(|(_, assessment)| assessment).filter(move |a| a.system == system)
    }
}
