//! Model cards as models and data sets: JSON of the Model Card Toolkit (schema 0.0.1 and 0.0.2), or
//! Markdown with YAML front matter, as model hubs keep it.

use bus::Who;
use event_store::Fault;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::import::File;
use crate::ml_bom::Input;
use crate::plan::{Origin, Plan, cut};
use crate::read::{self, Node, Notation, Unreadable, What};
use crate::system::{self, Described, Parts};

/// Plans the import of a model card. The inner error is ours.
///
/// # Errors
/// When the file cannot be read.
pub fn plan(text: &str, file: &File, who: &Who) -> Result<Result<Plan, Fault>, Unreadable> {
    let front = text.strip_prefix("---").and_then(|rest| {
        let end = rest.find("\n---")?;
        Some(&rest[..end])
    });
    Ok(match front {
        Some(front) => hub_card(&read::read(Notation::Yaml, front.as_bytes())?, text, file, who),
        None => toolkit_card(&read::read(Notation::Json, text.as_bytes())?, file, who),
    })
}

fn origin_of(file: &File, format: &str) -> Value {
    json!({
        "format": format,
        "document": file.name,
        "documentHash": hex::encode(Sha256::digest(&file.bytes)),
        "source": file.source,
        "licence": file.licence,
    })
}

/// The text at a path, with where it stands.
fn text<'a>(node: &'a Node, path: &[&str]) -> Option<(&'a str, Origin)> {
    let found = node.at(path)?;
    let text = found.used_text().map(str::trim).filter(|text| !text.is_empty())?;
    Some((text, Origin { to: "".into(), from: path.join("."), line: found.line }))
}

fn toolkit_card(root: &Node, file: &File, who: &Who) -> Result<Plan, Fault> {
    let mut plan = Plan::default();
    let details = &["model_details"];
    let name = text(root, &[details.as_slice(), &["name"]].concat());
    let Some((name, name_origin)) = name else {
        let message = "the file is no model card: model_details.name is missing";
        plan.wrong(root.line, "model_details.name", "missing", message);
        return Ok(plan);
    };
    let version = text(root, &["schema_version"]).map_or("", |(version, _)| version);
    let origin = origin_of(file, format!("Model Card Toolkit {version}").trim());
    let mut input = Input::named(name, name_origin.clone());
    input.values.insert("resourceKind".into(), json!("model"));
    input.values.insert("origin".into(), origin.clone());
    input.take("resourceVersion", text(root, &["model_details", "version", "name"]));
    input.take("location", text(root, &["model_details", "path"]));
    let licences = root.at(&["model_details", "licenses"]).map(Node::items).unwrap_or_default();
    let licence = licences.iter().find_map(|licence| {
        let found = text(licence, &["identifier"]).or_else(|| text(licence, &["custom_text"]));
        found.map(|(text, origin)| {
            (text, Origin { from: "model_details.licenses".into(), ..origin })
        })
    });
    input.take("licence", licence);
    let (values, origins) = (Value::Object(input.values), input.origins);
    let at = (name, name_origin.line);
    let mut parts = Parts::default();
    parts.resources.push(plan.create(("resource", "register"), at, values, origins)?);
    let data = root.at(&["model_parameters", "data"]);
    // Schema 0.0.1 has `train` and `eval` by name, 0.0.2 a list.
    let sets: Vec<&Node> = match data.map(|data| &data.what) {
        Some(What::List(items)) => items.iter().collect(),
        Some(What::Map(members)) => members.iter().map(|(_, node)| node).collect(),
        Some(What::Nothing | What::Text(_)) | None => Vec::new(),
    };
    for (n, set) in sets.into_iter().enumerate() {
        parts.datasets.push(dataset(&mut plan, set, n, &origin)?);
    }
    if file.with_system {
        let purpose = root.at(&["considerations", "use_cases"]);
        let purpose = purpose.map(Node::items).unwrap_or_default().iter();
        let purpose: Vec<_> =
            purpose.filter_map(|case| text(case, &["description"])).map(|(t, _)| t).collect();
        let overview = text(root, &["model_details", "overview"]).map(|(t, _)| t.to_owned());
        let described = Described {
            line: name_origin.line,
            name,
            version: text(root, &["model_details", "version", "name"]).map(|(v, _)| v),
            purpose: if purpose.is_empty() { overview } else { Some(purpose.join("\n\n")) },
            bought: false,
        };
        system::plan(&mut plan, described, name_origin, parts, who)?;
    }
    plan.leave_out(root.unused());
    Ok(plan)
}

