//! A person's membership of a tenant: his name and the roles that he holds (G-01, 5.3).
//!
//! ```text
//!   grant ──► Active ──revoke──► Revoked ──grant again──► Active
//! ```

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::id::suffix_of;
use kernel::values::{Prose, Pseudonym};
use kernel::{Context, Fact, Need, Role, UserId};

/// Membership of one person. Its id ends like the person's: `usr_X` has the membership `mbr_X`.
#[record]
#[derive(Default)]
pub struct Membership {
    /// The person, by pseudonym.
    #[field(index)]
    pub user: UserId,
    /// His name.
    #[field(correctable)]
    pub name: Prose,
    /// His e-mail address.
    #[field(correctable)]
    pub email: Option<Prose>,
    /// The roles that he holds beside EMP, which every member holds.
    pub roles: Vec<Role>,
    /// Whether it is in force.
    #[field(index)]
    pub status: Status,
}

/// Whether a membership is in force.
#[words]
#[derive(Default)]
pub enum Status {
    /// In force.
    #[default]
    Active,
    /// Ended.
    Revoked,
}

/// Input of `grant`.
#[record]
pub struct Grant {
    /// The person: a pseudonym (`usr_…`) that the identity provider knows.
    pub user: Pseudonym,
    /// His name.
    pub name: Prose,
    /// His e-mail address.
    pub email: Option<Prose>,
    /// The roles that he gets.
    pub roles: Vec<Role>,
}

/// Input of `change_roles` and of granting again.
#[record]
pub struct Roles {
    /// All roles that he holds from now on.
    pub roles: Vec<Role>,
}

/// Input of `revoke`.
#[record]
pub struct Revoke {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Makes a person a member.
    #[command(by(Adm, Sys), emits(Granted), creates)]
    Grant(Grant),
    /// Changes the roles of a member, or gives a former member a membership again.
    #[command(by(Adm, Sys), emits(RolesChanged))]
    ChangeRoles(Roles),
    /// Ends a membership: from then on every request of the person is refused.
    #[command(by(Adm, Sys), emits(Revoked))]
    Revoke(Revoke),
    /// Corrects an earlier event.
    #[command(by(Adm), emits(Corrected))]
    Correct(Correct),
}

/// A person became a member.
#[record]
pub struct Granted {
    /// The person.
    pub user: UserId,
    /// His name.
    pub name: Prose,
    /// His e-mail address.
    pub email: Option<Prose>,
    /// His roles.
    pub roles: Vec<Role>,
}

/// A member holds other roles.
#[record]
pub struct RolesChanged {
    /// All roles from now on.
    pub roles: Vec<Role>,
}

/// A membership ended.
#[record]
pub struct Revoked {
    /// Why.
    pub reason: Prose,
}

/// What can have happened.
#[events(kind = "membership")]
pub enum Event {
    /// A person became a member.
    Granted(Granted),
    /// A member holds other roles.
    RolesChanged(RolesChanged),
    /// A membership ended.
    Revoked(Revoked),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// {role} is the last {role} of the organisation: somebody else must hold the role first.
    #[refusal(conflict, rule = "ISO/IEC 42001 5.3")]
    LastHolder {
        /// The role.
        role: &'static str,
    },
    /// ADM manages members and holds no role that approves: {role} cannot be combined with it.
    #[refusal(rule = "segregation of duties: ADM holds no approving role")]
    AdminApproves {
        /// The other role.
        role: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// {role} is not a role of members: it is given by a token or held outside the organisation.
    #[refusal(rule = "segregation of duties: a certification body's user holds no tenant role")]
    NotAMemberRole {
        /// The role.
        role: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// The membership has ended.
    #[refusal(conflict)]
    HasEnded,
    /// The person audits the organisation under an engagement of a certification body.
    #[refusal(
        conflict,
        rule = "segregation of duties: a certification body's user holds no tenant role"
    )]
    EngagedAuditor,
}

kernel::aggregate!(Membership, "membership", Command, Event, Refusal);

impl Fact for Membership {
    const KIND: &'static str = "membership";
}

