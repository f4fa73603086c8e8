//! An AI objective (G-07; ISO/IEC 42001 6.2, 9.1, A.6.1.2, A.9.3).
//!
//! ```text
//!          set           submit             approve                  assess
//!   (none) ───► Draft ──────────► InReview ─────────► Approved ─────────────────┐
//!                ▲     reject        │                  │   ▲    on_track ⇄     │
//!                └───────────────────┘     withdraw,    │   │ at_risk ⇄ breached│
//!                                          revise ◄─────┘   └───────────────────┘
//!                                                       close ──► achieved | dropped
//! ```
//!
//! How it goes is its `progress`, beside the status of its working version: `assess` works it out
//! from the standing of its KPIs.

use declare::{commands, events, record, refusals, words};
use kernel::approval::{
    Approval, ApprovalRefusal, Approve, Approved, Reject, Rejected, Submitted, Superseded,
    Withdraw, Withdrawn,
};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain, Relation};
use kernel::kinds;
use kernel::values::{Line, Prose, Ref};
use kernel::{Context, Date, Fact, Need, Role, UserId};

pub use self::course::{Close, Closing, Outcome, ProgressAssessed, StandingOf};

mod course;
#[cfg(test)]
mod tests;

/// What is to be reached with regard to AI, with its successive versions and how it goes.
#[record]
#[derive(Default)]
pub struct Objective {
    /// Where the working version stands, and which version is in force.
    #[field(flatten)]
    pub approval: Approval,
    /// What the working version says.
    #[field(flatten)]
    pub content: Content,
    /// How it goes.
    #[field(index)]
    pub progress: Progress,
    /// How it was closed.
    pub closing: Option<Closing>,
}

/// What a version of an objective says. Input of `set` and `revise`.
#[record]
#[derive(Default)]
pub struct Content {
    /// Its name.
    #[field(search, correctable)]
    pub title: Line,
    /// What is to be reached.
    #[field(correctable)]
    pub text: Prose,
    /// Its theme.
    #[field(index)]
    pub theme: Theme,
    /// The theme by name, where it is another than those of Annex C.
    pub other_theme: Option<Line>,
    /// The policy that it serves.
    pub linked_policy: Option<Ref<kinds::Document>>,
    /// How it is to be reached.
    #[field(flatten)]
    pub plan: Plan,
    /// Why it is not measured by a KPI, where that is so.
    pub not_measurable_because: Option<Prose>,
}

/// How an objective is to be reached (6.2).
#[record]
#[derive(Default)]
pub struct Plan {
    /// What is done.
    #[field(max = 40)]
    pub actions: Vec<Line>,
    /// What that takes.
    #[field(correctable)]
    pub resources: Option<Prose>,
    /// Who answers for it.
    pub owner: UserId,
    /// When it is to be reached.
    #[field(index)]
    pub due: Date,
    /// How it is judged whether it is.
    #[field(correctable)]
    pub evaluation: Prose,
}

/// The theme of an objective (ISO/IEC 42001 Annex C.2).
#[words]
#[derive(Default)]
pub enum Theme {
    /// C.2.1 Accountability.
    #[default]
    Accountability,
    /// C.2.2 AI expertise.
    AiExpertise,
    /// C.2.3 Availability and quality of training and test data.
    DataAvailabilityAndQuality,
    /// C.2.4 Environmental impact.
    EnvironmentalImpact,
    /// C.2.5 Fairness.
    Fairness,
    /// C.2.6 Maintainability.
    Maintainability,
    /// C.2.7 Privacy.
    Privacy,
    /// C.2.8 Robustness.
    Robustness,
    /// C.2.9 Safety.
    Safety,
    /// C.2.10 Security.
    Security,
    /// C.2.11 Transparency and explainability.
    TransparencyAndExplainability,
    /// A theme of the organisation's own.
    Other,
}

