//! What the connectors' tests share: a read or a write through a plugin, as any door makes it.

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use flexconnect_core::{Dataset, Error, Plugin, ReadRequest};
use futures::TryStreamExt;
use serde_json::Value;
use std::sync::Arc;

/// The only table of a plugin, opened with a client's values.
pub(crate) async fn open(plugin: impl Into<Plugin>, config: Value) -> Result<Arc<dyn Dataset>, Error> {
    let entry = plugin.into().list().await.into_iter().next().expect("a table is mounted");
    let Value::Object(config) = config else { panic!("a configuration is an object") };
    entry.open(config).await
}

/// All rows of a read, in one batch.
pub(crate) async fn rows(dataset: &Arc<dyn Dataset>, request: ReadRequest) -> Result<RecordBatch, Error> {
    let batches = dataset.clone().read(request).await?;
    let schema = batches.schema();
    let batches: Vec<RecordBatch> = batches.try_collect().await?;
    Ok(concat_batches(&schema, &batches).expect("batches of one read have one schema"))
}
