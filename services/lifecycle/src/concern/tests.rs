//! Given, when, then: concerns.

use kernel::Role;
use kernel::kinds;
use kernel::values::Hash;
use serde_json::{Value, json};

use super::*;

const REPORTED_ON: &str = "2025-03-03T09:00:00Z";
const CHANNEL: &str = "rch_1";

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn channel(changes: Value) -> Value {
    let mut channel = json!({
        "audience": "external", "handlers": ["usr_priya", "usr_ingrid"], "acceptsAnonymous": true,
        "ackDays": 7, "answerDays": 90, "status": "published",
    });
    for (name, value) in changes.as_object().unwrap() {
        channel[name] = value.clone();
    }
    channel
}

/// What is known of the channel and of the members who may handle concerns.
fn knowing(context: Context, changes: Value) -> Context {
    let member = |roles: &[&str], status: &str| json!({"roles": roles, "status": status});
    context
        .knowing(CHANNEL, "reporting_channel", channel(changes))
        .knowing("mbr_priya", "membership", member(&["AM"], "active"))
        .knowing("mbr_ingrid", "membership", member(&["TM"], "active"))
        .knowing("mbr_jonas", "membership", member(&["IM"], "active"))
        .knowing("mbr_aoife", "membership", member(&["DPO"], "active"))
        .knowing("mbr_sara", "membership", member(&["DEV"], "active"))
        .knowing("mbr_gone", "membership", member(&["AM"], "revoked"))
}

fn on(user: &str, roles: &[Role], now: &str) -> Context {
    knowing(Context::of(user, roles, now), json!({}))
}

fn as_(user: &str, role: Role) -> Context {
    on(user, &[role, Role::Emp], REPORTED_ON)
}

fn priya() -> Context {
    as_("usr_priya", Role::Am)
}

fn ingrid() -> Context {
    as_("usr_ingrid", Role::Tm)
}

fn sara() -> Context {
    as_("usr_sara", Role::Emp)
}

fn outsider() -> Context {
    as_("ext_1", Role::Ext)
}

fn hash(c: char) -> Hash {
    Hash::new(c.to_string().repeat(64))
}

fn report() -> Report {
    Report {
        channel: Ref::new(CHANNEL),
        system: Some(Ref::new("sys_1")),
        text: Prose::new("It declines everybody from one street."),
        anonymous: true,
        contact: None,
        about: vec![],
        receipt_hash: Some(hash('a')),
    }
}

/// As a member reports: named, without a receipt.
fn named() -> Report {
    Report { anonymous: false, receipt_hash: None, ..report() }
}

fn after(mut given: Vec<Event>, commands: Vec<(Command, Context)>) -> Vec<Event> {
    let mut concern = state(given.clone());
    for (command, context) in commands {
        for event in concern.decide(command, &context).unwrap() {
            concern.evolve(event.clone());
            given.push(event);
        }
    }
    given
}

fn state(events: Vec<Event>) -> Concern {
    let mut concern = Concern::default();
    events.into_iter().for_each(|event| concern.evolve(event));
    concern
}

fn decide(given: Vec<Event>, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
    state(given).decide(command, context)
}

fn refused(given: Vec<Event>, command: Command, context: &Context) -> Refusal {
    decide(given, command, context).unwrap_err()
}

fn arrived(input: Report, context: &Context) -> Reported {
    state(decide(vec![], Command::Report(input), context).unwrap()).reported
}

/// An outsider's unnamed concern with a receipt, given to Priya.
fn received() -> Vec<Event> {
    decide(vec![], Command::Report(report()), &outsider()).unwrap()
}

fn check(conflict: bool, named: &[&str]) -> Command {
    let named = named.iter().copied().map(UserId::new).collect();
    Command::RecordConflictCheck(ConflictCheck { conflict, note: None, named })
}

fn under_review() -> Vec<Event> {
    after(
        received(),
        vec![
            (Command::Acknowledge, priya()),
            (check(false, &[]), priya()),
            (Command::StartReview, priya()),
        ],
    )
}

