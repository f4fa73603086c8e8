//! What is done about the findings of an audit: plans that are accepted, actions that are verified.

use declare::record;
use facts::{AuditFinding, Nonconformity};
use kernel::kinds;
use kernel::values::{Key, Prose, Ref};
use kernel::{Context, Date, Need, UserId};

use super::{AuditStatus, CertificationAudit, Event, Refusal};
use crate::auditor_engagement::AuditKind;

/// How long after the last day of stage 2 its actions may be open, in months.
const STAGE_TWO_MONTHS: i64 = 6;

/// What came of a finding.
#[record]
#[derive(Default)]
pub struct ActionReview {
    /// The nonconformity that answers it.
    pub nonconformity: Option<Ref<kinds::Nonconformity>>,
    /// When the plan was accepted.
    pub accepted_on: Option<Date>,
    /// By whom.
    pub accepted_by: Option<UserId>,
    /// When the actions were seen to work.
    pub verified_on: Option<Date>,
    /// By whom.
    pub verified_by: Option<UserId>,
}

/// Input of `accept_action_plan`.
#[record]
pub struct AcceptActionPlan {
    /// The nonconformities whose planned actions are accepted.
    #[field(max = 100)]
    pub nonconformities: Vec<Ref<kinds::Nonconformity>>,
    /// What was looked at.
    pub remark: Option<Prose>,
}

/// A plan that was accepted.
#[record]
pub struct AcceptedPlan {
    /// The finding.
    pub finding: Ref<kinds::AuditFinding>,
    /// The nonconformity that answers it.
    pub nonconformity: Ref<kinds::Nonconformity>,
}

/// Plans for corrective action were accepted.
#[record]
pub struct CorrectiveActionPlanAccepted {
    /// Which.
    pub plans: Vec<AcceptedPlan>,
    /// What was looked at.
    pub remark: Option<Prose>,
    /// By whom.
    pub by: UserId,
    /// When.
    pub on: Date,
    /// Whether everything that was found is dealt with now.
    pub complete: bool,
}

/// Input of `verify_actions`.
#[record]
pub struct VerifyActions {
    /// The findings about which enough was done.
    #[field(max = 100)]
    pub findings: Vec<Ref<kinds::AuditFinding>>,
    /// How that was seen.
    pub remark: Option<Prose>,
}

/// Corrective actions were seen to work.
#[record]
pub struct ActionsVerified {
    /// The findings.
    pub findings: Vec<Ref<kinds::AuditFinding>>,
    /// How that was seen.
    pub remark: Option<Prose>,
    /// By whom.
    pub by: UserId,
    /// When.
    pub on: Date,
    /// Whether everything that was found is dealt with now.
    pub complete: bool,
}

/// A finding that is not dealt with yet.
pub struct Open {
    /// Its id.
    pub id: String,
    /// Whether it is a major one.
    pub is_major: bool,
}

impl CertificationAudit {
    /// The findings of the body's auditors, and the nonconformities that answer them.
    pub(super) fn reviewing(
        &self,
        named: &[Ref<kinds::Nonconformity>],
        context: &Context,
    ) -> Vec<Need> {
        let findings = self.all_findings(&context.id, context).into_iter();
        let linked = findings.filter_map(|(_, finding)| finding.linked_nc);
        let named = named.iter().map(|named| named.id().to_owned());
        linked.chain(named).map(Need::Object).chain([Need::All("audit_finding")]).collect()
    }

    /// The findings of this audit.
    pub(crate) fn all_findings(&self, id: &str, context: &Context) -> Vec<(String, AuditFinding)> {
        let all = context.facts.all::<AuditFinding>().into_iter();
        all.filter(|(_, finding)| finding.audit == id).collect()
    }

    /// Its major and minor findings that are not dealt with: majors until they are verified, minors
    /// until their plan is accepted or, where the body wants that, verified.
    pub(crate) fn open_findings(&self, id: &str, context: &Context) -> Vec<Open> {
        let findings = self.all_findings(id, context).into_iter().filter(|(_, f)| is_graded(f));
        let open = findings.filter(|(id, finding)| !self.is_dealt_with(id, finding));
        open.map(|(id, finding)| Open { id, is_major: finding.grade == "major" }).collect()
    }

    /// What the organisation says of its own nonconformity does not count: the body's auditors
    /// accept and verify.
    fn is_dealt_with(&self, id: &str, finding: &AuditFinding) -> bool {
        let review = self.actions.get(&Key::new(id));
        let verified = matches!(finding.status.as_str(), "verified" | "closed")
            || review.is_some_and(|review| review.verified_on.is_some());
        verified || finding.grade == "minor" && self.has_plan(id) && self.copied.rules.minor_plan_ok
    }

    fn has_plan(&self, finding: &str) -> bool {
        let review = self.actions.get(&Key::new(finding));
        review.is_some_and(|review| review.accepted_on.is_some())
    }

    /// The limits of time that hold for what is done after an audit.
    fn must_be_in_time(&self, days: u32, context: &Context) -> Result<(), Refusal> {
        let Some(last_day) = self.concluded_on else { return Ok(()) };
        let today = context.today();
        let is_stage_two = self.plan.audit_kind == AuditKind::Stage2;
        if is_stage_two && last_day.plus_months(STAGE_TWO_MONTHS) < today {
            return Err(Refusal::NeedsNewStageTwo);
        }
        let due = last_day.plus_days(i64::from(days));
        if due < today { Err(Refusal::TooLate { due }) } else { Ok(()) }
    }

