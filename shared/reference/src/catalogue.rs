//! Catalogues of requirements and controls: the standard as data, in our own words
//! (`catalogue/*.json`, ISO/IEC 42001:2023 with 32 clauses, 10 objectives and 38 controls).

use std::sync::LazyLock;

use serde::Deserialize;

/// Id of the catalogue of ISO/IEC 42001:2023.
pub const ISO_42001: &str = "iso42001-2023";

/// One edition of a standard.
#[derive(Clone, Debug, Deserialize)]
pub struct Catalogue {
    /// Its id, as a Statement of Applicability names it.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The leaf requirements of its clauses, in order.
    pub clauses: Vec<Clause>,
    /// The objectives of its areas, in order.
    pub objectives: Vec<Objective>,
    /// Its controls, in order.
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

    /// The place of a control in the order of the catalogue, from 1.
    pub fn place(&self, number: &str) -> Option<usize> {
        self.controls.iter().position(|control| control.number == number).map(|place| place + 1)
    }
}

/// Invariant: each text is a catalogue, so none is left out. Guarded by
/// `the_standard_has_32_clauses_10_objectives_and_38_controls`.
static CATALOGUES: LazyLock<Vec<Catalogue>> = LazyLock::new(|| {
    let texts = [include_str!("../catalogue/iso42001-2023.json")];
    texts.into_iter().filter_map(|text| serde_json::from_str(text).ok()).collect()
});

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
    fn the_standard_has_32_clauses_10_objectives_and_38_controls() {
        assert_eq!(CATALOGUES.len(), 1);
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
