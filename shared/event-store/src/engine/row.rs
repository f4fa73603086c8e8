//! Rows as both engines select them: the column lists, and how they become the contract's types.

use std::sync::Arc;

use kernel::{Instant, Position, TenantId};
use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

use super::{AnswerRow, BlobRow, DocumentRow, EventRow, Head, Parked, ParkedWork, Retry, Slots};
use crate::error::Fault;

/// Typed access to a row by column number.
pub(super) trait Columns {
    fn text(&self, column: usize) -> Result<String, sqlx::Error>;
    fn text_or_null(&self, column: usize) -> Result<Option<String>, sqlx::Error>;
    fn shared_text(&self, column: usize) -> Result<Arc<str>, sqlx::Error>;
    fn number(&self, column: usize) -> Result<i64, sqlx::Error>;
    fn number_or_null(&self, column: usize) -> Result<Option<i64>, sqlx::Error>;
    fn bytes(&self, column: usize) -> Result<Vec<u8>, sqlx::Error>;
    fn truth(&self, column: usize) -> Result<bool, sqlx::Error>;
}

/// The bodies are the same words for both drivers, whose traits have no common bound short
/// enough to read.
macro_rules! columns {
    ($row:ty) => {
        impl Columns for $row {
            fn text(&self, column: usize) -> Result<String, sqlx::Error> {
                self.try_get(column)
            }
            fn text_or_null(&self, column: usize) -> Result<Option<String>, sqlx::Error> {
                self.try_get(column)
            }
            fn shared_text(&self, column: usize) -> Result<Arc<str>, sqlx::Error> {
                self.try_get::<&str, _>(column).map(Arc::from)
            }
            fn number(&self, column: usize) -> Result<i64, sqlx::Error> {
                self.try_get(column)
            }
            fn number_or_null(&self, column: usize) -> Result<Option<i64>, sqlx::Error> {
                self.try_get(column)
            }
            fn bytes(&self, column: usize) -> Result<Vec<u8>, sqlx::Error> {
                self.try_get(column)
            }
            fn truth(&self, column: usize) -> Result<bool, sqlx::Error> {
                self.try_get(column)
            }
        }
    };
}
columns!(PgRow);
columns!(SqliteRow);

/// Reads every row.
pub(super) fn all<R, T>(
    rows: &[R],
    read: impl Fn(&R) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    rows.iter().map(read).collect()
}

pub(super) fn head(row: &impl Columns) -> Result<Head, Fault> {
    head_from(row, 0)
}

/// A head whose columns begin at `first`.
pub(super) fn head_from(row: &impl Columns, first: usize) -> Result<Head, Fault> {
    Ok(Head {
        tenant: TenantId::new(row.text(first)?),
        log: row.text(first + 1)?,
        position: position(row.number(first + 2)?),
        at: Instant::from_micros(row.number(first + 3)?),
        simulated: row.truth(first + 4)?,
        frontier: row.bytes(first + 5)?,
    })
}

pub(super) fn event(row: &impl Columns) -> Result<EventRow, Fault> {
    let leaf = row.bytes(10)?;
    let stored = leaf.len();
    Ok(EventRow {
        tenant: TenantId::new(row.text(0)?),
        position: position(row.number(1)?),
        stream: row.text(2)?,
        kind: row.text(3)?,
        version: row.number(4)?.cast_unsigned(),
        name: row.text(5)?,
        at: Instant::from_micros(row.number(6)?),
        effective: row.number_or_null(7)?.map(Instant::from_micros),
        header: row.bytes(8)?,
        payload: row.bytes(9)?,
        leaf: leaf.try_into().map_err(|_| corrupt("a leaf hash has 32 bytes", stored))?,
    })
}

pub(super) fn document(row: &impl Columns) -> Result<DocumentRow, Fault> {
    let shape = row.number(7)?;
    Ok(DocumentRow {
        id: row.text(0)?,
        kind: row.text(1)?,
        version: row.number(2)?.cast_unsigned(),
        from: position(row.number(3)?),
        to: row.number_or_null(4)?.map(position),
        at: Instant::from_micros(row.number(5)?),
        created_at: Instant::from_micros(row.number(6)?),
        shape: shape.try_into().map_err(|_| corrupt("a shape is a small number", shape))?,
        dated: row.truth(8)?,
        slots: Slots {
            text: [row.text_or_null(9)?, row.text_or_null(10)?, row.text_or_null(11)?],
            number: [row.number_or_null(12)?, row.number_or_null(13)?, row.number_or_null(14)?],
        },
        search: row.text(15)?,
        body: row.shared_text(16)?,
    })
}

pub(super) fn answer(row: &impl Columns) -> Result<AnswerRow, Fault> {
    answer_from(row, 0)
}

/// An answer whose columns begin at `first`.
pub(super) fn answer_from(row: &impl Columns, first: usize) -> Result<AnswerRow, Fault> {
    Ok(AnswerRow {
        key: row.text(first)?,
        fingerprint: row.bytes(first + 1)?,
        answer: row.bytes(first + 2)?,
        at: Instant::from_micros(row.number(first + 3)?),
    })
}

pub(super) fn blob(row: &impl Columns) -> Result<BlobRow, Fault> {
    Ok(BlobRow { hash: row.text(0)?, subject: row.text(1)?, bytes: row.bytes(2)? })
}

pub(super) fn position(value: i64) -> Position {
    Position::from_i64(value)
}

/// A limit as the 64-bit number that both databases take.
pub(super) fn count(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(super) fn corrupt(rule: &str, found: impl std::fmt::Display) -> Fault {
    Fault::Corrupt(format!("{rule}, not {found}"))
}

/// A batch that touched other rows than it was to touch must not be committed.
pub(super) fn expect_rows(what: &str, expected: usize, found: u64) -> Result<(), Fault> {
    if u64::try_from(expected).is_ok_and(|expected| expected == found) {
        return Ok(());
    }
    Err(Fault::Corrupt(format!("{expected} {what} were to be changed, {found} were found")))
}

/// A row of `parked!`.
pub(super) fn parked(row: &impl Columns) -> Result<ParkedWork, Fault> {
    let retry = Retry {
        attempts: u32::try_from(row.number(5)?).unwrap_or(u32::MAX),
        at: row.number_or_null(6)?.map(Instant::from_micros),
    };
    Ok(ParkedWork {
        subscriber: row.text(0)?,
        tenant: TenantId::new(row.text(1)?),
        parked: Parked {
            stream: row.text(2)?,
            position: position(row.number(3)?),
            error: row.text(4)?,
            retry,
        },
    })
}
