//! Who may write on a finding: the organisation's auditors on their own, a certification body's on
//! theirs.

use kernel::{Context, Need, Role};

use super::{AuditFinding, FindingStatus, Refusal, Source};

impl FindingStatus {
    fn text(self) -> &'static str {
        match self {
            FindingStatus::Raised => "raised",
            FindingStatus::Accepted => "accepted",
            FindingStatus::Disputed => "disputed",
            FindingStatus::Answered => "answered",
            FindingStatus::Verified => "verified",
            FindingStatus::Closed => "closed",
        }
    }
}

impl AuditFinding {
    pub(super) fn wrong_status(&self, step: &'static str) -> Refusal {
        Refusal::WrongStatus { status: self.status.text(), step }
    }

    /// The audit, and the engagement under which the actor came.
    pub(super) fn standing_needs(&self, known: &Context) -> Vec<Need> {
        let engagement = known.actor.engagement.clone();
        let audit = Some(self.audit.id().to_owned()).filter(|_| self.source != Source::Internal);
        audit.into_iter().chain(engagement).map(Need::Object).collect()
    }

    /// An internal finding is the internal auditors'. A certification body's is untouchable but for
    /// the team of its audit, and whoever the body engages for a later one.
    pub(super) fn must_be_of_the_auditors(&self, context: &Context) -> Result<(), Refusal> {
        if self.source == Source::Internal {
            let is_auditor = context.holds(Role::Aud);
            return if is_auditor { Ok(()) } else { Err(Refusal::InternalFinding) };
        }
        if !context.holds(Role::Cba) {
            return Err(Refusal::FindingOfBody);
        }
        let user = context.user();
        let audit = context.facts.get::<facts::CertificationAudit>(self.audit.id());
        let is_of_team = audit.is_some_and(|audit| audit.team.contains(&user));
        let engagement = context.actor.engagement.as_ref();
        let engagement = engagement.and_then(|id| context.facts.get(id));
        let is_engaged = engagement.is_some_and(|engagement: facts::AuditorEngagement| {
            let body = self.body.as_ref().is_some_and(|body| body.as_str() == engagement.body);
            body && engagement.auditors.contains(&user)
        });
        if is_of_team || is_engaged { Ok(()) } else { Err(Refusal::FindingOfOtherBody) }
    }
}
