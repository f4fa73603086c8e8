//! The scope and context of the AIMS (G-02; ISO/IEC 42001 4.1, 4.3, 4.4).
//!
//! ```text
//!           draft            submit              approve
//!   (none) ──────► Draft ───────────► InReview ───────────► Approved ──draft──► Draft (next
//! version)                    ▲   reject          │                     │
//!                    └───────────────────┘     withdraw ──► Withdrawn
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, refusals, words};
use kernel::approval::{
    Approval, ApprovalRefusal, Approve, Approved, Reject, Rejected, Submitted, Superseded,
    Withdraw, Withdrawn,
};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds::{self, AiSystem};
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Need, Role, UserId};

use crate::organisation::Organisation;

/// Boundary and context of the management system.
#[record]
#[derive(Default)]
pub struct Scope {
    /// Where the working version stands, and which version is in force.
    #[field(flatten)]
    pub approval: Approval,
    /// What the working version says.
    #[field(flatten)]
    pub content: Content,
    /// Number of the version that came into force last.
    pub last_in_force: Option<u32>,
}

/// What a version of the scope says.
#[record]
#[derive(Default)]
pub struct Content {
    /// The scope statement (4.3).
    #[field(correctable)]
    pub statement: Prose,
    /// What the organisation does with AI.
    pub activities: Vec<Activity>,
    /// Units inside the boundary.
    pub org_units: Vec<Line>,
    /// Sites inside the boundary.
    pub sites: Vec<Line>,
    /// AI systems inside the boundary.
    pub systems_in: Vec<Ref<AiSystem>>,
    /// What lies outside, and why.
    pub exclusions: BTreeMap<Key, Exclusion>,
    /// Internal and external issues that bear on the AIMS (4.1).
    pub issues: BTreeMap<Key, Issue>,
    /// Interfaces to what lies outside.
    pub interfaces: Vec<Line>,
    /// The change of the management system that alters the scope (6.3); the first scope needs none.
    pub aims_change: Option<Ref<kinds::AimsChange>>,
}

/// What an organisation does with AI.
#[words]
pub enum Activity {
    /// Develops AI systems.
    Develop,
    /// Provides AI systems to others.
    Provide,
    /// Uses AI systems.
    Use,
}

/// Something left outside the boundary.
#[record]
pub struct Exclusion {
    /// The unit, site, activity or system.
    pub what: Line,
    /// Why it is outside; without a reason the scope cannot be approved.
    pub reason: Option<Prose>,
}

/// Whether an issue lies inside or outside the organisation.
#[words]
pub enum IssueSide {
    /// Inside.
    Internal,
    /// Outside.
    External,
}

/// An issue that bears on the AIMS.
#[record]
pub struct Issue {
    /// Inside or outside.
    pub side: IssueSide,
    /// What it is.
    pub text: Prose,
    /// Whether it concerns climate change.
    pub climate: bool,
}

