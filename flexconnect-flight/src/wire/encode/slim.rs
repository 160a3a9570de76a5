//! Slices that hold on to nothing but their rows: IPC would send the memory of a whole batch with each slice of some
//! types.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, FixedSizeListArray, GenericListArray, GenericListViewArray, MapArray, OffsetSizeTrait,
    RecordBatch, RecordBatchOptions, StructArray, UInt32Array, UInt64Array, UnionArray, make_array,
};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, UnionMode};
use flexconnect_core::{Error, ErrorKind};

/// Whether a slice of this type is encoded with more than its own rows.
pub(super) fn is_bulky(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8View | DataType::BinaryView | DataType::ListView(_) | DataType::LargeListView(_) => {
            true
        }
        DataType::Union(_, UnionMode::Dense) => true,
        DataType::Union(fields, UnionMode::Sparse) => {
            fields.iter().any(|(_, field)| is_bulky(field.data_type()))
        }
        DataType::Struct(fields) => fields.iter().any(|field| is_bulky(field.data_type())),
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::FixedSizeList(field, _)
        | DataType::Map(field, _)
        | DataType::RunEndEncoded(_, field) => is_bulky(field.data_type()),
        _ => false,
    }
}

/// The same rows, on their own.
pub(super) fn slim(batch: &RecordBatch) -> Result<RecordBatch, Error> {
    let slimmed = || {
        let columns = batch.columns().iter().map(slim_column).collect::<Result<_, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(batch.schema(), columns, &options)
    };
    slimmed().map_err(|error| {
        Error::new(ErrorKind::Internal, "rows could not be cut out of their batch").with_source(error)
    })
}

fn slim_column(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    if !is_bulky(column.data_type()) {
        return Ok(column.clone());
    }
    let nulls = column.nulls().cloned();
    Ok(match column.data_type() {
        DataType::Utf8View => Arc::new(column.as_string_view().gc()),
        DataType::BinaryView => Arc::new(column.as_binary_view().gc()),
        DataType::ListView(_) => Arc::new(slim_view(column.as_list_view::<i32>())?),
        DataType::LargeListView(_) => Arc::new(slim_view(column.as_list_view::<i64>())?),
        DataType::List(_) => Arc::new(slim_list(column.as_list::<i32>())?),
        DataType::LargeList(_) => Arc::new(slim_list(column.as_list::<i64>())?),
        DataType::Map(field, ordered) => {
            let map = column.as_map();
            let (offsets, first, length) = rebased(map.offsets());
            let entries = slim_column(&(Arc::new(map.entries().slice(first, length)) as ArrayRef))?;
            Arc::new(MapArray::try_new(field.clone(), offsets, entries.as_struct().clone(), nulls, *ordered)?)
        }
        DataType::FixedSizeList(field, size) if *size > 0 => {
            let values = slim_column(column.as_fixed_size_list().values())?;
            Arc::new(FixedSizeListArray::try_new(field.clone(), *size, values, nulls)?)
        }
        DataType::Struct(fields) => {
            let columns = column.as_struct().columns().iter().map(slim_column).collect::<Result<_, _>>()?;
            Arc::new(StructArray::try_new(fields.clone(), columns, nulls)?)
        }
        DataType::Union(_, mode) => {
            let rows = match mode {
                // Taking them is what leaves out the values of other rows.
                UnionMode::Dense => {
                    arrow_select::take::take(column, &UInt32Array::from_iter_values(0..len(column)?), None)?
                }
                UnionMode::Sparse => column.clone(),
            };
            let (fields, types, offsets, children) = rows.as_union().clone().into_parts();
            let children = children.iter().map(slim_column).collect::<Result<_, _>>()?;
            Arc::new(UnionArray::try_new(fields, types, offsets, children)?)
        }
        DataType::RunEndEncoded(_, _) => {
            let rows =
                arrow_select::take::take(column, &UInt32Array::from_iter_values(0..len(column)?), None)?
                    .to_data();
            let mut children = rows.child_data().to_vec();
            if let Some(values) = children.last_mut() {
                *values = slim_column(&make_array(values.clone()))?.to_data();
            }
            make_array(rows.into_builder().child_data(children).build()?)
        }
        _ => column.clone(),
    })
}

