//! Dictionaries brought to one, so that arrays of keys can follow each other.

use std::borrow::Cow;
use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, make_array};
use arrow_buffer::{ArrowNativeType, Buffer, NullBuffer};
use arrow_data::ArrayData;
use arrow_schema::{ArrowError, DataType};

use super::cells::Cells;
use super::concat::concat;
use super::take::take;

/// The same values, in which those dictionaries that differ from array to array are one for all.
///
/// Each distinct value that a key names is kept once; of types whose values are not compared, each value.
///
/// # Errors
///
/// When there are more values than keys.
pub(super) fn shared(parts: &[ArrayData]) -> Result<Cow<'_, [ArrayData]>, ArrowError> {
    let Some(first) = parts.first().filter(|first| names_values(first.data_type())) else {
        return Ok(Cow::Borrowed(parts));
    };
    if let DataType::Dictionary(keys, _) = first.data_type() {
        let same = parts.iter().all(|part| part.child_data()[0].ptr_eq(&first.child_data()[0]));
        if same {
            return Ok(Cow::Borrowed(parts));
        }
        let parts: Vec<ArrayRef> = parts.iter().map(|part| make_array(part.clone())).collect();
        return merged(&parts, keys).map(Cow::Owned);
    }
    let mut children: Vec<Vec<ArrayData>> = vec![Vec::new(); parts.len()];
    for index in 0..first.child_data().len() {
        let child: Vec<_> = parts.iter().map(|part| part.child_data()[index].clone()).collect();
        for (children, child) in children.iter_mut().zip(shared(&child)?.iter()) {
            children.push(child.clone());
        }
    }
    let parts = parts.iter().zip(children);
    parts.map(|(part, children)| part.clone().into_builder().child_data(children).build()).collect()
}

/// Whether the type or a part of it is a dictionary.
fn names_values(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(..) => true,
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _)
        | DataType::Map(item, _)
        | DataType::RunEndEncoded(_, item) => names_values(item.data_type()),
        DataType::Struct(fields) => fields.iter().any(|field| names_values(field.data_type())),
        DataType::Union(fields, _) => fields.iter().any(|(_, field)| names_values(field.data_type())),
        _ => false,
    }
}

/// The dictionaries over one array of values.
fn merged(parts: &[ArrayRef], keys: &DataType) -> Result<Vec<ArrayData>, ArrowError> {
    let values: Vec<_> = parts.iter().map(|part| part.as_any_dictionary().values().to_data()).collect();
    let values = make_array(concat(&values)?);
    let cells = Cells::of(&values);
    let mut known: HashMap<Option<&[u8]>, usize> = HashMap::new();
    let mut rows = Vec::new();
    let mut keep = |row: usize| {
        let mut next = || {
            rows.push(row);
            rows.len() - 1
        };
        match &cells {
            None => next(),
            Some(cells) => *known.entry(values.is_valid(row).then(|| cells.get(row))).or_insert_with(next),
        }
    };
    let mut first = 0;
    let mut places = Vec::with_capacity(parts.len());
    for part in parts {
        let dictionary = part.as_any_dictionary();
        let count = dictionary.values().len();
        // Where each of its values went, once a key has named it.
        let mut kept = vec![None; count];
        let old = if count == 0 { vec![0; part.len()] } else { dictionary.normalized_keys() };
        let new = old.into_iter().enumerate().map(|(row, key)| {
            if part.is_null(row) { 0 } else { *kept[key].get_or_insert_with(|| keep(first + key)) }
        });
        places.push(new.collect::<Vec<_>>());
        first += count;
    }
    let values = take(&values, &rows, None)?;
    let arrays = parts.iter().zip(places);
    arrays.map(|(part, places)| dictionary(keys, &places, part.nulls().cloned(), &values)).collect()
}

/// A dictionary with keys of this type, which is one of integers, from the place of each row's value.
///
/// # Errors
///
/// When a place is beyond the keys.
pub(crate) fn dictionary(
    keys: &DataType,
    places: &[usize],
    nulls: Option<NullBuffer>,
    values: &ArrayRef,
) -> Result<ArrayData, ArrowError> {
    let data_type = DataType::Dictionary(keys.clone().into(), values.data_type().clone().into());
    let keys = match keys {
        DataType::Int8 => buffer::<i8>(places),
        DataType::Int16 => buffer::<i16>(places),
        DataType::Int32 => buffer::<i32>(places),
        DataType::Int64 => buffer::<i64>(places),
        DataType::UInt8 => buffer::<u8>(places),
        DataType::UInt16 => buffer::<u16>(places),
        DataType::UInt32 => buffer::<u32>(places),
        _ => buffer::<u64>(places),
    };
    let keys = keys.ok_or(ArrowError::DictionaryKeyOverflowError)?;
    let data = ArrayData::builder(data_type).len(places.len()).nulls(nulls).add_buffer(keys);
    data.add_child_data(values.to_data()).build()
}

/// `None` when a place is beyond the keys.
fn buffer<N: ArrowNativeType>(places: &[usize]) -> Option<Buffer> {
    let mut keys = Vec::with_capacity(places.len());
    for place in places {
        keys.push(N::from_usize(*place)?);
    }
    Some(Buffer::from_vec(keys))
}
