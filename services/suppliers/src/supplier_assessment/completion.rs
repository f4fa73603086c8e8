//! The end of an assessment: every question that is asked is answered, the answers are weighed, and
//! what falls short is named.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use declare::record;
use kernel::values::{Key, Line, Prose};
use kernel::{Context, Date, Instant, Need, UserId};

use super::{AssessmentStatus, Event, Refusal, SupplierAssessment};
use crate::questionnaire_chapter::{QuestionOutline, Sheet};

/// Months for which an assessment of a supplier of high criticality counts at most.
const MONTHS_HIGH: i64 = 12;
/// Months for which any other counts at most.
const MONTHS_OTHER: i64 = 24;
/// Most gaps that are described; the heaviest come first.
pub const GAPS_MAX: usize = 50;
/// Most bytes of a question or answer in a gap.
const GAP_BYTES: usize = 150;

/// For how many months an assessment of a supplier of this criticality counts at most.
pub fn months_valid(criticality: &str) -> i64 {
    if criticality == "high" { MONTHS_HIGH } else { MONTHS_OTHER }
}

/// What came of an assessment.
#[record]
#[derive(Default)]
pub struct Outcome {
    /// What was earned of what could be, from 0 to 100; rounded to the nearest, halves up.
    #[field(index)]
    pub score: Option<u32>,
    /// What the answers earned, weighted.
    pub earned: Option<u64>,
    /// What they could have earned. Questions that were not asked or do not apply are left out.
    pub attainable: Option<u64>,
    /// How many questions were asked.
    pub asked: Option<u32>,
    /// What fell short of its full score, by the number of the question: the heaviest.
    pub gaps: BTreeMap<Key, Gap>,
    /// How many gaps there are in all.
    pub gap_count: Option<u32>,
    /// How critical the supplier was held to be.
    pub criticality: Option<Line>,
}

/// An answer that falls short of its full score.
#[record]
pub struct Gap {
    /// What was asked.
    pub question: Line,
    /// What was chosen.
    pub answer: Line,
    /// What it earned, weighted.
    pub earned: u64,
    /// What it could have earned.
    pub attainable: u64,
    /// Whether the question is critical.
    pub critical: bool,
}

/// Input of `complete`.
#[record]
pub struct Complete {
    /// Last day on which it counts.
    pub valid_until: Date,
    /// What the assessors think.
    pub opinion: Option<Prose>,
}

/// It was completed.
#[record]
pub struct Completed {
    /// What came of it.
    pub outcome: Outcome,
    /// The version of the questionnaire.
    pub questionnaire_version: u32,
    /// Last day on which it counts.
    pub valid_until: Date,
    /// What the assessors think.
    pub opinion: Option<Prose>,
    /// Who completed it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

impl SupplierAssessment {
    pub(super) fn needs_of_completion(&self) -> Vec<Need> {
        let evidence = self.answers.values().flat_map(|answer| &answer.evidence);
        let evidence = evidence.map(|evidence| Need::Object(evidence.id().to_owned()));
        let supplier = Need::Object(self.supplier.id().to_owned());
        self.needs_of_chapters().into_iter().chain([supplier]).chain(evidence).collect()
    }

    pub(super) fn completed(
        &self,
        input: Complete,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if self.status == AssessmentStatus::Completed && self.valid_until == Some(input.valid_until)
        {
            return Ok(Vec::new());
        }
        self.may_work("completed", context)?;
        let criticality = self.criticality(context);
        check_validity(input.valid_until, &criticality, context)?;
        let sheet = Sheet::of(&self.chapters, &context.facts);
        let asked = sheet.reached(|key| self.chosen(key));
        let mut open = asked.iter().filter(|(key, _)| !self.answers.contains_key(key)).peekable();
        if let Some((first, _)) = open.peek() {
            let question = first.as_str().to_owned();
            return Err(Refusal::Unanswered { question, open: open.count() });
        }
        for (key, question) in &asked {
            if question.critical && !self.is_proven(key, context) {
                let question = key.as_str().to_owned();
                return Err(Refusal::CriticalWithoutEvidence { question });
            }
        }
        let outcome =
            Outcome { criticality: Some(Line::new(criticality)), ..self.outcome(&asked)? };
        Ok(vec![Event::Completed(Completed {
            outcome,
            questionnaire_version: self.questionnaire_version.unwrap_or(0),
            valid_until: input.valid_until,
            opinion: input.opinion,
            by: context.user(),
            at: context.now,
        })])
    }

