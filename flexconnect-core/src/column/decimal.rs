//! Decimals: integers that count units of the last digit.

use std::fmt::Display;

use arrow_array::types::Decimal128Type;
use arrow_array::{Array, ArrayRef, Decimal32Array, Decimal64Array, Decimal128Array, Decimal256Array};
use arrow_buffer::i256;
use arrow_schema::DataType;

use super::encoding::Decimal;
use super::{Column, FromColumn, Item, Mismatch};
use crate::buffer::{Fault, PrimitiveBuffer, Slot};

macro_rules! decimal {
    ($($rust:ty)*) => {$(
        impl<const P: u8, const S: i8> Column<Decimal<P, S>> for $rust {
            type Buffer = PrimitiveBuffer<Decimal128Type>;

            fn data_type() -> DataType {
                const { assert!(P >= 1 && P <= 38, "a Decimal128 has 1 to 38 digits") };
                DataType::Decimal128(P, S)
            }

            #[inline(always)]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                let value = i128::from(*self);
                slot.push_or_fault(has_digits(value, P).then_some(value), || too_many_digits(self, P, S));
            }
        }

        impl<const P: u8, const S: i8> FromColumn<Decimal<P, S>> for $rust {
            type Reader = DecimalReader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                DecimalReader::new(array, &<Self as Column<Decimal<P, S>>>::data_type(), S)
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                reader.get(row).and_then(|value| Self::try_from(value).ok()).ok_or_else(|| {
                    let message = format!("does not fit the field's type `{}` at scale {S}", stringify!($rust));
                    Box::new(Fault::new(row, message))
                })
            }
        }
    )*};
}

decimal!(i128 i64 i32 u64 u32);

impl<E> Item<E> for i128 where i128: Column<E> {}

/// Whether the number has at most so many digits, of which there are no more than 38.
#[inline(always)]
pub(super) fn has_digits(value: i128, digits: u8) -> bool {
    10_u128.checked_pow(digits.into()).is_none_or(|bound| value.unsigned_abs() < bound)
}

pub(super) fn too_many_digits(value: &dyn Display, precision: u8, scale: i8) -> String {
    format!(
        "{value} has more than {precision} digits, which is all that `decimal({precision}, {scale})` holds"
    )
}

/// A column of decimals of any width, and the factor that brings them to the field's scale.
#[derive(Debug, Clone)]
pub struct DecimalReader {
    values: Values,
    factor: i128,
}

#[derive(Debug, Clone)]
enum Values {
    Decimal32(Decimal32Array),
    Decimal64(Decimal64Array),
    Decimal128(Decimal128Array),
    Decimal256(Decimal256Array),
}

impl DecimalReader {
    /// Accepts decimals of any width with this scale or a smaller one.
    ///
    /// # Errors
    /// A mismatch for any other type.
    pub fn new(array: &ArrayRef, best: &DataType, scale: i8) -> Result<Self, Vec<Mismatch>> {
        let any = array.as_any();
        let reader = match array.data_type() {
            DataType::Decimal32(_, found) => {
                any.downcast_ref().cloned().map(Values::Decimal32).zip(Some(*found))
            }
            DataType::Decimal64(_, found) => {
                any.downcast_ref().cloned().map(Values::Decimal64).zip(Some(*found))
            }
            DataType::Decimal128(_, found) => {
                any.downcast_ref().cloned().map(Values::Decimal128).zip(Some(*found))
            }
            DataType::Decimal256(_, found) => {
                any.downcast_ref().cloned().map(Values::Decimal256).zip(Some(*found))
            }
            _ => None,
        };
        reader
            .and_then(|(values, found)| {
                let digits = u32::try_from(i16::from(scale) - i16::from(found)).ok()?;
                Some(DecimalReader { values, factor: 10_i128.checked_pow(digits)? })
            })
            .ok_or_else(|| {
                Mismatch::of_type(format!("{best} (or any decimal with a smaller scale)"), array.data_type())
            })
    }

    /// The value of one row as [`get`](Self::get), of up to 76 digits.
    pub fn get_wide(&self, row: usize) -> Option<i256> {
        let value = match &self.values {
            Values::Decimal32(array) => i256::from(array.value(row)),
            Values::Decimal64(array) => i256::from(array.value(row)),
            Values::Decimal128(array) => i256::from_i128(array.value(row)),
            Values::Decimal256(array) => array.value(row),
        };
        value.checked_mul(i256::from_i128(self.factor))
    }

    /// The value of one row in units of the field's last digit; `None` when it has too many digits.
    pub fn get(&self, row: usize) -> Option<i128> {
        let value = match &self.values {
            Values::Decimal32(array) => array.value(row).into(),
            Values::Decimal64(array) => array.value(row).into(),
            Values::Decimal128(array) => array.value(row),
            Values::Decimal256(array) => array.value(row).to_i128()?,
        };
        value.checked_mul(self.factor)
    }
}
