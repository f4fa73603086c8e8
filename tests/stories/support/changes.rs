//! Changes of the management system, and what is altered only by one.

use annals_tests::{World, story};
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::given;
use crate::scope::{draft, submitted};

fn content(world: &World, affected: Value) -> Value {
    json!({
        "title": "Take HelpDesk Copilot out", "reason": "The product is bought no longer.",
        "affected": affected, "consequences": "Two risks fall away.",
        "plan": ["Approve the next scope"], "owner": world.as_(Role::Am).user,
        "due": "2024-12-31",
    })
}

fn scope_only() -> Value {
    json!({ "scope": true, "criteria": false })
}

story!(a_change_of_the_management_system_from_proposal_to_review, world => {
    let mut desk = Desk::of(&world, "aims_change");
    let (am, tm) = (world.as_(Role::Am), world.as_(Role::Tm));
    let nothing = json!({ "scope": false, "criteria": false });
    let id = desk.make(&am, "propose", content(&world, nothing)).await?;
    desk.refuse(&am, "submit", &id, json!({}), "422 touches_nothing").await?;
    let mut aimless = content(&world, scope_only());
    aimless["plan"] = json!([]);
    desk.does(&am, "revise", &id, aimless).await?;
    desk.refuse(&am, "submit", &id, json!({}), "422 without_plan").await?;
    desk.does(&am, "revise", &id, content(&world, scope_only())).await?;
    let done = json!({ "what": "The scope was approved." });
    desk.refuse(&am, "implement", &id, done.clone(), "409 not_in_force").await?;
    desk.refuse(&tm, "reject", &id, given::because(), "409 not_in_review").await?;
    desk.does(&am, "submit", &id, json!({})).await?;
    desk.refuse(&am, "revise", &id, content(&world, scope_only()), "409 not_in_draft").await?;
    let seen = json!({ "contentHash": "0".repeat(64) });
    desk.refuse(&tm, "approve", &id, seen, "409 content_changed").await?;
    let early = json!({ "effectiveAt": "2024-07-01T00:00:00Z" });
    desk.refuse(&tm, "approve", &id, early, "422 approved_before_submission /effectiveAt").await?;
    desk.does(&tm, "reject", &id, given::because()).await?;
    desk.does(&am, "submit", &id, json!({})).await?;
    let payload = desk.mutates(&tm, "approve", &id, &json!({}), "
        status approved { scope criteria roles } effective { approvedBy { name } }").await?;
    let object = &payload["aimsChange"];
    assert_eq!(object["approved"], json!({ "scope": true, "criteria": false, "roles": [] }));
    assert_eq!(object["effective"]["approvedBy"]["name"], "The TM");
    let review = json!({ "effective": true, "finding": "As wanted." });
    desk.refuse(&tm, "review", &id, review.clone(), "409 not_implemented").await?;
    let on = |day: &str| json!({ "what": "The scope was approved.", "on": day });
    desk.refuse(&am, "implement", &id, on("2030-01-01"), "422 in_the_future /on").await?;
    desk.refuse(&am, "implement", &id, on("2024-06-30"), "422 before_approval /on").await?;
    desk.does(&am, "implement", &id, done).await?;
    desk.refuse(&am, "withdraw", &id, given::because(), "409 is_implemented").await?;
    desk.refuse(&am, "review", &id, review.clone(), "422 reviewer_implemented").await?;
    let done = desk.does(&tm, "review", &id, review).await?;
    assert_eq!(done["object"]["progress"], "reviewed");
    desk.refuse_corrections(&am, &id, "title").await?;

    let other = desk.make(&am, "propose", content(&world, scope_only())).await?;
    desk.does(&am, "withdraw", &other, given::because()).await?;
    desk.refuse(&am, "withdraw", &other, given::because(), "409 nothing_to_withdraw").await?;
    given::roles(&world, Role::Am, &["AM", "TM"]).await?;
    desk.does(&am, "revise", &other, content(&world, scope_only())).await?;
    desk.does(&am, "submit", &other, json!({})).await?;
    desk.refuse(&am, "approve", &other, json!({}), "422 approver_is_author").await?;
    desk.all_but(&[]);
});

story!(a_scope_that_was_in_force_is_altered_by_a_planned_change, world => {
    let (id, version) = submitted(&world).await?;
    let tm = world.as_(Role::Tm);
    let day = tm.at("2024-07-22T09:00:00Z");
    day.post_seen(&format!("/v1/scopes/{id}/approve"), version, &json!({})).await?.ok();
    let mut desk = Desk::of(&world, "scope");
    let am = world.as_(Role::Am);
    let criteria = json!({ "scope": false, "criteria": true });
    let fits = given::aims_change(&world, scope_only()).await?;
    let other = given::aims_change(&world, criteria).await?;
    let under = |change: &str| {
        let mut next = draft();
        next["aimsChange"] = json!(change);
        next
    };
    desk.refuse(&am, "redraft", &id, draft(), "422 no_aims_change /aimsChange").await?;
    desk.does(&am, "redraft", &id, under(&other)).await?;
    desk.does(&am, "submit", &id, json!({})).await?;
    desk.refuse(&tm, "approve", &id, json!({}), "409 aims_change_not_approved").await?;
    desk.does(&tm, "reject", &id, given::because()).await?;
    desk.does(&am, "redraft", &id, under(&fits)).await?;
    desk.does(&am, "submit", &id, json!({})).await?;
    let payload = desk.mutates(&tm, "approve", &id, &json!({}), "
        aimsChange { title } effective { version }").await?;
    assert_eq!(payload["scope"]["aimsChange"]["title"], "A planned change");
    assert_eq!(payload["scope"]["effective"]["version"], 2);
    // Nor does a withdrawal free the next one of it.
    desk.does(&tm, "withdraw", &id, given::because()).await?;
    desk.refuse(&am, "redraft", &id, draft(), "422 no_aims_change /aimsChange").await?;
    desk.exactly(&["no_aims_change", "aims_change_not_approved"]);
});

story!(an_ai_system_leaves_the_scope_by_an_approved_change, world => {
    let system = given::system(&world, "HelpDesk Copilot", true).await?;
    let mut desk = Desk::of(&world, "ai_system");
    let (am, so) = (world.as_(Role::Am), world.as_(Role::So));
    let changes = Desk::of(&world, "aims_change");
    let draft = changes.make(&am, "propose", content(&world, scope_only())).await?;
    let leave = |change: &str| json!({ "inScope": false, "aimsChange": change });
    desk.refuse(&so, "set_scope", &system, leave(&draft), "422 aims_change_not_approved /aimsChange").await?;
    let change = given::aims_change(&world, scope_only()).await?;
    let done = desk.does(&so, "set_scope", &system, leave(&change)).await?;
    assert_eq!(done["object"]["inScope"], false);
    desk.exactly(&["aims_change_not_approved"]);
});
