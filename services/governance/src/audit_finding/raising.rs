//! How a finding is raised: in which audit, by whom, and on which objective evidence.

use std::collections::BTreeMap;

use declare::{record, words};
use facts::BodyRules;
use kernel::kinds;
use kernel::values::{Anything, Key, Line, Number, Prose, Ref};
use kernel::{Context, Date, Position, Role};

use super::{AuditFinding, Event, Grade, Refusal};
use crate::criteria;
use crate::internal_audit::{AuditStatus, InternalAudit};
use crate::stamp::Stamp;

/// Which sort of audit found it.
#[words]
#[derive(Default)]
pub enum Source {
    /// The organisation's own.
    #[default]
    Internal,
    /// Stage 1 of a certification.
    Stage1,
    /// Stage 2 of a certification.
    Stage2,
    /// Surveillance of a certificate.
    Surveillance,
    /// Recertification.
    Recertification,
    /// A special audit.
    Special,
}

/// Input of `raise`.
#[record]
pub struct Raise {
    /// The internal or certification audit.
    pub audit: Ref<Anything>,
    /// How grave it is; it can be graded later.
    pub grade: Option<Grade>,
    /// The clause or control that it is about; a nonconformity needs one.
    pub requirement: Option<Number>,
    /// Whether that requirement is violated; so it is by a nonconformity, and by nothing else
    /// unless that is said.
    pub requirement_violated: Option<bool>,
    /// What it is, in a line that names no person.
    pub title: Line,
    /// What was found.
    pub statement: Prose,
    /// On what it rests; a nonconformity needs some.
    #[field(max = 40)]
    pub objective_evidence: Vec<Proof>,
}

/// What a finding rests on: either evidence, or an object as it stood at a position.
#[record]
pub struct Proof {
    /// Evidence.
    pub evidence: Option<Ref<kinds::Evidence>>,
    /// An object of the tenant.
    pub object: Option<Ref<Anything>>,
    /// The position in the tenant's log at which it was seen; now when left out.
    pub as_of: Option<Position>,
    /// What it shows.
    pub note: Option<Line>,
}

/// What a finding rests on.
#[record]
pub struct ObjectiveEvidence {
    /// Evidence.
    pub evidence: Option<Ref<kinds::Evidence>>,
    /// An object of the tenant.
    pub object: Option<Ref<Anything>>,
    /// The position in the tenant's log at which it was seen.
    pub as_of: Position,
    /// What it shows.
    pub note: Option<Line>,
}

/// A finding was raised.
#[record]
pub struct Raised {
    /// The audit.
    pub audit: Ref<Anything>,
    /// Which sort of audit that is.
    pub source: Source,
    /// The certification body, by id.
    pub body: Option<Line>,
    /// How grave it is.
    pub grade: Grade,
    /// The clause or control that it is about.
    pub requirement: Option<Number>,
    /// Whether that requirement is violated.
    pub requirement_violated: bool,
    /// What it is.
    pub title: Line,
    /// What was found.
    pub statement: Prose,
    /// On what it rests.
    pub objective_evidence: BTreeMap<Key, ObjectiveEvidence>,
    /// The day by which the certification body wants an answer.
    pub reply_due: Option<Date>,
    /// Who raised it, and when.
    pub raised: Stamp,
}

impl Source {
    /// The sort of a certification audit by its word.
    fn of(audit_kind: &str) -> Option<Self> {
        let words = [
            ("stage1", Source::Stage1),
            ("stage2", Source::Stage2),
            ("surveillance", Source::Surveillance),
            ("recertification", Source::Recertification),
            ("special", Source::Special),
        ];
        words.into_iter().find(|(word, _)| *word == audit_kind).map(|(_, source)| source)
    }
}

/// Days that a certification body grants, where its rules say so.
pub(super) struct Rules(Option<BodyRules>);

/// The rules that hold for the findings of an audit; an internal one has none.
pub(super) fn rules_of(audit: &str, context: &Context) -> Rules {
    let audit = context.facts.get::<facts::CertificationAudit>(audit);
    Rules(audit.map(|audit| audit.rules))
}