/// Input of `draft`: the whole content but the issues, which are recorded one by one.
#[record]
pub struct Draft {
    /// The scope statement.
    pub statement: Prose,
    /// What the organisation does with AI.
    pub activities: Vec<Activity>,
    /// Units inside the boundary.
    pub org_units: Vec<Line>,
    /// Sites inside the boundary.
    pub sites: Vec<Line>,
    /// AI systems inside the boundary.
    pub systems_in: Vec<Ref<AiSystem>>,
    /// What lies outside, and why.
    pub exclusions: Vec<Exclusion>,
    /// Interfaces to what lies outside.
    pub interfaces: Vec<Line>,
    /// The change of the management system that alters the scope (6.3); the first scope needs none.
    pub aims_change: Option<Ref<kinds::AimsChange>>,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Writes the draft, or begins the next version once one is approved or withdrawn.
    #[command(by(Am), emits(Drafted), creates)]
    Draft(Draft),
    /// Writes the draft again, or begins the next version.
    #[command(by(Am), emits(Drafted))]
    Redraft(Draft),
    /// Records an issue that bears on the AIMS in the draft.
    #[command(by(Am), emits(ContextIssueRecorded))]
    RecordContextIssue(Issue),
    /// Submits the draft for approval.
    #[command(by(Am), emits(Submitted))]
    Submit,
    /// Sends the submitted version back.
    #[command(by(Tm), emits(Rejected))]
    Reject(Reject),
    /// Approves the submitted version.
    #[command(by(Tm), emits(Superseded, Approved), if_match)]
    Approve(Approve),
    /// Takes the version back.
    #[command(by(Am, Tm), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// The draft was written.
#[record]
pub struct Drafted {
    /// Number of the version.
    pub version: u32,
    /// Who wrote it.
    pub by: UserId,
    /// What it says; issues of the version before are carried on.
    pub content: Content,
}

/// An issue was recorded.
#[record]
pub struct ContextIssueRecorded {
    /// Its key.
    pub key: Key,
    /// Who recorded it.
    pub by: UserId,
    /// What it is.
    pub issue: Issue,
}

/// What can have happened.
#[events(kind = "scope")]
pub enum Event {
    /// The draft was written.
    Drafted(Drafted),
    /// An issue that bears on the AIMS was recorded.
    ContextIssueRecorded(ContextIssueRecorded),
    /// The draft was submitted.
    Submitted(Submitted),
    /// The submitted version was sent back.
    Rejected(Rejected),
    /// A version is no longer in force.
    Superseded(Superseded),
    /// A version is in force.
    Approved(Approved),
    /// A version was taken back.
    Withdrawn(Withdrawn),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The pattern of approval forbids it.
    #[refusal(from)]
    Approval(ApprovalRefusal),
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// A scope without an issue of its context cannot be approved.
    #[refusal(rule = "ISO/IEC 42001 4.1")]
    NoContextIssue,
    /// The organisation has not said which AI roles it plays: the scope cannot be approved.
    #[refusal(rule = "ISO/IEC 42001 4.1")]
    NoAiRole,
    /// The exclusion of {what} lacks a reason.
    #[refusal(rule = "ISO/IEC 42001 4.3")]
    ExclusionWithoutReason {
        /// What is excluded.
        what: String,
    },
    /// {what} cannot be excluded: it runs the AI system {system}, which is in scope.
    #[refusal(rule = "ISO/IEC 42001 4.3")]
    ExcludedUnitRunsSystem {
        /// What is excluded.
        what: String,
        /// The system.
        system: String,
    },
    /// A scope that was in force is altered only by a planned change of the management system:
    /// name it.
    #[refusal(rule = "ISO/IEC 42001 6.3")]
    NoAimsChange {
        /// Where in the input.
        at: &'static str,
    },
    /// The named change of the management system is not approved, or does not touch the scope.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.3")]
    AimsChangeNotApproved,
    /// The certificate {number} rests on the scope: it cannot be withdrawn while that is active.
    #[refusal(conflict, rule = "ISO/IEC 17021-1")]
    CertificateActive {
        /// The certificate's number.
        number: String,
    },
}

kernel::aggregate!(Scope, "scope", Command, Event, Refusal);

impl Domain for Scope {
    const ABOUT: About = About {
        kind: "scope",
        doc: "Boundary and context of the AI management system.",
        clauses: &["4.1", "4.3", "4.4"],
        singleton: true,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Approve(_) => {
                let change = self.content.aims_change.iter();
                let change = change.map(|change| Need::Object(change.id().to_owned()));
                change.chain([Need::All("organisation"), Need::All("ai_system")]).collect()
            }
            Command::Withdraw(_) => vec![Need::All("certificate")],
            Command::Draft(_)
            | Command::Redraft(_)
            | Command::RecordContextIssue(_)
            | Command::Submit
            | Command::Reject(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let approval = &self.approval;
        Ok(match command {
            Command::Draft(input) | Command::Redraft(input) => {
                approval.may_draft()?;
                if self.last_in_force.is_some() && input.aims_change.is_none() {
                    return Err(Refusal::NoAimsChange { at: "/aimsChange" });
                }
                vec![Event::Drafted(self.drafted(input, context))]
            }
            Command::RecordContextIssue(issue) => {
                approval.may_edit()?;
                let (key, by) = (context.new_key("issue"), context.user());
                vec![Event::ContextIssueRecorded(ContextIssueRecorded { key, by, issue })]
            }
            Command::Submit => vec![Event::Submitted(approval.submit(&self.content, context)?)],
            Command::Reject(input) => vec![Event::Rejected(approval.reject(input, context)?)],
            Command::Approve(input) => {
                let (ended, approved) = approval.approve(&input, &self.content, context)?;
                self.check_complete(context)?;
                self.check_change(context)?;
                let ended = ended.map(Event::Superseded);
                ended.into_iter().chain([Event::Approved(approved)]).collect()
            }
            Command::Withdraw(input) => {
                let certificates = context.facts.all::<facts::Certificate>();
                if let Some((_, active)) = certificates.into_iter().find(|(_, c)| c.is_active()) {
                    return Err(Refusal::CertificateActive { number: active.number });
                }
                vec![Event::Withdrawn(approval.withdraw(input, context)?)]
            }
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Drafted(e) => {
                self.approval.drafted(e.version, e.by);
                self.content = e.content;
            }
            Event::ContextIssueRecorded(e) => {
                self.approval.drafted(self.approval.version, e.by);
                self.content.issues.insert(e.key, e.issue);
            }
            Event::Submitted(e) => self.approval.submitted(e),
            Event::Rejected(e) => self.approval.rejected(e),
            Event::Superseded(_) => self.approval.effective = None,
            Event::Approved(e) => {
                self.last_in_force = Some(e.effective.version);
                self.approval.approved(e);
            }
            Event::Withdrawn(e) => self.approval.withdrawn(&e),
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl Scope {
    fn drafted(&self, input: Draft, context: &Context) -> Drafted {
        let exclusions = input.exclusions.into_iter();
        let exclusions = exclusions.map(|e| (context.new_key("exclusion"), e)).collect();
        Drafted {
            version: self.approval.draft_version(),
            by: context.user(),
            content: Content {
                statement: input.statement,
                activities: input.activities,
                org_units: input.org_units,
                sites: input.sites,
                systems_in: input.systems_in,
                exclusions,
                issues: self.content.issues.clone(),
                interfaces: input.interfaces,
                aims_change: input.aims_change,
            },
        }
    }

    /// What was in force is altered by an approved change that touches the scope (6.3).
    fn check_change(&self, context: &Context) -> Result<(), Refusal> {
        if self.last_in_force.is_none() {
            return Ok(());
        }
        let change = self.content.aims_change.as_ref();
        let change = change.and_then(|change| context.facts.get::<facts::AimsChange>(change.id()));
        let touched = change.as_ref().and_then(facts::AimsChange::touches);
        if touched.is_some_and(|touched| touched.scope) {
            return Ok(());
        }
        Err(Refusal::AimsChangeNotApproved)
    }

    fn check_complete(&self, context: &Context) -> Result<(), Refusal> {
        if self.content.issues.is_empty() {
            return Err(Refusal::NoContextIssue);
        }
        let organisations = context.facts.all::<Organisation>();
        if organisations.iter().all(|(_, o)| o.ai_roles.is_empty()) {
            return Err(Refusal::NoAiRole);
        }
        let systems = context.facts.all::<facts::AiSystem>();
        for exclusion in self.content.exclusions.values() {
            let what = exclusion.what.to_string();
            if exclusion.reason.as_ref().is_none_or(Prose::is_blank) {
                return Err(Refusal::ExclusionWithoutReason { what });
            }
            let running = systems.iter().find(|(_, s)| s.in_scope && s.org_units.contains(&what));
            if let Some((_, system)) = running {
                let system = system.name.clone();
                return Err(Refusal::ExcludedUnitRunsSystem { what, system });
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

    fn as_(user: &str, role: Role) -> Context {
        Context::of(user, &[role], "2024-07-22T09:00:00Z").knowing(
            "org_1",
            "organisation",
            json!({
                "legalName": "Halden Analytics B.V.",
                "aiRoles": ["producer"],
                "dataRegion": "eu",
                "settings": {"lateEntryDays": 7, "reviewNoticeDays": 30},
                "status": "active",
            }),
        )
    }

    fn draft() -> Draft {
        Draft {
            statement: Prose::new("Build and provide CreditLens."),
            activities: vec![Activity::Develop],
            org_units: vec![],
            sites: vec![Line::new("Utrecht")],
            systems_in: vec![],
            exclusions: vec![],
            interfaces: vec![],
            aims_change: None,
        }
    }

    fn issue() -> Issue {
        Issue { side: IssueSide::External, text: Prose::new("Credit law"), climate: false }
    }

    /// The events of commands given one after the other.
    fn history(commands: Vec<(&str, Role, Command)>) -> Vec<Event> {
        let (mut scope, mut all) = (Scope::default(), Vec::new());
        for (user, role, command) in commands {
            for event in scope.decide(command, &as_(user, role)).unwrap() {
                scope.evolve(event.clone());
                all.push(event);
            }
        }
        all
    }

    fn submitted() -> Vec<Event> {
        history(vec![
            ("usr_priya", Role::Am, Command::Draft(draft())),
            ("usr_priya", Role::Am, Command::RecordContextIssue(issue())),
            ("usr_priya", Role::Am, Command::Submit),
        ])
    }

    fn approve(user: &str, given: Vec<Event>) -> Result<Vec<Event>, Refusal> {
        TestFramework::<Scope>::with(as_(user, Role::Tm))
            .given(given)
            .when(Command::Approve(Approve { content_hash: None }))
            .inspect_result()
    }

    #[test]
    fn top_management_approves_what_the_aims_manager_submitted() {
        let events = approve("usr_ingrid", submitted()).unwrap();
        let [Event::Approved(approved)] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!(approved.effective.version, 1);
        assert_eq!(approved.effective.approved_by, UserId::new("usr_ingrid"));
    }

    #[test]
    fn an_author_does_not_approve_his_own_version() {
        let refused = approve("usr_priya", submitted()).unwrap_err();
        assert_eq!(refused, Refusal::Approval(ApprovalRefusal::ApproverIsAuthor));
    }

    #[test]
    fn a_scope_without_context_issue_is_not_approved() {
        let given = history(vec![
            ("usr_priya", Role::Am, Command::Draft(draft())),
            ("usr_priya", Role::Am, Command::Submit),
        ]);
        assert_eq!(approve("usr_ingrid", given).unwrap_err(), Refusal::NoContextIssue);
    }

    #[test]
    fn an_exclusion_needs_a_reason() {
        let what = Line::new("Oslo");
        let exclusions = vec![Exclusion { what, reason: None }];
        let given = history(vec![
            ("usr_priya", Role::Am, Command::Draft(Draft { exclusions, ..draft() })),
            ("usr_priya", Role::Am, Command::RecordContextIssue(issue())),
            ("usr_priya", Role::Am, Command::Submit),
        ]);
        let refused = approve("usr_ingrid", given).unwrap_err();
        assert_eq!(refused, Refusal::ExclusionWithoutReason { what: "Oslo".into() });
    }

    #[test]
    fn a_version_in_review_cannot_be_edited() {
        TestFramework::<Scope>::with(as_("usr_priya", Role::Am))
            .given(submitted())
            .when(Command::RecordContextIssue(issue()))
            .then_expect_error_message(
                "The working version is in review: only a draft can be edited or submitted.",
            );
    }

    #[test]
    fn a_scope_is_not_withdrawn_while_a_certificate_is_active() {
        let context = as_("usr_ingrid", Role::Tm).knowing(
            "crt_1",
            "certificate",
            json!({"number": "CERT-0421", "status": "active"}),
        );
        let reason = Prose::new("no longer");
        TestFramework::<Scope>::with(context)
            .given(submitted())
            .when(Command::Withdraw(Withdraw { reason }))
            .then_expect_error(Refusal::CertificateActive { number: "CERT-0421".into() });
    }

    /// A scope with a version in force, and the next one submitted under a change.
    fn altered(change: Option<&str>) -> Result<Vec<Event>, Refusal> {
        let mut given = submitted();
        given.extend(approve("usr_ingrid", given.clone()).unwrap());
        let mut scope = Scope::default();
        given.iter().for_each(|event| scope.evolve(event.clone()));
        let next = Draft { aims_change: change.map(Ref::new), ..draft() };
        for command in [Command::Redraft(next), Command::Submit] {
            for event in scope.decide(command, &as_("usr_priya", Role::Am))? {
                scope.evolve(event.clone());
                given.push(event);
            }
        }
        Ok(given)
    }

    fn approve_under(change: serde_json::Value, given: Vec<Event>) -> Result<Vec<Event>, Refusal> {
        let context = as_("usr_ingrid", Role::Tm).knowing("amc_1", "aims_change", change);
        TestFramework::<Scope>::with(context)
            .given(given)
            .when(Command::Approve(Approve { content_hash: None }))
            .inspect_result()
    }

    #[test]
    fn the_second_version_ends_the_first_under_a_planned_change() {
        let given = altered(Some("amc_1")).unwrap();
        let change = json!({ "effective": { "version": 1 }, "approved": { "scope": true } });
        let events = approve_under(change, given).unwrap();
        assert!(matches!(events.as_slice(), [Event::Superseded(_), Event::Approved(_)]));
    }

    #[test]
    fn a_scope_that_was_in_force_is_not_altered_without_a_planned_change() {
        assert_eq!(altered(None), Err(Refusal::NoAimsChange { at: "/aimsChange" }));
        let given = altered(Some("amc_1")).unwrap();
        for change in [
            json!({ "status": "in_review" }),
            json!({ "effective": { "version": 1 }, "approved": { "criteria": true } }),
            json!({ "effective": { "version": 1 }, "approved": { "scope": true },
                "progress": "reviewed" }),
        ] {
            let refused = approve_under(change, given.clone()).unwrap_err();
            assert_eq!(refused, Refusal::AimsChangeNotApproved);
        }
    }
}
