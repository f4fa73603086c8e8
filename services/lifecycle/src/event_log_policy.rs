//! What an AI system logs of its operation (L-09; ISO/IEC 42001 A.6.2.8). Only digests of the logs
//! are kept here, never the logs.
//!
//! ```text
//!          define             activate            detect_gap
//!   (none) ──────► Defined ──────────► Active ◄──────────────► Gap
//!                                                close_gap
//!                  retire (from any, once the system does not run) ──► Retired
//! ```

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds::AiSystem;
use kernel::values::{Prose, Ref};
use kernel::{Context, Date, Instant, Need, Role, UserId};

pub use self::content::{Content, ContentRefusal, Integrity};
pub use self::digest::{Digest, DigestRefusal, LogDigestRecorded, ReceiveDigest};
pub use self::gap::{CloseGap, DetectGap, Gap, GapRefusal, LogGapClosed, LogGapDetected};

mod content;
mod digest;
mod gap;
mod retention;
#[cfg(test)]
mod tests;

/// What an AI system logs, for how long, how that is protected, and what was last heard of it.
#[record]
#[derive(Default)]
pub struct EventLogPolicy {
    /// The system that logs.
    #[field(index)]
    pub system: Ref<AiSystem>,
    /// Where it stands.
    #[field(index)]
    pub status: LogPolicyStatus,
    /// What is logged, and how.
    #[field(flatten)]
    pub content: Content,
    /// Who defined it.
    pub defined_by: UserId,
    /// When it was activated.
    pub activated_at: Option<Instant>,
    /// When the log was last heard of.
    #[field(index)]
    pub last_heartbeat: Option<Instant>,
    /// The last digest that came.
    pub last_digest: Option<Digest>,
    /// How many digests came.
    pub digests: u32,
    /// The gap that is open.
    pub gap: Option<Gap>,
    /// How many gaps were found.
    pub gaps: u32,
    /// Why it was retired, and how long the logs are kept.
    pub retirement: Option<Retired>,
}

/// Where a policy stands.
#[words]
#[derive(Default)]
pub enum LogPolicyStatus {
    /// Written; logging may not be on yet.
    #[default]
    Defined,
    /// Logging is on.
    Active,
    /// Logging is on, and entries are missing.
    Gap,
    /// Logging has ended.
    Retired,
}

/// Input of `define`.
#[record]
pub struct Define {
    /// The system that logs.
    pub system: Ref<AiSystem>,
    /// What is logged, and how.
    #[field(flatten)]
    pub content: Content,
}

/// Input of `retire`.
#[record]
pub struct Retire {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Says what a system logs; a system has one policy.
    #[command(by(So, Ops), emits(Defined), creates)]
    Define(Define),
    /// Changes what is logged, or how.
    #[command(by(So, Ops), emits(Revised))]
    Revise(Content),
    /// Says that logging is on.
    #[command(by(So, Ops), emits(Activated))]
    Activate,
    /// Says that entries are missing.
    #[command(by(Sys), emits(LogGapDetected))]
    DetectGap(DetectGap),
    /// Says that entries come again.
    #[command(by(Sys), emits(LogGapClosed))]
    CloseGap(CloseGap),
    /// Records the digest of a part of the log.
    #[command(by(Sys, Ops), emits(LogDigestRecorded))]
    ReceiveDigest(ReceiveDigest),
    /// Ends logging.
    #[command(by(So), emits(Retired))]
    Retire(Retire),
    /// Corrects an earlier event.
    #[command(by(So), emits(Corrected))]
    Correct(Correct),
}

/// A policy was defined.
#[record]
pub struct Defined {
    /// By whom.
    pub by: UserId,
    /// What it says.
    pub policy: Define,
}

/// Logging is on.
#[record]
pub struct Activated {
    /// Who said so.
    pub by: UserId,
    /// Since when.
    pub at: Instant,
}

/// Logging has ended.
#[record]
pub struct Retired {
    /// Who ended it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: Prose,
    /// Until when the last entries are kept.
    pub logs_kept_until: Date,
}