impl Rules {
    /// The day by which a nonconformity that is raised on a day is to be answered.
    pub(super) fn reply_due(&self, day: Date) -> Option<Date> {
        let days = self.0.as_ref().map(|rules| rules.nc_reply_days).filter(|days| *days > 0);
        days.map(|days| day.plus_days(i64::from(days)))
    }
}

/// The sort of an audit in which the actor may raise findings, and the certification body.
fn place(audit: &str, context: &Context) -> Result<(Source, Option<Line>), Refusal> {
    let user = context.user();
    if let Some(internal) = context.facts.get::<InternalAudit>(audit) {
        if !context.holds(Role::Aud) || !internal.plan.auditors.contains(&user) {
            return Err(Refusal::NotOfTheAudit);
        }
        if internal.status != AuditStatus::InProgress {
            return Err(Refusal::AuditNotUnderWay { status: internal.status.text().to_owned() });
        }
        return Ok((Source::Internal, None));
    }
    let external = context.facts.get::<facts::CertificationAudit>(audit);
    let of = |audit: facts::CertificationAudit| Some((Source::of(&audit.audit_kind)?, audit));
    let Some((source, external)) = external.and_then(of) else {
        return Err(Refusal::NoAudit { object: audit.to_owned(), at: "/audit" });
    };
    let engagement = context.actor.engagement.as_ref();
    let is_engaged = external.engagement.is_none() || external.engagement.as_ref() == engagement;
    if !context.holds(Role::Cba) || !external.team.contains(&user) || !is_engaged {
        return Err(Refusal::NotOfTheAudit);
    }
    if external.status != "in_progress" {
        return Err(Refusal::AuditNotUnderWay { status: external.status.replace('_', " ") });
    }
    Ok((source, Some(Line::new(external.body))))
}

impl Raise {
    pub(super) fn decide(self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let (source, body) = place(self.audit.id(), context)?;
        if let Some(number) = criteria::unknown(&self.requirement, context) {
            let number = number.to_string();
            return Err(Refusal::UnknownRequirement { number, at: "/requirement" });
        }
        let grade = self.grade.unwrap_or_default();
        let requirement_violated =
            self.requirement_violated.unwrap_or_default() || grade.is_nonconformity();
        let objective_evidence = evidenced(self.objective_evidence, context)?;
        let (requirement, evidence) = (self.requirement, objective_evidence.len());
        grade.check(source, requirement.as_ref(), evidence, requirement_violated)?;
        let reply_due = Some(rules_of(self.audit.id(), context));
        let reply_due = reply_due.filter(|_| grade.is_nonconformity());
        Ok(vec![Event::Raised(Raised {
            reply_due: reply_due.and_then(|rules| rules.reply_due(context.today())),
            audit: self.audit,
            source,
            body,
            grade,
            requirement,
            requirement_violated,
            title: self.title,
            statement: self.statement,
            objective_evidence,
            raised: Stamp::of(context),
        })])
    }
}

/// The evidence by keys, each with the position at which it was seen.
fn evidenced(
    proofs: Vec<Proof>,
    context: &Context,
) -> Result<BTreeMap<Key, ObjectiveEvidence>, Refusal> {
    let newest = context.facts.position;
    let proof = |(n, proof): (usize, Proof)| {
        let Proof { evidence, object, as_of, note } = proof;
        if evidence.is_some() == object.is_some() {
            return Err(Refusal::NotOneProof { at: format!("/objectiveEvidence/{n}") });
        }
        let as_of = as_of.unwrap_or(newest);
        if as_of > newest {
            let at = format!("/objectiveEvidence/{n}/asOf");
            return Err(Refusal::SeenInFuture { newest: newest.0, at });
        }
        let evidence = ObjectiveEvidence { evidence, object, as_of, note };
        Ok((context.new_key("proof"), evidence))
    };
    proofs.into_iter().enumerate().map(proof).collect()
}

impl AuditFinding {
    pub(super) fn take(&mut self, event: Raised) {
        self.audit = event.audit;
        self.source = event.source;
        self.body = event.body;
        self.grade = event.grade;
        self.requirement = event.requirement;
        self.requirement_violated = event.requirement_violated;
        self.title = event.title;
        self.statement = event.statement;
        self.objective_evidence = event.objective_evidence;
        self.reply_due = event.reply_due;
        self.raised = Some(event.raised);
    }
}
