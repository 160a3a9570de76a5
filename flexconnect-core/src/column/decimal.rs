//! Decimals: integers that count units of the last digit, in every width.

use std::fmt::Display;

use arrow_array::types::{ArrowPrimitiveType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type};
use arrow_array::{Array, ArrayRef, Decimal32Array, Decimal64Array, Decimal128Array, Decimal256Array};
use arrow_buffer::i256;
use arrow_schema::DataType;

use super::encoding::{Decimal, Decimal32, Decimal64, Decimal128, Decimal256, Rounded};
use super::{Column, FromColumn, Item, Mismatch};
use crate::buffer::{Fault, PrimitiveBuffer, Slot};

/// An encoding of decimals.
#[diagnostic::on_unimplemented(
    message = "a decimal needs its digits: `#[column(decimal(p, s))]`",
    label = "of how many digits, and how many of them after the point?",
    note = "an integer then counts units of the last digit; `json` or `display` stores any number as text"
)]
pub trait DecimalEncoding {
    /// The decimal of its width.
    type Arrow: ArrowPrimitiveType<Native: Units>;

    /// How many digits there are.
    const PRECISION: u8;

    /// How many of them stand after the point.
    const SCALE: i8;

    /// Whether digits that have no room after the point are rounded away.
    const ROUNDS: bool;

    /// The type of the column.
    fn data_type() -> DataType;
}

/// An encoding of decimals of up to 256 bits, which is also the width they have unless another is chosen.
#[diagnostic::on_unimplemented(
    message = "a decimal needs its digits: `#[column(decimal(p, s))]`",
    label = "of how many digits, and how many of them after the point?",
    note = "an integer then counts units of the last digit; `json` or `display` stores any number as text"
)]
pub trait WideDecimalEncoding {
    /// The encoding with that width.
    type Wide: DecimalEncoding;
}

macro_rules! widths {
    ($($encoding:ident: $arrow:ident, $variant:ident, $most:literal, $wide:ident;)*) => {$(
        impl<const P: u8, const S: i8> DecimalEncoding for $encoding<P, S> {
            type Arrow = $arrow;

            const PRECISION: u8 = P;
            const SCALE: i8 = S;
            const ROUNDS: bool = false;

            fn data_type() -> DataType {
                const {
                    assert!(P >= 1 && P <= $most, concat!("a ", stringify!($variant), " has 1 to ", $most, " digits"));
                }
                DataType::$variant(P, S)
            }
        }

        impl<const P: u8, const S: i8> WideDecimalEncoding for $encoding<P, S> {
            type Wide = $wide<P, S>;
        }
    )*};
}

widths! {
    Decimal: Decimal128Type, Decimal128, 38, Decimal256;
    Decimal32: Decimal32Type, Decimal32, 9, Decimal32;
    Decimal64: Decimal64Type, Decimal64, 18, Decimal64;
    Decimal128: Decimal128Type, Decimal128, 38, Decimal128;
    Decimal256: Decimal256Type, Decimal256, 76, Decimal256;
}

impl<D: DecimalEncoding> DecimalEncoding for Rounded<D> {
    type Arrow = D::Arrow;

    const PRECISION: u8 = D::PRECISION;
    const SCALE: i8 = D::SCALE;
    const ROUNDS: bool = true;

    fn data_type() -> DataType {
        D::data_type()
    }
}

impl<D: WideDecimalEncoding> WideDecimalEncoding for Rounded<D> {
    type Wide = Rounded<D::Wide>;
}

/// What counts the units of a decimal of one width.
pub trait Units: Sized {
    /// The number in this width, when it has room.
    fn from_i128(units: i128) -> Option<Self>;

    /// The number in this width, when it has room.
    fn from_i256(units: i256) -> Option<Self>;
}

macro_rules! units {
    ($($native:ty)*) => {$(
        impl Units for $native {
            #[inline(always)]
            fn from_i128(units: i128) -> Option<Self> {
                units.try_into().ok()
            }

            fn from_i256(units: i256) -> Option<Self> {
                units.to_i128()?.try_into().ok()
            }
        }
    )*};
}

units!(i32 i64 i128);

impl Units for i256 {
    fn from_i128(units: i128) -> Option<Self> {
        Some(i256::from_i128(units))
    }

    fn from_i256(units: i256) -> Option<Self> {
        Some(units)
    }
}

/// The units as the column stores them; `None` when they have too many digits.
#[inline(always)]
pub(super) fn stored<E: DecimalEncoding>(units: i128) -> Option<<E::Arrow as ArrowPrimitiveType>::Native> {
    // 10^39 is more than 128 bits hold, so that every number has at most 39 digits.
    let fits = 10_u128.checked_pow(E::PRECISION.into()).is_none_or(|bound| units.unsigned_abs() < bound);
    if fits { Units::from_i128(units) } else { None }
}

