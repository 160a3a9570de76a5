//! The keys of a dictionary's cells, of every type that keys can have.

use arrow_array::{ArrayRef, make_array};
use arrow_buffer::NullBuffer;
use arrow_schema::{ArrowError, DataType};

use crate::kernels::dictionary;
use crate::scalar::json::Reason;

/// Which value each row has, counted from the first in the batch.
pub(super) struct Keys {
    data_type: DataType,
    width: usize,
    /// How many values there are keys for.
    room: usize,
    places: Vec<usize>,
}

impl Keys {
    /// No keys yet; `None` unless the type is one of integers.
    pub(super) fn new(data_type: &DataType, capacity: usize) -> Option<Self> {
        let width = data_type.primitive_width().filter(|_| data_type.is_integer())?;
        let bits = 8 * width as u32 - u32::from(data_type.is_signed_integer());
        let room = 1_usize.checked_shl(bits).unwrap_or(usize::MAX);
        Some(Keys { data_type: data_type.clone(), width, room, places: Vec::with_capacity(capacity) })
    }

    /// Whether there is a key for one value more than there are.
    pub(super) fn check_room(&self, values: usize) -> Result<(), Reason> {
        if values < self.room {
            return Ok(());
        }
        Err(format!("its dictionary is full; declare keys wider than {}", self.data_type).into())
    }

    /// The next row has the value at this place.
    pub(super) fn push(&mut self, place: usize) {
        self.places.push(place);
    }

    /// Bytes that the keys will take.
    pub(super) fn bytes(&self) -> usize {
        self.places.len() * self.width
    }

    /// The first `len` rows over these values, under these nulls; leaves none.
    pub(super) fn finish(
        &mut self,
        len: usize,
        nulls: Option<NullBuffer>,
        values: &ArrayRef,
    ) -> Result<ArrayRef, ArrowError> {
        let mut places = std::mem::replace(&mut self.places, Vec::with_capacity(len));
        places.truncate(len);
        dictionary(&self.data_type, &places, nulls, values).map(make_array)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_key_for_each_value_of_the_type_from_zero_on() {
        for (data_type, most) in [(DataType::Int8, 128), (DataType::UInt8, 256), (DataType::Int16, 1 << 15)] {
            let keys = Keys::new(&data_type, 0).unwrap();
            assert!(keys.check_room(most - 1).is_ok());
            let Reason::Owned(full) = keys.check_room(most).unwrap_err() else { panic!("it names the type") };
            assert!(full.ends_with(&format!("wider than {data_type}")), "{full}");
        }
        for wide in [DataType::Int64, DataType::UInt64] {
            assert!(Keys::new(&wide, 0).unwrap().check_room(1 << 40).is_ok());
        }
        assert!(Keys::new(&DataType::Date32, 0).is_none());
    }
}
