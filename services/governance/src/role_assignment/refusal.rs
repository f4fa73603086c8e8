//! What is refused of assignments of roles.

use declare::refusals;
use kernel::Date;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// A role is about one thing: name a system or a process, not both.
    #[refusal(rule = "ISO/IEC 42001 5.3")]
    NotOneItem {
        /// Where in the input.
        at: &'static str,
    },
    /// Another assignment makes somebody accountable in that time: {assignment}. There is one.
    #[refusal(conflict, rule = "ISO/IEC 42001 5.3")]
    AnotherIsAccountable {
        /// The other assignment.
        assignment: String,
    },
    /// {holder} is no member of the organisation any more.
    #[refusal(rule = "ISO/IEC 42001 5.3")]
    HolderNotMember {
        /// Who.
        holder: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The holder does not have the role {role} of the AIMS: an administrator grants it first.
    #[refusal(rule = "ISO/IEC 42001 5.3")]
    HolderLacksRole {
        /// The role.
        role: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// The holder lacks the competence {competence} that the role demands, and nothing waives it.
    #[refusal(rule = "ISO/IEC 42001 7.2")]
    LacksCompetence {
        /// Key of the competence.
        competence: String,
        /// Where in the input.
        at: &'static str,
    },
    /// A waiver ends after today and within a year; this one ends on {until}.
    #[refusal(rule = "ISO/IEC 42001 7.2")]
    WaiverOutOfRange {
        /// Its last day.
        until: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// Nobody stands in for himself: the deputy is another than the holder.
    DeputyIsHolder {
        /// Where in the input.
        at: &'static str,
    },
    /// The time ends on {until}, before it begins or today: name another.
    PeriodHasEnded {
        /// Its last day.
        until: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// A key role changes hands only by a planned change of the management system: name it.
    #[refusal(rule = "ISO/IEC 42001 6.3")]
    NoAimsChange {
        /// Where in the input.
        at: &'static str,
    },
    /// The named change of the management system is not approved, or does not touch this role.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.3")]
    AimsChangeNotApproved {
        /// Where in the input.
        at: &'static str,
    },
    /// Top management assigns key roles.
    #[refusal(rule = "ISO/IEC 42001 5.3")]
    NotTopManagement,
    /// Who proposed the holder of a key role does not assign it: somebody else must.
    #[refusal(rule = "segregation of duties: author is not approver")]
    AssignerIsProposer,
    /// The assignment is {status}: that cannot follow.
    #[refusal(conflict)]
    WrongStatus {
        /// Where it stands.
        status: &'static str,
    },
    /// The AI system lives on: somebody must stay accountable for it.
    #[refusal(conflict, rule = "ISO/IEC 42001 5.3")]
    SystemLives {
        /// Where in the input.
        at: &'static str,
    },
    /// {day} lies in the future.
    InTheFuture {
        /// The day.
        day: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// Nothing is vacant: somebody holds it, or nobody need be accountable.
    #[refusal(conflict)]
    NothingVacant,
    /// It has been vacant since {since}: that is reported after thirty days.
    #[refusal(conflict, rule = "ISO/IEC 42001 5.3")]
    NotVacantLong {
        /// First day.
        since: Date,
    },
    /// The waiver runs until {until}.
    #[refusal(conflict)]
    WaiverRuns {
        /// Its last day.
        until: Date,
    },
}
