//! The risk criteria (R-01; ISO/IEC 42001 6.1.1, 6.1.2): by which scales, levels and limits risks
//! and impacts are judged, and who may accept what.
//!
//! ```text
//!           draft           submit             approve
//!   (none) ──────► Draft ──────────► InReview ─────────► Approved ──redraft──► Draft (the next)
//!                    ▲     reject       │                    │
//!                    └──────────────────┘    withdraw ──► Withdrawn
//! ```
//!
//! Approved criteria are never changed in place: assessments name the version that they were made
//! under, and the rules of approved versions are kept for them.

use std::collections::BTreeMap;

use declare::{commands, events, record, refusals};
use kernel::approval::{
    Approval, ApprovalRefusal, Approve, Approved, Phase, Reject, Rejected, Submitted, Superseded,
    Withdraw, Withdrawn,
};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::values::Key;
use kernel::{Context, Need, Role, UserId};

pub use self::content::{Content, Draft};
pub(crate) use self::in_force::Criteria;
pub use self::rules::{Authority, Band, Intervals, Level, MatrixRow, Rules};
pub(crate) use self::rules::{Standing, default_level};
pub use self::scales::{Grade, ImpactScales, SeverityScale};

mod check;
mod content;
mod in_force;
mod rules;
mod scales;
#[cfg(test)]
mod tests;

/// How many approved versions are kept. An assessment under an older one must be made again before
/// it is decided on.
pub const KEPT_VERSIONS: usize = 20;

/// By what risks are judged.
#[record]
#[derive(Default)]
pub struct RiskCriteria {
    /// Where the working version stands, and which version is in force.
    #[field(flatten)]
    pub approval: Approval,
    /// What the working version says.
    #[field(flatten)]
    pub content: Content,
    /// The rules of the approved versions, `v1` and so on; the newest twenty.
    pub approved_versions: BTreeMap<Key, Rules>,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Writes the first draft. What is left out gets the usual value.
    #[command(by(Rm), emits(Drafted), creates)]
    Draft(Draft),
    /// Writes the draft again, or begins the next version once one is approved or withdrawn. What
    /// is left out stays as it was.
    #[command(by(Rm), emits(Drafted))]
    Redraft(Draft),
    /// Submits the draft for approval.
    #[command(by(Rm), emits(Submitted))]
    Submit,
    /// Sends the submitted version back.
    #[command(by(Tm), emits(Rejected))]
    Reject(Reject),
    /// Approves the submitted version.
    #[command(by(Tm), emits(Superseded, Approved), if_match)]
    Approve(Approve),
    /// Takes the version back; only top management one that is in force.
    #[command(by(Rm, Tm), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Corrects an earlier event.
    #[command(by(Rm), emits(Corrected))]
    Correct(Correct),
}

/// The draft was written.
#[record]
pub struct Drafted {
    /// Number of the version.
    pub version: u32,
    /// Who wrote it.
    pub by: UserId,
    /// What it says.
    pub content: Content,
}

