//! Given, when, then: intended use, oversight and user information.

use kernel::approval::Phase;
use kernel::values::{Fields, Hash, Line, Prose};
use serde_json::{Value, json};

use super::*;

const SYSTEM: &str = "sys_creditlens";
const APPROVED_ON: &str = "2025-01-13T09:00:00Z";

fn on(user: &str, roles: &[Role]) -> Context {
    Context::of(user, roles, APPROVED_ON)
        .knowing(SYSTEM, "ai_system", system("stopped"))
        .knowing("cpr_watch", "competence_profile", profile("in_force"))
        .knowing("trr_course", "training_record", learnt("usr_olga", "completed", json!({})))
        .knowing("mon_use", "monitor", json!({"system": SYSTEM, "status": "armed"}))
        .knowing("aia_1", "impact_assessment", assessment(SYSTEM, "approved"))
}

/// What an overseer must be able to do: to stop the system, and to know the law.
fn profile(status: &str) -> Value {
    let demanded = |title: &str, level: &str, regulated: bool| json!({"title": title, "level": level, "regulated": regulated});
    json!({"role": "Overseer", "revision": 2, "status": status, "required": {
        "ai-act": demanded("AI Act", "basic", true), "stopping": demanded("Stopping", "skilled", false),
    }})
}

/// A training that gives just that.
fn learnt(person: &str, status: &str, more: Value) -> Value {
    let mut record = json!({
        "person": person, "status": status, "completedOn": "2024-11-04",
        "validUntil": "2025-11-03",
        "competences": {"ai-act": {"level": "basic"}, "stopping": {"level": "skilled"}},
    });
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    record
}

fn system(operation_status: &str) -> Value {
    json!({"name": "CreditLens", "operationStatus": operation_status})
}

fn assessment(system: &str, status: &str) -> Value {
    let uses = ["Scoring of consumer loans", " scoring of  SME loans"];
    json!({"system": system, "status": status, "intendedUses": uses})
}

fn marc() -> Context {
    on("usr_marc", &[Role::So])
}

fn lena() -> Context {
    on("usr_lena", &[Role::Ro])
}

fn overseer() -> Overseer {
    Overseer {
        who: UserId::new("usr_olga"),
        competence: Ref::new("cpr_watch"),
        stop_ability: true,
        review_share: "100".parse().unwrap(),
    }
}

fn content() -> Content {
    Content {
        intended_purpose: Prose::new("Helps lenders to judge applications."),
        intended_uses: vec![Line::new("scoring of consumer loans ")],
        prohibited_uses: vec![Line::new("Hiring")],
        oversight: BTreeMap::from([(Key::new("lending"), overseer())]),
        instructions_hash: Some(Hash::new("ab".repeat(32))),
        languages: vec![Line::new("nl")],
        monitors_of_use: vec![Ref::new("mon_use")],
        ..Content::default()
    }
}

fn draft(content: Content) -> Command {
    Command::Draft(DraftUse { system: Ref::new(SYSTEM), content })
}

fn approve() -> Command {
    Command::Approve(Approve { content_hash: None })
}

fn withdraw() -> Command {
    Command::Withdraw(Withdraw { reason: Prose::new("The system was given up.") })
}

fn deviation(observed_at: Option<&str>) -> Command {
    Command::RecordDeviation(RecordDeviation {
        deviation_kind: DeviationKind::OutsidePurpose,
        what: Prose::new("Used for rent contracts."),
        observed_at: observed_at.map(|at| at.parse().unwrap()),
        action: None,
    })
}

fn given(state: &mut IntendedUse, command: Command, context: &Context) -> Vec<Event> {
    let events = state.decide(command, context).unwrap();
    events.iter().for_each(|event| state.evolve(event.clone()));
    events
}

fn submitted(content: Content) -> IntendedUse {
    let mut state = IntendedUse::default();
    given(&mut state, draft(content), &marc());
    given(&mut state, Command::Submit, &marc());
    state
}

