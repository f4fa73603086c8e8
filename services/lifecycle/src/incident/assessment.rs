//! How grave an incident is. A graver assessment holds at once; what takes back that an incident is
//! serious, or anything from which a duty to report follows, waits for a second person.

use std::collections::BTreeMap;

use declare::{record, words};
use kernel::values::{Key, Prose};
use kernel::{Context, Instant, UserId};

use super::intake::keyed;
use super::{Event, Harm, Incident, IncidentStatus, Refusal};

/// The grounds of Article 3(49) of the EU AI Act, by letter.
const GROUNDS: [&str; 4] = ["a", "b", "c", "d"];
/// What stands for no ground where one was named before.
const NO_GROUND: &str = "none";

/// Of what sort an incident is.
#[words]
#[derive(Default)]
pub enum Category {
    /// The system did not do what it should.
    #[default]
    Malfunction,
    /// It was used for what it is not meant for.
    Misuse,
    /// Its data were wrong.
    Data,
    /// Somebody attacked it.
    Security,
    /// It treated people unfairly.
    Bias,
    /// It disclosed personal data.
    Privacy,
    /// It endangered people or things.
    Safety,
}

/// How grave an incident is.
#[words]
#[derive(Default)]
pub enum Severity {
    /// It is handled in the daily work.
    #[default]
    Minor,
    /// It is handled before other work.
    Major,
    /// It is grave; one with a ground of Article 3(49) of the EU AI Act is always serious.
    Serious,
}

/// How grave an incident is, and what follows from the law.
#[record]
#[derive(Default)]
pub struct Assessment {
    /// How grave it is.
    #[field(index)]
    pub severity: Severity,
    /// The ground of Article 3(49) of the EU AI Act, by letter.
    pub serious_ground: Option<Key>,
    /// Whether somebody died.
    pub death: bool,
    /// Whether it is a widespread infringement (Article 3(61) of the EU AI Act).
    pub widespread: bool,
    /// Whether it is a breach of personal data (Article 4(12) GDPR).
    pub personal_data_breach: bool,
}

/// An assessment as a caller gives it; what he leaves out stays as it was.
#[record]
pub struct Findings {
    /// How grave it is.
    pub severity: Severity,
    /// The ground of Article 3(49) of the EU AI Act: `a`, `b`, `c`, `d` or `none`.
    pub serious_ground: Option<Key>,
    /// Whether somebody died.
    pub death: Option<bool>,
    /// Whether it is a widespread infringement.
    pub widespread: Option<bool>,
    /// Whether it is a breach of personal data.
    pub personal_data_breach: Option<bool>,
}

/// Input of `triage`.
#[record]
pub struct Triage {
    /// Of what sort it is.
    pub category: Category,
    /// How grave it is.
    #[field(flatten)]
    pub findings: Findings,
    /// Who was harmed, and how, if more is known than was reported.
    #[field(max = 50)]
    pub harm: Vec<Harm>,
    /// What the assessment rests on.
    pub note: Option<Prose>,
}

/// Input of `set_severity`.
#[record]
pub struct SetSeverity {
    /// How grave it is.
    #[field(flatten)]
    pub findings: Findings,
    /// What was found since.
    pub reason: Prose,
}

/// An incident was assessed.
#[record]
pub struct Triaged {
    /// Of what sort it is.
    pub category: Category,
    /// How grave it is.
    pub assessment: Assessment,
    /// Who was harmed, and how; empty when that was not looked at again.
    pub harm: BTreeMap<Key, Harm>,
    /// What the assessment rests on.
    pub note: Option<Prose>,
    /// Who assessed it.
    pub by: UserId,
}

/// A softer assessment that waits for a second person.
#[record]
pub struct Lowering {
    /// How grave the incident is, by that.
    pub to: Assessment,
    /// Why.
    pub reason: Prose,
    /// Who proposes it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// A softer assessment was proposed.
#[record]
pub struct SeverityLoweringProposed {
    /// The proposal.
    pub lowering: Lowering,
}

/// The assessment changed.
#[record]
pub struct SeverityChanged {
    /// How it was.
    pub from: Assessment,
    /// How it is.
    pub to: Assessment,
    /// Why.
    pub reason: Prose,
    /// Who proposed it, where a second person had to confirm it.
    pub proposed_by: Option<UserId>,
    /// Who decided it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

impl Assessment {
    /// Whether the law may ask for a report: a serious incident, or a breach of personal data.
    pub fn may_be_reportable(&self) -> bool {
        self.is_serious_in_law() || self.personal_data_breach
    }

    /// Whether rules on serious incidents are to be applied.
    pub fn is_serious_in_law(&self) -> bool {
        self.severity == Severity::Serious || self.serious_ground.is_some()
    }

