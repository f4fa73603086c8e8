//! What was derived from logs, on SQLite.

use async_trait::async_trait;
use kernel::{Position, TenantId};

use super::super::{Derived, sql};
use super::SqliteEngine;
use crate::error::Fault;

#[async_trait]
impl Derived for SqliteEngine {
    async fn derived(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<Option<(Position, Vec<u8>)>, Fault> {
        self.reader(tenant).derived(name).await
    }

    async fn put_derived(
        &self,
        tenant: &TenantId,
        name: &str,
        position: Position,
        bytes: &[u8],
    ) -> Result<(), Fault> {
        let query = sqlx::query(sql::PUT_DERIVED).bind(tenant.as_str()).bind(name);
        query.bind(position.as_i64()).bind(bytes).execute(&self.writer).await?;
        Ok(())
    }
}
