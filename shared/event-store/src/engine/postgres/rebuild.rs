//! Replaces the documents of one tenant on PostgreSQL.

use kernel::{Position, TenantId};
use sqlx::{Postgres, Transaction};

use super::super::DocumentRow;
use super::super::row;
use super::batch::bind_versions;
use super::sql;
use crate::error::Fault;

/// Rows per statement.
const CHUNK: usize = 1_000;

/// Throws the documents away and stores these, in one transaction with the head locked.
pub(super) async fn replace(
    mut tx: Transaction<'static, Postgres>,
    tenant: &TenantId,
    head: Position,
    rows: &[DocumentRow],
) -> Result<(), Fault> {
    let found: Option<i64> =
        sqlx::query_scalar("select position from log_head where tenant = $1 for update")
            .bind(tenant.as_str())
            .fetch_optional(&mut *tx)
            .await?;
    if found != Some(head.as_i64()) {
        let found = row::position(found.unwrap_or_default());
        return Err(row::corrupt(&format!("the log was rebuilt up to {head}"), found));
    }
    for statement in
        ["delete from document where tenant = $1", "delete from document_history where tenant = $1"]
    {
        sqlx::query(statement).bind(tenant.as_str()).execute(&mut *tx).await?;
    }
    for chunk in rows.chunks(CHUNK) {
        let versions = chunk.iter().map(|row| (tenant, row));
        bind_versions(sqlx::query(sql::REBUILD), versions).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(())
}
