//! What is refused of incidents.

use declare::refusals;
use kernel::Instant;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The incident is {status}: it cannot be {step}.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.8.4")]
    WrongStatus {
        /// Where it stands.
        status: &'static str,
        /// What was asked.
        step: &'static str,
    },
    /// Nobody becomes aware of an incident after it is recorded.
    #[refusal(rule = "Regulation (EU) 2024/1689 Art. 73(2)")]
    AwareInFuture {
        /// Where in the input.
        at: &'static str,
    },
    /// The incident happened at {occurred}: nobody was aware of it before.
    AwareBeforeItHappened {
        /// When it happened.
        occurred: Instant,
        /// Where in the input.
        at: &'static str,
    },
    /// The organisation was aware at {from}: that can turn out to be earlier, never later.
    #[refusal(rule = "Regulation (EU) 2024/1689 Art. 73(2)")]
    AwareMovedLater {
        /// When it was aware.
        from: Instant,
        /// Where in the input.
        at: &'static str,
    },
    /// The system has no version {version}.
    UnknownVersion {
        /// What was named.
        version: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {ground} is no ground of Article 3(49): name a, b, c, d or none.
    #[refusal(rule = "Regulation (EU) 2024/1689 Art. 3(49)")]
    UnknownGround {
        /// What was named.
        ground: String,
        /// Where in the input.
        at: &'static str,
    },
    /// An incident with {what} is serious.
    #[refusal(rule = "Regulation (EU) 2024/1689 Art. 3(49)")]
    LessThanSerious {
        /// What makes it so.
        what: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// It was reported as graver: triage it as that, then propose a softer assessment with a
    /// reason (set_severity).
    #[refusal(rule = "segregation of duties: severity is lowered by two people")]
    LoweredInTriage {
        /// Where in the input.
        at: &'static str,
    },
    /// Nothing of that sort has been proposed.
    #[refusal(conflict)]
    NothingProposed,
    /// Whoever proposed it does not confirm it.
    #[refusal(rule = "segregation of duties: proposer is not confirmer")]
    ProposerConfirms,
    /// The time lies in the future.
    InTheFuture {
        /// Where in the input.
        at: &'static str,
    },
    /// There are {most} steps of containment already.
    #[refusal(conflict)]
    TooManySteps {
        /// Most.
        most: usize,
    },
    /// Say how users were told.
    #[refusal(rule = "ISO/IEC 42001 A.8.4")]
    NotSaidHow {
        /// Where in the input.
        at: &'static str,
    },
    /// Say why users need not be told.
    #[refusal(rule = "ISO/IEC 42001 A.8.4")]
    NotSaidWhyNot {
        /// Where in the input.
        at: &'static str,
    },
    /// Users were told already.
    #[refusal(conflict)]
    UsersWereInformed,
    /// The incident may have to be reported: evaluate the regulatory rules as it is assessed now.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.8.5")]
    RulesNotEvaluated,
    /// The clock of {rule} runs until {due}: report first.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.8.5")]
    ClockRuns {
        /// The rule.
        rule: String,
        /// When the report is due.
        due: Instant,
    },
    /// An incident is not closed before its cause is known.
    #[refusal(conflict, rule = "ISO/IEC 42001 10.2")]
    NoCause,
    /// Nobody has decided whether users are told of the incident.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.8.4")]
    NoUserDecision,
    /// A proposal waits for a second person: it is confirmed or turned down first.
    #[refusal(conflict)]
    ProposalWaits,
    /// {of} is no other incident of this system that could stand for both.
    NotTheSame {
        /// What was named.
        of: String,
        /// Where in the input.
        at: &'static str,
    },
    /// By {of} the organisation was aware later: move its time of becoming aware first.
    #[refusal(rule = "Regulation (EU) 2024/1689 Art. 73(2)")]
    OriginalAwareLater {
        /// What was named.
        of: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {of} is assessed as less grave: assess it again first.
    #[refusal(rule = "segregation of duties: severity is lowered by two people")]
    OriginalLessGrave {
        /// What was named.
        of: String,
        /// Where in the input.
        at: &'static str,
    },
    /// More than {most} rules ask for a report of one incident: look at the sets of rules.
    #[refusal(conflict)]
    TooManyClocks {
        /// Most.
        most: usize,
    },
    /// No clock of {rule} was started for the incident, or it was lifted.
    NoSuchClock {
        /// The rule.
        rule: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {report} is a report about another incident or under another rule.
    #[refusal(rule = "ISO/IEC 42001 A.8.5")]
    ReportOfAnother {
        /// The report.
        report: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {report} only follows up what was reported: it meets no clock.
    #[refusal(rule = "ISO/IEC 42001 A.8.5")]
    ReportOnlyFollowsUp {
        /// The report.
        report: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {report} is not submitted.
    #[refusal(rule = "ISO/IEC 42001 A.8.5")]
    ReportNotSubmitted {
        /// The report.
        report: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The clock of {rule} is met.
    #[refusal(conflict)]
    ClockIsMet {
        /// The rule.
        rule: String,
    },
    /// {rule} still applies: {because}.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.8.5")]
    RuleStillApplies {
        /// The rule.
        rule: String,
        /// Why.
        because: String,
    },
}
