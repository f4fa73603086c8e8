//! What was derived from logs, on PostgreSQL.

use async_trait::async_trait;
use kernel::{Position, TenantId};

use super::super::{Derived, sql};
use super::PostgresEngine;
use crate::error::Fault;

#[async_trait]
impl Derived for PostgresEngine {
    async fn derived(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<Option<(Position, Vec<u8>)>, Fault> {
        self.reader(tenant).await?.derived(name).await
    }

    async fn put_derived(
        &self,
        tenant: &TenantId,
        name: &str,
        position: Position,
        bytes: &[u8],
    ) -> Result<(), Fault> {
        let mut tx = self.appender(std::slice::from_ref(tenant)).await?;
        let query = sqlx::query(sql::PUT_DERIVED).bind(tenant.as_str()).bind(name);
        query.bind(position.as_i64()).bind(bytes).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }
}
