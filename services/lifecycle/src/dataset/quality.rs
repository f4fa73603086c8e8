//! How good data are: what is required of them, what was measured, and what is waived (A.7.4).

use std::collections::BTreeMap;

use declare::{record, refusals, words};
use kernel::kinds::Evidence;
use kernel::values::{Hash, Key, Prose, Ref};
use kernel::{Context, Date, Decimal, Instant, UserId};

use super::{Dataset, Event, Refusal};

/// What was measured last.
#[record]
pub struct Quality {
    /// Who measured.
    pub by: UserId,
    /// When it was recorded.
    pub at: Instant,
    /// Of which content.
    pub content: Hash,
    /// Whether every requirement is met.
    pub passed: bool,
    /// Each requirement with its result, by metric.
    pub metrics: BTreeMap<Key, Measured>,
}

/// A requirement and its result.
#[record]
pub struct Measured {
    /// Which quality is required.
    pub dimension: Dimension,
    /// On which side of the threshold the value must lie.
    pub comparison: Comparison,
    /// The threshold.
    pub threshold: Decimal,
    /// The value that was measured.
    pub value: Decimal,
    /// Whether the requirement is met.
    pub passed: bool,
    /// What proves the value.
    pub evidence: Option<Ref<Evidence>>,
    /// Why the data may be used all the same.
    pub waiver: Option<Waiver>,
}

/// Leave to use data in spite of a result.
#[record]
pub struct Waiver {
    /// Who gave it.
    pub by: UserId,
    /// The last day on which it holds.
    pub until: Date,
    /// Why.
    pub reason: Prose,
}

/// A characteristic of data quality (ISO/IEC 25012, ISO/IEC 5259-2).
#[words]
pub enum Dimension {
    /// The values are right.
    Accuracy,
    /// Nothing is missing.
    Completeness,
    /// Nothing contradicts itself.
    Consistency,
    /// The values are as new as the use needs.
    Currency,
    /// The data stand for those about whom the system decides.
    Representativeness,
    /// Groups are present in fair proportion.
    Balance,
    /// The data vary as the world does.
    Diversity,
    /// The values are exact enough.
    Precision,
    /// The data bear on the question.
    Relevance,
    /// Nothing stands twice.
    Uniqueness,
    /// The values have the form they must have.
    Validity,
    /// The data can be believed.
    Credibility,
}

/// On which side of a threshold a value must lie; the threshold itself is fine.
#[words]
pub enum Comparison {
    /// Not below it.
    AtLeast,
    /// Not above it.
    AtMost,
}

/// What is required of the data.
#[record]
pub struct QualityRequirement {
    /// Name of the metric, such as `completeness.income`.
    pub metric: Key,
    /// Which quality it measures.
    pub dimension: Dimension,
    /// On which side of the threshold the value must lie.
    pub comparison: Comparison,
    /// The threshold.
    pub threshold: Decimal,
}

/// What was measured.
#[record]
pub struct QualityResult {
    /// Name of the metric.
    pub metric: Key,
    /// The value.
    pub value: Decimal,
    /// What proves it.
    pub evidence: Option<Ref<Evidence>>,
}

/// Input of `assess_quality`: every requirement has one result.
#[record]
pub struct AssessQuality {
    /// What is required.
    #[field(max = 40)]
    pub requirements: Vec<QualityRequirement>,
    /// What was measured.
    #[field(max = 40)]
    pub results: Vec<QualityResult>,
}

/// The quality was measured.
#[record]
pub struct DataQualityAssessed {
    /// What was required and found.
    pub quality: Quality,
}

/// Input of `waive_quality`.
#[record]
pub struct WaiveQuality {
    /// The metric whose result is waived.
    pub metric: Key,
    /// The last day on which the waiver holds.
    pub until: Date,
    /// Why.
    pub reason: Prose,
}

/// A result was waived.
#[record]
pub struct QualityWaived {
    /// The metric.
    pub metric: Key,
    /// The waiver.
    pub waiver: Waiver,
}