fn resolve() -> Command {
    Command::Resolve(Resolve { outcome: Prose::new("The street code was dropped.") })
}

fn reply() -> Command {
    Command::Reply(Reply { text: Prose::new("Thank you; it has been repaired.") })
}

fn escalate(to: &str) -> Command {
    Command::Escalate(Escalate { to: Ref::new(to), reason: Prose::new("unfair") })
}

fn message(receipt: Option<Hash>) -> Command {
    let text = Prose::new("Here is another case.");
    Command::AddMessage(AddMessage { text, receipt_hash: receipt })
}

fn retaliation(receipt: Option<Hash>) -> Command {
    let text = Prose::new("My account was closed.");
    Command::FlagRetaliation(FlagRetaliation { text, receipt_hash: receipt })
}

fn assign(user: &str) -> Command {
    Command::AssignHandler(AssignHandler { handler: UserId::new(user) })
}

#[test]
fn an_outsiders_concern_goes_from_receipt_to_its_end() {
    let given = after(
        under_review(),
        vec![
            (message(Some(hash('a'))), outsider()),
            (message(None), on("usr_priya", &[Role::Am], "2025-03-04T09:00:00Z")),
            (escalate("inc_1"), priya()),
            (resolve(), priya()),
            (reply(), on("usr_priya", &[Role::Am], "2025-03-05T09:00:00Z")),
            (Command::Close, priya()),
        ],
    );
    let concern = state(given);
    assert_eq!(concern.status, ConcernStatus::Closed);
    assert_eq!(concern.acknowledged_at, Some(at(REPORTED_ON)));
    assert_eq!(concern.escalated_to, vec![Ref::new("inc_1")]);
    let reply = concern.reply.unwrap();
    assert_eq!(concern.messages[&reply.key].text, reply.text, "the reporter reads the answer");
    let from = |side| concern.messages.values().filter(|message| message.from == side).count();
    assert_eq!((from(Speaker::Reporter), from(Speaker::Handler)), (1, 2));
}

#[test]
fn the_channel_promises_when_a_concern_is_acknowledged_and_answered() {
    let reported = arrived(report(), &outsider());
    assert_eq!(reported.ack_due, at("2025-03-10T09:00:00Z"));
    assert_eq!(reported.answer_due, at("2025-06-01T09:00:00Z"));
    assert_eq!(reported.origin, Origin::External);
    let context = knowing(outsider(), json!({"ackDays": 2, "answerDays": 10}));
    let reported = arrived(report(), &context);
    assert_eq!(reported.ack_due, at("2025-03-05T09:00:00Z"));
    assert_eq!(reported.answer_due, at("2025-03-13T09:00:00Z"));
}

#[test]
fn what_comes_later_than_promised_says_so() {
    for (now, late) in [("2025-03-10T09:00:00Z", false), ("2025-03-10T09:00:00.000001Z", true)] {
        let priya = on("usr_priya", &[Role::Am], now);
        let events = decide(received(), Command::Acknowledge, &priya).unwrap();
        let [Event::Acknowledged(step)] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!(step.late, late, "{now}");
    }
    for (now, late) in [("2025-06-01T09:00:00Z", false), ("2025-06-01T09:00:01Z", true)] {
        let priya = on("usr_priya", &[Role::Am], now);
        let events = decide(under_review(), reply(), &priya).unwrap();
        let [Event::Replied(reply)] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!(reply.late, late, "{now}");
    }
}

#[test]
fn the_first_handler_receives_it_whom_it_does_not_name() {
    for (handlers, about, handler) in [
        (json!(["usr_priya", "usr_ingrid"]), vec![], Some("usr_priya")),
        (json!(["usr_priya", "usr_ingrid"]), vec!["usr_priya"], Some("usr_ingrid")),
        (json!(["usr_priya", "usr_ingrid"]), vec!["usr_ingrid", "usr_priya"], None),
        (json!(["usr_gone", "usr_sara", "usr_jonas"]), vec![], Some("usr_jonas")),
        (json!(["usr_gone"]), vec![], None),
    ] {
        let context = knowing(outsider(), json!({"handlers": handlers}));
        let about: Vec<_> = about.into_iter().map(UserId::new).collect();
        let reported = arrived(Report { about, ..report() }, &context);
        assert_eq!(reported.handler, handler.map(UserId::new), "{handlers}");
        assert_eq!(reported.conflict, handler.is_none());
    }
}

