//! Competence and duties that exclude each other, when somebody joins or gets a role (P20; ISO/IEC
//! 42001 5.3, 7.2).

use kernel::{Role, UserId};

use super::Reaction;
use super::follow_up::{is_open, user_of};
use crate::{Known, Order, Trigger, Work};

/// The rules of this file.
pub const RULES: &[Reaction] = &[Reaction {
    id: "P20",
    doc: "Looks, when somebody joins or gets a role, what competence it demands that he has not \
          shown and which of his duties exclude each other (5.3, 7.2).",
    on: &[
        "membership.granted",
        "membership.roles_changed",
        "role_assignment.role_assigned",
        "role_assignment.waiver_ended",
    ],
    react,
}];

/// Days until training is planned.
const TRAIN_DAYS: i64 = 30;
/// Days until it is decided on duties that exclude each other, or on a holder who lacks competence.
const DECIDE_DAYS: i64 = 14;
const PLANNED: &str = "training_record.training_planned";

/// Roles whose duties exclude each other on one object: who holds both can do only one of them
/// there.
const APART: &[(Role, Role)] = &[
    (Role::Dev, Role::Val),
    (Role::Ia, Role::Iap),
    (Role::Rm, Role::Ro),
    (Role::So, Role::Rel),
    (Role::Sm, Role::Am),
    (Role::Aud, Role::Am),
];

fn react(trigger: &Trigger, known: &Known) -> Vec<Order> {
    match trigger.name.as_str() {
        "role_assignment.role_assigned" => assigned(trigger, known).into_iter().collect(),
        "role_assignment.waiver_ended" => waiver_ended(trigger, known).into_iter().collect(),
        _ => {
            let roles: Vec<Role> = trigger.field("roles").unwrap_or_default();
            let train = train(trigger, &roles, known);
            train.into_iter().chain(keep_apart(trigger, &roles, known)).collect()
        }
    }
}

/// What the roles of a member demand and he has not shown.
fn train(trigger: &Trigger, roles: &[Role], known: &Known) -> Option<Order> {
    let user = user_of(&trigger.object);
    let mut lacking = Vec::new();
    for role in roles.iter().chain([&Role::Emp]) {
        let code = role.code().to_lowercase();
        for (_, profile) in known.of::<facts::CompetenceProfile>("roleKey", &code) {
            if profile.status == "in_force" {
                lacking.extend(lacks(&user, &profile, trigger, known));
            }
        }
    }
    lacking.sort_unstable();
    lacking.dedup();
    if lacking.is_empty() || is_open(known, &trigger.object, "P20", "train") {
        return None;
    }
    let title = format!("Plan the training that a member's roles demand: {}", lacking.join(", "));
    let work = Work::new("train", &title, Role::Am, trigger.in_days(TRAIN_DAYS));
    Some(work.about(&trigger.object).until(PLANNED, None).naming(&user).order(trigger))
}

/// The titles of what a profile demands and nothing shows that counts on the day.
fn lacks(
    user: &str,
    profile: &facts::CompetenceProfile,
    trigger: &Trigger,
    known: &Known,
) -> Vec<String> {
    let records = known.of::<facts::TrainingRecord>("person", user);
    let shown = |key: &str, demanded: &facts::Demanded| {
        records.iter().any(|(_, record)| record.shows(key, demanded, trigger.day()))
    };
    let missing = profile.required.iter().filter(|(key, demanded)| !shown(key, demanded));
    missing.map(|(_, demanded)| demanded.title.clone()).collect()
}

fn keep_apart(trigger: &Trigger, roles: &[Role], known: &Known) -> Option<Order> {
    let both = APART.iter().filter(|(a, b)| roles.contains(a) && roles.contains(b));
    let both: Vec<_> = both.map(|(a, b)| format!("{} and {}", a.code(), b.code())).collect();
    if both.is_empty() || is_open(known, &trigger.object, "P20", "decide") {
        return None;
    }
    let title = format!("Decide whether a member should hold both {}", both.join(", "));
    let work = Work::new("decide", &title, Role::Am, trigger.in_days(DECIDE_DAYS));
    let changed = "membership.roles_changed";
    Some(work.about(&trigger.object).until(changed, Some(&trigger.object)).order(trigger))
}

/// Somebody was given a role although he lacks competence: he is trained while that is waived.
fn assigned(trigger: &Trigger, known: &Known) -> Option<Order> {
    let waived: Vec<String> = trigger.field("waived").unwrap_or_default();
    let holder: UserId = trigger.field("holder")?;
    let assignment = known.get::<facts::RoleAssignment>(&trigger.object)?;
    let membership = facts::Membership::id_of(&holder);
    if waived.is_empty() || is_open(known, &membership, "P20", "train") {
        return None;
    }
    let title =
        format!("Plan the training of who holds {}: {}", assignment.role, waived.join(", "));
    let until = assignment.waiver.map(|waiver| waiver.until);
    let due = until.unwrap_or_else(|| trigger.in_days(TRAIN_DAYS)).min(trigger.in_days(TRAIN_DAYS));
    let work = Work::new("train", &title, Role::Am, due).about(&membership);
    Some(work.until(PLANNED, None).naming(holder.as_str()).order(trigger))
}