/// Why an assessment or a waiver is refused.
#[refusals]
pub enum QualityRefusal {
    /// Quality is measured of content that is known: record the provenance up to the hash first.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.7.5")]
    ProvenanceFirst,
    /// Name at least one requirement: quality is measured by what is required.
    #[refusal(rule = "ISO/IEC 42001 A.7.4")]
    NoRequirement {
        /// Where in the input.
        at: &'static str,
    },
    /// {metric} stands there twice.
    #[refusal(rule = "ISO/IEC 42001 A.7.4")]
    MetricTwice {
        /// The metric.
        metric: String,
        /// Where in the input.
        at: String,
    },
    /// {metric} is required but has no result.
    #[refusal(rule = "ISO/IEC 42001 A.7.4")]
    NoResult {
        /// The metric.
        metric: String,
        /// Where in the input.
        at: String,
    },
    /// {metric} has a result but nothing requires it.
    #[refusal(rule = "ISO/IEC 42001 A.7.4")]
    NotRequired {
        /// The metric.
        metric: String,
        /// Where in the input.
        at: String,
    },
    /// The quality has not been measured: there is nothing to waive.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.7.4")]
    NotMeasured,
    /// {metric} was not measured.
    UnknownMetric {
        /// The metric.
        metric: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {metric} meets its requirement: there is nothing to waive.
    NothingToWaive {
        /// The metric.
        metric: String,
        /// Where in the input.
        at: &'static str,
    },
    /// A waiver holds for a time that has not passed.
    #[refusal(rule = "ISO/IEC 42001 A.7.4")]
    WaiverHasEnded {
        /// Where in the input.
        at: &'static str,
    },
    /// Whoever measured the quality does not waive a result.
    #[refusal(rule = "segregation of duties: assessor is not waiver")]
    WaivedByAssessor,
}

impl Comparison {
    fn holds(self, value: Decimal, threshold: Decimal) -> bool {
        match self {
            Comparison::AtLeast => value >= threshold,
            Comparison::AtMost => value <= threshold,
        }
    }
}

/// The place of the first metric that has occurred before.
fn twice<'a>(metrics: impl Iterator<Item = &'a Key>) -> Option<(usize, &'a Key)> {
    let mut seen = Vec::new();
    for (n, metric) in metrics.enumerate() {
        if seen.contains(&metric) {
            return Some((n, metric));
        }
        seen.push(metric);
    }
    None
}

impl AssessQuality {
    fn check(&self) -> Result<(), QualityRefusal> {
        if self.requirements.is_empty() {
            return Err(QualityRefusal::NoRequirement { at: "/requirements" });
        }
        let again = |(n, metric): (usize, &Key), list: &str| QualityRefusal::MetricTwice {
            metric: metric.as_str().to_owned(),
            at: format!("/{list}/{n}/metric"),
        };
        if let Some(found) = twice(self.requirements.iter().map(|r| &r.metric)) {
            return Err(again(found, "requirements"));
        }
        if let Some(found) = twice(self.results.iter().map(|r| &r.metric)) {
            return Err(again(found, "results"));
        }
        for (n, result) in self.results.iter().enumerate() {
            if !self.requirements.iter().any(|required| required.metric == result.metric) {
                let metric = result.metric.as_str().to_owned();
                return Err(QualityRefusal::NotRequired {
                    metric,
                    at: format!("/results/{n}/metric"),
                });
            }
        }
        Ok(())
    }

    /// Each requirement with its result.
    fn measured(self) -> Result<BTreeMap<Key, Measured>, QualityRefusal> {
        self.check()?;
        let Self { requirements, results } = self;
        let mut metrics = BTreeMap::new();
        for (n, required) in requirements.into_iter().enumerate() {
            let QualityRequirement { metric, dimension, comparison, threshold } = required;
            let Some(result) = results.iter().find(|result| result.metric == metric) else {
                let (metric, at) =
                    (metric.as_str().to_owned(), format!("/requirements/{n}/metric"));
                return Err(QualityRefusal::NoResult { metric, at });
            };
            let (value, evidence) = (result.value, result.evidence.clone());
            let passed = comparison.holds(value, threshold);
            let waiver = None;
            let measured =
                Measured { dimension, comparison, threshold, value, passed, evidence, waiver };
            metrics.insert(metric, measured);
        }
        Ok(metrics)
    }
}

impl Dataset {
    pub(super) fn quality_assessed(
        &self,
        input: AssessQuality,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let content = self.about.hash.clone().filter(|_| self.chain_is_complete());
        let content = content.ok_or(QualityRefusal::ProvenanceFirst)?;
        let metrics = input.measured()?;
        let passed = metrics.values().all(|measured| measured.passed);
        let at = context.effective.unwrap_or(context.now);
        let quality = Quality { by: context.user(), at, content, passed, metrics };
        Ok(vec![Event::DataQualityAssessed(DataQualityAssessed { quality })])
    }

    pub(super) fn quality_waived(
        &self,
        input: WaiveQuality,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let quality = self.quality.as_ref().ok_or(QualityRefusal::NotMeasured)?;
        let WaiveQuality { metric, until, reason } = input;
        let name = || metric.as_str().to_owned();
        let at = "/metric";
        let Some(measured) = quality.metrics.get(&metric) else {
            return Err(QualityRefusal::UnknownMetric { metric: name(), at }.into());
        };
        if measured.passed {
            return Err(QualityRefusal::NothingToWaive { metric: name(), at }.into());
        }
        if until < context.today() {
            return Err(QualityRefusal::WaiverHasEnded { at: "/until" }.into());
        }
        let by = context.user();
        if by == quality.by {
            return Err(QualityRefusal::WaivedByAssessor.into());
        }
        let waiver = Waiver { by, until, reason };
        Ok(vec![Event::QualityWaived(QualityWaived { metric, waiver })])
    }

    pub(super) fn evolve_waived(&mut self, event: QualityWaived) {
        let quality = self.quality.as_mut();
        if let Some(measured) = quality.and_then(|q| q.metrics.get_mut(&event.metric)) {
            measured.waiver = Some(event.waiver);
        }
    }
}