    fn criticality(&self, context: &Context) -> String {
        let supplier = context.facts.get::<facts::Supplier>(self.supplier.id());
        supplier.map_or_else(|| "high".to_owned(), |supplier| supplier.criticality)
    }

    fn chosen(&self, key: &Key) -> &[Key] {
        self.answers.get(key).map(|answer| answer.choices.as_slice()).unwrap_or_default()
    }

    fn is_proven(&self, key: &Key, context: &Context) -> bool {
        let evidence = self.answers.get(key).map(|answer| answer.evidence.as_slice());
        let mut evidence = evidence.unwrap_or_default().iter();
        let of = |id| context.facts.get::<facts::Evidence>(id);
        evidence.any(|evidence| of(evidence.id()).is_some_and(|known| known.is_good()))
    }

    /// The answers weighed.
    fn outcome(&self, asked: &[(&Key, &QuestionOutline)]) -> Result<Outcome, Refusal> {
        let (mut earned, mut attainable, mut gaps) = (0_u64, 0_u64, Vec::new());
        for (key, question) in asked {
            let chosen = self.chosen(key);
            let Some((has, full)) = question.earned(chosen) else { continue };
            earned = earned.saturating_add(has);
            attainable = attainable.saturating_add(full);
            if has < full {
                gaps.push(((*key).clone(), gap(question, chosen, has, full)));
            }
        }
        if attainable == 0 {
            return Err(Refusal::NothingScored);
        }
        gaps.sort_by_key(|(_, gap)| (!gap.critical, Reverse(gap.attainable - gap.earned)));
        let gap_count = u32::try_from(gaps.len()).unwrap_or(u32::MAX);
        Ok(Outcome {
            score: Some(percentage(earned, attainable)),
            earned: Some(earned),
            attainable: Some(attainable),
            asked: Some(u32::try_from(asked.len()).unwrap_or(u32::MAX)),
            gaps: gaps.into_iter().take(GAPS_MAX).collect(),
            gap_count: Some(gap_count),
            criticality: None,
        })
    }
}

/// How much of the whole, from 0 to 100; rounded to the nearest, halves up.
fn percentage(part: u64, whole: u64) -> u32 {
    let (part, whole) = (u128::from(part), u128::from(whole.max(1)));
    u32::try_from((part * 200 + whole) / (whole * 2)).unwrap_or(100)
}

fn gap(question: &QuestionOutline, chosen: &[Key], earned: u64, attainable: u64) -> Gap {
    let made = question.choices.iter().filter(|choice| chosen.contains(&choice.key));
    let answer = made.map(|choice| choice.text.as_str()).collect::<Vec<_>>().join("; ");
    let (question_text, critical) = (shortened(&question.text), question.critical);
    Gap { question: question_text, answer: shortened(&answer), earned, attainable, critical }
}

fn shortened(text: &str) -> Line {
    Line::new(&text[..text.floor_char_boundary(GAP_BYTES)])
}

fn check_validity(until: Date, criticality: &str, context: &Context) -> Result<(), Refusal> {
    let (today, at) = (context.today(), "/validUntil");
    if until <= today {
        return Err(Refusal::ValidInPast { at });
    }
    let latest = today.plus_months(months_valid(criticality));
    if until > latest {
        let criticality = criticality.to_owned();
        return Err(Refusal::ValidTooLong { criticality, latest, at });
    }
    Ok(())
}
