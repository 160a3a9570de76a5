//! Enums with data as unions: which variant each row is, and a column for the data of each variant.

use std::fmt;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, UnionArray};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::{DataType, Field, UnionFields, UnionMode};

use super::{FromColumn, Mismatch, Source};
use crate::buffer::{ColumnBuffer, Fault, FirstFault, Growing, Room, earlier};

/// The data of a union's variants; emitted by `#[derive(Column)]`.
pub trait UnionParts: Send + 'static {
    /// The type id of each variant, in order.
    const IDS: &'static [i8];

    /// The variants' names, each with those also accepted when reading.
    const NAMES: &'static [&'static [&'static str]];

    /// Whether every part has a value for each row.
    const SPARSE: bool;

    /// The place of the variant that stands for a null.
    const NULL: Option<usize>;

    /// Empty parts.
    fn new() -> Self;

    /// Shows the parts, in order.
    fn each(&self, see: &mut dyn FnMut(&dyn UnionPart));

    /// Shows the parts, in order, to be changed.
    fn each_mut(&mut self, see: &mut dyn FnMut(&mut dyn UnionPart));
}

/// The data of one variant.
pub trait UnionPart {
    /// How many values there are.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends a value that nobody looks at.
    fn push_default(&mut self);

    /// Bytes held by all values.
    fn bytes(&self) -> usize;

    /// The first value that did not fit.
    fn take_fault(&mut self) -> Option<Fault>;

    /// The values as an array of this type; leaves none.
    fn finish(&mut self, data_type: &DataType) -> ArrayRef;
}

impl<B: ColumnBuffer> UnionPart for Room<B> {
    #[inline]
    fn len(&self) -> usize {
        ColumnBuffer::len(self.get())
    }

    fn push_default(&mut self) {
        ColumnBuffer::push_default(self.slot());
    }

    fn bytes(&self) -> usize {
        ColumnBuffer::bytes(self.get())
    }

    fn take_fault(&mut self) -> Option<Fault> {
        Room::take_fault(self)
    }

    fn finish(&mut self, data_type: &DataType) -> ArrayRef {
        self.finish_array(data_type)
    }
}

/// One type id per value, and in a dense union where the value lies in its variant's part.
pub struct UnionBuffer<P> {
    ids: Vec<i8>,
    offsets: Vec<i32>,
    parts: P,
    fault: FirstFault,
}

impl<P: UnionParts> UnionBuffer<P> {
    /// The type of the column, of variants with these fields.
    pub fn data_type(fields: impl IntoIterator<Item = Field>) -> DataType {
        let fields = P::IDS.iter().copied().zip(fields.into_iter().map(Arc::new));
        DataType::Union(UnionFields::from_iter(fields), mode(P::SPARSE))
    }

    /// Appends a value of the variant at this place; `write` appends its data to its part and tells where that lies.
    #[inline]
    pub fn push(&mut self, variant: usize, write: impl FnOnce(&mut P) -> usize) {
        // The data first: should its author's code panic, the row is one that never was.
        let offset = write(&mut self.parts);
        if P::SPARSE {
            let mut at = 0;
            self.parts.each_mut(&mut |part| {
                if at != variant {
                    part.push_default();
                }
                at += 1;
            });
        } else {
            self.offsets.push(i32::try_from(offset).unwrap_or_else(|_| {
                self.fault
                    .record(self.ids.len(), || "a union holds at most 2^31 values in one batch".to_owned());
                0
            }));
        }
        self.ids.push(P::IDS[variant]);
    }

    /// The row whose value lies at this place of a variant's part.
    fn row_of(&self, variant: usize, place: usize) -> usize {
        if P::SPARSE {
            return place;
        }
        let mut rows = self.ids.iter().zip(&self.offsets);
        let found =
            rows.position(|(id, offset)| *id == P::IDS[variant] && usize::try_from(*offset) == Ok(place));
        found.unwrap_or(self.ids.len())
    }
}

fn mode(sparse: bool) -> UnionMode {
    if sparse { UnionMode::Sparse } else { UnionMode::Dense }
}

impl<P: UnionParts> Growing for UnionBuffer<P> {
    fn new() -> Self {
        UnionBuffer { ids: Vec::new(), offsets: Vec::new(), parts: P::new(), fault: FirstFault::default() }
    }

    fn len(&self) -> usize {
        self.ids.len()
    }

    fn push_default(&mut self) {
        let variant = P::NULL.unwrap_or(0);
        self.push(variant, |parts| {
            let (mut at, mut offset) = (0, 0);
            parts.each_mut(&mut |part| {
                if at == variant {
                    offset = part.len();
                    part.push_default();
                }
                at += 1;
            });
            offset
        });
    }

    fn bytes(&self) -> usize {
        let mut bytes = self.ids.len() + size_of_val(self.offsets.as_slice());
        self.parts.each(&mut |part| bytes += part.bytes());
        bytes
    }

