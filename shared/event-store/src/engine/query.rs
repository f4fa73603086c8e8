//! Builds the statements of list and count; the same text for both engines but for arrays.

use kernel::{Position, TenantId};

use super::row::count;
use super::sql::{current, ended};
use super::{Condition, ListQuery, Op, Order, Slot, SlotValue, stabbing_nodes};
use crate::error::Fault;

/// How a database takes a list as one parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Arrays.
    Postgres,
    /// JSON texts.
    Sqlite,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bind {
    Text(String),
    Number(i64),
    Texts(Vec<String>),
    Numbers(Vec<i64>),
}

/// A statement and its parameters, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) sql: String,
    pub(super) binds: Vec<Bind>,
}

/// A page: each arm is ordered and cut by itself, so that the current table is read along an
/// index and left early, and the few rows that remain are merged.
pub(super) fn list(
    dialect: Dialect,
    tenant: &TenantId,
    query: &ListQuery,
) -> Result<Statement, Fault> {
    let mut builder = Builder::new(dialect, tenant, query)?;
    if let Some(after) = &query.after {
        builder.after(&query.order, after)?;
    }
    let order = order_by(&query.order)?;
    let tail = format!("{order} limit $5");
    let arms = builder.arms(current!(), ended!(), &tail);
    Ok(builder.finish(format!("select * from ({arms}) as hit {tail}")))
}

/// The number of rows over all pages, counted up to the limit.
pub(super) fn total(
    dialect: Dialect,
    tenant: &TenantId,
    query: &ListQuery,
) -> Result<Statement, Fault> {
    let builder = Builder::new(dialect, tenant, query)?;
    let arms = builder.arms("1 as one", "1 as one", "limit $5");
    let sql =
        format!("select count(*) from (select 1 as one from ({arms}) as hit limit $5) as few");
    Ok(builder.finish(sql))
}

struct Builder {
    dialect: Dialect,
    filter: String,
    binds: Vec<Bind>,
}

impl Builder {
    /// Parameters 1 to 5 stand in every statement: tenant, kind, position, the nodes whose
    /// intervals can contain the position, limit.
    fn new(dialect: Dialect, tenant: &TenantId, query: &ListQuery) -> Result<Self, Fault> {
        let at = query.at.min(Position(LONGEST_LOG));
        let (before, behind) = stabbing_nodes(at, Position(LONGEST_LOG));
        let nodes = [before, behind].concat();
        let binds = vec![
            Bind::Text(tenant.as_str().to_owned()),
            Bind::Text(query.kind.clone()),
            Bind::Number(at.as_i64()),
            Bind::Numbers(nodes),
            Bind::Number(count(query.limit)),
        ];
        let mut builder = Self { dialect, filter: String::new(), binds };
        for condition in &query.conditions {
            let sql = builder.condition(condition)?;
            builder.and(&sql);
        }
        if let Some(words) = query.search.as_deref().filter(|words| !words.is_empty()) {
            let found = match dialect {
                Dialect::Postgres => "strpos",
                Dialect::Sqlite => "instr",
            };
            let words = builder.bind(Bind::Text(words.to_owned()));
            builder.and(&format!("{found}(search, {words}) > 0"));
        }
        Ok(builder)
    }

    /// The current rows and the history, each with the filter and the tail.
    ///
    /// At the head nothing of the history can match, and the comparison with the head's position,
    /// which is made once, leaves it unread. Behind the head there are no nodes, so those are cut
    /// off in the same snapshot. The nodes alone decide what is looked at, the bounds alone what is
    /// right. (Measured: one arm over all nodes takes half the time of one for each side.)
    fn arms(&self, current: &str, ended: &str, tail: &str) -> String {
        let filter = &self.filter;
        let head = "(select position from log_head where tenant = $1)";
        let is_a_node = match self.dialect {
            Dialect::Postgres => {
                format!("= any(array(select n from unnest($4) as n where n <= {head}))")
            }
            Dialect::Sqlite => {
                format!("in (select value from json_each($4) where value <= {head})")
            }
        };
        // Left to itself, SQLite would rather walk a whole history along a key than sort a page.
        let by = match self.dialect {
            Dialect::Postgres => "",
            Dialect::Sqlite => "indexed by document_history_node",
        };
        format!(
            "select * from (select {current} from document where tenant = $1 and kind = $2 \
             and from_position <= $3{filter} {tail}) as now \
             union all select * from (select {ended} from document_history {by} \
             where tenant = $1 and kind = $2 and {head} > $3 and node {is_a_node} \
             and to_position > $3 and from_position <= $3{filter} {tail}) as past"
        )
    }

