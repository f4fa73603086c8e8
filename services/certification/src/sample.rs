//! A record that auditors have taken as a sample (G-19; ISO/IEC 17021-1 9.4).
//!
//! ```text
//!           take             record_result
//!   (none) ─────► Taken ────────────────────► Examined (record_result again: another result)
//!                   └──────── withdraw ──────► Withdrawn
//! ```

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Anything, Line, Number, Prose, Ref};
use kernel::{Context, Fact, Instant, Need, Role, UserId, kinds};

use crate::auditor_engagement::AuditorEngagement;

/// Most samples of an engagement.
const SAMPLES_MAX: usize = 1_000;

/// A record that an auditor looks into.
#[record]
#[derive(Default)]
pub struct Sample {
    /// The engagement under which it was taken.
    #[field(index)]
    pub engagement: Ref<kinds::AuditorEngagement>,
    /// The record.
    #[field(index)]
    pub object: Ref<Anything>,
    /// Its kind, by name.
    pub object_kind: Line,
    /// As of when it is looked into: the engagement's ceiling, or when it was taken.
    pub as_of: Instant,
    /// The clause or control that it is to show.
    #[field(correctable)]
    pub requirement: Option<Number>,
    /// Why this one, and what is looked for.
    #[field(correctable)]
    pub purpose: Option<Prose>,
    /// Who took it.
    pub taken_by: UserId,
    /// Where it stands.
    #[field(index)]
    pub status: SampleStatus,
    /// What was found.
    pub result: Option<SampleResult>,
    /// In words.
    pub remark: Option<Prose>,
    /// Who examined it.
    pub examined_by: Option<UserId>,
}

impl Fact for Sample {
    const KIND: &'static str = "sample";
}

/// Where a sample stands.
#[words]
#[derive(Default)]
pub enum SampleStatus {
    /// It was taken.
    #[default]
    Taken,
    /// It was examined.
    Examined,
    /// It was not taken after all.
    Withdrawn,
}

/// What a sample shows.
#[words]
pub enum SampleResult {
    /// What is required.
    Conforming,
    /// Something else.
    Nonconforming,
    /// Neither.
    Inconclusive,
}

/// Input of `take`.
#[record]
pub struct Take {
    /// The record.
    pub object: Ref<Anything>,
    /// The clause or control that it is to show.
    pub requirement: Option<Number>,
    /// Why this one, and what is looked for.
    pub purpose: Option<Prose>,
}

/// Input of `record_result`.
#[record]
pub struct RecordResult {
    /// What it shows.
    pub result: SampleResult,
    /// In words.
    pub remark: Option<Prose>,
}

/// Input of `withdraw`.
#[record]
pub struct Withdraw {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Takes a record as a sample.
    #[command(by(Cba), emits(Taken), creates)]
    Take(Take),
    /// Says what the sample shows.
    #[command(by(Cba), emits(ResultRecorded))]
    RecordResult(RecordResult),
    /// Says that it is no sample after all.
    #[command(by(Cba), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Corrects an earlier event.
    #[command(by(Cba), emits(Corrected))]
    Correct(Correct),
}

/// A record was taken as a sample.
#[record]
pub struct Taken {
    /// Under which engagement.
    pub engagement: Ref<kinds::AuditorEngagement>,
    /// The record.
    pub object: Ref<Anything>,
    /// Its kind, by name.
    pub object_kind: Line,
    /// As of when it is looked into.
    pub as_of: Instant,
    /// The clause or control that it is to show.
    pub requirement: Option<Number>,
    /// Why this one.
    pub purpose: Option<Prose>,
    /// Who took it.
    pub by: UserId,
}

/// It was examined.
#[record]
pub struct ResultRecorded {
    /// What it shows.
    pub result: SampleResult,
    /// In words.
    pub remark: Option<Prose>,
    /// Who examined it.
    pub by: UserId,
}

