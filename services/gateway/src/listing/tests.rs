//! Filters, order and cursors: checked against the declaration, and over an embedded store.

use bus::{Registry, Request, Who};
use event_store::Store;
use event_store::engine::sqlite::SqliteEngine;
use event_store::mapping::Mapping;
use event_store::seal::SecretKey;
use kernel::TenantId;
use kernel::id::encode;
use serde_json::json;

use super::*;

fn everything() -> Filter {
    Filter::And(Vec::new())
}

fn is(path: &str, compare: Compare) -> Filter {
    Filter::Field(path.to_owned(), compare)
}

fn question(filter: Filter) -> Question {
    let (order, at) = (Vec::new(), Position::START);
    Question { filter, search: None, order, first: 10, after: None, at, pinned: false }
}

fn scope() -> KindDecl {
    KindDecl::of::<governance::scope::Scope>().unwrap()
}

fn code(question: &Question) -> &'static str {
    match Plan::with(&Mapping::of(&scope()), &scope(), question) {
        Ok(_) => "fine",
        Err(QuestionError::Invalid { code, .. }) => code,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn every_path_and_value_is_checked() {
    for (filter, wanted) in [
        (is("status", Compare::Eq(json!("approved"))), "fine"),
        (is("status", Compare::Eq(json!("APPROVED"))), "wrong_value"),
        (is("nothing", Compare::Eq(json!(1))), "unknown_field"),
        (is("effective.approvedAt", Compare::Gt(json!("2025-01-01T00:00:00Z"))), "fine"),
        (is("effective.approvedAt", Compare::Gt(json!("2025-01-01"))), "wrong_value"),
        (is("effective.approvedAt", Compare::StartsWith("2025".into())), "not_filterable"),
        (is("effective", Compare::IsNull(true)), "fine"),
        (is("effective", Compare::Eq(json!({}))), "not_filterable"),
        (is("effective.nothing", Compare::IsNull(true)), "unknown_field"),
        (is("issues.side", Compare::Eq(json!("internal"))), "fine"),
        (is("issues.climate", Compare::Lt(json!(true))), "not_filterable"),
        (is("issues.text", Compare::Contains("law".into())), "not_filterable"),
        (is("statement", Compare::IsNull(false)), "not_filterable"),
        (is("sites", Compare::Contains("U".into())), "fine"),
        (is("id", Compare::Eq(json!("doc_1"))), "wrong_value"),
        (is("createdAt", Compare::Lt(json!("2025-01-01T00:00:00Z"))), "fine"),
        (is("status", Compare::Eq(Value::Null)), "wrong_value"),
    ] {
        assert_eq!(code(&question(filter.clone())), wanted, "{filter:?}");
    }
    let deep = (0..12).fold(everything(), |inner, _| Filter::Not(Box::new(inner)));
    assert_eq!(code(&question(deep)), "out_of_range");
}

#[test]
fn lists_are_sorted_by_columns_and_the_id_decides() {
    let with = |keys: &[(&str, bool)]| {
        let order = keys.iter().map(|(path, down)| ((*path).to_owned(), *down)).collect();
        Question { order, ..question(everything()) }
    };
    assert_eq!(code(&with(&[("sites", false)])), "not_sortable");
    assert_eq!(code(&with(&[("statement", false)])), "not_sortable");
    assert_eq!(code(&with(&[("status", false), ("status", true)])), "not_sortable");
    let plan = Plan::with(&Mapping::of(&scope()), &scope(), &with(&[("status", true)])).unwrap();
    assert_eq!(plan.order.len(), 2);
    assert!(plan.order[1].descending);
}

#[test]
fn only_what_columns_decide_is_left_to_the_database() {
    let all = |filters| Plan::with(&Mapping::of(&scope()), &scope(), &question(filters)).unwrap();
    let status = is("status", Compare::Ne(json!("draft")));
    let sites = is("sites", Compare::Eq(json!("Oslo")));
    let plan = all(Filter::And(vec![status.clone(), Filter::And(vec![status.clone()])]));
    assert!(plan.is_exact() && plan.conditions.len() == 2);
    let plan = all(Filter::And(vec![status.clone(), sites]));
    assert!(!plan.is_exact() && plan.conditions.len() == 1);
    assert!(!all(Filter::Not(Box::new(status))).is_exact());
}

struct World {
    _folder: tempfile::TempDir,
    log: Log,
    kind: Arc<dyn bus::AnyKind>,
}

impl World {
    /// A log with members; a third of them hold the role AM.
    async fn of(members: u128) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Arc::new(SqliteEngine::open(folder.path()).await.unwrap());
        let kind = bus::kind::<identity::membership::Membership>().unwrap();
        let registry = Registry::new(vec![kind.clone()]);
        let master = SecretKey::generate().unwrap();
        let store = Store::open(engine, master, registry.mappings()).await.unwrap();
        let tenant = TenantId::from_bits(7);
        store.open_log(&tenant, false).await.unwrap();
        let log = store.log(&tenant);
        for n in 0..members {
            let roles = if n % 3 == 0 { json!(["AM", "RM"]) } else { json!(["TM"]) };
            let input = json!({"user": encode("usr", n), "name": format!("N{n}"), "roles": roles});
            let request = Request { verb: "grant".into(), input, ..Request::default() };
            registry.dispatch(&kind, &log, &Who::system("test"), request).await.unwrap();
        }
        Self { _folder: folder, log, kind }
    }

    async fn ask(&self, question: &Question) -> Result<Page, QuestionError> {
        page(Eyes::open(&self.log), self.kind.decl(), question).await
    }

    async fn here(&self, filter: Filter, first: usize) -> Question {
        let at = self.log.head().await.unwrap().unwrap().position;
        Question { first, at, ..question(filter) }
    }
}

