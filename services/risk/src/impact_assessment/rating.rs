//! Impacts on individuals, groups and society, and their rating (ISO/IEC 42001 A.5.4, A.5.5).

use declare::{record, words};
use kernel::UserId;
use kernel::values::{Key, Line, Prose};
use serde_json::Value;

use super::level::{AppliedCriteria, Grade, Level, Weights};
use super::{Event, ImpactAssessment, Refusal};

/// Most impacts of one assessment.
const IMPACTS_MAX: usize = 40;

/// Who bears an impact.
#[words]
pub enum Subject {
    /// Individuals.
    Individual,
    /// Groups of individuals.
    Group,
    /// Society.
    Society,
}

impl Subject {
    /// All of them: an assessment speaks of each.
    pub const ALL: [Subject; 3] = [Subject::Individual, Subject::Group, Subject::Society];

    /// The word.
    pub fn text(self) -> &'static str {
        match self {
            Subject::Individual => "individual",
            Subject::Group => "group",
            Subject::Society => "society",
        }
    }

    /// The word as a key.
    pub fn key(self) -> Key {
        Key::new(self.text())
    }
}

/// What an impact touches.
#[words]
pub enum Area {
    /// Fair treatment.
    Fairness,
    /// Who answers for what.
    Accountability,
    /// What people can know and understand.
    Transparency,
    /// Privacy.
    Privacy,
    /// Safety and health.
    SafetyHealth,
    /// Security.
    Security,
    /// Money and economic standing.
    Financial,
    /// Access for everybody.
    Accessibility,
    /// Human rights.
    HumanRights,
    /// Work.
    Employment,
    /// The environment.
    Environment,
    /// Democratic life.
    Democracy,
    /// Culture and values.
    Culture,
}

/// Whether an impact is bad or good.
#[words]
pub enum Direction {
    /// It harms.
    Harm,
    /// It benefits.
    Benefit,
}

/// What remains of a harm with the measures in place.
#[record]
pub struct Residual {
    /// How grave, 1 to 5.
    pub severity: Grade,
    /// How likely, 1 to 5.
    pub likelihood: Grade,
    /// How many are affected, 1 to 5; as before when left out.
    pub scale: Option<Grade>,
    /// How hard to undo, 1 (easy) to 5 (not at all); as before when left out.
    pub reversibility: Option<Grade>,
}

/// What the assessor says of an impact, but for how hard it is to undo.
#[record]
pub struct Rated {
    /// Who bears it.
    pub subject: Subject,
    /// Which people or groups; no person by name.
    pub who: Line,
    /// What it touches.
    pub area: Area,
    /// Bad or good.
    pub direction: Direction,
    /// How grave, 1 to 5.
    pub severity: Grade,
    /// How likely, 1 to 5.
    pub likelihood: Grade,
    /// How many are affected, 1 to 5.
    pub scale: Grade,
    /// Whether vulnerable people are affected.
    pub vulnerable: bool,
    /// What is done about it.
    #[field(max = 8)]
    pub measures: Vec<Prose>,
    /// What remains of it then.
    pub residual: Option<Residual>,
}

/// Scores and levels of an impact, as computed from its rating.
#[record]
pub struct Sizes {
    /// Weighed severity times likelihood, 1 to 25.
    pub score: u32,
    /// Its level.
    pub level: Level,
    /// The score of what remains.
    pub residual_score: Option<u32>,
    /// The level of what remains.
    pub residual_level: Option<Level>,
}

/// An impact of the system.
#[record]
pub struct Impact {
    /// What the assessor says of it.
    #[field(flatten)]
    pub rated: Rated,
    /// How hard to undo, 1 (easy) to 5 (not at all); missing where it was never assessed, which
    /// counts as 5.
    pub reversibility: Option<Grade>,
    /// How large it is.
    #[field(flatten)]
    pub sizes: Sizes,
    /// The version of the risk criteria that gave it its level.
    pub criteria: Key,
    /// Who rated it last.
    pub rated_by: UserId,
}

/// Input of `rate_impact`.
#[record]
pub struct RateImpact {
    /// The impact to be rated again; a new one when left out.
    pub impact: Option<Key>,
    /// What is said of it.
    #[field(flatten)]
    pub rated: Rated,
    /// How hard to undo, 1 (easy) to 5 (not at all).
    pub reversibility: Grade,
}

/// An impact was rated.
#[record]
pub struct ImpactRated {
    /// Its key.
    pub key: Key,
    /// Who rated it.
    pub by: UserId,
    /// The criteria that gave it its level.
    pub criteria: AppliedCriteria,
    /// What was said of it.
    pub rated: Rated,
    /// How hard to undo; missing where it was never assessed.
    pub reversibility: Option<Grade>,
    /// How large it is.
    pub sizes: Sizes,
}

/// Input of `remove_impact`.
#[record]
pub struct RemoveImpact {
    /// The impact.
    pub impact: Key,
    /// Why it is none.
    pub reason: Prose,
}

/// An impact was taken out of the revision.
#[record]
pub struct ImpactRemoved {
    /// Its key.
    pub key: Key,
    /// Who took it out.
    pub by: UserId,
    /// Why.
    pub reason: Prose,
}

/// Input of `state_none`.
#[record]
pub struct StateNone {
    /// Who bears no impact.
    pub subject: Subject,
    /// Why.
    pub reason: Prose,
}

/// It was stated that somebody bears no impact.
#[record]
pub struct NoImpactStated {
    /// Who.
    pub subject: Subject,
    /// Who said so.
    pub by: UserId,
    /// Why.
    pub reason: Prose,
}

