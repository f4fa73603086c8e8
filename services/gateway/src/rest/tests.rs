//! The REST surface over an embedded store.

use std::sync::Arc;
use std::time::Duration;

use actix_web::App;
use actix_web::body::to_bytes;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, init_service};
use bus::{Registry, Request, Who};
use event_store::Store;
use event_store::engine::sqlite::SqliteEngine;
use event_store::seal::SecretKey;
use identity::{Identity, Tokens};
use kernel::id::encode;
use kernel::{TenantId, UserId};
use serde_json::{Value, json};

use super::*;

struct World {
    _folder: tempfile::TempDir,
    gateway: Gateway,
    tenant: TenantId,
}

/// An answer, read.
struct Answer {
    status: StatusCode,
    headers: actix_web::http::header::HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Arc::new(SqliteEngine::open(folder.path()).await.unwrap());
        let kinds = [
            bus::kind::<identity::membership::Membership>(),
            bus::kind::<governance::organisation::Organisation>(),
            bus::kind::<governance::scope::Scope>(),
            bus::kind::<governance::interested_party::InterestedParty>(),
            bus::kind::<governance::evidence::Evidence>(),
            bus::kind::<lifecycle::monitor::Monitor>(),
        ];
        let registry = Registry::new(kinds.into_iter().map(Option::unwrap).collect());
        let master = SecretKey::generate().unwrap();
        let store = Store::open(engine, master, registry.mappings()).await.unwrap();
        let tokens = Tokens::new("https://t", &identity::token::generate_key().unwrap()).unwrap();
        let identity = Identity::new(Arc::clone(&store), tokens);
        let tenant = TenantId::from_bits(7);
        store.open_log(&tenant, false).await.unwrap();
        let place = ::files::Place::Folder(folder.path().join("files"));
        let files = ::files::Files::open(place, 1 << 20).unwrap();
        let gateway = Gateway::new(registry, store, identity, files);
        Self { _folder: folder, gateway, tenant }
    }

    async fn member(&self, bits: u128, roles: &[&str]) -> String {
        let user = encode("usr", bits);
        let kind = self.gateway.registry.named("membership").unwrap();
        let input = json!({"user": user, "name": "Somebody", "roles": roles});
        let request = Request { verb: "grant".into(), input, ..Request::default() };
        let log = self.gateway.store.log(&self.tenant);
        let who = Who::system("test");
        self.gateway.registry.dispatch(kind, &log, &who, request).await.unwrap();
        self.token(UserId::new(user).as_str())
    }

    fn token(&self, bearer: &str) -> String {
        let tokens = self.gateway.identity.tokens();
        tokens.mint(&self.tenant, bearer, Duration::from_secs(60)).unwrap()
    }

    async fn call(&self, request: TestRequest) -> Answer {
        let app = App::new().configure(|config| configure(config, &self.gateway));
        let app = init_service(app).await;
        let response: ServiceResponse =
            actix_web::test::call_service(&app, request.to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body()).await.ok().unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status, headers, body }
    }

    async fn get(&self, token: &str, path: &str) -> Answer {
        self.call(TestRequest::get().uri(path).insert_header(("Authorization", bearer(token))))
            .await
    }

    async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        let request = TestRequest::post().uri(path).set_json(body);
        self.call(request.insert_header(("Authorization", bearer(token)))).await
    }
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

fn draft() -> Value {
    json!({"statement": "Build and provide CreditLens.", "activities": ["develop"],
           "sites": ["Utrecht"]})
}

