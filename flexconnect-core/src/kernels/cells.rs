//! The bytes of single values, of the types whose values are bytes.

use arrow_array::cast::AsArray;
use arrow_array::{Array, BinaryViewArray, GenericBinaryArray};
use arrow_data::ArrayData;
use arrow_schema::DataType;

/// The values of an array as bytes: equal values have equal bytes.
pub(crate) enum Cells {
    Fixed { data: ArrayData, width: usize },
    Offsets(GenericBinaryArray<i32>),
    LargeOffsets(GenericBinaryArray<i64>),
    Views(BinaryViewArray),
}

impl Cells {
    /// `None` for types of other values: booleans are bits, nested types have parts.
    pub(crate) fn of(array: &dyn Array) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Binary => Cells::Offsets(array.as_binary::<i32>().clone()),
            DataType::LargeBinary => Cells::LargeOffsets(array.as_binary::<i64>().clone()),
            DataType::BinaryView => Cells::Views(array.as_binary_view().clone()),
            DataType::Utf8 => Cells::Offsets(array.as_string::<i32>().clone().into()),
            DataType::LargeUtf8 => Cells::LargeOffsets(array.as_string::<i64>().clone().into()),
            DataType::Utf8View => Cells::Views(array.as_string_view().clone().to_binary_view()),
            other => Cells::Fixed { width: width(other)?, data: array.to_data() },
        })
    }

    /// The value of a row; of a null, anything.
    pub(crate) fn get(&self, row: usize) -> &[u8] {
        match self {
            Cells::Fixed { data, width } => &fixed_bytes(data, *width)[row * width..][..*width],
            Cells::Offsets(array) => array.value(row),
            Cells::LargeOffsets(array) => array.value(row),
            Cells::Views(array) => array.value(row),
        }
    }
}

/// How many bytes each value of the type has, if it is so many for all and the type has no parts.
pub(super) fn width(data_type: &DataType) -> Option<usize> {
    match data_type {
        DataType::FixedSizeBinary(width) => usize::try_from(*width).ok(),
        other => other.primitive_width(),
    }
}

/// The bytes of the array's values, one after the other.
pub(super) fn fixed_bytes(data: &ArrayData, width: usize) -> &[u8] {
    &data.buffers()[0].as_slice()[data.offset() * width..][..data.len() * width]
}
