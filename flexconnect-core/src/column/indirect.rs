//! Columns that name their values: dictionaries and runs.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int16Type, Int32Type, Int64Type, RunEndIndexType};
use arrow_array::{Array, ArrayRef, RunArray, UInt64Array};
use arrow_schema::DataType;
use arrow_select::take::take;

/// Which value each row has, and the values; `None` for any other type. Without values every row is null, and there
/// are no places.
pub(super) fn places(array: &ArrayRef) -> Option<(Vec<usize>, ArrayRef)> {
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
pub(super) fn plain(array: &ArrayRef) -> Option<ArrayRef> {
    if let Some(dictionary) = array.as_any_dictionary_opt() {
        return take(dictionary.values(), dictionary.keys(), None).ok();
    }
    let (places, values) = places(array)?;
    let places = UInt64Array::from_iter_values(places.into_iter().map(|place| place as u64));
    take(&values, &places, None).ok()
}

fn runs<R: RunEndIndexType>(array: &ArrayRef) -> Option<(Vec<usize>, ArrayRef)> {
    let runs = array.as_any().downcast_ref::<RunArray<R>>()?;
    let places = (0..runs.len()).map(|row| runs.get_physical_index(row)).collect();
    Some((places, runs.values().clone()))
}
