//! The design of one version of an AI system (L-04; ISO/IEC 42001 A.6.2.3).
//!
//! ```text
//!           record           submit              approve
//!   (none) ──────► Draft ───────────► InReview ──────────► Approved ──revise──► Draft (next
//! version)           ▲     reject        │                    │
//!                    └───────────────────┘   withdraw ──► Withdrawn ──revise──► Draft
//! ```

use declare::{commands, events, record, refusals};
use kernel::approval::{
    Approval, ApprovalRefusal, Approve, Approved, Reject, Rejected, Submitted, Superseded,
    Withdraw, Withdrawn,
};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds::AiSystem;
use kernel::values::{Hash, Key, Prose, Ref};
use kernel::{Context, Need, Role, UserId};

/// How a version of an AI system is designed, and why so.
#[record]
#[derive(Default)]
pub struct DesignRecord {
    /// Where the working version stands, and which version is in force.
    #[field(flatten)]
    pub approval: Approval,
    /// Which version of which system is designed.
    #[field(flatten)]
    pub subject: Subject,
    /// What the working version says.
    #[field(flatten)]
    pub design: Design,
}

/// Which version of which system.
#[record]
#[derive(Default)]
pub struct Subject {
    /// The AI system.
    #[field(index)]
    pub system: Ref<AiSystem>,
    /// The label of its version.
    #[field(index)]
    pub system_version: Key,
}

/// What a design says. Input of `revise`. No correction changes it: who corrects is no author of
/// the version, and could then approve what he wrote.
#[record]
#[derive(Default)]
pub struct Design {
    /// The parts of the system and how they work together.
    pub architecture: Prose,
    /// The way of learning or reasoning, and why it was chosen.
    pub approach: Prose,
    /// What else was considered, and why it was not taken.
    #[field(max = 30)]
    pub alternatives: Vec<Prose>,
    /// What the design takes for granted of data, users and surroundings.
    #[field(max = 30)]
    pub assumptions: Vec<Prose>,
    /// What the system is known not to do well.
    #[field(max = 30)]
    pub known_limits: Vec<Prose>,
    /// How it withstands attack, also attacks on its data and model.
    pub security: Prose,
    /// SHA-256 of the model card.
    pub model_card_hash: Option<Hash>,
}

/// Input of `record`.
#[record]
pub struct RecordDesign {
    /// Which version of which system.
    #[field(flatten)]
    pub subject: Subject,
    /// What its design says.
    #[field(flatten)]
    pub design: Design,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Records the design of a version of a system.
    #[command(by(Dev), emits(DesignRecorded), creates)]
    Record(RecordDesign),
    /// Writes the draft again, or begins the next version once one is approved or withdrawn.
    #[command(by(Dev), emits(DesignRecorded))]
    Revise(Design),
    /// Submits the draft to the system owner.
    #[command(by(Dev), emits(Submitted))]
    Submit,
    /// Sends the submitted version back.
    #[command(by(So), emits(Rejected))]
    Reject(Reject),
    /// Approves the submitted version.
    #[command(by(So), emits(Superseded, Approved), if_match)]
    Approve(Approve),
    /// Takes the version back.
    #[command(by(Dev, So), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Corrects an earlier event.
    #[command(by(Dev), emits(Corrected))]
    Correct(Correct),
}

/// A design was written.
#[record]
pub struct DesignRecorded {
    /// Number of this record's version.
    pub version: u32,
    /// Who wrote it.
    pub by: UserId,
    /// Which version of which system.
    pub subject: Subject,
    /// What its design says.
    pub design: Design,
}

/// What can have happened.
#[events(kind = "design_record")]
pub enum Event {
    /// A design was written.
    DesignRecorded(DesignRecorded),
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
    /// The system has no version {label}.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.3")]
    UnknownVersion {
        /// The label.
        label: String,
        /// Where in the input.
        at: &'static str,
    },
    /// Version {label} has a design record already: {record}; revise that.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.3")]
    VersionHasRecord {
        /// The label.
        label: String,
        /// The record's id.
        record: String,
        /// Where in the input.
        at: &'static str,
    },
}

kernel::aggregate!(DesignRecord, "design_record", Command, Event, Refusal);

