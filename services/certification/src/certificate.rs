//! A certificate (G-21; ISO/IEC 17021-1 9.5, 9.6).
//!
//! ```text
//!           issue             activate              suspend             reduce_scope
//!   (none) ──────► Issued ────────────► Active ──────────► Suspended ───────────► ScopeReduced
//!                     maintain, renew ──► │ ◄── lift_suspension ──┴── lift_suspension ──┘
//!                                         │ expire                lapse
//!                                         └──────────► Expired ─────────► Lapsed
//!                          Active ◄── restore ────────────┘
//!            withdraw, unless it is over ──► Withdrawn
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds;
use kernel::values::{Anything, Key, Line, Prose, Ref};
use kernel::{Context, Date, Fact, Need, Role, UserId};

use crate::auditor_engagement::Copied;

pub use self::audited::Decision;
pub use self::cycle::{Issue, Issued, Maintain, Maintained, Renew, Renewed};
pub use self::refusal::Refusal;
pub use self::standing::{
    Activated, Expired, Lapsed, Lift, ReduceScope, ScopeReduced, SurveillanceFellDue, Suspend,
    Suspended, Suspension, SuspensionGround, SuspensionLifted, Withdraw, Withdrawn,
};

mod audited;
mod cycle;
mod refusal;
mod standing;
#[cfg(test)]
mod tests;
mod validity;

/// A certificate: for what, on what grounds, until when, and what became of it.
#[record]
#[derive(Default)]
pub struct Certificate {
    /// The certification body.
    #[field(index)]
    pub body: Ref<kinds::CertificationBody>,
    /// What the installation's log said of the body when it was decided last.
    #[field(flatten)]
    pub copied: Copied,
    /// Its number.
    #[field(index, search)]
    pub number: Line,
    /// Where it stands.
    #[field(index)]
    pub status: CertificateStatus,
    /// The standard.
    pub standard: Line,
    /// What is certified, and for how long.
    #[field(flatten)]
    pub certified: Certified,
    /// Who decided last that it is given or goes on.
    pub decided_by: UserId,
    /// When.
    pub decided_on: Date,
    /// The days by which surveillance audits are due.
    pub surveillance_due: Vec<Date>,
    /// The first of them, for lists.
    #[field(index)]
    pub next_surveillance: Option<Date>,
    /// The day on which a recertification should begin: half a year before the end.
    pub recertification_due: Date,
    /// A surveillance that was due and has not led to a decision: the certificate may be suspended.
    pub overdue_since: Option<Date>,
    /// Documents and evidence that its cycle rests on: they are neither withdrawn nor shredded
    /// while it runs.
    pub rests_on: Vec<Ref<Anything>>,
    /// Its suspension.
    pub suspension: Option<Suspension>,
    /// Why it was withdrawn.
    pub withdrawal: Option<Prose>,
    /// A remark that stands on it.
    #[field(correctable)]
    pub remark: Option<Prose>,
    /// What was decided on it, and on which audit.
    pub decisions: BTreeMap<Key, Decision>,
}

impl Fact for Certificate {
    const KIND: &'static str = "certificate";
}

/// What is certified.
#[record]
#[derive(Default)]
pub struct Certified {
    /// Version of the organisation's scope.
    pub scope_version: u32,
    /// Version of the Statement of Applicability.
    pub soa_version: u32,
    /// Sites.
    #[field(max = 100)]
    pub sites: Vec<Line>,
    /// Its first day.
    pub valid_from: Date,
    /// Its last day.
    #[field(index)]
    pub valid_to: Date,
}

