//! Every route is closed unless it says otherwise: to nobody, to the wrong role and to strangers.

use annals_tests::{Client, World, story};
use kernel::Role;
use kernel::domain::{CommandDecl, KindDecl};
use kernel::id::prefix_of;
use reqwest::Method;
use serde_json::json;

use crate::life::one_of_each;
use crate::scope::submitted;
use crate::support;

fn kebab(verb: &str) -> String {
    verb.replace('_', "-")
}

/// The path of a command on an object.
fn path(kind: &KindDecl, command: &CommandDecl, id: &str) -> String {
    let (plural, verb) = (kind.row.plural, kebab(command.verb));
    let first = kind.commands.iter().find(|command| command.creates);
    match first {
        Some(first) if first.verb == command.verb => format!("/v1/{plural}"),
        _ if command.creates => format!("/v1/{plural}/{verb}"),
        _ => format!("/v1/{plural}/{id}/{verb}"),
    }
}

/// Somebody who may read the kind: any employee, where every member may.
pub fn reader(kind: &KindDecl) -> Role {
    let readers = kind.about.readers;
    if readers.contains(&Role::Emp) { Role::Emp } else { readers[0] }
}

/// An id of the kind's form that belongs to nothing.
fn nothing(kind: &KindDecl) -> String {
    format!("{}_{}", kind.row.prefix, "0".repeat(26))
}

fn reads(kind: &KindDecl, id: &str) -> Vec<String> {
    let plural = kind.row.plural;
    vec![
        format!("/v1/{plural}"),
        format!("/v1/{plural}/{id}"),
        format!("/v1/{plural}/{id}/history"),
    ]
}

async fn refuses(client: &Client, method: Method, path: &str, status: u16) -> anyhow::Result<()> {
    let body = (method == Method::POST).then(|| ("application/json", b"{}".to_vec()));
    let client = client.with("If-Match", "\"1\"");
    let answer = client.send(method.clone(), path, body).await?;
    assert_eq!(answer.status.as_u16(), status, "{method} {path}: {}", answer.text);
    Ok(())
}

story!(nobody_gets_in_without_a_token, world => {
    let nobody = world.nobody();
    for kind in world.registry().decls() {
        for path in reads(kind, &nothing(kind)) {
            refuses(&nobody, Method::GET, &path, 401).await?;
        }
        for command in &kind.commands {
            refuses(&nobody, Method::POST, &path(kind, command, &nothing(kind)), 401).await?;
        }
    }
    for path in ["/v1/me", "/v1/events"] {
        refuses(&nobody, Method::GET, path, 401).await?;
    }
    let answer = nobody.graphql("{ viewer { id } }", json!({})).await?;
    assert_eq!(answer.json["errors"][0]["extensions"]["code"], "unauthenticated", "{}", answer.text);
    assert!(nobody.get("/v1/me").await?.headers["www-authenticate"].starts_with("Bearer"));
});

story!(each_command_is_for_its_roles_alone, world => {
    for kind in world.registry().decls() {
        for command in &kind.commands {
            let path = path(kind, command, &nothing(kind));
            for role in Role::MEMBERS {
                // Every member is an employee too.
                let may = command.by.contains(role) || command.by.contains(&Role::Emp);
                let mut client = world.as_(*role).at("2024-07-02T00:00:00Z");
                if !command.creates {
                    client = client.with("If-Match", "\"1\"");
                }
                let body = ("application/json", b"{}".to_vec());
                let answer = client.send(Method::POST, &path, Some(body)).await?;
                let forbidden = answer.status.as_u16() == 403;
                assert_eq!(forbidden, !may, "{} {path}: {}", role.code(), answer.text);
            }
        }
    }
});