fn len(column: &ArrayRef) -> Result<u32, ArrowError> {
    u32::try_from(column.len()).map_err(|error| ArrowError::ComputeError(error.to_string()))
}

fn slim_list<O: OffsetSizeTrait>(list: &GenericListArray<O>) -> Result<GenericListArray<O>, ArrowError> {
    let (offsets, first, length) = rebased(list.offsets());
    let values = slim_column(&list.values().slice(first, length))?;
    let (field, _, _, nulls) = list.clone().into_parts();
    GenericListArray::try_new(field, offsets, values, nulls)
}

/// The offsets from 0 on, and where the values they spoke of are.
fn rebased<O: OffsetSizeTrait>(offsets: &OffsetBuffer<O>) -> (OffsetBuffer<O>, usize, usize) {
    let (first, last) = (offsets[0], offsets[offsets.len() - 1]);
    let rebased: ScalarBuffer<O> = offsets.iter().map(|offset| *offset - first).collect();
    (OffsetBuffer::new(rebased), first.as_usize(), (last - first).as_usize())
}

/// Lists whose values may lie in any order, and may be shared.
fn slim_view<O: OffsetSizeTrait>(
    list: &GenericListViewArray<O>,
) -> Result<GenericListViewArray<O>, ArrowError> {
    let (field, offsets, sizes, values, nulls) = list.clone().into_parts();
    let is_null = |row| nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
    // A list that is null or empty may point anywhere.
    let places = offsets.iter().zip(&sizes).enumerate().map(|(row, (offset, size))| {
        let size = if is_null(row) { 0 } else { size.as_usize() };
        (if size == 0 { 0 } else { offset.as_usize() }, size)
    });
    let places: Vec<(usize, usize)> = places.collect();
    let used = places.iter().filter(|(_, size)| *size > 0);
    let first = used.clone().map(|(offset, _)| *offset).min().unwrap_or(0);
    let end = used.clone().map(|(offset, size)| offset + size).max().unwrap_or(0);
    let total: usize = used.map(|(_, size)| *size).fold(0, usize::saturating_add);
    let mut starts = Vec::with_capacity(places.len());
    let values = if total < end - first {
        let mut next = 0;
        for (_, size) in &places {
            starts.push(next);
            next += size;
        }
        let indices = places.iter().flat_map(|(offset, size)| *offset as u64..(offset + size) as u64);
        arrow_select::take::take(&values, &UInt64Array::from_iter_values(indices), None)?
    } else {
        // Values that are shared stay shared.
        starts.extend(places.iter().map(|(offset, _)| offset.saturating_sub(first)));
        values.slice(first, end - first)
    };
    let offsets: ScalarBuffer<O> = starts.into_iter().map(O::usize_as).collect();
    let sizes: ScalarBuffer<O> = places.iter().map(|(_, size)| O::usize_as(*size)).collect();
    GenericListViewArray::try_new(field, offsets, sizes, slim_column(&values)?, nulls)
}

#[cfg(test)]
mod tests {
    use arrow_array::builder::{Int32Builder, ListViewBuilder, MapBuilder, StringViewBuilder};
    use arrow_array::types::Int32Type;
    use arrow_array::{Int32Array, Int64Array, ListArray, RunArray, StringViewArray};
    use arrow_schema::{Field, UnionFields};

    use super::super::ipc::Encoder;
    use super::*;

    const ROWS: usize = 1000;

    fn views(rows: usize) -> ArrayRef {
        Arc::new(StringViewArray::from_iter(
            (0..rows).map(|row| (row % 7 != 3).then(|| format!("{row:0100}"))),
        ))
    }

    fn view_lists() -> ArrayRef {
        let mut lists = ListViewBuilder::new(Int32Builder::new());
        for row in 0..ROWS as i32 {
            lists.values().append_slice(&[row; 20]);
            lists.append(row % 5 != 2);
        }
        Arc::new(lists.finish())
    }

