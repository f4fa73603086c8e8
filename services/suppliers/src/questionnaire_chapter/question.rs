//! A question: what may be answered, what that earns, and which questions it leads to.

use declare::{record, refusals, words};
use kernel::values::{Key, Line, Prose};

/// How a question is answered.
#[words]
#[derive(Default)]
pub enum AnswerType {
    /// In one's own words.
    #[default]
    Open,
    /// By one choice.
    Single,
    /// By one choice, with a word to it where wanted.
    SingleOpen,
    /// By a date.
    Date,
    /// By any number of choices.
    Multiple,
    /// By any number of choices, with a word to them where wanted.
    MultipleOpen,
}

impl AnswerType {
    /// Whether it is answered by choices.
    pub const fn is_choice(self) -> bool {
        match self {
            AnswerType::Single
            | AnswerType::SingleOpen
            | AnswerType::Multiple
            | AnswerType::MultipleOpen => true,
            AnswerType::Open | AnswerType::Date => false,
        }
    }

    /// Whether more than one choice may be made.
    pub const fn is_multiple(self) -> bool {
        match self {
            AnswerType::Multiple | AnswerType::MultipleOpen => true,
            AnswerType::Open | AnswerType::Date | AnswerType::Single | AnswerType::SingleOpen => {
                false
            }
        }
    }

    /// Whether words may be given.
    pub const fn takes_text(self) -> bool {
        match self {
            AnswerType::Open | AnswerType::SingleOpen | AnswerType::MultipleOpen => true,
            AnswerType::Single | AnswerType::Date | AnswerType::Multiple => false,
        }
    }
}

/// A question.
#[record]
#[derive(Default)]
pub struct Question {
    /// What is asked.
    #[field(max = 600)]
    pub text: Line,
    /// What those who answer should know.
    pub help: Option<Prose>,
    /// How it is answered.
    pub answer: AnswerType,
    /// The choices, where it is answered by choice.
    #[field(max = 40)]
    pub choices: Vec<Choice>,
    /// How much it counts; it is not scored without.
    pub weight: Option<u32>,
    /// Whether an answer needs evidence.
    pub critical: bool,
    /// Whether remarks and evidence can be given with an answer.
    pub takes_remarks: bool,
}

/// A choice.
#[record]
pub struct Choice {
    /// Its key within the question.
    pub key: Key,
    /// What it says.
    pub text: Line,
    /// What it earns, to be multiplied by the question's weight.
    pub points: Option<u32>,
    /// Whether it says that the question does not apply: it is left out of the score then.
    pub not_applicable: bool,
    /// The later questions that are asked because of it; they are not asked otherwise.
    #[field(max = 40)]
    pub shows: Vec<Key>,
    /// What whoever chooses it is told.
    pub warning: Option<Line>,
}

/// A question by its number, as it is given.
#[record]
pub struct Asked {
    /// Its number, unique within the questionnaire: `4.10`.
    pub key: Key,
    /// What it asks.
    #[field(flatten)]
    pub question: Question,
}

/// A question at its place.
#[record]
pub struct Placed {
    /// Its place in the chapter, from 1.
    pub order: u32,
    /// What it asks.
    #[field(flatten)]
    pub question: Question,
}

/// The most that a weight or the points of a choice may be.
pub const COUNT_MAX: u32 = 10_000;

/// Why a question cannot be asked so.
#[refusals]
pub enum QuestionRefusal {
    /// Question {question} is answered by choice and offers none.
    NoChoice {
        /// Its number.
        question: String,
        /// Where in the input.
        at: String,
    },
    /// Question {question} is not answered by choice: it offers none.
    ChoiceNotAsked {
        /// Its number.
        question: String,
        /// Where in the input.
        at: String,
    },
    /// The choice {choice} stands twice in question {question}.
    ChoiceTwice {
        /// Its number.
        question: String,
        /// The choice.
        choice: String,
        /// Where in the input.
        at: String,
    },
    /// Question {question} has a weight, but no choice of it earns points.
    WeightWithoutPoints {
        /// Its number.
        question: String,
        /// Where in the input.
        at: String,
    },
    /// The choice {choice} of question {question} earns points, but the question has no weight.
    PointsWithoutWeight {
        /// Its number.
        question: String,
        /// The choice.
        choice: String,
        /// Where in the input.
        at: String,
    },
    /// The choice {choice} of question {question} says that it does not apply: it earns nothing.
    PointsNotApplicable {
        /// Its number.
        question: String,
        /// The choice.
        choice: String,
        /// Where in the input.
        at: String,
    },
    /// Question {question} counts too much: weights and points are at most {most}.
    CountsTooMuch {
        /// Its number.
        question: String,
        /// The most.
        most: u32,
        /// Where in the input.
        at: String,
    },
    /// Question {question} is critical, so that its answer needs evidence, but takes none.
    #[refusal(rule = "ISO/IEC 42001 A.10.3")]
    CriticalWithoutEvidence {
        /// Its number.
        question: String,
        /// Where in the input.
        at: String,
    },
    /// Question {question} cannot lead to {shown}, which does not come after it.
    ShowsEarlier {
        /// Its number.
        question: String,
        /// The other question.
        shown: String,
        /// Where in the input.
        at: String,
    },
}