#[test]
fn nobody_handles_the_concern_that_he_reported() {
    let reported = arrived(named(), &priya());
    assert_eq!(reported.reporter, Some(UserId::new("usr_priya")));
    assert_eq!(reported.handler, Some(UserId::new("usr_ingrid")));
}

#[test]
fn an_unnamed_concern_holds_nothing_of_who_reported_it() {
    let given = received();
    let stored = serde_json::to_string(&given).unwrap();
    assert!(!stored.contains("ext_1"), "{stored}");
    let concern = state(given);
    assert!(concern.reported.anonymous);
    assert_eq!(concern.reported.reporter, None);
}

#[test]
fn a_member_with_a_session_is_not_unnamed() {
    let input = Report { receipt_hash: None, ..report() };
    assert_eq!(
        refused(vec![], Command::Report(input), &sara()),
        Refusal::SessionRevealsReporter { at: "/anonymous" }
    );
    let input = Report { anonymous: false, ..report() };
    assert_eq!(
        refused(vec![], Command::Report(input), &sara()),
        Refusal::ReceiptOfMember { at: "/receiptHash" }
    );
}

#[test]
fn a_channel_takes_only_what_it_offers() {
    let channel = || CHANNEL.to_owned();
    let closed = Refusal::NoOpenChannel { channel: channel(), at: "/channel" };
    let internal = Refusal::ChannelIsInternal { channel: channel(), at: "/channel" };
    let names = Refusal::ChannelNamesReporters { channel: channel(), at: "/anonymous" };
    for (changes, expected) in [
        (json!({"status": "withdrawn"}), closed.clone()),
        (json!({"audience": "internal"}), internal),
        (json!({"acceptsAnonymous": false}), names),
    ] {
        let context = knowing(outsider(), changes.clone());
        assert_eq!(refused(vec![], Command::Report(report()), &context), expected, "{changes}");
    }
    let unknown = Context::of("ext_1", &[Role::Ext], REPORTED_ON);
    assert_eq!(refused(vec![], Command::Report(report()), &unknown), closed);
    let inside = knowing(sara(), json!({"audience": "internal", "acceptsAnonymous": false}));
    assert_eq!(arrived(named(), &inside).origin, Origin::Internal);
}

#[test]
fn only_the_handler_acts_on_a_concern() {
    for command in [
        Command::Acknowledge,
        check(false, &[]),
        Command::StartReview,
        message(None),
        retaliation(None),
        reply(),
        escalate("inc_1"),
        resolve(),
        Command::Close,
        Command::Correct(Correct {
            corrects: 1,
            reason: Prose::new("typo"),
            set: kernel::values::Fields::default(),
        }),
    ] {
        let refusal = refused(under_review(), command.clone(), &ingrid());
        assert_eq!(refusal, Refusal::NotTheHandler, "{command:?}");
    }
}

#[test]
fn an_outsider_speaks_with_his_receipt_only() {
    let wrong = Refusal::WrongReceipt { at: "/receiptHash" };
    for receipt in [None, Some(hash('b'))] {
        assert_eq!(refused(received(), message(receipt.clone()), &outsider()), wrong);
        assert_eq!(refused(received(), retaliation(receipt), &outsider()), wrong);
    }
    let without_receipt = Report { receipt_hash: None, ..report() };
    let given = decide(vec![], Command::Report(without_receipt), &outsider()).unwrap();
    assert_eq!(refused(given, message(None), &outsider()), wrong);
    let member = refused(received(), message(Some(hash('a'))), &priya());
    assert_eq!(member, Refusal::ReceiptOfMember { at: "/receiptHash" });
}

