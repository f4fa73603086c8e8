//! Libraries of AI risks as candidate risks: YAML, JSON or CSV.
//!
//! Libraries differ in their words, not in their shape: a list of risks, each with an identifier, a
//! title, a text, perhaps a group and a link. `NAMES` lists the words that are understood. A table
//! of actions, each with the risks that it answers, gives one candidate for each risk.

use std::collections::BTreeMap;

use event_store::Fault;
use serde_json::{Value, json};

use crate::import::File;
use crate::plan::{Origin, Plan, cut};
use crate::read::{Node, Notation, What};

/// Names of the list that holds the risks.
const LISTS: &[&str] = &["risks", "entries", "items"];
/// Names of the list that holds their groups.
const GROUPS: &[&str] = &["groups", "categories", "domains"];
/// Names of what describes the library itself.
const LIBRARY: &[&str] = &["taxonomies", "documents"];

/// The names under which files say the same thing, the best first.
struct Names {
    id: &'static [&'static str],
    title: &'static [&'static str],
    text: &'static [&'static str],
    more: &'static [&'static str],
    group: &'static [&'static str],
    url: &'static [&'static str],
    kind: &'static [&'static str],
}

const NAMES: Names = Names {
    id: &["id", "identifier", "code", "key", "Risk ID", "ID"],
    title: &["title", "name", "risk", "label", "Title", "Name", "Risk"],
    text: &["longDescription", "description", "definition", "Description", "text", "summary"],
    more: &["concern", "consequence", "impact", "Concern", "shortDescription"],
    group: &["isPartOf", "group", "category", "domain", "Category", "Group", "Domain"],
    url: &["url", "link", "URL", "Source", "source"],
    kind: &["type"],
};

/// Plans the import of a library.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn plan(root: &Node, notation: Notation, file: &File) -> Result<Plan, Fault> {
    let mut plan = Plan::default();
    let Some(list) = list(root) else {
        let names = LISTS.join(", ");
        let message = format!("the file holds no list of risks (looked for {names})");
        plan.wrong(root.line, "", "no_risks", &message);
        return Ok(plan);
    };
    let library = library(root, file);
    let groups = groups(root);
    let actions = list.items().first().and_then(actions_column);
    match actions.filter(|_| notation == Notation::Csv) {
        Some(column) => table_of_actions(&mut plan, list, &column, &library)?,
        None => {
            for entry in list.items() {
                risk(&mut plan, entry, &groups, &library)?;
            }
        }
    }
    plan.leave_out(root.unused());
    Ok(plan)
}

/// Where the library comes from, as each of its risks keeps it.
struct Library<'a> {
    name: String,
    file: &'a File,
}

impl Library<'_> {
    fn origin(&self, entry: &str, url: Option<&str>) -> Value {
        let mut origin = json!({
            "library": cut(&self.name),
            "entry": cut(entry),
            "source": self.file.source,
            "licence": self.file.licence,
        });
        if let Some(url) = url {
            origin["url"] = json!(cut(url));
        }
        origin
    }
}

fn library<'a>(root: &Node, file: &'a File) -> Library<'a> {
    let own = LIBRARY.iter().filter_map(|name| root.get(name));
    let own = own.flat_map(Node::items).find_map(|item| first(item, NAMES.title));
    let title = own.or_else(|| first(root, &["title", "name"]));
    let name = title.and_then(Node::used_text).map_or_else(|| file.name.to_string(), str::to_owned);
    for title in LIBRARY.iter().filter_map(|name| root.get(name)) {
        title.used();
    }
    if let Some(about) = root.get("description") {
        about.used();
    }
    Library { name, file }
}

fn list(root: &Node) -> Option<&Node> {
    if matches!(root.what, What::List(_)) {
        return Some(root);
    }
    let named = LISTS.iter().find_map(|name| root.get(name));
    named.filter(|list| matches!(list.what, What::List(_)))
}

/// Titles of the groups by identifier.
fn groups(root: &Node) -> BTreeMap<String, String> {
    let lists = GROUPS.iter().filter_map(|name| root.get(name));
    let known = lists.flat_map(Node::items).filter_map(|group| {
        let id = first(group, NAMES.id)?.used_text()?;
        let title = first(group, NAMES.title)?.used_text()?;
        Some((id.to_owned(), title.to_owned()))
    });
    known.collect()
}