impl Question {
    /// Whether it can be asked so; `place` is where it stands in the input.
    pub(super) fn check(&self, key: &Key, place: &str) -> Result<(), QuestionRefusal> {
        let question = key.as_str().to_owned();
        let at = |field: &str| format!("{place}/{field}");
        if self.answer.is_choice() && self.choices.is_empty() {
            return Err(QuestionRefusal::NoChoice { question, at: at("choices") });
        }
        if !self.answer.is_choice() && !self.choices.is_empty() {
            return Err(QuestionRefusal::ChoiceNotAsked { question, at: at("choices") });
        }
        if self.weight.is_some_and(|weight| weight > COUNT_MAX) {
            let (most, at) = (COUNT_MAX, at("weight"));
            return Err(QuestionRefusal::CountsTooMuch { question, most, at });
        }
        for (n, choice) in self.choices.iter().enumerate() {
            self.check_choice(n, choice, key, place)?;
        }
        if self.weight.is_some_and(|weight| weight > 0) && self.full() == 0 {
            return Err(QuestionRefusal::WeightWithoutPoints { question, at: at("weight") });
        }
        if self.critical && !self.takes_remarks {
            let at = at("takesRemarks");
            return Err(QuestionRefusal::CriticalWithoutEvidence { question, at });
        }
        Ok(())
    }

    fn check_choice(
        &self,
        n: usize,
        choice: &Choice,
        key: &Key,
        place: &str,
    ) -> Result<(), QuestionRefusal> {
        let question = key.as_str().to_owned();
        let at = |field: &str| format!("{place}/choices/{n}/{field}");
        let (earns, name) = (choice.points.unwrap_or(0) > 0, choice.key.as_str().to_owned());
        if self.choices[..n].iter().any(|other| other.key == choice.key) {
            return Err(QuestionRefusal::ChoiceTwice { question, choice: name, at: at("key") });
        }
        if choice.points.is_some_and(|points| points > COUNT_MAX) {
            let (most, at) = (COUNT_MAX, at("points"));
            return Err(QuestionRefusal::CountsTooMuch { question, most, at });
        }
        if choice.not_applicable && earns {
            let at = at("points");
            return Err(QuestionRefusal::PointsNotApplicable { question, choice: name, at });
        }
        if self.weight.unwrap_or(0) == 0 && earns {
            let at = at("points");
            return Err(QuestionRefusal::PointsWithoutWeight { question, choice: name, at });
        }
        Ok(())
    }

    /// Whether all questions that it leads to come later, as far as `is_later` knows them.
    pub(super) fn check_shown(
        &self,
        key: &Key,
        place: &str,
        is_later: impl Fn(&Key) -> bool,
    ) -> Result<(), QuestionRefusal> {
        for (n, choice) in self.choices.iter().enumerate() {
            let earlier = choice.shows.iter().position(|shown| shown == key || !is_later(shown));
            if let Some(m) = earlier {
                return Err(QuestionRefusal::ShowsEarlier {
                    question: key.as_str().to_owned(),
                    shown: choice.shows[m].as_str().to_owned(),
                    at: format!("{place}/choices/{n}/shows/{m}"),
                });
            }
        }
        Ok(())
    }

    /// The same for a question that stays while another is put before or behind it.
    pub(super) fn check_moved(
        &self,
        key: &Key,
        is_later: impl Fn(&Key) -> bool,
    ) -> Result<(), QuestionRefusal> {
        let shown = self.choices.iter().flat_map(|choice| &choice.shows);
        let Some(shown) = shown.into_iter().find(|shown| !is_later(shown)) else { return Ok(()) };
        let (question, shown) = (key.as_str().to_owned(), shown.as_str().to_owned());
        Err(QuestionRefusal::ShowsEarlier { question, shown, at: "/order".to_owned() })
    }

    /// The most points that an answer earns, before the weight.
    fn full(&self) -> u64 {
        let points = self.choices.iter().map(|choice| u64::from(choice.points.unwrap_or(0)));
        if self.answer.is_multiple() { points.sum() } else { points.max().unwrap_or(0) }
    }

    /// About how many bytes it takes in the chapter's document, and not less.
    pub(super) fn bytes(&self, key: &Key) -> usize {
        let quoted = |line: &Line| serde_json::to_string(line).map_or(0, |text| text.len());
        let choice = |choice: &Choice| {
            let shows: usize = choice.shows.iter().map(|key| key.as_str().len() + 3).sum();
            let key = choice.key.as_str().len();
            90 + key + quoted(&choice.text) + choice.warning.as_ref().map_or(0, quoted) + shows
        };
        let choices: usize = self.choices.iter().map(choice).sum();
        230 + key.as_str().len() + quoted(&self.text) + choices
    }
}
