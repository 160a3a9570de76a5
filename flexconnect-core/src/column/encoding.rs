//! Encodings: markers that choose the Arrow type of a Rust type, one per `as = "..."` name.
//!
//! They have no value. The derive turns a field's attributes into one of them and passes it as the `E` of
//! [`Column<E>`](super::Column).

use std::marker::PhantomData;

pub use super::temporal::{Microsecond, Millisecond, Nanosecond, NoZone, Second, Unit, Utc, Zone};

macro_rules! markers {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;
    )*};
}

markers! {
    /// The encoding a type has when no attribute names another.
    Natural
    /// `as = "Bool8"`: one byte per truth value, the canonical extension `arrow.bool8`.
    Bool8
    /// `as = "Int8"`.
    Int8
    /// `as = "Int16"`.
    Int16
    /// `as = "Int32"`.
    Int32
    /// `as = "Int64"`.
    Int64
    /// `as = "UInt8"`.
    UInt8
    /// `as = "UInt16"`.
    UInt16
    /// `as = "UInt32"`.
    UInt32
    /// `as = "UInt64"`.
    UInt64
    /// `as = "Float32"`.
    Float32
    /// `as = "Float64"`.
    Float64
    /// `as = "Utf8"`: text with 32 bit offsets.
    Utf8
    /// `as = "LargeUtf8"`: text with 64 bit offsets.
    LargeUtf8
    /// `as = "Utf8View"`: text in views, short values inline.
    Utf8View
    /// `as = "Binary"`: bytes with 32 bit offsets.
    Binary
    /// `as = "LargeBinary"`: bytes with 64 bit offsets.
    LargeBinary
    /// `as = "BinaryView"`: bytes in views, short values inline.
    BinaryView
    /// `list`: bytes as a `List` of `UInt8`.
    List
    /// `as = "Date32"`: days since 1970-01-01.
    Date32
    /// `as = "Date64"`: milliseconds since 1970-01-01.
    Date64
}

/// `as = "FixedSizeBinary(n)"`: every value is `N` bytes long.
#[derive(Debug, Clone, Copy)]
pub struct FixedSizeBinary<const N: usize>;

/// `decimal(p, s)`: `P` digits, `S` of them after the point.
#[derive(Debug, Clone, Copy)]
pub struct Decimal<const P: u8, const S: i8>;

/// `unit = "..."`: a date or time in this unit.
#[derive(Debug, Clone, Copy)]
pub struct In<U>(PhantomData<U>);

/// `tz = "..."`: an instant in this unit, labelled with this zone.
#[derive(Debug, Clone, Copy)]
pub struct Zoned<U, Z>(PhantomData<(U, Z)>);

/// `as = "Timestamp"`: an integer counts units since 1970-01-01.
#[derive(Debug, Clone, Copy)]
pub struct Timestamp<U, Z>(PhantomData<(U, Z)>);

/// `as = "Time32"`: an `i32` counts units since midnight.
#[derive(Debug, Clone, Copy)]
pub struct Time32<U>(PhantomData<U>);

/// `as = "Time64"`: an `i64` counts units since midnight.
#[derive(Debug, Clone, Copy)]
pub struct Time64<U>(PhantomData<U>);

/// `as = "Duration"`: an integer counts units.
#[derive(Debug, Clone, Copy)]
pub struct Duration<U>(PhantomData<U>);