fn first<'a>(node: &'a Node, names: &[&'static str]) -> Option<&'a Node> {
    named(node, names).map(|(_, node)| node)
}

/// The first member of one of these names that holds something, with its name.
fn named<'a>(node: &'a Node, names: &[&'static str]) -> Option<(&'static str, &'a Node)> {
    let found = names.iter().map(|name| (*name, node.get(name)));
    let mut found = found.filter_map(|(name, node)| Some((name, node?)));
    found.find(|(_, node)| !matches!(node.what, What::Nothing))
}

fn risk(
    plan: &mut Plan,
    entry: &Node,
    groups: &BTreeMap<String, String>,
    library: &Library<'_>,
) -> Result<(), Fault> {
    if let Some(kind) = first(entry, NAMES.kind).and_then(Node::used_text) {
        // Other things than risks stand in the same list; they are left out and named.
        if !kind.eq_ignore_ascii_case("risk") {
            return Ok(());
        }
    }
    let Some((title_field, title)) = named(entry, NAMES.title) else {
        plan.wrong(entry.line, NAMES.title[0], "missing", "the risk has no title");
        return Ok(());
    };
    let text = title.used_text().map(str::trim).unwrap_or_default();
    let (id_field, id) = named(entry, NAMES.id).unwrap_or((title_field, title));
    let mut input = json!({ "title": text });
    let mut origins =
        vec![origin("title", title_field, title), origin("origin/entry", id_field, id)];
    let (mut paragraphs, mut in_group) = (Vec::new(), None);
    for names in [NAMES.text, NAMES.more] {
        if let Some((field, node)) = named(entry, names) {
            paragraphs.extend(node.prose());
            origins.push(origin("description", field, node));
        }
    }
    if let Some((field, node)) = named(entry, NAMES.group) {
        let group = node.used_text().unwrap_or_default();
        let group = groups.get(group).map_or(group, String::as_str);
        in_group = Some(cut(group)).filter(|_| !group.is_empty());
        origins.push(origin("origin/group", field, node));
    }
    if paragraphs.is_empty() {
        plan.wrong(entry.line, NAMES.text[1], "missing", "the risk has no description");
        return Ok(());
    }
    input["description"] = json!(paragraphs.join("\n\n"));
    let url = first(entry, NAMES.url).and_then(Node::used_text);
    input["origin"] = library.origin(id.used_text().unwrap_or(text), url);
    if let Some(group) = in_group {
        input["origin"]["group"] = json!(group);
    }
    plan.create(("risk", "import_candidate"), (text, entry.line), input, origins)?;
    Ok(())
}

fn origin(to: &'static str, from: &str, node: &Node) -> Origin {
    Origin { to: to.into(), from: from.to_owned(), line: node.line }
}

/// The column that names the risks which a row answers, in a table of actions.
fn actions_column(row: &Node) -> Option<String> {
    let What::Map(cells) = &row.what else { return None };
    let named = cells.iter().map(|(name, _)| name);
    let mut risks = named.filter(|name| name.to_ascii_lowercase().ends_with("risks"));
    risks.next().cloned()
}

/// One row an action; one candidate for each risk that the column names.
fn table_of_actions(
    plan: &mut Plan,
    table: &Node,
    column: &str,
    library: &Library<'_>,
) -> Result<(), Fault> {
    let mut risks = BTreeMap::<String, Answered>::new();
    for row in table.items() {
        let Some(cell) = row.get(column) else { continue };
        let ending = |row: &Node, end: &str| match &row.what {
            What::Map(cells) => cells
                .iter()
                .find(|(name, _)| name.to_ascii_lowercase().ends_with(end))
                .and_then(|(_, cell)| cell.used_text().map(|text| text.trim().to_owned())),
            What::Nothing | What::Text(_) | What::List(_) => None,
        };
        let (id, title) = (ending(row, "id"), ending(row, "title"));
        let url = first(row, NAMES.url).and_then(Node::used_text).map(str::to_owned);
        let action = [id, title].into_iter().flatten().collect::<Vec<_>>().join(": ");
        let names = cell.used_text().unwrap_or_default().split(';').map(str::trim);
        for name in names.filter(|name| !name.is_empty()) {
            let new = || Answered { line: row.line, url: url.clone(), actions: Vec::new() };
            let answered = risks.entry(name.to_owned()).or_insert_with(new);
            if !action.is_empty() {
                answered.actions.push(action.clone());
            }
        }
    }
    for (name, answered) in risks {
        let count = answered.actions.len();
        let description = format!("A risk that {count} actions of {} answer.", library.name);
        let because = "a table of actions names its risks and does not describe them";
        plan.assume(answered.line, "description", &description, because);
        let actions = answered.actions;
        let mut input = json!({
            "title": name, "description": description, "suggestedActions": actions,
        });
        input["origin"] = library.origin(&name, answered.url.as_deref());
        let at = |to: &'static str| Origin {
            to: to.into(),
            from: column.to_owned(),
            line: answered.line,
        };
        let origins = ["title", "origin/entry", "suggestedActions"].map(at).into();
        plan.create(("risk", "import_candidate"), (&name, answered.line), input, origins)?;
    }
    Ok(())
}

/// A risk and the actions that answer it.
struct Answered {
    line: usize,
    url: Option<String>,
    actions: Vec<String>,
}
