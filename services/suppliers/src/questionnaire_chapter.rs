//! A chapter of a questionnaire for suppliers: its questions as data (S-02; ISO/IEC 42001 A.10.3).
//!
//! ```text
//!           write                    fix
//!   (none) ───────► Open ──────────────────► Fixed (it never changes again)
//!                   │  ▲ put_question, drop_question
//!                   └──┘
//! ```
//!
//! A version of a questionnaire lists fixed chapters. A chapter that is to read otherwise in the
//! next version is written anew and put in the place of the old one.

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Hash, Key, Line, Prose};
use kernel::{Context, Role, UserId};

pub use self::outline::{Outline, QuestionOutline, Sheet};
pub use self::question::{AnswerType, Asked, Choice, Placed, Question, QuestionRefusal};
pub use self::refusal::Refusal;

mod outline;
mod question;
mod refusal;
#[cfg(test)]
mod tests;

/// Most questions of a chapter.
pub const QUESTIONS_MAX: usize = 150;
/// Most bytes of a chapter's questions: its document stays within 64 KiB.
pub const BYTES_MAX: usize = 50 << 10;

/// A chapter with its questions.
#[record]
#[derive(Default)]
pub struct QuestionnaireChapter {
    /// Whether it can still change.
    #[field(index)]
    pub status: ChapterStatus,
    /// Its title.
    #[field(index, search, correctable)]
    pub title: Line,
    /// What it is about, for those who answer.
    #[field(correctable)]
    pub about: Option<Prose>,
    /// Its questions by their numbers.
    pub questions: BTreeMap<Key, Placed>,
    /// Everyone who wrote on it.
    pub authors: Vec<UserId>,
    /// The file from which it was imported.
    pub origin: Option<ChapterOrigin>,
}

/// Whether a chapter can still change.
#[words]
#[derive(Default)]
pub enum ChapterStatus {
    /// Its questions are being written.
    #[default]
    Open,
    /// It stands as it is.
    Fixed,
}

/// Where an imported chapter comes from.
#[record]
pub struct ChapterOrigin {
    /// Name of the file.
    pub document: Line,
    /// SHA-256 of its bytes.
    pub document_hash: Hash,
    /// Which object of the file it is, counted from 1.
    pub entry: Option<u32>,
    /// Where it was taken from.
    pub source: Line,
    /// The licence under which it is given.
    pub licence: Line,
}

/// Input of `write`.
#[record]
pub struct Write {
    /// Its title.
    pub title: Line,
    /// What it is about.
    pub about: Option<Prose>,
    /// Its questions in order.
    #[field(max = 150)]
    pub questions: Vec<Asked>,
    /// The file from which it is imported.
    pub origin: Option<ChapterOrigin>,
}

/// Input of `put_question`.
#[record]
pub struct PutQuestion {
    /// The question; one of the same number is replaced.
    #[field(flatten)]
    pub asked: Asked,
    /// Its place in the chapter, from 1; a new one comes last and an old one stays when left out.
    pub order: Option<u32>,
}

/// Input of `drop_question`.
#[record]
pub struct DropQuestion {
    /// Its number.
    pub question: Key,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Writes a chapter.
    #[command(by(Sm), emits(Written), creates)]
    Write(Write),
    /// Adds a question or writes one anew.
    #[command(by(Sm), emits(QuestionPut))]
    PutQuestion(PutQuestion),
    /// Takes a question out.
    #[command(by(Sm), emits(QuestionDropped))]
    DropQuestion(DropQuestion),
    /// Fixes the chapter: from now on questionnaires can be made of it, and it does not change.
    #[command(by(Sm), emits(Fixed))]
    Fix,
    /// Corrects an earlier event.
    #[command(by(Sm), emits(Corrected))]
    Correct(Correct),
}

/// The chapter was written.
#[record]
pub struct Written {
    /// Its title.
    pub title: Line,
    /// What it is about.
    pub about: Option<Prose>,
    /// Its questions by their numbers.
    pub questions: BTreeMap<Key, Placed>,
    /// Who wrote it.
    pub by: UserId,
    /// The file from which it was imported.
    pub origin: Option<ChapterOrigin>,
}

/// A question was added or written anew.
#[record]
pub struct QuestionPut {
    /// Its number.
    pub key: Key,
    /// What it asks, and where it stands.
    pub question: Placed,
    /// Who wrote it.
    pub by: UserId,
}

/// A question was taken out.
#[record]
pub struct QuestionDropped {
    /// Its number.
    pub key: Key,
    /// Who took it out.
    pub by: UserId,
}

/// The chapter was fixed.
#[record]
pub struct Fixed {
    /// Who fixed it.
    pub by: UserId,
    /// How many questions it has.
    pub questions: u32,
}

