//! Given, when, then: change requests.

use cqrs_es::test::TestFramework;
use kernel::UserId;
use kernel::values::{Hash, Line, Prose, Ref};
use serde_json::{Value, json};

use super::*;

const NOW: &str = "2025-05-05T09:00:00Z";

/// A person in some roles, who knows the system.
fn on(user: &str, roles: &[Role], now: &str) -> Context {
    let system = json!({
        "name": "CreditLens",
        "stage": "operation_and_monitoring",
        "versions": {
            "v2.0.1": {"stage": "operation_and_monitoring", "status": "running"},
            "v2.1.0": {"stage": "design_and_development", "status": "in_preparation"},
        },
    });
    Context::of(user, roles, now).knowing("sys_1", "ai_system", system)
}

fn sara() -> Context {
    on("usr_sara", &[Role::Dev], NOW)
}

fn owen() -> Context {
    on("usr_owen", &[Role::Rel], NOW)
}

fn marc() -> Context {
    on("usr_marc", &[Role::So], NOW)
}

/// A recalibration of the running version.
fn content() -> Content {
    Content {
        title: Line::new("Recalibration"),
        system: Ref::new("sys_1"),
        reason: Prose::new("the ratio fell below 0.80"),
        rollback: Some(Prose::new("back to v2.0.1")),
        from_version: Some(Key::new("v2.0.1")),
        to_version: Some(Key::new("v2.1.0")),
        ..Content::default()
    }
}

fn substantial() -> Content {
    let impact = Impact { aisia_needed: true, ..Impact::default() };
    Content { class: ChangeClass::Substantial, impact, ..content() }
}

fn approve() -> Command {
    Command::Approve(Approve { content_hash: None })
}

fn implement() -> Command {
    Command::Implement(Note::default())
}

fn verify() -> Command {
    Command::Verify(Note::default())
}

fn close() -> Command {
    Command::Close(Note::default())
}

fn roll_back() -> Command {
    Command::RollBack(RollBack { reason: Prose::new("it scores worse") })
}

fn withdraw() -> Command {
    Command::Withdraw(Withdraw { reason: Prose::new("not needed any more") })
}

fn reject() -> Command {
    Command::Reject(Reject { reason: Prose::new("too vague") })
}

fn state(events: Vec<Event>) -> ChangeRequest {
    let mut request = ChangeRequest::default();
    events.into_iter().for_each(|event| request.evolve(event));
    request
}

/// What was given, and what follows from these commands.
fn and(mut given: Vec<Event>, commands: Vec<(Context, Command)>) -> Vec<Event> {
    let mut request = state(given.clone());
    for (context, command) in commands {
        for event in request.decide(command, &context).unwrap() {
            request.evolve(event.clone());
            given.push(event);
        }
    }
    given
}

fn proposed(content: Content) -> Vec<Event> {
    and(vec![], vec![(sara(), Command::Propose(content))])
}

fn submitted(content: Content) -> Vec<Event> {
    and(proposed(content), vec![(sara(), Command::Submit)])
}

fn approved(content: Content) -> Vec<Event> {
    and(submitted(content), vec![(marc(), approve()), (owen(), approve())])
}

fn implemented(content: Content) -> Vec<Event> {
    and(approved(content), vec![(sara(), implement())])
}

fn verified() -> Vec<Event> {
    and(implemented(content()), vec![(marc(), verify())])
}

fn decided(context: Context, given: Vec<Event>, command: Command) -> Result<Vec<Event>, Refusal> {
    TestFramework::<ChangeRequest>::with(context).given(given).when(command).inspect_result()
}

fn refused(context: Context, given: Vec<Event>, command: Command) -> Refusal {
    decided(context, given, command).unwrap_err()
}

