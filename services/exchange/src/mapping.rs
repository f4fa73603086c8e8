//! Mappings between catalogues: a list of links (columns `from` and `to`), or a matrix whose rows
//! are the controls of one catalogue and whose columns are frameworks, with numbers in the cells.

use std::collections::{BTreeMap, BTreeSet};

use event_store::Fault;
use kernel::schema::{Described, Ty};
use reference::mapping::{Confidence, Relation};
use serde_json::json;

use crate::catalogue::add;
use crate::import::File;
use crate::known::{Known, Named};
use crate::numbers::{Unknown, number};
use crate::plan::{Origin, Plan};
use crate::read::{Node, Unused, What};

/// Names of the column that names the controls of a matrix; else it is the first one.
const CONTROL: &[&str] = &["Control Title", "Control", "control", "Control ID", "number", "title"];
/// What a cell says that holds no number.
const NONE: &[&str] = &["", "—", "–", "-", "n/a", "none"];
/// Names of the list that holds the links.
const LISTS: &[&str] = &["mappings", "links", "rows"];

/// A link as it is planned.
pub struct Link<'a> {
    /// Catalogue and number of the first end.
    pub from: (&'a str, &'a str),
    /// Catalogue and number of the second end.
    pub to: (&'a str, &'a str),
    /// What the first is to the second.
    pub relation: &'a str,
    /// Who says so.
    pub source: &'a str,
    /// Version of the source.
    pub source_version: &'a str,
    /// How sure it is.
    pub confidence: &'a str,
    /// What else is to be known.
    pub note: Option<&'a str>,
}

impl Link<'_> {
    /// Plans it; its id.
    pub fn plan(
        &self,
        plan: &mut Plan,
        (title, line): (&str, usize),
        origins: Vec<Origin>,
    ) -> String {
        let end =
            |(catalogue, number): (&str, &str)| json!({ "catalogue": catalogue, "number": number });
        let mut input = json!({
            "from": end(self.from), "to": end(self.to), "relation": self.relation,
            "source": self.source, "sourceVersion": self.source_version,
            "confidence": self.confidence,
        });
        if let Some(note) = self.note {
            input["note"] = json!(note);
        }
        let id = facts::mapping_id(self.from, self.to, self.source);
        plan.make(id.clone(), ("mapping", "link"), (title, line), input, origins);
        id
    }
}

/// Plans the import of mappings.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn plan(root: &Node, file: &File, known: &Known) -> Result<Plan, Fault> {
    let mut import = Import { plan: Plan::default(), file, known, skipped: Vec::new() };
    let list = match root.what {
        What::List(_) => Some(root),
        What::Map(_) | What::Nothing | What::Text(_) => LISTS.iter().find_map(|n| root.get(n)),
    };
    let columns = columns(list.unwrap_or(root));
    let has = |name: &str| columns.iter().any(|column| column == name);
    match list {
        None => {
            let message =
                format!("the file holds no list of links (looked for {})", LISTS.join(", "));
            import.plan.wrong(root.line, "", "no_links", &message);
        }
        Some(list) if has("from") && has("to") => import.links(list),
        Some(list) => import.matrix(list, &columns)?,
    }
    let Import { mut plan, skipped, .. } = import;
    plan.leave_out(skipped.into_iter().chain(root.unused()).collect());
    Ok(plan)
}

/// The names of all members, in the order in which they come first.
fn columns(list: &Node) -> Vec<String> {
    let mut columns = Vec::<String>::new();
    let mut seen = BTreeSet::new();
    for row in list.items() {
        let What::Map(members) = &row.what else { continue };
        for (name, _) in members {
            if seen.insert(name.clone()) {
                columns.push(name.clone());
            }
        }
    }
    columns
}

struct Import<'a> {
    plan: Plan,
    file: &'a File,
    known: &'a Known,
    skipped: Vec<Unused>,
}

/// A cell's number in a framework, where it stands and what it is from.
struct Cell {
    line: usize,
    control: String,
    framework: String,
    text: String,
}

impl<'a> Import<'a> {
    /// What no catalogue has: a fault, or left out.
    fn unknown(&mut self, line: usize, field: &str, code: &str, message: &str) {
        match self.file.wishes.unknown {
            Unknown::Refuse => self.plan.wrong(line, field, code, message),
            Unknown::Skip | Unknown::Create => {
                let path = format!("{field}: {message}");
                match self.skipped.iter_mut().find(|skipped| skipped.path == path) {
                    Some(skipped) => skipped.count += 1,
                    None => self.skipped.push(Unused { path, count: 1, line }),
                }
            }
        }
    }

    /// The version of the source and how sure it is, where the file does not say.
    fn defaults(&mut self) -> (String, String) {
        let version = self.file.wishes.edition.as_ref().map(ToString::to_string);
        let version = version.unwrap_or_else(|| {
            let because = "the version of the source was not named";
            self.plan.assume(1, "sourceVersion", "not stated", because);
            "not stated".to_owned()
        });
        (version, "low".to_owned())
    }

