//! Answers: each fits its question, and has its own evidence.

use std::collections::BTreeMap;

use declare::record;
use kernel::kinds::Evidence;
use kernel::values::{Key, Prose, Ref};
use kernel::{Context, Date, Need, UserId};

use super::{Event, Refusal, SupplierAssessment};
use crate::questionnaire_chapter::{QuestionOutline, Sheet};

/// Most bytes of all answers: the document stays within 64 KiB.
pub const ANSWERS_MAX: usize = 29 << 10;

/// An answer.
#[record]
pub struct Answer {
    /// The choices that were made.
    pub choices: Vec<Key>,
    /// What was said.
    pub text: Option<Prose>,
    /// The date that was named.
    pub date: Option<Date>,
    /// What the assessors remark on it.
    pub remark: Option<Prose>,
    /// What proves it.
    pub evidence: Vec<Ref<Evidence>>,
}

/// The answer to one question.
#[record]
pub struct GiveAnswer {
    /// The number of the question.
    pub question: Key,
    /// The choices, where it is answered by choice.
    #[field(max = 40)]
    pub choices: Vec<Key>,
    /// What is said, where words are asked for.
    pub text: Option<Prose>,
    /// The date, where one is asked for.
    pub date: Option<Date>,
    /// A remark of the assessors.
    pub remark: Option<Prose>,
    /// What proves it.
    #[field(max = 10)]
    pub evidence: Vec<Ref<Evidence>>,
}

/// Input of `answer`.
#[record]
pub struct GiveAnswers {
    /// The answers.
    pub answers: Vec<GiveAnswer>,
}

/// Answers were given.
#[record]
pub struct Answered {
    /// The answers by the numbers of the questions.
    pub answers: BTreeMap<Key, Answer>,
    /// Who gave them.
    pub by: UserId,
}

impl Answer {
    /// About how many bytes it takes, and not less.
    fn bytes(&self, key: &Key) -> usize {
        let choices: usize = self.choices.iter().map(|choice| choice.as_str().len() + 3).sum();
        let texts = [&self.text, &self.remark].into_iter().flatten().count();
        let evidence: usize = self.evidence.iter().map(|evidence| evidence.id().len() + 3).sum();
        70 + key.as_str().len() + choices + 100 * texts + evidence
    }

    /// Whether both say the same. Texts that are sealed cannot be compared.
    fn is_same(&self, other: &Self) -> bool {
        self == other && self.text.is_none() && self.remark.is_none()
    }
}

impl GiveAnswer {
    /// Whether it fits its question; `place` is where it stands in the input.
    fn check(&self, question: &QuestionOutline, place: &str) -> Result<(), Refusal> {
        let number = || self.question.as_str().to_owned();
        let at = |field: &str| format!("{place}/{field}");
        for (n, key) in self.choices.iter().enumerate() {
            let offered = question.choices.iter().any(|choice| choice.key == *key);
            if !offered || self.choices[..n].contains(key) {
                let (choice, at) = (key.as_str().to_owned(), at(&format!("choices/{n}")));
                return Err(Refusal::NoSuchChoice { question: number(), choice, at });
            }
        }
        let kind = question.answer;
        let too_few = kind.is_choice() && self.choices.is_empty();
        let too_many = self.choices.len() > 1 && !kind.is_multiple();
        if too_few || too_many {
            let wanted = if kind.is_multiple() { "at least one choice" } else { "one choice" };
            return Err(Refusal::AnswerMissing { question: number(), wanted, at: at("choices") });
        }
        self.check_free(question, place)?;
        let applies_not = question.choices.iter().filter(|choice| choice.not_applicable);
        let says_not = applies_not.map(|choice| &choice.key).any(|key| self.choices.contains(key));
        if says_not && self.choices.len() > 1 {
            let at = at("choices");
            return Err(Refusal::NotApplicableAmongOthers { question: number(), at });
        }
        Ok(())
    }

    /// Whether words, date, remark and evidence are what the question takes.
    fn check_free(&self, question: &QuestionOutline, place: &str) -> Result<(), Refusal> {
        use crate::questionnaire_chapter::AnswerType;
        let number = || self.question.as_str().to_owned();
        let at = |field: &str| format!("{place}/{field}");
        let kind = question.answer;
        let missing = match kind {
            AnswerType::Open if self.text.is_none() => Some(("words", "text")),
            AnswerType::Date if self.date.is_none() => Some(("a date", "date")),
            AnswerType::Open
            | AnswerType::Date
            | AnswerType::Single
            | AnswerType::SingleOpen
            | AnswerType::Multiple
            | AnswerType::MultipleOpen => None,
        };
        if let Some((wanted, field)) = missing {
            return Err(Refusal::AnswerMissing { question: number(), wanted, at: at(field) });
        }
        let not_taken = [
            (self.text.is_some() && !kind.takes_text(), "words", "text"),
            (self.date.is_some() && kind != AnswerType::Date, "a date", "date"),
            (self.remark.is_some() && !question.takes_remarks, "remarks", "remark"),
            (!self.evidence.is_empty() && !question.takes_remarks, "evidence", "evidence"),
        ];
        match not_taken.into_iter().find(|(given, ..)| *given) {
            Some((_, given, field)) => {
                Err(Refusal::AnswerNotTaken { question: number(), given, at: at(field) })
            }
            None => Ok(()),
        }
    }
}

impl SupplierAssessment {
    pub(super) fn needs_of_chapters(&self) -> Vec<Need> {
        Sheet::needs(&self.chapters)
    }

    pub(super) fn answered(
        &self,
        input: GiveAnswers,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.may_work("answered", context)?;
        let sheet = Sheet::of(&self.chapters, &context.facts);
        let mut given = BTreeMap::new();
        for (n, answer) in input.answers.into_iter().enumerate() {
            let (place, key) = (format!("/answers/{n}"), answer.question.clone());
            let question = || key.as_str().to_owned();
            let Some(outline) = sheet.question(&key) else {
                let at = format!("{place}/question");
                return Err(Refusal::NoSuchQuestion { question: question(), at });
            };
            answer.check(outline, &place)?;
            let GiveAnswer { choices, text, date, remark, evidence, .. } = answer;
            let answer = Answer { choices, text, date, remark, evidence };
            if given.contains_key(&key) {
                let at = format!("{place}/question");
                return Err(Refusal::AnsweredTwice { question: question(), at });
            }
            given.insert(key, answer);
        }
        given.retain(|key, answer| self.answers.get(key).is_none_or(|old| !old.is_same(answer)));
        if given.is_empty() {
            return Ok(Vec::new());
        }
        let kept = self.answers.iter().filter(|(key, _)| !given.contains_key(key));
        let bytes = kept.chain(&given).map(|(key, answer)| answer.bytes(key)).sum();
        if bytes > ANSWERS_MAX {
            return Err(Refusal::TooLarge { bytes, most: ANSWERS_MAX });
        }
        Ok(vec![Event::Answered(Answered { answers: given, by: context.user() })])
    }
}
