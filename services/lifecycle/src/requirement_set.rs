//! The requirements of an AI system and their baselines (L-03; ISO/IEC 42001 A.6.2.2, A.6.1.2).
//!
//! ```text
//!           draft            submit              baseline
//!   (none) ──────► Draft ───────────► InReview ────────────► Approved (baselined)
//!                   ▲▲       reject      │                      │
//!                   │└───────────────────┘                      │
//!                   ├───────────────── change_baseline ─────────┤
//!                   └─ change_baseline ── Withdrawn ◄─withdraw──┘ (from any of these)
//! ```

use declare::{commands, events, record, refusals};
use kernel::approval::{
    Approval, ApprovalRefusal, Approve, Effective, Reject, Rejected, Submitted, Superseded,
    Withdraw, Withdrawn,
};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds::AiSystem;
use kernel::values::{Key, Ref};
use kernel::{Context, Fact, Need, Role, UserId};

pub use self::content::{
    AddRequirement, ChangeBaseline, ChangeRequirement, Content, RemoveRequirement,
};
pub use self::requirement::{Baseline, Measure, Priority, Requirement, RequirementKind};

mod check;
mod content;
mod requirement;
#[cfg(test)]
mod tests;

/// The requirements of an AI system, in successive baselines.
#[record]
#[derive(Default)]
pub struct RequirementSet {
    /// Where the working version stands, and which baseline is in force.
    #[field(flatten)]
    pub approval: Approval,
    /// What the working version requires.
    #[field(flatten)]
    pub content: Content,
    /// The baseline in force.
    pub baseline: Option<Baseline>,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Begins the one set of a system, with or without requirements.
    #[command(by(So), emits(Drafted), creates)]
    Draft(Content),
    /// Adds a requirement to the draft.
    #[command(by(So), emits(RequirementAdded))]
    AddRequirement(AddRequirement),
    /// Words a requirement of the draft anew.
    #[command(by(So), emits(RequirementChanged))]
    ChangeRequirement(ChangeRequirement),
    /// Takes a requirement out of the draft.
    #[command(by(So), emits(RequirementRemoved))]
    RemoveRequirement(RemoveRequirement),
    /// Submits the draft to the business owner.
    #[command(by(So), emits(Submitted))]
    Submit,
    /// Sends the submitted version back.
    #[command(by(Ro), emits(Rejected))]
    Reject(Reject),
    /// Approves the submitted version as the baseline in force.
    #[command(by(Ro), emits(Superseded, Baselined), if_match)]
    Baseline(Approve),
    /// Begins the next baseline; the one in force holds until that is approved.
    #[command(by(So), emits(RequirementBaselineChanged))]
    ChangeBaseline(ChangeBaseline),
    /// Takes the version back.
    #[command(by(So, Ro), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Corrects an earlier event.
    #[command(by(So), emits(Corrected))]
    Correct(Correct),
}

/// The set was begun.
#[record]
pub struct Drafted {
    /// Number of the version.
    pub version: u32,
    /// Who wrote it.
    pub by: UserId,
    /// What it requires.
    pub content: Content,
}

/// A requirement was added or worded anew.
#[record]
pub struct RequirementWritten {
    /// Its key.
    pub key: Key,
    /// Who wrote it.
    pub by: UserId,
    /// What is required.
    pub requirement: Requirement,
}

/// A requirement was taken out.
#[record]
pub struct RequirementRemoved {
    /// Its key.
    pub key: Key,
    /// Who took it out.
    pub by: UserId,
}

/// A version is the baseline in force.
#[record]
pub struct Baselined {
    /// The version as it is in force from now on.
    pub effective: Effective,
    /// How many requirements it has.
    pub count: u32,
}

/// The next baseline was begun.
#[record]
pub struct RequirementBaselineChanged {
    /// Number of its version.
    pub version: u32,
    /// Who began it.
    pub by: UserId,
    /// What differs from the version before, and why.
    pub change: ChangeBaseline,
}

/// What can have happened.
#[events(kind = "requirement_set")]
pub enum Event {
    /// The set was begun.
    Drafted(Drafted),
    /// A requirement was added.
    RequirementAdded(RequirementWritten),
    /// A requirement was worded anew.
    RequirementChanged(RequirementWritten),
    /// A requirement was taken out.
    RequirementRemoved(RequirementRemoved),
    /// The draft was submitted.
    Submitted(Submitted),
    /// The submitted version was sent back.
    Rejected(Rejected),
    /// A baseline is no longer in force.
    Superseded(Superseded),
    /// A version is the baseline in force.
    Baselined(Baselined),
    /// The next baseline was begun.
    RequirementBaselineChanged(RequirementBaselineChanged),
    /// A version was taken back.
    Withdrawn(Withdrawn),
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
    /// The system has a set of requirements already: {set}.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.2")]
    SystemHasSet {
        /// Its id.
        set: String,
        /// Where in the input.
        at: &'static str,
    },
    /// There is a requirement {key} already.
    #[refusal(conflict)]
    KeyTaken {
        /// The key.
        key: String,
        /// Where in the input.
        at: String,
    },
    /// There is no requirement {key}.
    UnknownRequirement {
        /// The key.
        key: String,
        /// Where in the input.
        at: String,
    },
    /// A system has at most {max} requirements.
    #[refusal(conflict)]
    TooManyRequirements {
        /// The most.
        max: usize,
    },
    /// The requirement {key} has a threshold, but no metric that could reach it.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.2")]
    ThresholdWithoutMetric {
        /// The key.
        key: String,
        /// Where in the input.
        at: String,
    },
    /// A set without requirements is no baseline.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.2")]
    NoRequirements,
    /// {key} is a {kind} requirement and thus measured: it needs a metric and a threshold.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.2")]
    NotMeasurable {
        /// The key.
        key: String,
        /// What the requirement is about.
        kind: &'static str,
    },
    /// The system has a high impact: its baseline lacks requirements of {missing}.
    #[refusal(rule = "ISO/IEC 42001 A.6.1.2")]
    KindMissing {
        /// The kinds.
        missing: String,
    },
    /// The working version is a draft: add, change or remove its requirements one by one.
    #[refusal(conflict)]
    StillDraft,
}

