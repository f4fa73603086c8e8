//! What an engagement refuses.

use declare::refusals;
use kernel::Date;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The engagement is {status}: it cannot be {done}.
    #[refusal(conflict)]
    NotNow {
        /// Where it stands.
        status: &'static str,
        /// What was asked.
        done: &'static str,
    },
    /// This is no certification body that the installation knows.
    UnknownBody {
        /// Where in the input.
        at: &'static str,
    },
    /// An engagement names at least one auditor.
    NoAuditor {
        /// Where in the input.
        at: &'static str,
    },
    /// {body} is not accredited today: the engagement cannot be under its accreditation.
    #[refusal(rule = "ISO/IEC 42006")]
    NotAccredited {
        /// The body.
        body: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {user} is no auditor of the certification body.
    #[refusal(rule = "ISO/IEC 17021-1 7.2")]
    NotAnAuditor {
        /// The person.
        user: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {user} is a member of the organisation and cannot audit it.
    #[refusal(rule = "segregation of duties: a certification body's user holds no tenant role")]
    AuditorIsMember {
        /// The person.
        user: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {user} advised the organisation until {until}, less than two years ago.
    #[refusal(rule = "ISO/IEC 17021-1 5.2")]
    AuditorAdvised {
        /// The person.
        user: String,
        /// The last day of the advice.
        until: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// {user} has not declared himself impartial towards the organisation.
    #[refusal(rule = "ISO/IEC 17021-1 5.2")]
    NotImpartial {
        /// The person.
        user: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The window ends before it begins.
    WindowEndsFirst {
        /// Where in the input.
        at: &'static str,
    },
    /// The window is over on {to}, before today.
    WindowInThePast {
        /// Its last day.
        to: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// A window has at most {max} days; an extension adds at most as many.
    #[refusal(rule = "ISO/IEC 42001 7.5.3")]
    WindowTooLong {
        /// The limit.
        max: i64,
        /// Where in the input.
        at: &'static str,
    },
    /// The ceiling lies after the last day of the window, {to}.
    CeilingAfterWindow {
        /// The last day.
        to: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// An extension does not take back what was granted: its {what} must not be earlier.
    NotLater {
        /// Window or ceiling.
        what: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// An engagement is extended at most {max} times.
    #[refusal(conflict)]
    TooManyExtensions {
        /// The limit.
        max: usize,
    },
    /// Whoever asked for an engagement does not grant it.
    #[refusal(conflict, rule = "segregation of duties: author≠approver")]
    GranterAskedForIt,
    /// The window begins on {from}.
    #[refusal(conflict)]
    WindowNotBegun {
        /// Its first day.
        from: Date,
    },
    /// The window is open until {to}.
    #[refusal(conflict)]
    WindowOpen {
        /// Its last day.
        to: Date,
    },
    /// The window was over on {to}.
    #[refusal(conflict)]
    WindowOver {
        /// Its last day.
        to: Date,
    },
    /// The engagement is with another certification body.
    #[refusal(conflict)]
    NotYourBody,
    /// A redaction names either one object or one kind.
    ObjectOrKind {
        /// Where in the input.
        at: &'static str,
    },
    /// There is no kind of this name.
    UnknownKind {
        /// Where in the input.
        at: &'static str,
    },
    /// What auditors did or found cannot be withheld from them: {kind}.
    #[refusal(rule = "ISO/IEC 17021-1 9.4")]
    CannotBeHidden {
        /// The kind.
        kind: String,
    },
    /// {object} was taken as a sample: it cannot be withheld any more.
    #[refusal(conflict, rule = "ISO/IEC 17021-1 9.4")]
    Sampled {
        /// The object.
        object: String,
    },
    /// There is no redaction {key}.
    NoSuchRedaction {
        /// The key.
        key: String,
        /// Where in the input.
        at: &'static str,
    },
    /// An engagement withholds at most {max} objects and kinds.
    #[refusal(conflict)]
    TooManyRedactions {
        /// The limit.
        max: usize,
    },
}
