//! Catalogues of requirements and controls that come with the product (`catalogue/*.json`):
//! ISO/IEC 42001:2023 in our own words, with 32 clauses, 10 objectives and 38 controls, and what
//! its controls are mapped to (`mapping.rs`).

use std::sync::LazyLock;

use declare::words;
use serde::Deserialize;

/// Id of the catalogue of ISO/IEC 42001:2023.
pub const ISO_42001: &str = "iso42001-2023";

/// What an item of a catalogue is.
#[words]
#[derive(Hash, Default)]
pub enum ItemKind {
    /// A heading over others: a chapter, an area, a function.
    Group,
    /// A requirement that holds for everybody who follows the catalogue, or a part of what stands
    /// above it: nobody decides whether it applies.
    Clause,
    /// A control.
    #[default]
    Control,
    /// A requirement that may apply or not.
    Requirement,
    /// An outcome to be reached.
    Outcome,
    /// An obligation by law.
    Obligation,
}

impl ItemKind {
    /// Whether a Statement of Applicability decides on it.
    pub fn is_decided(self) -> bool {
        !matches!(self, ItemKind::Group | ItemKind::Clause)
    }
}

/// One item of a catalogue, whatever kind of catalogue it is.
#[derive(Clone, Debug, Deserialize)]
pub struct Item {
    /// Its number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// What it is.
    pub kind: ItemKind,
    /// Number of the item that it belongs to.
    pub parent: Option<String>,
    /// What it asks for, beyond its title.
    pub text: Option<String>,
    /// Kinds of objects that record what is done about it, beside those that name its number.
    #[serde(default)]
    pub records: Vec<String>,
}

/// A name under which files refer to a catalogue.
#[derive(Clone, Debug, Deserialize)]
pub struct Name {
    /// The name.
    pub name: String,
    /// What numbers begin with here and not in such files.
    #[serde(default)]
    pub prefix: String,
}

/// One edition of a standard, law or framework.
#[derive(Clone, Debug, Deserialize)]
pub struct Catalogue {
    /// Its id, as a Statement of Applicability names it.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its edition.
    pub edition: String,
    /// Who publishes it.
    pub publisher: String,
    /// Where it was taken from.
    pub source: String,
    /// Under which terms it may be used.
    pub licence: String,
    /// Its language (BCP 47).
    pub language: String,
    /// Names under which files refer to it.
    pub names: Vec<Name>,
    /// All its items, in order.
    #[serde(default)]
    pub items: Vec<Item>,
    /// The leaf requirements of its clauses, in order; of ISO/IEC 42001 alone.
    #[serde(default)]
    pub clauses: Vec<Clause>,
    /// The objectives of its areas, in order; of ISO/IEC 42001 alone.
    #[serde(default)]
    pub objectives: Vec<Objective>,
    /// Its controls, in order; of ISO/IEC 42001 alone.
    #[serde(default)]
    pub controls: Vec<Control>,
}

/// A leaf requirement.
#[derive(Clone, Debug, Deserialize)]
pub struct Clause {
    /// Its number, `6.1.3`.
    pub number: String,
    /// Its title.
    pub title: String,
    /// What the management system must be able to show.
    pub shows: String,
    /// The documented information that it demands.
    pub document: Option<String>,
    /// The record that auditors want to see where none is demanded.
    pub customary: Option<String>,
    /// The service that answers for it.
    pub owner: String,
}

/// What an area of controls is for.
#[derive(Clone, Debug, Deserialize)]
pub struct Objective {
    /// Its number, `A.6.2`.
    pub number: String,
    /// Title of the area.
    pub title: String,
    /// The objective.
    pub statement: String,
    /// The service that answers for it.
    pub owner: String,
}