fn dataset(plan: &mut Plan, set: &Node, n: usize, origin: &Value) -> Result<String, Fault> {
    let found = text(set, &["name"]);
    let name = found.as_ref().map_or_else(|| format!("Data set {}", n + 1), |f| f.0.to_owned());
    let place = found.map_or_else(
        || Origin { to: "name".into(), from: "name".into(), line: set.line },
        |(_, origin)| origin,
    );
    let mut input = Input::named(&name, place);
    let role = system::dataset_role(&name);
    if role.is_none() {
        let because = "the name of the data set does not tell its role";
        plan.assume(set.line, "roles", "train", because);
    }
    let because = "a model card does not say how data were acquired";
    plan.assume(set.line, "acquisition.source", "public", because);
    let mut acquisition = json!({ "source": "public" });
    if let Some((link, _)) = text(set, &["link"]) {
        acquisition["sourceName"] = json!(cut(link));
    }
    let sensitive = set.at(&["sensitive", "sensitive_data"]).or_else(|| set.get("sensitive"));
    let sensitive = sensitive.and_then(Node::prose);
    let description = set.get("description").and_then(Node::prose);
    let listed = sensitive.as_ref().map(|sensitive| format!("Sensitive data: {sensitive}"));
    let notes: Vec<_> = [description, listed].into_iter().flatten().collect();
    if !notes.is_empty() {
        input.values.insert("biasNotes".into(), json!(notes.join("\n\n")));
    }
    let personal = sensitive.is_some_and(|said| !said.eq_ignore_ascii_case("false"));
    input.values.insert("personalData".into(), json!(personal));
    input.values.insert("roles".into(), json!([role.unwrap_or("train")]));
    input.values.insert("acquisition".into(), acquisition);
    input.values.insert("origin".into(), origin.clone());
    let (values, origins) = (Value::Object(input.values), input.origins);
    plan.create(("dataset", "register"), (&name, set.line), values, origins)
}

/// The front matter of a hub's card: names without texts.
fn hub_card(front: &Node, whole: &str, file: &File, who: &Who) -> Result<Plan, Fault> {
    let mut plan = Plan::default();
    let heading = whole.lines().find_map(|line| line.strip_prefix("# ")).map(str::trim);
    let known = text(front, &["model_name"]).or_else(|| text(front, &["name"]));
    let (name, place) = known.unwrap_or_else(|| {
        let name = heading.unwrap_or(file.name.as_str());
        (name, Origin { to: "name".into(), from: "model_name".into(), line: front.line })
    });
    let origin = origin_of(file, "Model card with YAML front matter");
    let mut input = Input::named(name, place.clone());
    input.values.insert("resourceKind".into(), json!("model"));
    input.values.insert("origin".into(), origin.clone());
    input.take("licence", text(front, &["license"]));
    let (values, origins) = (Value::Object(input.values), input.origins);
    let mut parts = Parts::default();
    let at = (name, place.line);
    parts.resources.push(plan.create(("resource", "register"), at, values, origins)?);
    let datasets = front.get("datasets");
    let single = datasets.filter(|node| matches!(node.what, What::Text(_)));
    let several = datasets.map(Node::items).unwrap_or_default().iter();
    for set in single.into_iter().chain(several) {
        let Some(name) = set.used_text() else { continue };
        let because = "a model card's front matter names data sets, and nothing more";
        plan.assume(set.line, "roles", "train", because);
        plan.assume(set.line, "acquisition.source", "public", because);
        let input = json!({
            "name": name, "roles": ["train"], "personalData": false, "origin": origin,
            "acquisition": { "source": "public", "sourceName": cut(name) },
        });
        let at =
            |to: &'static str| Origin { to: to.into(), from: "datasets".into(), line: set.line };
        let origins = ["name", "origin"].map(at).into();
        let made = plan.create(("dataset", "register"), (name, set.line), input, origins)?;
        parts.datasets.push(made);
    }
    if file.with_system {
        let (version, purpose) = (None, None);
        let described = Described { line: place.line, name, version, purpose, bought: true };
        system::plan(&mut plan, described, place, parts, who)?;
    }
    plan.leave_out(front.unused());
    Ok(plan)
}