kernel::aggregate!(RequirementSet, "requirement_set", Command, Event, Refusal);

impl Fact for RequirementSet {
    const KIND: &'static str = "requirement_set";
}

impl Domain for RequirementSet {
    const ABOUT: About = About {
        kind: "requirement_set",
        doc: "The requirements of an AI system, in successive baselines.",
        clauses: &["A.6.2.2", "A.6.1.2"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        let of = |kind, system: &Ref<AiSystem>| Need::Where(kind, "system", system.id().to_owned());
        match command {
            Command::Draft(content) => vec![of("requirement_set", &content.system)],
            Command::Submit | Command::Baseline(_) => vec![
                of("regulatory_classification", &self.content.system),
                of("impact_assessment", &self.content.system),
            ],
            Command::AddRequirement(_)
            | Command::ChangeRequirement(_)
            | Command::RemoveRequirement(_)
            | Command::Reject(_)
            | Command::ChangeBaseline(_)
            | Command::Withdraw(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let approval = &self.approval;
        let by = context.user();
        Ok(match command {
            Command::Draft(content) => {
                check::only_set_of(&content.system, context)?;
                check::all_written(&content.items, "/items")?;
                let version = approval.draft_version();
                vec![Event::Drafted(Drafted { version, by, content })]
            }
            Command::AddRequirement(input) => {
                approval.may_edit()?;
                let requirement = self.added(input, context)?;
                vec![Event::RequirementAdded(requirement)]
            }
            Command::ChangeRequirement(ChangeRequirement { key, requirement }) => {
                approval.may_edit()?;
                check::written(&key, &requirement, "")?;
                if *self.requirement(&key)? == requirement {
                    return Ok(Vec::new());
                }
                vec![Event::RequirementChanged(RequirementWritten { key, by, requirement })]
            }
            Command::RemoveRequirement(RemoveRequirement { key }) => {
                approval.may_edit()?;
                self.requirement(&key)?;
                vec![Event::RequirementRemoved(RequirementRemoved { key, by })]
            }
            Command::Submit => {
                let submitted = approval.submit(&self.content, context)?;
                self.check_complete(context)?;
                vec![Event::Submitted(submitted)]
            }
            Command::Reject(input) => vec![Event::Rejected(approval.reject(input, context)?)],
            Command::Baseline(input) => self.baselined(&input, context)?,
            Command::ChangeBaseline(change) => {
                self.check_change(&change)?;
                let version = approval.draft_version();
                let changed = RequirementBaselineChanged { version, by, change };
                vec![Event::RequirementBaselineChanged(changed)]
            }
            Command::Withdraw(input) => vec![Event::Withdrawn(approval.withdraw(input, context)?)],
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Drafted(e) => {
                self.approval.drafted(e.version, e.by);
                self.content = e.content;
            }
            Event::RequirementAdded(e) | Event::RequirementChanged(e) => {
                self.approval.drafted(self.approval.version, e.by);
                self.content.items.insert(e.key, e.requirement);
            }
            Event::RequirementRemoved(e) => {
                self.approval.drafted(self.approval.version, e.by);
                self.content.items.remove(&e.key);
            }
            Event::Submitted(e) => self.approval.submitted(e),
            Event::Rejected(e) => self.approval.rejected(e),
            Event::Superseded(_) => (self.approval.effective, self.baseline) = (None, None),
            Event::Baselined(e) => {
                let items = self.content.items.iter();
                let requirements = items.map(|(key, item)| (key.clone(), item.into())).collect();
                self.baseline = Some(Baseline { number: e.effective.version, requirements });
                self.approval.approved(kernel::approval::Approved { effective: e.effective });
            }
            Event::RequirementBaselineChanged(e) => {
                self.approval.drafted(e.version, e.by);
                e.change.remove.iter().for_each(|key| drop(self.content.items.remove(key)));
                self.content.items.extend(e.change.change);
                self.content.items.extend(e.change.add);
            }
            Event::Withdrawn(e) => {
                self.approval.withdrawn(&e);
                if self.approval.effective.is_none() {
                    self.baseline = None;
                }
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}