/// A reference control.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Control {
    /// Its number, `A.6.2.4`.
    pub number: String,
    /// Its title.
    pub title: String,
    /// What it is for.
    pub purpose: String,
    /// Number of its objective.
    pub objective: String,
    /// The service that answers for it.
    pub owner: String,
    /// Clauses that demand the same: excluding the control contradicts them always (domain model,
    /// 5.3).
    #[serde(default)]
    pub demanded_by: Vec<String>,
}

impl Catalogue {
    /// The clause of this number.
    pub fn clause(&self, number: &str) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.number == number)
    }

    /// The control of this number.
    pub fn control(&self, number: &str) -> Option<&Control> {
        self.controls.iter().find(|control| control.number == number)
    }

    /// The item of this number.
    pub fn item(&self, number: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.number == number)
    }

    /// The items that a Statement of Applicability decides on, in order.
    pub fn decided(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.kind.is_decided())
    }

    /// The place of an item among those that a Statement of Applicability decides on, from 1.
    pub fn place(&self, number: &str) -> Option<usize> {
        self.decided().position(|item| item.number == number).map(|place| place + 1)
    }

    /// The same with the items of a catalogue whose clauses, objectives and controls are kept
    /// apart.
    fn with_items(mut self) -> Self {
        let item = |(number, title): (&String, &String), kind, parent, text: &String| Item {
            number: number.clone(),
            title: title.clone(),
            kind,
            parent,
            text: Some(text.clone()),
            records: Vec::new(),
        };
        for clause in &self.clauses {
            let named = (&clause.number, &clause.title);
            self.items.push(item(named, ItemKind::Clause, None, &clause.shows));
        }
        for objective in &self.objectives {
            let named = (&objective.number, &objective.title);
            self.items.push(item(named, ItemKind::Group, None, &objective.statement));
            let controls = self.controls.iter().filter(|c| c.objective == objective.number);
            for control in controls {
                let named = (&control.number, &control.title);
                let parent = Some(objective.number.clone());
                self.items.push(item(named, ItemKind::Control, parent, &control.purpose));
            }
        }
        self
    }
}

/// Invariant: each text is a catalogue, so none is left out. Guarded by
/// `each_packaged_catalogue_is_there_with_its_items`.
static CATALOGUES: LazyLock<Vec<Catalogue>> = LazyLock::new(|| {
    let texts = [
        include_str!("../catalogue/iso42001-2023.json"),
        include_str!("../catalogue/eu-ai-act-2024.json"),
        include_str!("../catalogue/iso27001-2022.json"),
        include_str!("../catalogue/iso27701-2025.json"),
        include_str!("../catalogue/nist-ai-rmf-1.0.json"),
    ];
    let read = texts.into_iter().filter_map(|text| serde_json::from_str(text).ok());
    read.map(Catalogue::with_items).collect()
});

/// The catalogues that come with the product.
pub fn catalogues() -> &'static [Catalogue] {
    &CATALOGUES
}

/// The catalogue that files call by this name, in any case, with what its numbers begin with and
/// the files' do not.
pub fn named(name: &str) -> Option<(&'static Catalogue, &'static str)> {
    let name = name.trim();
    CATALOGUES.iter().find_map(|catalogue| {
        if catalogue.id.eq_ignore_ascii_case(name) {
            return Some((catalogue, ""));
        }
        let mut names = catalogue.names.iter();
        let known = names.find(|known| known.name.eq_ignore_ascii_case(name))?;
        Some((catalogue, known.prefix.as_str()))
    })
}