/// What can have happened.
#[events(kind = "questionnaire_chapter")]
pub enum Event {
    /// It was written.
    Written(Written),
    /// A question was added or written anew.
    QuestionPut(QuestionPut),
    /// A question was taken out.
    QuestionDropped(QuestionDropped),
    /// It does not change any more.
    Fixed(Fixed),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(QuestionnaireChapter, "questionnaire_chapter", Command, Event, Refusal);

impl Domain for QuestionnaireChapter {
    const ABOUT: About = About {
        kind: "questionnaire_chapter",
        doc: "A chapter of a questionnaire for suppliers, with its questions.",
        clauses: &["A.10.3"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let by = context.user();
        Ok(match command {
            Command::Write(input) => {
                let questions = placed(input.questions)?;
                check_each(&questions)?;
                check_size(&questions, "/questions")?;
                let Write { title, about, origin, .. } = input;
                vec![Event::Written(Written { title, about, questions, by, origin })]
            }
            Command::PutQuestion(input) => self.put(input, by)?,
            Command::DropQuestion(input) => self.dropped(input, by)?,
            Command::Fix => match self.status {
                ChapterStatus::Fixed => Vec::new(),
                ChapterStatus::Open if self.questions.is_empty() => {
                    return Err(Refusal::NoQuestion);
                }
                ChapterStatus::Open => {
                    let questions = u32::try_from(self.questions.len()).unwrap_or(u32::MAX);
                    vec![Event::Fixed(Fixed { by, questions })]
                }
            },
            Command::Correct(input) => {
                // A remark can be made on what stands; nothing of it is set.
                if !input.set.0.is_empty() {
                    self.must_be_open()?;
                }
                vec![Event::Corrected(input.decide::<Self>(context)?)]
            }
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Written(e) => {
                self.title = e.title;
                self.about = e.about;
                self.questions = e.questions;
                self.origin = e.origin;
                self.written_by(e.by);
            }
            Event::QuestionPut(e) => {
                self.make_room(&e.key, e.question.order);
                self.questions.insert(e.key, e.question);
                self.written_by(e.by);
            }
            Event::QuestionDropped(e) => {
                self.questions.remove(&e.key);
                self.renumber();
                self.written_by(e.by);
            }
            Event::Fixed(e) => {
                self.status = ChapterStatus::Fixed;
                self.written_by(e.by);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

/// The questions by number, in the order in which they were given.
fn placed(asked: Vec<Asked>) -> Result<BTreeMap<Key, Placed>, Refusal> {
    let mut questions = BTreeMap::new();
    for (order, asked) in (1..).zip(asked) {
        let Asked { key, question } = asked;
        let (number, at) = (key.as_str().to_owned(), format!("/questions/{}/key", order - 1));
        if questions.insert(key, Placed { order, question }).is_some() {
            return Err(Refusal::QuestionTwice { question: number, at });
        }
    }
    Ok(questions)
}

/// Each question is well formed and leads to later ones only.
fn check_each(questions: &BTreeMap<Key, Placed>) -> Result<(), Refusal> {
    for (key, placed) in questions {
        let place = format!("/questions/{}", placed.order.saturating_sub(1));
        placed.question.check(key, &place)?;
        placed.question.check_shown(key, &place, |shown| is_later(questions, placed, shown))?;
    }
    Ok(())
}

/// Whether a question comes later; those of other chapters are looked at with the questionnaire.
fn is_later(questions: &BTreeMap<Key, Placed>, than: &Placed, shown: &Key) -> bool {
    questions.get(shown).is_none_or(|later| later.order > than.order)
}

/// All of them fit into a document.
fn check_size(questions: &BTreeMap<Key, Placed>, at: &'static str) -> Result<(), Refusal> {
    let bytes: usize = questions.iter().map(|(key, placed)| placed.question.bytes(key)).sum();
    if bytes > BYTES_MAX {
        return Err(Refusal::TooLarge { bytes, most: BYTES_MAX, at });
    }
    Ok(())
}

impl QuestionnaireChapter {
    fn must_be_open(&self) -> Result<(), Refusal> {
        match self.status {
            ChapterStatus::Open => Ok(()),
            ChapterStatus::Fixed => Err(Refusal::IsFixed),
        }
    }

    fn written_by(&mut self, by: UserId) {
        if !self.authors.contains(&by) {
            self.authors.push(by);
        }
    }

    fn put(&self, input: PutQuestion, by: UserId) -> Result<Vec<Event>, Refusal> {
        self.must_be_open()?;
        let PutQuestion { asked: Asked { key, question }, order } = input;
        let before = self.questions.get(&key);
        let last = self.questions.len() + usize::from(before.is_none());
        let last = u32::try_from(last).unwrap_or(u32::MAX);
        if before.is_none() && self.questions.len() >= QUESTIONS_MAX {
            return Err(Refusal::TooManyQuestions { most: QUESTIONS_MAX });
        }
        let order = order.or(before.map(|placed| placed.order)).unwrap_or(last).clamp(1, last);
        let placed = Placed { order, question };
        if before == Some(&placed) {
            return Ok(Vec::new());
        }
        placed.question.check(&key, "")?;
        let mut after = self.clone();
        after.make_room(&key, order);
        after.questions.insert(key.clone(), placed.clone());
        let all = &after.questions;
        placed.question.check_shown(&key, "", |shown| is_later(all, &placed, shown))?;
        for (other, at) in all.iter().filter(|(other, _)| **other != key) {
            at.question.check_moved(other, |shown| is_later(all, at, shown))?;
        }
        check_size(all, "/text")?;
        Ok(vec![Event::QuestionPut(QuestionPut { key, question: placed, by })])
    }

    fn dropped(&self, input: DropQuestion, by: UserId) -> Result<Vec<Event>, Refusal> {
        self.must_be_open()?;
        let key = input.question;
        if !self.questions.contains_key(&key) {
            let question = key.as_str().to_owned();
            return Err(Refusal::NoSuchQuestion { question, at: "/question" });
        }
        Ok(vec![Event::QuestionDropped(QuestionDropped { key, by })])
    }

    /// Takes the question out and moves those behind the place on, so that it is free.
    fn make_room(&mut self, key: &Key, order: u32) {
        self.questions.remove(key);
        self.renumber();
        for placed in self.questions.values_mut().filter(|placed| placed.order >= order) {
            placed.order += 1;
        }
    }

    /// Numbers the questions from 1 in the order in which they stand.
    fn renumber(&mut self) {
        let mut all: Vec<_> = self.questions.values_mut().collect();
        all.sort_by_key(|placed| placed.order);
        for (order, placed) in (1..).zip(all) {
            placed.order = order;
        }
    }
}