    fn bulky() -> Vec<ArrayRef> {
        let field =
            |name: &str, column: &ArrayRef| Arc::new(Field::new(name, column.data_type().clone(), true));
        let (values, lists) = (views(ROWS), view_lists());
        let pairs = views(2 * ROWS);
        let offsets = || OffsetBuffer::<i32>::from_lengths(std::iter::repeat_n(2, ROWS));
        let list = ListArray::new(field("item", &pairs), offsets(), pairs.clone(), None);
        let fixed = FixedSizeListArray::new(field("item", &pairs), 2, pairs, None);
        let both = StructArray::new(
            vec![field("a", &values), field("b", &lists)].into(),
            vec![values.clone(), lists.clone()],
            None,
        );
        let mut map = MapBuilder::new(None, Int32Builder::new(), StringViewBuilder::new());
        for row in 0..ROWS {
            map.keys().append_value(row as i32);
            map.values().append_value(format!("{row:0100}"));
            map.append(true).unwrap();
        }
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..ROWS as i64));
        let fields: UnionFields = [(0, field("n", &numbers)), (1, field("t", &values))].into_iter().collect();
        let types = || (0..ROWS).map(|row| (row % 2) as i8).collect::<ScalarBuffer<i8>>();
        let children = || vec![numbers.clone(), values.clone()];
        let halves = (0..ROWS as i32).map(|row| row / 2).collect();
        let dense = UnionArray::try_new(fields.clone(), types(), Some(halves), children()).unwrap();
        let sparse = UnionArray::try_new(fields, types(), None, children()).unwrap();
        let ends = Int32Array::from_iter_values((1..=ROWS as i32 / 2).map(|end| 2 * end));
        let runs = RunArray::<Int32Type>::try_new(&ends, &views(ROWS / 2)).unwrap();
        let of = |column: ArrayRef| column;
        vec![
            values.clone(),
            lists,
            of(Arc::new(list)),
            of(Arc::new(fixed)),
            of(Arc::new(both)),
            of(Arc::new(map.finish())),
            of(Arc::new(dense)),
            of(Arc::new(sparse)),
            of(Arc::new(runs)),
        ]
    }

    /// How many bytes the column takes in a message.
    fn encoded(column: &ArrayRef) -> usize {
        let batch = RecordBatch::try_from_iter_with_nullable([("c", column.clone(), true)]).unwrap();
        Encoder::new(&batch.schema(), None).unwrap().encode(&batch).unwrap().rows.len()
    }

    #[test]
    fn a_slice_keeps_its_rows_and_nothing_else() {
        for column in bulky() {
            assert!(is_bulky(column.data_type()), "{}", column.data_type());
            for (start, length) in [(0, ROWS), (333, 10), (ROWS - 1, 1), (500, 0)] {
                let slice = column.slice(start, length);
                let slimmed = slim_column(&slice).unwrap();
                assert_eq!(&slimmed, &slice, "{} {start} {length}", column.data_type());
                let (size, whole) = (encoded(&slimmed), encoded(&column));
                let at_most = whole * length / ROWS + 2000;
                assert!(size <= at_most, "{}: {length} rows take {size} bytes", column.data_type());
            }
        }
    }

    #[test]
    fn values_that_lists_share_stay_shared() {
        let values: ArrayRef = Arc::new(Int32Array::from_iter_values(0..1000));
        let field = Arc::new(Field::new("item", DataType::Int32, false));
        let (offsets, sizes) = (ScalarBuffer::from(vec![10; 5000]), ScalarBuffer::from(vec![900; 5000]));
        let lists = GenericListViewArray::<i32>::new(field, offsets, sizes, values, None);
        let slimmed = slim_view(&lists).unwrap();
        assert_eq!((slimmed.values().len(), slimmed.value(4999).len()), (900, 900));
        assert_eq!(slimmed, lists);
    }
}
