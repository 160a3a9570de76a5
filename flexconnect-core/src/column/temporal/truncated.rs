//! `truncate`: numbers that count a time, read from columns of a finer unit.

use arrow_array::ArrayRef;
use arrow_schema::DataType;

use super::{TicksReader, Unit};
use crate::buffer::{Fault, Slot};
use crate::column::encoding::{Duration, Time32, Time64, Timestamp, Truncated};
use crate::column::{Column, FromColumn, Mismatch};

/// An encoding of a number that counts units.
pub trait Counted {
    /// The unit.
    type Unit: Unit;
}

impl<U: Unit, Z> Counted for Timestamp<U, Z> {
    type Unit = U;
}

impl<U: Unit> Counted for Time32<U> {
    type Unit = U;
}

impl<U: Unit> Counted for Time64<U> {
    type Unit = U;
}

impl<U: Unit> Counted for Duration<U> {
    type Unit = U;
}

macro_rules! counted {
    ($($rust:ty)*) => {$(
        impl<E: Counted> Column<Truncated<E>> for $rust
        where
            $rust: Column<E>,
        {
            type Buffer = <$rust as Column<E>>::Buffer;

            fn data_type() -> DataType {
                <$rust as Column<E>>::data_type()
            }

            #[inline(always)]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                <$rust as Column<E>>::append_to(self, slot);
            }
        }

        impl<E: Counted> FromColumn<Truncated<E>> for $rust
        where
            $rust: FromColumn<E, Reader = TicksReader>,
        {
            type Reader = TicksReader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                <$rust as FromColumn<E>>::reader(array)
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                let ticks = reader.cut::<E::Unit>(row).and_then(|ticks| Self::try_from(ticks).ok());
                ticks.ok_or_else(|| super::not_exact::<E::Unit>(row))
            }
        }
    )*};
}

counted!(i32 i64);
