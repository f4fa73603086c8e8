//! A tenant of this installation, in the platform's log.
//!
//! ```text
//!   provision ──► Provisioned      (its own log is opened by a subscriber: provisioning.rs)
//! ```

use declare::{commands, events, record, refusals};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::id::suffix_of;
use kernel::values::{Line, Prose};
use kernel::{Context, Instant, Role, TenantId, UserId};

pub use kernel::id::{PLATFORM, platform};

/// The first administrator of a tenant: his pseudonym ends like the tenant's id, so that a token
/// for him can be made from the keys alone.
pub fn first_administrator(tenant: &TenantId) -> UserId {
    UserId::new(format!("usr_{}", suffix_of(tenant.as_str())))
}

/// An organisation that keeps its records here. Its id is the tenant's.
#[record]
#[derive(Default)]
pub struct Tenant {
    /// The organisation's legal name.
    #[field(index, search, correctable)]
    pub legal_name: Line,
    /// Countries whose law applies, ISO 3166-1 alpha-2.
    pub jurisdictions: Vec<Line>,
    /// Where its data is kept.
    pub data_region: Line,
    /// For demonstrations and tests only, and for ever: its clock is set by its callers and begins
    /// here.
    pub simulated_from: Option<Instant>,
    /// The first administrator.
    pub administrator: Administrator,
    /// When it was provisioned.
    #[field(index)]
    pub provisioned_at: Instant,
}

/// The first administrator.
#[record]
#[derive(Default)]
pub struct Administrator {
    /// His name.
    pub name: Prose,
    /// His e-mail address.
    pub email: Option<Prose>,
}

/// Input of `provision`.
#[record]
pub struct Provision {
    /// The organisation's legal name.
    pub legal_name: Line,
    /// Countries whose law applies, ISO 3166-1 alpha-2.
    pub jurisdictions: Vec<Line>,
    /// Where its data is kept.
    pub data_region: Line,
    /// For demonstrations and tests only, and for ever: its clock is set by its callers and begins
    /// here.
    pub simulated_from: Option<Instant>,
    /// The first administrator, who grants all further memberships.
    pub administrator: Administrator,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Takes an organisation in: its log is opened and its first administrator becomes a member.
    #[command(by(Adm, Sys), emits(Provisioned), creates)]
    Provision(Provision),
    /// Corrects an earlier event.
    #[command(by(Adm), emits(Corrected))]
    Correct(Correct),
}

/// An organisation was taken in.
#[record]
pub struct Provisioned {
    /// The organisation's legal name.
    pub legal_name: Line,
    /// Countries whose law applies.
    pub jurisdictions: Vec<Line>,
    /// Where its data is kept.
    pub data_region: Line,
    /// For demonstrations and tests only, and for ever: its clock is set by its callers and begins
    /// here.
    pub simulated_from: Option<Instant>,
    /// The first administrator.
    pub administrator: Administrator,
    /// When.
    pub at: Instant,
}

/// What can have happened.
#[events(kind = "tenant")]
pub enum Event {
    /// An organisation was taken in.
    Provisioned(Provisioned),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// Tenants are kept in the platform's log, not in a tenant's.
    #[refusal(conflict)]
    NotThePlatform,
}

kernel::aggregate!(Tenant, "tenant", Command, Event, Refusal);

impl Domain for Tenant {
    const ABOUT: About = About {
        kind: "tenant",
        doc: "An organisation that keeps its records in this installation.",
        clauses: &[],
        singleton: false,
        readers: &[Role::Adm, Role::Sys],
        relations: &[],
        shape: 1,
    };

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        if context.tenant.as_str() != PLATFORM {
            return Err(Refusal::NotThePlatform);
        }
        Ok(match command {
            Command::Provision(input) => {
                let Provision { legal_name, jurisdictions, data_region, .. } = input;
                let Provision { simulated_from, administrator, .. } = input;
                vec![Event::Provisioned(Provisioned {
                    legal_name,
                    jurisdictions,
                    data_region,
                    simulated_from,
                    administrator,
                    at: context.now,
                })]
            }
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Provisioned(e) => {
                *self = Self {
                    legal_name: e.legal_name,
                    jurisdictions: e.jurisdictions,
                    data_region: e.data_region,
                    simulated_from: e.simulated_from,
                    administrator: e.administrator,
                    provisioned_at: e.at,
                };
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use cqrs_es::test::TestFramework;

    use super::*;

    fn provision() -> Command {
        Command::Provision(Provision {
            legal_name: Line::new("Halden Analytics B.V."),
            jurisdictions: vec![Line::new("NL")],
            data_region: Line::new("eu"),
            simulated_from: None,
            administrator: Administrator { name: Prose::new("Ada"), email: None },
        })
    }

    #[test]
    fn the_platform_takes_an_organisation_in() {
        let mut context = Context::of("usr_0", &[Role::Adm], "2024-07-01T09:00:00Z");
        context.tenant = platform();
        let events = TestFramework::<Tenant>::with(context)
            .given_no_previous_events()
            .when(provision())
            .inspect_result();
        assert!(matches!(events.unwrap().as_slice(), [Event::Provisioned(_)]));
    }

    #[test]
    fn a_tenants_administrator_takes_nobody_in() {
        TestFramework::<Tenant>::with(Context::of("usr_1", &[Role::Adm], "2024-07-01T09:00:00Z"))
            .given_no_previous_events()
            .when(provision())
            .then_expect_error(Refusal::NotThePlatform);
    }
}
