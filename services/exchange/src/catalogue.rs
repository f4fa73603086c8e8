//! Catalogues of requirements or controls as a draft with its items: CSV, JSON or YAML.
//!
//! Files differ in their words, not in their shape: a list of items, each with a number, a title, a
//! text, perhaps what it belongs to and how it is met. The lists below name the words that are
//! understood. Where a file says a thing in several languages (`title_en`, `title_fr`), the one
//! that was asked for counts.

use std::collections::BTreeSet;

use event_store::Fault;
use facts::CatalogueItem;
use serde_json::{Value, json};

use crate::import::File;
use crate::mapping::Link;
use crate::numbers::{number, shortened};
use crate::plan::{Origin, Plan, cut};
use crate::read::{Node, What};

/// Names of the list that holds the items.
const LISTS: &[&str] = &["items", "entries", "controls", "requirements", "actions"];
/// Where a file describes itself.
const HEADS: &[&str] = &["meta", "metadata", "catalogue"];

// The names under which files say the same thing, the best first.
const NUMBER: &[&str] =
    &["number", "No", "ref_id", "id", "identifier", "code", "Number", "ID", "Control ID"];
const TITLE: &[&str] =
    &["title", "official_title", "name", "Title", "Name", "Control Title", "Control"];
const TEXT: &[&str] = &["text", "outcome", "summary", "description", "Description", "definition"];
const MORE: &[&str] = &["about", "concern"];
const GUIDANCE: &[&[&str]] = &[
    &["guidance", "actions", "suggested_actions", "Audit Methodology"],
    &["evidence_prompts", "evidence"],
    &["Policy Procedure"],
];
const PARENT: &[&str] =
    &["parent", "category", "group", "Parent", "Category", "Group", "Policy Procedure"];
const OUTER: &[&str] = &["function", "domain", "chapter", "Function", "Domain", "Chapter"];
const KIND: &[&str] = &["itemKind", "item_kind", "kind", "entry_type"];

/// The kinds of items as files call them.
const KINDS: &[(&str, &str)] = &[
    ("group", "group"),
    ("heading", "group"),
    ("clause", "clause"),
    ("control", "control"),
    ("action", "control"),
    ("requirement", "requirement"),
    ("outcome", "outcome"),
    ("subcategory", "outcome"),
    ("rmf_subcategory", "outcome"),
    ("obligation", "obligation"),
    ("article", "obligation"),
];

/// Plans the import of a catalogue.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn plan(root: &Node, file: &File) -> Result<Plan, Fault> {
    let mut plan = Plan::default();
    let Some(list) = list(root) else {
        let message = format!("the file holds no list of items (looked for {})", LISTS.join(", "));
        plan.wrong(root.line, "", "no_items", &message);
        return Ok(plan);
    };
    let language = file.wishes.language.clone().unwrap_or_else(|| {
        plan.assume(1, "language", "en", "the language was not named");
        "en".to_owned()
    });
    let words = Words { suffix: format!("_{language}") };
    let rows = rows(&mut plan, list, &words, file);
    let catalogue = edition(&mut plan, root, &words, file, language)?;
    let numbers: Vec<_> = rows.iter().map(|row| (row.number.clone(), row.line)).collect();
    items(&mut plan, &catalogue, rows);
    if file.wishes.publish {
        plan.change("catalogue", "publish", &catalogue, root.line, json!({}));
        subcategories(&mut plan, &catalogue, &numbers);
    }
    plan.leave_out(root.unused());
    Ok(plan)
}

/// Finds what a file says under several names, in the language that was asked for.
struct Words {
    suffix: String,
}

impl Words {
    /// The first member of one of these names that holds something, with its name.
    fn find<'a>(&self, node: &'a Node, names: &[&str]) -> Option<(String, &'a Node)> {
        let own = names.iter().map(|name| format!("{name}{}", self.suffix));
        let all = own.chain(names.iter().map(|name| (*name).to_owned()));
        let mut found = all.filter_map(|name| Some((node.get(&name)?, name)));
        let found = found.find(|(node, _)| !matches!(node.what, What::Nothing));
        found.map(|(node, name)| (name, node))
    }
}

/// An item as the file has it.
struct Row {
    line: usize,
    number: String,
    /// What it belongs to: the outermost first.
    within: Vec<String>,
    input: Value,
    origins: Vec<Origin>,
}

fn list(root: &Node) -> Option<&Node> {
    if matches!(root.what, What::List(_)) {
        return Some(root);
    }
    let named = LISTS.iter().find_map(|name| root.get(name));
    named.filter(|list| matches!(list.what, What::List(_)))
}

