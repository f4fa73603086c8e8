//! An AI risk (R-02; ISO/IEC 42001 6.1.2, 8.2; ISO 31000 6.4 to 6.7).
//!
//! ```text
//!   import_candidate               dismiss
//!   (none) ────► Candidate ──────────────────────────────────────────────────────► Closed
//!                    │ adopt                                                          ▲
//!   (none) ────► Identified ─analyse─► Analysed ─evaluate─► Evaluated                 │ close
//!         identify                       ▲                   │     │ record_          │ (from
//!                    analyse again,      │   retained within │     ▼ treatment_planned │ any)
//!                    review fell due     │   the appetite    │  TreatmentPlanned
//!                                        │                   │     │ record_treated
//!                                        │      accept       │     ▼            evaluate_
//!                                     Accepted ◄─────────────┘  Treated ──┐      residual
//!                                        │  ▲                             ▼
//!                                        │  └──────────accept── ResidualEvaluated
//!                                        └── expired, revoked ──►  (Evaluated without residual)
//! ```
//!
//! An acceptance that may not be is recorded as a fact: `risk.acceptance_refused`.

use declare::{commands, events, record};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::values::Ref;
use kernel::{Context, Date, Need, Role, UserId, kinds};

pub use self::acceptance::{
    Accept, Acceptance, AcceptanceEnd, AcceptanceExpired, AcceptanceRefused, AcceptanceRevoked,
    EndedAcceptance, RevokeAcceptance, Stale, StaleReason,
};
pub use self::identification::{Identification, Links, ObjectiveTheme, Origin, RiskSource, Stage};
pub use self::identify::{
    Adopt, Adopted, AssignOwner, ChangeSystems, Dismiss, Dismissed, Identified, Identify,
    ImportCandidate, Link, Linked, OwnerAssigned, SystemsChanged,
};
pub use self::rating::{
    Analyse, Analysed, ControlInPlace, Effectiveness, EvaluateResidual, Rated, Rating, Residual,
    ResidualRiskEvaluated, Subject,
};
pub use self::refusal::Refusal;
pub use self::review::{Close, CloseGround, Closed, Closure, ClosureGround, ReviewFellDue};
pub use self::status::{Edit, RiskStatus};
pub use self::treatment::{Evaluate, Evaluated, Evaluation, PlanRecorded, RecordPlan, Treatment};

mod acceptance;
mod identification;
mod identify;
mod rating;
mod refusal;
mod review;
mod status;
#[cfg(test)]
mod tests;
mod treatment;

/// Most people who may assess a risk in its life.
const AUTHORS_MAX: usize = 100;

