//! Cells of fixed width: one vector, and the reader of one value.

use std::sync::Arc;

use arrow_array::{ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use arrow_schema::{ArrowError, DataType};

use super::cells::Cells;
use super::read;
use crate::predicate::Value;
use crate::scalar::json::Reason;

/// The cells of a primitive type, each read by `F`.
pub(super) struct Primitives<T: ArrowPrimitiveType, F> {
    data_type: DataType,
    values: Vec<T::Native>,
    read: F,
}

impl<T, F> Primitives<T, F>
where
    T: ArrowPrimitiveType,
    F: Fn(&Value) -> Result<T::Native, Reason> + Send + 'static,
{
    /// `T` is the column's type, but for the parameters of that (a time zone, precision and scale).
    pub(super) fn boxed(data_type: &DataType, capacity: usize, read: F) -> Box<dyn Cells> {
        let data_type = data_type.clone();
        Box::new(Primitives::<T, F> { data_type, values: Vec::with_capacity(capacity), read })
    }
}

impl<T, F> Cells for Primitives<T, F>
where
    T: ArrowPrimitiveType,
    F: Fn(&Value) -> Result<T::Native, Reason> + Send + 'static,
{
    fn push(&mut self, value: &Value) -> Result<(), Reason> {
        self.values.push((self.read)(value)?);
        Ok(())
    }

    fn push_default(&mut self) {
        self.values.push(T::Native::default());
    }

    fn bytes(&self) -> usize {
        size_of_val(&self.values[..])
    }

    fn finish(&mut self, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let room = self.values.len();
        let values = std::mem::replace(&mut self.values, Vec::with_capacity(room));
        let array = PrimitiveArray::<T>::try_new(values.into(), nulls)?;
        Ok(Arc::new(array.with_data_type(self.data_type.clone())))
    }
}

/// The cells of a `Boolean` column, one bit each.
pub(super) struct Booleans(BooleanBufferBuilder);

impl Booleans {
    pub(super) fn new(capacity: usize) -> Self {
        Booleans(BooleanBufferBuilder::new(capacity))
    }
}

impl Cells for Booleans {
    fn push(&mut self, value: &Value) -> Result<(), Reason> {
        self.0.append(read::boolean(value)?);
        Ok(())
    }

    fn push_default(&mut self) {
        self.0.append(false);
    }

    fn bytes(&self) -> usize {
        self.0.len() / 8
    }

    fn finish(&mut self, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        Ok(Arc::new(BooleanArray::new(self.0.finish(), nulls)))
    }
}
