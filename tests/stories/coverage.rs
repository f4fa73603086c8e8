//! Every field of the GraphQL schema's roots is closed to nobody, to the wrong role and to
//! strangers; and every route and root field that exists is one that was tried.

use std::collections::BTreeSet;

use annals_tests::{World, story};
use kernel::Role;
use kernel::domain::{CommandDecl, KindDecl};
use kernel::id::encode;
use kernel::kinds;
use kernel::schema::{RecordDecl, Ty};
use serde_json::{Map, Value, json};

use crate::access::reader;
use crate::desk::{capitalised, singular};
use crate::scope::submitted;

fn camel(text: &str) -> String {
    let mut words = text.split(['_', '-']);
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

fn plural(kind: &KindDecl) -> String {
    let plural = camel(kind.row.plural);
    if plural == singular(kind) { plural + "List" } else { plural }
}

fn mutation(kind: &KindDecl, command: &CommandDecl) -> String {
    singular(kind) + &capitalised(&camel(command.verb))
}

/// A value that the schema takes for a type.
fn sample(ty: &Ty) -> Value {
    match ty {
        Ty::Line(_) | Ty::Prose(_) => json!("x"),
        Ty::Int(min, _) => json!((*min).max(1)),
        Ty::Decimal => json!("1"),
        Ty::Bool => json!(true),
        Ty::Date => json!("2025-01-01"),
        Ty::Time => json!("2024-07-01T00:00:00Z"),
        Ty::Position => json!("1"),
        Ty::Hash => json!("0".repeat(64)),
        Ty::Version => json!("1.0"),
        Ty::Number => json!("A.2.2"),
        Ty::User | Ty::Pseudonym => json!(encode("usr", 1)),
        Ty::Ref(kind) => json!(encode(kinds::kind(kind).map_or("scp", |row| row.prefix), 1)),
        Ty::Key => json!("key"),
        Ty::Role => json!("AM"),
        Ty::Words(decl) => json!(decl.words[0].0.to_uppercase()),
        Ty::Record(decl) => fields(decl),
        Ty::List(..) | Ty::Map(..) => json!([]),
        Ty::Fields => json!({}),
    }
}

fn fields(decl: &RecordDecl) -> Value {
    let required = decl.fields.iter().filter(|field| field.required);
    required.map(|field| (field.name.to_owned(), sample(&field.ty))).collect::<Map<_, _>>().into()
}

/// A mutation with everything that the schema demands, and its input.
fn asked(kind: &KindDecl, command: &CommandDecl) -> (String, Value) {
    let name = mutation(kind, command);
    let ty = name[..1].to_uppercase() + &name[1..] + "Input";
    let mut input = fields(&command.input);
    if !command.creates {
        input["id"] = json!(encode(kind.row.prefix, 1));
    }
    if command.if_match {
        input["expectedVersion"] = json!(1);
    }
    let query = format!("mutation($input: {ty}!) {{ {name}(input: $input) {{ __typename }} }}");
    (query, json!({ "input": input }))
}

/// The fields of a type, by introspection.
async fn declared(world: &World, of: &str) -> anyhow::Result<BTreeSet<String>> {
    let query = "query($of: String!) { __type(name: $of) { fields { name } } }";
    let data = world.as_(Role::Emp).graphql(query, json!({ "of": of })).await?.data();
    let fields = data["__type"]["fields"].as_array().unwrap().iter();
    Ok(fields.map(|field| field["name"].as_str().unwrap().to_owned()).collect())
}

story!(each_mutation_is_for_its_roles_alone, world => {
    let mut untried = declared(&world, "Mutation").await?;
    for kind in world.registry().decls() {
        for command in &kind.commands {
            let name = mutation(kind, command);
            assert!(untried.remove(&name), "{name} is missing");
            let (query, variables) = asked(kind, command);
            let answer = world.nobody().graphql(&query, variables.clone()).await?;
            let code = &answer.json["errors"][0]["extensions"]["code"];
            assert_eq!(code, "unauthenticated", "{query}: {}", answer.text);
            // One role that may and one that may not stand for all: access.rs tries all of them.
            let may = |role: &Role| command.by.contains(role) || command.by.contains(&Role::Emp);
            let permitted = Role::MEMBERS.iter().find(|role| may(role)).map(|role| (*role, false));
            let other = Role::MEMBERS.iter().find(|role| !may(role)).map(|role| (*role, true));
            for (role, forbidden) in permitted.into_iter().chain(other) {
                let client = world.as_(role).at("2024-07-02T00:00:00Z");
                let answer = client.graphql(&query, variables.clone()).await?;
                let code = &answer.json["errors"][0]["extensions"]["code"];
                assert_eq!(code == "forbidden", forbidden, "{query}: {}", answer.text);
                // Whatever else the answer is, the question was a good one.
                assert_ne!(code, "invalid_query", "{query}: {}", answer.text);
            }
        }
    }
    assert_eq!(untried, BTreeSet::new(), "mutations without an authorisation test");
});

story!(each_field_of_a_snapshot_is_the_tenants_own, world => {
    submitted(&world).await?;
    let mut untried = declared(&world, "Snapshot").await?;
    // They say nothing that is not the asker's own or everybody's: the head, the feed, what comes
    // with the product; a stranger's catalogues are tried in `catalogues.rs`.
    for field in ["resolved", "events", "catalogue", "packagedCatalogues", "coverage"] {
        assert!(untried.remove(field), "{field} is missing");
    }
    for kind in world.registry().decls() {
        let (one, many) = (singular(kind), plural(kind));
        assert!(untried.remove(&one) && untried.remove(&many), "{one} or {many} is missing");
        let list = format!("{{ aims {{ {many}(first: 100) {{ nodes {{ id }} }} }} }}");
        if kind.row.name == "tenant" {
            let answer = world.as_(Role::Emp).graphql(&list, json!({})).await?;
            assert_eq!(answer.json["errors"][0]["extensions"]["code"], "forbidden");
            continue;
        }
        let reader = reader(kind);
        let theirs = world.stranger_as(reader);
        let ours = world.as_(reader).graphql(&list, json!({})).await?.data();
        let other = theirs.graphql(&list, json!({})).await?.data();
        let nodes = |data: &Value| -> BTreeSet<String> {
            let nodes = data["aims"][&many]["nodes"].as_array().unwrap().iter();
            nodes.map(|node| node["id"].as_str().unwrap().to_owned()).collect()
        };
        let (ours, other) = (nodes(&ours), nodes(&other));
        assert!(ours.is_disjoint(&other), "{many}: {ours:?} {other:?}");
        for id in ours.iter().filter(|_| !kind.about.singleton) {
            let query = format!("query($id: ID!) {{ aims {{ {one}(id: $id) {{ id }} }} }}");
            let data = theirs.graphql(&query, json!({ "id": id })).await?.data();
            assert!(data["aims"][&one].is_null(), "{data}");
        }
    }
    assert_eq!(untried, BTreeSet::new(), "fields without a stranger's test");
    let roots: BTreeSet<_> = ["aims", "node", "viewer"].map(str::to_owned).into();
    assert_eq!(declared(&world, "Query").await?, roots);
});

/// The names of an enumeration in the answer about a field's type.
fn words_of(ty: &Value) -> BTreeSet<String> {
    let of = if ty["enumValues"].is_null() { &ty["ofType"] } else { ty };
    let all = of["enumValues"].as_array().map(Vec::as_slice).unwrap_or_default().iter();
    all.map(|one| one["name"].as_str().unwrap().to_lowercase()).collect()
}

story!(each_list_of_words_has_a_type_of_its_own, world => {
    let query = "query($of: String!) { __type(name: $of) { fields { name
        type { enumValues { name } ofType { enumValues { name } } } } } }";
    for kind in world.registry().decls() {
        let data = world.as_(Role::Emp).graphql(query, json!({ "of": kind.row.graphql })).await?.data();
        let shown = data["__type"]["fields"].as_array().unwrap();
        for field in &kind.state.fields {
            let Ty::Words(decl) = &field.ty else { continue };
            let words = decl.words.iter().map(|(word, _)| (*word).to_owned());
            let words: BTreeSet<_> = words.collect();
            let found = shown.iter().find(|shown| shown["name"] == field.name);
            let found = found.map(|shown| words_of(&shown["type"])).unwrap_or_default();
            assert_eq!(found, words, "{}.{}", kind.row.name, field.name);
        }
    }
});

