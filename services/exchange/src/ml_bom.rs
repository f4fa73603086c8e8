//! CycloneDX machine-learning bills of materials (JSON, 1.5 and later; ECMA-424) as AI systems,
//! models and data sets.
//!
//! A component of type `machine-learning-model` becomes a model, one of type `data` and each data
//! set of a model card a data set, the component that the bill describes an AI system of them.

use std::collections::BTreeMap;

use bus::Who;
use event_store::Fault;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::import::File;
use crate::plan::{Origin, Plan, cut};
use crate::read::Node;
use crate::system::{self, Parts};

/// How deep components lie in components at most.
const NESTING_MAX: usize = 16;

/// Plans the import of a bill of materials.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn plan(root: &Node, file: &File, who: &Who) -> Result<Plan, Fault> {
    let mut bill = Bill { plan: Plan::default(), file, origin: json!({}), by_ref: BTreeMap::new() };
    if !bill.is_bill(root) {
        return Ok(bill.plan);
    }
    let described = root.at(&["metadata", "component"]);
    let mut components = Vec::new();
    collect(root, 0, &mut components);
    components.extend(described.filter(|component| is_type(component, MODEL)));
    let mut parts = Parts::default();
    for data in components.iter().filter(|component| is_type(component, "data")) {
        bill.data(data, &mut parts)?;
    }
    for model in components.iter().filter(|component| is_type(component, MODEL)) {
        bill.model(model, &mut parts)?;
    }
    let system = described.filter(|component| !is_type(component, MODEL));
    let only_model = components.iter().find(|component| is_type(component, MODEL));
    match (system, only_model) {
        (Some(component), _) => bill.system(component, parts, who)?,
        (None, Some(model)) if file.with_system => bill.system(model, parts, who)?,
        (None, _) => {}
    }
    bill.plan.leave_out(root.unused());
    Ok(bill.plan)
}

const MODEL: &str = "machine-learning-model";

struct Bill<'a> {
    plan: Plan,
    file: &'a File,
    origin: Value,
    /// Data sets that components are, by `bom-ref`.
    by_ref: BTreeMap<String, String>,
}

fn is_type(component: &Node, wanted: &str) -> bool {
    component.get("type").is_some_and(|node| node.used_text() == Some(wanted))
}

fn collect<'a>(node: &'a Node, depth: usize, found: &mut Vec<&'a Node>) {
    for component in node.get("components").map(Node::items).unwrap_or_default() {
        found.push(component);
        if depth < NESTING_MAX {
            collect(component, depth + 1, found);
        }
    }
}

/// The first text at one of these paths, with the path.
fn text<'a>(node: &'a Node, paths: &[&[&str]]) -> Option<(&'a str, Origin)> {
    paths.iter().find_map(|path| {
        let found = node.at(path)?;
        let text = found.used_text().map(str::trim).filter(|text| !text.is_empty())?;
        Some((text, Origin { to: "".into(), from: path.join("."), line: found.line }))
    })
}

/// An object's input while it is put together, with where each value comes from.
pub struct Input {
    /// The values.
    pub values: Map<String, Value>,
    /// Where they come from.
    pub origins: Vec<Origin>,
}

impl Input {
    /// An input with its title.
    pub fn named(name: &str, origin: Origin) -> Self {
        let values = Map::from_iter([("name".to_owned(), json!(name))]);
        // Of an entry as a whole its name is what a reader finds.
        let origins = ["name", "origin"].map(|to| Origin { to: to.into(), ..origin.clone() });
        Self { values, origins: origins.into() }
    }

    /// Takes a value, if there is one.
    pub fn take(&mut self, to: &'static str, found: Option<(&str, Origin)>) {
        if let Some((text, origin)) = found {
            self.values.insert(to.to_owned(), json!(text));
            self.origins.push(Origin { to: to.into(), ..origin });
        }
    }
}

