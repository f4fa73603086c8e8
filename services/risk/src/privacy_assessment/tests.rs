//! Given, when, then: privacy assessments.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::correction::CorrectionRefusal;
use kernel::domain::Events;
use kernel::values::{Fields, Hash, Line};
use serde_json::{Value, json};

use super::*;
use crate::impact_assessment::Level;

const NOW: &str = "2024-11-18T09:00:00Z";

fn as_(user: &str, role: Role) -> Context {
    let system = json!({"name": "CreditLens", "owner": "usr_marc"});
    Context::of(user, &[role], NOW).knowing("sys_1", "ai_system", system)
}

fn elif() -> Context {
    as_("usr_elif", Role::Ds)
}

fn aoife() -> Context {
    as_("usr_aoife", Role::Dpo)
}

fn prose(text: &str) -> Prose {
    Prose::new(text)
}

fn measure(measure_kind: MeasureKind) -> Measure {
    Measure { measure_kind, text: prose("A person looks at every decline.") }
}

fn draft() -> Draft {
    Draft {
        processing: Processing {
            purposes: vec![Line::new("Credit scoring")],
            lawful_bases: vec![LawfulBasis::Contract],
            data_categories: vec![Line::new("Income")],
            special_categories: false,
            special_categories_basis: None,
            subjects: vec![Line::new("Applicants")],
            automated_decision: true,
            minimisation: Some(prose("No postcode.")),
            retention: Some(prose("Five years.")),
            residual: Some(Level::Medium),
            authority_consulted: false,
        },
        transfers: vec![Transfer { to: Line::new("Norway"), safeguard: Safeguard::Adequacy }],
        measures: vec![measure(MeasureKind::HumanReview), measure(MeasureKind::Security)],
    }
}

fn with(change: impl FnOnce(&mut Processing)) -> Draft {
    let mut draft = draft();
    change(&mut draft.processing);
    draft
}

fn start(draft: Draft) -> Command {
    Command::Start(Start { system: Ref::new("sys_1"), draft })
}

fn approve() -> Command {
    Command::Approve(Approve { content_hash: None })
}

fn review() -> Command {
    Command::RequireReview(RequireReview { reason: prose("A new source of data.") })
}

fn advise() -> Command {
    Command::Advise(Advise { advice: prose("Keep less.") })
}

fn withdraw() -> Command {
    Command::Withdraw(Withdraw { reason: prose("The processing ended.") })
}

fn state(events: &[Event]) -> PrivacyAssessment {
    let mut assessment = PrivacyAssessment::default();
    events.iter().for_each(|event| assessment.evolve(event.clone()));
    assessment
}

/// The events that follow from these commands, each given by somebody.
fn after(mut given: Vec<Event>, commands: Vec<(Command, Context)>) -> Vec<Event> {
    let mut assessment = state(&given);
    for (command, context) in commands {
        for event in assessment.decide(command, &context).unwrap() {
            assessment.evolve(event.clone());
            given.push(event);
        }
    }
    given
}

fn submitted(draft: Draft) -> Vec<Event> {
    after(vec![], vec![(start(draft), elif()), (Command::Submit, elif())])
}

fn in_force() -> Vec<Event> {
    after(submitted(draft()), vec![(approve(), aoife())])
}

fn refused(given: &[Event], command: Command, context: &Context) -> Refusal {
    state(given).decide(command, context).unwrap_err()
}

fn fact(given: &[Event]) -> facts::PrivacyAssessment {
    let document: Value = serde_json::to_value(state(given)).unwrap();
    serde_json::from_value(document).unwrap()
}

#[test]
fn the_officer_approves_what_the_data_steward_prepared() {
    let given = submitted(draft());
    assert_eq!(fact(&given).effective, None);
    assert_eq!(state(&given).content.measures.len(), 2);
    let given = after(given, vec![(approve(), aoife())]);
    let assessment = state(&given);
    let effective = assessment.approval.effective.unwrap();
    assert_eq!((effective.version, effective.approved_by), (1, UserId::new("usr_aoife")));
    assert_eq!(fact(&given).system, "sys_1");
    assert!(fact(&given).effective.is_some());
}

