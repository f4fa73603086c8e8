//! What the stories of the life cycle start from: a system of a tenant, the people around it, and
//! what others must have decided before it goes on.

use std::cell::Cell;

use annals_tests::{Client, World};
use kernel::Role;
use serde_json::{Value, json};

/// The version of the system that the stories are about.
pub const V1: &str = "1.0.0";

/// An object of the tenant.
#[derive(Clone)]
pub struct Thing {
    /// Its kind, as it stands in codes of refusals.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    path: String,
}

/// A tenant with a system.
pub struct Life<'a> {
    /// The running process.
    pub world: &'a World,
    /// The system.
    pub system: Thing,
    day: Cell<&'static str>,
}

/// SHA-256-like text of one digit.
pub fn hash(digit: char) -> String {
    digit.to_string().repeat(64)
}

/// The pointer of the first fault of a problem; empty when it names none.
pub fn pointer(problem: &Value) -> &str {
    problem["errors"][0]["pointer"].as_str().unwrap_or_default()
}

/// The types of the events that a command brought about.
pub fn types(done: &Value) -> Vec<&str> {
    let events = done["events"].as_array().map(Vec::as_slice).unwrap_or_default();
    events.iter().map(|event| event["type"].as_str().unwrap_or_default()).collect()
}

/// Makes an object of a kind.
pub async fn make(
    world: &World,
    by: &Client,
    kind: &'static str,
    input: &Value,
) -> anyhow::Result<(Thing, Value)> {
    let plural = kernel::kinds::kind(kind).unwrap().plural;
    let made = by.post(&format!("/v1/{plural}"), input).await?.created();
    let id = made["id"].as_str().unwrap().to_owned();
    assert!(world.registry().of_id(&id).is_some_and(|of| of.decl().row.name == kind), "{id}");
    Ok((Thing::of(kind, &id), made))
}

impl Thing {
    /// An object of which the id is known.
    pub fn of(kind: &'static str, id: &str) -> Self {
        let plural = kernel::kinds::kind(kind).unwrap().plural;
        Self { kind, id: id.to_owned(), path: format!("/v1/{plural}/{id}") }
    }

    /// How it stands.
    pub async fn now(&self, by: &Client) -> anyhow::Result<Value> {
        Ok(by.get(&self.path).await?.ok())
    }

    /// Its events, oldest first.
    pub async fn history(&self, by: &Client) -> anyhow::Result<Vec<Value>> {
        let history = by.get(&format!("{}/history?limit=100", self.path)).await?.ok();
        Ok(history["data"].as_array().unwrap().clone())
    }

    /// Gives a command, naming the version that is there where the command wants one named.
    pub async fn send(
        &self,
        by: &Client,
        verb: &str,
        input: &Value,
    ) -> anyhow::Result<annals_tests::Answer> {
        let path = format!("{}/{verb}", self.path);
        let seeing =
            ["approve", "baseline", "confirm", "confirm-dismissal", "confirm-lowering", "release"];
        if seeing.contains(&verb) {
            let seen = self.now(by).await?["version"].as_u64().unwrap();
            return by.post_seen(&path, seen, input).await;
        }
        by.post(&path, input).await
    }

    /// Gives a command that is carried out; what it brought about.
    #[track_caller]
    pub fn then<'a>(
        &'a self,
        by: &'a Client,
        verb: &'a str,
        input: &'a Value,
    ) -> impl Future<Output = anyhow::Result<Value>> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let answer = self.send(by, verb, input).await?;
            let told = format!("{caller}: {} {verb}: {}", self.kind, answer.text);
            assert_eq!(answer.status.as_u16(), 200, "{told}");
            Ok(answer.json)
        }
    }
}

/// Who is to be refused what and why: role, command, input, code of the refusal, and the pointer
/// to what is wrong in the input (empty where the input is not at fault).
pub type Case<'a> = (Role, &'a str, Value, &'a str, &'a str);

/// The refusal of a kind is answered as it is declared: status, source, place.
#[track_caller]
pub fn is_refusal(
    world: &World,
    kind: &str,
    code: &str,
    answer: annals_tests::Answer,
    at: &str,
) -> Value {
    let declared = world.registry().named(kind).unwrap().decl();
    let declared = declared.refusals.iter().find(|refusal| refusal.code == code);
    let declared = declared.unwrap_or_else(|| panic!("{kind} declares no refusal {code}"));
    let status = if declared.conflict { 409 } else { 422 };
    let text = answer.text.clone();
    let problem = answer.problem(status, &format!("{kind}.{code}"));
    assert_eq!(problem["rule"].as_str(), declared.rule, "{text}");
    assert_eq!(pointer(&problem), at, "{text}");
    assert!(problem["detail"].as_str().is_some_and(|detail| !detail.contains('{')), "{text}");
    problem
}

