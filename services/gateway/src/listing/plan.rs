//! A question made ready: every path and value checked, what columns can decide handed to the
//! database, the rest kept to be tried on each document.

use std::cmp::Ordering;

use event_store::engine::{Condition, Op, Order, Slot, SlotValue};
use event_store::mapping::{Mapping, slot_value};
use event_store::{Document, Fault, Log};
use kernel::domain::KindDecl;
use kernel::door::check_value;
use kernel::schema::Ty;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::field::{Place, Target, target};
use super::{Compare, Filter, Question, QuestionError, invalid};

/// Most levels of a filter.
const DEPTH_MAX: usize = 10;
/// Most comparisons of a filter.
const COMPARISONS_MAX: usize = 100;
/// Most values of one `In`.
const VALUES_MAX: usize = 500;
/// Most sort keys.
const KEYS_MAX: usize = 5;
/// Most characters of a searched text.
const TEXT_MAX: usize = 200;

/// A question that is ready to be asked.
#[derive(Debug)]
pub struct Plan {
    /// What the database tests; all must hold.
    pub conditions: Vec<Condition>,
    /// Lower-cased text that the searchable fields must contain.
    pub search: Option<String>,
    /// Sort keys, the id last.
    pub order: Vec<Order>,
    /// What is tried on each document; all must hold.
    rest: Vec<Check>,
}

#[derive(Debug)]
enum Check {
    All(Vec<Check>),
    Any(Vec<Check>),
    Not(Box<Check>),
    Field(Target, Test),
}

#[derive(Debug)]
enum Test {
    Op(Op),
    Contains(String),
}

impl Plan {
    /// Checks a question against the kind's declaration.
    pub fn of(log: &Log, kind: &KindDecl, question: &Question) -> Result<Self, QuestionError> {
        let mapping = log.mapping(kind.row.name);
        let mapping =
            mapping.ok_or_else(|| Fault::Corrupt(format!("no columns of {}", kind.row.name)))?;
        Self::with(mapping, kind, question)
    }

    /// The same, with the kind's columns at hand.
    pub fn with(
        mapping: &Mapping,
        kind: &KindDecl,
        question: &Question,
    ) -> Result<Self, QuestionError> {
        let mut comparisons = 0;
        let checked = check(kind, &question.filter, DEPTH_MAX, &mut comparisons)?;
        let mut plan = Self {
            conditions: Vec::new(),
            search: searched(question.search.as_deref())?,
            order: order(mapping, kind, &question.order)?,
            rest: Vec::new(),
        };
        plan.split(mapping, checked);
        Ok(plan)
    }

    /// Whether the database decides everything.
    pub fn is_exact(&self) -> bool {
        self.rest.is_empty()
    }

    /// Whether a document that the database found meets the rest.
    pub fn holds(&self, document: &Document) -> bool {
        self.rest.iter().all(|check| check.holds(document))
    }

    /// The document's values of the sort keys.
    pub fn keys(&self, document: &Document) -> Vec<SlotValue> {
        let value = |order: &Order| match order.slot {
            Slot::Id => SlotValue::Text(document.id.clone()),
            Slot::Text(n) => {
                let text = document.slots.text.get(n).cloned().flatten();
                text.map_or(SlotValue::Null, SlotValue::Text)
            }
            Slot::Number(n) => {
                let number = document.slots.number.get(n).copied().flatten();
                number.map_or(SlotValue::Null, SlotValue::Number)
            }
        };
        self.order.iter().map(value).collect()
    }

    /// Which of two documents stands first, as the database orders them.
    pub fn compare(&self, one: &Document, other: &Document) -> Ordering {
        let (one, other) = (self.keys(one), self.keys(other));
        let pairs = one.iter().zip(&other).zip(&self.order);
        let orderings = pairs.map(|((one, other), order)| match (one, other) {
            (SlotValue::Null, SlotValue::Null) => Ordering::Equal,
            // Nulls stand last in either direction.
            (SlotValue::Null, _) => Ordering::Greater,
            (_, SlotValue::Null) => Ordering::Less,
            (one, other) => {
                let ordering = compare(one, other).unwrap_or(Ordering::Equal);
                if order.descending { ordering.reverse() } else { ordering }
            }
        });
        orderings.fold(Ordering::Equal, Ordering::then)
    }

    /// Hash of what is asked: filter, search and order.
    pub fn asked(&self) -> String {
        let Self { conditions, search, order, rest } = self;
        let text = format!("{conditions:?}\n{search:?}\n{order:?}\n{rest:?}");
        hex::encode(&Sha256::digest(text)[..8])
    }

