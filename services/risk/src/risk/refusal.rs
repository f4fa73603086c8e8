//! What a risk refuses. Those on acceptance that are business facts are recorded
//! (`risk.acceptance_refused`); all others leave no event.

use declare::refusals;
use kernel::Date;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The risk is {status}; it must be {needed} for this.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.1.2")]
    WrongStatus {
        /// Where it stands.
        status: &'static str,
        /// Where it would have to stand.
        needed: &'static str,
    },
    /// This entry of the library was taken over already: {id}.
    #[refusal(conflict)]
    DuplicateEntry {
        /// The risk.
        id: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {most} people have assessed the risk: nobody new can. Close it and identify it anew.
    #[refusal(conflict)]
    TooManyAuthors {
        /// How many can.
        most: usize,
    },
    /// A risk has at most {most} {what}.
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        most: usize,
    },
    /// No risk criteria are in force: there is nothing to judge by.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.1.2")]
    NoCriteria,
    /// The criteria of the analysis (version {version}) are no longer kept: analyse the risk again.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.2")]
    CriteriaNotKept {
        /// Their version.
        version: u32,
    },
    /// {grade} is no grade: likelihood and consequences run from 1 to 5.
    #[refusal(rule = "ISO/IEC 42001 6.1.2")]
    NoGrade {
        /// What was given.
        grade: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// No consequence is rated: name at least one of organisation, individual and society.
    #[refusal(rule = "ISO/IEC 42001 6.1.2")]
    NothingRated,
    /// The consequence for the {subject} is not rated: say why.
    #[refusal(rule = "ISO/IEC 42001 6.1.2")]
    NotAssessedWithoutReason {
        /// For whom.
        subject: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// {control} is neither a control of ISO/IEC 42001 nor of a Statement of Applicability.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    UnknownControl {
        /// What was named.
        control: String,
        /// Where in the input.
        at: String,
    },
    /// {control} is named twice.
    ControlNamedTwice {
        /// The control.
        control: String,
        /// Where in the input.
        at: String,
    },
    /// The analysis is incomplete: a consequence is not assessed.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.1.2")]
    AnalysisIncomplete,
    /// The risk is due for review: analyse it again first.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.2")]
    ReviewIsDue,
    /// The score {score} lies above the appetite {appetite}: such a risk is treated, not retained.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    RetainedAboveAppetite {
        /// The score.
        score: u32,
        /// The appetite.
        appetite: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// The risk is retained: it has no treatment to be planned or carried out.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.1.3")]
    Retained,
    /// No version of the treatment plan is approved and in force that names this risk.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    PlanDoesNotTreat {
        /// Where in the input.
        at: &'static str,
    },
    /// The treatment plan is not completed, or was found ineffective.
    #[refusal(rule = "ISO/IEC 42001 8.3")]
    PlanNotCompleted {
        /// Where in the input.
        at: &'static str,
    },
    /// {evidence} proves nothing: it is stale, superseded, in quarantine or shredded.
    #[refusal(rule = "ISO/IEC 42001 7.5.3")]
    EvidenceNotGood {
        /// What was named.
        evidence: String,
        /// Where in the input.
        at: String,
    },
    /// What remains is rated higher than the risk was before treatment: say why.
    #[refusal(rule = "ISO/IEC 42001 8.3")]
    HigherWithoutReason {
        /// Where in the input.
        at: &'static str,
    },
    /// What remains is rated lower without an implemented control or good evidence.
    #[refusal(rule = "ISO/IEC 42001 8.3")]
    LowerWithoutProof {
        /// Where in the input.
        at: &'static str,
    },
    /// The risk has no owner who could accept it.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.1.3")]
    NoOwner,
    /// Whoever wants to accept the risk has assessed it: somebody else must.
    #[refusal(rule = "segregation of duties: risk author is not risk acceptor")]
    AcceptorIsAuthor,
    /// The risk is critical: it is never accepted, only treated or avoided.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    CriticalNeverAccepted,
    /// The score {score} lies above the tolerance {tolerance}: nobody accepts it.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    AboveTolerance {
        /// The score.
        score: u32,
        /// The tolerance.
        tolerance: u32,
    },
    /// The score {score} lies beyond the authority of the roles {roles}.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    NoAuthority {
        /// The score.
        score: u32,
        /// The roles that the person holds.
        roles: String,
    },
    /// Whoever wants to accept the risk does not own it.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    AcceptorIsNotOwner,
    /// Open mandatory actions: {count}, among them of the treatment plan {plan}.
    #[refusal(rule = "ISO/IEC 42001 8.3")]
    MandatoryActionsOpen {
        /// How many.
        count: usize,
        /// A plan.
        plan: String,
    },
    /// The acceptance would end on {until}, which has passed.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    EndsInThePast {
        /// The day.
        until: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// The acceptance may last until {last} at most: twelve months, above the appetite 180 days.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    AcceptedTooLong {
        /// The last day that is allowed.
        last: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// The risk is not accepted.
    #[refusal(conflict)]
    NotAccepted,
    /// Only the risk's owner, or somebody with the role {role}, does this.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    NotTheOwner {
        /// Who else may.
        role: &'static str,
    },
    /// The acceptance holds until {until}, and that day has not passed.
    #[refusal(conflict)]
    StillAccepted {
        /// Its last day.
        until: Date,
    },
    /// The risk is not due for review yet, or was never assessed.
    #[refusal(conflict)]
    ReviewNotDue,
    /// {system} is not retired: the risk is closed only once it is, or once its source is gone.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.2")]
    SystemNotRetired {
        /// Name of the system.
        system: String,
    },
    /// The risk concerns no AI system that could be retired.
    #[refusal(conflict)]
    NoSystem,
}