impl<'a> Life<'a> {
    /// A system is registered on 2024-09-02, developed by the DEV, with a first version.
    pub async fn begun(world: &'a World) -> anyhow::Result<Self> {
        Self::with(world, json!({})).await
    }

    /// The same with other values in its registration.
    pub async fn with(world: &'a World, more: Value) -> anyhow::Result<Self> {
        let mut input = json!({
            "name": "CreditLens", "purpose": "Scores applications for consumer credit.",
            "systemKind": "ml", "origin": "built", "autonomy": "human_in_loop",
            "owner": world.as_(Role::So).user, "inScope": true, "systemVersion": V1,
            "developers": [world.as_(Role::Dev).user], "affected": ["Loan applicants"],
        });
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        let so = world.as_(Role::So).at("2024-09-02T09:00:00Z");
        let (system, _) = make(world, &so, "ai_system", &input).await?;
        Ok(Self { world, system, day: Cell::new("2024-09-02T09:00:00Z") })
    }

    /// A system that was there before it was registered, and runs.
    pub async fn running(world: &'a World) -> anyhow::Result<Self> {
        let stands = json!({ "stage": "operation_and_monitoring", "running": true });
        Self::with(world, json!({ "onboarded": stands })).await
    }

    /// From now on it is this time.
    pub fn day(&self, day: &'static str) {
        self.day.set(day);
    }

    /// A member, at the time that it is.
    pub fn by(&self, role: Role) -> Client {
        self.world.as_(role).at(self.day.get())
    }

    /// Makes an object of this system.
    pub async fn makes(
        &self,
        by: &Client,
        kind: &'static str,
        input: &Value,
    ) -> anyhow::Result<Thing> {
        let mut input = input.clone();
        input["system"] = json!(self.system.id);
        Ok(make(self.world, by, kind, &input).await?.0)
    }

    /// An object of this system is not made: the code of the refusal, and where the input is wrong.
    pub async fn makes_no(
        &self,
        by: &Client,
        kind: &'static str,
        input: &Value,
        code: &str,
        at: &str,
    ) -> anyhow::Result<Value> {
        let mut input = input.clone();
        let creating = self.world.registry().named(kind).unwrap().decl().commands.iter();
        let mut creating = creating.filter(|command| command.creates);
        if creating.any(|command| command.input.field("system").is_some()) {
            input["system"] = json!(self.system.id);
        }
        let plural = kernel::kinds::kind(kind).unwrap().plural;
        let answer = by.post(&format!("/v1/{plural}"), &input).await?;
        Ok(is_refusal(self.world, kind, code, answer, at))
    }

    /// None of these commands is carried out, and none is recorded.
    pub async fn refuses(&self, thing: &Thing, cases: &[Case<'_>]) -> anyhow::Result<()> {
        let reader = self.by(Role::Am);
        let before = thing.now(&reader).await?["version"].clone();
        for (role, verb, input, code, at) in cases {
            let answer = thing.send(&self.by(*role), verb, input).await?;
            is_refusal(self.world, thing.kind, code, answer, at);
        }
        assert_eq!(thing.now(&reader).await?["version"], before);
        Ok(())
    }

    /// What GraphQL says of an object.
    pub async fn graph(&self, thing: &Thing, selection: &str) -> anyhow::Result<Value> {
        let row = kernel::kinds::kind(thing.kind).unwrap();
        let query = format!(
            "query($id: ID!) {{ node(id: $id) {{ ... on {} {{ {selection} }} }} }}",
            row.graphql
        );
        let mut data = self.by(Role::Am).graphql(&query, json!({ "id": thing.id })).await?.data();
        Ok(data["node"].take())
    }

    /// Gives a command by GraphQL; the payload.
    pub async fn mutate(
        &self,
        by: &Client,
        mutation: &str,
        input: Value,
        selection: &str,
    ) -> anyhow::Result<Value> {
        let ty = mutation[..1].to_uppercase() + &mutation[1..] + "Input";
        let query =
            format!("mutation($input: {ty}!) {{ {mutation}(input: $input) {{ {selection} }} }}");
        let mut data = by.graphql(&query, json!({ "input": input })).await?.data();
        Ok(data[mutation].take())
    }

    /// A draft that is submitted by its author and approved by another.
    pub async fn approved(
        &self,
        thing: &Thing,
        author: Role,
        approver: Role,
    ) -> anyhow::Result<()> {
        thing.then(&self.by(author), "submit", &json!({})).await?;
        let verb = if thing.kind == "requirement_set" { "baseline" } else { "approve" };
        thing.then(&self.by(approver), verb, &json!({})).await?;
        Ok(())
    }
}
