//! Keys of files: the bytes that belong to an object but stand outside the database are sealed
//! under a key of their own, which stands in the database and is destroyed with them. What other
//! stores keep of the bytes (old versions, backups) is worth nothing then.

use crate::error::Fault;
use crate::log::Log;
use crate::seal::SecretKey;

impl Log {
    /// The key of an object's file; `None` when it has none, or no longer. It is read afresh each
    /// time: a key that was destroyed is gone at once, in every process.
    ///
    /// # Errors
    /// When the database fails or the key was not written by us.
    pub async fn file_key(&self, id: &str) -> Result<Option<SecretKey>, Fault> {
        let subject = subject(id);
        let engine = &self.store.engine;
        let mut found = engine.subject_keys(&self.tenant, std::slice::from_ref(&subject)).await?;
        let Some(wrapped) = found.remove(&subject) else { return Ok(None) };
        let tenant_key = self.store.tenant_key(&self.tenant).await?;
        tenant_key.unwrap_key(&wrapped, &self.key_context(&subject)).map(Some)
    }

    /// Stores the key of an object's file; false when it has another one, which stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_file_key(&self, id: &str, key: &SecretKey) -> Result<bool, Fault> {
        let subject = subject(id);
        let tenant_key = self.store.tenant_key(&self.tenant).await?;
        let wrapped = tenant_key.wrap(key, &self.key_context(&subject))?;
        self.store.engine.put_key(&self.tenant, &subject, &wrapped).await?;
        let stored = self.file_key(id).await?;
        Ok(stored.is_some_and(|stored| stored.bytes() == key.bytes()))
    }

    /// Destroys the key of an object's file; nothing happens when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn destroy_file_key(&self, id: &str) -> Result<(), Fault> {
        self.store.engine.drop_key(&self.tenant, &subject(id)).await
    }

    fn key_context(&self, subject: &str) -> String {
        format!("{}/{subject}", self.tenant)
    }
}

/// Apart from the object's texts, which outlive its file.
fn subject(id: &str) -> String {
    format!("file/{id}")
}