impl Domain for DesignRecord {
    const ABOUT: About = About {
        kind: "design_record",
        doc: "How one version of an AI system is designed, and why so.",
        clauses: &["A.6.2.3"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Record(input) => {
                let system = input.subject.system.id();
                let records = Need::Where("design_record", "system", system.to_owned());
                vec![Need::Object(system.to_owned()), records]
            }
            Command::Revise(_)
            | Command::Submit
            | Command::Reject(_)
            | Command::Approve(_)
            | Command::Withdraw(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let approval = &self.approval;
        Ok(match command {
            Command::Record(RecordDesign { subject, design }) => {
                check_subject(&subject, context)?;
                vec![self.recorded(subject, design, context)]
            }
            Command::Revise(design) => {
                approval.may_draft()?;
                vec![self.recorded(self.subject.clone(), design, context)]
            }
            Command::Submit => {
                let content = (&self.subject, &self.design);
                vec![Event::Submitted(approval.submit(&content, context)?)]
            }
            Command::Reject(input) => vec![Event::Rejected(approval.reject(input, context)?)],
            Command::Approve(input) => {
                let content = (&self.subject, &self.design);
                let (ended, approved) = approval.approve(&input, &content, context)?;
                let ended = ended.map(Event::Superseded);
                ended.into_iter().chain([Event::Approved(approved)]).collect()
            }
            Command::Withdraw(input) => vec![Event::Withdrawn(approval.withdraw(input, context)?)],
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::DesignRecorded(e) => {
                self.approval.drafted(e.version, e.by);
                (self.subject, self.design) = (e.subject, e.design);
            }
            Event::Submitted(e) => self.approval.submitted(e),
            Event::Rejected(e) => self.approval.rejected(e),
            Event::Superseded(_) => self.approval.effective = None,
            Event::Approved(e) => self.approval.approved(e),
            Event::Withdrawn(e) => self.approval.withdrawn(&e),
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

/// The version exists and has no design record yet.
fn check_subject(subject: &Subject, context: &Context) -> Result<(), Refusal> {
    let (system, label) = (subject.system.id(), subject.system_version.as_str());
    let known = context.facts.get::<facts::AiSystem>(system);
    if known.is_none_or(|known| !known.versions.contains_key(label)) {
        return Err(Refusal::UnknownVersion { label: label.to_owned(), at: "/systemVersion" });
    }
    let records = context.facts.all::<facts::DesignRecord>();
    let same = |r: &facts::DesignRecord| r.system == system && r.system_version == label;
    if let Some((record, _)) = records.into_iter().find(|(_, record)| same(record)) {
        let (label, at) = (label.to_owned(), "/systemVersion");
        return Err(Refusal::VersionHasRecord { label, record, at });
    }
    Ok(())
}

impl DesignRecord {
    fn recorded(&self, subject: Subject, design: Design, context: &Context) -> Event {
        let (version, by) = (self.approval.draft_version(), context.user());
        Event::DesignRecorded(DesignRecorded { version, by, subject, design })
    }
}

#[cfg(test)]
mod tests {
    use kernel::values::Fields;
    use serde_json::json;

    use super::*;

    const SYSTEM: &str = "sys_creditlens";

    fn on(user: &str, role: Role) -> Context {
        Context::of(user, &[role], "2024-11-20T09:00:00Z").knowing(
            SYSTEM,
            "ai_system",
            json!({
                "name": "CreditLens",
                "versions": {"2.0": {"stage": "design_and_development",
                    "status": "in_preparation"}},
            }),
        )
    }

    fn sara() -> Context {
        on("usr_sara", Role::Dev)
    }

    fn marc() -> Context {
        on("usr_marc", Role::So)
    }

    fn design(architecture: &str) -> Design {
        Design {
            architecture: Prose::new(architecture),
            known_limits: vec![Prose::new("Thin files.")],
            ..Design::default()
        }
    }

    fn record(label: &str) -> Command {
        let subject = Subject { system: Ref::new(SYSTEM), system_version: Key::new(label) };
        Command::Record(RecordDesign { subject, design: design("Gradient-boosted trees") })
    }

    fn approve() -> Command {
        Command::Approve(Approve { content_hash: None })
    }

    fn given(record: &mut DesignRecord, command: Command, context: &Context) -> Vec<Event> {
        let events = record.decide(command, context).unwrap();
        events.iter().for_each(|event| record.evolve(event.clone()));
        events
    }

    fn submitted() -> DesignRecord {
        let mut state = DesignRecord::default();
        given(&mut state, record("2.0"), &sara());
        given(&mut state, Command::Submit, &sara());
        state
    }

    fn approved() -> DesignRecord {
        let mut state = submitted();
        given(&mut state, approve(), &marc());
        state
    }

    #[test]
    fn the_system_owner_approves_what_the_developer_recorded() {
        let state = approved();
        assert_eq!(state.approval.effective.unwrap().approved_by, UserId::new("usr_marc"));
        assert_eq!(state.subject.system_version, Key::new("2.0"));
    }

    #[test]
    fn a_design_is_of_a_version_that_the_system_has() {
        let refusal = DesignRecord::default().decide(record("2.9"), &sara()).unwrap_err();
        let unknown = Refusal::UnknownVersion { label: "2.9".into(), at: "/systemVersion" };
        assert_eq!(refusal, unknown);
    }

    #[test]
    fn a_version_has_one_design_record() {
        let of = |label: &str| json!({"system": SYSTEM, "systemVersion": label});
        let context = sara().knowing("dsr_1", "design_record", of("2.0"));
        let refusal = DesignRecord::default().decide(record("2.0"), &context).unwrap_err();
        let at = "/systemVersion";
        let has = Refusal::VersionHasRecord { label: "2.0".into(), record: "dsr_1".into(), at };
        assert_eq!(refusal, has);
        let context = sara().knowing("dsr_1", "design_record", of("1.9"));
        assert!(DesignRecord::default().decide(record("2.0"), &context).is_ok());
    }

    #[test]
    fn a_developer_does_not_approve_his_own_design() {
        let both = Context { roles: vec![Role::Dev, Role::So], ..sara() };
        let refusal = submitted().decide(approve(), &both).unwrap_err();
        assert_eq!(refusal, Refusal::Approval(ApprovalRefusal::ApproverIsAuthor));
    }

    #[test]
    fn a_design_in_review_is_not_revised() {
        let refusal = submitted().decide(Command::Revise(design("Rules")), &sara()).unwrap_err();
        assert!(matches!(refusal, Refusal::Approval(ApprovalRefusal::NotInDraft { .. })));
    }

    #[test]
    fn a_revision_replaces_the_design_in_force_once_it_is_approved() {
        let mut state = approved();
        given(&mut state, Command::Revise(design("A linear model")), &sara());
        assert_eq!(state.approval.version, 2);
        assert_eq!(state.approval.effective.as_ref().unwrap().version, 1);
        given(&mut state, Command::Submit, &sara());
        let reason = Prose::new("Say why not trees.");
        given(&mut state, Command::Reject(Reject { reason }), &marc());
        given(&mut state, Command::Submit, &sara());
        let events = given(&mut state, approve(), &marc());
        assert!(matches!(events.as_slice(), [Event::Superseded(_), Event::Approved(_)]));
        assert_eq!(state.approval.effective.unwrap().version, 2);
        assert_eq!(state.design, design("A linear model"));
    }

    #[test]
    fn a_withdrawn_design_is_no_longer_in_force() {
        let mut state = approved();
        let reason = Prose::new("The version was given up.");
        given(&mut state, Command::Withdraw(Withdraw { reason }), &marc());
        assert_eq!(state.approval.effective, None);
    }

    #[test]
    fn a_correction_leaves_the_design_as_it_was_approved() {
        let context = Context { version: 3, ..sara() };
        let correct = |set: serde_json::Value| {
            let set = Fields(set.as_object().unwrap().clone());
            Command::Correct(Correct { corrects: 1, reason: Prose::new("a slip"), set })
        };
        let state = approved();
        assert!(state.decide(correct(json!({})), &context).is_ok());
        let refusal = state.decide(correct(json!({"approach": "rules"})), &context).unwrap_err();
        let field = "approach".to_owned();
        let refused = CorrectionRefusal::NotCorrectable { field, at: "/set/approach".into() };
        assert_eq!(refusal, Refusal::Correction(refused));
    }

    #[test]
    fn what_others_rely_on_is_what_the_record_says() {
        let body = serde_json::to_value(approved()).unwrap();
        let context = marc().knowing("dsr_1", "design_record", body);
        let seen: facts::DesignRecord = context.facts.get("dsr_1").unwrap();
        assert_eq!((seen.system.as_str(), seen.system_version.as_str()), (SYSTEM, "2.0"));
        assert_eq!(seen.effective.unwrap()["version"], 1);
    }
}
