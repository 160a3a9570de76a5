//! `rust_decimal::Decimal` as `Decimal128(p, s)`.

use arrow_array::ArrayRef;
use arrow_array::types::Decimal128Type;
use arrow_schema::DataType;
use rust_decimal::Decimal as RustDecimal;

use super::decimal::has_digits;
use super::encoding::Decimal;
use super::{Column, DecimalReader, FromColumn, Item, Mismatch};
use crate::buffer::{Fault, PrimitiveBuffer, Slot};

impl<const P: u8, const S: i8> Column<Decimal<P, S>> for RustDecimal {
    type Buffer = PrimitiveBuffer<Decimal128Type>;

    fn data_type() -> DataType {
        <i128 as Column<Decimal<P, S>>>::data_type()
    }

    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        let units = units(self, S).filter(|units| has_digits(*units, P));
        slot.push_or_fault(units, || {
            format!(
                "{self} does not fit `decimal({P}, {S})`: it has more than {S} digits after the point, or more than {} before \
                 it",
                i16::from(P) - i16::from(S)
            )
        });
    }
}

/// How many units of the last of so many digits after the point; `None` when that is not exact, or too many.
fn units(value: &RustDecimal, scale: i8) -> Option<i128> {
    let own = i32::try_from(value.scale()).ok()?;
    let mantissa = value.mantissa();
    match i32::from(scale) - own {
        more @ 0.. => mantissa.checked_mul(10_i128.checked_pow(more.unsigned_abs())?),
        less => {
            // Zeros at the end are no digits.
            let cut = 10_i128.checked_pow(less.unsigned_abs())?;
            (mantissa % cut == 0).then_some(mantissa / cut)
        }
    }
}

impl<E> Item<E> for RustDecimal where RustDecimal: Column<E> {}

impl<const P: u8, const S: i8> FromColumn<Decimal<P, S>> for RustDecimal {
    type Reader = DecimalReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        <i128 as FromColumn<Decimal<P, S>>>::reader(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        let units = reader.get(row);
        units
            .and_then(|units| match u32::try_from(S) {
                Ok(scale) => RustDecimal::try_from_i128_with_scale(units, scale).ok(),
                Err(_) => {
                    let whole = units.checked_mul(10_i128.checked_pow(u32::from(S.unsigned_abs()))?)?;
                    RustDecimal::try_from_i128_with_scale(whole, 0).ok()
                }
            })
            .ok_or_else(|| Box::new(Fault::new(row, "has more digits than a `Decimal` can hold")))
    }
}
