//! Rows of any Arrow type as bytes that are equal when the rows are, so that two reads can be compared in any order.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int16Type, Int32Type, Int64Type, RunEndIndexType};
use arrow_array::{Array, OffsetSizeTrait, RecordBatch, RunArray};
use arrow_buffer::ArrowNativeType;
use arrow_schema::{ArrowError, DataType};

/// One row.
pub(crate) type Row = Vec<u8>;

/// All rows of these batches, in their order.
pub(crate) fn rows<'a>(batches: impl IntoIterator<Item = &'a RecordBatch>) -> Result<Vec<Row>, ArrowError> {
    let mut all = Vec::new();
    for batch in batches {
        let mut rows = vec![Row::new(); batch.num_rows()];
        for column in batch.columns() {
            append(column, &mut rows)?;
        }
        all.extend(rows);
    }
    Ok(all)
}

/// How rows that came differ from those that should have come, whatever their order; `None` when they do not.
pub(crate) fn difference(expected: &[Row], came: &[Row]) -> Option<String> {
    if expected == came {
        return None;
    }
    let mut counts: HashMap<&Row, i64> = HashMap::new();
    for row in came {
        *counts.entry(row).or_default() += 1;
    }
    let (mut missing, mut first) = (0, None);
    for (number, row) in expected.iter().enumerate() {
        let count = counts.entry(row).or_default();
        *count -= 1;
        if *count < 0 {
            missing += 1;
            first.get_or_insert(number);
        }
    }
    let extra: i64 = counts.values().filter(|count| **count > 0).sum();
    if missing == 0 && extra == 0 {
        return None;
    }
    let mut parts = Vec::new();
    if let Some(first) = first {
        parts.push(format!("{missing} are missing (the first would be number {first})"));
    }
    if extra > 0 {
        parts.push(format!("{extra} should not be there"));
    }
    Some(format!("{} rows came, {} were expected: {}", came.len(), expected.len(), parts.join(" and ")))
}

/// How many of these rows the others lack, each of which stands for one.
pub(crate) fn lacking(rows: &[Row], others: &[Row]) -> usize {
    let mut left: HashMap<&Row, usize> = HashMap::new();
    for row in others {
        *left.entry(row).or_default() += 1;
    }
    let mut lacking = 0;
    for row in rows {
        match left.get_mut(row) {
            Some(count) if *count > 0 => *count -= 1,
            _ => lacking += 1,
        }
    }
    lacking
}

/// Each cell of a column.
fn cells(array: &dyn Array) -> Result<Vec<Row>, ArrowError> {
    let mut rows = vec![Row::new(); array.len()];
    append(array, &mut rows)?;
    Ok(rows)
}

/// Appends each cell to its row: whether there is a value, and the value, with a length before all that has one, so
/// that cells next to each other stay apart.
fn append(array: &dyn Array, rows: &mut [Row]) -> Result<(), ArrowError> {
    let nulls = array.logical_nulls();
    let mut put = |value: &mut dyn FnMut(usize, &mut Row)| {
        for (number, row) in rows.iter_mut().enumerate() {
            let is_null = nulls.as_ref().is_some_and(|nulls| nulls.is_null(number));
            row.push(u8::from(!is_null));
            if !is_null {
                value(number, row);
            }
        }
    };
    macro_rules! bytes {
        ($array:expr) => {{
            let array = $array;
            put(&mut |number, row| framed(array.value(number).as_ref(), row))
        }};
    }
    match array.data_type() {
        DataType::Null => put(&mut |_, _| {}),
        DataType::Boolean => {
            let array = array.as_boolean();
            put(&mut |number, row| row.push(u8::from(array.value(number))));
        }
        DataType::Utf8 => bytes!(array.as_string::<i32>()),
        DataType::LargeUtf8 => bytes!(array.as_string::<i64>()),
        DataType::Utf8View => bytes!(array.as_string_view()),
        DataType::Binary => bytes!(array.as_binary::<i32>()),
        DataType::LargeBinary => bytes!(array.as_binary::<i64>()),
        DataType::BinaryView => bytes!(array.as_binary_view()),
        DataType::FixedSizeBinary(_) => bytes!(array.as_fixed_size_binary()),
        DataType::List(_) => lists::<i32>(array, &mut put)?,
        DataType::LargeList(_) => lists::<i64>(array, &mut put)?,
        DataType::ListView(_) => views::<i32>(array, &mut put)?,
        DataType::LargeListView(_) => views::<i64>(array, &mut put)?,
        DataType::FixedSizeList(_, size) => {
            let (array, size) = (array.as_fixed_size_list(), usize::try_from(*size).unwrap_or_default());
            let inner = cells(array.values())?;
            put(&mut |number, row| joined(&inner, number * size, size, row));
        }
        DataType::Map(..) => {
            let array = array.as_map();
            let inner = cells(array.entries())?;
            let offsets = array.value_offsets();
            put(&mut |number, row| {
                let start = offsets[number].as_usize();
                joined(&inner, start, offsets[number + 1].as_usize() - start, row);
            });
        }
        DataType::Struct(_) => {
            let mut inner = vec![Row::new(); array.len()];
            for column in array.as_struct().columns() {
                append(column, &mut inner)?;
            }
            put(&mut |number, row| row.extend(&inner[number]));
        }
        DataType::Dictionary(..) => {
            let array = array.as_any_dictionary();
            let inner = cells(array.values())?;
            // Of an empty dictionary there is no key to normalise.
            let keys = if inner.is_empty() { vec![0; array.len()] } else { array.normalized_keys() };
            put(&mut |number, row| row.extend(inner.get(keys[number]).into_iter().flatten()));
        }
        DataType::RunEndEncoded(ends, _) => match ends.data_type() {
            DataType::Int16 => runs::<Int16Type>(array, &mut put)?,
            DataType::Int32 => runs::<Int32Type>(array, &mut put)?,
            _ => runs::<Int64Type>(array, &mut put)?,
        },
        DataType::Union(..) => {
            let array = array.as_union();
            let inner: Result<Vec<Row>, ArrowError> =
                (0..array.len()).map(|number| Ok(cells(&array.value(number))?.concat())).collect();
            let inner = inner?;
            put(&mut |number, row| {
                row.push(array.type_id(number).cast_unsigned());
                row.extend(&inner[number]);
            });
        }
        other => {
            let width = other.primitive_width().ok_or_else(|| {
                ArrowError::NotYetImplemented(format!("rows with a column of type {other} are not compared"))
            })?;
            let data = array.to_data();
            let bytes = data.buffers()[0].as_slice();
            put(&mut |number, row| row.extend(&bytes[(data.offset() + number) * width..][..width]));
        }
    }
    Ok(())
}

