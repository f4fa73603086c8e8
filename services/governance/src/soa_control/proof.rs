//! Whether what is linked to a control still proves that it is implemented (9.1).

use declare::record;
use kernel::{Context, Instant, Need};

use super::{ControlStatus, Event, SoaControl};
use crate::evidence::Evidence;

/// It was looked whether evidence proves that the control is implemented.
#[record]
pub struct ProofChecked {
    /// When.
    pub at: Instant,
}

impl SoaControl {
    pub(super) fn proof_needs(&self) -> Vec<Need> {
        self.evidence.iter().map(|evidence| Need::Object(evidence.id().to_owned())).collect()
    }

    /// Whether it counts as implemented while nothing that is linked proves it today.
    fn lacks_proof(&self, context: &Context) -> bool {
        let proves = |id: &str| {
            let found = context.facts.get::<Evidence>(id);
            found.is_some_and(|found| found.proves_on(context.today()))
        };
        let claimed = self.is_applicable() && self.status == ControlStatus::Implemented;
        claimed && !self.evidence.iter().any(|evidence| proves(evidence.id()))
    }

    pub(super) fn proof_checked(&self, context: &Context) -> Vec<Event> {
        let checked = ProofChecked { at: context.now };
        match (self.lacks_proof(context), self.unproven_since) {
            (true, None) => vec![Event::ProofLost(checked)],
            (false, Some(_)) => vec![Event::ProofRestored(checked)],
            (true, Some(_)) | (false, None) => Vec::new(),
        }
    }
}