/// How an objective goes.
#[words]
#[derive(Default)]
pub enum Progress {
    /// Nothing was measured.
    #[default]
    NotStarted,
    /// All its KPIs are on target.
    OnTrack,
    /// One of its KPIs is at risk, none breached.
    AtRisk,
    /// One of its KPIs is breached.
    Breached,
    /// It was reached.
    Achieved,
    /// It is no longer pursued.
    Dropped,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Writes the first draft.
    #[command(by(Am), emits(Set), creates)]
    Set(Content),
    /// Writes the draft again, or begins the next version once one is approved or withdrawn.
    #[command(by(Am), emits(Set))]
    Revise(Content),
    /// Submits the draft for approval.
    #[command(by(Am), emits(Submitted))]
    Submit,
    /// Sends the submitted version back.
    #[command(by(Tm), emits(Rejected))]
    Reject(Reject),
    /// Approves the submitted version.
    #[command(by(Tm), emits(Superseded, Approved), if_match)]
    Approve(Approve),
    /// Takes back a version that is not in force; one that is in force is closed instead.
    #[command(by(Am, Tm), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Works out from its KPIs how it goes.
    #[command(by(Am, Sys), emits(ProgressAssessed))]
    Assess,
    /// Says that it was reached or, by top management, that it is no longer pursued.
    #[command(by(Am, Tm), emits(Achieved, Dropped))]
    Close(Close),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// The draft was written.
#[record]
pub struct Set {
    /// Number of the version.
    pub version: u32,
    /// Who wrote it.
    pub by: UserId,
    /// What it says.
    pub content: Content,
}

/// What can have happened.
#[events(kind = "objective")]
#[allow(clippy::large_enum_variant, reason = "events are held one or two at a time")]
pub enum Event {
    /// The draft was written.
    Set(Set),
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
    /// It goes otherwise than before.
    ProgressAssessed(ProgressAssessed),
    /// It was reached.
    Achieved(Closing),
    /// It is no longer pursued.
    Dropped(Closing),
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
    /// A theme of the organisation's own has a name, and only such a theme has one.
    ThemeName {
        /// Where in the input.
        at: &'static str,
    },
    /// An objective is reached by actions: name what is done.
    #[refusal(rule = "ISO/IEC 42001 6.2")]
    WithoutActions,
    /// No KPI with approved limits measures the objective, and no reason says why.
    #[refusal(rule = "ISO/IEC 42001 6.2")]
    NotMeasurable,
    /// No version of the objective is in force.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.2")]
    NotInForce,
    /// The objective is {progress}: that is its end.
    #[refusal(conflict)]
    IsClosed {
        /// How it ended.
        progress: &'static str,
    },
    /// A version in force is closed as achieved or dropped, not withdrawn.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.2")]
    CloseInstead,
    /// The KPI {kpi} has not reached its target, it is {standing}: nor has the objective.
    #[refusal(conflict, rule = "ISO/IEC 42001 9.1")]
    NotReached {
        /// Its id.
        kpi: String,
        /// Where it stands.
        standing: &'static str,
    },
    /// No KPI shows that the objective was reached: name evidence.
    #[refusal(rule = "ISO/IEC 42001 9.1")]
    AchievedWithoutProof {
        /// Where in the input.
        at: &'static str,
    },
    /// The evidence {evidence} proves nothing today: it is stale, superseded, quarantined or gone.
    #[refusal(rule = "ISO/IEC 42001 9.1")]
    EvidenceNotGood {
        /// The evidence.
        evidence: String,
        /// Where in the input.
        at: String,
    },
    /// Only top management drops an objective.
    #[refusal(rule = "ISO/IEC 42001 6.2")]
    NotTopManagement,
    /// A breached objective is dropped by a decision of a management review: name review and
    /// decision.
    #[refusal(rule = "ISO/IEC 42001 9.3.3")]
    BreachedWithoutDecision {
        /// Where in the input.
        at: &'static str,
    },
    /// The named management review was not held or has no such decision.
    #[refusal(rule = "ISO/IEC 42001 9.3.3")]
    NoSuchDecision {
        /// Where in the input.
        at: &'static str,
    },
}

kernel::aggregate!(Objective, "objective", Command, Event, Refusal);

impl Fact for Objective {
    const KIND: &'static str = "objective";
}

impl Domain for Objective {
    const ABOUT: About = About {
        kind: "objective",
        doc: "What is to be reached with regard to AI, how, and how it goes.",
        clauses: &["6.2", "9.1", "A.6.1.2", "A.9.3"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[Relation {
            name: "kpis",
            doc: "By what it is measured.",
            kind: "kpi",
            by: "objective",
            pinned: None,
        }],
        shape: 1,
    };

    fn needs(&self, command: &Command, known: &Context) -> Vec<Need> {
        let kpis = || Need::Where("kpi", "objective", known.id.clone());
        match command {
            Command::Approve(_) | Command::Assess => vec![kpis()],
            Command::Close(input) => [kpis()].into_iter().chain(input.needs()).collect(),
            Command::Set(_)
            | Command::Revise(_)
            | Command::Submit
            | Command::Reject(_)
            | Command::Withdraw(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let approval = &self.approval;
        Ok(match command {
            Command::Set(content) | Command::Revise(content) => {
                self.must_be_open()?;
                approval.may_draft()?;
                content.check()?;
                let (version, by) = (approval.draft_version(), context.user());
                vec![Event::Set(Set { version, by, content })]
            }
            Command::Submit => {
                let submitted = approval.submit(&self.content, context)?;
                if self.content.plan.actions.is_empty() {
                    return Err(Refusal::WithoutActions);
                }
                vec![Event::Submitted(submitted)]
            }
            Command::Reject(input) => vec![Event::Rejected(approval.reject(input, context)?)],
            Command::Approve(input) => {
                let (ended, approved) = approval.approve(&input, &self.content, context)?;
                self.must_be_measurable(context)?;
                let ended = ended.map(Event::Superseded);
                ended.into_iter().chain([Event::Approved(approved)]).collect()
            }
            Command::Withdraw(input) => {
                let withdrawn = approval.withdraw(input, context)?;
                if approval.effective.as_ref().is_some_and(|e| e.version == withdrawn.version) {
                    return Err(Refusal::CloseInstead);
                }
                vec![Event::Withdrawn(withdrawn)]
            }
            Command::Assess => self.assessed(context)?,
            Command::Close(input) => self.closed(input, context)?,
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Set(e) => {
                self.approval.drafted(e.version, e.by);
                self.content = e.content;
            }
            Event::Submitted(e) => self.approval.submitted(e),
            Event::Rejected(e) => self.approval.rejected(e),
            Event::Superseded(_) => self.approval.effective = None,
            Event::Approved(e) => self.approval.approved(e),
            Event::Withdrawn(e) => self.approval.withdrawn(&e),
            Event::ProgressAssessed(e) => self.progress = e.progress,
            Event::Achieved(e) => {
                (self.progress, self.closing) = (Progress::Achieved, Some(e));
            }
            Event::Dropped(e) => (self.progress, self.closing) = (Progress::Dropped, Some(e)),
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl Content {
    fn check(&self) -> Result<(), Refusal> {
        if (self.theme == Theme::Other) == self.other_theme.is_some() {
            return Ok(());
        }
        Err(Refusal::ThemeName { at: "/otherTheme" })
    }
}