/// What can have happened.
#[events(kind = "event_log_policy")]
pub enum Event {
    /// It was defined.
    Defined(Defined),
    /// It was changed.
    Revised(Content),
    /// Logging is on.
    Activated(Activated),
    /// Entries are missing.
    LogGapDetected(LogGapDetected),
    /// Entries come again.
    LogGapClosed(LogGapClosed),
    /// The digest of a part of the log was recorded.
    LogDigestRecorded(LogDigestRecorded),
    /// Logging has ended.
    Retired(Retired),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The policy says too little.
    #[refusal(from)]
    Content(ContentRefusal),
    /// The digest does not fit.
    #[refusal(from)]
    Digest(DigestRefusal),
    /// The gap is told wrongly.
    #[refusal(from)]
    Gap(GapRefusal),
    /// The system has a policy already, {id}: revise that.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.8")]
    SystemHasPolicy {
        /// The policy.
        id: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The AI system {name} is retired: it logs nothing any more.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.8")]
    SystemRetired {
        /// The system's name.
        name: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {months} months have become too short: {article} asks for {least} (from {from} on).
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.8")]
    RetentionFellBelowRule {
        /// What the policy says.
        months: u32,
        /// The rule's regime and article.
        article: String,
        /// What it asks for.
        least: String,
        /// Since when it applies.
        from: Date,
    },
    /// Logging is not on: activate the policy first.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.8")]
    NotActive,
    /// Logging has ended.
    #[refusal(conflict)]
    HasEnded,
    /// The AI system {name} runs: it must go on logging.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.8")]
    SystemRuns {
        /// The system's name.
        name: String,
    },
}

kernel::aggregate!(EventLogPolicy, "event_log_policy", Command, Event, Refusal);

impl Domain for EventLogPolicy {
    const ABOUT: About = About {
        kind: "event_log_policy",
        doc: "What an AI system logs of its operation, for how long, and digests of the log.",
        clauses: &["A.6.2.8"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        let system = self.system.id();
        match command {
            Command::Define(input) => {
                let system = input.system.id();
                let others = Need::Where("event_log_policy", "system", system.to_owned());
                let mut needs = retention::needs(system);
                needs.extend([others, Need::Object(system.to_owned())]);
                needs
            }
            Command::Revise(_) | Command::Activate => retention::needs(system),
            Command::Retire(_) => vec![Need::Object(system.to_owned())],
            Command::DetectGap(_)
            | Command::CloseGap(_)
            | Command::ReceiveDigest(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Define(input) => Self::defined(input, context),
            Command::Revise(input) => self.revised(input, context),
            Command::Activate => self.activated(context),
            Command::DetectGap(input) => self.gap_detected(&input, context),
            Command::CloseGap(input) => self.gap_closed(input, context),
            Command::ReceiveDigest(input) => self.digest_received(input, context),
            Command::Retire(input) => self.retired(input, context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Defined(e) => {
                self.defined_by = e.by;
                self.system = e.policy.system;
                self.content = e.policy.content;
            }
            Event::Revised(content) => self.content = content,
            Event::Activated(e) => {
                self.status = LogPolicyStatus::Active;
                self.activated_at = Some(e.at);
            }
            Event::LogGapDetected(e) => self.evolve_gap(e),
            Event::LogGapClosed(_) => {
                self.status = LogPolicyStatus::Active;
                self.gap = None;
            }
            Event::LogDigestRecorded(e) => self.evolve_digest(e),
            Event::Retired(e) => {
                self.status = LogPolicyStatus::Retired;
                self.retirement = Some(e);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl EventLogPolicy {
    /// Whether logging is on, if with a gap.
    fn must_be_on(&self) -> Result<(), Refusal> {
        match self.status {
            LogPolicyStatus::Active | LogPolicyStatus::Gap => Ok(()),
            LogPolicyStatus::Defined => Err(Refusal::NotActive),
            LogPolicyStatus::Retired => Err(Refusal::HasEnded),
        }
    }

    fn defined(mut input: Define, context: &Context) -> Result<Vec<Event>, Refusal> {
        let system = input.system.id();
        let others = context.facts.all::<facts::EventLogPolicy>().into_iter();
        let mut live = others.filter(|(_, p)| p.system == system && p.status != "retired");
        if let Some((id, _)) = live.next() {
            return Err(Refusal::SystemHasPolicy { id, at: "/system" });
        }
        let known = context.facts.get::<facts::AiSystem>(system);
        if let Some(retired) = known.filter(facts::AiSystem::is_retired) {
            return Err(Refusal::SystemRetired { name: retired.name, at: "/system" });
        }
        input.content.check(system, context)?;
        Ok(vec![Event::Defined(Defined { by: context.user(), policy: input })])
    }

    fn revised(&self, mut content: Content, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == LogPolicyStatus::Retired {
            return Err(Refusal::HasEnded);
        }
        content.check(self.system.id(), context)?;
        Ok(if content == self.content { Vec::new() } else { vec![Event::Revised(content)] })
    }

    /// What was long enough when it was defined need not be when the system is classified since.
    fn activated(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            LogPolicyStatus::Defined => {}
            LogPolicyStatus::Active | LogPolicyStatus::Gap => return Ok(Vec::new()),
            LogPolicyStatus::Retired => return Err(Refusal::HasEnded),
        }
        let months = self.content.retention_months;
        if let Some(rule) = retention::broken_rule(self.system.id(), months, context) {
            let (article, least, from) = (rule.article, rule.least, rule.from);
            return Err(Refusal::RetentionFellBelowRule { months, article, least, from });
        }
        let at = context.effective.unwrap_or(context.now);
        Ok(vec![Event::Activated(Activated { by: context.user(), at })])
    }

    fn retired(&self, input: Retire, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == LogPolicyStatus::Retired {
            return Ok(Vec::new());
        }
        let system = context.facts.get::<facts::AiSystem>(self.system.id());
        if let Some(running) = system.filter(facts::AiSystem::is_running) {
            return Err(Refusal::SystemRuns { name: running.name });
        }
        let at = context.effective.unwrap_or(context.now);
        let logs_kept_until = at.date().plus_months(i64::from(self.content.retention_months));
        let (by, reason) = (context.user(), input.reason);
        Ok(vec![Event::Retired(Retired { by, at, reason, logs_kept_until })])
    }
}
