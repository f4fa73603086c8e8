//! What others need to know of chapters: which questions are asked after which answers, and what
//! the answers earn.

use std::collections::{BTreeMap, BTreeSet};

use kernel::kinds;
use kernel::values::{Key, Ref};
use kernel::{Fact, Facts, Need, UserId};
use serde::Deserialize;

use super::{AnswerType, ChapterStatus};

/// A chapter as questionnaires and assessments rely on it.
#[derive(Clone, Debug, Deserialize)]
pub struct Outline {
    /// Whether it can still change.
    pub status: ChapterStatus,
    /// Everyone who wrote on it.
    #[serde(default)]
    pub authors: Vec<UserId>,
    /// Its questions.
    #[serde(default)]
    pub questions: BTreeMap<Key, QuestionOutline>,
}

impl Fact for Outline {
    const KIND: &'static str = "questionnaire_chapter";
}

/// A question as questionnaires and assessments rely on it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuestionOutline {
    /// Its place in the chapter.
    pub order: u32,
    /// What is asked.
    pub text: String,
    /// How it is answered.
    pub answer: AnswerType,
    /// The choices.
    #[serde(default)]
    pub choices: Vec<ChoiceOutline>,
    /// How much it counts.
    #[serde(default)]
    pub weight: Option<u32>,
    /// Whether an answer needs evidence.
    pub critical: bool,
    /// Whether remarks and evidence can be given.
    pub takes_remarks: bool,
}

/// A choice as questionnaires and assessments rely on it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChoiceOutline {
    /// Its key.
    pub key: Key,
    /// What it says.
    pub text: String,
    /// What it earns before the weight.
    #[serde(default)]
    pub points: Option<u32>,
    /// Whether it says that the question does not apply.
    pub not_applicable: bool,
    /// The later questions that are asked because of it.
    #[serde(default)]
    pub shows: Vec<Key>,
}

/// All questions of a version of a questionnaire in their order.
#[derive(Debug)]
pub struct Sheet {
    /// The questions with their numbers.
    pub questions: Vec<(Key, QuestionOutline)>,
    /// Everyone who wrote on them.
    pub authors: BTreeSet<UserId>,
}

impl Sheet {
    /// The facts that [`Sheet::of`] reads.
    pub fn needs(chapters: &[Ref<kinds::QuestionnaireChapter>]) -> Vec<Need> {
        chapters.iter().map(|chapter| Need::Object(chapter.id().to_owned())).collect()
    }

    /// The questions of these chapters.
    pub fn of(chapters: &[Ref<kinds::QuestionnaireChapter>], facts: &Facts) -> Self {
        let (mut questions, mut authors) = (Vec::new(), BTreeSet::new());
        let found = chapters.iter().filter_map(|chapter| facts.get::<Outline>(chapter.id()));
        for Outline { authors: by, questions: of_chapter, .. } in found {
            authors.extend(by);
            let mut of_chapter: Vec<_> = of_chapter.into_iter().collect();
            of_chapter.sort_by_key(|(_, question)| question.order);
            questions.extend(of_chapter);
        }
        Self { questions, authors }
    }

    /// The question of this number.
    pub fn question(&self, key: &Key) -> Option<&QuestionOutline> {
        self.questions.iter().find(|(known, _)| known == key).map(|(_, question)| question)
    }

    /// The questions that are asked when those before them are answered so: all that no answer
    /// leads to, and those that a given answer leads to.
    pub fn reached<'a>(
        &'a self,
        chosen: impl Fn(&Key) -> &'a [Key],
    ) -> Vec<(&'a Key, &'a QuestionOutline)> {
        let leads = self.questions.iter().flat_map(|(_, question)| &question.choices);
        let conditional: BTreeSet<&Key> = leads.flat_map(|choice| &choice.shows).collect();
        let (mut shown, mut reached) = (BTreeSet::<&Key>::new(), Vec::new());
        for (key, question) in &self.questions {
            if conditional.contains(key) && !shown.contains(key) {
                continue;
            }
            reached.push((key, question));
            let chosen = chosen(key);
            let made = question.choices.iter().filter(|choice| chosen.contains(&choice.key));
            shown.extend(made.flat_map(|choice| &choice.shows));
        }
        reached
    }
}

impl QuestionOutline {
    /// Whether answers to it count.
    pub fn is_scored(&self) -> bool {
        self.weight.unwrap_or(0) > 0
    }

    /// What these choices earn, and what they could: weighted. `None` when the question is not
    /// scored or does not apply.
    pub fn earned(&self, chosen: &[Key]) -> Option<(u64, u64)> {
        let weight = u64::from(self.weight.filter(|weight| *weight > 0)?);
        let made = || self.choices.iter().filter(|choice| chosen.contains(&choice.key));
        if made().any(|choice| choice.not_applicable) {
            return None;
        }
        let points = |choice: &ChoiceOutline| u64::from(choice.points.unwrap_or(0));
        let all = self.choices.iter().map(points);
        let full: u64 = if self.answer.is_multiple() { all.sum() } else { all.max().unwrap_or(0) };
        let earned: u64 = made().map(points).sum();
        Some((weight.saturating_mul(earned), weight.saturating_mul(full)))
    }
}
