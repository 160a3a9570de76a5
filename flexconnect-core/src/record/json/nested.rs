//! Lists, structs and maps: columns within a column.

use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeListArray, GenericListArray, MapArray, OffsetSizeTrait, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, FieldRef, Fields};
use serde_json::Value as Json;

use super::column::{Column, Columns};
use super::text::no_offsets;
use super::values::Refusal;
use crate::record::fixed::Cells;
use crate::scalar::json::Reason;

const TOO_LONG: &str = "the lists of one batch have more than 2^31 items; declare the column as LargeList";
const TOO_LONG_MAP: &str =
    "the maps of one batch have more than 2^31 entries; declare the column as JSON text";

/// `List` and `LargeList`.
pub(super) struct Lists<O> {
    field: FieldRef,
    items: Column,
    offsets: Vec<O>,
}

impl<O: OffsetSizeTrait> Lists<O> {
    pub(super) fn new(field: &FieldRef, items: Column, capacity: usize) -> Self {
        Lists { field: field.clone(), items, offsets: no_offsets(capacity) }
    }
}

impl<O: OffsetSizeTrait> Cells<Json, Refusal> for Lists<O> {
    fn push(&mut self, value: &Json) -> Result<(), Refusal> {
        push_items(&mut self.items, array(value)?)?;
        self.offsets.push(O::from_usize(self.items.len()).ok_or(TOO_LONG)?);
        Ok(())
    }

    fn push_null(&mut self) {
        self.offsets.extend(self.offsets.last().copied());
    }

    fn bytes(&self) -> usize {
        self.items.bytes() + size_of_val(&self.offsets[..])
    }

    fn finish(&mut self, len: usize, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let (offsets, items) = take_offsets(&mut self.offsets, len);
        let items = self.items.finish(items)?;
        Ok(Arc::new(GenericListArray::<O>::try_new(self.field.clone(), offsets, items, nulls)?))
    }
}

/// `FixedSizeList`, of at least one item.
pub(super) struct FixedSizeLists {
    field: FieldRef,
    items: Column,
    size: usize,
}

impl FixedSizeLists {
    pub(super) fn new(field: &FieldRef, items: Column, size: usize) -> Self {
        FixedSizeLists { field: field.clone(), items, size }
    }
}

impl Cells<Json, Refusal> for FixedSizeLists {
    fn push(&mut self, value: &Json) -> Result<(), Refusal> {
        let items = array(value)?;
        if items.len() != self.size {
            return Err(format!("{} items are expected, not {}", self.size, items.len()).into());
        }
        push_items(&mut self.items, items)
    }

    fn push_null(&mut self) {
        (0..self.size).for_each(|_| self.items.push_hidden());
    }

    fn bytes(&self) -> usize {
        self.items.bytes()
    }

    fn finish(&mut self, len: usize, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let items = self.items.finish(len * self.size)?;
        let size = i32::try_from(self.size).map_err(|error| ArrowError::ExternalError(error.into()))?;
        Ok(Arc::new(FixedSizeListArray::try_new(self.field.clone(), size, items, nulls)?))
    }
}

/// `Struct`.
pub(super) struct Structs {
    fields: Fields,
    members: Columns,
}

impl Structs {
    pub(super) fn new(fields: &Fields, members: Columns) -> Self {
        Structs { fields: fields.clone(), members }
    }
}

impl Cells<Json, Refusal> for Structs {
    fn push(&mut self, value: &Json) -> Result<(), Refusal> {
        let object = value.as_object().ok_or("an object is expected")?;
        self.members.push_object(object).map_err(Refusal::Inside)
    }

    fn push_null(&mut self) {
        self.members.push_hidden();
    }

    fn bytes(&self) -> usize {
        self.members.bytes()
    }

    fn finish(&mut self, len: usize, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let members = self.members.finish(len)?;
        Ok(Arc::new(StructArray::try_new_with_length(self.fields.clone(), members, nulls, len)?))
    }
}

/// `Map` with text keys, from objects.
pub(super) struct Maps {
    entries: FieldRef,
    fields: Fields,
    keys: Column,
    values: Column,
    offsets: Vec<i32>,
    sorted: bool,
}

impl Maps {
    /// `fields` are the two of the struct that `entries` is.
    pub(super) fn new(
        entries: &FieldRef,
        fields: &Fields,
        keys: Column,
        values: Column,
        sorted: bool,
    ) -> Self {
        let offsets = no_offsets(0);
        Maps { entries: entries.clone(), fields: fields.clone(), keys, values, offsets, sorted }
    }
}

impl Cells<Json, Refusal> for Maps {
    fn push(&mut self, value: &Json) -> Result<(), Refusal> {
        let object = value.as_object().ok_or("an object is expected")?;
        let mut entries: Vec<_> = object.iter().collect();
        if self.sorted {
            entries.sort_unstable_by_key(|(key, _)| *key);
        }
        for (key, value) in entries {
            self.keys.push(&Json::from(key.as_str())).map_err(Refusal::Inside)?;
            self.values.push(value).map_err(|misfit| Refusal::Inside(misfit.inside(key)))?;
        }
        self.offsets.push(i32::try_from(self.keys.len()).map_err(|_| Reason::Borrowed(TOO_LONG_MAP))?);
        Ok(())
    }

    fn push_null(&mut self) {
        self.offsets.extend(self.offsets.last().copied());
    }

    fn bytes(&self) -> usize {
        self.keys.bytes() + self.values.bytes() + size_of_val(&self.offsets[..])
    }

    fn finish(&mut self, len: usize, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let (offsets, count) = take_offsets(&mut self.offsets, len);
        let columns = vec![self.keys.finish(count)?, self.values.finish(count)?];
        let entries = StructArray::try_new_with_length(self.fields.clone(), columns, None, count)?;
        Ok(Arc::new(MapArray::try_new(self.entries.clone(), offsets, entries, nulls, self.sorted)?))
    }
}

fn array(value: &Json) -> Result<&[Json], Reason> {
    value.as_array().map(Vec::as_slice).ok_or(Reason::Borrowed("an array is expected"))
}

fn push_items(column: &mut Column, items: &[Json]) -> Result<(), Refusal> {
    for (index, item) in items.iter().enumerate() {
        column.push(item).map_err(|misfit| Refusal::Inside(misfit.at(index)))?;
    }
    Ok(())
}

/// The offsets of the first `len` lists, and how many items these have.
fn take_offsets<O: OffsetSizeTrait>(offsets: &mut Vec<O>, len: usize) -> (OffsetBuffer<O>, usize) {
    let mut taken = std::mem::replace(offsets, no_offsets(len));
    taken.truncate(len + 1);
    let items = taken.last().map_or(0, |end| end.as_usize());
    (OffsetBuffer::new(taken.into()), items)
}