    /// This assessment with what is graver in the other one; nothing that needs a second person is
    /// taken back.
    fn made_graver_by(&self, other: &Self) -> Self {
        let stays_serious = self.severity == Severity::Serious;
        Self {
            severity: if stays_serious { Severity::Serious } else { other.severity },
            serious_ground: other.serious_ground.clone().or_else(|| self.serious_ground.clone()),
            death: self.death || other.death,
            widespread: self.widespread || other.widespread,
            personal_data_breach: self.personal_data_breach || other.personal_data_breach,
        }
    }
}

impl Findings {
    /// The assessment by these findings, given what was known.
    pub(super) fn on(self, known: &Assessment) -> Result<Assessment, Refusal> {
        let serious_ground = match self.serious_ground {
            Some(ground) if ground.as_str() == NO_GROUND => None,
            Some(ground) if GROUNDS.contains(&ground.as_str()) => Some(ground),
            Some(ground) => {
                let ground = ground.as_str().to_owned();
                return Err(Refusal::UnknownGround { ground, at: "/seriousGround" });
            }
            None if self.severity == Severity::Serious => known.serious_ground.clone(),
            None => None,
        };
        let found = Assessment {
            severity: self.severity,
            serious_ground,
            death: self.death.unwrap_or(known.death),
            widespread: self.widespread.unwrap_or(known.widespread),
            personal_data_breach: self.personal_data_breach.unwrap_or(known.personal_data_breach),
        };
        let grave = [
            (found.serious_ground.is_some(), "a ground of Article 3(49)"),
            (found.death, "a death"),
            (found.widespread, "a widespread infringement"),
        ];
        let grave = grave.into_iter().find(|(is, _)| *is && found.severity != Severity::Serious);
        match grave {
            Some((_, what)) => Err(Refusal::LessThanSerious { what, at: "/severity" }),
            None => Ok(found),
        }
    }
}

impl Incident {
    pub(super) fn triage(&mut self, event: Triaged) {
        self.category = event.category;
        self.assessment = event.assessment;
        if !event.harm.is_empty() {
            self.harm = event.harm;
        }
        self.lowering = None;
        let is_contained = !self.containment.is_empty();
        self.status =
            if is_contained { IncidentStatus::Contained } else { IncidentStatus::Triaged };
    }

    pub(super) fn triaged(&self, input: Triage, context: &Context) -> Result<Vec<Event>, Refusal> {
        let assessment = input.findings.on(&self.assessment)?;
        let same = assessment == self.assessment && input.category == self.category;
        if self.status == IncidentStatus::Triaged && same && input.harm.is_empty() {
            return Ok(Vec::new());
        }
        self.must_be(&[IncidentStatus::Reported], "triaged: set_severity assesses it again")?;
        if self.assessment.made_graver_by(&assessment) != assessment {
            return Err(Refusal::LoweredInTriage { at: "/severity" });
        }
        Ok(vec![Event::Triaged(Triaged {
            category: input.category,
            assessment,
            harm: keyed(input.harm, context),
            note: input.note,
            by: context.user(),
        })])
    }

    /// What is graver holds at once; what is softer is proposed.
    pub(super) fn severity_set(
        &self,
        input: SetSeverity,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_go_on("assessed again")?;
        let to = input.findings.on(&self.assessment)?;
        let (reason, by, at) = (input.reason, context.user(), context.now);
        let graver = self.assessment.made_graver_by(&to);
        let mut events = Vec::new();
        if graver != self.assessment {
            events.push(Event::SeverityChanged(SeverityChanged {
                from: self.assessment.clone(),
                to: graver.clone(),
                reason: reason.clone(),
                proposed_by: None,
                by: by.clone(),
                at,
            }));
        }
        let waiting = self.lowering.as_ref().filter(|_| events.is_empty());
        if to != graver && waiting.is_none_or(|lowering| lowering.to != to) {
            let lowering = Lowering { to, reason, by, at };
            events.push(Event::SeverityLoweringProposed(SeverityLoweringProposed { lowering }));
        }
        Ok(events)
    }

    pub(super) fn lowering_confirmed(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_go_on("assessed again")?;
        let Some(Lowering { to, reason, by: proposer, .. }) = self.lowering.clone() else {
            return Err(Refusal::NothingProposed);
        };
        let by = context.user();
        if by == proposer {
            return Err(Refusal::ProposerConfirms);
        }
        Ok(vec![Event::SeverityChanged(SeverityChanged {
            from: self.assessment.clone(),
            to,
            reason,
            proposed_by: Some(proposer),
            by,
            at: context.now,
        })])
    }
}
