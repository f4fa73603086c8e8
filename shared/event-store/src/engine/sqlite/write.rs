//! Writing on SQLite: several rows per statement, in few sizes, so that the statements are
//! prepared once.

use kernel::{Instant, Position, TenantId};
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection};

use super::super::row;
use super::super::{AnswerRow, BlobRow, DocumentRow, EventRow, Head, interval_node};
use crate::error::Fault;

/// Rows per statement, largest first; each size is one prepared statement per table.
const SIZES: [usize; 3] = [16, 4, 1];

/// A document with its owner.
pub(super) type Owned<'a> = (&'a TenantId, &'a DocumentRow);

type Bound<'q> = Query<'q, Sqlite, SqliteArguments>;

/// A statement over a list of rows: what stands before and after `values (…), (…)`.
struct Rows {
    start: &'static str,
    columns: usize,
    end: &'static str,
}

impl Rows {
    fn sql(&self, rows: usize) -> String {
        let row = format!("({})", vec!["?"; self.columns].join(", "));
        format!("{} values {} {}", self.start, vec![row; rows].join(", "), self.end)
    }

    /// Writes all rows and returns how many were changed.
    async fn write<T>(
        &self,
        connection: &mut SqliteConnection,
        rows: &[T],
        bind: impl for<'q> Fn(Bound<'q>, &T) -> Bound<'q>,
    ) -> Result<u64, Fault> {
        let (mut rest, mut changed) = (rows, 0);
        for size in SIZES {
            while rest.len() >= size {
                let (chunk, others) = rest.split_at(size);
                // The words are ours, the values parameters.
                let query = sqlx::query(AssertSqlSafe(self.sql(size)));
                let query = chunk.iter().fold(query, &bind);
                changed += query.execute(&mut *connection).await?.rows_affected();
                rest = others;
            }
        }
        Ok(changed)
    }
}

const EVENTS: Rows = Rows {
    start: "insert into event (tenant, position, stream, kind, version, name, at, effective, \
         leaf, header, payload)",
    columns: 11,
    end: "",
};

const HISTORY: Rows = Rows {
    start: "insert into document_history (tenant, id, kind, version, from_position, at, \
         created_at, shape, dated, t0, t1, t2, n0, n1, n2, search, body, to_position, node)",
    columns: 19,
    end: "",
};

const CURRENT: Rows = Rows {
    start: "insert into document (tenant, id, kind, version, from_position, at, created_at, \
         shape, dated, t0, t1, t2, n0, n1, n2, search, body)",
    columns: 17,
    end: "on conflict (tenant, id) do update set kind = excluded.kind, \
         version = excluded.version, from_position = excluded.from_position, at = excluded.at, \
         created_at = excluded.created_at, shape = excluded.shape, dated = excluded.dated, \
         t0 = excluded.t0, t1 = excluded.t1, t2 = excluded.t2, \
         n0 = excluded.n0, n1 = excluded.n1, n2 = excluded.n2, \
         search = excluded.search, body = excluded.body \
         where document.from_position < excluded.from_position",
};

const HEADS: Rows = Rows {
    start: "update log_head set position = new.column2, at = new.column3, frontier = new.column4 \
         from (",
    columns: 4,
    end: ") as new where log_head.tenant = new.column1",
};

const ANSWERS: Rows = Rows {
    start: "insert into answer (tenant, key, fingerprint, answer, at)",
    columns: 5,
    end: "",
};

const BLOBS: Rows =
    Rows { start: "insert into blob (tenant, hash, subject, bytes)", columns: 4, end: "" };

const SUBJECT_KEYS: Rows =
    Rows { start: "insert into subject_key (tenant, subject, wrapped)", columns: 3, end: "" };

