//! Where runs of equal values begin.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, OffsetSizeTrait};
use arrow_buffer::{BooleanBuffer, OffsetBuffer};
use arrow_schema::DataType;

use super::cells::{Cells, fixed_bytes, width};
use super::indirect::places;

/// The rows whose value is another than that of the row before, the first of all among them.
///
/// Nulls are equal to each other, floats to those of the same bits. List views and whatever holds one are never equal.
pub(crate) fn starts(array: &ArrayRef) -> Vec<usize> {
    let changes = match (width(array.data_type()), Cells::of(array)) {
        (Some(1), _) => fixed_changes::<1>(array),
        (Some(2), _) => fixed_changes::<2>(array),
        (Some(4), _) => fixed_changes::<4>(array),
        (Some(8), _) => fixed_changes::<8>(array),
        (Some(16), _) => fixed_changes::<16>(array),
        (_, Some(Cells::Offsets(texts))) => changes(array.len(), |a, b| texts.value(a) == texts.value(b)),
        (_, Some(cells)) => changes(array.len(), |a, b| cells.get(a) == cells.get(b)),
        _ => match same_values(array) {
            Some(same) => changes(array.len(), same),
            None => BooleanBuffer::new_set(array.len()),
        },
    };
    let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) else {
        return changes.set_indices().collect();
    };
    let begins = |row: &usize| match (*row > 0 && nulls.is_valid(row - 1), nulls.is_valid(*row)) {
        (true, true) => changes.value(*row),
        (before, now) => *row == 0 || before != now,
    };
    (0..array.len()).filter(begins).collect()
}

/// The same of values of `N` bytes.
fn fixed_changes<const N: usize>(array: &ArrayRef) -> BooleanBuffer {
    let data = array.to_data();
    let (values, _) = fixed_bytes(&data, N).as_chunks::<N>();
    changes(array.len(), |a, b| values[a] == values[b])
}

/// For each row whether its value is another than that before, as if none were null.
fn changes(rows: usize, same: impl Fn(usize, usize) -> bool) -> BooleanBuffer {
    BooleanBuffer::collect_bool(rows, |row| row == 0 || !same(row - 1, row))
}

/// Whether two rows have equal values.
type Same = Box<dyn Fn(usize, usize) -> bool>;

/// `None` for types whose values are not compared.
fn same(array: &dyn Array) -> Option<Same> {
    let values = same_values(array)?;
    let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0).cloned() else {
        return Some(values);
    };
    Some(Box::new(move |a, b| match (nulls.is_valid(a), nulls.is_valid(b)) {
        (true, true) => values(a, b),
        (a, b) => a == b,
    }))
}

/// The same of rows that are not null.
fn same_values(array: &dyn Array) -> Option<Same> {
    Some(match array.data_type() {
        DataType::Null => Box::new(|_, _| true),
        DataType::Boolean => {
            let bits = array.as_boolean().values().clone();
            Box::new(move |a, b| bits.value(a) == bits.value(b))
        }
        DataType::Struct(_) => {
            let columns = array.as_struct().columns().iter().map(|column| same(column));
            let columns = columns.collect::<Option<Vec<_>>>()?;
            Box::new(move |a, b| columns.iter().all(|same| same(a, b)))
        }
        DataType::List(_) => same_lists(array.as_list::<i32>().offsets(), array.as_list::<i32>().values())?,
        DataType::LargeList(_) => {
            same_lists(array.as_list::<i64>().offsets(), array.as_list::<i64>().values())?
        }
        DataType::Map(..) => same_lists(array.as_map().offsets(), array.as_map().entries())?,
        DataType::FixedSizeList(_, size) => {
            let size = usize::try_from(*size).ok()?;
            let items = same(array.as_fixed_size_list().values())?;
            Box::new(move |a, b| (0..size).all(|item| items(a * size + item, b * size + item)))
        }
        DataType::Union(fields, _) => {
            let union = array.as_union().clone();
            let variants = fields.iter().map(|(id, _)| Some((id, same(union.child(id))?)));
            let variants = variants.collect::<Option<HashMap<_, _>>>()?;
            Box::new(move |a, b| {
                let (id, other) = (union.type_id(a), union.type_id(b));
                id == other && variants[&id](union.value_offset(a), union.value_offset(b))
            })
        }
        DataType::Dictionary(..) | DataType::RunEndEncoded(..) => {
            let (places, values) = places(array)?;
            let values = same(&values)?;
            Box::new(move |a, b| places[a] == places[b] || values(places[a], places[b]))
        }
        _ => {
            let cells = Cells::of(array)?;
            Box::new(move |a, b| cells.get(a) == cells.get(b))
        }
    })
}

fn same_lists<O: OffsetSizeTrait>(offsets: &OffsetBuffer<O>, items: &dyn Array) -> Option<Same> {
    let (offsets, items) = (offsets.clone(), same(items)?);
    let range = move |row: usize| (offsets[row].as_usize(), offsets[row + 1].as_usize());
    Some(Box::new(move |a, b| {
        let ((a, end_of_a), (b, end_of_b)) = (range(a), range(b));
        end_of_a - a == end_of_b - b && (0..end_of_a - a).all(|item| items(a + item, b + item))
    }))
}
