//! Why something was no nonconformity after all: the AIMS manager and an auditor agree on it, two
//! persons one after the other.

use declare::record;
use kernel::values::Prose;
use kernel::{Context, Role};

use super::{Event, Nonconformity, NonconformityStatus as Status, Refusal};
use crate::audit_finding::AuditFinding;
use crate::stamp::Stamp;

/// Input of `reject`.
#[record]
pub struct Reject {
    /// Why it is no nonconformity.
    pub reason: Prose,
}

/// The first of the two wants to reject it.
#[record]
pub struct RejectionProposed {
    /// Why.
    pub reason: Prose,
    /// In which role he does.
    pub role: Role,
    /// Who, and when.
    pub proposed: Stamp,
}

/// It was rejected.
#[record]
pub struct Rejected {
    /// Why, as the second of the two says.
    pub reason: Prose,
    /// In which role he does.
    pub role: Role,
    /// Who, and when.
    pub rejected: Stamp,
}

impl Nonconformity {
    pub(super) fn rejected(&self, input: Reject, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == Status::Rejected {
            return Ok(Vec::new());
        }
        self.must_be(&[Status::Raised], "rejected")?;
        let finding = self.finding.as_ref();
        let finding = finding.and_then(|f| context.facts.get::<AuditFinding>(f.id()));
        if finding.is_some_and(|finding| finding.stands()) {
            return Err(Refusal::FindingStands);
        }
        let (reason, role, stamp) = (input.reason, context.actor.role, Stamp::of(context));
        let Some(first) = &self.rejection else {
            let proposed = RejectionProposed { reason, role, proposed: stamp };
            return Ok(vec![Event::RejectionProposed(proposed)]);
        };
        if first.proposed.by == stamp.by {
            return Ok(Vec::new());
        }
        let lacking = if first.role == Role::Am { Role::Aud } else { Role::Am };
        if !context.holds(lacking) {
            return Err(Refusal::OtherRoleRejects { lacking: lacking.code() });
        }
        Ok(vec![Event::Rejected(Rejected { reason, role: lacking, rejected: stamp })])
    }
}
