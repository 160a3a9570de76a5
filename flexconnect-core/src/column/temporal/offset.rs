//! `offset`: an instant beside its offset from UTC, as the canonical extension `arrow.timestamp_with_offset`.

use std::marker::PhantomData;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int16Type;
use arrow_array::{Array, ArrayRef};
use arrow_schema::extension::EXTENSION_TYPE_NAME_KEY;
use arrow_schema::{DataType, Field, Fields, TimeUnit};

use super::{TicksReader, Unit, Utc};
use crate::buffer::{Columns, Fault, PrimitiveBuffer, Slot, StructBuffer};
use crate::column::{FromColumn, Mismatch, Natural, Source};

const TIMESTAMP: &str = "timestamp";
const OFFSET: &str = "offset_minutes";

/// The two columns of an instant and its offset.
#[derive(Debug)]
pub struct OffsetColumns<U>(PhantomData<fn() -> U>);

impl<U: Unit> Columns for OffsetColumns<U> {
    type Buffers = (PrimitiveBuffer<U::Timestamp>, PrimitiveBuffer<Int16Type>);

    fn name(at: usize) -> String {
        if at == 0 { TIMESTAMP } else { OFFSET }.to_owned()
    }
}

/// The type of a column of them.
pub(super) fn data_type<U: Unit>() -> DataType {
    let fields = [
        Field::new(TIMESTAMP, super::instant::data_type::<U, Utc>(), false),
        Field::new(OFFSET, DataType::Int16, false),
    ];
    DataType::Struct(fields.into_iter().map(Arc::new).collect::<Fields>())
}

pub(super) fn metadata() -> Vec<(&'static str, String)> {
    vec![(EXTENSION_TYPE_NAME_KEY, "arrow.timestamp_with_offset".to_owned())]
}

/// Appends an instant and its offset in seconds.
pub(super) fn append<U: Unit>(
    (seconds, nanos): (i64, u32),
    offset: i32,
    slot: Slot<'_, StructBuffer<OffsetColumns<U>>>,
) {
    let (timestamp, minutes) = slot.columns().split();
    timestamp.push_or_fault(super::ticks::<U>(seconds, nanos), super::instant::out_of_range::<U>);
    let whole = if offset % 60 == 0 { i16::try_from(offset / 60).ok() } else { None };
    minutes.push_or_fault(whole, || format!("an offset of {offset} seconds is not one of whole minutes"));
}

/// A column of instants and their offsets.
#[derive(Debug)]
pub struct OffsetReader {
    instants: TicksReader,
    offsets: Source<<i16 as FromColumn>::Reader>,
}

impl OffsetReader {
    /// Accepts the extension's struct in any unit, its offsets in any layout.
    ///
    /// # Errors
    /// A mismatch for any other type.
    pub fn new(array: &ArrayRef) -> Result<Self, Vec<Mismatch>> {
        let expected = || "Struct(timestamp, offset_minutes), the extension `arrow.timestamp_with_offset`";
        let both = array.as_struct_opt().and_then(|columns| {
            Some((columns.column_by_name(TIMESTAMP)?.clone(), columns.column_by_name(OFFSET)?.clone()))
        });
        let (instants, offsets) = both.ok_or_else(|| Mismatch::of_type(expected(), array.data_type()))?;
        let best = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let instants = super::instant::reader(&instants, &best, true)
            .map_err(|found| Mismatch::inside(TIMESTAMP, found))?;
        let offsets =
            Source::new::<i16, Natural>(&offsets).map_err(|found| Mismatch::inside(OFFSET, found))?;
        Ok(OffsetReader { instants, offsets })
    }

    /// Seconds since 1970-01-01, the nanoseconds after them, and the offset in seconds.
    ///
    /// # Errors
    /// A fault when the offset is null.
    pub fn get(&self, row: usize) -> Result<(i64, u32, i32), Box<Fault>> {
        let minutes =
            self.offsets.get::<i16, Natural>(row).map_err(|fault| Box::new(fault.inside(OFFSET, row)))?;
        let (seconds, nanos) = self.instants.parts(row);
        Ok((seconds, nanos, i32::from(minutes) * 60))
    }
}

/// Implements the columns of types that are instants with an offset.
macro_rules! offset {
    ([$($generics:tt)*] $rust:ty, |$value:ident| $parts:expr, $offset:expr) => {
        impl<U: Unit, $($generics)*> Column<crate::column::encoding::WithOffset<U>> for $rust {
            type Buffer = crate::buffer::StructBuffer<super::OffsetColumns<U>>;

            fn data_type() -> DataType {
                super::offset::data_type::<U>()
            }

            fn metadata() -> Vec<(&'static str, String)> {
                super::offset::metadata()
            }

            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                let $value = self;
                super::offset::append::<U>($parts, $offset, slot);
            }
        }
    };
}
pub(super) use offset;

/// Implements the reading of such types that can have any offset.
macro_rules! from_offset {
    ($rust:ty, |$seconds:ident, $nanos:ident, $offset:ident| $made:expr) => {
        impl<U: Unit> FromColumn<crate::column::encoding::WithOffset<U>> for $rust {
            type Reader = super::OffsetReader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                super::OffsetReader::new(array)
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                let ($seconds, $nanos, $offset) = reader.get(row)?;
                let made: Option<Self> = $made;
                made.ok_or_else(|| super::instant::not_in_type(row, stringify!($rust)))
            }
        }
    };
}
pub(super) use from_offset;
