//! Approval for use, and everything that it rests on.

use declare::{record, refusals};
use kernel::kinds::PrivacyAssessment;
use kernel::values::{Hash, Ref};
use kernel::{Context, Date, Instant, UserId};

use super::quality::Quality;
use super::{Dataset, DatasetStatus, Event, Refusal};

/// Input of `approve`.
#[record]
#[derive(Default)]
pub struct Approve {
    /// The privacy assessment under which its personal data are used, where none is named yet.
    pub privacy_assessment: Option<Ref<PrivacyAssessment>>,
}

/// It was approved for use.
#[record]
pub struct ApprovedForUse {
    /// By whom.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// The content that was approved.
    pub content: Hash,
    /// The last day on which the approval holds, where it rests on a waiver.
    pub until: Option<Date>,
    /// The privacy assessment that it rests on.
    pub privacy_assessment: Option<Ref<PrivacyAssessment>>,
}

/// Why a data set is not approved.
#[refusals]
pub enum ApprovalLack {
    /// It is not recorded how the data were obtained: the data set cannot be approved.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.7.3")]
    NoAcquisitionRecord,
    /// The acquisition record of these {source} data lacks {missing}.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.7.3")]
    AcquisitionIncomplete {
        /// The source in words.
        source: &'static str,
        /// What is missing.
        missing: String,
    },
    /// The registration lacks {missing}.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.4.3")]
    RegistrationIncomplete {
        /// What is missing.
        missing: String,
    },
    /// No chain of steps leads to the content of the data set: record its provenance.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.7.5")]
    NoProvenance,
    /// The quality of the data has not been measured.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.7.4")]
    QualityNotAssessed,
    /// {metric} is {value}, on the wrong side of {threshold}, and no waiver holds.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.7.4")]
    QualityTooLow {
        /// The metric.
        metric: String,
        /// What was measured.
        value: String,
        /// What is required.
        threshold: String,
    },
    /// The data are personal: name an approved privacy assessment.
    #[refusal(rule = "GDPR Art. 35")]
    NoPrivacyAssessment {
        /// Where in the input.
        at: &'static str,
    },
    /// The privacy assessment {id} is not approved.
    #[refusal(rule = "GDPR Art. 35")]
    PrivacyAssessmentNotApproved {
        /// The assessment.
        id: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The privacy assessment is of a system that this data set is not for.
    #[refusal(rule = "GDPR Art. 35")]
    PrivacyAssessmentOfOtherSystem {
        /// Where in the input.
        at: &'static str,
    },
    /// Whoever measured the quality does not approve the data set.
    #[refusal(rule = "segregation of duties: assessor is not approver")]
    ApproverIsAssessor,
    /// Whoever waived a result does not approve the data set.
    #[refusal(rule = "segregation of duties: waiver is not approver")]
    ApproverWaived,
    /// The approval is dated before the quality was measured.
    #[refusal(rule = "ISO/IEC 42001 A.7.4")]
    ApprovedBeforeAssessment {
        /// Where in the input.
        at: &'static str,
    },
}

impl Dataset {
    /// The privacy assessment that the approval names, or else the registration.
    pub(super) fn privacy_assessment(&self, input: &Approve) -> Option<Ref<PrivacyAssessment>> {
        input.privacy_assessment.clone().or_else(|| self.about.privacy_assessment.clone())
    }

    pub(super) fn approved(
        &self,
        input: &Approve,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let privacy_assessment = self.privacy_assessment(input);
        let (content, until) = self.check_complete(context)?;
        self.check_privacy(privacy_assessment.as_ref(), context)?;
        let same_grounds = self.about.privacy_assessment == privacy_assessment;
        let approved = self.status == DatasetStatus::ApprovedForUse;
        if approved && same_grounds && self.approved_until == until {
            return Ok(Vec::new());
        }
        let (by, at) = (context.user(), context.effective.unwrap_or(context.now));
        self.check_apart(&by, at)?;
        let approval = ApprovedForUse { by, at, content, until, privacy_assessment };
        Ok(vec![Event::ApprovedForUse(approval)])
    }

