//! The cells of one column, by its type.

use arrow_array::types::*;
use arrow_schema::DataType;

use super::bytes::{Bytes, FixedBytes, Views};
use super::dictionary::dictionary;
use crate::predicate::Value;
use crate::record::fixed::{self, fixed};
use crate::scalar::json::Reason;

/// The cells of one column.
pub(super) type Cells = dyn fixed::Cells<Value, Reason>;

/// No cells yet of a column of this type; `None` when no value fills it.
pub(super) fn cells(data_type: &DataType, capacity: usize) -> Option<Box<Cells>> {
    use DataType::*;

    Some(match *data_type {
        Utf8 => Box::new(Bytes::<Utf8Type>::new(capacity)),
        LargeUtf8 => Box::new(Bytes::<LargeUtf8Type>::new(capacity)),
        Utf8View => Box::new(Views::<StringViewType>::new()),
        Binary => Box::new(Bytes::<BinaryType>::new(capacity)),
        LargeBinary => Box::new(Bytes::<LargeBinaryType>::new(capacity)),
        BinaryView => Box::new(Views::<BinaryViewType>::new()),
        FixedSizeBinary(size) => Box::new(FixedBytes::new(size, capacity)?),
        Dictionary(ref keys, ref values) => return dictionary(keys, values, capacity),
        _ => return fixed(data_type, capacity),
    })
}
