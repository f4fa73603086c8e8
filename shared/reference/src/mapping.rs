//! How the controls and clauses of ISO/IEC 42001 correspond to other catalogues
//! (`mapping/*.json`): one link each, with its source, so that anybody can see why it exists. A
//! link says that what is done for one end supports the other, never that it satisfies it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use declare::words;
use serde::Deserialize;

/// What one end of a link is to the other.
#[words]
#[derive(Hash, Default)]
pub enum Relation {
    /// What is done for the first helps with the second.
    #[default]
    Supports,
    /// Both ask for the same.
    Equivalent,
    /// The first asks for a part of what the second asks for.
    Subset,
    /// The first asks for all that the second asks for, and more.
    Superset,
    /// Both ask for something that the other asks for too.
    Intersects,
}

impl Relation {
    /// The same link read from its other end; `None` where it says nothing in that direction.
    pub fn reversed(self) -> Option<Self> {
        match self {
            Relation::Supports => None,
            Relation::Equivalent => Some(Relation::Equivalent),
            Relation::Subset => Some(Relation::Superset),
            Relation::Superset => Some(Relation::Subset),
            Relation::Intersects => Some(Relation::Intersects),
        }
    }
}

/// How sure the source of a link is.
#[words]
#[derive(Hash, Default)]
pub enum Confidence {
    /// One reading.
    Low,
    /// A published mapping.
    #[default]
    Medium,
    /// The publisher of one of the catalogues says so.
    High,
}

/// One end of a link.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct End {
    /// Id of the catalogue.
    pub catalogue: &'static str,
    /// Number of the item.
    pub number: &'static str,
}

/// One link between two packaged catalogues.
#[derive(Clone, Debug)]
pub struct Link {
    /// The first end.
    pub from: End,
    /// The second end.
    pub to: End,
    /// What the first is to the second.
    pub relation: Relation,
    /// Who says so.
    pub source: &'static Source,
}

/// Who says that links exist.
#[derive(Clone, Debug, Deserialize)]
pub struct Source {
    /// The work.
    pub source: String,
    /// Its version.
    pub version: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// What to know when relying on it.
    pub note: Option<String>,
}

#[derive(Deserialize)]
struct File {
    sources: BTreeMap<String, Source>,
    mappings: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    from: (String, String),
    to: (String, String),
    relation: Relation,
    by: String,
}

/// Invariant: the text is a mapping whose rows name sources that it has. Guarded by
/// `each_link_is_there_with_its_source`.
static FILE: LazyLock<Option<File>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../mapping/iso42001-2023.json")).ok());

static LINKS: LazyLock<Vec<Link>> = LazyLock::new(|| {
    let end = |(catalogue, number): &'static (String, String)| End { catalogue, number };
    let file = FILE.as_ref();
    let rows = file.into_iter().flat_map(|file| file.mappings.iter().map(move |row| (file, row)));
    rows.filter_map(|(file, row)| {
        let source = file.sources.get(&row.by)?;
        let (from, to) = (end(&row.from), end(&row.to));
        Some(Link { from, to, relation: row.relation, source })
    })
    .collect()
});

/// The links between packaged catalogues.
pub fn links() -> &'static [Link] {
    &LINKS
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalogue::{ISO_42001, catalogue};

    fn count(to: &str, source: &str) -> usize {
        let fits = |link: &&Link| link.to.catalogue == to && link.source.source.contains(source);
        links().iter().filter(fits).count()
    }

    #[test]
    fn each_link_is_there_with_its_source() {
        assert_eq!(links().len(), 236);
        for (to, source, wanted) in [
            ("eu-ai-act-2024", "GASP", 18),
            ("eu-ai-act-2024", "blckalpaca", 2),
            ("eu-ai-act-2024", "own reading", 64),
            ("nist-ai-rmf-1.0", "Microsoft", 70),
            ("nist-ai-rmf-1.0", "GASP", 27),
            ("nist-ai-rmf-1.0", "own reading", 9),
            ("iso27001-2022", "own reading", 46),
        ] {
            assert_eq!(count(to, source), wanted, "{to} {source}");
        }
        assert!(links().iter().all(|link| link.relation == Relation::Supports));
    }

    #[test]
    fn every_end_exists_and_no_source_says_a_thing_twice() {
        let mut seen = BTreeSet::new();
        for link in links() {
            for end in [&link.from, &link.to] {
                let item = catalogue(end.catalogue).and_then(|c| c.item(end.number));
                assert!(item.is_some(), "{end:?}");
            }
            let key = (link.from.clone(), link.to.clone(), link.source.source.clone());
            assert!(seen.insert(key), "{link:?}");
        }
    }

    #[test]
    fn every_control_of_annex_a_leads_somewhere() {
        for control in &catalogue(ISO_42001).unwrap().controls {
            let leads = links().iter().filter(|link| link.from.number == control.number).count();
            assert!(leads > 0, "{}", control.number);
        }
    }

    #[test]
    fn rows_of_the_domain_model_are_read_as_they_stand() {
        let of = |number: &str, to: &str| -> Vec<String> {
            let fits = |link: &&Link| link.from.number == number && link.to.catalogue == to;
            let shown = |link: &Link| {
                let who = link.source.source.chars().next().unwrap();
                format!("{} {who}", link.to.number)
            };
            links().iter().filter(fits).map(shown).collect()
        };
        let act = of("A.6.1.3", "eu-ai-act-2024");
        assert_eq!(act, ["Art.9 G", "Art.17.1.b A", "Art.17.1.c A", "Art.17.1.d A"]);
        let rmf = of("A.3.2", "nist-ai-rmf-1.0");
        let wanted =
            ["GOVERN-2.1 M", "GOVERN-2.1 G", "MEASURE-2.7 M", "GOVERN-2.3 G", "GOVERN-3.2 G"];
        assert_eq!(rmf, wanted);
        assert_eq!(of("A.8.4", "iso27001-2022"), ["A.5.24 A", "A.5.25 A", "A.5.26 A"]);
        assert_eq!(of("A.10.2", "iso27001-2022"), Vec::<String>::new());
    }

    #[test]
    fn read_from_the_other_end_a_part_becomes_the_whole() {
        assert_eq!(Relation::Subset.reversed(), Some(Relation::Superset));
        assert_eq!(Relation::Superset.reversed(), Some(Relation::Subset));
        assert_eq!(Relation::Equivalent.reversed(), Some(Relation::Equivalent));
        assert_eq!(Relation::Intersects.reversed(), Some(Relation::Intersects));
        assert_eq!(Relation::Supports.reversed(), None);
    }
}
