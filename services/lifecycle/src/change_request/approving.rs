//! Approval by two persons: a release manager and a system owner.

use declare::{record, refusals};
use kernel::approval::{Approve, Approved};
use kernel::values::Key;
use kernel::{Context, Instant, Role, UserId};

use super::{ChangeRequest, Event, Refusal};

/// The roles that must approve, each by a person of its own.
const APPROVING: [Role; 2] = [Role::Rel, Role::So];

/// One approval.
#[record]
pub struct Given {
    /// Who approved.
    pub by: UserId,
    /// Which of the approving roles he held.
    pub roles: Vec<Role>,
    /// When.
    pub at: Instant,
}

/// The first approval was given.
#[record]
pub struct ChangeApprovalGiven {
    /// Number of the version.
    pub version: u32,
    /// The approval.
    pub given: Given,
}

/// The second approval was given: the change is approved.
#[record]
pub struct ChangeApproved {
    /// The version in force.
    #[field(flatten)]
    pub approved: Approved,
    /// The approval that was missing.
    pub given: Given,
}

/// Why an approval is not enough.
#[refusals]
pub enum ApprovingRefusal {
    /// You have approved already: the other approval is another person's.
    #[refusal(conflict, rule = "segregation of duties: two approve a change")]
    SecondPersonMustApprove,
    /// A {given} has approved already: a {missing} must approve too.
    #[refusal(conflict, rule = "segregation of duties: two approve a change")]
    RoleHasApproved {
        /// The role that has.
        given: &'static str,
        /// The role that has not.
        missing: &'static str,
    },
}

/// Whether the two hold both roles between them, one each.
fn suffice(one: &Given, other: &Given) -> bool {
    let [release, owner] = APPROVING;
    let split = |a: &Given, b: &Given| a.roles.contains(&release) && b.roles.contains(&owner);
    one.by != other.by && (split(one, other) || split(other, one))
}

impl ChangeRequest {
    /// Both see the same facts to be true, each when he approves.
    pub(super) fn approved(
        &self,
        input: &Approve,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_planned()?;
        // What was in force ended when this version was begun: there is nothing to supersede.
        let (_, approved) = self.approval.approve(input, &self.content, context)?;
        self.check_substantial(self.content.class, context)?;
        let roles = APPROVING.into_iter().filter(|role| context.holds(*role)).collect();
        let at = approved.effective.approved_at;
        let given = Given { by: context.user(), roles, at };
        let Some(first) = self.approvals.values().next() else {
            let version = self.approval.version;
            return Ok(vec![Event::ChangeApprovalGiven(ChangeApprovalGiven { version, given })]);
        };
        if suffice(first, &given) {
            return Ok(vec![Event::ChangeApproved(ChangeApproved { approved, given })]);
        }
        if first.by == given.by {
            let alone = given.roles.len() == APPROVING.len();
            let refusal = ApprovingRefusal::SecondPersonMustApprove;
            return if alone { Err(refusal.into()) } else { Ok(Vec::new()) };
        }
        let [release, owner] = ["release manager", "system owner"];
        let by_release = first.roles.contains(&Role::Rel);
        let (given, missing) = if by_release { (release, owner) } else { (owner, release) };
        Err(ApprovingRefusal::RoleHasApproved { given, missing }.into())
    }

    pub(super) fn given(&mut self, given: Given) {
        self.approvals.insert(Key::new(given.by.as_str()), given);
    }
}
