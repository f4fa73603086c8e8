//! What the schema knows of the kinds: their names, and one type name for each declared record and
//! list of words.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bus::{AnyKind, Registry};
use kernel::domain::KindDecl;
use kernel::schema::{RecordDecl, Ty, WordsDecl};

use super::names;

/// Names that no record or list of words may take.
const RESERVED: &[&str] = &[
    "Actor",
    "AsOf",
    "Boolean",
    "Catalogue",
    "CatalogueCoverage",
    "CatalogueEntry",
    "Clause",
    "Control",
    "CoverageCount",
    "CoverageLead",
    "CoverageStatement",
    "CoveredBy",
    "CoveredItem",
    "ControlObjective",
    "Date",
    "DateTime",
    "Decimal",
    "Direction",
    "DomainRefusal",
    "Event",
    "EventConnection",
    "EventEdge",
    "FieldError",
    "Float",
    "Hash",
    "ID",
    "Int",
    "Int53",
    "InvalidInput",
    "JSON",
    "Mutation",
    "Node",
    "PageInfo",
    "Position",
    "Query",
    "Refusal",
    "Resolved",
    "Role",
    "Snapshot",
    "Standing",
    "String",
    "Subscription",
    "Version",
    "VersionConflict",
    "Via",
    "Viewer",
];

/// One kind.
pub struct Kind {
    /// Itself.
    pub any: Arc<dyn AnyKind>,
    /// Its type.
    pub ty: &'static str,
    /// Field of one object.
    pub singular: String,
    /// Field of many.
    pub plural: String,
    /// Fields of its commands, in their order.
    pub mutations: Vec<String>,
}

impl Kind {
    /// Its declaration.
    pub fn decl(&self) -> &KindDecl {
        self.any.decl()
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.decl().row.name
    }
}

#[derive(PartialEq)]
enum Declared {
    Record(Arc<RecordDecl>),
    Words(WordsDecl),
}

/// All kinds and names.
pub struct Model {
    /// The kinds in order.
    pub kinds: Vec<Arc<Kind>>,
    names: BTreeMap<&'static str, Vec<(Declared, String)>>,
}

impl Model {
    /// The model of a registry.
    pub fn of(registry: &Registry) -> Arc<Self> {
        let kinds = registry.kinds().iter().map(|any| {
            let decl = any.decl();
            let row = decl.row;
            let verbs = decl.commands.iter().map(|command| command.verb);
            Arc::new(Kind {
                any: Arc::clone(any),
                ty: row.graphql,
                singular: names::singular(row),
                plural: names::plural(row),
                mutations: verbs.map(|verb| names::mutation(row, verb)).collect(),
            })
        });
        let kinds = kinds.collect();
        let mut model = Self { kinds, names: BTreeMap::new() };
        for kind in model.kinds.clone() {
            model.collect(&kind, &kind.decl().state);
            for command in &kind.decl().commands {
                model.collect(&kind, &command.input);
            }
        }
        model.settle();
        Arc::new(model)
    }

    /// The kind of this name.
    pub fn kind(&self, name: &str) -> Option<&Arc<Kind>> {
        self.kinds.iter().find(|kind| kind.name() == name)
    }

    /// The kind of an object's id.
    pub fn of_id(&self, id: &str) -> Option<&Arc<Kind>> {
        let prefix = kernel::id::prefix_of(id);
        self.kinds.iter().find(|kind| kind.decl().row.prefix == prefix)
    }

    /// The kind whose objects have this type.
    pub fn of_type(&self, ty: &str) -> Option<&Arc<Kind>> {
        self.kinds.iter().find(|kind| kind.ty == ty)
    }

    /// The type of a record.
    pub fn record(&self, decl: &RecordDecl) -> &str {
        let same = |declared: &Declared| match declared {
            Declared::Record(known) => std::ptr::eq(&**known, decl) || **known == *decl,
            Declared::Words(_) => false,
        };
        self.named(decl.name, same)
    }

    /// The type of a list of words.
    pub fn words(&self, decl: &WordsDecl) -> &str {
        self.named(decl.name, |declared| match declared {
            Declared::Words(known) => std::ptr::eq(known.words, decl.words) || known == decl,
            Declared::Record(_) => false,
        })
    }

    fn named(&self, name: &'static str, same: impl Fn(&Declared) -> bool) -> &str {
        let variants = self.names.get(name).map(Vec::as_slice).unwrap_or_default();
        variants.iter().find(|(declared, _)| same(declared)).map_or(name, |(_, name)| name)
    }

    fn collect(&mut self, kind: &Kind, record: &RecordDecl) {
        for field in &record.fields {
            self.collect_type(kind, &field.ty);
        }
    }

    fn collect_type(&mut self, kind: &Kind, ty: &Ty) {
        match ty {
            Ty::List(of, _) => self.collect_type(kind, of),
            Ty::Words(words) => self.remember(kind, words.name, Declared::Words(*words)),
            Ty::Record(record) | Ty::Map(record, _) => {
                self.remember(kind, record.name, Declared::Record(Arc::clone(record)));
                self.collect(kind, record);
            }
            Ty::Line(_)
            | Ty::Prose(_)
            | Ty::Int(..)
            | Ty::Decimal
            | Ty::Bool
            | Ty::Date
            | Ty::Time => {}
            Ty::Position | Ty::Hash | Ty::Version | Ty::Number | Ty::User | Ty::Pseudonym => {}
            Ty::Ref(_) | Ty::Key | Ty::Role | Ty::Fields => {}
        }
    }

    /// For the time being the second part is the name with its first kind's before it.
    fn remember(&mut self, kind: &Kind, name: &'static str, declared: Declared) {
        let variants = self.names.entry(name).or_default();
        if !variants.iter().any(|(known, _)| *known == declared) {
            variants.push((declared, format!("{}{name}", kind.ty)));
        }
    }

    /// A name that means one thing stands alone; a name that is taken gets a number.
    fn settle(&mut self) {
        let reserved = RESERVED.iter().copied();
        let kinds = self.kinds.iter().map(|kind| kind.ty);
        let mut taken: BTreeSet<String> = reserved.chain(kinds).map(str::to_owned).collect();
        let mut several = Vec::new();
        for (name, variants) in &mut self.names {
            match variants.as_mut_slice() {
                [(_, shown)] if taken.insert((*name).to_owned()) => *shown = (*name).to_owned(),
                _ => several.push(variants),
            }
        }
        for (_, shown) in several.into_iter().flatten() {
            let wanted = shown.clone();
            for n in 2.. {
                if taken.insert(shown.clone()) {
                    break;
                }
                *shown = format!("{wanted}{n}");
            }
        }
    }
}
