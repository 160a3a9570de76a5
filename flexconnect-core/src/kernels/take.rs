//! Rows of arrays by their positions.

use std::sync::Arc;

use arrow_array::builder::GenericByteBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowDictionaryKeyType, ByteArrayType};
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, GenericByteArray, Int16Array, Int32Array, Int64Array,
    RecordBatch, RecordBatchOptions, StructArray, UnionArray, downcast_dictionary_array, make_array,
    new_null_array,
};
use arrow_buffer::{ArrowNativeType, BooleanBuffer, Buffer, MutableBuffer, NullBuffer, ScalarBuffer};
use arrow_data::ArrayData;
use arrow_data::transform::MutableArrayData;
use arrow_schema::{ArrowError, DataType, UnionMode};

use super::cells::{fixed_bytes, width};
use super::indirect::places;

/// The rows of the batch for which the condition is true.
pub(crate) fn filter_batch(batch: &RecordBatch, wanted: &BooleanArray) -> Result<RecordBatch, ArrowError> {
    let wanted = match wanted.nulls() {
        Some(nulls) => wanted.values() & nulls.inner(),
        None => wanted.values().clone(),
    };
    let count = wanted.count_set_bits();
    if count == batch.num_rows() {
        return Ok(batch.clone());
    }
    if count == 0 {
        return Ok(RecordBatch::new_empty(batch.schema()));
    }
    let mut rows = Vec::with_capacity(count);
    rows.extend(wanted.set_indices());
    let columns: Result<_, _> = batch.columns().iter().map(|column| take(column, &rows, None)).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(count));
    RecordBatch::try_new_with_options(batch.schema(), columns?, &options)
}

/// The values of these rows, each of which the array has.
///
/// `absent` is as long as the rows are many, and null for those that shall be null whatever the array says. Of an empty
/// array they are all null, and `rows` may be empty.
///
/// # Errors
///
/// When the result is too large for its type, which only rows taken more than once can make it.
pub(crate) fn take(
    array: &dyn Array,
    rows: &[usize],
    absent: Option<&NullBuffer>,
) -> Result<ArrayRef, ArrowError> {
    if array.is_empty() {
        return Ok(new_null_array(array.data_type(), absent.map_or(0, NullBuffer::len)));
    }
    let own = array.nulls().filter(|nulls| nulls.null_count() > 0);
    let own = own.map(|nulls| NullBuffer::new(bits(nulls.inner(), rows)));
    let nulls = NullBuffer::union(own.as_ref(), absent);
    Ok(match array.data_type() {
        DataType::Boolean => Arc::new(BooleanArray::new(bits(array.as_boolean().values(), rows), nulls)),
        // Rows that mostly follow each other are copied many at a time.
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Binary | DataType::LargeBinary
            if rows.windows(2).filter(|pair| pair[1] != pair[0] + 1).count() < rows.len() / 4 =>
        {
            any(array, rows, absent)?
        }
        DataType::Utf8 => Arc::new(texts(array.as_string::<i32>(), rows, nulls)?),
        DataType::LargeUtf8 => Arc::new(texts(array.as_string::<i64>(), rows, nulls)?),
        DataType::Binary => Arc::new(texts(array.as_binary::<i32>(), rows, nulls)?),
        DataType::LargeBinary => Arc::new(texts(array.as_binary::<i64>(), rows, nulls)?),
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns().iter().map(|column| take(column, rows, None));
            let columns = columns.collect::<Result<_, _>>()?;
            Arc::new(StructArray::try_new_with_length(fields.clone(), columns, nulls, rows.len())?)
        }
        DataType::Union(fields, UnionMode::Sparse) => {
            let union = array.as_union();
            let ids = ScalarBuffer::new(fixed::<1>(union.type_ids().inner(), rows), 0, rows.len());
            let children = fields.iter().map(|(id, _)| take(union.child(id), rows, None));
            Arc::new(UnionArray::try_new(fields.clone(), ids, None, children.collect::<Result<_, _>>()?)?)
        }
        DataType::Dictionary(..) => downcast_dictionary_array! {
            array => Arc::new(keyed(array, rows, absent)?),
            _ => unreachable!("the type is a dictionary")
        },
        DataType::RunEndEncoded(..) if absent.is_none() => runs(array, rows)?,
        other => match width(other) {
            Some(1) => fixed_array::<1>(array, rows, nulls)?,
            Some(2) => fixed_array::<2>(array, rows, nulls)?,
            Some(4) => fixed_array::<4>(array, rows, nulls)?,
            Some(8) => fixed_array::<8>(array, rows, nulls)?,
            Some(16) => fixed_array::<16>(array, rows, nulls)?,
            Some(32) => fixed_array::<32>(array, rows, nulls)?,
            _ => any(array, rows, absent)?,
        },
    })
}