impl Bill<'_> {
    fn is_bill(&mut self, root: &Node) -> bool {
        let (format, version) = (text(root, &[&["bomFormat"]]), text(root, &[&["specVersion"]]));
        if format.is_none_or(|(format, _)| format != "CycloneDX") {
            let message = "the file is no CycloneDX bill of materials (bomFormat)";
            self.plan.wrong(root.line, "bomFormat", "not_cyclonedx", message);
            return false;
        }
        let version = version.map_or("", |(version, _)| version);
        let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        if (numbers.next(), numbers.next()) < (Some(1), Some(5)) {
            let message = format!("models are described from CycloneDX 1.5 on, not in {version:?}");
            self.plan.wrong(root.line, "specVersion", "too_old", &message);
            return false;
        }
        for name in ["$schema", "version"] {
            root.get(name).inspect(|node| node.used());
        }
        let mut origin = json!({
            "format": cut(&format!("CycloneDX {version}")),
            "documentHash": hex::encode(Sha256::digest(&self.file.bytes)),
            "source": self.file.source,
            "licence": self.file.licence,
        });
        let serial = text(root, &[&["serialNumber"]]).map(|(serial, _)| serial);
        origin["document"] = json!(cut(serial.unwrap_or(self.file.name.as_str())));
        self.origin = origin;
        true
    }

    fn name<'a>(&mut self, component: &'a Node) -> Option<(&'a str, Origin)> {
        let name = text(component, &[&["name"]]);
        if name.is_none() {
            self.plan.wrong(component.line, "name", "missing", "the component has no name");
        }
        name
    }

    fn model(&mut self, component: &Node, parts: &mut Parts) -> Result<(), Fault> {
        let Some((name, origin)) = self.name(component) else { return Ok(()) };
        let mut input = Input::named(name, origin);
        input.values.insert("resourceKind".into(), json!("model"));
        input.values.insert("origin".into(), self.origin.clone());
        input.take("resourceVersion", text(component, &[&["version"]]));
        let supplier: &[&[&str]] =
            &[&["supplier", "name"], &["manufacturer", "name"], &["publisher"], &["group"]];
        input.take("supplierName", text(component, supplier));
        input.take("location", place(component));
        input.take("hash", sha256(component));
        let licence = licence(component);
        let licence = licence.as_ref().map(|(text, origin)| (text.as_str(), origin.clone()));
        input.take("licence", licence);
        if let Some(energy) = component.at(CARD).and_then(energy) {
            input.values.insert("energyNote".into(), json!(energy));
        }
        let (values, origins) = (Value::Object(input.values), input.origins);
        let place = (name, component.line);
        let model = self.plan.create(("resource", "register"), place, values, origins)?;
        parts.resources.push(model);
        let datasets = component.at(CARD).and_then(|c| c.at(&["modelParameters", "datasets"]));
        for dataset in datasets.map(Node::items).unwrap_or_default() {
            self.dataset(dataset, parts)?;
        }
        Ok(())
    }

    /// A data set of a model card: a reference to a component, or described in place.
    fn dataset(&mut self, dataset: &Node, parts: &mut Parts) -> Result<(), Fault> {
        if let Some((reference, origin)) = text(dataset, &[&["ref"]]) {
            if !self.by_ref.contains_key(reference) {
                let message = format!("no data component has the bom-ref {reference:?}");
                self.plan.wrong(origin.line, "ref", "unknown_reference", &message);
            }
            return Ok(());
        }
        if let Some(id) = self.described(dataset, dataset)? {
            parts.datasets.push(id);
        }
        Ok(())
    }

    /// A component that is data: each of its parts is a data set.
    fn data(&mut self, component: &Node, parts: &mut Parts) -> Result<(), Fault> {
        let described = component.get("data").map(Node::items).unwrap_or_default();
        let mut made = Vec::new();
        for data in described {
            made.extend(self.described(data, component)?);
        }
        if described.is_empty() {
            made.extend(self.described(component, component)?);
        }
        if let Some((reference, _)) = text(component, &[&["bom-ref"]]) {
            let first = made.first().cloned().unwrap_or_default();
            self.by_ref.insert(reference.to_owned(), first);
        }
        parts.datasets.append(&mut made);
        Ok(())
    }

    fn described(&mut self, data: &Node, component: &Node) -> Result<Option<String>, Fault> {
        let name = text(data, &[&["name"]]).or_else(|| text(component, &[&["name"]]));
        let Some((name, origin)) = name else {
            self.plan.wrong(data.line, "name", "missing", "the data set has no name");
            return Ok(None);
        };
        is_type(data, "dataset");
        let mut input = Input::named(name, origin);
        let role = system::dataset_role(name);
        if role.is_none() {
            let because = "a bill of materials does not say what its data were used for";
            self.plan.assume(data.line, "roles", "train", because);
        }
        let url = text(data, &[&["contents", "url"]]);
        let mut acquisition = json!({ "source": "public" });
        let because = "a bill of materials does not say how data were acquired";
        self.plan.assume(data.line, "acquisition.source", "public", because);
        if let Some((url, _)) = &url {
            acquisition["sourceName"] = json!(cut(url));
        }
        let sensitive = data.get("sensitiveData").and_then(Node::prose);
        if let Some(text) = sensitive.as_ref().map(|s| format!("Sensitive data: {s}")) {
            input.values.insert("biasNotes".into(), json!(text));
        }
        input.values.insert("personalData".into(), json!(sensitive.is_some()));
        input.values.insert("roles".into(), json!([role.unwrap_or("train")]));
        input.values.insert("acquisition".into(), acquisition);
        input.values.insert("origin".into(), self.origin.clone());
        let datasets = std::ptr::eq(data, component);
        input.take("datasetVersion", text(component, &[&["version"]]).filter(|_| datasets));
        input.take("hash", sha256(component).filter(|_| datasets));
        let (values, origins) = (Value::Object(input.values), input.origins);
        self.plan.create(("dataset", "register"), (name, data.line), values, origins).map(Some)
    }

    fn system(&mut self, component: &Node, parts: Parts, who: &Who) -> Result<(), Fault> {
        let Some((name, origin)) = self.name(component) else { return Ok(()) };
        let cases = component.at(CARD).and_then(|card| card.at(&["considerations", "useCases"]));
        let purpose = component.get("description").and_then(Node::prose);
        let purpose = purpose.or_else(|| cases.and_then(Node::prose));
        let supplier: &[&[&str]] = &[&["supplier", "name"], &["publisher"], &["group"]];
        let described = system::Described {
            line: component.line,
            name,
            version: text(component, &[&["version"]]).map(|(version, _)| version),
            purpose,
            bought: text(component, supplier).is_some(),
        };
        system::plan(&mut self.plan, described, origin, parts, who)
    }
}

