//! `Option<T>`: the one type that can be null.

use arrow_array::{ArrayRef, new_null_array};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

use super::{BooleanBuffer, Column, ColumnBuffer, Fault, FromColumn, Item, Mismatch, Source};

/// The values of an inner buffer and which of them are there.
#[derive(Debug)]
pub struct Nullable<B> {
    valid: BooleanBuffer,
    values: B,
}

impl<B: ColumnBuffer> ColumnBuffer for Nullable<B> {
    fn with_capacity(rows: usize) -> Self {
        Nullable { valid: BooleanBuffer::with_capacity(rows), values: B::with_capacity(rows) }
    }

    fn len(&self) -> usize {
        self.valid.len()
    }

    #[inline]
    fn push_default(&mut self) {
        self.valid.push(false);
        self.values.push_default();
    }

    fn bytes(&self) -> usize {
        self.valid.bytes() + self.values.bytes()
    }

    fn take_fault(&mut self) -> Option<Fault> {
        self.values.take_fault()
    }

    fn finish(&mut self, data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        let own = NullBuffer::new(self.valid.take());
        let own = (own.null_count() > 0).then_some(own);
        self.values.finish(data_type, NullBuffer::union(own.as_ref(), nulls.as_ref()))
    }
}

impl<T: Column<E>, E> Column<E> for Option<T> {
    type Buffer = Nullable<T::Buffer>;

    const NULLABLE: bool = {
        assert!(!T::NULLABLE, "an `Option` in an `Option` cannot be a column: Arrow has one level of null");
        true
    };

    fn data_type() -> DataType {
        T::data_type()
    }

    fn metadata() -> Vec<(&'static str, String)> {
        T::metadata()
    }

    #[inline]
    fn append_to(&self, buffer: &mut Self::Buffer) {
        match self {
            Some(value) => {
                buffer.valid.push(true);
                value.append_to(&mut buffer.values);
            }
            None => buffer.push_default(),
        }
    }
}

impl<T, E> Item<E> for Option<T> where Option<T>: Column<E> {}

impl<T: FromColumn<E>, E> FromColumn<E> for Option<T> {
    type Reader = Source<T::Reader>;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        // A column of nothing but nulls may come without a type of its own: every value is `None` then.
        if array.data_type() == &DataType::Null {
            return Source::new::<T, E>(&new_null_array(&T::data_type(), array.len()));
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
}
