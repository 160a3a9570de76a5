//! `bigdecimal::BigDecimal` as a decimal.

use arrow_array::ArrayRef;
use arrow_buffer::i256;
use arrow_schema::DataType;
use bigdecimal::{BigDecimal, RoundingMode, num_bigint::BigInt};

use super::decimal::{DecimalEncoding, no_room, stored_wide};
use super::{Column, DecimalReader, FromColumn, Item, Mismatch};
use crate::buffer::{Fault, PrimitiveBuffer, Slot};

impl<E: DecimalEncoding> Column<E> for BigDecimal {
    type Buffer = PrimitiveBuffer<E::Arrow>;

    fn data_type() -> DataType {
        E::data_type()
    }

    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        let units = units(self, E::SCALE, E::ROUNDS);
        // A number of a million digits is not repeated in its message.
        slot.push_or_fault(units.and_then(stored_wide::<E>), || {
            let told =
                if self.digits() <= 100 { self.to_string() } else { "a number of many digits".to_owned() };
            no_room::<E>(&told)
        });
    }
}

/// How many units of the last of so many digits after the point; `None` when that is not exact and not to be rounded, or
/// too many.
fn units(value: &BigDecimal, scale: i8, round: bool) -> Option<i256> {
    let (digits, own) = (i64::try_from(value.digits()).ok()?, value.as_bigint_and_exponent().1);
    // Where the first digit stands: what is far too large or far too small is not written out.
    let before = digits.checked_sub(own)?;
    if before > 76 + i64::from(scale.unsigned_abs()) {
        return if value.sign() == bigdecimal::num_bigint::Sign::NoSign { Some(i256::ZERO) } else { None };
    }
    if before.checked_add(i64::from(scale))? < -1 {
        let is_zero = value.sign() == bigdecimal::num_bigint::Sign::NoSign;
        return (round || is_zero).then_some(i256::ZERO);
    }
    // Half a unit is rounded away from zero, as SQL does.
    let rounded = value.with_scale_round(scale.into(), RoundingMode::HalfUp);
    if !round && rounded != *value {
        return None;
    }
    let (units, _) = rounded.into_bigint_and_exponent();
    let bytes = units.to_signed_bytes_le();
    let fill = if bytes.last().is_some_and(|last| last & 0x80 != 0) { 0xff } else { 0 };
    let mut wide = [fill; 32];
    wide.get_mut(..bytes.len())?.copy_from_slice(&bytes);
    Some(i256::from_le_bytes(wide))
}

impl<E> Item<E> for BigDecimal where BigDecimal: Column<E> {}

impl<E: DecimalEncoding> FromColumn<E> for BigDecimal {
    type Reader = DecimalReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        DecimalReader::of::<E>(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        let units = reader.get_wide(row).ok_or_else(|| {
            Box::new(Fault::new(row, "has more digits than 256 bits can hold at the field's scale"))
        })?;
        Ok(BigDecimal::new(BigInt::from_signed_bytes_le(&units.to_le_bytes()), E::SCALE.into()))
    }
}
