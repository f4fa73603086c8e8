//! The way of an audit: planned, begun, concluded, closed.

use std::collections::BTreeMap;

use declare::record;
use facts::{InternalAudit, ManagementReview, Scope, Soa};
use kernel::kinds;
use kernel::values::{Hash, Key, Line, Number, Prose, Pseudonym, Ref};
use kernel::{Context, Date, Fact, Instant, Need};

use super::{AuditPlan, AuditStatus, CertificationAudit, Conclusion, Event, Planned, Refusal};
use crate::auditor_engagement::{AuditKind, AuditorEngagement, Copied, Named};
use crate::certificate::Certificate;
use crate::certification_body::CertificationBody;

/// Input of `plan`.
#[record]
pub struct Plan {
    /// Its kind.
    pub audit_kind: AuditKind,
    /// The engagement that lets its auditors read.
    pub engagement: Ref<kinds::AuditorEngagement>,
    /// Its auditors.
    #[field(max = 20)]
    pub team: Vec<Pseudonym>,
    /// Its first day.
    pub planned_from: Date,
    /// Its last day.
    pub planned_to: Date,
    /// What it is to show.
    pub objective: Option<Prose>,
    /// Clauses and controls that it looks into; all when it is empty.
    #[field(max = 100)]
    pub criteria: Vec<Number>,
}

/// An audit began.
#[record]
pub struct Started {
    /// When.
    pub at: Instant,
    /// Version of the Statement of Applicability in force for the auditors.
    pub soa_version_seen: Option<u32>,
    /// Version of the scope in force for the auditors.
    pub scope_version_seen: Option<u32>,
}

/// Input of `conclude`.
#[record]
pub struct Conclude {
    /// What it comes to.
    pub conclusion: Conclusion,
    /// In words.
    pub summary: Option<Prose>,
    /// What may become a nonconformity in stage 2.
    #[field(max = 50)]
    pub areas_of_concern: Vec<Prose>,
    /// SHA-256 of the report.
    pub report_hash: Hash,
}

/// An audit came to a conclusion.
#[record]
pub struct Concluded {
    /// What it comes to.
    pub conclusion: Conclusion,
    /// In words.
    pub summary: Option<Prose>,
    /// What may become a nonconformity in stage 2.
    pub areas_of_concern: Vec<Prose>,
    /// SHA-256 of the report.
    pub report_hash: Hash,
    /// Its last day.
    pub concluded_on: Date,
    /// Its findings.
    pub findings: Vec<Ref<kinds::AuditFinding>>,
}

/// An audit is over.
#[record]
pub struct Closed {
    /// When.
    pub at: Instant,
}

impl AuditKind {
    /// As it stands in documents.
    pub fn text(self) -> &'static str {
        match self {
            AuditKind::Stage1 => "stage1",
            AuditKind::Stage2 => "stage2",
            AuditKind::Surveillance => "surveillance",
            AuditKind::Recertification => "recertification",
            AuditKind::Special => "special",
        }
    }
}

impl AuditStatus {
    /// As it stands in documents.
    pub fn text(self) -> &'static str {
        match self {
            AuditStatus::Planned => "planned",
            AuditStatus::InProgress => "in_progress",
            AuditStatus::Concluded => "concluded",
            AuditStatus::ActionsReviewed => "actions_reviewed",
            AuditStatus::Closed => "closed",
        }
    }
}

impl Conclusion {
    fn text(self) -> &'static str {
        match self {
            Conclusion::Ready => "ready",
            Conclusion::NotReady => "not_ready",
            Conclusion::Recommend => "recommend",
            Conclusion::RecommendAfterActions => "recommend_after_actions",
            Conclusion::NotRecommend => "not_recommend",
        }
    }

    fn is_of_stage_one(self) -> bool {
        match self {
            Conclusion::Ready | Conclusion::NotReady => true,
            Conclusion::Recommend
            | Conclusion::RecommendAfterActions
            | Conclusion::NotRecommend => false,
        }
    }
}

/// What must be known before stage 2.
fn readiness(kind: AuditKind) -> Vec<Need> {
    match kind {
        AuditKind::Stage2 => vec![Need::All("internal_audit"), Need::All("management_review")],
        AuditKind::Stage1
        | AuditKind::Surveillance
        | AuditKind::Recertification
        | AuditKind::Special => Vec::new(),
    }
}

pub(super) fn planning(input: &Plan, context: &Context) -> Vec<Need> {
    let mut needs = readiness(input.audit_kind);
    needs.push(Need::Object(input.engagement.id().to_owned()));
    if let Some(body) = &context.body {
        needs.push(Need::Platform(body.clone()));
        needs.push(match input.audit_kind {
            AuditKind::Stage1 | AuditKind::Stage2 => {
                Need::Where("certification_audit", "body", body.clone())
            }
            AuditKind::Surveillance | AuditKind::Recertification | AuditKind::Special => {
                Need::Where("certificate", "body", body.clone())
            }
        });
    }
    needs
}

