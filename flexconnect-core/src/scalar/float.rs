//! The widths of floats, seen from 64 bits.

use arrow_array::ArrowPrimitiveType;
use arrow_array::types::Float16Type;
use arrow_schema::DataType;

/// How a 64-bit float is brought to the width of a float type.
pub(crate) fn round_to(leaf: &DataType) -> fn(f64) -> f64 {
    match leaf {
        DataType::Float16 => |value| Half::from_f64(value).to_f64(),
        DataType::Float32 => |value| f64::from(value as f32),
        _ => |value| value,
    }
}

/// The 16-bit float, named through Arrow.
pub(crate) type Half = <Float16Type as ArrowPrimitiveType>::Native;