/// An AI risk with its assessment, treatment and acceptance.
#[record]
#[derive(Default)]
pub struct Risk {
    /// What it is.
    #[field(flatten)]
    pub content: Identification,
    /// Where it stands.
    #[field(index)]
    pub status: RiskStatus,
    /// Who owns it.
    #[field(index)]
    pub owner: Option<UserId>,
    /// Everyone who identified, analysed or evaluated it: none of them accepts it.
    pub authors: Vec<UserId>,
    /// Its rating before treatment.
    pub inherent: Option<Rating>,
    /// The score before treatment.
    #[field(index)]
    pub inherent_score: Option<u32>,
    /// Whether a consequence was not assessed: it is decided on only once all three are.
    pub analysis_incomplete: bool,
    /// How it compares with the criteria, and how it is to be treated.
    pub evaluation: Option<Evaluation>,
    /// The plans that treat it or did.
    pub plans: Vec<Ref<kinds::TreatmentPlan>>,
    /// Its rating after treatment.
    pub residual: Option<Residual>,
    /// The score after treatment.
    #[field(index)]
    pub residual_score: Option<u32>,
    /// Its acceptance, until that ends.
    pub acceptance: Option<Acceptance>,
    /// Since when and why the acceptance no longer fits the risk.
    pub acceptance_stale: Option<Stale>,
    /// The acceptance before, and why it ended.
    pub last_acceptance: Option<EndedAcceptance>,
    /// The last acceptance that was refused.
    pub last_refusal: Option<AcceptanceRefused>,
    /// When it is assessed again.
    #[field(index)]
    pub review_due: Option<Date>,
    /// Whether that day has come and it has not been assessed since.
    pub review_fell_due: bool,
    /// Why it was closed.
    pub closure: Option<Closure>,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Identifies a risk.
    #[command(by(Rm, So), emits(Identified, OwnerAssigned), creates)]
    Identify(Identify),
    /// Takes a risk from a library as a candidate.
    #[command(by(Rm, Sys), emits(CandidateImported), creates)]
    ImportCandidate(ImportCandidate),
    /// Says that a candidate concerns the organisation.
    #[command(by(Rm), emits(Adopted, OwnerAssigned))]
    Adopt(Adopt),
    /// Says that a candidate does not concern the organisation.
    #[command(by(Rm), emits(Dismissed))]
    Dismiss(Dismiss),
    /// Says who owns it.
    #[command(by(Rm), emits(OwnerAssigned))]
    AssignOwner(AssignOwner),
    /// Says which AI systems it concerns, all of them.
    #[command(by(Rm, So), emits(SystemsChanged))]
    ChangeSystems(ChangeSystems),
    /// Links it to impact assessments, incidents and suppliers.
    #[command(by(Rm, So), emits(Linked))]
    Link(Link),
    /// Rates likelihood and consequences under the criteria in force. What was decided on the
    /// rating before no longer counts.
    #[command(by(Rm, So), emits(Analysed))]
    Analyse(Analyse),
    /// Compares the rating with the criteria and chooses the treatment.
    #[command(by(Rm), emits(Evaluated))]
    Evaluate(Evaluate),
    /// Records that an approved plan treats it.
    #[command(by(Rm, Sys), emits(TreatmentPlanned))]
    RecordTreatmentPlanned(RecordPlan),
    /// Records that the plan was carried out.
    #[command(by(Rm, Sys), emits(Treated))]
    RecordTreated(RecordPlan),
    /// Rates what remains after treatment, under the criteria in force.
    #[command(by(Rm), emits(ResidualRiskEvaluated))]
    EvaluateResidual(EvaluateResidual),
    /// Accepts it until a day; a refusal is recorded. An accepted risk is accepted anew.
    #[command(by(Ro, Tm), emits(Accepted, AcceptanceRefused), if_match)]
    Accept(Accept),
    /// Takes the acceptance back.
    #[command(by(Ro, Tm), emits(AcceptanceRevoked))]
    RevokeAcceptance(RevokeAcceptance),
    /// Notices that the acceptance has run out.
    #[command(by(Sys), emits(AcceptanceExpired))]
    ExpireAcceptance,
    /// Notices that it is to be assessed again.
    #[command(by(Sys), emits(ReviewFellDue))]
    FallDueForReview,
    /// Closes it: its systems are retired, or its source is gone.
    #[command(by(Rm, Ro), emits(Closed))]
    Close(Close),
    /// Corrects an earlier event.
    #[command(by(Rm), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "risk")]
pub enum Event {
    /// It was identified.
    Identified(Identified),
    /// It was taken from a library.
    CandidateImported(Identified),
    /// A candidate concerns the organisation.
    Adopted(Adopted),
    /// A candidate does not concern the organisation.
    Dismissed(Dismissed),
    /// Somebody owns it.
    OwnerAssigned(OwnerAssigned),
    /// It concerns other AI systems.
    SystemsChanged(SystemsChanged),
    /// It was linked to other objects.
    Linked(Linked),
    /// Likelihood and consequences were rated. Version 1 knew one consequence and no criteria.
    #[event(version = 2, upcast = rating::analysed)]
    Analysed(Analysed),
    /// It was compared with the criteria.
    Evaluated(Evaluated),
    /// An approved plan treats it.
    TreatmentPlanned(PlanRecorded),
    /// The plan was carried out.
    Treated(PlanRecorded),
    /// It was rated after treatment.
    ResidualRiskEvaluated(ResidualRiskEvaluated),
    /// It was accepted.
    Accepted(Acceptance),
    /// Somebody wanted to accept it who may not, or what may not be accepted.
    #[event(refuses)]
    AcceptanceRefused(AcceptanceRefused),
    /// The acceptance was taken back.
    AcceptanceRevoked(AcceptanceRevoked),
    /// The acceptance ran out.
    AcceptanceExpired(AcceptanceExpired),
    /// It is to be assessed again.
    ReviewFellDue(ReviewFellDue),
    /// It was closed.
    Closed(Closed),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(Risk, "risk", Command, Event, Refusal);

impl Domain for Risk {
    const ABOUT: About = About {
        kind: "risk",
        doc: "An AI risk with its assessment, treatment and acceptance.",
        clauses: &["6.1.2", "8.2"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Identify(input) => identify::needs(input.content.origin.as_ref()),
            Command::ImportCandidate(input) => identify::needs(Some(&input.origin)),
            Command::Analyse(input) => rating::needs(&input.rated.controls, &[]),
            Command::Evaluate(_) => treatment::needs_criteria(),
            Command::RecordTreatmentPlanned(input) | Command::RecordTreated(input) => {
                vec![Need::Object(input.plan.id().to_owned())]
            }
            Command::EvaluateResidual(input) => {
                rating::needs(&input.rated.controls, &input.evidence)
            }
            Command::Accept(_) => acceptance::needs(),
            Command::Close(_) => {
                self.content.systems.iter().map(|s| Need::Object(s.id().to_owned())).collect()
            }
            Command::Adopt(_)
            | Command::Dismiss(_)
            | Command::AssignOwner(_)
            | Command::ChangeSystems(_)
            | Command::Link(_)
            | Command::RevokeAcceptance(_)
            | Command::ExpireAcceptance
            | Command::FallDueForReview
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Identify(input) => input.decide(context),
            Command::ImportCandidate(input) => input.decide(context),
            Command::Adopt(input) => self.adopted(input, context),
            Command::Dismiss(input) => self.dismissed(input, context),
            Command::AssignOwner(input) => self.owner_assigned(input, context),
            Command::ChangeSystems(input) => self.systems_changed(input, context),
            Command::Link(input) => self.linked(input, context),
            Command::Analyse(input) => self.analysed(input, context),
            Command::Evaluate(input) => self.evaluated(input, context),
            Command::RecordTreatmentPlanned(input) => self.treatment_planned(input, context),
            Command::RecordTreated(input) => self.treated(input, context),
            Command::EvaluateResidual(input) => self.residual_evaluated(input, context),
            Command::Accept(input) => self.accepted(input, context),
            Command::RevokeAcceptance(input) => self.acceptance_revoked(input, context),
            Command::ExpireAcceptance => self.acceptance_expired(context),
            Command::FallDueForReview => self.fallen_due(context),
            Command::Close(input) => self.closed(input, context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Identified(e) => {
                (self.content, self.status) = (e.content, RiskStatus::Identified);
                self.authored(Some(e.edit.by));
            }
            Event::CandidateImported(e) => {
                (self.content, self.status) = (e.content, RiskStatus::Candidate);
            }
            Event::Adopted(e) => {
                (self.content.systems, self.status) = (e.systems, RiskStatus::Identified);
                self.authored(Some(e.edit.by));
            }
            Event::Dismissed(e) => self.evolve_dismissed(e),
            Event::OwnerAssigned(e) => {
                self.owner = Some(e.owner);
                self.grow_stale(StaleReason::OwnerChanged, Some(&e.edit));
            }
            Event::SystemsChanged(e) => {
                if e.systems.iter().any(|system| !self.content.systems.contains(system)) {
                    self.grow_stale(StaleReason::SystemsAdded, Some(&e.edit));
                }
                self.content.systems = e.systems;
            }
            Event::Linked(e) => self.content.links = e.links,
            Event::Analysed(e) => self.evolve_analysed(e),
            Event::Evaluated(e) => {
                self.status = RiskStatus::Evaluated;
                self.authored(Some(e.evaluation.edit.by.clone()));
                self.evaluation = Some(e.evaluation);
            }
            Event::TreatmentPlanned(e) => {
                self.status = RiskStatus::TreatmentPlanned;
                if !self.plans.contains(&e.plan) {
                    self.plans.push(e.plan);
                }
            }
            Event::Treated(_) => self.status = RiskStatus::Treated,
            Event::ResidualRiskEvaluated(e) => self.evolve_residual(e),
            Event::Accepted(e) => {
                self.end_acceptance(AcceptanceEnd::Replaced, e.edit.at, None);
                (self.acceptance, self.status) = (Some(e), RiskStatus::Accepted);
            }
            Event::AcceptanceRefused(e) => self.last_refusal = Some(e),
            Event::AcceptanceRevoked(e) => {
                self.end_acceptance(AcceptanceEnd::Revoked, e.edit.at, Some(e.reason));
                self.rest();
            }
            Event::AcceptanceExpired(e) => {
                self.end_acceptance(AcceptanceEnd::Expired, e.at, None);
                self.rest();
            }
            Event::ReviewFellDue(e) => self.evolve_fallen_due(&e),
            Event::Closed(e) => self.evolve_closed(e),
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl Risk {
    /// Refuses unless the risk stands at one of these.
    fn must_be(&self, fit: &[RiskStatus], needed: &'static str) -> Result<(), Refusal> {
        if fit.contains(&self.status) {
            return Ok(());
        }
        Err(Refusal::WrongStatus { status: self.status.text(), needed })
    }

    /// Refuses when the risk is a candidate or closed.
    fn must_be_open(&self) -> Result<(), Refusal> {
        match self.status {
            RiskStatus::Candidate | RiskStatus::Closed => {
                Err(Refusal::WrongStatus { status: self.status.text(), needed: "open" })
            }
            RiskStatus::Identified
            | RiskStatus::Analysed
            | RiskStatus::Evaluated
            | RiskStatus::TreatmentPlanned
            | RiskStatus::Treated
            | RiskStatus::ResidualEvaluated
            | RiskStatus::Accepted => Ok(()),
        }
    }

    /// Refuses when nobody new can be an author.
    fn may_author(&self, context: &Context) -> Result<(), Refusal> {
        if self.authors.len() < AUTHORS_MAX || self.authors.contains(&context.user()) {
            return Ok(());
        }
        Err(Refusal::TooManyAuthors { most: AUTHORS_MAX })
    }

    fn authored(&mut self, by: Option<UserId>) {
        if let Some(by) = by.filter(|by| !self.authors.contains(by)) {
            self.authors.push(by);
        }
    }
}
