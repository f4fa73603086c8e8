//! The intended use of an AI system, the people who watch over it, and what users are told (L-15;
//! ISO/IEC 42001 A.9.2, A.9.3, A.9.4, A.8.2).
//!
//! ```text
//!           draft            submit              approve
//!   (none) ──────► Draft ───────────► InReview ──────────► Approved ──redraft──► Draft (next
//! version)           ▲     reject        │                    │
//!                    └───────────────────┘   withdraw ──► Withdrawn ──redraft──► Draft
//!
//!   what users are told:
//!                 publish              approve (next version)             publish
//!   NotPublished ─────────► Published ────────────────────────► Outdated ─────────► Published
//! ```
//!
//! Invariant: a running system does not lose its user information. The approval of the next version
//! leaves the published one with the users and says so (`stillPublished`, `progress` outdated); the
//! version in force is not withdrawn while the system runs. Guarded by
//! `users_keep_what_they_were_told_until_the_next_version_is_published` and
//! `the_use_of_a_running_system_is_not_withdrawn`.

use std::collections::BTreeMap;

use declare::{commands, events, record, refusals};
use kernel::approval::{
    Approval, ApprovalRefusal, Approve, Effective, Reject, Rejected, Submitted, Superseded,
    Withdraw, Withdrawn,
};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds::AiSystem;
use kernel::values::{Key, Ref};
use kernel::{Context, Decimal, Instant, Need, Role, UserId};

pub use self::content::{
    CompetenceShown, Content, Deviation, DeviationKind, DraftUse, InForce, Overseer, Progress,
    Publication, RecordDeviation,
};

mod check;
mod content;
#[cfg(test)]
mod tests;

/// Most deviations that the document shows: the last ones. The log keeps all.
pub const DEVIATIONS_SHOWN: usize = 20;

/// What an AI system may be used for, who watches over it, and what its users are told.
#[record]
#[derive(Default)]
pub struct IntendedUse {
    /// Where the working version stands, and which version is in force.
    #[field(flatten)]
    pub approval: Approval,
    /// The AI system.
    #[field(index)]
    pub system: Ref<AiSystem>,
    /// What the working version says.
    #[field(flatten)]
    pub content: Content,
    /// What holds of the version in force.
    pub in_force: Option<InForce>,
    /// What users have been told.
    #[field(index)]
    pub progress: Progress,
    /// The user information that users have.
    pub published: Option<Publication>,
    /// When the user information of the version in force was published; none until then.
    #[field(index)]
    pub published_at: Option<Instant>,
    /// The last uses that differed from the intended one.
    pub deviations: BTreeMap<Key, Deviation>,
    /// How many there were in all.
    pub deviation_count: u32,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Begins the one intended use of a system.
    #[command(by(So), emits(Drafted), creates)]
    Draft(DraftUse),
    /// Writes the draft again, or begins the next version once one is approved or withdrawn.
    #[command(by(So), emits(Drafted))]
    Redraft(Content),
    /// Submits the draft for approval.
    #[command(by(So), emits(Submitted))]
    Submit,
    /// Sends the submitted version back.
    #[command(by(Ro), emits(Rejected))]
    Reject(Reject),
    /// Approves the submitted version.
    #[command(by(Ro), emits(Superseded, Approved), if_match)]
    Approve(Approve),
    /// Takes the version back.
    #[command(by(So, Ro), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Gives the user information of the version in force to the users.
    #[command(by(Ro, So), emits(UserInformationPublished))]
    Publish,
    /// Records a use that differed from the intended one.
    #[command(by(Ops, So, Emp), emits(DeviationRecorded))]
    RecordDeviation(RecordDeviation),
    /// Corrects an earlier event.
    #[command(by(So), emits(Corrected))]
    Correct(Correct),
}

/// The draft was written.
#[record]
pub struct Drafted {
    /// Number of the version.
    pub version: u32,
    /// Who wrote it.
    pub by: UserId,
    /// The AI system.
    pub system: Ref<AiSystem>,
    /// What the version says.
    pub content: Content,
}

