//! `as = "RunEndEncoded"`: each value once for all the rows in a row that have it.

use std::fmt;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, Int32Array, RunArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field};

use super::{Column, FromColumn, Item, Mismatch, Source};
use crate::buffer::{ColumnBuffer, Fault, Growing, Own, Room, Slot};
use crate::kernels::{starts, take};

/// A value, which may be an `Option`, whose column is one of runs.
#[derive(Debug)]
pub struct Runs<T>(pub T);

const ENDS: &str = "run_ends";
const VALUES: &str = "values";

/// The values of all rows; the runs are found when they are finished.
pub struct RunBuffer<B>(Room<B>);

impl<B: ColumnBuffer> Growing for RunBuffer<B> {
    fn new() -> Self {
        RunBuffer(Room::new(0))
    }

    fn len(&self) -> usize {
        ColumnBuffer::len(self.0.get())
    }

    fn push_default(&mut self) {
        ColumnBuffer::push_default(self.0.slot());
    }

    fn bytes(&self) -> usize {
        ColumnBuffer::bytes(self.0.get())
    }

    fn take_fault(&mut self) -> Option<Fault> {
        self.0.take_fault()
    }

    fn finish(&mut self, data_type: &DataType, _nulls: Option<NullBuffer>) -> ArrayRef {
        let DataType::RunEndEncoded(_, values) = data_type else {
            unreachable!("the type is the one `Column::data_type` gave for this buffer")
        };
        let plain = self.0.finish_array(values.data_type());
        let starts = starts(&plain);
        let ends = starts.iter().copied().skip(1).chain((!plain.is_empty()).then_some(plain.len()));
        // A batch is full long before it has 2^31 rows.
        let ends = Int32Array::from_iter_values(ends.map(|end| end as i32));
        let values = take(&plain, &starts, None).expect("every run begins at a row that is there");
        let array = RunArray::<Int32Type>::try_new(&ends, &values);
        Arc::new(array.expect("runs end one after the other"))
    }
}

impl<B> fmt::Debug for RunBuffer<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RunBuffer").field(&self.0).finish()
    }
}

impl<T: Column<E>, E> Column<E> for Runs<T> {
    type Buffer = Own<RunBuffer<T::Buffer>>;

    const NULLABLE: bool = T::NULLABLE;

    const REFUSED: Option<&'static str> = T::REFUSED;

    fn data_type() -> DataType {
        let ends = Field::new(ENDS, DataType::Int32, false);
        // The kernels of Arrow make values that may be null of all others: whether they are is said of the column.
        let values = Field::new(VALUES, T::data_type(), true);
        DataType::RunEndEncoded(ends.into(), values.into())
    }

    fn metadata() -> Vec<(&'static str, String)> {
        T::metadata()
    }

    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.get_mut().push(&self.0);
    }
}

impl<B: ColumnBuffer> RunBuffer<B> {
    fn push<T: Column<E, Buffer = B>, E>(&mut self, value: &T) {
        value.append_to(self.0.slot());
    }
}

impl<T, E> Item<E> for Runs<T> where Runs<T>: Column<E> {}

impl<T: FromColumn<E>, E> FromColumn<E> for Runs<T> {
    type Reader = Source<T::Reader>;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        Source::new::<T, E>(array)
    }

    #[inline]
    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        reader.get::<T, E>(row).map(Runs)
    }

    fn missing() -> Option<Self> {
        T::missing().map(Runs)
    }

    fn nulls(array: &ArrayRef) -> Option<NullBuffer> {
        T::nulls(array)
    }
}
