//! The organisation that runs the AIMS (G-01; ISO/IEC 42001 4.1, 5.1). Its members are memberships
//! of the identity service.
//!
//! ```text
//!          provision               declare_ai_roles            suspend
//!   (none) ─────────► Provisioned ─────────────────► Active ◄───────────► Suspended
//!                          │                           │     reactivate       │
//!                          └──────────── close ────────┴──────────────────────┴──► Closed
//! ```

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Line, Prose};
use kernel::{Context, Fact, Role};

/// Days after which an entry counts as late, unless the organisation says otherwise.
pub const LATE_ENTRY_DAYS: u32 = 7;
/// Days before its due date at which a document's review falls due, unless it says otherwise.
pub const REVIEW_NOTICE_DAYS: u32 = 30;

/// The organisation that runs the management system.
#[record]
#[derive(Default)]
pub struct Organisation {
    /// Its name in law.
    #[field(index, search, correctable)]
    pub legal_name: Line,
    /// Where it is established or acts: country codes.
    #[field(correctable)]
    pub jurisdictions: Vec<Line>,
    /// The roles that it plays with AI (4.1).
    pub ai_roles: Vec<AiRole>,
    /// The roles that it plays under the EU AI Act.
    pub eu_roles: Vec<EuRole>,
    /// Where its data is kept.
    pub data_region: Line,
    /// What it may set.
    pub settings: Settings,
    /// Whether commands are taken.
    #[field(index)]
    pub status: OrganisationStatus,
}

/// What an organisation may set.
#[record]
pub struct Settings {
    /// An event recorded more than so many days after it was effective is a late entry.
    pub late_entry_days: u32,
    /// A document's review falls due so many days before its date.
    pub review_notice_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { late_entry_days: LATE_ENTRY_DAYS, review_notice_days: REVIEW_NOTICE_DAYS }
    }
}

/// Whether an organisation's commands are taken.
#[words]
#[derive(Default)]
pub enum OrganisationStatus {
    /// Set up; it has not yet said which AI roles it plays.
    #[default]
    Provisioned,
    /// In use.
    Active,
    /// Only read until it is reactivated.
    Suspended,
    /// Only read from now on.
    Closed,
}

/// A role with regard to AI (ISO/IEC 22989).
#[words]
pub enum AiRole {
    /// Offers AI systems or services.
    Provider,
    /// Designs, builds or tests AI systems.
    Producer,
    /// Uses AI systems of others.
    Customer,
    /// Serves others' AI systems: data, integration, evaluation.
    Partner,
    /// Is affected by AI systems.
    Subject,
    /// Makes or enforces rules on AI.
    Authority,
}

/// A role under the EU AI Act (Art. 3).
#[words]
pub enum EuRole {
    /// Provider, 3(3).
    Provider,
    /// Deployer, 3(4).
    Deployer,
    /// Importer, 3(6).
    Importer,
    /// Distributor, 3(7).
    Distributor,
    /// Authorised representative, 3(5).
    AuthorisedRep,
    /// Product manufacturer.
    ProductManufacturer,
}

/// Input of `provision`, and what was set up.
#[record]
pub struct Provision {
    /// Its name in law.
    pub legal_name: Line,
    /// Where it is established or acts: country codes.
    pub jurisdictions: Vec<Line>,
    /// Where its data is kept.
    pub data_region: Line,
}

/// Input of `declare_ai_roles`, and what was declared.
#[record]
pub struct AiRoles {
    /// The roles that it plays with AI.
    pub ai_roles: Vec<AiRole>,
    /// The roles that it plays under the EU AI Act.
    pub eu_roles: Vec<EuRole>,
    /// With which systems it plays them.
    pub note: Option<Prose>,
}

/// Input of `change_settings`: what is left out stays.
#[record]
pub struct ChangeSettings {
    /// An event recorded more than so many days after it was effective is a late entry.
    pub late_entry_days: Option<u32>,
    /// A document's review falls due so many days before its date.
    pub review_notice_days: Option<u32>,
}

/// Input of `suspend`, `reactivate` and `close`, and what is recorded of them.
#[record]
pub struct Why {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Sets the organisation up.
    #[command(by(Sys), emits(TenantProvisioned), creates)]
    Provision(Provision),
    /// Says which roles it plays with AI; the first time makes it active.
    #[command(by(Am, Tm, Adm, Sys), emits(AiRolesDeclared))]
    DeclareAiRoles(AiRoles),
    /// Changes settings.
    #[command(by(Adm), emits(SettingsChanged))]
    ChangeSettings(ChangeSettings),
    /// Stops all commands of the tenant until it is reactivated.
    #[command(by(Sys, Adm), emits(TenantSuspended))]
    Suspend(Why),
    /// Takes commands again.
    #[command(by(Sys, Adm), emits(TenantReactivated))]
    Reactivate(Why),
    /// Closes the tenant: it is only read and exported from then on.
    #[command(by(Tm), emits(TenantClosed))]
    Close(Why),
    /// Corrects an earlier event.
    #[command(by(Adm, Am), emits(Corrected))]
    Correct(Correct),
}