/// The catalogue of this id.
pub fn catalogue(id: &str) -> Option<&'static Catalogue> {
    CATALOGUES.iter().find(|catalogue| catalogue.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso() -> &'static Catalogue {
        catalogue(ISO_42001).unwrap()
    }

    #[test]
    fn each_packaged_catalogue_is_there_with_its_items() {
        let count = |kind| {
            let of = |c: &Catalogue| c.items.iter().filter(|item| item.kind == kind).count();
            catalogues().iter().map(of).collect::<Vec<_>>()
        };
        let ids: Vec<_> = catalogues().iter().map(|c| c.id.as_str()).collect();
        let wanted =
            [ISO_42001, "eu-ai-act-2024", "iso27001-2022", "iso27701-2025", "nist-ai-rmf-1.0"];
        assert_eq!(ids, wanted);
        assert_eq!(count(ItemKind::Control), [38, 0, 93, 7, 0]);
        assert_eq!(count(ItemKind::Outcome), [0, 0, 0, 0, 72]);
        assert_eq!(count(ItemKind::Obligation), [0, 30, 0, 0, 0]);
        assert_eq!(count(ItemKind::Clause)[0], 32);
        assert_eq!(count(ItemKind::Group), [10, 1, 8, 0, 4 + 19]);
    }

    #[test]
    fn items_have_unique_numbers_parents_before_them_and_fit_the_tenants_fields() {
        for catalogue in catalogues() {
            let mut known = std::collections::BTreeSet::new();
            for item in &catalogue.items {
                let place = format!("{} {}", catalogue.id, item.number);
                let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
                assert!((1..=40).contains(&item.number.len()), "{place}");
                assert!(item.number.bytes().all(allowed), "{place}");
                assert!((1..=200).contains(&item.title.chars().count()), "{place}");
                assert!(
                    item.parent.as_ref().is_none_or(|parent| known.contains(parent)),
                    "{place}"
                );
                assert!(known.insert(item.number.clone()), "{place} stands twice");
                let kinds = item.records.iter().map(|kind| kernel::kinds::kind(kind));
                assert!(kinds.into_iter().all(|kind| kind.is_some()), "{place}");
            }
        }
    }

    #[test]
    fn files_find_a_catalogue_by_any_of_its_names() {
        let found = |name| named(name).map(|(catalogue, prefix)| (catalogue.id.as_str(), prefix));
        assert_eq!(found("ISO 42001:2023"), Some((ISO_42001, "")));
        assert_eq!(found(" iso 27002:2022 "), Some(("iso27001-2022", "A.")));
        assert_eq!(found("eu-ai-act-2024"), Some(("eu-ai-act-2024", "")));
        assert_eq!(found("PCI DSS v4.0.1"), None);
    }

    #[test]
    fn the_standard_has_32_clauses_10_objectives_and_38_controls() {
        let counts = (iso().clauses.len(), iso().objectives.len(), iso().controls.len());
        assert_eq!(counts, (32, 10, 38));
    }

    #[test]
    fn numbers_are_unique_and_every_control_serves_an_objective() {
        let mut numbers: Vec<_> = iso().clauses.iter().map(|c| &c.number).collect();
        numbers.extend(iso().controls.iter().map(|c| &c.number));
        numbers.extend(iso().objectives.iter().map(|o| &o.number));
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 32 + 10 + 38);
        for control in &iso().controls {
            assert!(iso().objectives.iter().any(|o| o.number == control.objective));
            assert!(control.number.starts_with(&control.objective));
        }
    }

    #[test]
    fn eight_controls_are_demanded_by_clauses_of_the_standard() {
        let demanded: Vec<_> =
            iso().controls.iter().filter(|c| !c.demanded_by.is_empty()).collect();
        let numbers: Vec<_> = demanded.iter().map(|c| c.number.as_str()).collect();
        let wanted = ["A.2.2", "A.2.3", "A.2.4", "A.3.2", "A.5.2", "A.5.3", "A.5.4", "A.5.5"];
        assert_eq!(numbers, wanted);
        assert!(demanded.iter().flat_map(|c| &c.demanded_by).all(|n| iso().clause(n).is_some()));
    }

    #[test]
    fn improvement_comes_before_nonconformity() {
        assert_eq!(iso().clause("10.1").unwrap().title, "Continual improvement");
        assert_eq!(iso().clause("10.2").unwrap().title, "Nonconformity and corrective action");
        assert_eq!(iso().place("A.2.2"), Some(1));
        assert_eq!(iso().place("A.10.4"), Some(38));
    }
}