pub(super) fn starting(plan: &AuditPlan) -> Vec<Need> {
    let mut needs = readiness(plan.audit_kind);
    needs.push(Need::Object(plan.engagement.id().to_owned()));
    needs.extend([Need::All("soa"), Need::All("scope")]);
    needs
}

pub(super) fn planned(input: Plan, context: &Context) -> Result<Vec<Event>, Refusal> {
    let id = input.engagement.id();
    let engagement = context.facts.get::<AuditorEngagement>(id);
    let engagement = engagement.ok_or(Refusal::EngagementNotOpen)?;
    let body = engagement.terms.body.clone();
    if context.body.as_deref() != Some(body.id()) {
        return Err(Refusal::NotYourBody);
    }
    check_engagement(&input, &engagement, context)?;
    check_readiness(input.audit_kind, context)?;
    check_before(input.audit_kind, body.id(), context)?;
    let known = context.facts.get::<CertificationBody>(body.id()).ok_or(Refusal::NotYourBody)?;
    let copied = copied(known, &input.team, context);
    let Plan { audit_kind, engagement, team, planned_from, planned_to, objective, criteria } =
        input;
    let plan = AuditPlan {
        body,
        audit_kind,
        engagement,
        team,
        planned_from,
        planned_to,
        objective,
        criteria,
    };
    Ok(vec![Event::Planned(Planned { plan, copied })])
}

/// What the installation's log says of the body and of these people.
pub(crate) fn copied(body: CertificationBody, people: &[Pseudonym], context: &Context) -> Copied {
    let named = |user: &Pseudonym| {
        let name = body.person(user)?.name.clone();
        Some((Key::new(user.as_str()), Named { name }))
    };
    let people: BTreeMap<_, _> = people.iter().filter_map(named).collect();
    let held = body.accreditation.filter(|held| held.holds_on(context.today()));
    Copied {
        body_name: body.name,
        accreditation: held.map(|held| Line::new(format!("{} {}", held.accreditor, held.number))),
        rules: body.rules,
        people,
        seen: context.facts.platform.clone().unwrap_or_default(),
    }
}

fn check_engagement(
    input: &Plan,
    engagement: &AuditorEngagement,
    context: &Context,
) -> Result<(), Refusal> {
    let terms = &engagement.terms;
    if !engagement.is_granted() || engagement.is_over_on(context.today()) {
        return Err(Refusal::EngagementNotOpen);
    }
    if input.audit_kind != terms.audit_kind {
        let (expected, given) = (terms.audit_kind.text(), input.audit_kind.text());
        return Err(Refusal::EngagementForOther { expected, given, at: "/auditKind" });
    }
    let stranger = input.team.iter().find(|member| !terms.auditors.contains(member));
    if stranger.is_some() || input.team.is_empty() {
        let user = stranger.map_or("", |user| user.as_str()).to_owned();
        return Err(Refusal::TeamNotEngaged { user, at: "/team" });
    }
    let (from, to) = (terms.window.from, terms.window.to);
    let outside = |at| Err(Refusal::OutsideOfWindow { from, to, at });
    if input.planned_from < from {
        return outside("/plannedFrom");
    }
    if input.planned_to > to || input.planned_to < input.planned_from {
        return outside("/plannedTo");
    }
    Ok(())
}

/// Stage 2 asks for a management system that has been through its own check.
fn check_readiness(kind: AuditKind, context: &Context) -> Result<(), Refusal> {
    if kind != AuditKind::Stage2 {
        return Ok(());
    }
    let audits = context.facts.all::<InternalAudit>();
    if !audits.iter().any(|(_, audit)| audit.is_reported()) {
        return Err(Refusal::NoInternalAudit);
    }
    let reviews = context.facts.all::<ManagementReview>();
    if !reviews.iter().any(|(_, review)| review.is_held()) {
        return Err(Refusal::NoManagementReview);
    }
    Ok(())
}

/// What is asked of an earlier audit: reading all of it would take longer than the decision.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct EarlierAudit {
    body: Ref<kinds::CertificationBody>,
    audit_kind: AuditKind,
    #[serde(default)]
    conclusion: Option<Conclusion>,
    #[serde(default)]
    concluded_on: Option<Date>,
}

impl Fact for EarlierAudit {
    const KIND: &'static str = CertificationAudit::KIND;
}

