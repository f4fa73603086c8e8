//! A tenant with members, and questions to it over HTTP.

use super::*;

/// A tenant of a store of its own.
pub struct World {
    _folder: tempfile::TempDir,
    pub gateway: Gateway,
    pub graphql: Arc<GraphQl>,
    tenant: TenantId,
}

/// An answer.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The data; there must be no errors.
    pub fn data(self) -> Value {
        assert_eq!(self.body["errors"], Value::Null, "{}", self.body);
        self.body["data"].clone()
    }

    pub fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl World {
    pub async fn new() -> Self {
        Self::open(false).await
    }

    /// A tenant whose clock can be set.
    pub async fn simulated() -> Self {
        Self::open(true).await
    }

    async fn open(simulated: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Arc::new(SqliteEngine::open(folder.path()).await.unwrap());
        let registry = registry();
        let key = SecretKey::generate().unwrap();
        let store = Store::open(engine, key, registry.mappings()).await.unwrap();
        let tenant = TenantId::from_bits(1);
        store.open_log(&tenant, simulated).await.unwrap();
        let tokens = Tokens::new("test", &generate_key().unwrap()).unwrap();
        let identity = Identity::new(Arc::clone(&store), tokens);
        let place = files::Place::Folder(folder.path().join("files"));
        let files = files::Files::open(place, 1 << 20).unwrap();
        let gateway = Gateway::new(registry, store, identity, files);
        let graphql = GraphQl::new(gateway.clone(), None);
        Self { _folder: folder, gateway, graphql, tenant }
    }

    /// Carries out a command of ours.
    pub async fn system(&self, kind: &str, verb: &str, input: Value) -> String {
        let kind = self.gateway.registry.named(kind).unwrap();
        let request = Request { verb: verb.into(), input, ..Request::default() };
        let log = self.gateway.store.log(&self.tenant);
        let who = Who::system("test");
        self.gateway.registry.dispatch(kind, &log, &who, request).await.unwrap().id
    }

    /// A member's token.
    pub async fn member(&self, bits: u128, roles: &[&str]) -> String {
        let user = encode("usr", bits);
        let input = json!({"user": user, "name": format!("Member {bits}"), "roles": roles});
        self.system("membership", "grant", input).await;
        self.token(&user)
    }

    pub fn token(&self, bearer: &str) -> String {
        let tokens = self.gateway.identity.tokens();
        tokens.mint(&self.tenant, bearer, Duration::from_secs(60)).unwrap()
    }

    pub async fn call(&self, request: TestRequest) -> Answer {
        let graphql = Arc::clone(&self.graphql);
        let app =
            App::new().configure(|config: &mut web::ServiceConfig| configure(config, graphql));
        let response = call_service(&init_service(app).await, request.to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body()).await.ok().unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status, headers, body }
    }

    /// How many batches an answer takes.
    pub async fn fetches(&self, token: &str, query: &str, variables: Value) -> usize {
        let asked = Asked {
            query: query.into(),
            variables: Variables::from_json(variables),
            authorization: Some(format!("Bearer {token}")),
            ..Asked::default()
        };
        self.graphql.answer(asked).await.unwrap().fetches
    }

    pub async fn ask(&self, token: &str, query: &str, variables: Value) -> Answer {
        let request = TestRequest::post().uri("/graphql");
        let request = request.insert_header(("authorization", format!("Bearer {token}")));
        let request = request.insert_header(("accept", "application/graphql-response+json"));
        self.call(request.set_json(json!({"query": query, "variables": variables}))).await
    }
}