#[tokio::test]
async fn pages_hold_every_match_once_and_stay_as_they_were() {
    let world = World::of(9).await;
    let filter = is("roles", Compare::Eq(json!("AM")));
    let mut question = world.here(filter, 2).await;
    question.order = vec![("user".to_owned(), true)];
    let first = world.ask(&question).await.unwrap();
    assert_eq!((first.documents.len(), first.has_next), (2, true));
    assert_eq!(total(Eyes::open(&world.log), world.kind.decl(), &question, 100).await.unwrap(), 3);
    question.after = first.cursors.last().cloned();
    question.at = Position(1);
    let second = world.ask(&question).await.unwrap();
    assert_eq!((second.documents.len(), second.has_next), (1, false));
    assert_eq!(second.at, first.at);
    let ids: Vec<_> = first.documents.iter().chain(&second.documents).map(|d| &d.id).collect();
    assert!(ids.is_sorted_by(|a, b| a > b), "{ids:?}");
    question.pinned = true;
    assert!(world.ask(&question).await.is_err());
}

#[tokio::test]
async fn a_cursor_of_another_question_or_a_changed_one_is_refused() {
    let world = World::of(3).await;
    let mut question = world.here(everything(), 1).await;
    let cursor = world.ask(&question).await.unwrap().cursors.remove(0);
    question.after = Some(cursor.clone());
    assert_eq!(world.ask(&question).await.unwrap().documents.len(), 1);
    for place in 0..cursor.len() {
        let mut changed = cursor.clone().into_bytes();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        let after = Some(String::from_utf8(changed).unwrap());
        let asked = Question { after, ..question.clone() };
        let refused = matches!(
            world.ask(&asked).await,
            Err(QuestionError::Invalid { code: "bad_cursor", .. })
        );
        // The last digit of base64 has bits that stand for nothing: those are refused as well.
        assert!(refused, "{place}");
    }
    question.filter = is("status", Compare::Eq(json!("active")));
    assert!(world.ask(&question).await.is_err());
}

#[tokio::test]
async fn columns_and_documents_give_the_same_answer() {
    let world = World::of(6).await;
    let user = json!(encode("usr", 3));
    for compare in [
        Compare::Eq(user.clone()),
        Compare::Ne(user.clone()),
        Compare::In(vec![user.clone()]),
        Compare::Lt(user.clone()),
        Compare::Gte(user),
        Compare::StartsWith("usr_0".into()),
        Compare::IsNull(true),
    ] {
        let pushed = world.here(is("user", compare.clone()), 10).await;
        let kept = Filter::Or(vec![is("user", compare.clone())]);
        let kept = world.here(kept, 10).await;
        let ids = |page: Page| page.documents.iter().map(|d| d.id.clone()).collect::<Vec<_>>();
        let pushed = ids(world.ask(&pushed).await.unwrap());
        assert_eq!(pushed, ids(world.ask(&kept).await.unwrap()), "{compare:?}");
    }
}
