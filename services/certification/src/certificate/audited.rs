//! The audit on which a certificate is decided, and who may decide on it.

use declare::{record, words};
use facts::{Document, Membership, Scope, Soa, SoaControl};
use kernel::context::LogPoint;
use kernel::kinds;
use kernel::values::{Anything, Pseudonym, Ref};
use kernel::{Context, Date, Need, UserId};

use super::{Certificate, Refusal};
use crate::auditor_engagement::{AuditKind, AuditorEngagement, Copied};
use crate::certification_audit::{CertificationAudit, copied};
use crate::certification_body::{CertificationBody, PersonRole};

/// Most documents and evidence that a certificate rests on.
const RESTS_ON_MAX: usize = 800;

/// What was decided on a certificate.
#[record]
pub struct Decision {
    /// What.
    pub what: DecisionKind,
    /// The audit on which it rests.
    pub audit: Option<Ref<kinds::CertificationAudit>>,
    /// Version of the scope that is certified.
    pub scope_version: u32,
    /// Version of the Statement of Applicability that is certified.
    pub soa_version: u32,
    /// The last day of the certificate from then on.
    pub valid_to: Date,
    /// Who decided.
    pub by: UserId,
    /// When.
    pub on: Date,
    /// Where the installation's log said who he is.
    pub seen: LogPoint,
}

/// What can be decided on a certificate.
#[words]
pub enum DecisionKind {
    /// It is given.
    Issued,
    /// It goes on.
    Maintained,
    /// It certifies less.
    ScopeReduced,
    /// It is given for another cycle.
    Renewed,
    /// It is given again after its end.
    Restored,
}

/// What is in force of the organisation's own.
pub(super) struct InForce {
    /// Version of the scope.
    pub scope_version: u32,
    /// Version of the Statement of Applicability.
    pub soa_version: u32,
    /// Both, the documents in force, and the evidence of the controls.
    pub rests_on: Vec<Ref<Anything>>,
}

/// An audit that somebody decides on.
pub(super) struct Audited {
    /// Its id.
    pub id: String,
    /// The audit.
    pub audit: CertificationAudit,
    /// What the installation's log says of the body and the decision maker.
    pub copied: Copied,
    /// Whether the body is accredited today.
    is_accredited: bool,
}

/// What must be known to decide on an audit.
pub(super) fn deciding(audit: &str, context: &Context) -> Vec<Need> {
    let mut needs = vec![
        Need::Object(audit.to_owned()),
        Need::Object(Membership::id_of(&context.user())),
        Need::All("audit_finding"),
        Need::All("scope"),
        Need::All("soa"),
    ];
    if let Some(body) = &context.body {
        needs.push(Need::Platform(body.clone()));
        needs.push(Need::Where("certificate", "body", body.clone()));
    }
    if let Some(audit) = context.facts.get::<CertificationAudit>(audit) {
        needs.push(Need::Object(audit.plan.engagement.id().to_owned()));
    }
    needs
}

/// The same, and on what a cycle rests.
pub(super) fn giving(audit: &str, context: &Context) -> Vec<Need> {
    let mut needs = deciding(audit, context);
    needs.push(Need::All("document"));
    let soa = |(id, soa): (String, Soa)| (soa.is_on_the_standard()).then_some(id);
    let statements = context.facts.all::<Soa>().into_iter().filter_map(soa);
    needs.extend(statements.map(|id| Need::Where("soa_control", "soa", id)));
    needs
}

impl Audited {
    /// The audit, if this person may decide on it.
    pub fn of(audit: &Ref<kinds::CertificationAudit>, context: &Context) -> Result<Self, Refusal> {
        let found = context.facts.get::<CertificationAudit>(audit.id());
        let found = found.filter(|audit| context.body.as_deref() == Some(audit.plan.body.id()));
        let found = found.ok_or(Refusal::NotYourBody)?;
        let decider = Pseudonym(context.user());
        if found.plan.team.contains(&decider) {
            return Err(Refusal::DeciderAudited { at: "/audit" });
        }
        let body = context.facts.get::<CertificationBody>(found.plan.body.id());
        let body = body.ok_or(Refusal::NotYourBody)?;
        check_decider(&body, &decider, context)?;
        let is_accredited = body.is_accredited_on(context.today());
        let copied = copied(body, &[decider], context);
        Ok(Self { id: audit.id().to_owned(), audit: found, copied, is_accredited })
    }

    /// Refuses an audit of another kind.
    pub fn must_be_of(
        self,
        allowed: &[AuditKind],
        expected: &'static str,
    ) -> Result<Self, Refusal> {
        let kind = self.audit.plan.audit_kind;
        if allowed.contains(&kind) {
            return Ok(self);
        }
        Err(Refusal::WrongAudit { expected, given: kind.text(), at: "/audit" })
    }