/// As [`stored`], of up to 76 digits.
pub(super) fn stored_wide<E: DecimalEncoding>(
    units: i256,
) -> Option<<E::Arrow as ArrowPrimitiveType>::Native> {
    // 10^76 is less than 2^255, so the power is always there.
    let bound = i256::from_i128(10).checked_pow(E::PRECISION.into()).unwrap_or(i256::MAX);
    if units < bound && units > -bound { Units::from_i256(units) } else { None }
}

macro_rules! decimal {
    ($($rust:ty: $signed:expr;)*) => {$(
        impl<E: DecimalEncoding> Column<E> for $rust {
            type Buffer = PrimitiveBuffer<E::Arrow>;

            fn data_type() -> DataType {
                E::data_type()
            }

            #[inline(always)]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                let units: Option<i128> = $signed(*self);
                slot.push_or_fault(units.and_then(stored::<E>), || too_many_digits::<E>(self));
            }
        }

        impl<E: DecimalEncoding> FromColumn<E> for $rust {
            type Reader = DecimalReader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                DecimalReader::of::<E>(array)
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                reader
                    .get(row)
                    .and_then(|value| Self::try_from(value).ok())
                    .ok_or_else(|| does_not_fit(row, stringify!($rust), E::SCALE))
            }
        }
    )*};
}

decimal! {
    i128: Some;
    i64: |value| Some(i128::from(value));
    i32: |value| Some(i128::from(value));
    u64: |value| Some(i128::from(value));
    u32: |value| Some(i128::from(value));
    u128: |value| i128::try_from(value).ok();
}

impl<E> Item<E> for i128 where i128: Column<E> {}

impl<E: WideDecimalEncoding> Column<E> for i256 {
    type Buffer = PrimitiveBuffer<<E::Wide as DecimalEncoding>::Arrow>;

    fn data_type() -> DataType {
        E::Wide::data_type()
    }

    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push_or_fault(stored_wide::<E::Wide>(*self), || too_many_digits::<E::Wide>(self));
    }
}

impl<E: WideDecimalEncoding> FromColumn<E> for i256 {
    type Reader = DecimalReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        DecimalReader::of::<E::Wide>(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        reader.get_wide(row).ok_or_else(|| does_not_fit(row, "i256", E::Wide::SCALE))
    }
}

impl<E> Item<E> for i256 where i256: Column<E> {}

fn too_many_digits<E: DecimalEncoding>(value: &dyn Display) -> String {
    let (precision, scale) = (E::PRECISION, E::SCALE);
    format!(
        "{value} has more than {precision} digits, which is all that `decimal({precision}, {scale})` holds"
    )
}

/// Of a number whose digits do not all have room.
#[cfg(any(feature = "rust_decimal", feature = "bigdecimal"))]
pub(super) fn no_room<E: DecimalEncoding>(value: &dyn Display) -> String {
    let (precision, scale) = (E::PRECISION, E::SCALE);
    let before = i16::from(precision) - i16::from(scale);
    if E::ROUNDS {
        return format!(
            "{value} does not fit `decimal({precision}, {scale})`: it has more than {before} digits before the point"
        );
    }
    format!(
        "{value} does not fit `decimal({precision}, {scale})`: it has more than {scale} digits after the point, or more than \
         {before} before it; `round` would round it"
    )
}

#[cold]
fn does_not_fit(row: usize, rust: &str, scale: i8) -> Box<Fault> {
    Box::new(Fault::new(row, format!("does not fit the field's type `{rust}` at scale {scale}")))
}

/// A column of decimals of any width, and the factor that brings them to the field's scale.
#[derive(Debug, Clone)]
pub struct DecimalReader {
    values: Values,
    factor: i256,
}

#[derive(Debug, Clone)]
enum Values {
    Decimal32(Decimal32Array),
    Decimal64(Decimal64Array),
    Decimal128(Decimal128Array),
    Decimal256(Decimal256Array),
}

impl DecimalReader {
    /// Accepts decimals of any width with the encoding's scale or a smaller one.
    ///
    /// # Errors
    /// A mismatch for any other type.
    pub fn of<E: DecimalEncoding>(array: &ArrayRef) -> Result<Self, Vec<Mismatch>> {
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
                let digits = u32::try_from(i16::from(E::SCALE) - i16::from(found)).ok()?;
                Some(DecimalReader { values, factor: i256::from_i128(10).checked_pow(digits)? })
            })
            .ok_or_else(|| {
                let best = E::data_type();
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
        value.checked_mul(self.factor)
    }

    /// The value of one row in units of the field's last digit; `None` when it has too many digits.
    pub fn get(&self, row: usize) -> Option<i128> {
        match &self.values {
            Values::Decimal128(array) if self.factor == i256::ONE => Some(array.value(row)),
            _ => self.get_wide(row)?.to_i128(),
        }
    }
}
