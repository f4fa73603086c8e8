//! Given, when, then: technical documentation.

use kernel::kinds::AiSystem;
use kernel::values::{Fields, Hash, Key, Line, Prose, Ref};
use serde_json::{Value, json};

use super::*;

const SYSTEM: &str = "sys_creditlens";

fn on(user: &str, role: Role, versions: Value) -> Context {
    Context::of(user, &[role], "2025-01-10T09:00:00Z").knowing(
        SYSTEM,
        "ai_system",
        json!({"name": "CreditLens", "versions": versions}),
    )
}

fn versions() -> Value {
    json!({"2.0.1": {"stage": "verification_and_validation", "status": "in_preparation"}})
}

fn sara() -> Context {
    on("usr_sara", Role::Dev, versions())
}

fn marc() -> Context {
    on("usr_marc", Role::So, versions())
}

/// A high-risk system whose class was confirmed, or never was; its role waits for confirmation
/// where its status is proposed.
fn high_risk(context: Context, role: &str, status: &str, was_confirmed: bool) -> Context {
    let body = json!({
        "system": SYSTEM, "status": status, "regime": "eu_ai_act", "class": "high_risk",
        "role": role, "effects": ["high_risk"],
        "confirmedAt": was_confirmed.then_some("2024-09-02T09:00:00.000000Z"),
    });
    context.knowing("cls_1", "regulatory_classification", body)
}

fn content(points: &[&str]) -> Content {
    let reference = || AnnexReference { reference: Line::new("TD-01, section 2") };
    let (hash, title) = (Hash::new("ab".repeat(32)), Line::new("Instructions for lenders"));
    Content {
        audiences: Audiences {
            user: Some(AudienceDocument { hash, title, media_type: None }),
            ..Audiences::default()
        },
        annex_iv_map: points.iter().map(|point| (Key::new(*point), reference())).collect(),
        model_card_hash: None,
    }
}

fn draft(label: &str, content: Content) -> Command {
    let system: Ref<AiSystem> = Ref::new(SYSTEM);
    let subject = Subject { system, system_version: Key::new(label) };
    Command::Draft(DraftDocumentation { subject, content })
}

fn approve() -> Command {
    Command::Approve(Approve { content_hash: None })
}

fn given(state: &mut TechnicalDocumentation, command: Command, context: &Context) -> Vec<Event> {
    let events = state.decide(command, context).unwrap();
    events.iter().for_each(|event| state.evolve(event.clone()));
    events
}

fn drafted(content: Content) -> TechnicalDocumentation {
    let mut state = TechnicalDocumentation::default();
    given(&mut state, draft("2.0.1", content), &sara());
    state
}

fn submitted(content: Content) -> TechnicalDocumentation {
    let mut state = drafted(content);
    given(&mut state, Command::Submit, &sara());
    state
}

fn approved() -> TechnicalDocumentation {
    let mut state = submitted(content(&[]));
    given(&mut state, approve(), &marc());
    state
}

fn refused(state: &TechnicalDocumentation, command: Command, context: &Context) -> Refusal {
    state.decide(command, context).unwrap_err()
}

#[test]
fn the_system_owner_approves_what_the_developer_documented() {
    let state = approved();
    assert_eq!(state.approval.effective.unwrap().approved_by, UserId::new("usr_marc"));
}

#[test]
fn documentation_is_of_a_version_that_the_system_has() {
    let state = TechnicalDocumentation::default();
    let refusal = refused(&state, draft("3.0", content(&[])), &sara());
    let unknown = Refusal::UnknownVersion { label: "3.0".into(), at: "/systemVersion" };
    assert_eq!(refusal, unknown);
}

#[test]
fn a_version_is_documented_once() {
    let state = TechnicalDocumentation::default();
    let of = |label: &str| json!({"system": SYSTEM, "systemVersion": label});
    let context = sara().knowing("tdo_1", "technical_documentation", of("2.0.1"));
    let documented = Refusal::VersionIsDocumented {
        label: "2.0.1".into(),
        documentation: "tdo_1".into(),
        at: "/systemVersion",
    };
    assert_eq!(refused(&state, draft("2.0.1", content(&[])), &context), documented);
    let context = sara().knowing("tdo_1", "technical_documentation", of("2.0"));
    assert!(state.decide(draft("2.0.1", content(&[])), &context).is_ok());
}

#[test]
fn a_point_that_annex_iv_lacks_is_refused() {
    let no_point = |point: &str| Refusal::NoSuchPoint {
        point: point.into(),
        at: format!("/annexIvMap/{point}"),
    };
    let state = TechnicalDocumentation::default();
    for point in ["0", "10", "1.a"] {
        let refusal = refused(&state, draft("2.0.1", content(&[point])), &sara());
        assert_eq!(refusal, no_point(point));
    }
    let refusal = refused(&approved(), Command::Redraft(content(&["x"])), &sara());
    assert_eq!(refusal, no_point("x"));
}