#[test]
fn a_change_goes_from_proposal_to_its_end() {
    let request = state(proposed(content()));
    assert_eq!((request.planned, request.progress), (true, None));
    assert_eq!(request.approval.status, kernel::approval::Phase::Draft);
    let request = state(approved(content()));
    assert_eq!(request.approval.status, kernel::approval::Phase::Approved);
    let by: Vec<_> = request.approvals.values().map(|given| given.by.as_str()).collect();
    assert_eq!(by, ["usr_marc", "usr_owen"]);
    assert_eq!(state(implemented(content())).progress, Some(Progress::Implemented));
    assert_eq!(state(verified()).progress, Some(Progress::Verified));
    let given = and(verified(), vec![(marc(), close())]);
    assert_eq!(state(given).progress, Some(Progress::Closed));
}

#[test]
fn a_release_manager_and_a_system_owner_approve_both() {
    let events = decided(marc(), submitted(content()), approve()).unwrap();
    let [Event::ChangeApprovalGiven(first)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(first.given.roles, vec![Role::So]);
    let given = and(submitted(content()), vec![(marc(), approve())]);
    assert_eq!(state(given.clone()).approval.effective, None);
    let events = decided(owen(), given.clone(), approve()).unwrap();
    let [Event::ChangeApproved(last)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(last.approved.effective.approved_by, UserId::new("usr_owen"));
    assert_eq!(decided(marc(), given, approve()).unwrap(), vec![], "his approval stands");
    let given = and(submitted(content()), vec![(owen(), approve())]);
    let events = decided(marc(), given, approve()).unwrap();
    assert!(matches!(events.as_slice(), [Event::ChangeApproved(_)]), "in either order");
}

#[test]
fn two_of_one_role_do_not_suffice() {
    let other = |role| on("usr_lena", &[role], NOW);
    for (first, role, given, missing) in [
        (owen(), Role::Rel, "release manager", "system owner"),
        (marc(), Role::So, "system owner", "release manager"),
    ] {
        let before = and(submitted(content()), vec![(first, approve())]);
        let wanted = ApprovingRefusal::RoleHasApproved { given, missing };
        assert_eq!(refused(other(role), before, approve()), Refusal::Approving(wanted));
    }
}

#[test]
fn one_person_in_both_roles_is_one_person() {
    let both = || on("usr_owen", &[Role::Rel, Role::So], NOW);
    let given = and(submitted(content()), vec![(both(), approve())]);
    let wanted = Refusal::Approving(ApprovingRefusal::SecondPersonMustApprove);
    assert_eq!(refused(both(), given.clone(), approve()), wanted);
    for role in [Role::Rel, Role::So] {
        let second = on("usr_lena", &[role], NOW);
        let events = decided(second, given.clone(), approve()).unwrap();
        assert!(matches!(events.as_slice(), [Event::ChangeApproved(_)]), "{role:?}");
    }
}

#[test]
fn who_requests_a_change_does_not_approve_it() {
    let marc_proposes = vec![(marc(), Command::Propose(content())), (sara(), Command::Submit)];
    let wanted = Refusal::Approval(ApprovalRefusal::ApproverIsAuthor);
    assert_eq!(refused(marc(), and(vec![], marc_proposes), approve()), wanted);
    let marc_submits = and(proposed(content()), vec![(marc(), Command::Submit)]);
    assert_eq!(refused(marc(), marc_submits, approve()), wanted);
}

#[test]
fn an_approval_is_of_the_content_that_was_seen() {
    let other = Command::Approve(Approve { content_hash: Some(Hash::new("0".repeat(64))) });
    let wanted = Refusal::Approval(ApprovalRefusal::ContentChanged);
    assert_eq!(refused(owen(), submitted(content()), other), wanted);
}

#[test]
fn a_rejected_proposal_needs_both_approvals_again() {
    let given = and(
        submitted(content()),
        vec![(marc(), approve()), (owen(), reject()), (sara(), Command::Submit)],
    );
    assert!(state(given.clone()).approvals.is_empty());
    let events = decided(owen(), given, approve()).unwrap();
    assert!(matches!(events.as_slice(), [Event::ChangeApprovalGiven(_)]));
}

#[test]
fn an_approval_ends_when_something_else_is_written() {
    let later = Content { monitors: vec![Ref::new("mon_1")], ..content() };
    let given = and(approved(content()), vec![(sara(), Command::Revise(later))]);
    let [.., Event::Superseded(ended), Event::ChangeRevised(revised)] = given.as_slice() else {
        panic!("{given:?}")
    };
    assert_eq!((ended.version, ended.by_version, revised.version), (1, 2, 2));
    let request = state(given.clone());
    assert_eq!(request.approval.effective, None);
    assert!(request.approvals.is_empty());
    let wanted = Refusal::Course(CourseRefusal::NotApproved);
    assert_eq!(refused(sara(), given, implement()), wanted);
}

#[test]
fn a_change_is_not_implemented_before_it_is_approved() {
    let wanted = Refusal::Course(CourseRefusal::NotApproved);
    let half = and(submitted(content()), vec![(marc(), approve())]);
    let withdrawn = and(approved(content()), vec![(sara(), withdraw())]);
    for given in [proposed(content()), submitted(content()), half, withdrawn] {
        assert_eq!(refused(sara(), given, implement()), wanted);
    }
    let early = "2025-05-05T08:59:59Z".parse().unwrap();
    let backdated = Context { effective: Some(early), ..sara() };
    let found = refused(backdated, approved(content()), implement());
    let at = "/effectiveAt";
    let (what, before) = ("The implementation", "the approval");
    assert_eq!(found, Refusal::Course(CourseRefusal::DatedBefore { what, before, at }));
}

#[test]
fn a_change_of_purpose_is_not_minor() {
    let purpose =
        Content { change_kind: ChangeKind::Purpose, class: ChangeClass::Minor, ..content() };
    let wanted = Refusal::Content(ContentRefusal::PurposeIsNotMinor { at: "/class" });
    assert_eq!(refused(sara(), vec![], Command::Propose(purpose.clone())), wanted);
    assert_eq!(refused(sara(), proposed(content()), Command::Revise(purpose.clone())), wanted);
    let significant = Content { class: ChangeClass::Significant, ..purpose };
    assert!(decided(sara(), vec![], Command::Propose(significant)).is_ok());
}

#[test]
fn a_change_that_reaches_far_needs_a_way_back() {
    let without = |class| Content { class, rollback: None, ..substantial() };
    for (class, name) in [
        (ChangeClass::Minor, None),
        (ChangeClass::Significant, Some("significant")),
        (ChangeClass::Substantial, Some("substantial")),
    ] {
        let found = decided(sara(), proposed(without(class)), Command::Submit).err();
        let wanted = name.map(|class| Refusal::Content(ContentRefusal::NoRollback { class }));
        assert_eq!(found, wanted);
    }
}

#[test]
fn a_substantial_change_needs_the_impact_assessment_again() {
    let content = Content { impact: Impact::default(), ..substantial() };
    let at = "/impact/aisiaNeeded";
    let wanted = Refusal::Content(ContentRefusal::SubstantialWithoutAssessment { at });
    assert_eq!(refused(sara(), vec![], Command::Propose(content)), wanted);
}

#[test]
fn a_change_stays_with_its_system_and_its_versions() {
    let content = |from: &str, to: &str| Content {
        from_version: Some(Key::new(from)),
        to_version: Some(Key::new(to)),
        ..content()
    };
    let wanted = Refusal::Content(ContentRefusal::SameVersion { at: "/toVersion" });
    let propose = Command::Propose(content("v2.0.1", "v2.0.1"));
    assert_eq!(refused(sara(), vec![], propose), wanted);
    let (name, version) = ("CreditLens".to_owned(), "v1".to_owned());
    let wanted = ContentRefusal::UnknownVersion { name, version, at: "/fromVersion" };
    let propose = Command::Propose(content("v1", "v2.1.0"));
    assert_eq!(refused(sara(), vec![], propose), Refusal::Content(wanted));
    let other = Content { system: Ref::new("sys_2"), ..self::content() };
    let wanted = Refusal::Content(ContentRefusal::SystemStands { at: "/system" });
    assert_eq!(refused(sara(), proposed(self::content()), Command::Revise(other)), wanted);
}

#[test]
fn a_retired_system_is_not_changed() {
    let retired = json!({"name": "DocExtract", "stage": "retirement"});
    let context = Context::of("usr_sara", &[Role::Dev], NOW).knowing("sys_1", "ai_system", retired);
    let (name, at) = ("DocExtract".to_owned(), "/system");
    let wanted = Refusal::Content(ContentRefusal::SystemRetired { name, at });
    assert_eq!(refused(context, vec![], Command::Propose(content())), wanted);
}

#[test]
fn what_is_validated_again_is_a_version() {
    let impact = Impact { revalidation_needed: true, ..Impact::default() };
    let without = Content { impact, to_version: None, ..content() };
    let wanted = Refusal::Content(ContentRefusal::NoVersionToValidate);
    assert_eq!(refused(sara(), proposed(without), Command::Submit), wanted);
}

fn classification(system: &str, status: &str) -> Value {
    json!({
        "system": system, "status": status, "regime": "eu_ai_act", "class": "high_risk",
        "role": "provider",
    })
}

fn assessment(status: &str) -> Value {
    json!({"system": "sys_1", "status": status})
}

/// A context that knows a classification and an impact assessment in these states.
fn knowing(context: Context, class: &str, assessed: &str) -> Context {
    context.knowing("cls_1", "regulatory_classification", classification("sys_1", class)).knowing(
        "aia_1",
        "impact_assessment",
        assessment(assessed),
    )
}

fn reclassify() -> Command {
    Command::RecordReclassification(RecordReclassification {
        classification: Ref::new("cls_1"),
        outcome: ReclassificationOutcome::ClassUnchanged,
        conclusion: Prose::new("still credit scoring"),
    })
}

fn reclassified() -> Vec<Event> {
    let marc = knowing(marc(), "confirmed", "approved");
    and(proposed(substantial()), vec![(marc, reclassify()), (sara(), Command::Submit)])
}

#[test]
fn a_substantial_change_needs_a_look_at_the_class_and_an_impact_assessment() {
    let owen = |class, assessed| knowing(owen(), class, assessed);
    let wanted = Refusal::Reclassification(ReclassificationRefusal::NotReclassified);
    let given = submitted(substantial());
    assert_eq!(refused(owen("confirmed", "approved"), given, approve()), wanted);
    let id = "cls_1".to_owned();
    let wanted = ReclassificationRefusal::ClassificationLapsed { id };
    let found = refused(owen("superseded", "approved"), reclassified(), approve());
    assert_eq!(found, Refusal::Reclassification(wanted));
    let wanted = Refusal::Reclassification(ReclassificationRefusal::NoImpactAssessment);
    for dead in ["rejected", "superseded"] {
        assert_eq!(refused(owen("confirmed", dead), reclassified(), approve()), wanted);
    }
    let alone = self::owen().knowing(
        "cls_1",
        "regulatory_classification",
        classification("sys_1", "confirmed"),
    );
    assert_eq!(refused(alone, reclassified(), approve()), wanted);
    let assessed = owen("confirmed", "reassessment_required");
    assert_eq!(decided(assessed, reclassified(), approve()).unwrap().len(), 1);
}

#[test]
fn a_substantial_change_waits_for_the_assessment_to_be_done_again() {
    let marc = knowing(marc(), "confirmed", "reassessment_required");
    let owen = knowing(owen(), "confirmed", "reassessment_required");
    let given = and(reclassified(), vec![(marc, approve()), (owen, approve())]);
    let sara = |assessed| knowing(sara(), "confirmed", assessed);
    let wanted = Refusal::Reclassification(ReclassificationRefusal::ImpactAssessmentNotCurrent);
    assert_eq!(refused(sara("reassessment_required"), given.clone(), implement()), wanted);
    assert!(decided(sara("approved"), given.clone(), implement()).is_ok());
    let needs = state(given).needs(&implement(), &self::sara());
    let assessments = Need::Where("impact_assessment", "system", "sys_1".into());
    let object = |id: &str| Need::Object(id.into());
    assert_eq!(needs, vec![object("cls_1"), assessments, object("sys_1")]);
}

#[test]
fn the_class_is_looked_at_in_a_confirmed_classification_of_the_system() {
    let (id, at) = ("cls_1".to_owned(), "/classification");
    let wanted = ReclassificationRefusal::NotConfirmed { id: id.clone(), at };
    let proposal = knowing(marc(), "proposed", "approved");
    let found = refused(proposal, proposed(content()), reclassify());
    assert_eq!(found, Refusal::Reclassification(wanted));
    let other = classification("sys_2", "confirmed");
    let other = marc().knowing("cls_1", "regulatory_classification", other);
    let wanted = ReclassificationRefusal::OtherSystem { id, at };
    let found = refused(other, proposed(content()), reclassify());
    assert_eq!(found, Refusal::Reclassification(wanted));
    let marc = || knowing(marc(), "confirmed", "approved");
    let given = implemented(content());
    let wanted = ReclassificationRefusal::TooLate { progress: "it is implemented" };
    assert_eq!(refused(marc(), given, reclassify()), Refusal::Reclassification(wanted));
}

#[test]
fn a_look_at_the_class_is_of_what_was_written_then() {
    let given = and(
        proposed(substantial()),
        vec![
            (knowing(marc(), "confirmed", "approved"), reclassify()),
            (sara(), Command::Revise(substantial())),
        ],
    );
    assert_eq!(state(given).reclassification, None);
}

#[test]
fn a_change_leads_to_a_version_that_exists() {
    let missing = Content { to_version: Some(Key::new("v3")), ..content() };
    let wanted = CourseRefusal::VersionMissing { version: "v3".into() };
    assert_eq!(refused(sara(), approved(missing), implement()), Refusal::Course(wanted));
}

#[test]
fn who_implemented_a_change_does_not_verify_it() {
    let sara = on("usr_sara", &[Role::So], NOW);
    let wanted = Refusal::Course(CourseRefusal::VerifierIsImplementer);
    assert_eq!(refused(sara, implemented(content()), verify()), wanted);
}

#[test]
fn a_change_that_needs_validation_is_verified_when_its_version_has_passed() {
    let impact = Impact { revalidation_needed: true, ..Impact::default() };
    let given = || implemented(Content { impact: impact.clone(), ..content() });
    let wanted = CourseRefusal::NotRevalidated { version: "v2.1.0".into() };
    let record = |version: &str, outcome: &str, status: &str| {
        json!({
            "system": "sys_1", "systemVersion": version, "outcome": outcome, "status": status,
        })
    };
    for (found, passes) in [
        (record("v2.1.0", "pass", "completed"), true),
        (record("v2.1.0", "fail", "completed"), false),
        (record("v2.1.0", "conditional", "completed"), false),
        (record("v2.1.0", "pass", "invalidated"), false),
        (record("v2.1.0", "pass", "superseded"), false),
        (record("v2.0.1", "pass", "completed"), false),
    ] {
        let context = marc().knowing("vrf_1", "verification_record", found);
        let refusal = decided(context, given(), verify()).err();
        let wanted = (!passes).then(|| Refusal::Course(wanted.clone()));
        assert_eq!(refusal, wanted);
    }
}

#[test]
fn steps_do_not_lie_before_the_ones_that_they_follow() {
    let early = || Some("2025-05-05T08:59:59Z".parse().unwrap());
    let at = "/effectiveAt";
    for (given, command, what, before) in [
        (implemented(content()), verify(), "The verification", "the implementation"),
        (verified(), close(), "The closing", "the verification"),
        (verified(), roll_back(), "The way back", "the implementation"),
    ] {
        let context = Context { effective: early(), ..marc() };
        let wanted = CourseRefusal::DatedBefore { what, before, at };
        assert_eq!(refused(context, given, command), Refusal::Course(wanted));
    }
}

#[test]
fn a_change_goes_on_in_turn() {
    let closed = || and(verified(), vec![(marc(), close())]);
    let rolled_back = || and(implemented(content()), vec![(marc(), roll_back())]);
    for (given, command, progress) in [
        (approved(content()), verify(), "not implemented"),
        (approved(content()), close(), "not implemented"),
        (approved(content()), roll_back(), "not implemented"),
        (implemented(content()), close(), "implemented"),
        (implemented(content()), withdraw(), "implemented"),
        (implemented(content()), Command::Revise(content()), "implemented"),
        (verified(), implement(), "verified"),
        (closed(), verify(), "closed"),
        (closed(), roll_back(), "closed"),
        (closed(), implement(), "closed"),
        (rolled_back(), implement(), "rolled back"),
        (rolled_back(), verify(), "rolled back"),
        (rolled_back(), close(), "rolled back"),
    ] {
        let wanted = Refusal::Course(CourseRefusal::OutOfTurn { progress });
        assert_eq!(refused(marc(), given, command), wanted);
    }
    let from_verified = and(verified(), vec![(marc(), roll_back())]);
    assert_eq!(state(from_verified).progress, Some(Progress::RolledBack));
}

#[test]
fn what_holds_already_yields_nothing() {
    let closed = and(verified(), vec![(marc(), close())]);
    let rolled_back = and(verified(), vec![(marc(), roll_back())]);
    for (given, command) in [
        (implemented(content()), implement()),
        (verified(), verify()),
        (closed, close()),
        (rolled_back, roll_back()),
    ] {
        assert_eq!(decided(marc(), given, command).unwrap(), vec![]);
    }
}

fn found() -> DetectUnplanned {
    DetectUnplanned {
        title: Line::new("New model at the supplier"),
        system: Ref::new("sys_1"),
        change_kind: ChangeKind::Supplier,
        class: None,
        reason: Prose::new("the answers carry another model's name"),
        from_version: Some(Key::new("v2.0.1")),
        to_version: None,
        unapproved: None,
    }
}

fn ops() -> Context {
    on("usr_jan", &[Role::Ops], NOW)
}

fn detected() -> Vec<Event> {
    and(vec![], vec![(ops(), Command::DetectUnplanned(found()))])
}

fn review(conclusion: Conclusion, class: ChangeClass, follow_up: Option<&str>) -> Command {
    let note = Prose::new("compared on 500 cases");
    let follow_up = follow_up.map(Ref::new);
    Command::ReviewUnplanned(ReviewUnplanned { conclusion, class, note, follow_up })
}

fn kept() -> Command {
    review(Conclusion::Kept, ChangeClass::Minor, None)
}

#[test]
fn a_change_that_nobody_requested_is_found_and_judged() {
    let request = state(detected());
    assert_eq!((request.planned, request.progress), (false, Some(Progress::Detected)));
    assert_eq!(request.content.class, ChangeClass::Significant, "until it is reviewed");
    assert_eq!(request.content.system, Ref::new("sys_1"));
    let request = state(and(detected(), vec![(marc(), kept())]));
    assert_eq!(request.progress, Some(Progress::Reviewed));
    assert_eq!(request.content.class, ChangeClass::Minor);
}

#[test]
fn an_unplanned_change_is_not_led_through_approval() {
    let wanted = Refusal::Course(CourseRefusal::WasNotPlanned);
    for command in [
        Command::Submit,
        Command::Revise(content()),
        approve(),
        withdraw(),
        implement(),
        verify(),
        close(),
        roll_back(),
    ] {
        assert_eq!(refused(marc(), detected(), command), wanted);
    }
    let wanted = Refusal::Unplanned(UnplannedRefusal::WasPlanned);
    assert_eq!(refused(marc(), proposed(content()), kept()), wanted);
}

#[test]
fn an_unplanned_change_of_purpose_is_not_minor_either() {
    let purpose = |class| {
        let class = Some(class);
        Command::DetectUnplanned(DetectUnplanned {
            change_kind: ChangeKind::Purpose,
            class,
            ..found()
        })
    };
    let wanted = Refusal::Content(ContentRefusal::PurposeIsNotMinor { at: "/class" });
    assert_eq!(refused(ops(), vec![], purpose(ChangeClass::Minor)), wanted);
    let given = and(vec![], vec![(ops(), purpose(ChangeClass::Significant))]);
    assert_eq!(refused(marc(), given, kept()), wanted);
}

#[test]
fn who_found_a_change_does_not_judge_it_and_it_is_judged_once() {
    let jan = on("usr_jan", &[Role::So], NOW);
    let wanted = Refusal::Unplanned(UnplannedRefusal::ReviewerIsFinder);
    assert_eq!(refused(jan, detected(), kept()), wanted);
    let given = and(detected(), vec![(marc(), kept())]);
    let wanted = Refusal::Unplanned(UnplannedRefusal::ReviewedAlready);
    assert_eq!(refused(owen(), given, kept()), wanted);
}

#[test]
fn a_substantial_unplanned_change_stays_only_after_a_look_at_the_class() {
    let keep = || review(Conclusion::Kept, ChangeClass::Substantial, None);
    let marc = || knowing(marc(), "confirmed", "approved");
    let wanted = Refusal::Reclassification(ReclassificationRefusal::NotReclassified);
    assert_eq!(refused(marc(), detected(), keep()), wanted);
    let given = and(detected(), vec![(marc(), reclassify())]);
    assert!(decided(marc(), given, keep()).is_ok());
    let revert = review(Conclusion::Reverted, ChangeClass::Substantial, None);
    assert!(decided(marc(), detected(), revert).is_ok());
}

#[test]
fn a_request_that_follows_is_of_the_same_system() {
    let request =
        |system: &str| json!({"system": system, "changeKind": "supplier", "class": "significant"});
    let follow = |id| review(Conclusion::ChangeRequested, ChangeClass::Significant, id);
    let marc = |system: &str| marc().knowing("chg_2", "change_request", request(system));
    let wanted = Refusal::Unplanned(UnplannedRefusal::NoFollowUp { at: "/followUp" });
    assert_eq!(refused(marc("sys_1"), detected(), follow(None)), wanted);
    assert_eq!(refused(marc("sys_2"), detected(), follow(Some("chg_2"))), wanted);
    let itself = Context { id: "chg_2".into(), ..marc("sys_1") };
    assert_eq!(refused(itself, detected(), follow(Some("chg_2"))), wanted);
    let events = decided(marc("sys_1"), detected(), follow(Some("chg_2"))).unwrap();
    let [Event::UnplannedChangeReviewed(review)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(review.follow_up, Some(Ref::new("chg_2")));
}

#[test]
fn what_is_decided_is_not_set_by_a_correction() {
    let context = Context { version: 1, ..marc() };
    let mut set = kernel::values::Fields::default();
    set.0.insert("class".into(), json!("minor"));
    let correct = Correct { corrects: 1, reason: Prose::new("typed wrongly"), set };
    let (field, at) = ("class".to_owned(), "/set/class".to_owned());
    let wanted = Refusal::Correction(CorrectionRefusal::NotCorrectable { field, at });
    assert_eq!(refused(context, proposed(content()), Command::Correct(correct)), wanted);
}

#[test]
fn others_read_whether_a_change_is_in_force() {
    let content = Content { monitors: vec![Ref::new("mon_1")], ..content() };
    let seen = |given| {
        let context = marc().knowing("chg_1", "change_request", json!(state(given)));
        context.facts.get::<facts::ChangeRequest>("chg_1").unwrap()
    };
    let half = and(submitted(content.clone()), vec![(marc(), approve())]);
    assert!(!seen(half).may_loosen("mon_1"));
    let whole = seen(approved(content.clone()));
    assert!(whole.may_loosen("mon_1") && !whole.may_loosen("mon_2"));
    let back = and(implemented(content), vec![(marc(), roll_back())]);
    assert!(!seen(back).may_loosen("mon_1"));
    assert!(!seen(detected()).is_in_force());
}
