//! An incident with an AI system (L-11; ISO/IEC 42001 A.8.4, A.6.2.6, 8.1).
//!
//! ```text
//!           report            triage            contain             investigate
//!   (none) ───────► Reported ───────► Triaged ─────────► Contained ─────────► Investigating
//!                                                                                 │ resolve
//!                                              Closed ◄──────── Resolved ◄────────┘
//!                                                       close
//!   any of these but Closed: mark_duplicate ──► Duplicate
//!                            dismiss, confirm_dismissal by a second person ──► NotAnIncident
//! ```
//!
//! Invariants: a clock's deadline never moves to a later time (test:
//! `no_clock_is_ever_due_later`); the time of becoming aware moves to an earlier one only (test:
//! `awareness_only_moves_to_an_earlier_time`); what makes an incident serious or reportable is
//! taken back by two people (test:
//! `taking_back_what_makes_an_incident_reportable_needs_a_second_person`).

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain, Relation};
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Instant, Need, Role, UserId, kinds};

pub use self::assessment::{
    Assessment, Category, Findings, Lowering, SetSeverity, Severity, SeverityChanged,
    SeverityLoweringProposed, Triage, Triaged,
};
pub use self::awareness::{AwareAtMoved, MoveAwareAt};
pub use self::clocks::{
    Clock, LiftClock, MeetClock, RegulatoryClockLifted, RegulatoryClockMet, RegulatoryClockStarted,
};
pub use self::ending::{
    Dismiss, Dismissal, Ended, MarkDuplicate, MarkedDuplicate, Proposal, ProposalTurnedDown,
    TurnDown,
};
pub use self::evaluation::{Evaluated, Evaluation, RegulatoryRulesEvaluated};
pub use self::handling::{
    CausalLink, CausalLinkAssessed, Close, Closed, Contain, Contained, EstablishCausality,
    InformUsers, InvestigationStarted, Resolve, Resolved, UserDecision, UserNotice,
};
pub use self::intake::{Harm, Report, Reported};
pub use self::refusal::Refusal;

mod assessment;
mod awareness;
mod clocks;
mod ending;
mod evaluation;
mod handling;
mod intake;
mod refusal;
#[cfg(test)]
mod tests;

/// An incident, how it was assessed and handled, and whom it obliges to report by when.
#[record]
#[derive(Default)]
pub struct Incident {
    /// The AI system.
    #[field(index)]
    pub system: Ref<kinds::AiSystem>,
    /// The label of the system's version.
    pub system_version: Option<Key>,
    /// What happened, in a line.
    #[field(search, correctable)]
    pub title: Line,
    /// What happened.
    #[field(correctable)]
    pub description: Prose,
    /// When it happened.
    #[field(index)]
    pub occurred_at: Option<Instant>,
    /// When the organisation became aware of it: clocks run from here (AI Act Art. 73(2)).
    #[field(index)]
    pub aware_at: Instant,
    /// Who reported it.
    pub reporter: UserId,
    /// Of what sort it is.
    pub category: Category,
    /// Who was harmed, and how.
    pub harm: BTreeMap<Key, Harm>,
    /// How grave it is, and what follows from the law.
    #[field(flatten)]
    pub assessment: Assessment,
    /// Where it stands.
    #[field(index)]
    pub status: IncidentStatus,
    /// A softer assessment that waits for a second person.
    pub lowering: Option<Lowering>,
    /// Whether the AI system caused it.
    pub causal_link: Option<CausalLinkAssessed>,
    /// What was done to contain it.
    pub containment: BTreeMap<Key, Contained>,
    /// What caused it.
    pub cause: Option<Prose>,
    /// What was done about it.
    pub actions: Vec<Prose>,
    /// Whether users are told of it, and how.
    pub user_notice: Option<UserNotice>,
    /// When users were told of it.
    pub users_informed_at: Option<Instant>,
    /// The clocks that it started, by the rule's code.
    pub clocks: BTreeMap<Key, Clock>,
    /// What each rule says of it, by the rule's code.
    pub evaluations: BTreeMap<Key, Evaluation>,
    /// On what the rules were evaluated last.
    pub evaluated: Option<Evaluated>,
    /// What was learnt from it.
    pub lessons: Option<Prose>,
    /// The incident that it is the same as.
    pub duplicate_of: Option<Ref<kinds::Incident>>,
    /// A proposal that it is no incident, which waits for a second person.
    pub dismissal: Option<Dismissal>,
    /// When it was closed, found to be a duplicate or no incident.
    #[field(index)]
    pub ended_at: Option<Instant>,
}

