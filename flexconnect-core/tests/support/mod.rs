//! Opening and reading connectors in tests.
#![allow(dead_code, reason = "each test crate uses a part")]

pub(crate) mod rows;

use std::sync::Arc;

use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::arrow_array::cast::AsArray;
use flexconnect_core::arrow_array::types::Int64Type;
use flexconnect_core::{Connector, Dataset, Error, ReadRequest};
use futures::StreamExt;
use futures::executor::block_on;

pub(crate) fn open<C: Connector<Config = ()>>() -> Arc<dyn Dataset> {
    block_on(flexconnect_core::open::<C, ()>([C::NAME], (), &())).unwrap()
}

/// A connector built by hand, as a dataset.
pub(crate) fn opened<C: Connector<Config = ()>>(connector: C) -> Arc<dyn Dataset> {
    flexconnect_core::dataset_of::<C, ()>([C::NAME], connector)
}

/// All batches, and the error that ended them.
pub(crate) fn collect(dataset: Arc<dyn Dataset>, request: ReadRequest) -> (Vec<RecordBatch>, Option<Error>) {
    block_on(async {
        let mut batches = match dataset.read(request).await {
            Ok(batches) => batches,
            Err(error) => return (Vec::new(), Some(error)),
        };
        let mut all = Vec::new();
        while let Some(batch) = batches.next().await {
            match batch {
                Ok(batch) => {
                    assert_eq!(batch.schema(), batches.schema());
                    all.push(batch);
                }
                Err(error) => {
                    assert!(batches.next().await.is_none(), "nothing follows an error");
                    return (all, Some(error));
                }
            }
        }
        (all, None)
    })
}

pub(crate) fn read<C: Connector<Config = ()>>(request: ReadRequest) -> Result<Vec<RecordBatch>, Error> {
    let (batches, error) = collect(open::<C>(), request);
    error.map_or(Ok(batches), Err)
}

/// The `id` column.
pub(crate) fn ids(batches: Result<Vec<RecordBatch>, Error>) -> Vec<i64> {
    let batches = batches.unwrap();
    let column = |batch: &RecordBatch| {
        batch.column_by_name("id").unwrap().as_primitive::<Int64Type>().values().to_vec()
    };
    batches.iter().flat_map(column).collect()
}
