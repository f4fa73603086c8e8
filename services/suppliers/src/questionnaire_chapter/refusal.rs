//! What is refused of chapters of questionnaires.

use declare::refusals;
use kernel::correction::CorrectionRefusal;

use super::QuestionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// A question cannot be asked so.
    #[refusal(from)]
    Question(QuestionRefusal),
    /// The chapter is fixed: write it anew and put that into the questionnaire's next version.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.3")]
    IsFixed,
    /// The number {question} stands twice in the chapter.
    QuestionTwice {
        /// The number.
        question: String,
        /// Where in the input.
        at: String,
    },
    /// The chapter has no question {question}.
    NoSuchQuestion {
        /// The number.
        question: String,
        /// Where in the input.
        at: &'static str,
    },
    /// A chapter has at most {most} questions: begin another one.
    #[refusal(conflict)]
    TooManyQuestions {
        /// The most that it has.
        most: usize,
    },
    /// The questions have {bytes} bytes, and a chapter takes at most {most}: begin another one.
    TooLarge {
        /// What they have.
        bytes: usize,
        /// The most that it takes.
        most: usize,
        /// Where in the input.
        at: &'static str,
    },
    /// A chapter without a question cannot be fixed.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.3")]
    NoQuestion,
}