const CARD: &[&str] = &["modelCard"];

/// The SHA-256 of a component.
fn sha256(component: &Node) -> Option<(&str, Origin)> {
    let hashes = component.get("hashes").map(Node::items).unwrap_or_default().iter();
    hashes.filter(|hash| text(hash, &[&["alg"]]).is_some_and(|(alg, _)| alg == "SHA-256")).find_map(
        |hash| {
            let (content, origin) = text(hash, &[&["content"]])?;
            Some((content, Origin { from: "hashes.content".into(), ..origin }))
        },
    )
}

/// Where a component is distributed.
fn place(component: &Node) -> Option<(&str, Origin)> {
    let known = component.get("externalReferences").map(Node::items).unwrap_or_default();
    let wanted = ["distribution", "vcs", "website"];
    wanted.iter().find_map(|wanted| {
        let found = known.iter().find(|reference| is_type(reference, wanted))?;
        let (url, origin) = text(found, &[&["url"]])?;
        Some((url, Origin { from: "externalReferences.url".into(), ..origin }))
    })
}

/// The licences of a component, as an SPDX expression where they are one.
fn licence(component: &Node) -> Option<(String, Origin)> {
    let known = component.get("licenses").map(Node::items).unwrap_or_default();
    let paths: &[&[&str]] = &[&["license", "id"], &["license", "name"], &["expression"]];
    let found: Vec<_> = known.iter().filter_map(|licence| text(licence, paths)).collect();
    let (_, origin) = found.first()?;
    let origin = Origin { from: "licenses".into(), ..origin.clone() };
    let texts: Vec<_> = found.iter().map(|(text, _)| *text).collect();
    Some((texts.join(" AND "), origin))
}

/// What a model card says of energy and emissions, in a sentence per activity.
fn energy(card: &Node) -> Option<String> {
    let path = ["considerations", "environmentalConsiderations", "energyConsumptions"];
    let known = card.at(&path)?.items();
    let amount = |node: &Node, name: &str| {
        let (value, _) = text(node, &[&[name, "value"]])?;
        let unit = text(node, &[&[name, "unit"]]).map_or("", |(unit, _)| unit);
        Some(format!("{value} {unit}"))
    };
    let sentences = known.iter().filter_map(|node| {
        let (activity, _) = text(node, &[&["activity"]])?;
        let parts = [
            amount(node, "activityEnergyCost").map(|amount| format!("energy {amount}")),
            amount(node, "co2CostEquivalent").map(|amount| format!("emissions {amount}")),
            amount(node, "co2CostOffset").map(|amount| format!("offset {amount}")),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| format!("{activity}: {}", parts.join(", ")))
    });
    let sentences: Vec<_> = sentences.collect();
    (!sentences.is_empty()).then(|| sentences.join("; "))
}