/// Roles that approve or accept, and which ADM must not hold therefore.
const APPROVING: [Role; 10] = [
    Role::Tm,
    Role::Am,
    Role::Ro,
    Role::Iap,
    Role::Dpo,
    Role::Rel,
    Role::So,
    Role::Val,
    Role::Aud,
    Role::Rm,
];

/// Roles of which the organisation must always have a holder.
const NEVER_VACANT: [Role; 3] = [Role::Tm, Role::Am, Role::Adm];

impl Domain for Membership {
    const ABOUT: About = About {
        kind: "membership",
        doc: "A person's membership of the organisation, with his name and roles.",
        clauses: &["5.3", "A.3.2"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn given_id(command: &Command) -> Option<String> {
        match command {
            Command::Grant(grant) => Some(format!("mbr_{}", suffix_of(grant.user.0.as_str()))),
            Command::ChangeRoles(_) | Command::Revoke(_) | Command::Correct(_) => None,
        }
    }

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::ChangeRoles(_) if self.status == Status::Revoked => {
                vec![Need::All("membership"), Need::All("auditor_engagement")]
            }
            Command::ChangeRoles(_) | Command::Revoke(_) => vec![Need::All("membership")],
            Command::Grant(_) => vec![Need::All("auditor_engagement")],
            Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        Ok(match command {
            Command::Grant(Grant { user, name, email, roles }) => {
                let roles = combined(roles)?;
                audits_nothing(&user.0, context)?;
                vec![Event::Granted(Granted { user: user.0, name, email, roles })]
            }
            Command::ChangeRoles(Roles { roles }) => {
                let roles = combined(roles)?;
                if self.status == Status::Revoked {
                    audits_nothing(&self.user, context)?;
                }
                self.others_hold(|role| roles.contains(&role), context)?;
                if self.status == Status::Active && roles == self.roles {
                    return Ok(Vec::new());
                }
                vec![Event::RolesChanged(RolesChanged { roles })]
            }
            Command::Revoke(Revoke { reason }) => {
                if self.status == Status::Revoked {
                    return Err(Refusal::HasEnded);
                }
                self.others_hold(|_| false, context)?;
                vec![Event::Revoked(Revoked { reason })]
            }
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Granted(Granted { user, name, email, roles }) => {
                *self = Self { user, name, email, roles, status: Status::Active };
            }
            Event::RolesChanged(e) => {
                self.roles = e.roles;
                self.status = Status::Active;
            }
            Event::Revoked(_) => self.status = Status::Revoked,
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

/// The roles sorted and each once, if one person may hold them together.
fn combined(mut roles: Vec<Role>) -> Result<Vec<Role>, Refusal> {
    roles.sort_unstable();
    roles.dedup();
    roles.retain(|role| *role != Role::Emp);
    let at = "/roles";
    if let Some(role) = roles.iter().find(|role| !Role::MEMBERS.contains(role)) {
        return Err(Refusal::NotAMemberRole { role: role.code(), at });
    }
    let approving = roles.iter().find(|role| APPROVING.contains(role));
    match approving.filter(|_| roles.contains(&Role::Adm)) {
        Some(role) => Err(Refusal::AdminApproves { role: role.code(), at }),
        None => Ok(roles),
    }
}

/// Refuses somebody who audits the organisation for a certification body, or is about to.
fn audits_nothing(user: &UserId, context: &Context) -> Result<(), Refusal> {
    let engagements = context.facts.all::<facts::AuditorEngagement>();
    let audits = engagements.iter().any(|(_, engagement)| {
        let is_over = matches!(engagement.status.as_str(), "expired" | "revoked")
            || engagement.window.to < context.today();
        !is_over && engagement.auditors.contains(user)
    });
    if audits { Err(Refusal::EngagedAuditor) } else { Ok(()) }
}

impl Membership {
    /// Refuses to take a role that must not be vacant from its last holder.
    fn others_hold(&self, kept: impl Fn(Role) -> bool, context: &Context) -> Result<(), Refusal> {
        if self.status == Status::Revoked {
            return Ok(());
        }
        let members = context.facts.all::<Membership>();
        for role in NEVER_VACANT {
            let lost = self.roles.contains(&role) && !kept(role);
            let held_by_others = members.iter().any(|(id, member)| {
                *id != context.id && member.status == Status::Active && member.roles.contains(&role)
            });
            if lost && !held_by_others {
                return Err(Refusal::LastHolder { role: role.code() });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use cqrs_es::test::TestFramework;
    use serde_json::json;

    use super::*;

    fn granted(roles: &[Role]) -> Event {
        Event::Granted(Granted {
            user: UserId::new("usr_1"),
            name: Prose::new("Ingrid Solberg"),
            email: None,
            roles: roles.to_vec(),
        })
    }

    fn admin() -> Context {
        let mut context = Context::of("usr_9", &[Role::Adm], "2024-07-01T09:00:00Z");
        context.id = "mbr_1".into();
        context
    }

    fn member(roles: &[&str]) -> serde_json::Value {
        json!({"user": "usr_2", "name": {"plain": "x"}, "roles": roles, "status": "active"})
    }

    #[test]
    fn the_last_holder_of_top_management_keeps_it() {
        let reason = Prose::new("left");
        TestFramework::<Membership>::with(admin())
            .given(vec![granted(&[Role::Tm])])
            .when(Command::Revoke(Revoke { reason }))
            .then_expect_error(Refusal::LastHolder { role: "TM" });
    }

    #[test]
    fn a_holder_among_others_may_leave() {
        let reason = Prose::new("left");
        let context = admin().knowing("mbr_2", "membership", member(&["TM"]));
        TestFramework::<Membership>::with(context)
            .given(vec![granted(&[Role::Tm])])
            .when(Command::Revoke(Revoke { reason: reason.clone() }))
            .then_expect_events(vec![Event::Revoked(Revoked { reason })]);
    }

    #[test]
    fn an_administrator_holds_no_approving_role() {
        TestFramework::<Membership>::with(admin())
            .given(vec![granted(&[])])
            .when(Command::ChangeRoles(Roles { roles: vec![Role::Adm, Role::Tm] }))
            .then_expect_error(Refusal::AdminApproves { role: "TM", at: "/roles" });
    }

    #[test]
    fn a_certification_bodys_role_is_not_granted_by_a_tenant() {
        TestFramework::<Membership>::with(admin())
            .given(vec![granted(&[])])
            .when(Command::ChangeRoles(Roles { roles: vec![Role::Cba] }))
            .then_expect_error(Refusal::NotAMemberRole { role: "CBA", at: "/roles" });
    }

    #[test]
    fn who_audits_the_organisation_does_not_become_a_member() {
        let grant = || {
            let (user, name) = (Pseudonym(UserId::new("usr_1")), Prose::new("Helen"));
            Command::Grant(Grant { user, name, email: None, roles: vec![] })
        };
        let engaged = |status: &str, user: &str| {
            json!({
                "body": "cbo_1", "auditors": [user], "auditKind": "stage1", "status": status,
                "window": {"from": "2024-06-20", "to": "2024-07-01"},
            })
        };
        for (status, user, refused) in [
            ("requested", "usr_1", true),
            ("granted", "usr_1", true),
            ("active", "usr_1", true),
            ("expired", "usr_1", false),
            ("revoked", "usr_1", false),
            ("active", "usr_2", false),
        ] {
            let known = admin().knowing("eng_1", "auditor_engagement", engaged(status, user));
            let decided = TestFramework::<Membership>::with(known)
                .given_no_previous_events()
                .when(grant())
                .inspect_result();
            let wanted = refused.then_some(Refusal::EngagedAuditor);
            assert_eq!(decided.err(), wanted, "{status} {user}");
        }
        let known = admin().knowing("eng_1", "auditor_engagement", engaged("active", "usr_1"));
        let reason = Prose::new("left");
        TestFramework::<Membership>::with(known)
            .given(vec![granted(&[Role::Ro]), Event::Revoked(Revoked { reason })])
            .when(Command::ChangeRoles(Roles { roles: vec![Role::Ro] }))
            .then_expect_error(Refusal::EngagedAuditor);
    }

    #[test]
    fn the_same_roles_again_are_no_event() {
        TestFramework::<Membership>::with(admin())
            .given(vec![granted(&[Role::Ro])])
            .when(Command::ChangeRoles(Roles { roles: vec![Role::Ro, Role::Emp] }))
            .then_expect_events(vec![]);
    }
}