story!(each_route_is_one_that_was_tried, world => {
    // What access.rs and places tried of each kind, and the few routes that belong to none.
    let mut tried: BTreeSet<String> = [
        "GET /", "GET /docs", "GET /livez", "GET /metrics", "GET /openapi.json", "GET /readyz",
        "GET /v1/catalogues/packaged", "GET /v1/catalogues/{id}/coverage", "GET /v1/events",
        "GET /v1/me", "POST /v1/imports",
        // By the operator alone: parked.rs.
        "GET /v1/parked", "POST /v1/parked/resume",
        // Of evidence's bytes: files/apart.rs.
        "POST /v1/evidence/files", "GET /v1/evidence/{id}/content",
        "PUT /v1/evidence/{id}/content",
        // Without a token, and only what the caller may know: life/outside.rs.
        // Made out for a certification body's people: certification/doors.rs.
        "POST /v1/auditor-engagements/{id}/tokens", "POST /v1/certification-bodies/{id}/tokens",
        "GET /v1/public/{tenant}/reporting-channels/{id}",
        "POST /v1/public/{tenant}/reporting-channels/{id}/concerns",
        "POST /v1/public/{tenant}/receipts", "POST /v1/public/{tenant}/receipts/messages",
        // To nobody, strangers and whoever may: assurance/reviews.rs.
        "GET /v1/management-reviews/{id}/inputs/{input}",
    ].map(str::to_owned).into();
    for kind in world.registry().decls() {
        let base = format!("/v1/{}", kind.row.plural);
        for rest in ["", "/{id}", "/{id}/history"] {
            tried.insert(format!("GET {base}{rest}"));
        }
        for command in &kind.commands {
            let verb = command.verb.replace('_', "-");
            tried.insert(if command.creates {
                format!("POST {base}")
            } else {
                format!("POST {base}/{{id}}/{verb}")
            });
        }
    }
    let files = annals::spec::files()?;
    let (_, routes) = files.iter().find(|(name, _)| *name == "routes.txt").unwrap();
    let listed = routes.lines().skip(1).filter(|line| !line.trim().is_empty()).map(|line| {
        line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    });
    let untried: BTreeSet<_> = listed.filter(|route| !tried.contains(route)).collect();
    let by_verb = creating_by_verb(&world);
    for route in &by_verb {
        let answer = world.nobody().post(&route["POST ".len()..], &json!({})).await?;
        assert!([401, 404].contains(&answer.status.as_u16()), "{route}: {}", answer.text);
    }
    assert_eq!(&untried - &by_verb, BTreeSet::new(), "routes without an authorisation test");
    let catalogue = "/v1/catalogues/iso42001-2023";
    for path in [catalogue, "/v1/catalogues/packaged", "/v1/catalogues/iso42001-2023/coverage"] {
        assert_eq!(world.nobody().get(path).await?.status.as_u16(), 401, "{path}");
        assert_eq!(world.as_(Role::Emp).get(path).await?.status.as_u16(), 200, "{path}");
    }
    let catalogue = world.as_(Role::Emp).get(catalogue).await?.ok();
    assert_eq!(catalogue["controls"].as_array().unwrap().len(), 38);
    let import = "/v1/imports?format=risk_library&name=x.csv&source=x&licence=x&dryRun=true";
    assert_eq!(world.nobody().post(import, &json!({})).await?.status.as_u16(), 401);
    world.as_(Role::Emp).post(import, &json!({})).await?.problem(403, "forbidden");
    for open in ["/", "/docs", "/livez", "/metrics", "/openapi.json", "/readyz"] {
        assert!(world.nobody().get(open).await?.status.is_success(), "{open}");
    }
});

/// Commands that make an object can be reached by their verb too, through the same entry.
fn creating_by_verb(world: &World) -> BTreeSet<String> {
    let kinds = world.registry().decls();
    kinds
        .flat_map(|kind| {
            let creating = kind.commands.iter().filter(|command| command.creates);
            creating.map(|command| {
                format!("POST /v1/{}/{}", kind.row.plural, command.verb.replace('_', "-"))
            })
        })
        .collect()
}
