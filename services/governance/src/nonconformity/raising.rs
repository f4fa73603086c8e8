//! How a nonconformity is raised, what it comes from, and by when it is to be dealt with.

use declare::record;
use kernel::kinds;
use kernel::values::{Anything, Line, Number, Prose, Ref};
use kernel::{Context, Date, Need, id};

use super::{Grade, MAJOR_DAYS, Nonconformity, Refusal, Source};
use crate::audit_finding::AuditFinding;
use crate::criteria;
use crate::stamp::Stamp;

/// What a nonconformity comes from, and what it is about.
#[record]
#[derive(Default)]
pub struct Origin {
    /// What it comes from.
    pub source: Source,
    /// The object that it comes from; left out when somebody just saw it.
    pub origin: Option<Ref<Anything>>,
    /// The AI system that it is about.
    pub system: Option<Ref<kinds::AiSystem>>,
}

/// Input of `raise`.
#[record]
pub struct Raise {
    /// What it comes from, and what it is about.
    #[field(flatten)]
    pub of: Origin,
    /// How grave it is; as grave as the finding that it comes from when left out, else minor.
    pub grade: Option<Grade>,
    /// The clause or control that was not met; that of the finding when left out.
    pub requirement: Option<Number>,
    /// What it is, in a line that names no person.
    pub title: Line,
    /// What happened.
    pub description: Prose,
    /// The day by which its actions are to be done.
    pub due: Option<Date>,
}

/// It was raised.
#[record]
pub struct Raised {
    /// What it comes from, and what it is about.
    pub of: Origin,
    /// How grave it is.
    pub grade: Grade,
    /// The clause or control that was not met.
    pub requirement: Option<Number>,
    /// What it is.
    pub title: Line,
    /// What happened.
    pub description: Prose,
    /// The day on which it was raised.
    pub raised_on: Date,
    /// The day by which its cause and actions are to be known.
    pub reply_due: Option<Date>,
    /// The day by which its actions are to be done.
    pub due: Option<Date>,
    /// Who raised it, and when.
    pub raised: Stamp,
}

/// The last days on which a nonconformity may be answered and its actions done.
#[derive(Default)]
struct Limits {
    reply: Option<Date>,
    done: Option<Date>,
}

impl Source {
    /// The kinds of object from which a nonconformity of this source comes.
    fn kinds(self) -> &'static [&'static str] {
        match self {
            Source::Manual => &[],
            Source::Finding => &["audit_finding"],
            Source::Incident => &["incident"],
            Source::Kpi => &["kpi", "monitor"],
            Source::Concern => &["concern"],
            Source::Supplier => &["supplier", "supplied_component", "supplier_assessment"],
            Source::Gate => &["stage_gate"],
        }
    }

    fn text(self) -> &'static str {
        match self {
            Source::Manual => "nothing but sight",
            Source::Finding => "a finding",
            Source::Incident => "an incident",
            Source::Kpi => "an indicator",
            Source::Concern => "a concern",
            Source::Supplier => "a supplier",
            Source::Gate => "a gate",
        }
    }
}

impl Origin {
    /// The object is of the kind that the source says.
    fn check(&self) -> Result<(), Refusal> {
        let (source, kinds) = (self.source.text(), self.source.kinds());
        match &self.origin {
            None if kinds.is_empty() => Ok(()),
            None => Err(Refusal::OriginMissing { source, at: "/origin" }),
            Some(origin) => {
                let kind = id::prefix_of(origin.id());
                let kind = kernel::kinds::kind_of_prefix(kind).map(|row| row.name);
                if kind.is_some_and(|kind| kinds.contains(&kind)) {
                    return Ok(());
                }
                let origin = origin.id().to_owned();
                Err(Refusal::OriginOfOtherKind { origin, source, at: "/origin" })
            }
        }
    }
}

impl Raise {
    /// The object that it comes from, other nonconformities from there, and of a certification
    /// body's finding the audit, whose rules set the days.
    pub(super) fn needs(&self, known: &Context) -> Vec<Need> {
        let mut needs = criteria::needs(&self.requirement);
        let Some(origin) = &self.of.origin else { return needs };
        needs.push(Need::Object(origin.id().to_owned()));
        needs.push(Need::Where("nonconformity", "origin", origin.id().to_owned()));
        let finding = known.facts.get::<AuditFinding>(origin.id());
        needs.extend(finding.map(|finding| Need::Object(finding.audit.id().to_owned())));
        needs
    }

