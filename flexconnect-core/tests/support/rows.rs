//! Rows of derived tables as batches, and back.

use std::fmt::Debug;

use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::record::{Accepts, Finished, RowBuffer};
use flexconnect_core::{FromBatch, Table};

fn finish<R: Accepts<R>>(rows: impl IntoIterator<Item = R>) -> Finished {
    let mut buffer = R::Buffer::new(None, 0).unwrap();
    rows.into_iter().for_each(|row| R::push(&mut buffer, row));
    buffer.finish().unwrap()
}

/// The rows, all of which fit.
#[track_caller]
pub(crate) fn batch<R: Accepts<R>>(rows: impl IntoIterator<Item = R>) -> RecordBatch {
    let finished = finish(rows);
    assert!(finished.fault.is_none(), "{:?}", finished.fault);
    finished.batch
}

/// What is said of the first row that does not fit.
#[track_caller]
pub(crate) fn fault<R: Accepts<R>>(rows: impl IntoIterator<Item = R>) -> String {
    finish(rows).fault.unwrap().to_string()
}

/// The rows as a batch, which reads back as the same rows, also from the middle of a longer one.
#[track_caller]
pub(crate) fn round_trip<R>(rows: &[R]) -> RecordBatch
where
    R: Accepts<R> + FromBatch + Clone + PartialEq + Debug,
{
    let written = batch(rows.iter().cloned());
    assert_eq!(R::from_batch(&written).unwrap(), rows);
    R::check_schema(&written.schema()).unwrap();
    let twice = batch(rows.iter().chain(rows).cloned());
    assert_eq!(R::from_batch(&twice.slice(rows.len(), rows.len())).unwrap(), rows);
    assert_eq!(R::from_batch(&twice.slice(1, 1)).unwrap(), [rows.iter().chain(rows).nth(1).unwrap().clone()]);
    written
}

/// The type of a column, in words.
pub(crate) fn type_of<T: Table>(name: &str) -> String {
    T::schema().field_with_name(name).unwrap().data_type().to_string()
}