fn bits(bits: &BooleanBuffer, rows: &[usize]) -> BooleanBuffer {
    BooleanBuffer::collect_bool(rows.len(), |index| bits.value(rows[index]))
}

/// Values of `N` bytes each, whatever they are.
fn fixed<const N: usize>(values: &[u8], rows: &[usize]) -> Buffer {
    let (values, _) = values.as_chunks::<N>();
    let mut taken = MutableBuffer::from_len_zeroed(rows.len() * N);
    for (to, row) in taken.as_slice_mut().as_chunks_mut::<N>().0.iter_mut().zip(rows) {
        *to = values[*row];
    }
    taken.into()
}

fn fixed_array<const N: usize>(
    array: &dyn Array,
    rows: &[usize],
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, ArrowError> {
    let data = array.to_data();
    let values = fixed::<N>(fixed_bytes(&data, N), rows);
    let taken = ArrayData::builder(data.data_type().clone()).len(rows.len()).nulls(nulls).add_buffer(values);
    taken.build().map(make_array)
}

fn keyed<K: ArrowDictionaryKeyType>(
    array: &DictionaryArray<K>,
    rows: &[usize],
    absent: Option<&NullBuffer>,
) -> Result<DictionaryArray<K>, ArrowError> {
    let keys = take(array.keys(), rows, absent)?;
    DictionaryArray::try_new(keys.as_primitive().clone(), array.values().clone())
}

/// Texts or bytes; a builder takes them for what they are, where any other way they were checked again.
fn texts<T: ByteArrayType>(
    array: &GenericByteArray<T>,
    rows: &[usize],
    nulls: Option<NullBuffer>,
) -> Result<GenericByteArray<T>, ArrowError> {
    let offsets = array.value_offsets();
    let bytes = rows.iter().map(|row| offsets[row + 1].as_usize() - offsets[*row].as_usize()).sum();
    if T::Offset::from_usize(bytes).is_none() {
        return Err(ArrowError::OffsetOverflowError(bytes));
    }
    let mut taken = GenericByteBuilder::<T>::with_capacity(rows.len(), bytes);
    match nulls {
        None => rows.iter().for_each(|row| taken.append_value(array.value(*row))),
        Some(nulls) => {
            for (row, is_valid) in rows.iter().zip(&nulls) {
                if is_valid { taken.append_value(array.value(*row)) } else { taken.append_null() }
            }
        }
    }
    Ok(taken.finish())
}

/// Runs of the runs that are left: a run is as long as many of its rows follow each other.
fn runs(array: &dyn Array, rows: &[usize]) -> Result<ArrayRef, ArrowError> {
    let (places, values) = places(array).expect("the type is one of runs");
    let (mut taken, mut ends) = (Vec::<usize>::new(), Vec::new());
    for (index, row) in rows.iter().enumerate() {
        if taken.last() != Some(&places[*row]) {
            taken.push(places[*row]);
            ends.push(index);
        }
        *ends.last_mut().expect("the first row begins a run") = index + 1;
    }
    let values = take(&values, &taken, None)?;
    let fits = || ArrowError::InvalidArgumentError("more rows than the ends of runs can count".into());
    let ends: ArrayRef = match array.data_type() {
        DataType::RunEndEncoded(field, _) if *field.data_type() == DataType::Int16 => {
            let ends = ends.into_iter().map(|end| i16::try_from(end).map_err(|_| fits()));
            Arc::new(Int16Array::from(ends.collect::<Result<Vec<_>, _>>()?))
        }
        DataType::RunEndEncoded(field, _) if *field.data_type() == DataType::Int32 => {
            let ends = ends.into_iter().map(|end| i32::try_from(end).map_err(|_| fits()));
            Arc::new(Int32Array::from(ends.collect::<Result<Vec<_>, _>>()?))
        }
        _ => Arc::new(Int64Array::from_iter_values(ends.into_iter().map(|end| end as i64))),
    };
    let taken = ArrayData::builder(array.data_type().clone()).len(rows.len());
    taken.add_child_data(ends.to_data()).add_child_data(values.to_data()).build().map(make_array)
}

/// Whatever the type: one copy for all rows that follow each other.
fn any(array: &dyn Array, rows: &[usize], absent: Option<&NullBuffer>) -> Result<ArrayRef, ArrowError> {
    let data = array.to_data();
    let mut taken = MutableArrayData::new(vec![&data], absent.is_some(), rows.len());
    let is_absent = |index| absent.is_some_and(|nulls| nulls.is_null(index));
    let mut index = 0;
    while index < rows.len() {
        let start = index;
        index += 1;
        if is_absent(start) {
            taken.try_extend_nulls(1)?;
            continue;
        }
        while index < rows.len() && rows[index] == rows[index - 1] + 1 && !is_absent(index) {
            index += 1;
        }
        taken.try_extend(0, rows[start], rows[index - 1] + 1)?;
    }
    Ok(make_array(taken.freeze()))
}
