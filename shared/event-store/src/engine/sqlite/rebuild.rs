//! Replaces the documents of one tenant on SQLite.

use kernel::{Position, TenantId};
use sqlx::{Sqlite, Transaction};

use super::super::{DocumentRow, row};
use super::write;
use crate::error::Fault;

/// Throws the documents away and stores these, in one transaction of the writer.
pub(super) async fn replace(
    mut tx: Transaction<'static, Sqlite>,
    tenant: &TenantId,
    head: Position,
    rows: &[DocumentRow],
) -> Result<(), Fault> {
    let found: Option<i64> = sqlx::query_scalar("select position from log_head where tenant = $1")
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
    let (ended, standing): (Vec<_>, Vec<_>) =
        rows.iter().map(|row| (tenant, row)).partition(|(_, row)| row.to.is_some());
    write::history(&mut tx, &ended).await?;
    write::current(&mut tx, &standing).await?;
    tx.commit().await?;
    Ok(())
}
