//! `as`, `unit`, `tz`, `decimal`, `dictionary` and the like: the encoding of a column, checked as far as its type's name
//! tells.

mod chosen;
mod emit;
mod known;
mod settings;
mod usually;

pub(crate) use self::chosen::Chosen;
pub(crate) use self::usually::Usually;

/// The settings that choose an encoding.
pub(crate) const SETTINGS: [&str; 18] = [
    "as",
    "unit",
    "tz",
    "offset",
    "truncate",
    "decimal",
    "decimal32",
    "decimal64",
    "decimal128",
    "decimal256",
    "round",
    "dictionary",
    "list",
    "item",
    "map",
    "keys_sorted",
    "names",
    "tensor",
];

/// The encoding of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Encoding {
    Natural,
    /// A marker of this name, without arguments.
    Named(&'static str),
    FixedSizeBinary(usize),
    /// The width, when one is chosen, the digits, and those after the point.
    Decimal(Option<u16>, u8, i8),
    Rounded(Box<Encoding>),
    Truncated(Box<Encoding>),
    WithOffset(Unit),
    /// The sizes of its dimensions, as they are written.
    Tensor(Vec<String>),
    In(Unit),
    Zoned(Unit, String),
    Timestamp(Unit, Option<String>),
    /// `Time32`, `Time64` or `Duration`.
    Counted(&'static str, Unit),
    /// The type of the keys.
    Dictionary(&'static str),
    /// The layout of a list and what its items are called.
    Lists(&'static str, Option<String>, Box<Encoding>),
    /// A list of so many items, and what they are called.
    FixedList(usize, Option<String>, Box<Encoding>),
    /// An array, and what its items are called.
    Items(String, Box<Encoding>),
    /// Pairs as a map.
    Pairs(Box<Encoding>),
    KeysSorted(Box<Encoding>),
    /// What the parts of a tuple are called.
    Names(Vec<String>),
}

/// What a second is divided into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}
