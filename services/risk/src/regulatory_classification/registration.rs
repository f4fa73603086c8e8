//! The entry of a system in a public register (EU AI Act Art. 49).

use declare::record;
use kernel::values::Line;
use kernel::{Context, Date, UserId};

use super::{ClassificationStatus, Event, Refusal, RegulatoryClassification};

/// An entry in a public register. Input of `record_registration`.
#[record]
pub struct Entry {
    /// The register, such as the EU database for high-risk AI systems.
    pub register: Line,
    /// Under which number the system stands there.
    pub number: Line,
    /// Since which day.
    pub registered_on: Date,
}

/// Where and when a system was registered.
#[record]
pub struct Registration {
    /// The register.
    pub register: Line,
    /// Under which number the system stands there.
    pub number: Line,
    /// Since which day.
    pub registered_on: Date,
    /// Number of the revision of the classification under which it was registered.
    pub revision: u32,
    /// Who recorded it.
    pub by: UserId,
}

/// A system was registered.
#[record]
pub struct RegistrationRecorded {
    /// Where and when.
    pub registration: Registration,
}

impl Entry {
    pub(super) fn decide(
        self,
        classification: &RegulatoryClassification,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if classification.status != ClassificationStatus::Confirmed {
            return Err(Refusal::RegisteredUnconfirmed);
        }
        if self.registered_on > context.today() {
            return Err(Refusal::RegisteredInFuture { at: "/registeredOn" });
        }
        let Self { register, number, registered_on } = self;
        let (revision, by) = (classification.revision, context.user());
        let is_same = |known: &Registration| {
            known.register == register
                && known.number == number
                && known.registered_on == registered_on
                && known.revision == revision
        };
        if classification.registration.as_ref().is_some_and(is_same) {
            return Ok(Vec::new());
        }
        let registration = Registration { register, number, registered_on, revision, by };
        Ok(vec![Event::RegistrationRecorded(RegistrationRecorded { registration })])
    }
}