fn rows(plan: &mut Plan, list: &Node, words: &Words, file: &File) -> Vec<Row> {
    let numbered = list.items().iter().any(|entry| words.find(entry, NUMBER).is_some());
    if !numbered {
        let because = "the file has no numbers: its items are counted in their order";
        plan.assume(list.line, "number", "C-001 and so on", because);
    }
    let (mut rows, mut known) = (Vec::new(), BTreeSet::new());
    for (n, entry) in list.items().iter().enumerate() {
        let counted = (!numbered).then(|| format!("C-{:03}", n + 1));
        let Some(row) = row(plan, entry, words, file, counted) else { continue };
        if !known.insert(row.number.clone()) {
            let message = format!("the number {} stands twice", row.number);
            plan.wrong(row.line, field(&row, "number"), "duplicate", &message);
        }
        rows.push(row);
    }
    rows
}

/// The field of the file that a field of the input comes from.
fn field<'a>(row: &'a Row, to: &str) -> &'a str {
    row.origins.iter().find(|origin| origin.to == to).map_or("", |origin| &origin.from)
}

fn row(
    plan: &mut Plan,
    entry: &Node,
    words: &Words,
    file: &File,
    counted: Option<String>,
) -> Option<Row> {
    let mut origins = Vec::new();
    let number = match counted {
        Some(counted) => counted,
        None => numbered(plan, entry, words, &mut origins)?,
    };
    let found = |to: &'static str, names: &[&str], origins: &mut Vec<Origin>| {
        let (from, node) = words.find(entry, names)?;
        origins.push(Origin { to: to.into(), from, line: node.line });
        node.prose()
    };
    let title = found("title", TITLE, &mut origins);
    let text = [TEXT, MORE].map(|names| found("text", names, &mut origins));
    let guidance = GUIDANCE.iter().map(|names| found("guidance", names, &mut origins));
    let guidance: Vec<_> = guidance.flatten().collect();
    let text: Vec<_> = text.into_iter().flatten().collect();
    let title = title.or_else(|| text.first().map(|text| cut(text).to_string()));
    let Some(title) = title else {
        plan.wrong(entry.line, TITLE[0], "missing", "the item has no title");
        return None;
    };
    let mut input = json!({ "title": title, "itemKind": kind(plan, entry, words, file) });
    for (name, paragraphs) in [("text", text), ("guidance", guidance)] {
        if !paragraphs.is_empty() {
            input[name] = json!(paragraphs.join("\n\n"));
        }
    }
    let outer = words.find(entry, OUTER).and_then(|(_, node)| node.used_text());
    let parent = words.find(entry, PARENT);
    if let Some((from, node)) = &parent {
        origins.push(Origin { to: "parent".into(), from: from.clone(), line: node.line });
    }
    let parent = parent.and_then(|(_, node)| node.used_text());
    // Of a path (`Access > Review`) the first part is the group; the whole stands in the guidance.
    let parent = parent.map(|text| text.split('>').next().unwrap_or(text).trim());
    let within = [outer, parent].into_iter().flatten().filter(|text| !text.is_empty());
    let within = within.map(str::to_owned).collect();
    Some(Row { line: entry.line, number, within, input, origins })
}

fn numbered(
    plan: &mut Plan,
    entry: &Node,
    words: &Words,
    origins: &mut Vec<Origin>,
) -> Option<String> {
    let found = words.find(entry, NUMBER).and_then(|(from, node)| Some((from, node.used_text()?)));
    let Some((from, text)) = found else {
        plan.wrong(entry.line, NUMBER[0], "missing", "the item has no number");
        return None;
    };
    let Some(number) = number(text) else {
        let message = "a number has 1 to 40 letters, digits, dots, dashes or underscores";
        plan.wrong(entry.line, &from, "malformed", message);
        return None;
    };
    if number != text.trim() {
        let because = "numbers hold letters, digits, dots, dashes and underscores";
        plan.assume(entry.line, &from, &number, because);
    }
    origins.push(Origin { to: "number".into(), from, line: entry.line });
    Some(number)
}

fn kind(plan: &mut Plan, entry: &Node, words: &Words, file: &File) -> String {
    let said = words.find(entry, KIND).and_then(|(from, node)| Some((from, node.used_text()?)));
    let known = said.as_ref().and_then(|(_, text)| {
        let lower = text.trim().to_ascii_lowercase();
        KINDS.iter().find(|(word, _)| *word == lower).map(|(_, kind)| (*kind).to_owned())
    });
    if let Some(known) = known {
        return known;
    }
    let wished = file.wishes.item_kind.clone();
    let kind = wished.clone().unwrap_or_else(|| "control".to_owned());
    match said {
        Some((from, text)) => {
            let because = format!("{text:?} is no kind of item");
            plan.assume(entry.line, &from, &kind, &because);
        }
        None if wished.is_none() => {
            let because = "the file does not say what its items are";
            if plan.assumed.iter().all(|assumed| assumed.field.as_str() != "itemKind") {
                plan.assume(entry.line, "itemKind", &kind, because);
            }
        }
        None => {}
    }
    kind
}

