//! What has been made of the schema: the parts that documents like the last ones need, up to a
//! bound, and the whole while somebody looks at the schema itself.

use std::sync::{Arc, Weak};
use std::time::Duration;

use async_graphql::dynamic::SchemaError;
use async_graphql::parser::types::ExecutableDocument;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::build;
use super::extent::Extent;
use super::model::Model;
use super::types::Built;

/// How large all parts that are kept may be; they take about 1.4 kilobytes for each.
const PARTS_SIZE: u64 = 8_000;
/// A usual part is about so large.
const PART_SIZE: u64 = 150;
/// How long the whole is kept once it was made.
const WHOLE_KEPT: Duration = Duration::from_secs(60);

#[derive(Clone)]
struct Size;

impl Weighter<String, Arc<Built>> for Size {
    fn weight(&self, _: &String, built: &Arc<Built>) -> u64 {
        built.size
    }
}

/// The schema as far as it is made.
pub struct Schemas {
    model: Arc<Model>,
    parts: Cache<String, Arc<Built>, Size>,
    whole: Mutex<Weak<Built>>,
}

impl Schemas {
    /// Nothing is made yet.
    pub fn of(model: Arc<Model>) -> Self {
        let items = usize::try_from(PARTS_SIZE / PART_SIZE).unwrap_or_default();
        let parts = Cache::with_weighter(items, PARTS_SIZE, Size);
        Self { model, parts, whole: Mutex::default() }
    }

    /// A schema that answers and refuses a document as the whole does.
    ///
    /// # Errors
    /// When the declarations do not fit together.
    pub async fn answering(
        &self,
        document: &ExecutableDocument,
        runtime: &Handle,
    ) -> Result<Arc<Built>, SchemaError> {
        let extent = Extent::of(document);
        if let Extent::Part(names) = &extent {
            let made = || build(&self.model, extent.clone()).map(Arc::new);
            if let Ok(part) = self.parts.get_or_insert_with(&names.key(), made) {
                return Ok(part);
            }
        }
        self.whole(runtime).await
    }

    /// The whole. There is one at a time, however many ask for it.
    async fn whole(&self, runtime: &Handle) -> Result<Arc<Built>, SchemaError> {
        let mut made = self.whole.lock().await;
        if let Some(whole) = made.upgrade() {
            return Ok(whole);
        }
        let model = Arc::clone(&self.model);
        let making = runtime.spawn_blocking(move || build(&model, Extent::Whole).map(Arc::new));
        let whole = making.await.map_err(|error| SchemaError(error.to_string()))??;
        *made = Arc::downgrade(&whole);
        let kept = Arc::clone(&whole);
        runtime.spawn(async move {
            tokio::time::sleep(WHOLE_KEPT).await;
            drop(kept);
        });
        Ok(whole)
    }
}