    pub(super) fn decide(self, context: &Context) -> Result<Vec<super::Event>, Refusal> {
        self.of.check()?;
        if let Some(number) = criteria::unknown(&self.requirement, context) {
            let number = number.to_string();
            return Err(Refusal::UnknownRequirement { number, at: "/requirement" });
        }
        let (from_finding, limits, requirement) = self.finding(context)?;
        self.check_alone(context)?;
        let grade = self.grade.or(from_finding).unwrap_or_default();
        if from_finding.is_some_and(|least| grade < least) {
            return Err(Refusal::GradeBelowFinding { at: "/grade" });
        }
        let today = context.today();
        let major = Some(today.plus_days(MAJOR_DAYS)).filter(|_| grade == Grade::Major);
        let latest = [major, limits.done].into_iter().flatten().min();
        if let Some((due, latest)) = self.due.zip(latest).filter(|(due, latest)| due > latest) {
            return Err(Refusal::DueTooLate { due, latest, at: "/due" });
        }
        if let Some(due) = self.due.filter(|due| *due < today) {
            return Err(Refusal::DueInPast { due, at: "/due".to_owned() });
        }
        Ok(vec![super::Event::Raised(Raised {
            of: self.of,
            grade,
            requirement: self.requirement.or(requirement),
            title: self.title,
            description: self.description,
            raised_on: today,
            reply_due: limits.reply,
            due: self.due.or(latest),
            raised: Stamp::of(context),
        })])
    }

    /// What the finding that it comes from asks for: the least grade, the days, the requirement.
    fn finding(
        &self,
        context: &Context,
    ) -> Result<(Option<Grade>, Limits, Option<Number>), Refusal> {
        let origin = self.of.origin.as_ref().filter(|_| self.of.source == Source::Finding);
        let Some(origin) = origin else { return Ok((None, Limits::default(), None)) };
        let finding = context.facts.get::<AuditFinding>(origin.id()).unwrap_or_default();
        let Some(grade) = finding.nonconformity_grade().filter(|_| finding.stands()) else {
            return Err(Refusal::FindingAsksForNone { at: "/origin" });
        };
        let audit = context.facts.get::<facts::CertificationAudit>(finding.audit.id());
        let days = audit.map(|audit| audit.rules.major_fix_days).filter(|days| *days > 0);
        let found = finding.raised.map(|raised| raised.at.date());
        let fixed = found.zip(days).map(|(found, days)| found.plus_days(i64::from(days)));
        let done = fixed.filter(|_| grade == Grade::Major);
        let limits = Limits { reply: finding.reply_due, done };
        Ok((Some(grade), limits, finding.requirement))
    }

    /// A finding has one nonconformity that was not rejected, an indicator one that is open.
    fn check_alone(&self, context: &Context) -> Result<(), Refusal> {
        let others = context.facts.all::<Nonconformity>();
        let same = |other: &Nonconformity| other.origin.is_some() && other.origin == self.of.origin;
        let bars = |other: &Nonconformity| match self.of.source {
            Source::Finding => other.status != super::NonconformityStatus::Rejected,
            Source::Kpi => other.is_open(),
            Source::Manual
            | Source::Incident
            | Source::Concern
            | Source::Supplier
            | Source::Gate => false,
        };
        match others.into_iter().find(|(_, other)| same(other) && bars(other)) {
            Some((other, _)) => Err(Refusal::OriginHasNonconformity { other }),
            None => Ok(()),
        }
    }
}

impl Nonconformity {
    pub(super) fn take(&mut self, event: Raised) {
        let Origin { source, origin, system } = event.of;
        let of = |wanted| origin.as_ref().filter(|_| source == wanted).map(|origin| origin.id());
        self.finding = of(Source::Finding).map(Ref::new);
        let is_kpi =
            |id: &&str| id::prefix_of(id) == <kinds::Kpi as kernel::values::KindTag>::PREFIX;
        self.kpi = of(Source::Kpi).filter(is_kpi).map(Ref::new);
        (self.source, self.origin, self.system) = (source, origin, system);
        self.grade = event.grade;
        self.requirement = event.requirement;
        self.title = event.title;
        self.description = event.description;
        self.raised_on = event.raised_on;
        self.reply_due = event.reply_due;
        self.due = event.due;
        self.raised = Some(event.raised);
    }
}