/// Calls this for each row that has a value, to append it.
type Put<'a> = dyn FnMut(&mut dyn FnMut(usize, &mut Row)) + 'a;

fn framed(bytes: &[u8], row: &mut Row) {
    row.extend((bytes.len() as u64).to_le_bytes());
    row.extend(bytes);
}

fn joined(inner: &[Row], start: usize, length: usize, row: &mut Row) {
    row.extend((length as u64).to_le_bytes());
    inner.iter().skip(start).take(length).for_each(|cell| row.extend(cell));
}

fn lists<O: OffsetSizeTrait>(array: &dyn Array, put: &mut Put<'_>) -> Result<(), ArrowError> {
    let array = array.as_list::<O>();
    let inner = cells(array.values())?;
    put(&mut |number, row| {
        let start = array.value_offsets()[number].as_usize();
        joined(&inner, start, array.value_length(number).as_usize(), row);
    });
    Ok(())
}

fn views<O: OffsetSizeTrait>(array: &dyn Array, put: &mut Put<'_>) -> Result<(), ArrowError> {
    let array = array.as_list_view::<O>();
    let inner = cells(array.values())?;
    put(&mut |number, row| {
        let start = array.value_offsets()[number].as_usize();
        joined(&inner, start, array.value_sizes()[number].as_usize(), row);
    });
    Ok(())
}

fn runs<R: RunEndIndexType>(array: &dyn Array, put: &mut Put<'_>) -> Result<(), ArrowError> {
    let array: &RunArray<R> = array.as_run();
    let inner = cells(array.values())?;
    put(&mut |number, row| row.extend(&inner[array.get_physical_index(number)]));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::builder::{Int32Builder, ListBuilder};
    use arrow_array::{ArrayRef, DictionaryArray, Int64Array, RunArray, StringArray};

    use super::*;

    fn of(array: impl Array + 'static) -> Vec<Row> {
        let array: ArrayRef = Arc::new(array);
        cells(&array).unwrap()
    }

    #[test]
    fn equal_values_are_equal_bytes_in_every_layout() {
        let plain = of(StringArray::from(vec![Some("a"), None, Some("b"), Some("a")]));
        let keyed: DictionaryArray<Int32Type> =
            vec![Some("a"), None, Some("b"), Some("a")].into_iter().collect();
        // A dictionary's value is a cell of its own.
        let keyed = of(keyed);
        assert_eq!((keyed[0] == keyed[3], keyed[0] == keyed[2]), (true, false));
        assert_eq!((plain[0] == plain[3], plain[1].len()), (true, 1));
        let sliced = StringArray::from(vec![Some("x"), Some("a")]).slice(1, 1);
        assert_eq!(of(sliced)[0], plain[0]);
        let runs: RunArray<Int32Type> = vec!["a", "a", "b"].into_iter().collect();
        let runs = of(runs.slice(1, 2));
        assert_eq!((runs.len(), runs[0] == runs[1]), (2, false));
    }

    #[test]
    fn cells_beside_each_other_do_not_run_together() {
        let batch = |a: &str, b: &str| {
            let column = |text: &str| Arc::new(StringArray::from(vec![text.to_owned()])) as ArrayRef;
            RecordBatch::try_from_iter([("a", column(a)), ("b", column(b))]).unwrap()
        };
        assert_ne!(rows([&batch("ab", "c")]).unwrap(), rows([&batch("a", "bc")]).unwrap());
        let mut lists = ListBuilder::new(Int32Builder::new());
        lists.append_value([Some(1), None]);
        lists.append_null();
        lists.append_value([Some(1)]);
        let lists = of(lists.finish());
        assert_eq!(lists.iter().collect::<std::collections::HashSet<_>>().len(), 3);
    }

    #[test]
    fn a_difference_says_what_is_missing_and_what_is_too_much() {
        let rows = |numbers: &[i64]| of(Int64Array::from(numbers.to_vec()));
        assert_eq!(difference(&rows(&[1, 2, 2]), &rows(&[2, 1, 2])), None);
        let text = difference(&rows(&[1, 2, 2]), &rows(&[1, 2, 3])).unwrap();
        assert!(text.contains("1 are missing (the first would be number 2)"), "{text}");
        assert!(text.contains("1 should not be there"), "{text}");
    }
}