/// What of the body's own must go before.
fn check_before(kind: AuditKind, body: &str, context: &Context) -> Result<(), Refusal> {
    let is_of_body = |id: &str| id == body;
    match kind {
        AuditKind::Stage1 => Ok(()),
        AuditKind::Stage2 => {
            let audits = context.facts.all::<EarlierAudit>();
            let stage_one = audits.iter().map(|(_, audit)| audit).filter(|audit| {
                audit.audit_kind == AuditKind::Stage1 && is_of_body(audit.body.id())
            });
            let last = stage_one.filter(|audit| audit.conclusion.is_some()).max_by_key(|audit| {
                (audit.concluded_on, audit.conclusion == Some(Conclusion::Ready))
            });
            let ready = last.is_some_and(|audit| audit.conclusion == Some(Conclusion::Ready));
            if ready { Ok(()) } else { Err(Refusal::StageOneNotReady) }
        }
        AuditKind::Surveillance | AuditKind::Recertification | AuditKind::Special => {
            let certificates = context.facts.all::<Certificate>();
            let in_force = certificates.iter().any(|(_, certificate)| {
                is_of_body(certificate.body.id()) && certificate.is_restorable()
            });
            if in_force { Ok(()) } else { Err(Refusal::NoCertificate) }
        }
    }
}

impl CertificationAudit {
    pub(super) fn must_be_on_the_team(&self, context: &Context) -> Result<(), Refusal> {
        if context.body.as_deref() != Some(self.plan.body.id()) {
            return Err(Refusal::NotYourBody);
        }
        let user = context.user();
        if !self.plan.team.iter().any(|member| member.0 == user) {
            return Err(Refusal::NotOnTheTeam { user: user.to_string() });
        }
        Ok(())
    }

    pub(super) fn must_be(
        &self,
        allowed: &[AuditStatus],
        done: &'static str,
    ) -> Result<(), Refusal> {
        if allowed.contains(&self.status) {
            return Ok(());
        }
        Err(Refusal::NotNow { status: self.status.text(), done })
    }

    pub(super) fn started(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == AuditStatus::InProgress {
            return Ok(Vec::new());
        }
        self.must_be(&[AuditStatus::Planned], "begun")?;
        let engagement = context.facts.get::<AuditorEngagement>(self.plan.engagement.id());
        let open = engagement.filter(|found| found.is_open_on(context.today()));
        let engagement = open.ok_or(Refusal::EngagementNotOpen)?;
        check_readiness(self.plan.audit_kind, context)?;
        let ceiling = engagement.terms.as_of_ceiling;
        let is_shown = |at: Instant| ceiling.is_none_or(|ceiling| at <= ceiling);
        let scopes = context.facts.all::<Scope>();
        let scope = scopes.into_iter().find_map(|(_, scope)| scope.effective);
        let statements = context.facts.all::<Soa>();
        let soa = statements.into_iter().filter(|(_, soa)| soa.is_on_the_standard());
        let soa = soa.filter_map(|(_, soa)| soa.effective).next();
        let seen = |version: Option<facts::InForce>| {
            version.filter(|version| is_shown(version.approved_at)).map(|version| version.version)
        };
        Ok(vec![Event::Started(Started {
            at: context.now,
            soa_version_seen: seen(soa),
            scope_version_seen: seen(scope),
        })])
    }

    pub(super) fn concluded(
        &self,
        input: Conclude,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be(&[AuditStatus::InProgress], "concluded")?;
        let Conclude { conclusion, summary, areas_of_concern, report_hash } = input;
        let is_stage_one = self.plan.audit_kind == AuditKind::Stage1;
        if conclusion.is_of_stage_one() != is_stage_one {
            let conclusion = conclusion.text();
            return Err(Refusal::WrongConclusion { conclusion, at: "/conclusion" });
        }
        if !is_stage_one && !areas_of_concern.is_empty() {
            return Err(Refusal::ConcernAfterStageOne { at: "/areasOfConcern" });
        }
        if conclusion == Conclusion::Recommend {
            let open = self.open_findings(&context.id, context).into_iter();
            if let Some(major) = open.filter(|open| open.is_major).map(|open| open.id).next() {
                return Err(Refusal::MajorNotVerified { finding: major });
            }
        }
        let findings = self.all_findings(&context.id, context).into_iter();
        Ok(vec![Event::Concluded(Concluded {
            conclusion,
            summary,
            areas_of_concern,
            report_hash,
            concluded_on: context.today(),
            findings: findings.map(|(id, _)| Ref::new(id)).collect(),
        })])
    }

    pub(super) fn closed(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == AuditStatus::Closed {
            return Ok(Vec::new());
        }
        self.must_be(&[AuditStatus::Concluded, AuditStatus::ActionsReviewed], "closed")?;
        // Where nothing is recommended nothing rests on what is done about the findings.
        let mut open = self.open_findings(&context.id, context).into_iter();
        if let Some(open) = open.next().filter(|_| self.recommends()) {
            return Err(Refusal::ActionsNotReviewed { finding: open.id });
        }
        Ok(vec![Event::Closed(Closed { at: context.now })])
    }
}