    fn finish(self, sql: String) -> Statement {
        Statement { sql, binds: self.binds }
    }

    fn bind(&mut self, value: Bind) -> String {
        self.binds.push(value);
        format!("${}", self.binds.len())
    }

    fn and(&mut self, condition: &str) {
        self.filter.push_str(" and ");
        self.filter.push_str(condition);
    }

    /// A scalar of the column's type; `None` for null.
    fn value(&mut self, slot: Slot, value: &SlotValue) -> Result<Option<String>, Fault> {
        Ok(match (slot, value) {
            (_, SlotValue::Null) => None,
            (Slot::Text(_) | Slot::Id, SlotValue::Text(text)) => {
                Some(self.bind(Bind::Text(text.clone())))
            }
            (Slot::Number(_), SlotValue::Number(number)) => Some(self.bind(Bind::Number(*number))),
            (Slot::Number(_), SlotValue::Text(_))
            | (Slot::Text(_) | Slot::Id, SlotValue::Number(_)) => {
                return Err(Fault::Corrupt(format!("{slot:?} cannot be compared with {value:?}")));
            }
        })
    }

    fn condition(&mut self, condition: &Condition) -> Result<String, Fault> {
        let slot = condition.slot;
        let column = column(slot)?;
        let compared = |found: Option<String>, op: &str| match found {
            Some(value) => format!("{column} {op} {value}"),
            None => NEVER.to_owned(),
        };
        Ok(match &condition.op {
            Op::Eq(value) => compared(self.value(slot, value)?, "="),
            Op::Lt(value) => compared(self.value(slot, value)?, "<"),
            Op::Lte(value) => compared(self.value(slot, value)?, "<="),
            Op::Gt(value) => compared(self.value(slot, value)?, ">"),
            Op::Gte(value) => compared(self.value(slot, value)?, ">="),
            // The complement of `Eq`, which never holds for null.
            Op::Ne(value) => match self.value(slot, value)? {
                Some(value) => format!("({column} <> {value} or {column} is null)"),
                None => ALWAYS.to_owned(),
            },
            Op::In(values) => self.one_of(slot, column, values)?,
            Op::StartsWith(prefix) => self.starts_with(slot, column, prefix)?,
            Op::IsNull(true) => format!("{column} is null"),
            Op::IsNull(false) => format!("{column} is not null"),
        })
    }

    fn one_of(&mut self, slot: Slot, column: &str, values: &[SlotValue]) -> Result<String, Fault> {
        let (mut texts, mut numbers) = (Vec::new(), Vec::new());
        for value in values {
            match (slot, value) {
                (_, SlotValue::Null) => {}
                (Slot::Text(_) | Slot::Id, SlotValue::Text(text)) => texts.push(text.clone()),
                (Slot::Number(_), SlotValue::Number(number)) => numbers.push(*number),
                (Slot::Number(_), SlotValue::Text(_))
                | (Slot::Text(_) | Slot::Id, SlotValue::Number(_)) => {
                    let fault = format!("{slot:?} cannot be compared with {value:?}");
                    return Err(Fault::Corrupt(fault));
                }
            }
        }
        let list = match slot {
            Slot::Number(_) => Bind::Numbers(numbers),
            Slot::Text(_) | Slot::Id => Bind::Texts(texts),
        };
        let list = self.bind(list);
        Ok(match self.dialect {
            Dialect::Postgres => format!("{column} = any({list})"),
            Dialect::Sqlite => format!("{column} in (select value from json_each({list}))"),
        })
    }

    /// Code points sort as their UTF-8 bytes do, so a prefix is a range on both engines.
    fn starts_with(&mut self, slot: Slot, column: &str, prefix: &str) -> Result<String, Fault> {
        if matches!(slot, Slot::Number(_)) {
            return Err(Fault::Corrupt(format!("{slot:?} has no beginning")));
        }
        let first = self.bind(Bind::Text(prefix.to_owned()));
        Ok(match behind_prefix(prefix) {
            Some(end) => {
                let end = self.bind(Bind::Text(end));
                format!("{column} >= {first} and {column} < {end}")
            }
            None => format!("{column} >= {first}"),
        })
    }