    fn split(&mut self, mapping: &Mapping, check: Check) {
        match check {
            Check::All(all) => all.into_iter().for_each(|check| self.split(mapping, check)),
            Check::Field(target, Test::Op(op)) => match column(mapping, &target) {
                Some(slot) => self.conditions.push(Condition { slot, op }),
                None => self.rest.push(Check::Field(target, Test::Op(op))),
            },
            Check::Any(_) | Check::Not(_) | Check::Field(_, Test::Contains(_)) => {
                self.rest.push(check);
            }
        }
    }
}

/// The column that holds all that a field says.
fn column(mapping: &Mapping, target: &Target) -> Option<Slot> {
    match target.place {
        Place::Id => Some(Slot::Id),
        Place::CreatedAt | Place::UpdatedAt | Place::Version => None,
        Place::Body(_) if !target.is_single() => None,
        Place::Body(_) => mapping.field(&target.path).map(|indexed| indexed.slot),
    }
}

fn searched(text: Option<&str>) -> Result<Option<String>, QuestionError> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    text.map(|text| fit("search", text).map(|text| text.to_lowercase())).transpose()
}

fn fit<'a>(field: &str, text: &'a str) -> Result<&'a str, QuestionError> {
    if text.contains('\0') || text.chars().count() > TEXT_MAX {
        let message = format!("takes at most {TEXT_MAX} characters and no U+0000");
        return Err(invalid("wrong_value", field, message));
    }
    Ok(text)
}

fn order(
    mapping: &Mapping,
    kind: &KindDecl,
    keys: &[(String, bool)],
) -> Result<Vec<Order>, QuestionError> {
    if keys.len() > KEYS_MAX {
        let message = format!("there may be at most {KEYS_MAX} sort keys");
        return Err(invalid("out_of_range", "sort", message));
    }
    let mut order: Vec<Order> = Vec::new();
    for (path, descending) in keys {
        let target = target(kind, path)?;
        let key = match (column(mapping, &target), &target.place) {
            (Some(Slot::Id), _) => {
                Order { slot: Slot::Id, descending: *descending, nullable: false }
            }
            (Some(slot), _) => {
                let nullable = mapping.field(path).is_none_or(|indexed| indexed.nullable);
                Order { slot, descending: *descending, nullable }
            }
            (None, _) => return Err(invalid("not_sortable", path, not_sortable(mapping, path))),
        };
        if order.iter().any(|known| known.slot == key.slot) {
            return Err(invalid("not_sortable", path, format!("{path} is named twice")));
        }
        order.push(key);
    }
    // Nothing is equal in the id: what follows it cannot decide.
    if let Some(place) = order.iter().position(|key| key.slot == Slot::Id) {
        order.truncate(place + 1);
    } else {
        let descending = order.last().is_some_and(|key| key.descending);
        order.push(Order { slot: Slot::Id, descending, nullable: false });
    }
    Ok(order)
}

fn not_sortable(mapping: &Mapping, path: &str) -> String {
    let known = mapping.indexed.iter().map(|indexed| indexed.path.as_str());
    let known: Vec<_> = std::iter::once("id").chain(known).collect();
    format!("lists are not sorted by {path}; they are by {}", known.join(", "))
}

fn check(
    kind: &KindDecl,
    filter: &Filter,
    depth: usize,
    comparisons: &mut usize,
) -> Result<Check, QuestionError> {
    let Some(depth) = depth.checked_sub(1) else {
        let message = format!("a filter has at most {DEPTH_MAX} levels");
        return Err(invalid("out_of_range", "filter", message));
    };
    let mut each = |filters: &[Filter]| -> Result<Vec<Check>, QuestionError> {
        filters.iter().map(|filter| check(kind, filter, depth, &mut *comparisons)).collect()
    };
    Ok(match filter {
        Filter::And(filters) => Check::All(each(filters)?),
        Filter::Or(filters) => Check::Any(each(filters)?),
        Filter::Not(filter) => Check::Not(Box::new(check(kind, filter, depth, comparisons)?)),
        Filter::Field(path, compare) => {
            *comparisons += 1;
            if *comparisons > COMPARISONS_MAX {
                let message = format!("a filter has at most {COMPARISONS_MAX} comparisons");
                return Err(invalid("out_of_range", "filter", message));
            }
            let target = target(kind, path)?;
            let test = test(&target, compare)?;
            Check::Field(target, test)
        }
    })
}