#[test]
fn a_system_has_one_privacy_assessment() {
    let other = json!({"system": "sys_1"});
    let context = elif().knowing("dpi_1", "privacy_assessment", other);
    let needs = PrivacyAssessment::default().needs(&start(draft()), &context);
    assert_eq!(needs, [Need::Where("privacy_assessment", "system", "sys_1".into())]);
    let wanted = Refusal::AlreadyAssessed { id: "dpi_1".into(), at: "/system" };
    assert_eq!(refused(&[], start(draft()), &context), wanted);
    let foreign = elif().knowing("dpi_1", "privacy_assessment", json!({"system": "sys_2"}));
    assert!(PrivacyAssessment::default().decide(start(draft()), &foreign).is_ok());
}

#[test]
fn an_author_does_not_approve_his_own_version() {
    let elif = as_("usr_elif", Role::Dpo);
    let wanted = Refusal::Approval(ApprovalRefusal::ApproverIsAuthor);
    assert_eq!(refused(&submitted(draft()), approve(), &elif), wanted);
}

#[test]
fn the_owner_of_the_system_does_not_approve() {
    let marc = as_("usr_marc", Role::Dpo);
    assert_eq!(refused(&submitted(draft()), approve(), &marc), Refusal::ApproverOwnsSystem);
}

#[test]
fn what_the_law_asks_for_is_there_before_approval() {
    let no_review = Draft { measures: vec![measure(MeasureKind::Security)], ..draft() };
    let not = |what| Refusal::NotDescribed { what };
    for (lacking, wanted) in [
        (with(|p| p.purposes.clear()), not("what the data are processed for")),
        (with(|p| p.data_categories.clear()), not("which data are processed")),
        (with(|p| p.subjects.clear()), not("whose data are processed")),
        (with(|p| p.minimisation = None), not("how little data is used")),
        (with(|p| p.retention = None), not("for how long the data are kept")),
        (with(|p| p.residual = None), not("which risk remains")),
        (with(|p| p.lawful_bases.clear()), Refusal::NoLawfulBasis),
        (with(|p| p.special_categories = true), Refusal::SpecialCategoriesWithoutBasis),
        (no_review, Refusal::AutomatedWithoutHumanReview),
        (with(|p| p.residual = Some(Level::High)), Refusal::AuthorityNotConsulted),
        (with(|p| p.residual = Some(Level::Critical)), Refusal::AuthorityNotConsulted),
    ] {
        assert_eq!(refused(&submitted(lacking), approve(), &aoife()), wanted);
    }
}

#[test]
fn what_the_law_asks_for_may_be_met_in_the_ways_that_it_names() {
    let consulted = with(|p| {
        p.residual = Some(Level::Critical);
        p.authority_consulted = true;
    });
    let based = with(|p| {
        p.special_categories = true;
        p.special_categories_basis = Some(SpecialBasis::ExplicitConsent);
    });
    let by_hand = Draft { measures: vec![], ..with(|p| p.automated_decision = false) };
    for draft in [consulted, based, by_hand] {
        let given = after(submitted(draft), vec![(approve(), aoife())]);
        assert!(fact(&given).effective.is_some());
    }
}

#[test]
fn a_required_review_ends_with_the_next_approval() {
    let refusal = refused(&submitted(draft()), review(), &aoife());
    assert_eq!(refusal, Refusal::NothingInForce);
    let given = after(in_force(), vec![(review(), aoife())]);
    let due = state(&given);
    assert_eq!(due.review_due, ReviewDue::ReviewRequired);
    assert!(due.review_reason.is_some());
    assert_eq!(due.decide(review(), &aoife()).unwrap(), []);
    assert!(fact(&given).effective.is_some(), "it stays in force until the next one is");

    let redraft = Command::Redraft(draft());
    let given = after(given, vec![(redraft, elif()), (Command::Submit, elif())]);
    assert_eq!(state(&given).review_due, ReviewDue::ReviewRequired);
    let given = after(given, vec![(approve(), aoife())]);
    assert!(matches!(given[given.len() - 2], Event::Superseded(_)));
    let reviewed = state(&given);
    assert_eq!((reviewed.review_due, &reviewed.review_reason), (ReviewDue::None, &None));
    assert_eq!(reviewed.approval.effective.unwrap().version, 2);
}