/// Where an incident stands.
#[words]
#[derive(Default)]
pub enum IncidentStatus {
    /// Somebody has reported it.
    #[default]
    Reported,
    /// The incident manager has assessed it.
    Triaged,
    /// It does no more harm.
    Contained,
    /// Its cause is being looked for.
    Investigating,
    /// What had to be done is done.
    Resolved,
    /// What was learnt is written down.
    Closed,
    /// Another incident stands for it.
    Duplicate,
    /// Two people found that it is none.
    NotAnIncident,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Reports an incident.
    #[command(by(Im, Ops, Emp, Sys), emits(Reported), creates)]
    Report(Report),
    /// Assesses what was reported.
    #[command(by(Im), emits(Triaged))]
    Triage(Triage),
    /// Changes the assessment: a graver one at once, a softer one once a second person confirms.
    #[command(by(Im), emits(SeverityChanged, SeverityLoweringProposed))]
    SetSeverity(SetSeverity),
    /// Confirms the softer assessment that somebody else has proposed.
    #[command(by(Im, Am, Dpo, Tm), emits(SeverityChanged), if_match)]
    ConfirmLowering,
    /// Turns down what was proposed.
    #[command(by(Im, Am, Dpo, Tm), emits(ProposalTurnedDown))]
    TurnDown(TurnDown),
    /// Moves the time of becoming aware to an earlier one; clocks follow.
    #[command(by(Im), emits(AwareAtMoved, RegulatoryRulesEvaluated, RegulatoryClockStarted))]
    MoveAwareAt(MoveAwareAt),
    /// Records what contained it.
    #[command(by(Im, Ops), emits(Contained))]
    Contain(Contain),
    /// Begins to look for its cause.
    #[command(by(Im), emits(InvestigationStarted))]
    Investigate,
    /// Says whether the AI system caused it.
    #[command(by(Im), emits(CausalLinkAssessed))]
    EstablishCausality(EstablishCausality),
    /// Decides whether users are told, and records that they were.
    #[command(by(Im), emits(UsersInformedOfIncident, UserNoticeWaived))]
    InformUsers(InformUsers),
    /// Records its cause and what was done.
    #[command(by(Im), emits(Resolved))]
    Resolve(Resolve),
    /// Closes it with what was learnt.
    #[command(by(Im), emits(Closed))]
    Close(Close),
    /// Says that another incident stands for it.
    #[command(by(Im), emits(MarkedDuplicate))]
    MarkDuplicate(MarkDuplicate),
    /// Proposes that it is no incident.
    #[command(by(Im), emits(DismissalProposed))]
    Dismiss(Dismiss),
    /// Confirms what somebody else has proposed: it is no incident.
    #[command(by(Im, Am, Dpo, Tm), emits(Dismissed), if_match)]
    ConfirmDismissal,
    /// Evaluates the regulatory rules and starts the clocks of those that apply.
    #[command(by(Sys, Im, Dpo), emits(RegulatoryRulesEvaluated, RegulatoryClockStarted))]
    StartClocks,
    /// Records the submitted report that meets a clock.
    #[command(by(Sys, Im, Dpo), emits(RegulatoryClockMet))]
    MeetClock(MeetClock),
    /// Ends a clock whose rule does not apply any more.
    #[command(by(Dpo), emits(RegulatoryClockLifted))]
    LiftClock(LiftClock),
    /// Corrects an earlier event.
    #[command(by(Im), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "incident")]
pub enum Event {
    /// It was reported.
    Reported(Reported),
    /// It was assessed.
    Triaged(Triaged),
    /// A softer assessment was proposed.
    SeverityLoweringProposed(SeverityLoweringProposed),
    /// The assessment changed.
    SeverityChanged(SeverityChanged),
    /// A proposal was turned down.
    ProposalTurnedDown(ProposalTurnedDown),
    /// The organisation was aware of it earlier than it had said.
    AwareAtMoved(AwareAtMoved),
    /// It was contained.
    Contained(Contained),
    /// Its cause is being looked for.
    InvestigationStarted(InvestigationStarted),
    /// The link between system and harm was assessed.
    CausalLinkAssessed(CausalLinkAssessed),
    /// Users were told of it.
    UsersInformedOfIncident(UserNotice),
    /// It was decided that users need not be told.
    UserNoticeWaived(UserNotice),
    /// Its cause and what was done were recorded.
    Resolved(Resolved),
    /// It was closed.
    Closed(Closed),
    /// Another incident stands for it.
    MarkedDuplicate(MarkedDuplicate),
    /// It was proposed that it is no incident.
    DismissalProposed(Dismissal),
    /// Two people found that it is no incident.
    Dismissed(Ended),
    /// The regulatory rules were looked at.
    RegulatoryRulesEvaluated(RegulatoryRulesEvaluated),
    /// A clock runs, or ends earlier.
    RegulatoryClockStarted(RegulatoryClockStarted),
    /// A submitted report met a clock.
    RegulatoryClockMet(RegulatoryClockMet),
    /// A clock ended because its rule does not apply any more.
    RegulatoryClockLifted(RegulatoryClockLifted),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(Incident, "incident", Command, Event, Refusal);

impl Domain for Incident {
    const ABOUT: About = About {
        kind: "incident",
        doc: "An incident with an AI system.",
        clauses: &["8.1", "A.6.2.6", "A.8.4"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[Relation {
            name: "reports",
            doc: "What was reported about it to the outside.",
            kind: "external_report",
            by: "incident",
            pinned: None,
        }],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Report(input) => vec![Need::Object(input.system.id().to_owned())],
            Command::MarkDuplicate(input) => vec![Need::Object(input.of.id().to_owned())],
            Command::MeetClock(input) => vec![Need::Object(input.report.id().to_owned())],
            Command::StartClocks | Command::LiftClock(_) | Command::MoveAwareAt(_) => {
                self.needs_of_rules()
            }
            Command::Triage(_)
            | Command::SetSeverity(_)
            | Command::ConfirmLowering
            | Command::TurnDown(_)
            | Command::Contain(_)
            | Command::Investigate
            | Command::EstablishCausality(_)
            | Command::InformUsers(_)
            | Command::Resolve(_)
            | Command::Close(_)
            | Command::Dismiss(_)
            | Command::ConfirmDismissal
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Report(input) => Ok(vec![Event::Reported(input.reported(context)?)]),
            Command::Triage(input) => self.triaged(input, context),
            Command::SetSeverity(input) => self.severity_set(input, context),
            Command::ConfirmLowering => self.lowering_confirmed(context),
            Command::TurnDown(input) => self.turned_down(input, context),
            Command::MoveAwareAt(input) => self.aware_at_moved(input, context),
            Command::Contain(input) => self.contained(input, context),
            Command::Investigate => self.investigated(context),
            Command::EstablishCausality(input) => self.causality_established(input, context),
            Command::InformUsers(input) => self.users_informed(input, context),
            Command::Resolve(input) => self.resolved(input, context),
            Command::Close(input) => self.closed(input, context),
            Command::MarkDuplicate(input) => self.marked_duplicate(input, context),
            Command::Dismiss(input) => self.dismissal_proposed(input, context),
            Command::ConfirmDismissal => self.dismissed(context),
            Command::StartClocks => self.clocks_started(context),
            Command::MeetClock(input) => self.clock_met(input, context),
            Command::LiftClock(input) => self.clock_lifted(input, context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Reported(e) => self.begin(e),
            Event::Triaged(e) => self.triage(e),
            Event::SeverityLoweringProposed(e) => self.lowering = Some(e.lowering),
            Event::SeverityChanged(e) => {
                self.assessment = e.to;
                self.lowering = None;
            }
            Event::ProposalTurnedDown(e) => match e.proposal {
                Proposal::Lowering => self.lowering = None,
                Proposal::Dismissal => self.dismissal = None,
            },
            Event::AwareAtMoved(e) => self.aware_at = e.to,
            Event::Contained(e) => self.contain(e),
            Event::InvestigationStarted(_) => self.status = IncidentStatus::Investigating,
            Event::CausalLinkAssessed(e) => self.causal_link = Some(e),
            Event::UsersInformedOfIncident(e) => {
                self.users_informed_at = self.users_informed_at.or(Some(e.at));
                self.user_notice = Some(e);
            }
            Event::UserNoticeWaived(e) => self.user_notice = Some(e),
            Event::Resolved(e) => self.resolve(e),
            Event::Closed(e) => {
                self.lessons = Some(e.lessons);
                self.end(IncidentStatus::Closed, e.at);
            }
            Event::MarkedDuplicate(e) => {
                self.duplicate_of = Some(e.of);
                self.end(IncidentStatus::Duplicate, e.at);
            }
            Event::DismissalProposed(e) => self.dismissal = Some(e),
            Event::Dismissed(e) => self.end(IncidentStatus::NotAnIncident, e.at),
            Event::RegulatoryRulesEvaluated(e) => {
                self.evaluations = e.evaluations;
                self.evaluated = Some(e.evaluated);
            }
            Event::RegulatoryClockStarted(e) => self.start_clock(e),
            Event::RegulatoryClockMet(e) => self.meet_clock(e),
            Event::RegulatoryClockLifted(e) => self.lift_clock(e),
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl IncidentStatus {
    fn text(self) -> &'static str {
        match self {
            IncidentStatus::Reported => "reported",
            IncidentStatus::Triaged => "triaged",
            IncidentStatus::Contained => "contained",
            IncidentStatus::Investigating => "being investigated",
            IncidentStatus::Resolved => "resolved",
            IncidentStatus::Closed => "closed",
            IncidentStatus::Duplicate => "a duplicate",
            IncidentStatus::NotAnIncident => "found to be no incident",
        }
    }
}
