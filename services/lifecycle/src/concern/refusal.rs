//! What is refused of concerns.

use declare::refusals;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// A session says who you are: report without your name through a channel for outsiders,
    /// signed out.
    #[refusal(rule = "ISO/IEC 42001 A.3.3")]
    SessionRevealsReporter {
        /// Where in the input.
        at: &'static str,
    },
    /// Receipts are given to reporters without a session only.
    ReceiptOfMember {
        /// Where in the input.
        at: &'static str,
    },
    /// The channel {channel} is not open: report through another one.
    NoOpenChannel {
        /// The channel.
        channel: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The channel {channel} is for members: outsiders report through an external one.
    #[refusal(rule = "ISO/IEC 42001 A.8.3")]
    ChannelIsInternal {
        /// The channel.
        channel: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The channel {channel} does not take concerns without a name: use another one.
    ChannelNamesReporters {
        /// The channel.
        channel: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The receipt is not the one that was given for this concern.
    #[refusal(rule = "ISO/IEC 42001 A.8.3")]
    WrongReceipt {
        /// Where in the input.
        at: &'static str,
    },
    /// Only the handler of a concern acts on it, whatever roles others hold.
    #[refusal(rule = "ISO/IEC 42001 A.3.3")]
    NotTheHandler,
    /// {user} is named in the concern and cannot handle it.
    #[refusal(rule = "segregation of duties: who is named in a concern does not handle it")]
    HandlerIsNamed {
        /// Who.
        user: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {user} reported the concern and cannot handle it.
    #[refusal(rule = "segregation of duties: reporter is not handler")]
    HandlerIsReporter {
        /// Who.
        user: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {user} has said that he has a conflict of interest in the concern.
    #[refusal(rule = "segregation of duties: a handler has no conflict of interest")]
    HandlerHasConflict {
        /// Who.
        user: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {user} cannot handle concerns: an active member with the role AM, TM, DPO or IM can.
    #[refusal(rule = "ISO/IEC 42001 A.3.3")]
    HandlerCannotAct {
        /// Who.
        user: String,
        /// Where in the input.
        at: &'static str,
    },
    /// Who is named in a concern does not choose its handler.
    #[refusal(rule = "segregation of duties: who is named in a concern does not assign it")]
    AssignerIsNamed,
    /// Nobody takes a concern from its handler for himself: another manager must assign it.
    #[refusal(rule = "segregation of duties: a handler is assigned by another person")]
    TakenFromHandler {
        /// Where in the input.
        at: &'static str,
    },
    /// The handler has not yet said whether he has a conflict of interest.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.3.3")]
    ConflictNotChecked,
    /// The concern is {status}: it cannot be {step}.
    #[refusal(conflict)]
    WrongStatus {
        /// Where it stands.
        status: &'static str,
        /// What was asked.
        step: &'static str,
    },
    /// A concern is escalated to an incident or a nonconformity; {to} is neither.
    NotAnEscalation {
        /// What was named.
        to: String,
        /// Where in the input.
        at: &'static str,
    },
    /// A concern names at most {most} members.
    TooManyNamed {
        /// Most.
        most: usize,
        /// Where in the input.
        at: &'static str,
    },
    /// The concern was taken further {most} times already.
    #[refusal(conflict)]
    TooManyEscalations {
        /// Most.
        most: usize,
    },
    /// There are {most} messages of this side already: wait for the concern to be answered.
    #[refusal(conflict)]
    TooManyMessages {
        /// Most.
        most: usize,
    },
    /// The reporter can be reached and has not been answered: reply first.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.3.3, A.8.3")]
    NotAnswered,
}