/// A waiver ended and the holder of the role still lacks competence.
fn waiver_ended(trigger: &Trigger, known: &Known) -> Option<Order> {
    let lacking: Vec<String> = trigger.field("lacking").unwrap_or_default();
    let assignment = known.get::<facts::RoleAssignment>(&trigger.object)?;
    if lacking.is_empty() || is_open(known, &trigger.object, "P20", "decide") {
        return None;
    }
    let (role, lacking) = (&assignment.role, lacking.join(", "));
    let title = format!("Decide who holds {role}: its holder still lacks {lacking}");
    let work = Work::new("decide", &title, Role::Am, trigger.in_days(DECIDE_DAYS));
    let ended = "role_assignment.ended";
    Some(work.about(&trigger.object).until(ended, Some(&trigger.object)).order(trigger))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const AT: &str = "2025-03-03T09:00:00Z";

    fn joined(roles: &[&str]) -> Trigger {
        let data = json!({ "user": "usr_1", "roles": roles });
        Trigger::example("membership.granted", "mbr_1", AT, data)
    }

    fn profile(role: &str, status: &str) -> Value {
        let required = json!({ "bias": { "title": "Bias in data", "level": "skilled" } });
        let key = role.to_lowercase();
        json!({ "role": role, "roleKey": key, "required": required, "status": status })
    }

    fn record(level: &str, valid_until: &str) -> Value {
        json!({
            "person": "usr_1", "competences": { "bias": { "level": level } },
            "status": "completed", "validUntil": valid_until,
        })
    }

    #[test]
    fn a_member_is_trained_in_what_his_roles_demand_and_he_has_not_shown() {
        let known =
            || Known::default().with("cmp_1", "competence_profile", profile("DS", "in_force"));
        let orders = react(&joined(&["DS"]), &known());
        let title = "Plan the training that a member's roles demand: Bias in data";
        assert_eq!(orders[0].input["title"], title);
        assert_eq!(orders[0].input["due"], "2025-04-02");
        let until = json!({ "event": PLANNED, "naming": ["usr_1"] });
        assert_eq!(orders[0].input["doneWhen"], until);
        assert_eq!(react(&joined(&["SO"]), &known()), [], "another role");
        let with = |level, until| known().with("trn_1", "training_record", record(level, until));
        assert_eq!(react(&joined(&["DS"]), &with("expert", "2026-01-01")), []);
        assert_eq!(react(&joined(&["DS"]), &with("basic", "2026-01-01")).len(), 1);
        assert_eq!(
            react(&joined(&["DS"]), &with("skilled", "2025-03-02")).len(),
            1,
            "it has ended"
        );
        let retired =
            Known::default().with("cmp_1", "competence_profile", profile("DS", "retired"));
        assert_eq!(react(&joined(&["DS"]), &retired), []);
        let of_all =
            Known::default().with("cmp_1", "competence_profile", profile("EMP", "in_force"));
        assert_eq!(react(&joined(&[]), &of_all).len(), 1, "what everybody must know");
    }

    #[test]
    fn duties_that_exclude_each_other_are_told_of() {
        let orders = react(&joined(&["DEV", "DS", "VAL"]), &Known::default());
        assert_eq!(
            orders[0].input["title"],
            "Decide whether a member should hold both DEV and VAL"
        );
        assert_eq!(orders[0].input["doneWhen"]["object"], "mbr_1");
        assert_eq!(react(&joined(&["DPO", "IAP"]), &Known::default()), []);
        let changed = Trigger::example(
            "membership.roles_changed",
            "mbr_1",
            AT,
            json!({ "roles": ["IA", "IAP"] }),
        );
        assert_eq!(react(&changed, &Known::default()).len(), 1);
        let open = json!({
            "subject": "mbr_1", "status": "open", "blocking": false, "taskKind": "decide",
            "openedBy": "rea_P20",
        });
        assert_eq!(react(&changed, &Known::default().with("tsk_1", "task", open)), []);
    }

    #[test]
    fn who_holds_a_role_under_a_waiver_is_trained_while_it_lasts() {
        let assignment = |until: &str| {
            let waiver = json!({ "until": until });
            let (item, responsibility) = ("Data", "accountable");
            let body = json!({
                "item": item, "responsibility": responsibility, "status": "active",
                "role": "Data steward", "waiver": waiver,
            });
            Known::default().with("rac_1", "role_assignment", body)
        };
        let given = |waived: &[&str]| {
            let data = json!({ "holder": "usr_1", "waived": waived });
            Trigger::example("role_assignment.role_assigned", "rac_1", AT, data)
        };
        let orders = react(&given(&["bias"]), &assignment("2025-03-20"));
        assert_eq!(orders[0].input["due"], "2025-03-20");
        assert_eq!(
            react(&given(&["bias"]), &assignment("2025-12-31"))[0].input["due"],
            "2025-04-02"
        );
        assert_eq!(react(&given(&[]), &assignment("2025-03-20")), []);
        let ended = |lacking: &[&str]| {
            let data = json!({ "until": "2025-03-02", "lacking": lacking });
            Trigger::example("role_assignment.waiver_ended", "rac_1", AT, data)
        };
        let orders = react(&ended(&["bias"]), &assignment("2025-03-02"));
        let title = "Decide who holds Data steward: its holder still lacks bias";
        assert_eq!(orders[0].input["title"], title);
        assert_eq!(react(&ended(&[]), &assignment("2025-03-02")), []);
    }
}
