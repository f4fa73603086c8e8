//! Lists of a kind as of a position: filter, order, pages. REST and GraphQL ask the same questions
//! here, so they get the same answers, on either engine.

mod cursor;
mod field;
mod plan;

use std::sync::Arc;

use event_store::engine::{ListQuery, SlotValue};
use event_store::{Document, Fault, Log};
use kernel::Position;
use kernel::domain::KindDecl;
use serde_json::Value;

pub use field::field_type;

use plan::Plan;

/// Most objects on a page.
pub const PAGE_MAX: usize = 100;
/// Objects on a page unless the caller says otherwise.
pub const PAGE_DEFAULT: usize = 50;

/// Most objects that are looked at for one page when a filter cannot be left to the database.
const BUDGET: usize = 20_000;
/// Objects that are looked at in one go.
const CHUNK: usize = 500;

/// A question.
#[derive(Clone, Debug)]
pub struct Question {
    /// What must hold.
    pub filter: Filter,
    /// Text that the searchable fields must contain, in any case.
    pub search: Option<String>,
    /// Paths of indexed fields (`effective.approvedAt`) or `id`, and whether the largest comes
    /// first. The id decides between equals, in the direction of the last key.
    pub order: Vec<(String, bool)>,
    /// How many.
    pub first: usize,
    /// Cursor of the object after which the page starts.
    pub after: Option<String>,
    /// As of this position. A cursor brings its own position along (pages stay stable under
    /// writes): then the cursor's counts, unless `pinned`, when they must agree.
    pub at: Position,
    /// Whether the caller fixed the position himself.
    pub pinned: bool,
}

/// What must hold of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of these; of none of them: everything.
    And(Vec<Filter>),
    /// One of these.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// A field by path compares so. In a list or map, some member must.
    Field(String, Compare),
}

/// A comparison; a null matches only `IsNull(true)` and `Ne`.
#[derive(Clone, Debug, PartialEq)]
pub enum Compare {
    /// Equal.
    Eq(Value),
    /// Not equal.
    Ne(Value),
    /// One of these.
    In(Vec<Value>),
    /// Less.
    Lt(Value),
    /// Less or equal.
    Lte(Value),
    /// Greater.
    Gt(Value),
    /// Greater or equal.
    Gte(Value),
    /// Contains the text.
    Contains(String),
    /// Begins with the text.
    StartsWith(String),
    /// Is absent, or is not.
    IsNull(bool),
}

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The objects.
    pub documents: Vec<Arc<Document>>,
    /// The cursor of each.
    pub cursors: Vec<String>,
    /// Whether there are more.
    pub has_next: bool,
    /// As of which position.
    pub at: Position,
}

/// Why a question cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum QuestionError {
    /// A field is unknown, not sortable, or the value does not fit it.
    #[error("{message}")]
    Invalid {
        /// `unknown_field`, `not_sortable`, `not_filterable`, `wrong_value`, `bad_cursor`,
        /// `out_of_range`.
        code: &'static str,
        /// What is wrong.
        message: String,
        /// Which parameter or field.
        field: String,
    },
    /// Too many objects would have to be looked at.
    #[error("the filter looks at too many objects; filter by an indexed field")]
    TooExpensive,
    /// Ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Answers a question.
///
/// # Errors
/// When it is wrongly asked, too expensive, or the database fails.
pub async fn page(log: &Log, kind: &KindDecl, question: &Question) -> Result<Page, QuestionError> {
    if question.first > PAGE_MAX {
        let message = format!("a page has at most {PAGE_MAX} objects");
        return Err(invalid("out_of_range", "first", message));
    }
    let plan = Plan::of(log, kind, question)?;
    let start = cursor::start(log, kind, question, &plan)?;
    let mut after = start.after;
    let (wanted, mut looked_at) = (question.first + 1, 0);
    let mut documents = Vec::with_capacity(wanted);
    while documents.len() < wanted {
        let limit = if plan.is_exact() { wanted } else { CHUNK };
        let rows = log.list(plan.query(kind, after.take(), limit, start.at)).await?;
        let found = rows.iter().filter(|document| plan.holds(document)).cloned();
        documents.extend(found.take(wanted - documents.len()));
        looked_at += rows.len();
        after = rows.last().map(|document| plan.keys(document));
        if rows.len() < limit {
            break;
        }
        if looked_at >= BUDGET && documents.len() < wanted {
            return Err(QuestionError::TooExpensive);
        }
    }
    let has_next = documents.len() > question.first;
    documents.truncate(question.first);
    let cursors = documents.iter().map(|d| cursor::of(log, kind, &plan, start.at, d)).collect();
    Ok(Page { documents, cursors, has_next, at: start.at })
}

/// How many objects match over all pages, counting at most `limit`.
///
/// # Errors
/// When it is wrongly asked, too expensive, or the database fails.
pub async fn total(
    log: &Log,
    kind: &KindDecl,
    question: &Question,
    limit: u64,
) -> Result<u64, QuestionError> {
    let plan = Plan::of(log, kind, question)?;
    let at = cursor::start(log, kind, question, &plan)?.at;
    if plan.is_exact() {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        return Ok(log.count(&plan.query(kind, None, limit, at)).await?);
    }
    let (mut count, mut looked_at, mut after) = (0, 0, None);
    while count < limit {
        let rows = log.list(plan.query(kind, after.take(), CHUNK, at)).await?;
        count += rows.iter().filter(|document| plan.holds(document)).count() as u64;
        looked_at += rows.len();
        after = rows.last().map(|document| plan.keys(document));
        if rows.len() < CHUNK {
            break;
        }
        if looked_at >= BUDGET {
            return Err(QuestionError::TooExpensive);
        }
    }
    Ok(count.min(limit))
}

fn invalid(code: &'static str, field: &str, message: impl Into<String>) -> QuestionError {
    QuestionError::Invalid { code, message: message.into(), field: field.to_owned() }
}

impl Plan {
    fn query(
        &self,
        kind: &KindDecl,
        after: Option<Vec<SlotValue>>,
        limit: usize,
        at: Position,
    ) -> ListQuery {
        ListQuery {
            kind: kind.row.name.to_owned(),
            conditions: self.conditions.clone(),
            search: self.search.clone(),
            order: self.order.clone(),
            after,
            limit,
            at,
        }
    }
}

#[cfg(test)]
mod tests;
