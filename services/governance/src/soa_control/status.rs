//! How far a control is implemented.

use declare::{record, words};
use kernel::values::Prose;

use super::{Edit, Event, Refusal, SoaControl};

/// How far a control is implemented.
#[words]
#[derive(Default)]
pub enum ControlStatus {
    /// Nothing has been done.
    #[default]
    NotStarted,
    /// It is planned.
    Planned,
    /// Parts of it work.
    PartiallyImplemented,
    /// It works.
    Implemented,
    /// It is in place and does not work.
    NotEffective,
}

/// Input of `set_status`.
#[record]
pub struct SetStatus {
    /// How far it is implemented.
    pub status: ControlStatus,
    /// Why the status changes.
    pub note: Option<Prose>,
}

/// The status of the implementation changed.
#[record]
pub struct ImplementationStatusChanged {
    /// How far it was implemented.
    pub from: ControlStatus,
    /// How far it is implemented.
    pub to: ControlStatus,
    /// Why it changed.
    pub note: Option<Prose>,
    /// Who, and when.
    pub edit: Edit,
}

/// The status was found to hold.
#[record]
pub struct StatusVerified {
    /// How far it is implemented.
    pub status: ControlStatus,
    /// Who, and when.
    pub edit: Edit,
}

impl SoaControl {
    fn must_apply(&self) -> Result<(), Refusal> {
        if self.is_applicable() { Ok(()) } else { Err(Refusal::NotApplicable) }
    }

    pub(super) fn status_verified(&self, edit: Edit) -> Result<Vec<Event>, Refusal> {
        self.must_apply()?;
        Ok(vec![Event::StatusVerified(StatusVerified { status: self.status, edit })])
    }

    pub(super) fn status_set(&self, input: SetStatus, edit: Edit) -> Result<Vec<Event>, Refusal> {
        self.must_apply()?;
        let SetStatus { status: to, note } = input;
        Ok(self.unless(self.status == to, || {
            let from = self.status;
            Event::ImplementationStatusChanged(ImplementationStatusChanged { from, to, note, edit })
        }))
    }
}