fn test(target: &Target, compare: &Compare) -> Result<Test, QuestionError> {
    let path = &target.path;
    match (&target.ty, compare) {
        (Ty::Prose(_), _) => {
            let message = format!("{path} is personal text, which is sealed and not searched");
            return Err(invalid("not_filterable", path, message));
        }
        (Ty::Record(_) | Ty::Map(_, _) | Ty::Fields, Compare::IsNull(_)) => {}
        (Ty::Record(_) | Ty::Map(_, _) | Ty::Fields, _) => {
            let message = format!("{path} has fields of its own: compare one of them, or isNull");
            return Err(invalid("not_filterable", path, message));
        }
        (_, _) => {}
    }
    let one = |value: &Value| value_of(target, value);
    Ok(Test::Op(match compare {
        Compare::Eq(value) => Op::Eq(one(value)?),
        Compare::Ne(value) => Op::Ne(one(value)?),
        Compare::In(values) if values.len() > VALUES_MAX => {
            let message = format!("takes at most {VALUES_MAX} values");
            return Err(invalid("out_of_range", path, message));
        }
        Compare::In(values) => Op::In(values.iter().map(one).collect::<Result<_, _>>()?),
        Compare::Lt(value) => Op::Lt(ordered(target, value)?),
        Compare::Lte(value) => Op::Lte(ordered(target, value)?),
        Compare::Gt(value) => Op::Gt(ordered(target, value)?),
        Compare::Gte(value) => Op::Gte(ordered(target, value)?),
        Compare::Contains(text) => return Ok(Test::Contains(textual(target, text)?)),
        Compare::StartsWith(text) => Op::StartsWith(textual(target, text)?),
        Compare::IsNull(is_null) => Op::IsNull(*is_null),
    }))
}

fn value_of(target: &Target, value: &Value) -> Result<SlotValue, QuestionError> {
    if let Some(error) = check_value(&target.ty, value, "").into_iter().next() {
        let message = format!("{} {}", target.path, error.message);
        return Err(invalid("wrong_value", &target.path, message));
    }
    Ok(slot_value(&target.ty, value))
}

fn ordered(target: &Target, value: &Value) -> Result<SlotValue, QuestionError> {
    if target.ty == Ty::Bool {
        let message = format!("{} is true or false, neither is less", target.path);
        return Err(invalid("not_filterable", &target.path, message));
    }
    value_of(target, value)
}

fn textual(target: &Target, text: &str) -> Result<String, QuestionError> {
    if matches!(
        target.ty,
        Ty::Int(..) | Ty::Decimal | Ty::Bool | Ty::Date | Ty::Time | Ty::Position
    ) {
        let message = format!("{} is no text", target.path);
        return Err(invalid("not_filterable", &target.path, message));
    }
    fit(&target.path, text).map(str::to_owned)
}

impl Check {
    fn holds(&self, document: &Document) -> bool {
        match self {
            Check::All(all) => all.iter().all(|check| check.holds(document)),
            Check::Any(any) => any.iter().any(|check| check.holds(document)),
            Check::Not(check) => !check.holds(document),
            Check::Field(target, test) => test.holds(&target.values(document)),
        }
    }
}

impl Test {
    /// Whether some of the values meet it; a field without value meets `IsNull(true)` and `Ne`.
    fn holds(&self, values: &[SlotValue]) -> bool {
        let some = |wanted: &SlotValue, fits: fn(Ordering) -> bool| {
            values.iter().any(|value| compare(value, wanted).is_some_and(fits))
        };
        let begins = |text: &str| {
            values.iter().any(|v| matches!(v, SlotValue::Text(found) if found.starts_with(text)))
        };
        match self {
            Test::Op(Op::Eq(wanted)) => some(wanted, Ordering::is_eq),
            Test::Op(Op::Ne(wanted)) => values.is_empty() || some(wanted, Ordering::is_ne),
            Test::Op(Op::In(wanted)) => wanted.iter().any(|wanted| some(wanted, Ordering::is_eq)),
            Test::Op(Op::Lt(wanted)) => some(wanted, Ordering::is_lt),
            Test::Op(Op::Lte(wanted)) => some(wanted, Ordering::is_le),
            Test::Op(Op::Gt(wanted)) => some(wanted, Ordering::is_gt),
            Test::Op(Op::Gte(wanted)) => some(wanted, Ordering::is_ge),
            Test::Op(Op::StartsWith(text)) => begins(text),
            Test::Op(Op::IsNull(is_null)) => values.is_empty() == *is_null,
            Test::Contains(text) => values
                .iter()
                .any(|v| matches!(v, SlotValue::Text(found) if found.contains(text.as_str()))),
        }
    }
}

/// Texts compare byte by byte; `None` for what does not compare.
fn compare(a: &SlotValue, b: &SlotValue) -> Option<Ordering> {
    match (a, b) {
        (SlotValue::Text(a), SlotValue::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (SlotValue::Number(a), SlotValue::Number(b)) => Some(a.cmp(b)),
        (SlotValue::Null, _)
        | (_, SlotValue::Null)
        | (SlotValue::Text(_), SlotValue::Number(_))
        | (SlotValue::Number(_), SlotValue::Text(_)) => None,
    }
}
