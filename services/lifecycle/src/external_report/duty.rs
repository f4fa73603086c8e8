//! Why a report is made, to whom, of what sort and by when.

use declare::{record, words};
use kernel::values::{Key, Line, Ref};
use kernel::{Context, Instant, kinds};

use super::Refusal;

/// Why a report is made, to whom and of what sort.
#[record]
#[derive(Default)]
pub struct Duty {
    /// Key of the regulatory rule that demands it.
    #[field(index)]
    pub rule: Option<Key>,
    /// Who gets it; an office or organisation, not a person.
    #[field(search)]
    pub recipient: Line,
    /// The incident that it is about.
    #[field(index)]
    pub incident: Option<Ref<kinds::Incident>>,
    /// Whether it is the first or the full report.
    pub report_kind: ReportKind,
    /// When it is due at the latest.
    #[field(index)]
    pub due: Option<Instant>,
}

/// Whether a report is the first or the full one.
#[words]
#[derive(Default)]
pub enum ReportKind {
    /// A first report that may be incomplete (AI Act Art. 73(5), GDPR Art. 33(4)).
    #[default]
    Initial,
    /// The full report.
    Complete,
    /// What became known afterwards.
    FollowUp,
}

impl Duty {
    /// The duty with its deadline: the incident's clock for the rule while that runs, or earlier.
    pub(super) fn in_time(mut self, context: &Context) -> Result<Self, Refusal> {
        let incident = self.incident.as_ref();
        let incident = incident.and_then(|i| context.facts.get::<facts::Incident>(i.id()));
        let (Some(rule), Some(incident)) = (self.rule.as_ref(), incident) else {
            return Ok(self);
        };
        let clock = incident.clocks.get(rule.as_str()).filter(|clock| clock.is_running());
        if let Some(facts::IncidentClock { due, .. }) = clock.cloned() {
            if self.due.is_some_and(|own| own > due) {
                let rule = rule.as_str().to_owned();
                return Err(Refusal::DueAfterClock { rule, due, at: "/due" });
            }
            self.due = self.due.or(Some(due));
        }
        Ok(self)
    }
}
