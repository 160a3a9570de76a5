//! `Option<T>`: the one type that can be null.

use arrow_array::{Array, ArrayRef};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

use super::{Column, FromColumn, Item, Mismatch, Source};
use crate::buffer::{Fault, Nullable, Slot};

impl<T: Column<E>, E> Column<E> for Option<T> {
    type Buffer = Nullable<T::Buffer>;

    const NULLABLE: bool = true;

    const REFUSED: Option<&'static str> = if T::NULLABLE {
        Some("an `Option` in an `Option` cannot be a column: Arrow has one level of null")
    } else if !T::HAS_NULL {
        Some(
            "a union has no nulls of its own, so it cannot be in an `Option`: mark the variant that stands for nothing with \
             `#[column(null)]`, or store the enum as `#[column(tagged)]`",
        )
    } else {
        T::REFUSED
    };

    fn data_type() -> DataType {
        // The derive has told this at the field, where it could.
        const {
            if let Some(message) = Self::REFUSED {
                panic!("{}", message);
            }
        }
        T::data_type()
    }

    fn metadata() -> Vec<(&'static str, String)> {
        T::metadata()
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        T::append_option(self.as_ref(), slot);
    }
}

impl<T, E> Item<E> for Option<T> where Option<T>: Column<E> {}

impl<T: FromColumn<E>, E> FromColumn<E> for Option<T> {
    type Reader = Source<T::Reader>;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        // A column of nothing but nulls may come without a type of its own: every value is `None` then.
        if array.data_type() == &DataType::Null {
            return Source::all_null::<T, E>(array.len());
        }
        Source::new::<T, E>(array)
    }

    #[inline]
    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        if reader.is_null(row) { Ok(None) } else { reader.get::<T, E>(row).map(Some) }
    }

    fn missing() -> Option<Self> {
        Some(None)
    }

    fn nulls(array: &ArrayRef) -> Option<NullBuffer> {
        T::nulls(array)
    }
}