/// The statement that somebody bears no impact.
#[record]
pub struct NoImpact {
    /// Why.
    pub reason: Prose,
    /// Who said so.
    pub by: UserId,
}

/// Version 1 did not ask how hard an impact is to undo. What was not asked is not assumed to be
/// easy: the rating counts as irreversible, and the assessment is incomplete, until it is rated
/// again.
pub fn upcast(version: u16, mut data: Value) -> Value {
    let read = |data: &Value| {
        let rated: Rated = serde_json::from_value(data["rated"].clone()).ok()?;
        let criteria: AppliedCriteria = serde_json::from_value(data["criteria"].clone()).ok()?;
        serde_json::to_value(rated.sizes(None, &criteria)).ok()
    };
    if version == 1
        && let Some(sizes) = read(&data)
        && let Some(fields) = data.as_object_mut()
    {
        fields.insert("sizes".into(), sizes);
    }
    data
}

impl Rated {
    /// Scores and levels by these criteria.
    pub fn sizes(&self, reversibility: Option<Grade>, criteria: &AppliedCriteria) -> Sizes {
        let Rated { severity, likelihood, scale, vulnerable, .. } = *self;
        let score = Weights { severity, likelihood, scale, reversibility, vulnerable }.score();
        let residual_score = self.residual.as_ref().map(|rest| {
            let (severity, likelihood) = (rest.severity, rest.likelihood);
            let reversibility = rest.reversibility.or(reversibility);
            let scale = rest.scale.unwrap_or(scale);
            Weights { severity, likelihood, scale, reversibility, vulnerable }.score()
        });
        Sizes {
            score,
            level: criteria.level(score),
            residual_score,
            residual_level: residual_score.map(|score| criteria.level(score)),
        }
    }

    /// What is wrong with what is said to remain.
    fn check_residual(&self, sizes: &Sizes) -> Result<(), Refusal> {
        let at = "/residual";
        match sizes.residual_score {
            None => Ok(()),
            Some(_) if self.direction == Direction::Benefit => {
                Err(Refusal::ResidualOfBenefit { at })
            }
            Some(rest) if rest > sizes.score => {
                Err(Refusal::ResidualAboveRating { rest, score: sizes.score, at })
            }
            Some(rest) if rest < sizes.score && self.measures.is_empty() => {
                Err(Refusal::ResidualWithoutMeasure { at: "/measures" })
            }
            Some(_) => Ok(()),
        }
    }
}

impl Impact {
    /// Whether it harms.
    pub fn is_harm(&self) -> bool {
        self.rated.direction == Direction::Harm
    }

    /// Its level with the measures in place.
    pub fn standing_level(&self) -> Level {
        self.sizes.residual_level.unwrap_or(self.sizes.level)
    }
}

impl ImpactAssessment {
    /// Decides on `rate_impact`.
    pub(super) fn rated(
        &self,
        input: RateImpact,
        context: &kernel::Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_editable()?;
        let key = match input.impact {
            Some(key) if self.impacts.contains_key(&key) => key,
            Some(key) => return Err(Refusal::unknown_impact(&key)),
            None if self.impacts.len() >= IMPACTS_MAX => {
                return Err(Refusal::Full { max: IMPACTS_MAX, what: "impacts" });
            }
            None => context.new_key("impact"),
        };
        let (rated, reversibility) = (input.rated, Some(input.reversibility));
        let criteria = AppliedCriteria::in_force(context);
        let sizes = rated.sizes(reversibility, &criteria);
        rated.check_residual(&sizes)?;
        let by = context.user();
        let event = ImpactRated { key, by, criteria, rated, reversibility, sizes };
        Ok(vec![Event::ImpactRated(event)])
    }

    /// Decides on `remove_impact`.
    pub(super) fn impact_removed(
        &self,
        input: RemoveImpact,
        by: UserId,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_editable()?;
        let RemoveImpact { impact: key, reason } = input;
        if !self.impacts.contains_key(&key) {
            return Err(Refusal::unknown_impact(&key));
        }
        Ok(vec![Event::ImpactRemoved(ImpactRemoved { key, by, reason })])
    }

    /// Decides on `state_none`.
    pub(super) fn none_stated(&self, input: StateNone, by: UserId) -> Result<Vec<Event>, Refusal> {
        self.must_be_editable()?;
        let StateNone { subject, reason } = input;
        if self.impacts.values().any(|impact| impact.rated.subject == subject) {
            return Err(Refusal::ImpactsRated { subject: subject.text(), at: "/subject" });
        }
        Ok(vec![Event::NoImpactStated(NoImpactStated { subject, by, reason })])
    }

    /// Evolves by a rating; it takes the place of a statement that there is none.
    pub(super) fn evolve_rated(&mut self, event: ImpactRated) {
        self.written(event.by.clone());
        self.no_impacts.remove(&event.rated.subject.key());
        let ImpactRated { key, by, criteria, rated, reversibility, sizes } = event;
        let criteria = criteria.version;
        let impact = Impact { rated, reversibility, sizes, criteria, rated_by: by };
        self.impacts.insert(key, impact);
    }

    /// The level of the working revision: its greatest harm.
    pub(super) fn greatest(&self, level: impl Fn(&Impact) -> Level) -> Level {
        let harms = self.impacts.values().filter(|impact| impact.is_harm());
        harms.map(level).max().unwrap_or(Level::Low)
    }
}
