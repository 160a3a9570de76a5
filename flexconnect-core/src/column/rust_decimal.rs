//! `rust_decimal::Decimal` as a decimal.

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use rust_decimal::Decimal as RustDecimal;

use super::decimal::{DecimalEncoding, no_room, stored};
use super::{Column, DecimalReader, FromColumn, Item, Mismatch};
use crate::buffer::{Fault, PrimitiveBuffer, Slot};

impl<E: DecimalEncoding> Column<E> for RustDecimal {
    type Buffer = PrimitiveBuffer<E::Arrow>;

    fn data_type() -> DataType {
        E::data_type()
    }

    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        let units = units(self, E::SCALE, E::ROUNDS);
        slot.push_or_fault(units.and_then(stored::<E>), || no_room::<E>(self));
    }
}

/// How many units of the last of so many digits after the point; `None` when that is not exact and not to be rounded, or
/// too many.
fn units(value: &RustDecimal, scale: i8, round: bool) -> Option<i128> {
    let own = i32::try_from(value.scale()).ok()?;
    let mantissa = value.mantissa();
    match i32::from(scale) - own {
        more @ 0.. => mantissa.checked_mul(10_i128.checked_pow(more.unsigned_abs())?),
        less => {
            // Less than half a unit, as far as 128 bits hold no such power of ten: the mantissa has 96.
            let Some(cut) = 10_i128.checked_pow(less.unsigned_abs()) else {
                return (round || mantissa == 0).then_some(0);
            };
            let (whole, rest) = (mantissa / cut, mantissa % cut);
            match rest {
                // Zeros at the end are no digits.
                0 => Some(whole),
                _ if !round => None,
                // Half a unit is rounded away from zero, as SQL does.
                _ if rest.unsigned_abs() >= cut.unsigned_abs() / 2 => Some(whole + rest.signum()),
                _ => Some(whole),
            }
        }
    }
}

impl<E> Item<E> for RustDecimal where RustDecimal: Column<E> {}

impl<E: DecimalEncoding> FromColumn<E> for RustDecimal {
    type Reader = DecimalReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        DecimalReader::of::<E>(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        let units = reader.get(row);
        units
            .and_then(|units| match u32::try_from(E::SCALE) {
                Ok(scale) => RustDecimal::try_from_i128_with_scale(units, scale).ok(),
                Err(_) => {
                    let whole =
                        units.checked_mul(10_i128.checked_pow(u32::from(E::SCALE.unsigned_abs()))?)?;
                    RustDecimal::try_from_i128_with_scale(whole, 0).ok()
                }
            })
            .ok_or_else(|| Box::new(Fault::new(row, "has more digits than a `Decimal` can hold")))
    }
}
