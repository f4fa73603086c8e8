//! Lists of a kind as of a position: filter, order, pages. REST and GraphQL ask the same questions
//! here, so they get the same answers, on either engine.

mod cursor;
mod field;
mod plan;

use std::sync::Arc;

use event_store::engine::{ListQuery, SlotValue};
use event_store::{Document, Fault, Log};
use identity::{Caller, Outlook};
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

/// Who looks: everybody who may read the kind sees all of it, but for outsiders.
#[derive(Clone, Copy)]
pub struct Eyes<'a> {
    /// The log.
    pub log: &'a Log,
    /// What somebody from outside the organisation sees.
    pub outlook: Option<&'a Outlook>,
}

impl<'a> Eyes<'a> {
    /// A caller's.
    pub fn of(caller: &'a Caller) -> Self {
        Self { log: &caller.log, outlook: caller.outlook.as_deref() }
    }

    /// Of somebody who sees everything.
    pub fn open(log: &'a Log) -> Self {
        Self { log, outlook: None }
    }
}

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The objects.
    pub documents: Vec<Arc<Document>>,
    /// As of which position each is shown: for an outsider what is his own is shown as of now.
    pub seen_at: Vec<Position>,
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
pub async fn page(
    eyes: Eyes<'_>,
    kind: &KindDecl,
    question: &Question,
) -> Result<Page, QuestionError> {
    if question.first > PAGE_MAX {
        let message = format!("a page has at most {PAGE_MAX} objects");
        return Err(invalid("out_of_range", "first", message));
    }
    let log = eyes.log;
    let plan = Plan::of(log, kind, question)?;
    let start = cursor::start(log, kind, question, &plan)?;
    let parts = parts(eyes, kind, question, start.at);
    let wanted = question.first + 1;
    let mut budget = BUDGET;
    let mut found = Vec::new();
    for part in &parts {
        let search = Search { eyes, kind, plan: &plan, part };
        let documents = search.up_to(wanted, start.after.clone(), &mut budget).await?;
        found.extend(documents.into_iter().map(|document| (document, part.at)));
    }
    if parts.len() > 1 {
        found.sort_by(|(a, _), (b, _)| plan.compare(a, b));
    }
    let has_next = found.len() > question.first;
    found.truncate(question.first);
    let at = parts.first().map_or(start.at, |part| part.at);
    let cursors = found.iter().map(|(d, _)| cursor::of(log, kind, &plan, at, d)).collect();
    let (documents, seen_at) = found.into_iter().unzip();
    Ok(Page { documents, seen_at, cursors, has_next, at })
}

/// How many objects match over all pages, counting at most `limit`.
///
/// # Errors
/// When it is wrongly asked, too expensive, or the database fails.
pub async fn total(
    eyes: Eyes<'_>,
    kind: &KindDecl,
    question: &Question,
    limit: u64,
) -> Result<u64, QuestionError> {
    let plan = Plan::of(eyes.log, kind, question)?;
    let at = cursor::start(eyes.log, kind, question, &plan)?.at;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut count, mut budget) = (0, BUDGET);
    for part in &parts(eyes, kind, question, at) {
        if plan.is_exact() && eyes.outlook.is_none() {
            return Ok(eyes.log.count(&plan.query(kind, None, limit, part.at)).await?);
        }
        let search = Search { eyes, kind, plan: &plan, part };
        count += search.up_to(limit - count, None, &mut budget).await?.len();
    }
    Ok(count as u64)
}

/// A part of what somebody sees: the records as of a position, or what is his own as of now.
struct Part {
    at: Position,
    own: Option<bool>,
}

/// The parts of a list. To a member it is one; to an outsider who has not fixed the point in time
/// what is his own is shown as of now, and the rest as of his ceiling.
fn parts(eyes: Eyes<'_>, kind: &KindDecl, question: &Question, at: Position) -> Vec<Part> {
    let Some(outlook) = eyes.outlook else { return vec![Part { at, own: None }] };
    // A cursor may have been given to somebody who sees further.
    let at = at.min(outlook.ceiling.position);
    if question.pinned || !outlook.may_own(kind.row.name) {
        return vec![Part { at, own: None }];
    }
    let newest = outlook.head.position;
    vec![Part { at, own: Some(false) }, Part { at: newest, own: Some(true) }]
}

/// A search through one part.
struct Search<'a> {
    eyes: Eyes<'a>,
    kind: &'a KindDecl,
    plan: &'a Plan,
    part: &'a Part,
}

impl Search<'_> {
    /// The first objects after a place that meet the plan and are seen.
    async fn up_to(
        &self,
        wanted: usize,
        mut after: Option<Vec<SlotValue>>,
        budget: &mut usize,
    ) -> Result<Vec<Arc<Document>>, QuestionError> {
        let (log, plan) = (self.eyes.log, self.plan);
        let is_exact = plan.is_exact() && self.eyes.outlook.is_none();
        let mut documents = Vec::new();
        while documents.len() < wanted {
            let limit = if is_exact { wanted } else { CHUNK };
            let rows = log.list(plan.query(self.kind, after.take(), limit, self.part.at)).await?;
            for document in rows.iter().filter(|document| plan.holds(document)) {
                if documents.len() < wanted && self.is_seen(document).await? {
                    documents.push(Arc::clone(document));
                }
            }
            *budget = budget.saturating_sub(rows.len());
            after = rows.last().map(|document| plan.keys(document));
            if rows.len() < limit {
                break;
            }
            if *budget == 0 && documents.len() < wanted {
                return Err(QuestionError::TooExpensive);
            }
        }
        Ok(documents)
    }

    async fn is_seen(&self, document: &Document) -> Result<bool, Fault> {
        let Some(outlook) = self.eyes.outlook else { return Ok(true) };
        let log = self.eyes.log;
        match self.part.own {
            None => outlook.shows(log, document, self.part.at).await,
            Some(true) => outlook.owns(log, document).await,
            Some(false) => Ok(!outlook.owns(log, document).await?
                && outlook.shows(log, document, self.part.at).await?),
        }
    }
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
