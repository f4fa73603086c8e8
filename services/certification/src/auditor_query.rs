//! What an auditor has read, a minute at a time (G-19; ISO/IEC 42001 7.5.3). The list is complete:
//! when a minute has more questions than an object holds, there are several for it.
//!
//! ```text
//!           log
//!   (none) ─────► Logged
//! ```

use declare::{commands, events, record, refusals, words};
use kernel::canonical::canonical;
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Hash, Line, Pseudonym, Ref};
use kernel::{Context, Fact, Instant, Need, Position, Role, kinds};
use sha2::{Digest, Sha256};

use crate::auditor_engagement::AuditorEngagement;

/// Most questions in one object.
pub const QUESTIONS_MAX: usize = 120;

/// The questions of an auditor in a minute.
#[record]
#[derive(Default)]
pub struct AuditorQuery {
    /// The engagement under which he asked.
    #[field(index)]
    pub engagement: Ref<kinds::AuditorEngagement>,
    /// The auditor.
    #[field(index)]
    pub auditor: Pseudonym,
    /// When he asked first.
    #[field(index)]
    pub first_at: Instant,
    /// When he asked last.
    pub last_at: Instant,
    /// How many questions there were.
    pub count: u32,
    /// SHA-256 over the canonical JSON (RFC 8785) of the list of questions.
    pub digest: Hash,
    /// The questions.
    #[field(max = 120)]
    pub questions: Vec<Question>,
    /// A remark on the record of the reading.
    #[field(correctable)]
    pub remark: Option<Line>,
}

impl Fact for AuditorQuery {
    const KIND: &'static str = "auditor_query";
}

/// A question.
#[record]
pub struct Question {
    /// When it was asked.
    pub at: Instant,
    /// How.
    pub surface: Surface,
    /// What: the path, or the name of the GraphQL operation.
    #[field(max = 120)]
    pub what: Line,
    /// SHA-256 of the whole question: method, path, parameters, body.
    pub fingerprint: Hash,
    /// The position of the log as of which it was answered.
    pub position: Position,
    /// Whether an answer was refused.
    pub refused: bool,
}

/// The surface of a question.
#[words]
pub enum Surface {
    /// REST.
    Rest,
    /// GraphQL.
    Graphql,
}

/// Input of `log`.
#[record]
pub struct Log {
    /// The engagement under which was asked.
    pub engagement: Ref<kinds::AuditorEngagement>,
    /// The auditor.
    pub auditor: Pseudonym,
    /// The questions, in the order in which they were asked.
    #[field(max = 120)]
    pub questions: Vec<Question>,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Records what an auditor has read.
    #[command(by(Sys), emits(Logged), creates)]
    Log(Log),
    /// Corrects an earlier event; what was read stands as it is.
    #[command(by(Sys), emits(Corrected))]
    Correct(Correct),
}

/// It was recorded what an auditor has read.
#[record]
pub struct Logged {
    /// Under which engagement.
    pub engagement: Ref<kinds::AuditorEngagement>,
    /// The auditor.
    pub auditor: Pseudonym,
    /// How many questions there were.
    pub count: u32,
    /// SHA-256 over the canonical JSON (RFC 8785) of the list of questions.
    pub digest: Hash,
    /// The questions.
    #[field(max = 120)]
    pub questions: Vec<Question>,
}

/// What can have happened.
#[events(kind = "auditor_query")]
pub enum Event {
    /// It was recorded what an auditor has read.
    Logged(Logged),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// A record of reading holds at least one question.
    NothingAsked {
        /// Where in the input.
        at: &'static str,
    },
    /// {user} is no auditor of the engagement.
    NotAnAuditor {
        /// The person.
        user: String,
        /// Where in the input.
        at: &'static str,
    },
}

kernel::aggregate!(AuditorQuery, "auditor_query", Command, Event, Refusal);

impl Domain for AuditorQuery {
    const ABOUT: About = About {
        kind: "auditor_query",
        doc: "What a certification body's auditor has read, a minute at a time.",
        clauses: &["7.5.3"],
        singleton: false,
        readers: &[Role::Tm, Role::Am, Role::Aud, Role::Adm],
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Log(input) => vec![Need::Object(input.engagement.id().to_owned())],
            Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        Ok(match command {
            Command::Log(input) => vec![Event::Logged(logged(input, context)?)],
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Logged(e) => {
                let at = |question: Option<&Question>| question.map(|q| q.at).unwrap_or_default();
                *self = Self {
                    first_at: at(e.questions.first()),
                    last_at: at(e.questions.last()),
                    engagement: e.engagement,
                    auditor: e.auditor,
                    count: e.count,
                    digest: e.digest,
                    questions: e.questions,
                    remark: None,
                };
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

fn logged(input: Log, context: &Context) -> Result<Logged, Refusal> {
    let Log { engagement, auditor, questions } = input;
    if questions.is_empty() {
        return Err(Refusal::NothingAsked { at: "/questions" });
    }
    let known = context.facts.get::<AuditorEngagement>(engagement.id());
    if !known.is_some_and(|known| known.terms.auditors.contains(&auditor)) {
        let user = auditor.as_str().to_owned();
        return Err(Refusal::NotAnAuditor { user, at: "/auditor" });
    }
    Ok(Logged {
        count: u32::try_from(questions.len()).unwrap_or(u32::MAX),
        digest: digest(&questions),
        engagement,
        auditor,
        questions,
    })
}

/// SHA-256 over the canonical JSON of a list of questions.
pub fn digest(questions: &[Question]) -> Hash {
    // A record of texts and numbers is always JSON.
    let canonical = canonical(&questions).unwrap_or_default();
    Hash::new(hex::encode(Sha256::digest(canonical)))
}

#[cfg(test)]
mod tests;