pub(super) async fn events(to: &mut SqliteConnection, rows: &[EventRow]) -> Result<(), Fault> {
    let written = EVENTS.write(to, rows, |query, event| {
        query
            .bind(event.tenant.as_str().to_owned())
            .bind(event.position.as_i64())
            .bind(event.stream.clone())
            .bind(event.kind.clone())
            .bind(event.version.cast_signed())
            .bind(event.name.clone())
            .bind(event.at.micros())
            .bind(event.effective.map(Instant::micros))
            .bind(event.leaf.to_vec())
            .bind(event.header.clone())
            .bind(event.payload.clone())
    });
    row::expect_rows("events", rows.len(), written.await?)
}

fn bind_version<'q>(query: Bound<'q>, (tenant, row): &Owned<'_>) -> Bound<'q> {
    query
        .bind(tenant.as_str().to_owned())
        .bind(row.id.clone())
        .bind(row.kind.clone())
        .bind(row.version.cast_signed())
        .bind(row.from.as_i64())
        .bind(row.at.micros())
        .bind(row.created_at.micros())
        .bind(i64::from(row.shape))
        .bind(row.dated)
        .bind(row.slots.text[0].clone())
        .bind(row.slots.text[1].clone())
        .bind(row.slots.text[2].clone())
        .bind(row.slots.number[0])
        .bind(row.slots.number[1])
        .bind(row.slots.number[2])
        .bind(row.search.clone())
        .bind(row.body.clone())
}

/// Versions that ended.
pub(super) async fn history(to: &mut SqliteConnection, rows: &[Owned<'_>]) -> Result<(), Fault> {
    let written = HISTORY.write(to, rows, |query, version| {
        let (from, until) = (version.1.from, version.1.to);
        bind_version(query, version)
            .bind(until.map(Position::as_i64))
            .bind(until.map(|until| interval_node(from, until)))
    });
    row::expect_rows("ended documents", rows.len(), written.await?)
}

/// Versions that stand.
pub(super) async fn current(to: &mut SqliteConnection, rows: &[Owned<'_>]) -> Result<(), Fault> {
    let written = CURRENT.write(to, rows, bind_version);
    row::expect_rows("documents", rows.len(), written.await?)
}

pub(super) async fn heads(to: &mut SqliteConnection, rows: &[Head]) -> Result<(), Fault> {
    let written = HEADS.write(to, rows, |query, head| {
        query
            .bind(head.tenant.as_str().to_owned())
            .bind(head.position.as_i64())
            .bind(head.at.micros())
            .bind(head.frontier.clone())
    });
    row::expect_rows("heads", rows.len(), written.await?)
}

pub(super) async fn answers(
    to: &mut SqliteConnection,
    rows: &[(TenantId, AnswerRow)],
) -> Result<(), Fault> {
    let written = ANSWERS.write(to, rows, |query, (tenant, answer)| {
        query
            .bind(tenant.as_str().to_owned())
            .bind(answer.key.clone())
            .bind(answer.fingerprint.clone())
            .bind(answer.answer.clone())
            .bind(answer.at.micros())
    });
    row::expect_rows("answers", rows.len(), written.await?)
}

pub(super) async fn blobs(
    to: &mut SqliteConnection,
    rows: &[(TenantId, BlobRow)],
) -> Result<(), Fault> {
    let written = BLOBS.write(to, rows, |query, (tenant, blob)| {
        query
            .bind(tenant.as_str().to_owned())
            .bind(blob.hash.clone())
            .bind(blob.subject.clone())
            .bind(blob.bytes.clone())
    });
    row::expect_rows("blobs", rows.len(), written.await?)
}

pub(super) async fn subject_keys(
    to: &mut SqliteConnection,
    rows: &[(TenantId, String, Vec<u8>)],
) -> Result<(), Fault> {
    let written = SUBJECT_KEYS.write(to, rows, |query, (tenant, subject, wrapped)| {
        query.bind(tenant.as_str().to_owned()).bind(subject.clone()).bind(wrapped.clone())
    });
    row::expect_rows("subject keys", rows.len(), written.await?)
}
