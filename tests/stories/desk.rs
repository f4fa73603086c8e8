//! Commands of one kind through both doors, REST and GraphQL; and the refusals of a kind, each of
//! which is provoked through both.

use std::collections::BTreeSet;
use std::panic::Location;

use annals_tests::{Answer, Client, World};
use anyhow::Context;
use kernel::domain::{CommandDecl, KindDecl};
use kernel::schema::{RecordDecl, Ty};
use kernel::{Instant, Position, Role, TenantId};
use serde_json::{Map, Value, json};

/// Where the commands of a kind are given.
pub struct Desk<'a> {
    world: &'a World,
    tenant: TenantId,
    decl: &'a KindDecl,
    provoked: BTreeSet<String>,
}

/// The name of a kind's object in GraphQL.
pub fn singular(kind: &KindDecl) -> String {
    let (first, rest) = kind.row.graphql.split_at(1);
    first.to_lowercase() + rest
}

fn camel(text: &str) -> String {
    let mut words = text.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

/// A word with a capital.
pub fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

/// An input as GraphQL takes it: words in capitals, maps as lists of entries with their key.
fn graphql(ty: &Ty, value: &Value) -> Value {
    match (ty, value) {
        (Ty::Words(_), Value::String(word)) => json!(word.to_uppercase()),
        (Ty::Record(decl), value) => fields(decl, value),
        (Ty::List(of, _), Value::Array(all)) => all.iter().map(|one| graphql(of, one)).collect(),
        (Ty::Map(decl, _), Value::Object(all)) => {
            let entry = |(key, one): (&String, &Value)| {
                let mut entry = fields(decl, one);
                entry["key"] = json!(key);
                entry
            };
            all.iter().map(entry).collect()
        }
        (_, other) => other.clone(),
    }
}

fn fields(decl: &RecordDecl, value: &Value) -> Value {
    let Value::Object(all) = value else { return value.clone() };
    let shown = all.iter().map(|(name, one)| {
        let field = decl.field(name);
        (name.clone(), field.map_or_else(|| one.clone(), |field| graphql(&field.ty, one)))
    });
    shown.collect::<Map<_, _>>().into()
}

impl<'a> Desk<'a> {
    /// The desk of a kind.
    pub fn of(world: &'a World, kind: &str) -> Self {
        Self::within(world, &world.tenant, kind)
    }

    /// The desk of a kind in a tenant.
    pub fn within(world: &'a World, tenant: &TenantId, kind: &str) -> Self {
        let decl = world.registry().decls().find(|decl| decl.row.name == kind);
        let (tenant, provoked) = (tenant.clone(), BTreeSet::new());
        Self { world, tenant, decl: decl.unwrap(), provoked }
    }

    fn command(&self, verb: &str) -> &'a CommandDecl {
        let found = self.decl.commands.iter().find(|command| command.verb == verb);
        found.unwrap_or_else(|| panic!("{} has no command {verb}", self.decl.row.name))
    }

    /// The version that an object has now.
    pub async fn version(&self, id: &str) -> anyhow::Result<u64> {
        let newest = self.world.app.store.log(&self.tenant).newest(id).await?;
        Ok(newest.context("no such object")?.version)
    }

    /// The position of the tenant's log, and when its last event was recorded.
    pub async fn head(&self) -> anyhow::Result<(Position, Instant)> {
        let head = self.world.app.store.log(&self.tenant).head().await?.context("no log")?;
        Ok((head.position, head.at))
    }

    /// The person at the time that he names, else a minute after the last event.
    pub async fn timed(&self, who: &Client) -> anyhow::Result<Client> {
        if who.has("Annals-Clock") {
            return Ok(who.clone());
        }
        Ok(who.at(&self.head().await?.1.plus_micros(60_000_000).to_string()))
    }

    /// Gives a command through REST, naming the version that the object has.
    pub async fn rest(
        &self,
        who: &Client,
        verb: &str,
        id: &str,
        input: &Value,
    ) -> anyhow::Result<Answer> {
        let who = self.timed(who).await?;
        let (base, verb) = (format!("/v1/{}", self.decl.row.plural), verb.replace('_', "-"));
        if id.is_empty() {
            // Where a kind begins in several ways, each has its path.
            let ways = self.decl.commands.iter().filter(|command| command.creates).count();
            let path = if ways > 1 { format!("{base}/{verb}") } else { base };
            return who.post(&path, input).await;
        }
        who.post_seen(&format!("{base}/{id}/{verb}"), self.version(id).await?, input).await
    }

    /// Makes an object through REST; its id.
    #[track_caller]
    pub fn make<'b>(
        &'b self,
        who: &'b Client,
        verb: &'b str,
        input: Value,
    ) -> impl Future<Output = anyhow::Result<String>> + use<'a, 'b> {
        let place = Location::caller();
        async move {
            let made = self.rest(who, verb, "", &input).await?;
            anyhow::ensure!(made.status == 201, "{verb} at {place}: {}", made.text);
            Ok(made.json["id"].as_str().context("id")?.to_owned())
        }
    }

    /// Gives a command through REST that is done; the answer.
    #[track_caller]
    pub fn does<'b>(
        &'b self,
        who: &'b Client,
        verb: &'b str,
        id: &'b str,
        input: Value,
    ) -> impl Future<Output = anyhow::Result<Value>> + use<'a, 'b> {
        let place = Location::caller();
        async move {
            let done = self.rest(who, verb, id, &input).await?;
            anyhow::ensure!(done.status == 200, "{verb} at {place}: {}", done.text);
            Ok(done.json)
        }
    }

    /// Gives a command as a GraphQL mutation and asks for these fields of the object; the payload.
    pub async fn mutates(
        &self,
        who: &Client,
        verb: &str,
        id: &str,
        input: &Value,
        of_object: &str,
    ) -> anyhow::Result<Value> {
        let command = self.command(verb);
        let mut input = fields(&command.input, input);
        if !id.is_empty() {
            input["id"] = json!(id);
        }
        if command.if_match {
            input["expectedVersion"] = json!(self.version(id).await?);
        }
        let kind = singular(self.decl);
        let name = singular(self.decl) + &capitalised(&camel(verb));
        let ty = capitalised(&name) + "Input";
        let query = format!(
            "mutation($input: {ty}!) {{ {name}(input: $input) {{
                version position events {{ type }} {kind} {{ id {of_object} }}
                refusal {{ __typename ... on DomainRefusal {{ code message rule pointer }} }} }} }}"
        );
        let answer = self.timed(who).await?.graphql(&query, json!({ "input": input })).await?;
        anyhow::ensure!(answer.json.get("errors").is_none(), "{verb}: {}", answer.text);
        Ok(answer.json["data"][&name].clone())
    }

    /// An object as an employee reads it through REST, now or as of a time (`?asOf=...`).
    pub async fn shown(&self, id: &str, as_of: &str) -> anyhow::Result<Value> {
        let path = format!("/v1/{}/{id}{as_of}", self.decl.row.plural);
        Ok(self.world.as_(Role::Emp).get(&path).await?.ok())
    }

    /// Fields of an object as an employee reads them through GraphQL, now or as of a time
    /// (`(asOf: ...)`).
    pub async fn read(&self, id: &str, as_of: &str, of: &str) -> anyhow::Result<Value> {
        let kind = singular(self.decl);
        // Of a kind of which there is one, GraphQL asks for no id.
        let by = if self.decl.about.singleton { String::new() } else { format!("(id: {id:?})") };
        let query = format!("{{ aims{as_of} {{ {kind}{by} {{ {of} }} }} }}");
        let mut data = self.world.as_(Role::Emp).graphql(&query, json!({})).await?.data();
        Ok(data["aims"][&kind].take())
    }

    /// The types of an object's events in order.
    pub async fn events(&self, id: &str) -> anyhow::Result<Vec<String>> {
        let path = format!("/v1/{}/{id}/history?limit=100", self.decl.row.plural);
        let history = self.world.as_(Role::Emp).get(&path).await?.ok();
        let events = history["data"].as_array().context("events")?.iter();
        Ok(events.map(|event| event["type"].as_str().unwrap().to_owned()).collect())
    }

    /// A command is refused through both doors with this status, code and pointer
    /// (`422 no_grade /likelihood`), and nothing is recorded.
    #[track_caller]
    pub fn refuse<'b>(
        &'b mut self,
        who: &'b Client,
        verb: &'b str,
        id: &'b str,
        input: Value,
        expected: &'b str,
    ) -> impl Future<Output = anyhow::Result<()>> + use<'a, 'b> {
        let place = Location::caller();
        async move {
            let tried = self.tried(who, verb, id, &input, expected).await;
            tried.with_context(|| format!("{verb} at {place}: {expected}"))
        }
    }

    async fn tried(
        &mut self,
        who: &Client,
        verb: &str,
        id: &str,
        input: &Value,
        expected: &str,
    ) -> anyhow::Result<()> {
        let mut words = expected.split(' ');
        let status: u16 = words.next().context("status")?.parse()?;
        let code = words.next().context("code")?;
        let pointer = words.next().map(str::to_owned);
        let declared = self.decl.refusals.iter().find(|refusal| refusal.code == code);
        let declared = declared.with_context(|| format!("no refusal {code}"))?;
        anyhow::ensure!(declared.conflict == (status == 409), "{code} is declared otherwise");
        let full = format!("{}.{code}", self.decl.row.name);
        let before = self.head().await?.0;

        let answer = self.rest(who, verb, id, input).await?;
        let found = (answer.status.as_u16(), answer.json["code"].as_str().unwrap_or_default());
        anyhow::ensure!(found == (status, full.as_str()), "{}", answer.text);
        anyhow::ensure!(answer.json["rule"].as_str() == declared.rule, "{}", answer.text);
        let at = answer.json["errors"][0]["pointer"].as_str().map(str::to_owned);
        anyhow::ensure!(at == pointer, "{}", answer.text);

        let payload = self.mutates(who, verb, id, input, "").await?;
        let refusal = &payload["refusal"];
        let wanted = json!({
            "__typename": "DomainRefusal", "code": full, "message": answer.json["detail"],
            "rule": declared.rule, "pointer": pointer,
        });
        anyhow::ensure!(*refusal == wanted && payload["events"] == json!([]), "{payload}");
        let log = self.world.app.store.log(&self.tenant);
        let since = log.events(before, self.head().await?.0, 100).await?;
        // That an auditor has asked is recorded whenever a minute is over.
        let others = since.iter().filter(|event| event.row.kind != "auditor_query");
        anyhow::ensure!(others.count() == 0, "something was recorded");
        self.provoked.insert(code.to_owned());
        Ok(())
    }

    /// Notes a refusal that was met elsewhere in the story.
    pub fn met(&mut self, code: &str) {
        self.provoked.insert(code.to_owned());
    }

    /// The refusals of a correction; `field` is one that may be corrected.
    pub async fn refuse_corrections(
        &mut self,
        who: &Client,
        id: &str,
        field: &str,
    ) -> anyhow::Result<()> {
        let input = |corrects: u64, name: &str, value: Value| json!({ "corrects": corrects, "reason": "Wrong.", "set": { name: value } });
        let none = input(999, field, json!("x"));
        self.refuse(who, "correct", id, none, "422 no_such_version /corrects").await?;
        let status = input(1, "status", json!("closed"));
        self.refuse(who, "correct", id, status, "422 not_correctable /set/status").await?;
        let at = format!("422 wrong_value /set/{field}");
        self.refuse(who, "correct", id, input(1, field, json!(7)), &at).await
    }

    /// These refusals were provoked, and no others.
    pub fn exactly(self, codes: &[&str]) {
        let provoked: BTreeSet<_> = self.provoked.iter().map(String::as_str).collect();
        assert_eq!(provoked, codes.iter().copied().collect(), "refusals that were provoked");
    }

    /// Every refusal of the kind was provoked, but for these.
    pub fn all_but(self, others: &[&str]) {
        let all: BTreeSet<_> = self.decl.refusals.iter().map(|one| one.code.to_owned()).collect();
        let left: BTreeSet<_> = all.difference(&self.provoked).map(String::as_str).collect();
        assert_eq!(left, others.iter().copied().collect(), "refusals that no request provoked");
    }
}