    /// Only rows that come after the one with these sort keys: it lies behind in the first key in
    /// which it differs.
    fn after(&mut self, order: &[Order], after: &[SlotValue]) -> Result<(), Fault> {
        if order.len() != after.len() {
            let (keys, values) = (order.len(), after.len());
            return Err(Fault::Corrupt(format!("{values} values for {keys} sort keys")));
        }
        let (mut equal, mut cases, mut start) = (String::new(), Vec::new(), None);
        for (place, (key, value)) in order.iter().zip(after).enumerate() {
            let column = column(key.slot)?;
            let value = self.value(key.slot, value)?;
            let Some(value) = value else {
                // Nothing lies behind null, which is last in both directions.
                write_and(&mut equal, &format!("{column} is null"));
                continue;
            };
            let beyond = if key.descending { "<" } else { ">" };
            let mut case = equal.clone();
            write_and(
                &mut case,
                &match key.nullable {
                    true => format!("({column} {beyond} {value} or {column} is null)"),
                    false => format!("{column} {beyond} {value}"),
                },
            );
            cases.push(case);
            // Says no more than the cases do, but an index can start from it.
            if place == 0 && !key.nullable {
                start = Some(format!("{column} {beyond}= {value}"));
            }
            write_and(&mut equal, &format!("{column} = {value}"));
        }
        if let Some(start) = start {
            self.and(&start);
        }
        match cases.is_empty() {
            true => self.and(NEVER),
            false => self.and(&format!("({})", cases.join(" or "))),
        }
        Ok(())
    }
}

/// A bound above every position: 2^62, so that its double is still a 64-bit number.
const LONGEST_LOG: u64 = 1 << 62;
/// A condition that no row meets, in words that both databases have.
const NEVER: &str = "1 = 0";
/// A condition that every row meets.
const ALWAYS: &str = "1 = 1";

fn write_and(condition: &mut String, more: &str) {
    if !condition.is_empty() {
        condition.push_str(" and ");
    }
    condition.push_str(more);
}

fn column(slot: Slot) -> Result<&'static str, Fault> {
    Ok(match slot {
        Slot::Text(0) => "t0",
        Slot::Text(1) => "t1",
        Slot::Text(2) => "t2",
        Slot::Number(0) => "n0",
        Slot::Number(1) => "n1",
        Slot::Number(2) => "n2",
        Slot::Id => "id",
        Slot::Text(_) | Slot::Number(_) => {
            return Err(Fault::Corrupt(format!("there is no column {slot:?}")));
        }
    })
}

/// Nulls last is written out only where there can be nulls: otherwise it would hide the index.
fn order_by(order: &[Order]) -> Result<String, Fault> {
    let mut sql = String::new();
    for key in order {
        let start = if sql.is_empty() { "order by" } else { "," };
        let direction = if key.descending { "desc" } else { "asc" };
        let nulls = if key.nullable { " nulls last" } else { "" };
        let column = column(key.slot)?;
        sql.push_str(&format!("{start} {column} {direction}{nulls}"));
    }
    Ok(sql)
}

/// The smallest text that is greater than every text with the prefix; `None` when there is none.
fn behind_prefix(prefix: &str) -> Option<String> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        // Surrogates are no characters: the range steps over them.
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            end.push(next);
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix_is_the_next_text_without_it() {
        assert_eq!(behind_prefix("ab").as_deref(), Some("ac"));
        assert_eq!(behind_prefix("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(behind_prefix("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(behind_prefix("\u{10ffff}"), None);
        assert_eq!(behind_prefix(""), None);
    }

    #[test]
    fn a_value_of_another_type_is_a_fault() {
        let query = ListQuery {
            kind: "scope".to_owned(),
            conditions: vec![Condition {
                slot: Slot::Number(0),
                op: Op::Eq(SlotValue::Text("1".to_owned())),
            }],
            search: None,
            order: vec![Order { slot: Slot::Id, descending: false, nullable: false }],
            after: None,
            limit: 1,
            at: Position(1),
        };
        assert!(list(Dialect::Sqlite, &TenantId::new("tnt_1"), &query).is_err());
    }
}