/// What can have happened.
#[events(kind = "risk_criteria")]
#[allow(clippy::large_enum_variant, reason = "events are held one or two at a time")]
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
    Approved(Approved),
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
    /// Criteria that were in force are altered only by a planned change of the management system:
    /// name it.
    #[refusal(rule = "ISO/IEC 42001 6.3")]
    NoAimsChange {
        /// Where in the input.
        at: &'static str,
    },
    /// The named change of the management system is not approved, or does not touch the criteria.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.3")]
    AimsChangeNotApproved,
    /// Only top management takes back criteria that are in force.
    #[refusal(rule = "ISO/IEC 42001 6.1.1")]
    NotTopManagement,
    /// A scale has five grades, from the lowest to the highest; {scale} has {grades}.
    #[refusal(rule = "ISO/IEC 42001 6.1.2")]
    ScaleNotOfFive {
        /// Which scale.
        scale: &'static str,
        /// How many grades were given.
        grades: usize,
        /// Where in the input.
        at: &'static str,
    },
    /// The level {level} has {bands} bands: each level has one.
    #[refusal(rule = "ISO/IEC 42001 6.1.2")]
    NotOneBand {
        /// The level.
        level: &'static str,
        /// How many bands were given.
        bands: usize,
        /// Where in the input.
        at: &'static str,
    },
    /// The band {from} to {to} does not lie within the scores 1 to 25, or ends before it begins.
    #[refusal(rule = "ISO/IEC 42001 6.1.2")]
    BandOutOfRange {
        /// Its lowest score.
        from: u32,
        /// Its highest score.
        to: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// The bands leave a gap: from low to critical they must run on, but none begins at {score}.
    #[refusal(rule = "ISO/IEC 42001 6.1.2")]
    BandGap {
        /// The first score without a level.
        score: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// The bands overlap: the score {score} has two levels.
    #[refusal(rule = "ISO/IEC 42001 6.1.2")]
    BandOverlap {
        /// The first score with two levels.
        score: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// The matrix has gaps: it needs five rows (likelihoods) of five levels (severities).
    #[refusal(rule = "ISO/IEC 42001 6.1.2")]
    MatrixIncomplete {
        /// Where in the input.
        at: &'static str,
    },
    /// The matrix falls at likelihood {likelihood}, severity {severity}: more likely or more
    /// severe is never a lower level.
    #[refusal(rule = "ISO/IEC 42001 6.1.2")]
    MatrixDecreases {
        /// The row.
        likelihood: usize,
        /// The column.
        severity: usize,
        /// Where in the input.
        at: &'static str,
    },
    /// The appetite {appetite} reaches the lowest critical score {critical}.
    #[refusal(rule = "ISO/IEC 42001 6.1.1")]
    AppetiteReachesCritical {
        /// The appetite.
        appetite: u32,
        /// The lowest critical score of bands and matrix.
        critical: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// The tolerance {tolerance} lies below the appetite {appetite}.
    #[refusal(rule = "ISO/IEC 42001 6.1.1")]
    ToleranceBelowAppetite {
        /// The tolerance.
        tolerance: u32,
        /// The appetite.
        appetite: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// The tolerance {tolerance} reaches the lowest critical score {critical}: critical risks are
    /// never accepted.
    #[refusal(rule = "ISO/IEC 42001 6.1.1")]
    ToleranceReachesCritical {
        /// The tolerance.
        tolerance: u32,
        /// The lowest critical score of bands and matrix.
        critical: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// {role} accepts no risks: only risk owners (RO) and top management (TM) do.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    RoleAcceptsNothing {
        /// The role.
        role: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// {role} is given authority twice.
    DuplicateAuthority {
        /// The role.
        role: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// Authority ends at {up_to}, but the tolerance is {tolerance}: it must end there.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    AuthorityEndsElsewhere {
        /// The highest score that anybody may accept.
        up_to: u32,
        /// The tolerance.
        tolerance: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// {role} may accept for {days} days: it must be 1 to {most}, 180 at most above the appetite.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    AcceptanceTooLong {
        /// The role.
        role: &'static str,
        /// For how many days.
        days: u32,
        /// How many are allowed.
        most: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// Review intervals are 1 to 1095 days and do not grow with the level.
    #[refusal(rule = "ISO/IEC 42001 8.2")]
    IntervalsWrong {
        /// Where in the input.
        at: &'static str,
    },
}

kernel::aggregate!(RiskCriteria, "risk_criteria", Command, Event, Refusal);

impl Domain for RiskCriteria {
    const ABOUT: About = About {
        kind: "risk_criteria",
        doc: "By which scales, levels and limits AI risks and impacts are judged.",
        clauses: &["6.1.1", "6.1.2"],
        singleton: true,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Approve(_) => {
                let change = self.content.aims_change.iter();
                change.map(|change| Need::Object(change.id().to_owned())).collect()
            }
            Command::Draft(_)
            | Command::Redraft(_)
            | Command::Submit
            | Command::Reject(_)
            | Command::Withdraw(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let approval = &self.approval;
        Ok(match command {
            Command::Draft(input) | Command::Redraft(input) => {
                approval.may_draft()?;
                let mut content = input.over(&self.content);
                if approval.status == Phase::Draft {
                    let named = self.content.aims_change.clone();
                    content.aims_change = content.aims_change.or(named);
                }
                if self.were_in_force() && content.aims_change.is_none() {
                    return Err(Refusal::NoAimsChange { at: "/aimsChange" });
                }
                check::content(&content)?;
                let (version, by) = (approval.draft_version(), context.user());
                vec![Event::Drafted(Drafted { version, by, content })]
            }
            Command::Submit => vec![Event::Submitted(approval.submit(&self.content, context)?)],
            Command::Reject(input) => vec![Event::Rejected(approval.reject(input, context)?)],
            Command::Approve(input) => {
                let (ended, approved) = approval.approve(&input, &self.content, context)?;
                self.check_change(context)?;
                let ended = ended.map(Event::Superseded);
                ended.into_iter().chain([Event::Approved(approved)]).collect()
            }
            Command::Withdraw(input) => {
                if approval.status == Phase::Approved && !context.holds(Role::Tm) {
                    return Err(Refusal::NotTopManagement);
                }
                vec![Event::Withdrawn(approval.withdraw(input, context)?)]
            }
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Drafted(e) => {
                self.approval.drafted(e.version, e.by);
                self.content = e.content;
            }
            Event::Submitted(e) => self.approval.submitted(e),
            Event::Rejected(e) => self.approval.rejected(e),
            Event::Superseded(_) => self.approval.effective = None,
            Event::Approved(e) => {
                in_force::keep(&mut self.approved_versions, e.effective.version, &self.content);
                self.approval.approved(e);
            }
            Event::Withdrawn(e) => self.approval.withdrawn(&e),
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl RiskCriteria {
    fn were_in_force(&self) -> bool {
        !self.approved_versions.is_empty()
    }

    /// What was in force is altered by an approved change that touches the criteria (6.3).
    fn check_change(&self, context: &Context) -> Result<(), Refusal> {
        if !self.were_in_force() {
            return Ok(());
        }
        let change = self.content.aims_change.as_ref();
        let change = change.and_then(|change| context.facts.get::<facts::AimsChange>(change.id()));
        let touched = change.as_ref().and_then(facts::AimsChange::touches);
        if touched.is_some_and(|touched| touched.criteria) {
            return Ok(());
        }
        Err(Refusal::AimsChangeNotApproved)
    }
}