#[test]
fn a_member_who_reported_says_more_and_nobody_speaks_for_him() {
    let given = decide(vec![], Command::Report(named()), &sara()).unwrap();
    let events = decide(given.clone(), message(None), &sara()).unwrap();
    let [Event::MessageAdded(added)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(added.message.from, Speaker::Reporter);
    let other = as_("usr_kenji", Role::Emp);
    assert_eq!(refused(given, message(None), &other), Refusal::NotTheHandler);
}

#[test]
fn each_side_says_at_most_fifty_things() {
    let mut given = received();
    for _ in 0..50 {
        let mut said = decide(given.clone(), message(Some(hash('a'))), &outsider()).unwrap();
        if let Some(Event::MessageAdded(added)) = said.first_mut() {
            added.key = Key::new(format!("message_{}", given.len()));
        }
        given.extend(said);
    }
    assert_eq!(
        refused(given.clone(), message(Some(hash('a'))), &outsider()),
        Refusal::TooManyMessages { most: 50 }
    );
    assert!(decide(given, message(None), &priya()).is_ok());
}

#[test]
fn a_handler_who_has_said_much_still_answers() {
    let mut given = under_review();
    for n in 0..60 {
        let command = if n < 50 { message(None) } else { reply() };
        let mut said = decide(given.clone(), command, &priya()).unwrap();
        for event in &mut said {
            match event {
                Event::MessageAdded(added) => added.key = Key::new(format!("message_{n}")),
                Event::Replied(reply) => reply.key = Key::new(format!("message_{n}")),
                other => panic!("{other:?}"),
            }
        }
        given.extend(said);
    }
    let too_many = |most| Refusal::TooManyMessages { most };
    assert_eq!(refused(given.clone(), message(None), &priya()), too_many(50));
    assert_eq!(refused(given, reply(), &priya()), too_many(60));
}

#[test]
fn retaliation_is_flagged_even_after_the_end() {
    let closed = after(
        under_review(),
        vec![(reply(), priya()), (resolve(), priya()), (Command::Close, priya())],
    );
    let given = after(closed, vec![(retaliation(Some(hash('a'))), outsider())]);
    let concern = state(given);
    assert!(concern.retaliation_flag);
    assert_eq!(concern.retaliation.unwrap().from, Speaker::Reporter);
    assert_eq!(concern.status, ConcernStatus::Closed);
}

#[test]
fn a_handler_with_a_conflict_gives_the_concern_back_and_does_not_get_it_again() {
    let given = after(received(), vec![(check(true, &[]), priya())]);
    let concern = state(given.clone());
    assert_eq!(concern.reported.handler, None);
    assert!(concern.reported.conflict);
    assert_eq!(refused(given.clone(), Command::Acknowledge, &priya()), Refusal::NotTheHandler);
    assert_eq!(
        refused(given.clone(), assign("usr_priya"), &ingrid()),
        Refusal::HandlerHasConflict { user: "usr_priya".into(), at: "/handler" }
    );
    let given = after(given, vec![(assign("usr_aoife"), ingrid())]);
    let concern = state(given);
    assert_eq!(concern.reported.handler, Some(UserId::new("usr_aoife")));
    assert!(!concern.reported.conflict);
}

#[test]
fn who_finds_himself_named_has_a_conflict_whatever_he_says() {
    let given = after(received(), vec![(check(false, &["usr_priya"]), priya())]);
    let concern = state(given);
    assert_eq!(concern.reported.handler, None);
    assert_eq!(concern.reported.about, vec![UserId::new("usr_priya")]);
}

#[test]
fn a_concern_names_a_hundred_members_at_most() {
    let names = |from: usize, to: usize| -> Vec<String> {
        (from..to).map(|n| format!("usr_{n}")).collect()
    };
    let all = names(0, 100);
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    let given = after(received(), vec![(check(false, &all), priya())]);
    assert_eq!(
        refused(given, check(false, &["usr_more"]), &priya()),
        Refusal::TooManyNamed { most: 100, at: "/named" }
    );
}

#[test]
fn a_concern_is_assigned_to_somebody_impartial_who_can_act() {
    let about = vec![UserId::new("usr_jonas")];
    let input = Report { about, ..named() };
    let given = decide(vec![], Command::Report(input), &sara()).unwrap();
    let by_conflict = |user: &str| refused(given.clone(), assign(user), &ingrid());
    let at = "/handler";
    let user = |user: &str| user.to_owned();
    assert_eq!(by_conflict("usr_jonas"), Refusal::HandlerIsNamed { user: user("usr_jonas"), at });
    assert_eq!(by_conflict("usr_sara"), Refusal::HandlerIsReporter { user: user("usr_sara"), at });
    assert_eq!(by_conflict("usr_gone"), Refusal::HandlerCannotAct { user: user("usr_gone"), at });
    assert_eq!(by_conflict("usr_ingrid"), Refusal::TakenFromHandler { at });
    let named_manager = as_("usr_jonas", Role::Tm);
    let refusal = refused(given.clone(), assign("usr_aoife"), &named_manager);
    assert_eq!(refusal, Refusal::AssignerIsNamed);
    assert_eq!(decide(given.clone(), assign("usr_priya"), &ingrid()), Ok(vec![]));
    assert!(decide(given, assign("usr_aoife"), &ingrid()).is_ok());
}

#[test]
fn a_concern_without_handler_may_be_taken_up_by_a_manager_himself() {
    let about = ["usr_priya", "usr_ingrid"].map(UserId::new).to_vec();
    let given = decide(vec![], Command::Report(Report { about, ..report() }), &outsider()).unwrap();
    let anna = as_("usr_anna", Role::Am).knowing(
        "mbr_anna",
        "membership",
        json!({"roles": ["AM"], "status": "active"}),
    );
    let given = after(given, vec![(assign("usr_anna"), anna)]);
    assert_eq!(state(given).reported.handler, Some(UserId::new("usr_anna")));
}

#[test]
fn nothing_is_decided_before_the_handler_has_said_that_he_is_impartial() {
    let given = after(received(), vec![(Command::Acknowledge, priya())]);
    for command in [Command::StartReview, reply(), escalate("inc_1"), resolve(), Command::Close] {
        let refusal = refused(given.clone(), command.clone(), &priya());
        assert_eq!(refusal, Refusal::ConflictNotChecked, "{command:?}");
    }
    let aoife = || as_("usr_aoife", Role::Dpo);
    let given = after(under_review(), vec![(assign("usr_aoife"), ingrid())]);
    assert_eq!(refused(given.clone(), resolve(), &aoife()), Refusal::ConflictNotChecked);
    assert!(decide(after(given, vec![(check(false, &[]), aoife())]), resolve(), &aoife()).is_ok());
}

#[test]
fn steps_follow_one_another() {
    let wrong = |status, step| Refusal::WrongStatus { status, step };
    let checked = after(received(), vec![(check(false, &[]), priya())]);
    let acknowledged = after(checked.clone(), vec![(Command::Acknowledge, priya())]);
    let closed = after(
        under_review(),
        vec![(reply(), priya()), (resolve(), priya()), (Command::Close, priya())],
    );
    for (given, command, status, step) in [
        (checked.clone(), Command::StartReview, "received", "put under review"),
        (checked, reply(), "received", "answered"),
        (acknowledged.clone(), escalate("inc_1"), "acknowledged", "escalated"),
        (acknowledged.clone(), resolve(), "acknowledged", "resolved"),
        (acknowledged, Command::Close, "acknowledged", "closed"),
        (under_review(), Command::Close, "under review", "closed"),
        (closed.clone(), message(None), "closed", "added to: report a new one"),
        (closed.clone(), check(true, &[]), "closed", "checked for conflicts"),
        (closed.clone(), resolve(), "closed", "resolved"),
        (closed.clone(), Command::StartReview, "closed", "put under review"),
    ] {
        assert_eq!(refused(given, command.clone(), &priya()), wrong(status, step), "{command:?}");
    }
    assert_eq!(refused(closed, assign("usr_aoife"), &ingrid()), wrong("closed", "assigned"));
}

#[test]
fn a_step_that_was_taken_is_not_taken_twice() {
    let given = after(under_review(), vec![(escalate("inc_1"), priya())]);
    for command in [Command::Acknowledge, check(false, &[]), escalate("inc_1")] {
        assert_eq!(decide(given.clone(), command, &priya()), Ok(vec![]));
    }
    assert_eq!(decide(under_review(), Command::StartReview, &priya()), Ok(vec![]));
    let closed =
        after(given, vec![(reply(), priya()), (resolve(), priya()), (Command::Close, priya())]);
    assert_eq!(decide(closed, Command::Close, &priya()), Ok(vec![]));
}

#[test]
fn a_concern_is_escalated_to_incidents_and_nonconformities() {
    let (to, at) = ("sys_1".to_owned(), "/to");
    let refusal = refused(under_review(), escalate("sys_1"), &priya());
    assert_eq!(refusal, Refusal::NotAnEscalation { to, at });
    let mut given = under_review();
    for n in 0..20 {
        given = after(given, vec![(escalate(&format!("inc_{n}")), priya())]);
    }
    let refusal = refused(given, escalate("inc_20"), &priya());
    assert_eq!(refusal, Refusal::TooManyEscalations { most: 20 });
}

#[test]
fn a_reporter_who_can_be_reached_is_answered_before_the_end() {
    let contact = Some(Prose::new("a.jansen@example.org"));
    for (input, context, reachable) in [
        (report(), outsider(), true),
        (Report { receipt_hash: None, contact, ..report() }, outsider(), true),
        (named(), sara(), true),
        (Report { receipt_hash: None, ..report() }, outsider(), false),
    ] {
        let given = decide(vec![], Command::Report(input), &context).unwrap();
        let given = after(
            given,
            vec![
                (Command::Acknowledge, priya()),
                (check(false, &[]), priya()),
                (Command::StartReview, priya()),
                (resolve(), priya()),
            ],
        );
        let result = decide(given.clone(), Command::Close, &priya());
        if reachable {
            assert_eq!(result, Err(Refusal::NotAnswered));
            let given = after(given, vec![(reply(), priya())]);
            assert!(decide(given, Command::Close, &priya()).is_ok());
        } else {
            assert!(result.is_ok());
        }
    }
}

#[test]
fn nothing_of_the_reporter_can_be_corrected() {
    for field in
        ["reporter", "contact", "anonymous", "receiptHash", "about", "handler", "text", "status"]
    {
        let mut context = priya();
        context.version = 1;
        let set = serde_json::Map::from_iter([(field.to_owned(), json!("usr_kenji"))]);
        let set = kernel::values::Fields(set);
        let correct = Correct { corrects: 1, reason: Prose::new("wrong"), set };
        let refusal = refused(received(), Command::Correct(correct), &context);
        let (field, at) = (field.to_owned(), format!("/set/{field}"));
        let expected = kernel::correction::CorrectionRefusal::NotCorrectable { field, at };
        assert_eq!(refusal, Refusal::Correction(expected));
    }
}

#[test]
fn the_facts_of_a_report_are_the_channel_and_then_its_handlers() {
    let blank = Context::of("ext_1", &[Role::Ext], REPORTED_ON);
    let concern = Concern::default();
    let command = Command::Report(report());
    assert_eq!(concern.needs(&command, &blank), vec![Need::Object(CHANNEL.into())]);
    let known = blank.knowing(CHANNEL, "reporting_channel", channel(json!({})));
    let needs = concern.needs(&command, &known);
    assert!(needs.contains(&Need::Object("mbr_ingrid".into())), "{needs:?}");
    assert_eq!(kinds::kind_of_prefix("rch").unwrap().name, "reporting_channel");
}