#[actix_web::test]
async fn an_object_is_made_read_changed_and_read_as_it_was() {
    let world = World::new().await;
    let am = world.member(1, &["AM"]).await;
    let made = world.post(&am, "/v1/scopes", draft()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.body["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), format!("/v1/scopes/{id}"));
    assert_eq!(made.header("etag"), "\"1\"");
    assert_eq!(made.body["events"][0]["type"], "scope.drafted");
    assert_eq!(made.body["object"]["statement"], "Build and provide CreditLens.");
    assert_eq!(made.body["object"]["scopeVersion"], 1);
    assert_eq!(made.body["refusal"], Value::Null);

    let issue = json!({"side": "external", "text": "Credit law", "climate": false});
    let path = format!("/v1/scopes/{id}/record-context-issue");
    let issued = world.post(&am, &path, issue).await;
    assert_eq!((issued.status.as_u16(), &issued.body["version"]), (200, &json!(2)));

    let now = world.get(&am, "/v1/scopes/current").await;
    assert_eq!((now.status.as_u16(), now.header("etag")), (200, "\"2\""));
    assert_eq!(now.header("cache-control"), "private, no-cache");
    assert_eq!(now.body["issues"].as_object().unwrap().len(), 1);

    let position = made.body["position"].as_str().unwrap();
    let past = world.get(&am, &format!("/v1/scopes/{id}?asOf={position}")).await;
    assert_eq!(past.body["version"], 1);
    assert!(past.body.get("issues").is_none());
    assert!(past.header("cache-control").contains("immutable"));
    assert_eq!(past.header("annals-position"), position);
    let old = world.get(&am, &format!("/v1/scopes/{id}?version=1")).await;
    assert_eq!(old.body["version"], 1);

    let history = world.get(&am, &format!("/v1/scopes/{id}/history?limit=1")).await;
    assert_eq!(history.body["data"][0]["data"]["content"]["statement"], draft()["statement"]);
    assert_eq!(history.body["next"], "1");
    let all = world.get(&am, "/v1/events?type=scope.drafted&type=membership.granted").await;
    assert_eq!(all.body["data"].as_array().unwrap().len(), 2, "{}", all.body);
    let late = world.get(&am, "/v1/scopes/current?asOf=999").await;
    assert_eq!((late.status.as_u16(), late.body["code"].as_str()), (422, Some("in_the_future")));
}

#[actix_web::test]
async fn what_is_known_already_is_not_sent_again() {
    let world = World::new().await;
    let am = world.member(1, &["AM"]).await;
    world.post(&am, "/v1/scopes", draft()).await;
    for path in ["/v1/scopes", "/v1/scopes/current", "/v1/scopes?asOf=2", "/v1/events"] {
        let first = world.get(&am, path).await;
        assert_eq!(first.status, 200, "{path}");
        let again = TestRequest::get().uri(path).insert_header(("Authorization", bearer(&am)));
        let again = again.insert_header(("If-None-Match", first.header("etag")));
        assert_eq!(world.call(again).await.status, 304, "{path}");
    }
}

#[actix_web::test]
async fn a_repeated_request_is_answered_as_before() {
    let world = World::new().await;
    let am = world.member(1, &["AM"]).await;
    let send = |body: Value| {
        let request = TestRequest::post().uri("/v1/scopes").set_json(body);
        request
            .insert_header(("Authorization", bearer(&am)))
            .insert_header(("Idempotency-Key", "k-1"))
    };
    let first = world.call(send(draft())).await;
    let again = world.call(send(draft())).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(first.header("idempotency-replayed"), "");
    assert_eq!(again.header("idempotency-replayed"), "true");
    let other = world.call(send(json!({"statement": "Other"}))).await;
    assert_eq!(other.body["code"], "idempotency_key_reused");
}

#[actix_web::test]
async fn a_version_that_moved_on_tells_what_happened_since() {
    let world = World::new().await;
    let (am, tm) = (world.member(1, &["AM"]).await, world.member(2, &["TM"]).await);
    world.post(&am, "/v1/scopes", draft()).await;
    let submitted = world.post(&am, "/v1/scopes/current/submit", json!({})).await;
    assert_eq!(submitted.status, 200, "{}", submitted.body);
    let approve = |tag: Option<&str>| {
        let request = TestRequest::post().uri("/v1/scopes/current/approve");
        let request = request.insert_header(("Authorization", bearer(&tm)));
        match tag {
            Some(tag) => request.insert_header(("If-Match", tag)),
            None => request,
        }
    };
    assert_eq!(world.call(approve(None)).await.status, 428);
    assert_eq!(world.call(approve(Some("W/\"2\""))).await.status, 400);
    let stale = world.call(approve(Some("\"1\""))).await;
    assert_eq!(
        (stale.status.as_u16(), stale.body["code"].as_str()),
        (412, Some("version_mismatch"))
    );
    assert_eq!(stale.body["since"][0]["type"], "scope.submitted");
    let refused = world.call(approve(Some("\"2\""))).await;
    assert_eq!(refused.body["code"], "scope.no_context_issue", "{}", refused.body);
    assert_eq!(
        (refused.status.as_u16(), refused.body["rule"].as_str()),
        (422, Some("ISO/IEC 42001 4.1"))
    );
    assert_eq!(world.post(&am, "/v1/scopes/current/submit", json!({})).await.status, 409);
}

#[actix_web::test]
async fn every_error_is_a_problem_document() {
    let world = World::new().await;
    let emp = world.member(1, &[]).await;
    let unknown = format!("/v1/scopes/{}", encode("scp", 1));
    for (path, status, code) in [
        ("/nothing", 404, "not_found"),
        ("/v1/scopes/xyz", 404, "not_found"),
        (unknown.as_str(), 404, "not_found"),
        ("/v1/risks", 404, "not_found"),
        ("/v1/scopes?colour=red", 400, "invalid_query"),
        ("/v1/scopes?filter[statement]=x", 400, "invalid_query"),
        ("/v1/scopes?sort=sites", 400, "invalid_query"),
        ("/v1/scopes?cursor=abc.def", 400, "bad_cursor"),
        ("/v1/scopes?asOf=3000-01-01T00:00:00Z", 422, "in_the_future"),
    ] {
        let answer = world.get(&emp, path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body["code"].as_str()),
            (status, Some(code)),
            "{path}"
        );
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.header("annals-request-id"), answer.body["requestId"].as_str().unwrap());
    }
    let send = |media: &'static str, body: &'static str| {
        let request = TestRequest::post().uri("/v1/scopes").set_payload(body);
        request
            .insert_header(("Authorization", bearer(&emp)))
            .insert_header(("Content-Type", media))
    };
    for (media, body, status) in [
        ("text/plain", "{}", 415),
        ("application/json", "{\"a\":1,\"a\":1}", 400),
        ("application/json; charset=utf-8", "{}", 403),
    ] {
        assert_eq!(world.call(send(media, body)).await.status, status, "{media} {body}");
    }
    let big = TestRequest::post().uri("/v1/scopes").set_payload(vec![b' '; command::BODY_MAX + 1]);
    let big = world.call(big.insert_header(("Authorization", bearer(&emp)))).await;
    assert_eq!(big.status, 413);
    let nobody = world.call(TestRequest::get().uri("/v1/me")).await;
    assert_eq!(nobody.status, 401);
    assert!(nobody.header("www-authenticate").starts_with("Bearer"));
    assert_eq!(world.get(&world.token(&encode("usr", 9)), "/v1/me").await.status, 403);
    let method = world.call(TestRequest::delete().uri("/v1/scopes")).await;
    assert_eq!((method.status.as_u16(), method.header("allow")), (405, "GET, HEAD, POST"));
}

