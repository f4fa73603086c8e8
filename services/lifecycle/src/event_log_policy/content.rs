//! What a policy says.

use declare::{record, refusals, words};
use kernel::values::Line;
use kernel::{Context, Date};

use super::retention::{BrokenRule, broken_rule};
use crate::resource::Stage;

/// Most months: a hundred years.
const MONTHS_MAX: u32 = 1_200;

/// What is logged, and how. Input of `revise`.
#[record]
#[derive(Default)]
pub struct Content {
    /// The stages in which logging is on; operation is one of them.
    pub stages_on: Vec<Stage>,
    /// What each entry says.
    #[field(max = 100)]
    pub fields: Vec<Line>,
    /// How many calendar months an entry is kept.
    pub retention_months: u32,
    /// How entries are kept from being changed.
    pub integrity: Integrity,
    /// Where the log is kept.
    #[field(correctable)]
    pub sink: Line,
}

/// How entries are kept from being changed.
#[words]
#[derive(Default)]
pub enum Integrity {
    /// Each digest names the one before it.
    #[default]
    HashChain,
    /// The medium is written once.
    Worm,
}

/// Why a policy is refused.
#[refusals]
pub enum ContentRefusal {
    /// Logging is on at least while the system is in use: name the stage operation_and_monitoring.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.8")]
    NotOnInUse {
        /// Where in the input.
        at: &'static str,
    },
    /// Say what an entry of the log says.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.8")]
    NothingLogged {
        /// Where in the input.
        at: &'static str,
    },
    /// Entries are kept for 1 to {most} months.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.8")]
    RetentionOutOfRange {
        /// The most.
        most: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// {months} months are too short: {article} asks for {least} (from {from} on).
    #[refusal(rule = "ISO/IEC 42001 A.6.2.8")]
    RetentionBelowRule {
        /// What was given.
        months: u32,
        /// The rule's regime and article.
        article: String,
        /// What it asks for.
        least: String,
        /// Since when it applies.
        from: Date,
        /// Where in the input.
        at: &'static str,
    },
}

impl Content {
    /// Whether the policy says enough; stages are brought into their order.
    pub(super) fn check(&mut self, system: &str, context: &Context) -> Result<(), ContentRefusal> {
        self.stages_on.sort_unstable();
        self.stages_on.dedup();
        if !self.stages_on.contains(&Stage::OperationAndMonitoring) {
            return Err(ContentRefusal::NotOnInUse { at: "/stagesOn" });
        }
        if self.fields.is_empty() {
            return Err(ContentRefusal::NothingLogged { at: "/fields" });
        }
        let (months, at) = (self.retention_months, "/retentionMonths");
        if !(1..=MONTHS_MAX).contains(&months) {
            return Err(ContentRefusal::RetentionOutOfRange { most: MONTHS_MAX, at });
        }
        match broken_rule(system, months, context) {
            Some(BrokenRule { article, least, from }) => {
                Err(ContentRefusal::RetentionBelowRule { months, article, least, from, at })
            }
            None => Ok(()),
        }
    }
}
