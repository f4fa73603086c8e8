//! What auditors read is recorded: one event a minute for each engagement and auditor, with every
//! question (P26; `auditor_query`). Questions of the minute that runs are in memory: they are
//! written when it is over, when there are many, and when the process ends.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bus::{CommandError, Registry, Request, Who};
use certification::auditor_query::QUESTIONS_MAX;
use event_store::Log;
use identity::Caller;
use kernel::{Instant, Position};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// How often is looked whether a minute is over.
const LOOK: Duration = Duration::from_secs(1);
/// Most characters of what was asked for.
const WHAT_MAX: usize = 120;
/// How often a record is tried to be written when others are faster.
const ATTEMPTS: usize = 5;

/// A question of an auditor that is being answered.
#[derive(Clone)]
pub struct Asked {
    log: Log,
    engagement: String,
    auditor: String,
    at: Instant,
    simulated: bool,
    /// As of which position it is answered.
    pub position: Position,
}

impl Asked {
    /// A question of a caller; `None` when he is no auditor.
    pub fn of(caller: &Caller) -> Option<Self> {
        let outlook = caller.outlook.as_ref()?;
        let (engagement, auditor) = outlook.engagement()?;
        Some(Self {
            log: caller.log.clone(),
            engagement: engagement.to_owned(),
            auditor: auditor.to_owned(),
            at: outlook.now,
            simulated: outlook.head.simulated,
            position: outlook.ceiling.position,
        })
    }
}

/// SHA-256 over the parts of a question.
pub fn fingerprint<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

/// The questions of a minute.
struct Minute {
    log: Log,
    engagement: String,
    auditor: String,
    simulated: bool,
    /// The minute by the wall's clock.
    number: i64,
    last: Instant,
    questions: Vec<Value>,
}

/// What has been asked and not been written yet.
#[derive(Default)]
pub struct Reads {
    minutes: Mutex<HashMap<(String, String), Minute>>,
    full: Mutex<Vec<Minute>>,
}

fn minute_of_the_wall() -> i64 {
    event_store::store::clock().micros().div_euclid(60_000_000)
}

impl Reads {
    /// Notes a question: on which surface, for what, its fingerprint, and whether an answer was
    /// refused.
    pub fn note(&self, asked: Asked, surface: &str, what: &str, fingerprint: &str, refused: bool) {
        let what: String = what.chars().take(WHAT_MAX).collect();
        let question = json!({
            "at": asked.at, "surface": surface, "what": what, "fingerprint": fingerprint,
            "position": asked.position, "refused": refused,
        });
        let (number, key) =
            (minute_of_the_wall(), (asked.engagement.clone(), asked.auditor.clone()));
        let mut minutes = self.minutes.lock().unwrap_or_else(PoisonError::into_inner);
        if minutes.get(&key).is_some_and(|known| known.number != number) {
            self.full.lock().unwrap_or_else(PoisonError::into_inner).extend(minutes.remove(&key));
        }
        let Asked { log, engagement, auditor, at, simulated, .. } = asked;
        let minute = minutes.entry(key.clone()).or_insert_with(|| Minute {
            log,
            engagement,
            auditor,
            simulated,
            number,
            last: at,
            questions: Vec::new(),
        });
        minute.last = at.max(minute.last);
        minute.questions.push(question);
        if minute.questions.len() >= QUESTIONS_MAX {
            self.full.lock().unwrap_or_else(PoisonError::into_inner).extend(minutes.remove(&key));
        }
    }

    /// Writes what is complete; with `everything` the minute that runs as well.
    pub async fn write(&self, registry: &Registry, everything: bool) {
        let now = minute_of_the_wall();
        let mut ready = {
            let mut minutes = self.minutes.lock().unwrap_or_else(PoisonError::into_inner);
            let over = minutes.extract_if(|_, minute| everything || minute.number != now);
            over.map(|(_, minute)| minute).collect::<Vec<_>>()
        };
        ready.append(&mut self.full.lock().unwrap_or_else(PoisonError::into_inner));
        for minute in ready {
            if let Err(error) = record(registry, &minute).await {
                tracing::error!(engagement = minute.engagement, %error, "a reading is not recorded");
            }
        }
    }

    /// Writes for as long as the process runs.
    pub async fn follow(&self, registry: &Registry) {
        loop {
            tokio::time::sleep(LOOK).await;
            self.write(registry, false).await;
        }
    }
}

async fn record(registry: &Registry, minute: &Minute) -> Result<(), CommandError> {
    let Some(kind) = registry.named("auditor_query") else { return Ok(()) };
    let input = json!({
        "engagement": minute.engagement, "auditor": minute.auditor, "questions": minute.questions,
    });
    let mut left = ATTEMPTS;
    loop {
        let head = minute.log.head().await?.ok_or(CommandError::NoTenant)?;
        // A simulated clock goes on from what was asked, and is never set back.
        let clock = minute.simulated.then(|| minute.last.max(head.at));
        let input = input.clone();
        let request = Request { verb: "log".into(), input, clock, ..Request::default() };
        left -= 1;
        match registry.dispatch(kind, &minute.log, &Who::system("reads"), request).await {
            Ok(_) => return Ok(()),
            Err(CommandError::Busy | CommandError::Conflict | CommandError::Clock(_))
                if left > 0 =>
            {
                tokio::time::sleep(LOOK / 10).await;
            }
            Err(error) => return Err(error),
        }
    }
}