#[test]
fn advice_is_on_a_version_and_makes_nobody_an_author() {
    let given = after(submitted(draft()), vec![(advise(), aoife()), (approve(), aoife())]);
    assert_eq!(state(&given).dpo_advice.map(|advice| advice.version), Some(1));
    assert_eq!(refused(&given, advise(), &aoife()), Refusal::NothingToAdviseOn);
    let given = after(given, vec![(Command::Redraft(draft()), elif())]);
    assert_eq!(state(&given).dpo_advice, None);
    let given = after(given, vec![(advise(), aoife()), (Command::Redraft(draft()), elif())]);
    assert_eq!(state(&given).dpo_advice.map(|advice| advice.version), Some(2));
}

#[test]
fn a_rejected_version_is_a_draft_again() {
    let reject = Command::Reject(Reject { reason: prose("Too thin.") });
    let given = after(submitted(draft()), vec![(reject.clone(), aoife())]);
    assert_eq!(state(&given).approval.status, Phase::Draft);
    let wanted = Refusal::Approval(ApprovalRefusal::NotInReview { status: "a draft" });
    assert_eq!(refused(&given, reject, &aoife()), wanted);
    assert_eq!(refused(&given, approve(), &aoife()), wanted);
}

#[test]
fn a_version_in_review_is_not_edited() {
    let wanted = Refusal::Approval(ApprovalRefusal::NotInDraft { status: "in review" });
    let given = submitted(draft());
    assert_eq!(refused(&given, Command::Redraft(draft()), &elif()), wanted);
    assert_eq!(refused(&given, Command::Submit, &elif()), wanted);
    let other = Command::Approve(Approve { content_hash: Some(Hash::new("00".repeat(32))) });
    let changed = Refusal::Approval(ApprovalRefusal::ContentChanged);
    assert_eq!(refused(&given, other, &aoife()), changed);
}

#[test]
fn a_withdrawn_version_is_no_longer_in_force_and_not_under_review() {
    let given = after(in_force(), vec![(review(), aoife()), (withdraw(), aoife())]);
    let withdrawn = state(&given);
    assert_eq!((fact(&given).effective, withdrawn.review_due), (None, ReviewDue::None));
    let wanted = Refusal::Approval(ApprovalRefusal::NothingToWithdraw);
    assert_eq!(refused(&given, withdraw(), &aoife()), wanted);
    // The draft of the next version is taken back alone: the one in force stays, and so does its
    // review.
    let given = after(in_force(), vec![(review(), aoife()), (Command::Redraft(draft()), elif())]);
    let given = after(given, vec![(withdraw(), aoife())]);
    assert!(fact(&given).effective.is_some());
    assert_eq!(state(&given).review_due, ReviewDue::ReviewRequired);
}

#[test]
fn only_descriptions_are_corrected() {
    let mut context = elif();
    context.version = 2;
    let correct = |set: Value| {
        let set = Fields(set.as_object().unwrap().clone());
        Command::Correct(Correct { corrects: 1, reason: prose("Wrong."), set })
    };
    let decided = refused(&in_force(), correct(json!({"automatedDecision": false})), &context);
    let (field, at) = ("automatedDecision".into(), "/set/automatedDecision".into());
    let wanted = CorrectionRefusal::NotCorrectable { field, at };
    assert_eq!(decided, Refusal::Correction(wanted));
    let given = after(in_force(), vec![(correct(json!({"retention": "Ten years."})), context)]);
    assert_eq!(state(&given).content.processing.retention, Some(prose("Ten years.")));
}

#[test]
fn what_was_stored_is_read_back_the_same() {
    let given = after(in_force(), vec![(review(), aoife())]);
    let stored = serde_json::to_value(state(&given)).unwrap();
    assert_eq!(serde_json::from_value::<PrivacyAssessment>(stored).unwrap(), state(&given));
    for event in given {
        let read = Event::read(event.name(), event.version(), event.data().unwrap()).unwrap();
        assert_eq!(read, Some(event));
    }
}
