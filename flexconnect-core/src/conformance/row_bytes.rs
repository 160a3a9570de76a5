//! Rows of any Arrow type as bytes that are equal when the rows are, so that two reads can be compared in any order.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int16Type, Int32Type, Int64Type, RunEndIndexType};
use arrow_array::{Array, OffsetSizeTrait, RecordBatch, RunArray};
use arrow_schema::{ArrowError, DataType};

/// One row.
pub(crate) type Row = Vec<u8>;

/// All rows of these batches, in their order.
pub(crate) fn rows<'a>(batches: impl IntoIterator<Item = &'a RecordBatch>) -> Result<Vec<Row>, ArrowError> {
    let mut all = Vec::new();
    for batch in batches {
        let mut rows = vec![Row::new(); batch.num_rows()];
        for column in batch.columns() {
            append(&mut rows, cells(column)?);
        }
        all.extend(rows);
    }
    Ok(all)
}

/// How rows that came differ from those that should have come, whatever their order; `None` when they do not.
pub(crate) fn difference(expected: &[Row], came: &[Row]) -> Option<String> {
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

fn append(rows: &mut [Row], cells: Vec<Row>) {
    for (row, cell) in rows.iter_mut().zip(cells) {
        row.extend(cell);
    }
}

/// Each cell of a column; a length before all that has one, so that cells next to each other stay apart.
fn cells(array: &dyn Array) -> Result<Vec<Row>, ArrowError> {
    let values = values(array)?;
    let nulls = array.logical_nulls();
    let is_null = |row| nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
    let cell = |(row, value): (usize, Row)| if is_null(row) { vec![0] } else { [&[1], &value[..]].concat() };
    Ok(values.into_iter().enumerate().map(cell).collect())
}

/// The bytes of each value; those of a null mean nothing.
fn values(array: &dyn Array) -> Result<Vec<Row>, ArrowError> {
    let length = array.len();
    Ok(match array.data_type() {
        DataType::Null => vec![Row::new(); length],
        DataType::Boolean => {
            let array = array.as_boolean();
            (0..length).map(|row| vec![u8::from(array.value(row))]).collect()
        }
        DataType::Utf8 => each(length, |row| array.as_string::<i32>().value(row).as_bytes()),
        DataType::LargeUtf8 => each(length, |row| array.as_string::<i64>().value(row).as_bytes()),
        DataType::Utf8View => each(length, |row| array.as_string_view().value(row).as_bytes()),
        DataType::Binary => each(length, |row| array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => each(length, |row| array.as_binary::<i64>().value(row)),
        DataType::BinaryView => each(length, |row| array.as_binary_view().value(row)),
        DataType::FixedSizeBinary(_) => each(length, |row| array.as_fixed_size_binary().value(row)),
        DataType::List(_) => lists::<i32>(array)?,
        DataType::LargeList(_) => lists::<i64>(array)?,
        DataType::ListView(_) => views::<i32>(array)?,
        DataType::LargeListView(_) => views::<i64>(array)?,
        DataType::FixedSizeList(_, size) => {
            let (array, size) = (array.as_fixed_size_list(), usize::try_from(*size).unwrap_or_default());
            let inner = cells(array.values())?;
            (0..length).map(|row| joined(&inner, row * size, (row + 1) * size)).collect()
        }
        DataType::Map(..) => {
            let array = array.as_map();
            let inner = cells(array.entries())?;
            let range =
                |row: usize| (array.value_offsets()[row] as usize, array.value_offsets()[row + 1] as usize);
            (0..length).map(|row| joined(&inner, range(row).0, range(row).1)).collect()
        }
        DataType::Struct(_) => {
            let mut rows = vec![Row::new(); length];
            for column in array.as_struct().columns() {
                append(&mut rows, cells(column)?);
            }
            rows
        }
        DataType::Dictionary(..) => {
            let array = array.as_any_dictionary();
            let inner = cells(array.values())?;
            let keys = array.normalized_keys();
            // The key of a null need not be one.
            keys.into_iter().map(|key| inner.get(key).cloned().unwrap_or_default()).collect()
        }
        DataType::RunEndEncoded(ends, _) => match ends.data_type() {
            DataType::Int16 => runs::<Int16Type>(array)?,
            DataType::Int32 => runs::<Int32Type>(array)?,
            _ => runs::<Int64Type>(array)?,
        },
        DataType::Union(..) => {
            let array = array.as_union();
            let value = |row| -> Result<Row, ArrowError> {
                let mut bytes = vec![array.type_id(row) as u8];
                bytes.extend(cells(&array.value(row))?.concat());
                Ok(bytes)
            };
            (0..length).map(value).collect::<Result<_, _>>()?
        }
        other => {
            let width = other.primitive_width().ok_or_else(|| {
                ArrowError::NotYetImplemented(format!("rows with a column of type {other} are not compared"))
            })?;
            let data = array.to_data();
            let bytes = data.buffers()[0].as_slice();
            each(length, |row| &bytes[(data.offset() + row) * width..][..width])
        }
    })
}

fn each<'a>(length: usize, bytes: impl Fn(usize) -> &'a [u8]) -> Vec<Row> {
    let framed = |bytes: &[u8]| [&(bytes.len() as u64).to_le_bytes(), bytes].concat();
    (0..length).map(|row| framed(bytes(row))).collect()
}

fn joined(inner: &[Row], start: usize, end: usize) -> Row {
    let mut bytes = (end.saturating_sub(start) as u64).to_le_bytes().to_vec();
    inner.get(start..end).unwrap_or_default().iter().for_each(|cell| bytes.extend(cell));
    bytes
}

fn lists<O: OffsetSizeTrait>(array: &dyn Array) -> Result<Vec<Row>, ArrowError> {
    let array = array.as_list::<O>();
    let inner = cells(array.values())?;
    let offsets = array.value_offsets();
    Ok(offsets.windows(2).map(|pair| joined(&inner, pair[0].as_usize(), pair[1].as_usize())).collect())
}

fn views<O: OffsetSizeTrait>(array: &dyn Array) -> Result<Vec<Row>, ArrowError> {
    let array = array.as_list_view::<O>();
    let inner = cells(array.values())?;
    let starts = array.value_offsets().iter().zip(array.value_sizes());
    Ok(starts
        .map(|(start, size)| joined(&inner, start.as_usize(), start.as_usize() + size.as_usize()))
        .collect())
}

fn runs<R: RunEndIndexType>(array: &dyn Array) -> Result<Vec<Row>, ArrowError> {
    let array: &RunArray<R> = array.as_run();
    let inner = cells(array.values())?;
    Ok((0..array.len()).map(|row| inner[array.get_physical_index(row)].clone()).collect())
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
