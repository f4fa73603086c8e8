//! Catalogues of the tenant's own, their items and mappings; statements on them.

use std::time::Duration;

use facts::{CatalogueItem as Items, mapping_id};
use governance::catalogue::Catalogue;
use governance::catalogue_item::CatalogueItem;
use governance::mapping::Mapping;
use governance::soa_control::SoaControl;
use kernel::Role;
use kernel::id::encode;
use serde_json::{Value, json};

use super::{Kind, correct, remark, why};
use crate::history::{Case, History};

pub const KINDS: &[Kind] = &[catalogue, catalogue_item, mapping, row_on_own_catalogue];

/// What publishing a catalogue of 100 items may take: all of them are read and hashed.
const HUNDRED_ITEMS: Option<Duration> = Some(Duration::from_millis(1));

fn edition(title: &str) -> Value {
    json!({ "title": title, "edition": "2025", "publisher": "Halden Analytics B.V.",
        "source": "Library of controls", "licence": "MIT", "language": "en" })
}

fn drafted(n: u128) -> History<Catalogue> {
    History::of(&encode("cat", n)).given(Role::Am, "draft", edition("Controls of our own"))
}

fn item(n: u128) -> Value {
    json!({ "catalogue": encode("cat", 1), "number": format!("IC-{n:03}"), "place": n,
        "title": "Privileged access rights review", "itemKind": "control",
        "text": "Privileged and administrative accounts are reviewed every quarter.",
        "guidance": "Evidence required: the list of privileged accounts." })
}

fn added(n: u128) -> History<CatalogueItem> {
    let id = Items::id_of(&encode("cat", 1), &format!("IC-{n:03}"));
    History::of(&id).knowing(&encode("cat", 1), "catalogue", drafted(1).body()).given(
        Role::Am,
        "add",
        item(n),
    )
}

fn with_items<A>(history: History<A>, count: u128) -> History<A>
where
    A: kernel::domain::Domain + Clone + 'static,
    A::Command: Clone + 'static,
{
    (1..=count).fold(history, |history, n| {
        let id = Items::id_of(&encode("cat", 1), &format!("IC-{n:03}"));
        history.knowing(&id, "catalogue_item", added(n).body())
    })
}

fn published() -> History<Catalogue> {
    with_items(drafted(1), 1).given(Role::Am, "publish", json!({}))
}

fn catalogue() -> Vec<Case> {
    let mut next = edition("Controls of our own");
    next["edition"] = json!("2026");
    let all = [
        History::<Catalogue>::of(&encode("cat", 1))
            .measured(Role::Am, "draft", edition("Controls of our own"))
            .measured(Role::Am, "revise", edition("Controls of Halden"))
            .measured(Role::Am, "correct", correct("source", "The library of controls"))
            .cases(),
        with_items(drafted(1), 100)
            .measured_as("publish, 100 items", HUNDRED_ITEMS, Role::Am, "publish", json!({}))
            .cases(),
        published()
            .knowing(&encode("cat", 2), "catalogue", {
                let mut other = published().body();
                other["edition"] = json!("2026");
                other
            })
            .measured(Role::Am, "supersede", json!({ "by": encode("cat", 2) }))
            .measured(Role::Am, "withdraw", why())
            .cases(),
    ];
    all.into_iter().flatten().collect()
}

fn catalogue_item() -> Vec<Case> {
    let mut revised = item(2);
    for fixed in ["catalogue", "number", "place"] {
        revised.as_object_mut().unwrap().remove(fixed);
    }
    revised["title"] = json!("Review of privileged access rights");
    let mut child = item(2);
    child["parent"] = json!("IC-001");
    let first = Items::id_of(&encode("cat", 1), "IC-001");
    History::<CatalogueItem>::of(&Items::id_of(&encode("cat", 1), "IC-002"))
        .knowing(&encode("cat", 1), "catalogue", drafted(1).body())
        .knowing(&first, "catalogue_item", added(1).body())
        .measured(Role::Am, "add", child)
        .measured(Role::Am, "revise", revised)
        .measured(Role::Am, "remove", why())
        .measured(Role::Am, "restore", why())
        .measured(Role::Am, "correct", remark())
        .cases()
}

fn mapping() -> Vec<Case> {
    let (from, to) = ((encode("cat", 1), "IC-001"), ("iso42001-2023", "A.6.2.4"));
    let claim = |confidence: &str| {
        json!({ "relation": "supports", "sourceVersion": "1", "confidence": confidence,
            "note": "Read by the security team." })
    };
    let mut link = claim("low");
    link["from"] = json!({ "catalogue": from.0, "number": from.1 });
    link["to"] = json!({ "catalogue": to.0, "number": to.1 });
    link["source"] = json!("our own reading");
    let id = mapping_id((&from.0, from.1), to, "our own reading");
    with_items(History::<Mapping>::of(&id), 1)
        .knowing(&encode("cat", 1), "catalogue", published().body())
        .measured(Role::Am, "link", link)
        .measured(Role::Am, "revise", claim("medium"))
        .measured(Role::Am, "correct", correct("sourceVersion", "2"))
        .measured(Role::Am, "retire", why())
        .measured(Role::Am, "reinstate", why())
        .cases()
}

/// A row of a statement on a catalogue of the tenant's own.
fn row_on_own_catalogue() -> Vec<Case> {
    let (soa, catalogue) = (encode("soa", 1), encode("cat", 1));
    let listed = json!({ "soa": soa, "control": "IC-001", "decision": "applicable",
        "reasonCodes": ["risk"] });
    with_items(History::<SoaControl>::of(&encode("soc", 99)), 1)
        .knowing(&soa, "soa", json!({ "catalogue": catalogue }))
        .knowing(&catalogue, "catalogue", published().body())
        .measured_as("list, on an own catalogue", None, Role::Am, "list", listed)
        .cases()
}