fn approved() -> IntendedUse {
    let mut state = submitted(content());
    given(&mut state, approve(), &lena());
    state
}

fn published() -> IntendedUse {
    let mut state = approved();
    given(&mut state, Command::Publish, &lena());
    state
}

/// The second version in force while the first is with the users.
fn second_approved() -> (IntendedUse, Vec<Event>) {
    let mut state = published();
    let instructions_hash = Some(Hash::new("cd".repeat(32)));
    let next = Content { instructions_hash, ..content() };
    given(&mut state, Command::Redraft(next), &marc());
    given(&mut state, Command::Submit, &marc());
    let events = given(&mut state, approve(), &lena());
    (state, events)
}

fn refused(state: &IntendedUse, command: Command, context: &Context) -> Refusal {
    state.decide(command, context).unwrap_err()
}

/// Why this content is not approved.
fn not_approved(content: Content, context: &Context) -> Refusal {
    refused(&submitted(content), approve(), context)
}

#[test]
fn the_risk_owner_approves_and_publishes_what_the_system_owner_drafted() {
    let mut state = approved();
    assert_eq!(state.approval.effective.as_ref().unwrap().approved_by, UserId::new("usr_lena"));
    assert_eq!((state.progress, state.published_at), (Progress::NotPublished, None));
    let events = given(&mut state, Command::Publish, &lena());
    let [Event::UserInformationPublished(e)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((e.version, e.at), (1, APPROVED_ON.parse().unwrap()));
    assert_eq!((state.progress, state.published_at), (Progress::Published, Some(e.at)));
    assert_eq!(state.decide(Command::Publish, &lena()), Ok(vec![]));
}

#[test]
fn an_author_does_not_approve_his_own_intended_use() {
    let both = on("usr_marc", &[Role::So, Role::Ro]);
    let refusal = not_approved(content(), &both);
    assert_eq!(refusal, Refusal::Approval(ApprovalRefusal::ApproverIsAuthor));
}

#[test]
fn a_system_has_one_intended_use() {
    let other = |system: &str| marc().knowing("itu_1", "intended_use", json!({"system": system}));
    let state = IntendedUse::default();
    let refusal = refused(&state, draft(content()), &other(SYSTEM));
    let intended_use = "itu_1".to_owned();
    assert_eq!(refusal, Refusal::SystemHasUse { intended_use, at: "/system" });
    assert!(state.decide(draft(content()), &other("sys_other")).is_ok());
}

#[test]
fn a_purpose_is_not_wider_than_what_was_assessed() {
    let uses = |uses: &[&str]| Content {
        intended_uses: uses.iter().map(|line| Line::new(*line)).collect(),
        ..content()
    };
    let both = uses(&["SCORING of consumer loans", "Scoring of SME loans"]);
    assert!(submitted(both).decide(approve(), &lena()).is_ok());
    let wider = not_approved(uses(&["Scoring of SME loans", "Rent contracts"]), &lena());
    assert_eq!(wider, Refusal::WiderThanAssessed { intended: "Rent contracts".into() });
    assert_eq!(not_approved(uses(&[]), &lena()), Refusal::NoUse);
}

#[test]
fn without_a_current_assessment_no_use_is_approved() {
    for status in ["in_progress", "submitted", "rejected", "reassessment_required", "superseded"] {
        let body = assessment(SYSTEM, status);
        let context = lena().knowing("aia_1", "impact_assessment", body);
        assert_eq!(not_approved(content(), &context), Refusal::NotAssessed, "{status}");
    }
    let body = assessment("sys_other", "approved");
    let context = lena().knowing("aia_1", "impact_assessment", body);
    assert_eq!(not_approved(content(), &context), Refusal::NotAssessed);
    let body = assessment(SYSTEM, "approved_with_conditions");
    let context = lena().knowing("aia_1", "impact_assessment", body);
    assert!(submitted(content()).decide(approve(), &context).is_ok());
}

#[test]
fn who_watches_over_a_system_is_shown_to_be_competent() {
    let lacks = |competence: &str, level: &str| Refusal::OverseerNotCompetent {
        who: "usr_olga".into(),
        competence: competence.into(),
        level: level.into(),
    };
    let with = |body: Value| lena().knowing("trr_course", "training_record", body);
    let olga = |status: &str, more: Value| with(learnt("usr_olga", status, more));
    let only = |key: &str, level: &str| json!({"competences": {(key): {"level": level}}});
    for (context, competence, level) in [
        // Another's training, or one that is to come, was not passed or is over.
        (with(learnt("usr_lena", "completed", json!({}))), "ai-act", "basic"),
        (olga("planned", json!({})), "ai-act", "basic"),
        (olga("failed", json!({})), "ai-act", "basic"),
        (olga("expired", json!({})), "ai-act", "basic"),
        (olga("completed", json!({"completedOn": "2025-01-14"})), "ai-act", "basic"),
        (olga("completed", json!({"validUntil": "2025-01-12"})), "ai-act", "basic"),
        // What a law asks for is shown for a time only.
        (olga("completed", json!({"validUntil": null})), "ai-act", "basic"),
        // One of another competence, or too little of this one.
        (olga("completed", only("ai-act", "expert")), "stopping", "skilled"),
        (olga("completed", only("stopping", "expert")), "ai-act", "basic"),
        (
            olga(
                "completed",
                json!({"competences": {"ai-act": {"level": "basic"}, "stopping": {"level": "basic"}}}),
            ),
            "stopping",
            "skilled",
        ),
    ] {
        assert_eq!(not_approved(content(), &context), lacks(competence, level));
    }
    let retired = Refusal::ProfileRetired { who: "usr_olga".into(), profile: "cpr_watch".into() };
    let context = lena().knowing("cpr_watch", "competence_profile", profile("retired"));
    assert_eq!(not_approved(content(), &context), retired);
}

/// What showed the competence of who watches, once the use is approved.
fn shown(context: &Context) -> CompetenceShown {
    let mut state = submitted(content());
    given(&mut state, approve(), context);
    state.in_force.unwrap().competence.remove(&Key::new("lending")).unwrap()
}

#[test]
fn what_showed_their_competence_is_kept() {
    let record = |id: &str| Ref::new(id);
    let (end, none) = ("2025-11-03".parse().ok(), None);
    let wanted = |records: &[&str], valid_until| CompetenceShown {
        revision: 2,
        records: records.iter().map(|id| record(id)).collect(),
        valid_until,
    };
    assert_eq!(shown(&lena()), wanted(&["trr_course"], end));
    // On its last day, and on its first.
    let day = |field: &str| json!({ (field): "2025-01-13" });
    for field in ["validUntil", "completedOn"] {
        let body = learnt("usr_olga", "effectiveness_verified", day(field));
        let seen = shown(&lena().knowing("trr_course", "training_record", body));
        assert_eq!(seen.records, wanted(&["trr_course"], none).records, "{field}");
    }
    // Two records together; of two that show the same the one that lasts longest.
    let stopping = json!({"competences": {"stopping": {"level": "expert"}}, "validUntil": null});
    let context =
        lena().knowing("trr_drill", "training_record", learnt("usr_olga", "completed", stopping));
    assert_eq!(shown(&context), wanted(&["trr_course", "trr_drill"], end));
}

#[test]
fn somebody_who_watches_can_stop_the_system() {
    let overseer = Overseer { stop_ability: false, ..overseer() };
    let oversight = BTreeMap::from([(Key::new("lending"), overseer)]);
    let helpless = Content { oversight, ..content() };
    assert_eq!(not_approved(helpless, &lena()), Refusal::NobodyCanStop);
    let nobody = Content { oversight: BTreeMap::new(), ..content() };
    assert_eq!(not_approved(nobody, &lena()), Refusal::NobodyCanStop);
}

#[test]
fn a_share_of_reviews_lies_in_0_to_100_per_cent() {
    let with = |share: &str| {
        let overseer = Overseer { review_share: share.parse().unwrap(), ..overseer() };
        Content { oversight: BTreeMap::from([(Key::new("lending"), overseer)]), ..content() }
    };
    let state = IntendedUse::default();
    for share in ["0", "12.5", "100"] {
        assert!(state.decide(draft(with(share)), &marc()).is_ok(), "{share}");
    }
    for wrong in ["-0.000001", "100.000001"] {
        let at = "/oversight/lending/reviewShare".to_owned();
        let refusal = Refusal::NoShare { share: wrong.parse().unwrap(), at };
        assert_eq!(refused(&state, draft(with(wrong)), &marc()), refusal);
        assert_eq!(refused(&approved(), Command::Redraft(with(wrong)), &marc()), refusal);
    }
}

#[test]
fn users_get_instructions() {
    let silent = Content { instructions_hash: None, ..content() };
    assert_eq!(not_approved(silent, &lena()), Refusal::NoInstructions);
}

#[test]
fn a_monitor_of_use_watches_this_system() {
    let body = json!({"system": "sys_other", "status": "armed"});
    let context = lena().knowing("mon_use", "monitor", body);
    let monitor = "mon_use".to_owned();
    assert_eq!(not_approved(content(), &context), Refusal::MonitorOfAnotherSystem { monitor });
}

#[test]
fn nothing_is_published_before_it_is_approved() {
    for state in [IntendedUse::default(), submitted(content())] {
        assert_eq!(refused(&state, Command::Publish, &lena()), Refusal::NotApproved);
    }
}

#[test]
fn what_is_approved_is_published_and_not_the_draft_after_it() {
    let mut state = approved();
    let instructions_hash = Some(Hash::new("cd".repeat(32)));
    given(&mut state, Command::Redraft(Content { instructions_hash, ..content() }), &marc());
    given(&mut state, Command::Publish, &lena());
    let published = state.published.unwrap();
    assert_eq!(published.version, 1);
    assert_eq!(published.instructions_hash, Hash::new("ab".repeat(32)));
}

#[test]
fn users_keep_what_they_were_told_until_the_next_version_is_published() {
    let (mut state, events) = second_approved();
    let [Event::Superseded(_), Event::Approved(e)] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(e.still_published, Some(1));
    assert_eq!((state.progress, state.published_at), (Progress::Outdated, None));
    assert_eq!(state.published.as_ref().unwrap().version, 1);
    given(&mut state, Command::Publish, &lena());
    assert_eq!(state.progress, Progress::Published);
    let published = state.published.unwrap();
    assert_eq!(published.version, 2);
    assert_eq!(published.instructions_hash, Hash::new("cd".repeat(32)));
}

#[test]
fn the_use_of_a_running_system_is_not_withdrawn() {
    for status in ["running", "restricted"] {
        let runs = lena().knowing(SYSTEM, "ai_system", system(status));
        assert_eq!(refused(&published(), withdraw(), &runs), Refusal::SystemRuns);
        assert_eq!(refused(&second_approved().0, withdraw(), &runs), Refusal::SystemRuns);
        let mut drafted = published();
        given(&mut drafted, Command::Redraft(content()), &marc());
        given(&mut drafted, withdraw(), &runs);
        assert_eq!(drafted.progress, Progress::Published, "a draft can be taken back");
    }
    let mut state = published();
    given(&mut state, withdraw(), &lena());
    assert_eq!((&state.in_force, &state.published), (&None, &None));
    assert_eq!((state.progress, state.published_at), (Progress::NotPublished, None));
}

#[test]
fn a_rejected_use_is_a_draft_again() {
    let mut state = submitted(content());
    let reason = Prose::new("Name the languages.");
    given(&mut state, Command::Reject(Reject { reason }), &lena());
    given(&mut state, Command::Redraft(content()), &marc());
    assert_eq!((state.approval.version, state.approval.status), (1, Phase::Draft));
    given(&mut state, Command::Submit, &marc());
    let refusal = refused(&state, Command::Redraft(content()), &marc());
    assert!(matches!(refusal, Refusal::Approval(ApprovalRefusal::NotInDraft { .. })));
}

#[test]
fn anybody_records_a_use_that_differs_from_the_intended_one() {
    let mut state = published();
    let emma = on("usr_emma", &[Role::Emp]);
    let events = given(&mut state, deviation(Some(APPROVED_ON)), &emma);
    let [Event::DeviationRecorded(e)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((e.deviation.version, &e.deviation.by), (1, &UserId::new("usr_emma")));
    assert_eq!((state.deviations.len(), state.deviation_count), (1, 1));
    let future = deviation(Some("2025-01-13T09:00:01Z"));
    assert_eq!(refused(&state, future, &emma), Refusal::SeenInFuture { at: "/observedAt" });
    let unapproved = submitted(content());
    assert_eq!(refused(&unapproved, deviation(None), &emma), Refusal::NotApproved);
}

#[test]
fn the_document_shows_the_last_deviations_and_counts_all() {
    let mut state = published();
    let mut keys = Vec::new();
    for minute in 0..=DEVIATIONS_SHOWN {
        let now = format!("2025-02-01T09:{minute:02}:00Z");
        let emma = Context::of("usr_emma", &[Role::Emp], &now);
        let events = given(&mut state, deviation(None), &emma);
        let [Event::DeviationRecorded(e)] = events.as_slice() else { panic!("{events:?}") };
        keys.push(e.key.clone());
    }
    assert_eq!(state.deviations.len(), DEVIATIONS_SHOWN);
    assert_eq!(state.deviation_count, 21);
    assert!(!state.deviations.contains_key(&keys[0]), "the oldest has left");
    assert!(keys[1..].iter().all(|key| state.deviations.contains_key(key)));
}

#[test]
fn approval_asks_for_assessments_competence_and_monitors() {
    let needs = submitted(content()).needs(&approve(), &lena());
    assert_eq!(
        needs,
        vec![
            Need::Where("impact_assessment", "system", SYSTEM.into()),
            Need::Object("cpr_watch".into()),
            Need::Where("training_record", "person", "usr_olga".into()),
            Need::Object("mon_use".into()),
        ]
    );
}

#[test]
fn a_correction_leaves_the_use_as_it_was_approved() {
    let context = Context { version: 3, ..marc() };
    let correct = |set: Value| {
        let set = Fields(set.as_object().unwrap().clone());
        Command::Correct(Correct { corrects: 1, reason: Prose::new("a slip"), set })
    };
    assert!(approved().decide(correct(json!({})), &context).is_ok());
    for field in ["intendedUses", "publishedAt", "oversight", "limits"] {
        let refusal = refused(&approved(), correct(json!({ field: [] })), &context);
        let at = format!("/set/{field}");
        let refused = CorrectionRefusal::NotCorrectable { field: field.into(), at };
        assert_eq!(refusal, Refusal::Correction(refused));
    }
}

#[test]
fn what_others_rely_on_is_what_the_use_says() {
    let body = serde_json::to_value(published()).unwrap();
    let context = lena().knowing("itu_1", "intended_use", body);
    let seen: facts::IntendedUse = context.facts.get("itu_1").unwrap();
    assert_eq!((seen.system.as_str(), seen.published_at), (SYSTEM, APPROVED_ON.parse().ok()));
    assert_eq!(seen.effective.unwrap()["version"], 1);
    let in_force = seen.in_force.unwrap();
    assert_eq!(in_force.intended_uses, ["scoring of consumer loans "]);
    let overseer = &in_force.oversight["lending"];
    assert_eq!((overseer.who.as_str(), overseer.stop_ability), ("usr_olga", true));
    assert_eq!(overseer.competence, "cpr_watch");
    let body = serde_json::to_value(second_approved().0).unwrap();
    let context = lena().knowing("itu_1", "intended_use", body);
    let seen: facts::IntendedUse = context.facts.get("itu_1").unwrap();
    assert_eq!(seen.published_at, None, "the version in force is not published yet");
}