    pub(super) fn evolve_approved(&mut self, event: ApprovedForUse) {
        self.status = DatasetStatus::ApprovedForUse;
        self.approved_by = Some(event.by);
        self.approved_at = Some(event.at);
        self.approved_until = event.until;
        self.about.privacy_assessment = event.privacy_assessment;
        self.restriction = None;
    }

    /// The content that may be approved, and until when: the earliest end of a waiver.
    fn check_complete(&self, context: &Context) -> Result<(Hash, Option<Date>), ApprovalLack> {
        let acquisition = self.acquisition.as_ref().ok_or(ApprovalLack::NoAcquisitionRecord)?;
        if let Some((source, missing)) = acquisition.lacks() {
            return Err(ApprovalLack::AcquisitionIncomplete { source, missing });
        }
        self.check_registration()?;
        let content = self.about.hash.clone().filter(|_| self.chain_is_complete());
        let content = content.ok_or(ApprovalLack::NoProvenance)?;
        let quality = self.quality.as_ref().ok_or(ApprovalLack::QualityNotAssessed)?;
        Ok((content, quality.until(context)?))
    }

    fn check_registration(&self) -> Result<(), ApprovalLack> {
        let about = &self.about;
        let missing: Vec<_> = [
            ("hash", about.hash.is_none()),
            ("datasetVersion", about.dataset_version.is_none()),
            ("roles", about.roles.is_empty()),
            ("personalData", about.personal_data.is_none()),
        ]
        .into_iter()
        .filter_map(|(name, missing)| missing.then_some(name))
        .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(ApprovalLack::RegistrationIncomplete { missing: missing.join(", ") })
    }

    fn check_privacy(
        &self,
        named: Option<&Ref<PrivacyAssessment>>,
        context: &Context,
    ) -> Result<(), ApprovalLack> {
        let at = "/privacyAssessment";
        if self.about.personal_data != Some(true) {
            return Ok(());
        }
        let named = named.ok_or(ApprovalLack::NoPrivacyAssessment { at })?;
        let found = context.facts.get::<facts::PrivacyAssessment>(named.id());
        let Some(assessment) = found.filter(|found| found.effective.is_some()) else {
            let id = named.id().to_owned();
            return Err(ApprovalLack::PrivacyAssessmentNotApproved { id, at });
        };
        let systems = &self.about.systems;
        let covered = systems.is_empty() || systems.iter().any(|s| s.id() == assessment.system);
        if covered { Ok(()) } else { Err(ApprovalLack::PrivacyAssessmentOfOtherSystem { at }) }
    }

    fn check_apart(&self, by: &UserId, at: Instant) -> Result<(), ApprovalLack> {
        let Some(quality) = &self.quality else { return Err(ApprovalLack::QualityNotAssessed) };
        if quality.by == *by {
            return Err(ApprovalLack::ApproverIsAssessor);
        }
        let mut waivers = quality.metrics.values().filter_map(|m| m.waiver.as_ref());
        if waivers.any(|waiver| waiver.by == *by) {
            return Err(ApprovalLack::ApproverWaived);
        }
        if at < quality.at {
            return Err(ApprovalLack::ApprovedBeforeAssessment { at: "/effectiveAt" });
        }
        Ok(())
    }
}

impl Quality {
    /// Until when the results allow use: for ever when all requirements are met.
    fn until(&self, context: &Context) -> Result<Option<Date>, ApprovalLack> {
        let today = context.today();
        let mut until = None;
        for (metric, measured) in self.metrics.iter().filter(|(_, measured)| !measured.passed) {
            let waiver = measured.waiver.as_ref().filter(|waiver| waiver.until >= today);
            let Some(waiver) = waiver else {
                return Err(ApprovalLack::QualityTooLow {
                    metric: metric.as_str().to_owned(),
                    value: measured.value.to_string(),
                    threshold: measured.threshold.to_string(),
                });
            };
            until = Some(until.map_or(waiver.until, |until: Date| until.min(waiver.until)));
        }
        Ok(until)
    }
}
