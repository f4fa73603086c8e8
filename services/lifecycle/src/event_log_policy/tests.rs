//! Given, when, then: event-log policies.

use cqrs_es::test::TestFramework;
use kernel::values::{Hash, Line};
use serde_json::{Value, json};

use super::*;
use crate::resource::Stage;

const NOW: &str = "2025-01-14T09:00:00Z";

fn on(user: &str, role: Role, now: &str) -> Context {
    Context::of(user, &[role], now)
}

fn marc() -> Context {
    on("usr_marc", Role::So, NOW)
}

fn probe() -> Context {
    on("rea_probe", Role::Sys, NOW)
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn content() -> Content {
    Content {
        stages_on: vec![Stage::VerificationAndValidation, Stage::OperationAndMonitoring],
        fields: vec![Line::new("time"), Line::new("score"), Line::new("model version")],
        retention_months: 24,
        integrity: Integrity::HashChain,
        sink: Line::new("log store Utrecht"),
    }
}

fn define(content: Content) -> Command {
    Command::Define(Define { system: Ref::new("sys_1"), content })
}

fn retire() -> Command {
    Command::Retire(Retire { reason: Prose::new("the system is retired") })
}

fn detect(from: &str, to: Option<&str>) -> Command {
    Command::DetectGap(DetectGap { from: at(from), to: to.map(at) })
}

fn close(to: &str) -> Command {
    Command::CloseGap(CloseGap { to: at(to), cause: Some(Prose::new("the disk was full")) })
}

fn hash(digit: char) -> Hash {
    Hash::new(digit.to_string().repeat(64))
}

fn part(digest: char, previous: Option<char>, from: &str, to: &str) -> ReceiveDigest {
    ReceiveDigest {
        digest: hash(digest),
        previous: previous.map(hash),
        covers_from: at(from),
        covers_to: at(to),
        entries: 1_200,
    }
}

fn state(events: Vec<Event>) -> EventLogPolicy {
    let mut policy = EventLogPolicy::default();
    events.into_iter().for_each(|event| policy.evolve(event));
    policy
}

/// What was given, and what follows from these commands.
fn and(mut given: Vec<Event>, commands: Vec<(Context, Command)>) -> Vec<Event> {
    let mut policy = state(given.clone());
    for (context, command) in commands {
        for event in policy.decide(command, &context).unwrap() {
            policy.evolve(event.clone());
            given.push(event);
        }
    }
    given
}

fn defined() -> Vec<Event> {
    and(vec![], vec![(marc(), define(content()))])
}

/// Active since the first of January.
fn active() -> Vec<Event> {
    let context = on("usr_marc", Role::So, "2025-01-01T00:00:00Z");
    and(defined(), vec![(context, Command::Activate)])
}

fn in_gap() -> Vec<Event> {
    and(active(), vec![(probe(), detect("2025-01-10T00:00:00Z", None))])
}

fn ended() -> Vec<Event> {
    and(active(), vec![(marc(), retire())])
}

fn decided(context: Context, given: Vec<Event>, command: Command) -> Result<Vec<Event>, Refusal> {
    TestFramework::<EventLogPolicy>::with(context).given(given).when(command).inspect_result()
}

fn refused(context: Context, given: Vec<Event>, command: Command) -> Refusal {
    decided(context, given, command).unwrap_err()
}

#[test]
fn a_policy_goes_from_definition_to_its_end() {
    assert_eq!(state(defined()).status, LogPolicyStatus::Defined);
    assert_eq!(state(active()).status, LogPolicyStatus::Active);
    assert_eq!(state(in_gap()).status, LogPolicyStatus::Gap);
    let closed = and(in_gap(), vec![(probe(), close("2025-01-11T00:00:00Z"))]);
    let policy = state(closed.clone());
    assert_eq!((policy.status, policy.gap, policy.gaps), (LogPolicyStatus::Active, None, 1));
    let policy = state(and(closed, vec![(marc(), retire())]));
    assert_eq!(policy.status, LogPolicyStatus::Retired);
    let until = policy.retirement.unwrap().logs_kept_until;
    assert_eq!(until.to_string(), "2027-01-14", "24 months after the end");
}

#[test]
fn logging_is_on_while_the_system_is_used_and_says_something() {
    let stages_on = vec![Stage::Deployment];
    let wanted = Refusal::Content(ContentRefusal::NotOnInUse { at: "/stagesOn" });
    assert_eq!(refused(marc(), vec![], define(Content { stages_on, ..content() })), wanted);
    let wanted = Refusal::Content(ContentRefusal::NothingLogged { at: "/fields" });
    assert_eq!(refused(marc(), vec![], define(Content { fields: vec![], ..content() })), wanted);
    for retention_months in [0, 1_201] {
        let wanted = Refusal::Content(ContentRefusal::RetentionOutOfRange {
            most: 1_200,
            at: "/retentionMonths",
        });
        let given = define(Content { retention_months, ..content() });
        assert_eq!(refused(marc(), vec![], given), wanted);
    }
}

#[test]
fn a_system_has_one_policy_at_a_time() {
    let other = |status: &str| json!({"system": "sys_1", "status": status});
    let knowing = |status: &str| marc().knowing("elp_1", "event_log_policy", other(status));
    for status in ["defined", "active", "gap"] {
        let wanted = Refusal::SystemHasPolicy { id: "elp_1".into(), at: "/system" };
        assert_eq!(refused(knowing(status), vec![], define(content())), wanted);
    }
    assert!(decided(knowing("retired"), vec![], define(content())).is_ok());
    let elsewhere = json!({"system": "sys_2", "status": "active"});
    let context = marc().knowing("elp_1", "event_log_policy", elsewhere);
    assert!(decided(context, vec![], define(content())).is_ok());
}

#[test]
fn a_retired_system_needs_no_policy() {
    let system = json!({"name": "DocExtract", "stage": "retirement"});
    let context = marc().knowing("sys_1", "ai_system", system);
    let wanted = Refusal::SystemRetired { name: "DocExtract".into(), at: "/system" };
    assert_eq!(refused(context, vec![], define(content())), wanted);
}

/// A context that knows a confirmed classification of the system.
fn classified(class: &str, role: &str, now: &str) -> Context {
    on("usr_marc", Role::So, now).knowing("cls_1", "regulatory_classification", of(class, role))
}

fn of(class: &str, role: &str) -> Value {
    json!({
        "system": "sys_1", "status": "confirmed", "regime": "eu_ai_act", "class": class,
        "role": role, "confirmedAt": "2024-09-02T09:00:00Z",
    })
}

#[test]
fn logs_of_high_risk_systems_are_kept_six_months_at_least() {
    for (class, role, months, fine) in [
        ("high_risk", "provider", 6, true),
        ("high_risk", "provider", 5, false),
        ("high_risk", "deployer", 5, false),
        ("high_risk", "distributor", 5, true),
        ("high_risk_product", "provider", 5, false),
        ("transparency", "provider", 1, true),
        ("minimal", "provider", 1, true),
    ] {
        for now in ["2024-09-03T09:00:00Z", "2026-09-01T09:00:00Z", "2029-01-01T09:00:00Z"] {
            let content = Content { retention_months: months, ..content() };
            let found = decided(classified(class, role, now), vec![], define(content.clone()));
            assert_eq!(found.is_ok(), fine, "{class} {role} {months} {now}");
            let revised = Command::Revise(content);
            let found = decided(classified(class, role, now), defined(), revised);
            assert_eq!(found.is_ok(), fine, "revised: {class} {role} {months} {now}");
        }
    }
}

#[test]
fn the_refusal_names_the_rule_and_since_when_it_applies() {
    let short = define(Content { retention_months: 3, ..content() });
    let context = classified("high_risk", "provider", "2029-01-01T09:00:00Z");
    let wanted = Refusal::Content(ContentRefusal::RetentionBelowRule {
        months: 3,
        article: "eu_ai_act Art. 19".into(),
        least: "6 months".into(),
        from: "2027-12-02".parse().unwrap(),
        at: "/retentionMonths",
    });
    assert_eq!(refused(context, vec![], short), wanted);
}

#[test]
fn exempted_and_unconfirmed_classes_ask_for_nothing() {
    let short = || define(Content { retention_months: 1, ..content() });
    let mut exempt = of("high_risk", "provider");
    exempt["exemption"] = json!({"ground": "preparatory"});
    let mut unconfirmed = of("high_risk", "provider");
    unconfirmed["confirmedAt"] = Value::Null;
    let mut elsewhere = of("high_risk", "provider");
    elsewhere["system"] = json!("sys_2");
    for class in [exempt, unconfirmed, elsewhere] {
        let context = marc().knowing("cls_1", "regulatory_classification", class);
        assert!(decided(context, vec![], short()).is_ok());
    }
}

#[test]
fn the_tenants_own_rules_count() {
    let rule = json!({
        "code": "house.logs", "regime": "house", "jurisdiction": "NL", "article": "Rule 4",
        "trigger": "log_retention", "when": {"classes": ["scoring"]},
        "deadline": {"amount": 3, "unit": "years"},
        "published": "2024-01-01", "appliesFrom": "2024-01-01",
        "text": "Keep the logs.", "source": "House rules", "sourceVersion": "1",
    });
    let set = json!({
        "name": "house", "revision": "1", "source": "House rules", "licence": "own",
        "roles": ["owner"], "rules": {"house.logs": rule}, "status": "active",
    });
    let class = json!({
        "system": "sys_1", "status": "confirmed", "regime": "house", "class": "scoring",
        "role": "owner", "confirmedAt": "2024-09-02T09:00:00Z",
    });
    let context = marc().knowing("rst_1", "rule_set", set).knowing(
        "cls_1",
        "regulatory_classification",
        class,
    );
    let wanted = Refusal::Content(ContentRefusal::RetentionBelowRule {
        months: 24,
        article: "house Rule 4".into(),
        least: "3 years".into(),
        from: "2024-01-01".parse().unwrap(),
        at: "/retentionMonths",
    });
    assert_eq!(refused(context, vec![], define(content())), wanted);
}

#[test]
fn a_class_that_was_confirmed_since_counts_when_logging_begins() {
    let short = Content { retention_months: 3, ..content() };
    let given = and(vec![], vec![(marc(), define(short))]);
    let context = classified("high_risk", "provider", NOW);
    let found = refused(context, given.clone(), Command::Activate);
    assert!(matches!(found, Refusal::RetentionFellBelowRule { months: 3, .. }), "{found:?}");
    assert!(decided(marc(), given.clone(), Command::Activate).is_ok());
    let needs = state(given).needs(&Command::Activate, &marc());
    let classes = Need::Where("regulatory_classification", "system", "sys_1".into());
    assert_eq!(needs, vec![classes, Need::All("rule_set")]);
}

#[test]
fn digests_of_a_chain_join() {
    let first = part('a', None, "2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z");
    let receive = |part: &ReceiveDigest| Command::ReceiveDigest(part.clone());
    let given = and(active(), vec![(probe(), receive(&first))]);
    assert_eq!(decided(probe(), given.clone(), receive(&first)).unwrap(), vec![]);
    let next = |previous| part('b', previous, "2025-01-02T00:00:00Z", "2025-01-03T00:00:00Z");
    for previous in [None, Some('b'), Some('c')] {
        let last = hash('a').to_string();
        let wanted = Refusal::Digest(DigestRefusal::NotJoined { last, at: "/previous" });
        assert_eq!(refused(probe(), given.clone(), receive(&next(previous))), wanted);
    }
    let policy = state(and(given, vec![(probe(), receive(&next(Some('a'))))]));
    assert_eq!(policy.last_digest.unwrap().digest, hash('b'));
    assert_eq!((policy.digests, policy.last_heartbeat), (2, Some(at(NOW))));
}

#[test]
fn digests_of_a_medium_that_is_written_once_need_not_join() {
    let worm = Content { integrity: Integrity::Worm, ..content() };
    let receive = |digest, day: u32| {
        let (from, to) = (format!("2025-01-0{day}T00:00:00Z"), format!("2025-01-0{day}T12:00:00Z"));
        (probe(), Command::ReceiveDigest(part(digest, None, &from, &to)))
    };
    let given = and(
        vec![],
        vec![(marc(), define(worm)), (marc(), Command::Activate), receive('a', 1), receive('b', 2)],
    );
    assert_eq!(state(given).digests, 2);
}

#[test]
fn parts_of_a_log_follow_one_another() {
    let receive =
        |previous, from: &str, to: &str| Command::ReceiveDigest(part('b', previous, from, to));
    let first = part('a', None, "2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z");
    let given = || and(active(), vec![(probe(), Command::ReceiveDigest(first.clone()))]);
    for (from, to, wanted) in [
        (
            "2025-01-03T00:00:00Z",
            "2025-01-02T23:59:59Z",
            DigestRefusal::PartEndsBeforeItBegins { at: "/coversTo" },
        ),
        (
            "2025-01-03T00:00:00Z",
            "2025-01-14T09:00:00.000001Z",
            DigestRefusal::PartInTheFuture { at: "/coversTo" },
        ),
        (
            "2025-01-01T23:59:59Z",
            "2025-01-03T00:00:00Z",
            DigestRefusal::PartsOverlap { last: at("2025-01-02T00:00:00Z"), at: "/coversFrom" },
        ),
    ] {
        let found = refused(probe(), given(), receive(Some('a'), from, to));
        assert_eq!(found, Refusal::Digest(wanted));
    }
}

#[test]
fn a_gap_lies_in_the_time_in_which_logging_is_on() {
    for (from, to, wanted) in [
        ("2025-01-14T09:00:01Z", None, GapRefusal::InTheFuture { at: "/from" }),
        (
            "2025-01-14T08:00:00Z",
            Some("2025-01-14T09:00:01Z"),
            GapRefusal::InTheFuture { at: "/to" },
        ),
        (
            "2025-01-14T08:00:00Z",
            Some("2025-01-14T07:00:00Z"),
            GapRefusal::EndsBeforeItBegins { at: "/to" },
        ),
        (
            "2024-12-31T23:00:00Z",
            None,
            GapRefusal::BeforeActivation { since: at("2025-01-01T00:00:00Z"), at: "/from" },
        ),
    ] {
        assert_eq!(refused(probe(), active(), detect(from, to)), Refusal::Gap(wanted));
    }
    let wanted = Refusal::Gap(GapRefusal::EndsBeforeItBegins { at: "/to" });
    assert_eq!(refused(probe(), in_gap(), close("2025-01-09T00:00:00Z")), wanted);
    let wanted = Refusal::Gap(GapRefusal::InTheFuture { at: "/to" });
    assert_eq!(refused(probe(), in_gap(), close("2025-01-15T00:00:00Z")), wanted);
}

#[test]
fn a_gap_that_is_found_again_is_one_gap() {
    let again = decided(probe(), in_gap(), detect("2025-01-11T00:00:00Z", None)).unwrap();
    assert_eq!(again, vec![]);
    let given = and(in_gap(), vec![(probe(), detect("2025-01-09T00:00:00Z", None))]);
    let policy = state(given);
    assert_eq!(policy.gap.unwrap().from, at("2025-01-09T00:00:00Z"));
    assert_eq!(policy.gaps, 1);
    let (from, to) = ("2025-01-05T00:00:00Z", "2025-01-06T00:00:00Z");
    let known = and(active(), vec![(probe(), detect(from, Some(to)))]);
    let later = detect("2025-01-05T12:00:00Z", Some("2025-01-07T00:00:00Z"));
    let gap = state(and(known.clone(), vec![(probe(), later)])).gap.unwrap();
    assert_eq!((gap.from, gap.to), (at(from), Some(at("2025-01-07T00:00:00Z"))));
    let open = state(and(known, vec![(probe(), detect(from, None))])).gap.unwrap();
    assert_eq!(open.to, None, "it is open again");
}

#[test]
fn nothing_is_heard_of_a_log_that_is_not_on() {
    let day = ("2025-01-02T00:00:00Z", "2025-01-03T00:00:00Z");
    let commands = || {
        [detect(day.0, None), close(day.1), Command::ReceiveDigest(part('a', None, day.0, day.1))]
    };
    for command in commands() {
        assert_eq!(refused(probe(), defined(), command), Refusal::NotActive);
    }
    for command in commands() {
        assert_eq!(refused(probe(), ended(), command), Refusal::HasEnded);
    }
    for command in [Command::Revise(content()), Command::Activate] {
        assert_eq!(refused(marc(), ended(), command), Refusal::HasEnded);
    }
}

#[test]
fn a_system_that_runs_goes_on_logging() {
    let system = |status: &str| json!({"name": "CreditLens", "operationStatus": status});
    for (status, runs) in
        [("running", true), ("restricted", true), ("suspended", false), ("stopped", false)]
    {
        let context = marc().knowing("sys_1", "ai_system", system(status));
        let wanted = runs.then(|| Refusal::SystemRuns { name: "CreditLens".into() });
        assert_eq!(decided(context, active(), retire()).err(), wanted);
    }
}

#[test]
fn what_holds_already_yields_nothing() {
    assert_eq!(decided(marc(), active(), Command::Activate).unwrap(), vec![]);
    assert_eq!(decided(marc(), in_gap(), Command::Activate).unwrap(), vec![]);
    assert_eq!(decided(marc(), active(), Command::Revise(content())).unwrap(), vec![]);
    assert_eq!(decided(probe(), active(), close(NOW)).unwrap(), vec![]);
    assert_eq!(decided(marc(), ended(), retire()).unwrap(), vec![]);
}

#[test]
fn what_is_decided_is_not_set_by_a_correction() {
    let context = Context { version: 1, ..marc() };
    let mut set = kernel::values::Fields::default();
    set.0.insert("retentionMonths".into(), json!(1));
    let correct = Correct { corrects: 1, reason: Prose::new("typed wrongly"), set };
    let (field, at) = ("retentionMonths".to_owned(), "/set/retentionMonths".to_owned());
    let wanted = Refusal::Correction(CorrectionRefusal::NotCorrectable { field, at });
    assert_eq!(refused(context, defined(), Command::Correct(correct)), wanted);
}

#[test]
fn others_read_whether_a_system_logs() {
    let context = marc().knowing("elp_1", "event_log_policy", json!(state(in_gap())));
    let seen = context.facts.get::<facts::EventLogPolicy>("elp_1").unwrap();
    assert_eq!((seen.system.as_str(), seen.status.as_str()), ("sys_1", "gap"));
}
