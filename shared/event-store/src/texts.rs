//! Sealed texts of a log: the keys under which they are sealed, and opening them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Fault;
use crate::log::Log;
use crate::prepare::SubjectKey;
use crate::seal::SecretKey;

impl Log {
    pub(crate) async fn subject_key(
        &self,
        subject: &str,
        exists: bool,
    ) -> Result<SubjectKey, Fault> {
        let context = format!("{}/{subject}", self.tenant);
        if exists {
            let subjects = [subject.to_owned()];
            if let Some(key) = self.subject_keys(&subjects).await?.remove(subject) {
                return Ok(SubjectKey { key, context, unstored: None });
            }
        }
        let key = SecretKey::generate()?;
        let wrapped = self.store.tenant_key(&self.tenant).await?.wrap(&key, &context)?;
        Ok(SubjectKey { key, context, unstored: Some(wrapped) })
    }

    async fn subject_keys(&self, subjects: &[String]) -> Result<HashMap<String, SecretKey>, Fault> {
        let cache = &self.store.caches.subject_keys;
        let (mut known, mut missing) = (HashMap::new(), Vec::new());
        for subject in subjects {
            match cache.get(&(self.tenant.clone(), subject.clone())) {
                Some(key) => drop(known.insert(subject.clone(), key)),
                None => missing.push(subject.clone()),
            }
        }
        if missing.is_empty() {
            return Ok(known);
        }
        let tenant_key = self.store.tenant_key(&self.tenant).await?;
        for (subject, wrapped) in self.store.engine.subject_keys(&self.tenant, &missing).await? {
            let key = tenant_key.unwrap_key(&wrapped, &format!("{}/{subject}", self.tenant))?;
            cache.insert((self.tenant.clone(), subject.clone()), key.clone());
            known.insert(subject, key);
        }
        Ok(known)
    }

    /// Opens sealed texts by hash. What is missing in the answer was erased.
    ///
    /// # Errors
    /// When a sealed value is not what was stored.
    pub async fn open_texts(&self, hashes: &[String]) -> Result<HashMap<String, Arc<str>>, Fault> {
        let cache = &self.store.caches.texts;
        let (mut texts, mut missing) = (HashMap::new(), Vec::new());
        for hash in hashes {
            match cache.get(&(self.tenant.clone(), hash.clone())) {
                Some(text) => drop(texts.insert(hash.clone(), text)),
                None => missing.push(hash.clone()),
            }
        }
        if missing.is_empty() {
            return Ok(texts);
        }
        let blobs = self.store.engine.blobs(&self.tenant, &missing).await?;
        let mut subjects: Vec<_> = blobs.iter().map(|blob| blob.subject.clone()).collect();
        subjects.sort_unstable();
        subjects.dedup();
        let keys = self.subject_keys(&subjects).await?;
        for blob in blobs {
            let Some(key) = keys.get(&blob.subject) else { continue };
            let context = format!("{}/{}", self.tenant, blob.subject);
            let text: Arc<str> = key.open(&blob.bytes, &context)?.into();
            cache.insert((self.tenant.clone(), blob.hash.clone()), Arc::clone(&text));
            texts.insert(blob.hash, text);
        }
        Ok(texts)
    }
}