/// What can have happened.
#[events(kind = "sample")]
pub enum Event {
    /// A record was taken as a sample.
    Taken(Taken),
    /// It was examined.
    ResultRecorded(ResultRecorded),
    /// It is no sample after all.
    Withdrawn(Withdraw),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// Samples are taken under an engagement that is open, by one of its auditors.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.4")]
    EngagementNotOpen,
    /// The sample belongs to another engagement.
    #[refusal(conflict)]
    OtherEngagement,
    /// {object} is a sample of this engagement already: {sample}.
    #[refusal(conflict)]
    AlreadyTaken {
        /// The record.
        object: String,
        /// The sample.
        sample: String,
    },
    /// {object} is withheld from this engagement.
    #[refusal(rule = "ISO/IEC 42001 7.5.3")]
    Withheld {
        /// The record.
        object: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The sample was withdrawn.
    #[refusal(conflict)]
    WasWithdrawn,
    /// An engagement has at most {max} samples.
    #[refusal(conflict)]
    TooMany {
        /// The limit.
        max: usize,
    },
}

kernel::aggregate!(Sample, "sample", Command, Event, Refusal);

impl Domain for Sample {
    const ABOUT: About = About {
        kind: "sample",
        doc: "A record that a certification body's auditors have taken as a sample.",
        clauses: &["9.2.1"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, context: &Context) -> Vec<Need> {
        let Some(engagement) = context.actor.engagement.clone() else { return Vec::new() };
        match command {
            Command::Take(_) => vec![
                Need::Object(engagement.clone()),
                Need::Where("sample", "engagement", engagement),
            ],
            Command::RecordResult(_) | Command::Withdraw(_) | Command::Correct(_) => {
                vec![Need::Object(engagement)]
            }
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let (id, engagement) = engagement_of(context).ok_or(Refusal::EngagementNotOpen)?;
        Ok(match command {
            Command::Take(input) => taken(input, &id, &engagement, context)?,
            Command::RecordResult(input) => {
                self.must_be_of(&id)?;
                self.examined(input, context)?
            }
            Command::Withdraw(input) => {
                self.must_be_of(&id)?;
                let is_gone = self.status == SampleStatus::Withdrawn;
                if is_gone { Vec::new() } else { vec![Event::Withdrawn(input)] }
            }
            Command::Correct(input) => {
                self.must_be_of(&id)?;
                vec![Event::Corrected(input.decide::<Self>(context)?)]
            }
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Taken(e) => {
                *self = Self {
                    engagement: e.engagement,
                    object: e.object,
                    object_kind: e.object_kind,
                    as_of: e.as_of,
                    requirement: e.requirement,
                    purpose: e.purpose,
                    taken_by: e.by,
                    ..Self::default()
                };
            }
            Event::ResultRecorded(e) => {
                self.status = SampleStatus::Examined;
                self.result = Some(e.result);
                self.remark = e.remark;
                self.examined_by = Some(e.by);
            }
            Event::Withdrawn(_) => self.status = SampleStatus::Withdrawn,
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl Sample {
    fn must_be_of(&self, engagement: &str) -> Result<(), Refusal> {
        if self.engagement.id() == engagement { Ok(()) } else { Err(Refusal::OtherEngagement) }
    }

    fn examined(&self, input: RecordResult, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == SampleStatus::Withdrawn {
            return Err(Refusal::WasWithdrawn);
        }
        let RecordResult { result, remark } = input;
        if self.result == Some(result) && remark.is_none() {
            return Ok(Vec::new());
        }
        let by = context.user();
        Ok(vec![Event::ResultRecorded(ResultRecorded { result, remark, by })])
    }

    /// Whether it is a sample of an engagement still.
    pub fn stands_for(&self, engagement: &str) -> bool {
        self.engagement.id() == engagement && self.status != SampleStatus::Withdrawn
    }
}

/// The engagement under which somebody acts, while it is open and he is one of its auditors.
pub(crate) fn engagement_of(context: &Context) -> Option<(String, AuditorEngagement)> {
    let id = context.actor.engagement.clone()?;
    let engagement = context.facts.get::<AuditorEngagement>(&id)?;
    let user = context.user();
    let is_auditor = engagement.terms.auditors.iter().any(|auditor| auditor.0 == user);
    (is_auditor && engagement.is_open_on(context.today())).then_some((id, engagement))
}

fn taken(
    input: Take,
    id: &str,
    engagement: &AuditorEngagement,
    context: &Context,
) -> Result<Vec<Event>, Refusal> {
    let Take { object, requirement, purpose } = input;
    let kind = kinds::kind_of_prefix(kernel::id::prefix_of(object.id()));
    let kind = kind.map_or("", |row| row.name);
    if engagement.redactions.values().any(|redaction| redaction.covers(kind, object.id())) {
        return Err(Refusal::Withheld { object: object.id().to_owned(), at: "/object" });
    }
    let samples = context.facts.all::<Sample>();
    let mut same = samples.iter().filter(|(_, known)| known.stands_for(id));
    if let Some((sample, _)) = same.find(|(_, known)| known.object == object) {
        let (object, sample) = (object.id().to_owned(), sample.clone());
        return Err(Refusal::AlreadyTaken { object, sample });
    }
    if samples.len() >= SAMPLES_MAX {
        return Err(Refusal::TooMany { max: SAMPLES_MAX });
    }
    let ceiling = engagement.terms.as_of_ceiling;
    Ok(vec![Event::Taken(Taken {
        engagement: Ref::new(id),
        object,
        object_kind: Line::new(kind),
        as_of: ceiling.map_or(context.now, |ceiling| ceiling.min(context.now)),
        requirement,
        purpose,
        by: context.user(),
    })])
}

#[cfg(test)]
mod tests;
