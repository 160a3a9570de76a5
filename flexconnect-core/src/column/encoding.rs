//! Encodings: markers that choose the Arrow type of a Rust type, one per `as = "..."` name.
//!
//! They have no value. The derive turns a field's attributes into one of them and passes it as the `E` of
//! [`Column<E>`](super::Column).

use std::marker::PhantomData;

pub use super::decimal::{DecimalEncoding, WideDecimalEncoding};
pub use super::list::{ItemName, ListKind, NamedItem};
pub use super::temporal::{Microsecond, Millisecond, Nanosecond, NoZone, Second, Unit, Utc, Zone};
pub use super::tensor::Shape;

/// An encoding that containers pass on to what they hold: every one but those of the containers themselves.
pub trait PassedOn {}

macro_rules! markers {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl PassedOn for $name {}
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
    /// `as = "Float16"`.
    Float16
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
    /// `list`: bytes as a `List` of `UInt8`; in [`Lists`], `List` itself.
    List
    /// `as = "LargeList"`, in [`Lists`].
    LargeList
    /// `as = "ListView"`, in [`Lists`].
    ListView
    /// `as = "LargeListView"`, in [`Lists`].
    LargeListView
    /// `as = "Date32"`: days since 1970-01-01.
    Date32
    /// `as = "Date64"`: milliseconds since 1970-01-01.
    Date64
    /// `as = "Interval(YearMonth)"`: an `i32` counts months.
    IntervalYearMonth
}

/// `as = "FixedSizeBinary(n)"`: every value is `N` bytes long.
#[derive(Debug, Clone, Copy)]
pub struct FixedSizeBinary<const N: usize>;

/// `decimal(p, s)`: `P` digits, `S` of them after the point, in the width that is usual for the type.
#[derive(Debug, Clone, Copy)]
pub struct Decimal<const P: u8, const S: i8>;

/// `decimal32(p, s)`: at most 9 digits.
#[derive(Debug, Clone, Copy)]
pub struct Decimal32<const P: u8, const S: i8>;

/// `decimal64(p, s)`: at most 18 digits.
#[derive(Debug, Clone, Copy)]
pub struct Decimal64<const P: u8, const S: i8>;

/// `decimal128(p, s)`: at most 38 digits.
#[derive(Debug, Clone, Copy)]
pub struct Decimal128<const P: u8, const S: i8>;

/// `decimal256(p, s)`: at most 76 digits.
#[derive(Debug, Clone, Copy)]
pub struct Decimal256<const P: u8, const S: i8>;

/// `round`: digits that the decimal `D` has no room for after the point are rounded away when a value is written.
#[derive(Debug, Clone, Copy)]
pub struct Rounded<D>(PhantomData<D>);

/// `truncate`: what is finer than the field's unit is cut off when a time is read.
#[derive(Debug, Clone, Copy)]
pub struct Truncated<E>(PhantomData<E>);

/// `offset`: an instant in this unit, beside its offset from UTC.
#[derive(Debug, Clone, Copy)]
pub struct WithOffset<U>(PhantomData<U>);

/// `tensor`: `LEN` numbers that are a tensor of the shape `S`.
#[derive(Debug, Clone, Copy)]
pub struct Tensor<const LEN: usize, S>(PhantomData<S>);

/// `item = ".."` on an array: what its items are called; they have the encoding `E`.
#[derive(Debug, Clone, Copy)]
pub struct Items<N, E>(PhantomData<(N, E)>);

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

/// `dictionary`: each different value once, and a key of this type a row.
#[derive(Debug, Clone, Copy)]
pub struct Dictionary<K>(PhantomData<K>);

/// `names("a", "b")`: what the parts of a tuple are called.
#[derive(Debug, Clone, Copy)]
pub struct Names<N>(PhantomData<N>);

/// `as = "LargeList"` and the like, and `item = ".."`: the layout `L` of a list whose items are called `N`; the items
/// have the encoding `E`.
#[derive(Debug, Clone, Copy)]
pub struct Lists<L, N, E>(PhantomData<(L, N, E)>);

/// `as = "FixedSizeList(n)"`: every list has `COUNT` items, called `N`, in the encoding `E`.
#[derive(Debug, Clone, Copy)]
pub struct FixedSizeList<const COUNT: usize, N, E>(PhantomData<(N, E)>);

/// `map`: pairs as the entries of a map, the values in the encoding `E`.
#[derive(Debug, Clone, Copy)]
pub struct Pairs<E>(PhantomData<E>);

/// `keys_sorted`: a map that says its keys are in order.
#[derive(Debug, Clone, Copy)]
pub struct KeysSorted<E>(PhantomData<E>);

impl<const N: usize> PassedOn for FixedSizeBinary<N> {}
impl<const P: u8, const S: i8> PassedOn for Decimal<P, S> {}
impl<const P: u8, const S: i8> PassedOn for Decimal32<P, S> {}
impl<const P: u8, const S: i8> PassedOn for Decimal64<P, S> {}
impl<const P: u8, const S: i8> PassedOn for Decimal128<P, S> {}
impl<const P: u8, const S: i8> PassedOn for Decimal256<P, S> {}
impl<D> PassedOn for Rounded<D> {}
impl<E> PassedOn for Truncated<E> {}
impl<U> PassedOn for WithOffset<U> {}
impl<U> PassedOn for In<U> {}
impl<U, Z> PassedOn for Zoned<U, Z> {}
impl<U, Z> PassedOn for Timestamp<U, Z> {}
impl<U> PassedOn for Time32<U> {}
impl<U> PassedOn for Time64<U> {}
impl<U> PassedOn for Duration<U> {}
impl<K> PassedOn for Dictionary<K> {}
impl<N> PassedOn for Names<N> {}