/// Settings have changed.
#[record]
pub struct SettingsChanged {
    /// All settings as they are from now on.
    pub settings: Settings,
}

/// What can have happened.
#[events(kind = "organisation")]
pub enum Event {
    /// The organisation was set up.
    TenantProvisioned(Provision),
    /// It said which roles it plays with AI.
    AiRolesDeclared(AiRoles),
    /// Settings were changed.
    SettingsChanged(SettingsChanged),
    /// Commands are not taken until it is reactivated.
    TenantSuspended(Why),
    /// Commands are taken again.
    TenantReactivated(Why),
    /// It is only read from now on.
    TenantClosed(Why),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The organisation is {status}: it takes no commands, but can be read and exported.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.3")]
    NotWritable {
        /// Where it stands.
        status: &'static str,
    },
    /// The organisation plays at least one role with AI: name it.
    #[refusal(rule = "ISO/IEC 42001 4.1")]
    NoAiRole {
        /// Where in the input.
        at: &'static str,
    },
    /// The organisation has not yet said which AI roles it plays: it cannot be suspended.
    #[refusal(conflict)]
    NotActive,
}

kernel::aggregate!(Organisation, "organisation", Command, Event, Refusal);

impl Fact for Organisation {
    const KIND: &'static str = "organisation";
}