    fn matrix(&mut self, list: &Node, columns: &[String]) -> Result<(), Fault> {
        let named = CONTROL.iter().find(|name| columns.iter().any(|column| column == *name));
        let column = named.map(|name| (*name).to_owned()).or_else(|| columns.first().cloned());
        let Some(column) = column else { return Ok(()) };
        let Some(library) = self.library() else { return Ok(()) };
        let mut cells = Vec::new();
        for row in list.items() {
            let Some(title) = row.get(&column).and_then(Node::used_text) else {
                self.plan.wrong(row.line, &column, "missing", "the row names no control");
                continue;
            };
            let control = library.number(title);
            if control.is_none() {
                let message = format!("the catalogue has no control {title:?}");
                self.unknown(row.line, &column, "unknown_control", &message);
            }
            for framework in columns.iter().filter(|name| **name != column) {
                let text = row.get(framework).and_then(Node::used_text).unwrap_or_default();
                let numbers = text.split([',', ';', '\n']).map(str::trim);
                for text in numbers.filter(|text| !NONE.contains(text)) {
                    let Some(control) = control.clone() else { continue };
                    let (framework, text) = (framework.clone(), text.to_owned());
                    cells.push(Cell { line: row.line, control, framework, text });
                }
            }
        }
        let (version, confidence) = self.defaults();
        let because = "a matrix does not say how its numbers correspond";
        self.plan.assume(1, "relation", "supports", because);
        self.plan.assume(1, "confidence", &confidence, because);
        let made = self.frameworks(&cells)?;
        let source = self.file.source.to_string();
        let mut seen = BTreeSet::new();
        for cell in &cells {
            let Some((catalogue, number)) = self.requirement(cell, &made) else { continue };
            let link = Link {
                from: (library.id(), &cell.control),
                to: (&catalogue, &number),
                relation: "supports",
                source: &source,
                source_version: &version,
                confidence: &confidence,
                note: None,
            };
            let origin = |to: &'static str, from: &str| Origin {
                to: to.into(),
                from: from.to_owned(),
                line: cell.line,
            };
            let origins = vec![origin("from", &column), origin("to", &cell.framework)];
            let title = format!("{} → {} {}", cell.control, cell.framework, cell.text);
            if !seen.insert((cell.control.clone(), catalogue.clone(), number.clone())) {
                let message = format!("{} stands twice", cell.text);
                self.unknown(cell.line, &cell.framework, "duplicate", &message);
                continue;
            }
            link.plan(&mut self.plan, (&title, cell.line), origins);
        }
        Ok(())
    }

    /// The catalogue whose controls the rows of a matrix are.
    fn library(&mut self) -> Option<Named<'a>> {
        let Some(name) = &self.file.wishes.catalogue else {
            let message = "name the catalogue whose controls the rows are";
            self.plan.wrong(1, "catalogue", "missing", message);
            return None;
        };
        let found = self.known.named(name);
        if found.is_none() {
            let message = format!("there is no published catalogue {name:?}");
            self.plan.wrong(1, "catalogue", "unknown_catalogue", &message);
        }
        found
    }

    /// Plans a catalogue for each framework that there is none of, where that is wanted; their ids
    /// by framework.
    fn frameworks(&mut self, cells: &[Cell]) -> Result<BTreeMap<String, String>, Fault> {
        let mut numbers = BTreeMap::<&str, Vec<(&str, usize)>>::new();
        for cell in cells {
            let named = numbers.entry(&cell.framework).or_default();
            if named.iter().all(|(text, _)| *text != cell.text) {
                named.push((&cell.text, cell.line));
            }
        }
        let mut made = BTreeMap::new();
        for (framework, named) in numbers {
            if self.known.named(framework).is_some() {
                continue;
            }
            if self.file.wishes.unknown != Unknown::Create {
                let message = "there is no published catalogue of this name";
                for (n, (_, line)) in named.iter().enumerate() {
                    // Once as a fault; as often as it is left out otherwise.
                    if n == 0 || self.file.wishes.unknown == Unknown::Skip {
                        self.unknown(*line, framework, "unknown_catalogue", message);
                    }
                }
                continue;
            }
            let id = self.framework(framework, &named)?;
            made.insert(framework.to_owned(), id);
        }
        Ok(made)
    }

    /// Plans a catalogue of the numbers that the file names of a framework.
    fn framework(&mut self, title: &str, named: &[(&str, usize)]) -> Result<String, Fault> {
        let because = "the file names numbers of it and no titles";
        self.plan.assume(1, title, "a catalogue of numbers", because);
        let input = json!({
            "title": title, "edition": "numbers that a mapping names",
            "source": self.file.source, "licence": self.file.licence, "language": "en",
        });
        let id = self.plan.create(("catalogue", "draft"), (title, 1), input, Vec::new())?;
        let (mut place, mut seen) = (0, BTreeSet::new());
        for (text, line) in named {
            let Some(number) = number(text).filter(|number| seen.insert(number.clone())) else {
                continue;
            };
            place += 1;
            let input = json!({ "title": text, "itemKind": "requirement" });
            let origins = vec![Origin { to: "title".into(), from: title.to_owned(), line: *line }];
            add(&mut self.plan, &id, &number, (place, *line), input, origins);
        }
        self.plan.change("catalogue", "publish", &id, 1, json!({}));
        Ok(id)
    }

    /// The catalogue and number that a cell means.
    fn requirement(
        &mut self,
        cell: &Cell,
        made: &BTreeMap<String, String>,
    ) -> Option<(String, String)> {
        if let Some(made) = made.get(&cell.framework) {
            return Some((made.clone(), number(&cell.text)?));
        }
        let named = self.known.named(&cell.framework)?;
        if let Some(number) = named.number(&cell.text) {
            return Some((named.id().to_owned(), number));
        }
        let message = format!("the catalogue has no item {}", cell.text);
        self.unknown(cell.line, &cell.framework, "unknown_number", &message);
        None
    }

    fn links(&mut self, list: &Node) {
        let (version, confidence) = self.defaults();
        let mut seen = BTreeSet::new();
        for row in list.items() {
            let Some((from_field, from)) =
                self.end(row, "from", &["from_catalogue", "fromCatalogue"])
            else {
                continue;
            };
            let Some((to_field, to)) = self.end(row, "to", &["to_catalogue", "toCatalogue"]) else {
                continue;
            };
            let text = |names: &[&'static str]| {
                let mut found = names.iter().filter_map(|n| Some((*n, row.get(n)?.used_text()?)));
                found.find(|(_, text)| !text.trim().is_empty())
            };
            let relation = self.word::<Relation>(row.line, "supports", text(&["relation"]));
            let sure = self.word::<Confidence>(row.line, &confidence, text(&["confidence"]));
            let source = text(&["source"]).map_or(self.file.source.as_str(), |(_, text)| text);
            let stated = text(&["source_version", "sourceVersion"]);
            let link = Link {
                from: (&from.0, &from.1),
                to: (&to.0, &to.1),
                relation: &relation,
                source: source.trim(),
                source_version: stated.map_or(version.as_str(), |(_, text)| text),
                confidence: &sure,
                note: text(&["note"]).map(|(_, text)| text),
            };
            let origin = |to: &'static str, from: &str| Origin {
                to: to.into(),
                from: from.to_owned(),
                line: row.line,
            };
            let origins = vec![origin("from", &from_field), origin("to", &to_field)];
            let title = format!("{} → {}", from.1, to.1);
            if !seen.insert(facts::mapping_id(link.from, link.to, link.source)) {
                let message = format!("the link {title} stands twice");
                self.plan.wrong(row.line, "from", "duplicate", &message);
                continue;
            }
            link.plan(&mut self.plan, (&title, row.line), origins);
        }
    }

    /// The end of a link: its field in the file, its catalogue and its number.
    fn end(
        &mut self,
        row: &Node,
        column: &'static str,
        catalogue: &[&'static str],
    ) -> Option<(String, (String, String))> {
        let given = catalogue.iter().find_map(|n| Some((*n, row.get(n)?.used_text()?)));
        let wished = self.file.wishes.catalogue.as_deref().filter(|_| column == "from");
        let (field, name) = match given {
            Some((field, name)) => (field, name),
            None => match wished {
                Some(name) => (column, name),
                None => {
                    let message = "the link does not say of which catalogue";
                    self.plan.wrong(row.line, catalogue[0], "missing", message);
                    return None;
                }
            },
        };
        let Some(found) = self.known.named(name) else {
            let message = format!("there is no published catalogue {name:?}");
            self.unknown(row.line, field, "unknown_catalogue", &message);
            return None;
        };
        let Some(text) = row.get(column).and_then(Node::used_text) else {
            self.plan.wrong(row.line, column, "missing", "the link has one end");
            return None;
        };
        let Some(number) = found.number(text) else {
            let message = format!("the catalogue {name} has no item {text}");
            self.unknown(row.line, column, "unknown_number", &message);
            return None;
        };
        Some((column.to_owned(), (found.id().to_owned(), number)))
    }

    /// A word of a closed list.
    fn word<T: Described>(
        &mut self,
        line: usize,
        default: &str,
        given: Option<(&'static str, &str)>,
    ) -> String {
        let Some((field, text)) = given else { return default.to_owned() };
        let word = text.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        let Ty::Words(decl) = T::ty() else { return word };
        if decl.words.iter().any(|(known, _)| *known == word) {
            return word;
        }
        let known: Vec<_> = decl.words.iter().map(|(known, _)| *known).collect();
        let message = format!("{text:?} must be one of {}", known.join(", "));
        self.plan.wrong(line, field, "not_a_word", &message);
        default.to_owned()
    }
}