    pub(super) fn plans_accepted(
        &self,
        input: AcceptActionPlan,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let open = [AuditStatus::Concluded, AuditStatus::ActionsReviewed];
        self.must_be(&open, "reviewed for its actions")?;
        let AcceptActionPlan { nonconformities, remark } = input;
        if nonconformities.is_empty() {
            return Err(Refusal::NothingNamed { at: "/nonconformities" });
        }
        let mut plans = Vec::new();
        for nonconformity in nonconformities {
            let finding = self.answered_by(&nonconformity, context)?;
            if !self.has_plan(&finding) {
                plans.push(AcceptedPlan { finding: Ref::new(finding), nonconformity });
            }
        }
        if plans.is_empty() {
            return Ok(Vec::new());
        }
        self.must_be_in_time(self.copied.rules.nc_reply_days, context)?;
        let (by, on) = (context.user(), context.today());
        let mut event = CorrectiveActionPlanAccepted { plans, remark, by, on, complete: false };
        let mut after = self.clone();
        after.notes_plans(event.clone());
        event.complete = after.open_findings(&context.id, context).is_empty();
        Ok(vec![Event::CorrectiveActionPlanAccepted(event)])
    }

    /// The finding that a nonconformity answers, if its actions are planned.
    fn answered_by(
        &self,
        nonconformity: &Ref<kinds::Nonconformity>,
        context: &Context,
    ) -> Result<String, Refusal> {
        let (id, at) = (nonconformity.id(), "/nonconformities");
        let stranger = || Refusal::NotOfThisAudit { nonconformity: id.to_owned(), at };
        let answer = context.facts.get::<Nonconformity>(id).ok_or_else(stranger)?;
        let mut findings = self.all_findings(&context.id, context).into_iter();
        let found = findings.find(|(finding_id, finding)| {
            is_graded(finding)
                && (finding.linked_nc.as_deref() == Some(id)
                    || answer.finding.as_ref() == Some(finding_id))
        });
        let (finding, _) = found.ok_or_else(stranger)?;
        if matches!(answer.status.as_str(), "raised" | "contained" | "cause_found" | "rejected") {
            let (nonconformity, status) = (id.to_owned(), answer.status);
            return Err(Refusal::NoActionPlan { nonconformity, status, at });
        }
        Ok(finding)
    }

    pub(super) fn actions_verified(
        &self,
        input: VerifyActions,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let open = [AuditStatus::Concluded, AuditStatus::ActionsReviewed];
        self.must_be(&open, "reviewed for its actions")?;
        let VerifyActions { findings, remark } = input;
        if findings.is_empty() {
            return Err(Refusal::NothingNamed { at: "/findings" });
        }
        let known = self.all_findings(&context.id, context);
        let (mut verified, mut is_limited) = (Vec::new(), false);
        for finding in findings {
            let (id, at) = (finding.id().to_owned(), "/findings");
            let found = known.iter().find(|(known, found)| *known == id && is_graded(found));
            let Some((_, found)) = found else {
                return Err(Refusal::NotOfThisAudit { nonconformity: id, at });
            };
            let review = self.actions.get(&Key::new(id.as_str()));
            if review.is_some_and(|review| review.verified_on.is_some()) {
                continue;
            }
            let answer = found.linked_nc.as_ref();
            let answer = answer.and_then(|id| context.facts.get::<Nonconformity>(id));
            let done = answer.is_some_and(|a| a.is_verified() || a.status == "actions_done");
            if !done {
                return Err(Refusal::ActionsNotDone { finding: id, at });
            }
            // A minor one whose plan was accepted is looked at in the next audit.
            is_limited |= found.grade == "major" || !self.has_plan(&id);
            verified.push(finding);
        }
        if verified.is_empty() {
            return Ok(Vec::new());
        }
        if is_limited {
            self.must_be_in_time(self.copied.rules.major_fix_days, context)?;
        }
        let (by, on) = (context.user(), context.today());
        let mut event = ActionsVerified { findings: verified, remark, by, on, complete: false };
        let mut after = self.clone();
        after.notes_verification(event.clone());
        event.complete = after.open_findings(&context.id, context).is_empty();
        Ok(vec![Event::CorrectiveActionsVerified(event)])
    }

    pub(super) fn notes_plans(&mut self, event: CorrectiveActionPlanAccepted) {
        for AcceptedPlan { finding, nonconformity } in event.plans {
            let review = self.actions.entry(Key::new(finding.id())).or_default();
            review.nonconformity = Some(nonconformity);
            review.accepted_on = Some(event.on);
            review.accepted_by = Some(event.by.clone());
        }
        if event.complete {
            self.status = AuditStatus::ActionsReviewed;
        }
    }

    pub(super) fn notes_verification(&mut self, event: ActionsVerified) {
        for finding in event.findings {
            let review = self.actions.entry(Key::new(finding.id())).or_default();
            review.verified_on = Some(event.on);
            review.verified_by = Some(event.by.clone());
        }
        if event.complete {
            self.status = AuditStatus::ActionsReviewed;
        }
    }
}

/// Whether a finding says that something does not conform.
fn is_graded(finding: &AuditFinding) -> bool {
    matches!(finding.grade.as_str(), "major" | "minor")
}