    fn take_fault(&mut self) -> Option<Fault> {
        let mut faults = Vec::new();
        self.parts.each_mut(&mut |part| faults.push(part.take_fault()));
        let faults = faults.into_iter().enumerate().map(|(variant, fault)| {
            let fault = fault?;
            let row = self.row_of(variant, fault.row);
            Some(fault.inside(P::NAMES[variant][0], row))
        });
        earlier(faults.fold(None, earlier), self.fault.take())
    }

    fn finish(&mut self, data_type: &DataType, _nulls: Option<NullBuffer>) -> ArrayRef {
        let DataType::Union(fields, _) = data_type else {
            unreachable!("the type is the one `Column::data_type` gave for this buffer")
        };
        // A union has no nulls: what lies under one is the variant that stands for it.
        let mut arrays = Vec::with_capacity(fields.len());
        let mut types = fields.iter().map(|(_, field)| field.data_type());
        self.parts.each_mut(&mut |part| arrays.extend(types.next().map(|data_type| part.finish(data_type))));
        let ids = std::mem::take(&mut self.ids).into();
        let offsets = (!P::SPARSE).then(|| std::mem::take(&mut self.offsets).into());
        let array = UnionArray::try_new(fields.clone(), ids, offsets, arrays);
        Arc::new(array.expect("every push adds one id, and one value where it says"))
    }
}

impl<P> fmt::Debug for UnionBuffer<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnionBuffer").field("len", &self.ids.len()).finish_non_exhaustive()
    }
}

/// A column of unions, dense or sparse, whose variants are found by their names.
#[derive(Debug, Clone)]
pub struct UnionRows {
    array: UnionArray,
    /// The place of the variant that each type id stands for.
    variants: Box<[Option<usize>; 128]>,
    /// The type id of the variant at each place.
    ids: Vec<Option<i8>>,
}

impl UnionRows {
    /// Accepts unions of both kinds; a variant that the enum does not have is a fault of the rows that are one.
    ///
    /// # Errors
    /// A mismatch for any other type.
    pub fn new<P: UnionParts>(array: &ArrayRef, expected: &DataType) -> Result<Self, Vec<Mismatch>> {
        let (Some(union), DataType::Union(fields, _)) =
            (array.as_any().downcast_ref::<UnionArray>(), array.data_type())
        else {
            return Err(Mismatch::of_type(expected.to_string(), array.data_type()));
        };
        let (mut variants, mut ids) = (Box::new([None; 128]), vec![None; P::NAMES.len()]);
        for (id, field) in fields.iter() {
            let variant = P::NAMES.iter().position(|names| names.contains(&field.name().as_str()));
            if let (Some(variant), Ok(place)) = (variant, usize::try_from(id)) {
                variants[place] = Some(variant);
                ids[variant] = Some(id);
            }
        }
        Ok(UnionRows { array: union.clone(), variants, ids })
    }

    /// The data of the variant at this place; `None` when the column has no such variant.
    ///
    /// # Errors
    /// The mismatches of its data.
    pub fn part<T: FromColumn<E>, E>(
        &self,
        variant: usize,
    ) -> Result<Option<Source<T::Reader>>, Vec<Mismatch>> {
        self.ids[variant].map(|id| Source::new::<T, E>(self.array.child(id))).transpose()
    }

    /// As [`part`](Self::part), for data that will borrow from the column.
    ///
    /// # Errors
    /// As [`part`](Self::part).
    pub fn part_borrowed<'r, T: super::BorrowColumn<'r, E>, E>(
        &self,
        variant: usize,
    ) -> Result<Option<Source<T::Reader>>, Vec<Mismatch>> {
        self.ids[variant].map(|id| Source::borrowed::<T, E>(self.array.child(id))).transpose()
    }

    /// The place of the row's variant, and where its data lies in the variant's part.
    ///
    /// # Errors
    /// A fault when the enum has no such variant.
    #[inline]
    pub fn locate(&self, row: usize) -> Result<(usize, usize), Box<Fault>> {
        let id = self.array.type_id(row);
        let variant = usize::try_from(id).ok().and_then(|id| self.variants.get(id).copied().flatten());
        match variant {
            Some(variant) => Ok((variant, self.array.value_offset(row))),
            None => Err(self.unknown(row, id)),
        }
    }

    #[cold]
    fn unknown(&self, row: usize, id: i8) -> Box<Fault> {
        let DataType::Union(fields, _) = self.array.data_type() else {
            unreachable!("the array of a union is one")
        };
        let name = fields.iter().find(|(other, _)| *other == id).map_or("", |(_, field)| field.name());
        Box::new(Fault::new(row, format!("is `{name}`, which is none of the variants of the field's type")))
    }

    /// Which rows are the variant that stands for a null.
    pub fn nulls<P: UnionParts>(array: &ArrayRef) -> Option<NullBuffer> {
        let rows = Self::new::<P>(array, &DataType::Null).ok()?;
        let id = rows.ids[P::NULL?]?;
        let valid = BooleanBuffer::collect_bool(array.len(), |row| rows.array.type_id(row) != id);
        Some(NullBuffer::new(valid))
    }
}
