//! Columns that name their values: dictionaries and runs.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int16Type, Int32Type, Int64Type, RunEndIndexType};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::ArrowNativeType;
use arrow_schema::DataType;

use super::take::take;

/// Which value each row has, and the values; `None` for any other type. A null key has any place; without values every
/// row is null, and there are no places.
pub(crate) fn places(array: &dyn Array) -> Option<(Vec<usize>, ArrayRef)> {
    match array.data_type() {
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary_opt()?;
            let values = dictionary.values();
            let places = if values.is_empty() { Vec::new() } else { dictionary.normalized_keys() };
            Some((places, values.clone()))
        }
        DataType::RunEndEncoded(ends, _) => match ends.data_type() {
            DataType::Int16 => runs::<Int16Type>(array),
            DataType::Int32 => runs::<Int32Type>(array),
            DataType::Int64 => runs::<Int64Type>(array),
            _ => None,
        },
        _ => None,
    }
}

/// The values row by row; `None` for a column that has them so already.
pub(crate) fn plain(array: &dyn Array) -> Option<ArrayRef> {
    let (places, values) = places(array)?;
    // Of a dictionary its keys' nulls; runs have none of their own.
    take(&values, &places, array.nulls()).ok()
}

fn runs<R: RunEndIndexType>(array: &dyn Array) -> Option<(Vec<usize>, ArrayRef)> {
    let runs = array.as_run_opt::<R>()?;
    let mut places = Vec::with_capacity(runs.len());
    for (place, end) in runs.run_ends().sliced_values().enumerate() {
        places.resize(end.as_usize(), place);
    }
    Some((places, runs.values_slice()))
}