#[actix_web::test]
async fn ten_thousand_measurements_fit_into_one_request_and_no_more() {
    let world = World::new().await;
    let ops = world.member(1, &["OPS"]).await;
    let point = json!({
        "metric": "m".repeat(64), "at": "2025-03-31T12:34:56.123456+00:00",
        "value": "-999999999999.999999", "n": u32::MAX,
    });
    let path = format!("/v1/monitors/{}/ingest", encode("mon", 1));
    let body = |count| json!({ "points": vec![point.clone(); count] });
    assert!(body(10_000).to_string().len() > command::BODY_MAX);
    let answer = world.post(&ops, &path, body(10_000)).await;
    assert_eq!((answer.status.as_u16(), answer.body["code"].as_str()), (404, Some("not_found")));
    let answer = world.post(&ops, &path, body(10_001)).await;
    let error = &answer.body["errors"][0];
    assert_eq!((answer.status.as_u16(), error["code"].as_str()), (422, Some("too_many")));
    let big = TestRequest::post().uri(&path).set_payload(vec![b' '; command::BULK_MAX + 1]);
    let big = world.call(big.insert_header(("Authorization", bearer(&ops)))).await;
    assert_eq!(big.status, 413);
}

#[actix_web::test]
async fn pages_and_probes_answer_without_a_token() {
    let world = World::new().await;
    for path in ["/", "/docs", "/openapi.json", "/livez", "/readyz", "/metrics"] {
        let answer = world.call(TestRequest::get().uri(path)).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}
