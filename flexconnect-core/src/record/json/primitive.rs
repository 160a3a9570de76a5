//! Values of fixed width: one vector, and the reader of one value.

use std::sync::Arc;

use arrow_array::{ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use arrow_schema::{ArrowError, DataType, Field};
use serde_json::Value as Json;

use super::values::{Refusal, Values};
use crate::scalar::json::{self, Reason};

/// The values of a primitive type, each read by `F`.
pub(super) struct Primitives<T: ArrowPrimitiveType, F> {
    data_type: DataType,
    values: Vec<T::Native>,
    read: F,
}

impl<T, F> Primitives<T, F>
where
    T: ArrowPrimitiveType,
    F: Fn(&Json) -> Result<T::Native, Reason> + Send + 'static,
{
    /// `T` is the field's type, but for the parameters of that (a time zone, precision and scale).
    pub(super) fn boxed(field: &Field, capacity: usize, read: F) -> Box<dyn Values> {
        let data_type = field.data_type().clone();
        Box::new(Primitives::<T, F> { data_type, values: Vec::with_capacity(capacity), read })
    }
}

impl<T, F> Values for Primitives<T, F>
where
    T: ArrowPrimitiveType,
    F: Fn(&Json) -> Result<T::Native, Reason> + Send + 'static,
{
    fn push(&mut self, value: &Json) -> Result<(), Refusal> {
        self.values.push((self.read)(value)?);
        Ok(())
    }

    fn push_null(&mut self) {
        self.values.push(T::Native::default());
    }

    fn bytes(&self) -> usize {
        size_of_val(&self.values[..])
    }

    fn finish(&mut self, len: usize, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let mut values = std::mem::replace(&mut self.values, Vec::with_capacity(len));
        values.truncate(len);
        let array = PrimitiveArray::<T>::try_new(values.into(), nulls)?;
        Ok(Arc::new(array.with_data_type(self.data_type.clone())))
    }
}

/// The values of a `Boolean` column, one bit each.
pub(super) struct Booleans(BooleanBufferBuilder);

impl Booleans {
    pub(super) fn new(capacity: usize) -> Self {
        Booleans(BooleanBufferBuilder::new(capacity))
    }
}

impl Values for Booleans {
    fn push(&mut self, value: &Json) -> Result<(), Refusal> {
        self.0.append(json::boolean(value)?);
        Ok(())
    }

    fn push_null(&mut self) {
        self.0.append(false);
    }

    fn bytes(&self) -> usize {
        self.0.len() / 8
    }

    fn finish(&mut self, len: usize, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        self.0.truncate(len);
        Ok(Arc::new(BooleanArray::new(self.0.finish(), nulls)))
    }
}
