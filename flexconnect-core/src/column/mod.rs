//! Rust types as Arrow columns: one file and one typed buffer per family of types.
//!
//! [`Column`] says which Arrow type a Rust type has and pushes its values into a [`ColumnBuffer`];
//! [`FromColumn`] reads them back. Both take an encoding from [`encoding`], a marker without a value, so that
//! the attributes of a field cost nothing when rows are pushed.

pub mod encoding;

#[cfg(feature = "bigdecimal")]
mod bigdecimal;
mod boolean;
mod borrow;
mod bytes;
mod decimal;
mod dictionary;
mod display;
mod interned;
mod items;
mod json;
mod list;
mod map;
mod network;
mod number;
mod option;
mod pointer;
mod primitive;
mod read;
mod runs;
#[cfg(feature = "rust_decimal")]
mod rust_decimal;
mod sequence;
mod stand_in;
#[cfg(any(feature = "smol_str", feature = "compact_str", feature = "ecow", feature = "tinystr"))]
mod strings;
pub mod temporal;
mod tensor;
mod text;
mod tuple;
mod union;
#[cfg(feature = "uuid")]
mod uuid;
mod view;

use arrow_schema::{DataType, Field};

use crate::buffer::{ColumnBuffer, Nullable, Slot, Slots};

pub use self::boolean::BooleanReader;
pub use self::borrow::{BorrowColumn, SliceReader};
pub use self::bytes::BytesReader;
pub use self::decimal::DecimalReader;
pub use self::dictionary::{EnumBuffer, EnumReader, Variants};
pub use self::display::Displayed;
pub use self::encoding::Natural;
pub use self::interned::InternedBuffer;
pub use self::items::ListItems;
pub use self::json::Json;
pub use self::list::ListReader;
pub use self::map::MapReader;
pub use self::primitive::{Float, FloatReader, IntegerReader};
pub use self::read::{FromColumn, Mismatch, Source};
pub use self::runs::{RunBuffer, Runs};
pub use self::stand_in::{Is, IsNot, OrStandIn, StandIn};
pub use self::text::TextReader;
pub use self::tuple::{PartNames, TupleColumns, TupleEncoding};
pub use self::union::{UnionBuffer, UnionPart, UnionParts, UnionRows};
#[cfg(feature = "uuid")]
pub use self::uuid::UuidReader;
pub use self::view::ViewBuffer;

/// A Rust type that can be a column, in the encoding `E`.
///
/// `Option<T>`, `Vec<T>` and the other containers pass `E` on to their innermost type, so that
/// `#[column(unit = "ms")]` reaches the timestamps of an `Option<Vec<DateTime<Utc>>>`.
///
/// Implemented by `#[derive(Table)]` (a struct inside a struct) and `#[derive(Column)]` (an enum, or a struct with one
/// unnamed field):
///
/// ```
/// use flexconnect_core::arrow_schema::DataType;
/// use flexconnect_core::{Column, Table};
///
/// #[derive(Column)]
/// struct Celsius(f32);
///
/// /// A dictionary of two words.
/// #[derive(Column)]
/// enum Place {
///     Inside,
///     Outside,
/// }
///
/// /// A union; without `null` it could not be in an `Option`.
/// #[derive(Column)]
/// enum Reading {
///     Temperature(Celsius),
///     Wind { speed: f32, from: Option<String> },
///     #[column(null)]
///     Nothing,
/// }
///
/// #[derive(Table)]
/// struct Weather {
///     place: Place,
///     readings: Vec<Reading>,
///     last: Option<Reading>,
/// }
///
/// let schema = Weather::schema();
/// assert!(matches!(schema.field(0).data_type(), DataType::Dictionary(..)));
/// assert!(matches!(schema.field(2).data_type(), DataType::Union(..)));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a column",
    label = "no column type in the encoding `{E}`",
    note = "a struct becomes a column with `#[derive(Table)]`, an enum or a newtype with `#[derive(Column)]`",
    note = "some types need a feature of flexconnect-core named as their crate: `chrono`, `jiff`, `time`, `rust_decimal`, `uuid`, `url`, ..",
    note = "a time with a time zone of its own needs `#[column(tz = \"..\")]` or `#[column(offset)]`",
    note = "`#[column(with = \"module\")]` converts it by hand, `json` by serde, `display` by its text; `skip` leaves it out"
)]
pub trait Column<E = Natural> {
    /// The buffer values of this type are pushed into.
    type Buffer: ColumnBuffer;

    /// Whether the column can hold a null: true for `Option` only.
    const NULLABLE: bool = false;

    /// Whether a value can count as a null for Arrow, as in a union whose variant holds nothing.
    const MAY_SEEM_NULL: bool = Self::NULLABLE;

    /// Whether nulls can be told from values where this type is in an `Option`: not in a union without a `null` variant.
    const HAS_NULL: bool = true;

    /// Why no field can have this type, where that shows only when all its parts are known.
    const REFUSED: Option<&'static str> = None;

    /// The Arrow type.
    fn data_type() -> DataType;

    /// Field metadata that belongs to the type (an extension type's name).
    fn metadata() -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Appends one value. A value that does not fit the Arrow type is kept as a [`Fault`](crate::buffer::Fault), and a
    /// placeholder takes its place.
    ///
    /// Not called `push`, which would hide `Vec::push` wherever this trait is imported beside its derive.
    fn append_to(&self, slot: Slot<'_, Self::Buffer>);

    /// Appends one value or a null.
    #[inline(always)]
    fn append_option(value: Option<&Self>, slot: Slot<'_, Nullable<Self::Buffer>>) {
        match value {
            Some(value) => value.append_to(slot.some()),
            None => slot.none(),
        }
    }

    /// Appends as many values as there are slots.
    #[inline(always)]
    fn append_all(values: &[Self], slots: Slots<'_, Self::Buffer>)
    where
        Self: Sized,
    {
        slots.fill(values, |value, slot| value.append_to(slot));
    }
}

/// A column type that makes a `List` when there are many of it: every one but `u8`, of which a `Vec` is
/// `Binary`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a column",
    label = "no column type in the encoding `{E}`",
    note = "a struct becomes a column with `#[derive(Table)]`, an enum or a newtype with `#[derive(Column)]`",
    note = "some types need a feature of flexconnect-core named as their crate: `chrono`, `jiff`, `time`, `rust_decimal`, `uuid`, `url`, ..",
    note = "a time with a time zone of its own needs `#[column(tz = \"..\")]` or `#[column(offset)]`",
    note = "`#[column(with = \"module\")]` converts it by hand, `json` by serde, `display` by its text; `skip` leaves it out"
)]
pub trait Item<E = Natural>: Column<E> {}

/// The field of this name for values of type `T` in the encoding `E`.
pub fn field<T: Column<E> + ?Sized, E>(name: &str) -> Field {
    let metadata = T::metadata().into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    Field::new(name, T::data_type(), T::MAY_SEEM_NULL).with_metadata(metadata)
}