story!(strangers_find_nothing, world => {
    submitted(&world).await?;
    one_of_each(&world).await?;
    crate::assurance::one_of_each(&world).await?;
    let of_support = support::one_of_each(&world).await?;
    let objects = ours(&world).await?;
    for kind in lifecycle::kinds() {
        let row = kind.decl().row;
        assert!(objects.iter().any(|id| prefix_of(id) == row.prefix), "no {}", row.name);
    }
    assert!(of_support.iter().all(|id| objects.contains(id)), "{of_support:?}");
    for id in &objects {
        let kind = world.registry().of_id(id).unwrap().decl();
        for role in [Role::Emp, Role::Tm, Role::Adm] {
            let stranger = world.stranger_as(role);
            // Who reads nothing of the kind is told so, whatever he names.
            let own = !kind.own.is_empty();
            let may = own || kind.about.readers.contains(&role) || reader(kind) == Role::Emp;
            for path in reads(kind, id).iter().skip(1) {
                refuses(&stranger, Method::GET, path, if may { 404 } else { 403 }).await?;
            }
        }
        for command in kind.commands.iter().filter(|command| !command.creates) {
            let role = command.by[0];
            let stranger = world.stranger_as(role).at("2024-07-12T00:00:00Z");
            let answer = stranger.with("If-Match", "\"1\"")
                .send(Method::POST, &path(kind, command, id), Some(("application/json", b"{}".to_vec())))
                .await?;
            // Wrong input is told before the object is looked for: nothing of it is told either
            // way.
            assert!([404, 422].contains(&answer.status.as_u16()), "{}", answer.text);
        }
        let query = "query($id: ID!) { node(id: $id) { id } }";
        let answer = world.stranger_as(reader(kind)).graphql(query, json!({ "id": id })).await?;
        assert!(answer.json["data"]["node"].is_null(), "{}", answer.text);
    }
    // What a list, the feed or the log of the stranger shows is his own.
    for kind in world.registry().decls().filter(|kind| kind.row.name != "tenant") {
        let list = format!("/v1/{}", kind.row.plural);
        let list = world.stranger_as(reader(kind)).get(&list).await?.ok();
        for object in list["data"].as_array().unwrap() {
            assert!(!objects.contains(&object["id"].as_str().unwrap().to_owned()));
        }
    }
});

/// Ids of everything in the story's tenant.
async fn ours(world: &World) -> anyhow::Result<Vec<String>> {
    let mut ids = Vec::new();
    for kind in world.registry().decls().filter(|kind| kind.row.name != "tenant") {
        let list = format!("/v1/{}?limit=100", kind.row.plural);
        let list = world.as_(reader(kind)).get(&list).await?.ok();
        let objects = list["data"].as_array().unwrap().iter();
        // Singletons' ids end like the tenant's, so a stranger could guess them: they count too.
        ids.extend(objects.map(|object| object["id"].as_str().unwrap().to_owned()));
    }
    Ok(ids)
}

story!(references_do_not_lead_to_other_tenants, world => {
    let theirs = world.stranger_as(Role::Tm).user;
    let party = json!({ "name": "Applicants", "kind": "affected_person" });
    let am = world.as_(Role::Am).at("2024-07-02T00:00:00Z");
    let party = am.post("/v1/interested-parties", &party).await?.created();
    let base = format!("/v1/interested-parties/{}", party["id"].as_str().unwrap());
    let requirement = json!({ "key": "explanation", "text": "Explain declines", "source": "law" });
    am.post(&format!("{base}/register-requirement"), &requirement).await?.ok();
    let adopt = json!({ "requirement": "explanation", "owner": theirs });
    let problem = am.post(&format!("{base}/adopt-requirement"), &adopt).await?
        .problem(422, "invalid_input");
    assert_eq!(problem["errors"][0]["pointer"], "/owner");
    assert_eq!(problem["errors"][0]["code"], "unknown_reference");
});

story!(a_member_who_left_is_out_at_once, world => {
    let emp = world.as_(Role::Ds);
    emp.get("/v1/me").await?.ok();
    let admin = world.as_(Role::Adm).at("2024-07-02T00:00:00Z");
    let path = format!("/v1/memberships/{}/revoke", world.membership(Role::Ds));
    admin.post(&path, &json!({ "reason": "left" })).await?.ok();
    emp.get("/v1/me").await?.problem(403, "not_a_member");
    let evidence = json!({});
    emp.post("/v1/evidence", &evidence).await?.problem(403, "not_a_member");
});

story!(tokens_of_others_are_worth_nothing, world => {
    let mut emp = world.as_(Role::Emp);
    let good = emp.authorization.clone().unwrap();
    for bad in ["Bearer", "Bearer x", "Basic abc", "Bearer a.b.c", &format!("{good}x")] {
        emp.authorization = Some(bad.to_owned());
        assert_eq!(emp.get("/v1/me").await?.status.as_u16(), 401, "{bad}");
    }
    let other = world.client(&world.stranger, &world.as_(Role::Tm).user)?;
    other.get("/v1/me").await?.problem(403, "not_a_member");
    let platform = identity::tenant::platform();
    let operator = identity::tenant::first_administrator(&platform);
    let operator = world.client(&platform, operator.as_str())?;
    let list = operator.get("/v1/tenants").await?.ok();
    assert_eq!(list["data"].as_array().unwrap().len(), 2);
    world.as_(Role::Adm).at("2024-07-02T00:00:00Z").post("/v1/tenants", &json!({
        "legalName": "x", "dataRegion": "eu", "administrator": { "name": "y" },
    })).await?.problem(409, "tenant.not_the_platform");
});