#[test]
fn somebody_must_be_told_something() {
    let silent = Content { audiences: Audiences::default(), ..content(&[]) };
    assert_eq!(refused(&drafted(silent), Command::Submit, &sara()), Refusal::NoAudience);
    let document = content(&[]).audiences.user;
    for audiences in [
        Audiences { partner: document.clone(), ..Audiences::default() },
        Audiences { authority: document.clone(), ..Audiences::default() },
    ] {
        let state = drafted(Content { audiences, ..content(&[]) });
        assert!(state.decide(Command::Submit, &sara()).is_ok());
    }
}

#[test]
fn a_provider_of_a_high_risk_system_says_where_each_point_of_annex_iv_is_met() {
    let all = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let missing = |missing: &str| Refusal::AnnexPointsMissing { missing: missing.into() };
    let provider = high_risk(marc(), "provider", "confirmed", true);
    let none = submitted(content(&[]));
    assert_eq!(refused(&none, approve(), &provider), missing("1, 2, 3, 4, 5, 6, 7, 8, 9"));
    assert_eq!(refused(&submitted(content(&all[..7])), approve(), &provider), missing("8, 9"));
    let author = high_risk(sara(), "provider", "confirmed", true);
    assert_eq!(refused(&drafted(content(&all[1..])), Command::Submit, &author), missing("1"));
    assert!(submitted(content(&all)).decide(approve(), &provider).is_ok());
    for context in [
        marc(),
        high_risk(marc(), "provider", "proposed", false),
        high_risk(marc(), "deployer", "confirmed", true),
    ] {
        assert!(none.decide(approve(), &context).is_ok());
    }
    let role_waits = high_risk(marc(), "deployer", "proposed", true);
    let refusal = refused(&none, approve(), &role_waits);
    assert!(matches!(refusal, Refusal::AnnexPointsMissing { .. }));
}

#[test]
fn a_version_that_a_newer_running_one_has_outrun_is_not_documented_any_more() {
    let version = |order: u32, status: &str| json!({"order": order, "stage": "operation_and_monitoring", "status": status});
    let state = submitted(content(&[]));
    let with = |ours: Value, other: Value| {
        let versions = json!({"2.0.1": ours, "hotfix": other});
        state.decide(approve(), &on("usr_marc", Role::So, versions))
    };
    let outrun = Refusal::OlderThanRunning { label: "2.0.1".into(), running: "hotfix".into() };
    assert_eq!(with(version(1, "stopped"), version(2, "running")), Err(outrun));
    for (ours, other) in [
        (version(1, "running"), version(2, "running")),
        (version(1, "stopped"), version(2, "in_preparation")),
        (version(2, "in_preparation"), version(1, "running")),
    ] {
        assert!(with(ours, other).is_ok());
    }
}

#[test]
fn a_developer_does_not_approve_his_own_documentation() {
    let both = Context { roles: vec![Role::Dev, Role::So], ..sara() };
    let refusal = refused(&submitted(content(&[])), approve(), &both);
    assert_eq!(refusal, Refusal::Approval(ApprovalRefusal::ApproverIsAuthor));
}

#[test]
fn documentation_in_review_is_not_written_again() {
    let refusal = refused(&submitted(content(&[])), Command::Redraft(content(&["1"])), &sara());
    assert!(matches!(refusal, Refusal::Approval(ApprovalRefusal::NotInDraft { .. })));
}

#[test]
fn the_next_version_ends_the_one_in_force_once_it_is_approved() {
    let mut state = approved();
    given(&mut state, Command::Redraft(content(&["1"])), &sara());
    assert_eq!(state.approval.effective.as_ref().unwrap().version, 1);
    given(&mut state, Command::Submit, &sara());
    let reason = Prose::new("Name the annexes.");
    given(&mut state, Command::Reject(Reject { reason: reason.clone() }), &marc());
    given(&mut state, Command::Submit, &sara());
    let events = given(&mut state, approve(), &marc());
    assert!(matches!(events.as_slice(), [Event::Superseded(_), Event::Approved(_)]));
    assert_eq!(state.approval.effective.as_ref().unwrap().version, 2);
    given(&mut state, Command::Withdraw(Withdraw { reason }), &marc());
    assert_eq!(state.approval.effective, None);
}

#[test]
fn a_correction_leaves_the_documentation_as_it_was_approved() {
    let context = Context { version: 3, ..sara() };
    let correct = |set: Value| {
        let set = Fields(set.as_object().unwrap().clone());
        Command::Correct(Correct { corrects: 1, reason: Prose::new("a slip"), set })
    };
    assert!(approved().decide(correct(json!({})), &context).is_ok());
    let refusal = refused(&approved(), correct(json!({"audiences": {}})), &context);
    let field = "audiences".to_owned();
    let refused = CorrectionRefusal::NotCorrectable { field, at: "/set/audiences".into() };
    assert_eq!(refusal, Refusal::Correction(refused));
}

#[test]
fn what_others_rely_on_is_what_the_documentation_says() {
    let body = serde_json::to_value(approved()).unwrap();
    let context = marc().knowing("tdo_1", "technical_documentation", body);
    let seen: facts::TechnicalDocumentation = context.facts.get("tdo_1").unwrap();
    assert_eq!((seen.system.as_str(), seen.system_version.as_str()), (SYSTEM, "2.0.1"));
    assert_eq!(seen.effective.unwrap()["version"], 1);
}