/// Where a certificate stands.
#[words]
#[derive(Default)]
pub enum CertificateStatus {
    /// It was decided; its validity has not been found to have begun.
    #[default]
    Issued,
    /// It is in force.
    Active,
    /// It is suspended: the organisation must not use it.
    Suspended,
    /// Its scope was reduced; it goes on once the suspension is lifted.
    ScopeReduced,
    /// It was taken away for good.
    Withdrawn,
    /// It has run out; for six months it can be restored.
    Expired,
    /// It has run out for good.
    Lapsed,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Gives a certificate on an audit.
    #[command(by(Cbd), emits(Issued), creates)]
    Issue(Issue),
    /// Says that its validity has begun.
    #[command(by(Sys), emits(Activated))]
    Activate,
    /// Decides after a surveillance audit that it goes on.
    #[command(by(Cbd), emits(Maintained), if_match)]
    Maintain(Maintain),
    /// Suspends it.
    #[command(by(Cbd), emits(Suspended), if_match)]
    Suspend(Suspend),
    /// Lets it go on after a suspension of at most six months.
    #[command(by(Cbd), emits(SuspensionLifted), if_match)]
    LiftSuspension(Lift),
    /// Certifies less, on an audit.
    #[command(by(Cbd), emits(ScopeReduced), if_match)]
    ReduceScope(ReduceScope),
    /// Takes it away for good.
    #[command(by(Cbd), emits(Withdrawn), if_match)]
    Withdraw(Withdraw),
    /// Gives it for another cycle on a recertification audit, before it ends.
    #[command(by(Cbd), emits(Renewed), if_match)]
    Renew(Renew),
    /// Gives it again on a recertification audit, within six months after its end.
    #[command(by(Cbd), emits(Restored), if_match)]
    Restore(Renew),
    /// Says that a surveillance audit is due and has not led to a decision.
    #[command(by(Sys), emits(SurveillanceFellDue))]
    SurveillanceFallDue,
    /// Says that it has run out.
    #[command(by(Sys), emits(Expired))]
    Expire,
    /// Says that it can no longer be restored.
    #[command(by(Sys), emits(Lapsed))]
    Lapse,
    /// Corrects an earlier event.
    #[command(by(Cbd), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "certificate")]
pub enum Event {
    /// It was given.
    Issued(Issued),
    /// Its validity has begun.
    Activated(Activated),
    /// It goes on after a surveillance audit.
    Maintained(Maintained),
    /// It was suspended.
    Suspended(Suspended),
    /// It goes on after a suspension.
    SuspensionLifted(SuspensionLifted),
    /// It certifies less.
    ScopeReduced(ScopeReduced),
    /// It was taken away.
    Withdrawn(Withdrawn),
    /// It was given for another cycle.
    Renewed(Renewed),
    /// It was given again after its end.
    Restored(Renewed),
    /// A surveillance audit is due.
    SurveillanceFellDue(SurveillanceFellDue),
    /// It has run out.
    Expired(Expired),
    /// It can no longer be restored.
    Lapsed(Lapsed),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(Certificate, "certificate", Command, Event, Refusal);

impl Domain for Certificate {
    const ABOUT: About = About {
        kind: "certificate",
        doc: "A certificate of a certification body: for what, on what grounds, until when.",
        clauses: &["4.3", "6.1.3", "9.2.1"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, context: &Context) -> Vec<Need> {
        match command {
            Command::Issue(input) => {
                let mut needs = audited::giving(input.audit.id(), context);
                needs.push(cycle::numbered(&input.number));
                needs
            }
            Command::Maintain(Maintain { audit, .. }) => audited::deciding(audit.id(), context),
            Command::Renew(Renew { audit, .. }) | Command::Restore(Renew { audit, .. }) => {
                audited::giving(audit.id(), context)
            }
            Command::ReduceScope(ReduceScope { audit: Some(audit), .. }) => {
                audited::deciding(audit.id(), context)
            }
            Command::ReduceScope(_)
            | Command::Activate
            | Command::Suspend(_)
            | Command::LiftSuspension(_)
            | Command::Withdraw(_)
            | Command::SurveillanceFallDue
            | Command::Expire
            | Command::Lapse
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Issue(input) => cycle::issued(input, context),
            Command::Activate => self.activated(context),
            Command::Maintain(input) => self.maintained(input, context),
            Command::Suspend(input) => self.suspended(input, context),
            Command::LiftSuspension(input) => self.suspension_lifted(input, context),
            Command::ReduceScope(input) => self.scope_reduced(input, context),
            Command::Withdraw(input) => self.withdrawn(input, context),
            Command::Renew(input) => self.renewed(input, context),
            Command::Restore(input) => self.restored(input, context),
            Command::SurveillanceFallDue => self.surveillance_fell_due(context),
            Command::Expire => self.expired(context),
            Command::Lapse => self.lapsed(context),
            Command::Correct(input) => {
                self.must_be_of_the_body(context)?;
                Ok(vec![Event::Corrected(input.decide::<Self>(context)?)])
            }
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Issued(e) => self.begins(e),
            Event::Activated(_) => self.status = CertificateStatus::Active,
            Event::Maintained(e) => self.goes_on(e),
            Event::Suspended(e) => {
                self.status = CertificateStatus::Suspended;
                self.suspension = Some(e.suspension);
            }
            Event::SuspensionLifted(_) => {
                self.status = CertificateStatus::Active;
                self.suspension = None;
            }
            Event::ScopeReduced(e) => self.shrinks(e),
            Event::Withdrawn(e) => {
                self.status = CertificateStatus::Withdrawn;
                self.withdrawal = Some(e.reason);
            }
            Event::Renewed(e) | Event::Restored(e) => self.begins_again(e),
            Event::SurveillanceFellDue(e) => self.overdue_since = Some(e.due),
            Event::Expired(_) => self.status = CertificateStatus::Expired,
            Event::Lapsed(_) => self.status = CertificateStatus::Lapsed,
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}