/// Plans the catalogue itself.
fn edition(
    plan: &mut Plan,
    root: &Node,
    words: &Words,
    file: &File,
    language: String,
) -> Result<String, Fault> {
    let heads: Vec<_> =
        [root].into_iter().chain(HEADS.iter().filter_map(|n| root.get(n))).collect();
    let said = |names: &[&str]| {
        let mut found = heads.iter().filter_map(|head| words.find(head, names));
        found.find_map(|(_, node)| node.used_text().map(|text| cut(text.trim()).to_string()))
    };
    let title = file.wishes.title.as_ref().map(ToString::to_string);
    let title = title.or_else(|| said(&["title", "name"])).unwrap_or_else(|| {
        let name = file.name.as_str();
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned();
        plan.assume(root.line, "title", &stem, "the file names no title");
        stem
    });
    let edition = file.wishes.edition.as_ref().map(ToString::to_string);
    let edition = edition.or_else(|| said(&["official_edition", "edition", "version"]));
    let edition = edition.unwrap_or_else(|| {
        plan.assume(root.line, "edition", "1", "the file names no edition");
        "1".to_owned()
    });
    let mut input = json!({
        "title": title, "edition": edition, "source": file.source, "licence": file.licence,
        "language": language,
    });
    if let Some(publisher) = said(&["publisher"]) {
        input["publisher"] = json!(publisher);
    }
    plan.create(("catalogue", "draft"), (&title, root.line), input, Vec::new())
}

/// Plans the items in their order, each behind the headings that it belongs to.
fn items(plan: &mut Plan, catalogue: &str, rows: Vec<Row>) {
    let numbers: BTreeSet<_> = rows.iter().map(|row| row.number.clone()).collect();
    let (mut place, mut headings) = (0_u32, BTreeSet::new());
    for mut row in rows {
        let mut parent = None::<String>;
        for name in &row.within {
            let Some(number) = number(name).or_else(|| shortened(name)) else { continue };
            if number == row.number {
                continue;
            }
            if !numbers.contains(&number) && headings.insert(number.clone()) {
                place += 1;
                let title = name.replace('_', " ");
                let mut input = json!({ "title": title, "itemKind": "group" });
                if let Some(parent) = &parent {
                    input["parent"] = json!(parent);
                }
                add(plan, catalogue, &number, (place, row.line), input, Vec::new());
            }
            parent = Some(number);
        }
        if let Some(parent) = parent {
            row.input["parent"] = json!(parent);
        }
        place += 1;
        add(plan, catalogue, &row.number, (place, row.line), row.input, row.origins);
    }
}

/// Links the actions of NIST AI 600-1 to the subcategories that their numbers name: `GV-1.1-001` is
/// an action for GOVERN 1.1. Only what is published is linked.
fn subcategories(plan: &mut Plan, catalogue: &str, items: &[(String, usize)]) {
    let rmf = "nist-ai-rmf-1.0";
    let known = |number: &str| reference::catalogue::catalogue(rmf)?.item(number);
    for (action, line) in items {
        let Some(subcategory) = subcategory(action).filter(|number| known(number).is_some()) else {
            continue;
        };
        let link = Link {
            from: (catalogue, action),
            to: (rmf, &subcategory),
            relation: "supports",
            source: "NIST AI 600-1",
            source_version: "July 2024",
            confidence: "high",
            note: Some("The number of the action names the subcategory."),
        };
        link.plan(plan, (action, *line), Vec::new());
    }
}

/// The subcategory that the number of an action of NIST AI 600-1 names.
fn subcategory(action: &str) -> Option<String> {
    let mut parts = action.split('-');
    let (function, number, last) = (parts.next()?, parts.next()?, parts.next()?);
    let names = [("GV", "GOVERN"), ("MP", "MAP"), ("MS", "MEASURE"), ("MG", "MANAGE")];
    let (_, name) = names.iter().find(|(short, _)| *short == function)?;
    let is_action = last.len() == 3 && last.bytes().all(|b| b.is_ascii_digit());
    (is_action && parts.next().is_none()).then(|| format!("{name}-{number}"))
}

/// Plans an item of a catalogue that is planned as well.
pub fn add(
    plan: &mut Plan,
    catalogue: &str,
    number: &str,
    (place, line): (u32, usize),
    mut input: Value,
    origins: Vec<Origin>,
) {
    let id = CatalogueItem::id_of(catalogue, number);
    let title = input["title"].as_str().unwrap_or_default().to_owned();
    input["catalogue"] = json!(catalogue);
    input["number"] = json!(number);
    input["place"] = json!(place);
    plan.make(id, ("catalogue_item", "add"), (&title, line), input, origins);
}