    /// Refuses an audit on which a certificate was decided.
    pub fn must_be_new(self, context: &Context) -> Result<Self, Refusal> {
        let certificates = context.facts.all::<Certificate>();
        let mut decisions = certificates.iter().flat_map(|(_, known)| known.decisions.values());
        let is_this = |audit: &Ref<kinds::CertificationAudit>| audit.id() == self.id;
        if decisions.any(|decision| decision.audit.as_ref().is_some_and(is_this)) {
            return Err(Refusal::AuditUsed);
        }
        Ok(self)
    }

    /// Refuses an audit that does not carry a certificate: it must be reviewed, recommend it, leave
    /// nothing open, and its auditors must be out of the house.
    pub fn must_carry(self, context: &Context) -> Result<Self, Refusal> {
        let audit = &self.audit;
        if !audit.is_reviewed() {
            return Err(Refusal::AuditNotReviewed { status: audit.status.text() });
        }
        if !audit.recommends() {
            return Err(Refusal::NotRecommended { at: "/audit" });
        }
        let open = audit.open_findings(&self.id, context);
        if let Some(major) = open.iter().find(|open| open.is_major) {
            return Err(Refusal::MajorNotVerified { finding: major.id.clone() });
        }
        if let Some(minor) = open.first() {
            return Err(Refusal::NoPlanForMinor { finding: minor.id.clone() });
        }
        let engagement = context.facts.get::<AuditorEngagement>(audit.plan.engagement.id());
        if let Some(engagement) = engagement {
            if !engagement.is_over_on(context.today()) {
                return Err(Refusal::EngagementNotOver { to: engagement.terms.window.to });
            }
            if engagement.terms.accredited && !self.is_accredited {
                return Err(Refusal::NotAccredited);
            }
        }
        Ok(self)
    }

    /// The decision, as it is kept.
    pub fn decision(
        &self,
        what: DecisionKind,
        (scope_version, soa_version): (u32, u32),
        valid_to: Date,
        context: &Context,
    ) -> Decision {
        let (by, on) = (context.user(), context.today());
        let (audit, seen) = (Some(Ref::new(self.id.as_str())), self.copied.seen.clone());
        Decision { what, audit, scope_version, soa_version, valid_to, by, on, seen }
    }
}

fn check_decider(
    body: &CertificationBody,
    decider: &Pseudonym,
    context: &Context,
) -> Result<(), Refusal> {
    let person = body.person(decider).filter(|who| who.acts_as(PersonRole::DecisionMaker));
    let person = person.ok_or(Refusal::NotYourBody)?;
    let membership = context.facts.get::<Membership>(&Membership::id_of(&decider.0));
    let (client, today) = (&context.tenant, context.today());
    let conflict = if membership.is_some_and(|member| member.status == "active") {
        "is a member of the organisation"
    } else if person.advised_until(client, today).is_some() {
        "advised the organisation less than two years ago"
    } else if !person.is_impartial(client, today) {
        "has not declared himself impartial towards the organisation"
    } else {
        return Ok(());
    };
    Err(Refusal::DeciderNotImpartial { conflict })
}

/// The scope and statement in force, and what they rest on.
pub(super) fn in_force(context: &Context) -> Result<InForce, Refusal> {
    let scopes = context.facts.all::<Scope>().into_iter();
    let scope = scopes.filter_map(|(id, scope)| Some((id, scope.effective?))).next();
    let (scope_id, scope) = scope.ok_or(Refusal::NoScope)?;
    let statements = context.facts.all::<Soa>().into_iter();
    let statements = statements.filter(|(_, soa)| soa.is_on_the_standard());
    let soa = statements.filter_map(|(id, soa)| Some((id, soa.effective?))).next();
    let (soa_id, soa) = soa.ok_or(Refusal::NoSoa)?;
    let documents = context.facts.all::<Document>().into_iter();
    let documents = documents.filter(|(_, document)| document.effective.is_some());
    let controls = context.facts.all::<SoaControl>().into_iter().map(|(_, control)| control);
    let controls = controls.filter(|control| control.soa == soa_id);
    let evidence = controls.flat_map(|control| control.evidence);
    let mut ids: Vec<String> = documents.map(|(id, _)| id).chain(evidence).collect();
    ids.extend([scope_id, soa_id]);
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > RESTS_ON_MAX {
        return Err(Refusal::TooMany { max: RESTS_ON_MAX, what: "documents and evidence" });
    }
    Ok(InForce {
        scope_version: scope.version,
        soa_version: soa.version,
        rests_on: ids.into_iter().map(Ref::new).collect(),
    })
}