/// A version is in force.
#[record]
pub struct UseApproved {
    /// The version as it is in force from now on.
    pub effective: Effective,
    /// What holds of it.
    pub in_force: InForce,
    /// Number of the earlier version whose user information holds until this one's is published.
    pub still_published: Option<u32>,
}

/// A use that differed from the intended one was recorded.
#[record]
pub struct DeviationRecorded {
    /// Its key.
    pub key: Key,
    /// What was seen.
    pub deviation: Deviation,
}

/// What can have happened.
#[events(kind = "intended_use")]
pub enum Event {
    /// The draft was written.
    Drafted(Drafted),
    /// The draft was submitted.
    Submitted(Submitted),
    /// The submitted version was sent back.
    Rejected(Rejected),
    /// A version is no longer in force.
    Superseded(Superseded),
    /// A version is in force.
    Approved(UseApproved),
    /// A version was taken back.
    Withdrawn(Withdrawn),
    /// The user information of the version in force was given to the users.
    UserInformationPublished(Publication),
    /// A use that differed from the intended one was recorded.
    DeviationRecorded(DeviationRecorded),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The pattern of approval forbids it.
    #[refusal(from)]
    Approval(ApprovalRefusal),
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The system has an intended use already: {intended_use}; redraft that.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.9.4")]
    SystemHasUse {
        /// Its id.
        intended_use: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {share} is no share in per cent: it lies outside 0 to 100.
    NoShare {
        /// The share.
        share: Decimal,
        /// Where in the input.
        at: String,
    },
    /// There are no instructions for use: users would be told nothing.
    #[refusal(rule = "ISO/IEC 42001 A.8.2")]
    NoInstructions,
    /// No intended use is named.
    #[refusal(rule = "ISO/IEC 42001 A.9.4")]
    NoUse,
    /// The system has no impact assessment that is approved and up to date.
    #[refusal(rule = "ISO/IEC 42001 6.1.4")]
    NotAssessed,
    /// The impact of "{intended}" has not been assessed: the purpose is wider than the assessment.
    #[refusal(rule = "ISO/IEC 42001 A.9.4")]
    WiderThanAssessed {
        /// The use.
        intended: String,
    },
    /// {who} is to watch over the system, but no training record of his that counts today shows
    /// {competence} at the level {level}.
    #[refusal(rule = "ISO/IEC 42001 7.2, A.9.2")]
    OverseerNotCompetent {
        /// Who.
        who: String,
        /// The competence, by its key in the profile.
        competence: String,
        /// How much of it the profile demands.
        level: String,
    },
    /// {who} is held against the competence profile {profile}, which is retired: name one in force.
    #[refusal(rule = "ISO/IEC 42001 7.2, A.9.2")]
    ProfileRetired {
        /// Who.
        who: String,
        /// Its id.
        profile: String,
    },
    /// Nobody who watches over the system can stop it.
    #[refusal(rule = "ISO/IEC 42001 A.9.2")]
    NobodyCanStop,
    /// The monitor {monitor} watches another system.
    MonitorOfAnotherSystem {
        /// Its id.
        monitor: String,
    },
    /// No version is approved and in force.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.8.2")]
    NotApproved,
    /// The system runs: its use is not withdrawn, but replaced by the next version.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.8.2")]
    SystemRuns,
    /// What was seen lies in the future.
    SeenInFuture {
        /// Where in the input.
        at: &'static str,
    },
}

kernel::aggregate!(IntendedUse, "intended_use", Command, Event, Refusal);

impl Domain for IntendedUse {
    const ABOUT: About = About {
        kind: "intended_use",
        doc: "What an AI system may be used for, who watches over it, and what users are told.",
        clauses: &["A.9.2", "A.9.3", "A.9.4", "A.8.2"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Draft(input) => {
                vec![Need::Where("intended_use", "system", input.system.id().to_owned())]
            }
            Command::Approve(_) => self.needs_of_approval(),
            Command::Withdraw(_) => vec![Need::Object(self.system.id().to_owned())],
            Command::Redraft(_)
            | Command::Submit
            | Command::Reject(_)
            | Command::Publish
            | Command::RecordDeviation(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let approval = &self.approval;
        Ok(match command {
            Command::Draft(DraftUse { system, content }) => {
                check::only_use_of(&system, context)?;
                vec![self.drafted(system, content, context)?]
            }
            Command::Redraft(content) => {
                approval.may_draft()?;
                vec![self.drafted(self.system.clone(), content, context)?]
            }
            Command::Submit => vec![Event::Submitted(approval.submit(&self.content, context)?)],
            Command::Reject(input) => vec![Event::Rejected(approval.reject(input, context)?)],
            Command::Approve(input) => self.approved(&input, context)?,
            Command::Withdraw(input) => {
                let withdrawn = approval.withdraw(input, context)?;
                self.check_not_in_use(context)?;
                vec![Event::Withdrawn(withdrawn)]
            }
            Command::Publish => self.published(context)?,
            Command::RecordDeviation(input) => vec![self.deviated(input, context)?],
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Drafted(e) => {
                self.approval.drafted(e.version, e.by);
                (self.system, self.content) = (e.system, e.content);
            }
            Event::Submitted(e) => self.approval.submitted(e),
            Event::Rejected(e) => self.approval.rejected(e),
            Event::Superseded(_) => (self.approval.effective, self.in_force) = (None, None),
            Event::Approved(e) => {
                self.approval.approved(kernel::approval::Approved { effective: e.effective });
                (self.in_force, self.published_at) = (Some(e.in_force), None);
                self.progress = self.told();
            }
            Event::Withdrawn(e) => {
                self.approval.withdrawn(&e);
                if self.approval.effective.is_none() {
                    (self.in_force, self.published, self.published_at) = (None, None, None);
                    self.progress = self.told();
                }
            }
            Event::UserInformationPublished(e) => {
                self.published_at = Some(e.at);
                self.published = Some(e);
                self.progress = self.told();
            }
            Event::DeviationRecorded(e) => {
                self.deviation_count = self.deviation_count.saturating_add(1);
                self.deviations.insert(e.key, e.deviation);
                // Keys are made in the order of time: the first is the oldest.
                while self.deviations.len() > DEVIATIONS_SHOWN {
                    self.deviations.pop_first();
                }
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl IntendedUse {
    fn drafted(
        &self,
        system: Ref<AiSystem>,
        content: Content,
        context: &Context,
    ) -> Result<Event, Refusal> {
        check::written(&content)?;
        let (version, by) = (self.approval.draft_version(), context.user());
        Ok(Event::Drafted(Drafted { version, by, system, content }))
    }

    fn approved(&self, input: &Approve, context: &Context) -> Result<Vec<Event>, Refusal> {
        let (ended, approved) = self.approval.approve(input, &self.content, context)?;
        let (instructions_hash, competence) = self.complete(context)?;
        let in_force = InForce {
            instructions_hash,
            competence,
            intended_uses: self.content.intended_uses.clone(),
            oversight: self.content.oversight.clone(),
            languages: self.content.languages.clone(),
        };
        let still_published = self.published.as_ref().map(|published| published.version);
        let effective = approved.effective;
        let approved = Event::Approved(UseApproved { effective, in_force, still_published });
        Ok(ended.map(Event::Superseded).into_iter().chain([approved]).collect())
    }

    fn published(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let (Some(effective), Some(in_force)) = (&self.approval.effective, &self.in_force) else {
            return Err(Refusal::NotApproved);
        };
        if self.published_at.is_some() {
            return Ok(Vec::new());
        }
        Ok(vec![Event::UserInformationPublished(Publication {
            version: effective.version,
            instructions_hash: in_force.instructions_hash.clone(),
            languages: in_force.languages.clone(),
            at: context.now,
            by: context.user(),
        })])
    }

    fn deviated(&self, seen: RecordDeviation, context: &Context) -> Result<Event, Refusal> {
        if seen.observed_at.is_some_and(|observed| observed > context.now) {
            return Err(Refusal::SeenInFuture { at: "/observedAt" });
        }
        let Some(effective) = &self.approval.effective else { return Err(Refusal::NotApproved) };
        let deviation = Deviation {
            seen,
            version: effective.version,
            by: context.user(),
            noted_at: context.now,
        };
        let key = context.new_key("deviation");
        Ok(Event::DeviationRecorded(DeviationRecorded { key, deviation }))
    }
}