impl Domain for Organisation {
    const ABOUT: About = About {
        kind: "organisation",
        doc: "The organisation that runs the AI management system.",
        clauses: &["4.1", "5.1"],
        singleton: true,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let status = self.status;
        Ok(match command {
            Command::Provision(input) => vec![Event::TenantProvisioned(input)],
            Command::DeclareAiRoles(input) => {
                self.must_be_writable()?;
                self.declared(input)?
            }
            Command::ChangeSettings(input) => {
                self.must_be_writable()?;
                self.changed(&input)
            }
            Command::Suspend(why) => match status {
                OrganisationStatus::Active => vec![Event::TenantSuspended(why)],
                OrganisationStatus::Suspended => Vec::new(),
                OrganisationStatus::Provisioned => return Err(Refusal::NotActive),
                OrganisationStatus::Closed => return Err(self.not_writable()),
            },
            Command::Reactivate(why) => match status {
                OrganisationStatus::Suspended => vec![Event::TenantReactivated(why)],
                OrganisationStatus::Provisioned | OrganisationStatus::Active => Vec::new(),
                OrganisationStatus::Closed => return Err(self.not_writable()),
            },
            Command::Close(why) => match status {
                OrganisationStatus::Closed => Vec::new(),
                OrganisationStatus::Provisioned
                | OrganisationStatus::Active
                | OrganisationStatus::Suspended => vec![Event::TenantClosed(why)],
            },
            Command::Correct(input) => {
                self.must_be_writable()?;
                vec![Event::Corrected(input.decide::<Self>(context)?)]
            }
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::TenantProvisioned(e) => {
                self.legal_name = e.legal_name;
                self.jurisdictions = e.jurisdictions;
                self.data_region = e.data_region;
            }
            Event::AiRolesDeclared(e) => {
                self.ai_roles = e.ai_roles;
                self.eu_roles = e.eu_roles;
                self.status = OrganisationStatus::Active;
            }
            Event::SettingsChanged(e) => self.settings = e.settings,
            Event::TenantSuspended(_) => self.status = OrganisationStatus::Suspended,
            Event::TenantReactivated(_) => self.status = OrganisationStatus::Active,
            Event::TenantClosed(_) => self.status = OrganisationStatus::Closed,
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl Organisation {
    /// Whether the tenant's commands are taken; the bus asks this for every kind.
    pub fn is_writable(&self) -> bool {
        match self.status {
            OrganisationStatus::Provisioned | OrganisationStatus::Active => true,
            OrganisationStatus::Suspended | OrganisationStatus::Closed => false,
        }
    }

    fn must_be_writable(&self) -> Result<(), Refusal> {
        if self.is_writable() { Ok(()) } else { Err(self.not_writable()) }
    }

    fn not_writable(&self) -> Refusal {
        let status = match self.status {
            OrganisationStatus::Provisioned => "provisioned",
            OrganisationStatus::Active => "active",
            OrganisationStatus::Suspended => "suspended",
            OrganisationStatus::Closed => "closed",
        };
        Refusal::NotWritable { status }
    }

    fn declared(&self, input: AiRoles) -> Result<Vec<Event>, Refusal> {
        if input.ai_roles.is_empty() {
            return Err(Refusal::NoAiRole { at: "/aiRoles" });
        }
        let holds = self.ai_roles == input.ai_roles && self.eu_roles == input.eu_roles;
        Ok(if holds { Vec::new() } else { vec![Event::AiRolesDeclared(input)] })
    }

    fn changed(&self, input: &ChangeSettings) -> Vec<Event> {
        let old = &self.settings;
        let settings = Settings {
            late_entry_days: input.late_entry_days.unwrap_or(old.late_entry_days),
            review_notice_days: input.review_notice_days.unwrap_or(old.review_notice_days),
        };
        if settings == *old {
            return Vec::new();
        }
        vec![Event::SettingsChanged(SettingsChanged { settings })]
    }
}

#[cfg(test)]
mod tests {
    use cqrs_es::test::TestFramework;

    use super::*;

    fn with(user: &str, role: Role) -> TestFramework<Organisation> {
        TestFramework::with(Context::of(user, &[role], "2024-07-01T09:00:00Z"))
    }

    fn provisioned() -> Event {
        Event::TenantProvisioned(Provision {
            legal_name: Line::new("Halden Analytics B.V."),
            jurisdictions: vec![Line::new("NL"), Line::new("NO")],
            data_region: Line::new("eu"),
        })
    }

    fn roles() -> AiRoles {
        AiRoles { ai_roles: vec![AiRole::Producer], eu_roles: vec![EuRole::Provider], note: None }
    }

    fn why() -> Why {
        Why { reason: Prose::new("bill unpaid") }
    }

    fn active() -> Vec<Event> {
        vec![provisioned(), Event::AiRolesDeclared(roles())]
    }

    fn and(mut given: Vec<Event>, event: Event) -> Vec<Event> {
        given.push(event);
        given
    }

    fn state(events: Vec<Event>) -> Organisation {
        let mut organisation = Organisation::default();
        events.into_iter().for_each(|event| organisation.evolve(event));
        organisation
    }

    #[test]
    fn declaring_its_ai_roles_makes_it_active() {
        with("rea_setup", Role::Sys)
            .given(vec![provisioned()])
            .when(Command::DeclareAiRoles(roles()))
            .then_expect_events(vec![Event::AiRolesDeclared(roles())]);
        assert_eq!(state(vec![provisioned()]).settings.late_entry_days, 7);
        assert_eq!(state(active()).status, OrganisationStatus::Active);
    }

    #[test]
    fn it_plays_at_least_one_ai_role() {
        let none = AiRoles { ai_roles: vec![], ..roles() };
        with("usr_priya", Role::Am)
            .given(vec![provisioned()])
            .when(Command::DeclareAiRoles(none))
            .then_expect_error(Refusal::NoAiRole { at: "/aiRoles" });
    }

    #[test]
    fn declaring_the_same_roles_again_changes_nothing() {
        with("usr_priya", Role::Am)
            .given(active())
            .when(Command::DeclareAiRoles(roles()))
            .then_expect_events(vec![]);
    }

    #[test]
    fn a_change_of_settings_is_an_event_and_keeps_the_others() {
        let input = ChangeSettings { late_entry_days: Some(14), review_notice_days: None };
        let settings = Settings { late_entry_days: 14, review_notice_days: 30 };
        with("usr_admin", Role::Adm)
            .given(active())
            .when(Command::ChangeSettings(input))
            .then_expect_events(vec![Event::SettingsChanged(SettingsChanged { settings })]);
    }

    #[test]
    fn a_suspended_organisation_takes_no_commands_until_it_is_reactivated() {
        let suspended = and(active(), Event::TenantSuspended(why()));
        assert!(!state(suspended.clone()).is_writable());
        with("usr_priya", Role::Am)
            .given(suspended.clone())
            .when(Command::DeclareAiRoles(AiRoles { eu_roles: vec![], ..roles() }))
            .then_expect_error(Refusal::NotWritable { status: "suspended" });
        with("rea_billing", Role::Sys)
            .given(suspended.clone())
            .when(Command::Reactivate(why()))
            .then_expect_events(vec![Event::TenantReactivated(why())]);
        assert!(state(and(suspended, Event::TenantReactivated(why()))).is_writable());
    }

    #[test]
    fn a_closed_organisation_stays_closed() {
        let closed = and(active(), Event::TenantClosed(why()));
        assert!(!state(closed.clone()).is_writable());
        for command in [Command::Reactivate(why()), Command::Suspend(why())] {
            with("rea_billing", Role::Sys)
                .given(closed.clone())
                .when(command)
                .then_expect_error(Refusal::NotWritable { status: "closed" });
        }
        with("usr_ingrid", Role::Tm)
            .given(closed)
            .when(Command::Close(why()))
            .then_expect_events(vec![]);
    }

    #[test]
    fn an_organisation_that_was_never_active_cannot_be_suspended() {
        with("rea_billing", Role::Sys)
            .given(vec![provisioned()])
            .when(Command::Suspend(why()))
            .then_expect_error(Refusal::NotActive);
    }
}
