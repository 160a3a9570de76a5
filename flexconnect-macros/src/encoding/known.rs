//! The Arrow types `as` can name, and which Rust types have which of them.

use syn::LitStr;

use crate::attribute::nearest;
use crate::errors::Errors;

/// What `as` can say, besides `FixedSizeBinary(n)`.
pub(super) const NAMES: [&str; 25] = [
    "Bool8",
    "Int8",
    "Int16",
    "Int32",
    "Int64",
    "UInt8",
    "UInt16",
    "UInt32",
    "UInt64",
    "Float16",
    "Float32",
    "Float64",
    "Utf8",
    "LargeUtf8",
    "Utf8View",
    "Binary",
    "LargeBinary",
    "BinaryView",
    "Date32",
    "Date64",
    "Timestamp",
    "Time32",
    "Time64",
    "Duration",
    "Interval(YearMonth)",
];

/// Layouts of lists that `as` can say, besides `FixedSizeList(n)`.
pub(super) const LISTS: [&str; 4] = ["List", "LargeList", "ListView", "LargeListView"];

/// Types of the keys of a dictionary.
pub(super) const KEYS: [&str; 8] = ["Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64"];

pub(super) fn unknown(name: &str) -> String {
    match nearest(name, NAMES) {
        Some(near) => format!("unknown Arrow type `{name}`, did you mean `{near}`?"),
        None => {
            format!("unknown Arrow type `{name}`, it can be `{}` or `FixedSizeBinary(n)`", NAMES.join("`, `"))
        }
    }
}

/// Integers that can be the values of a dictionary.
pub(super) const INTEGERS: [&str; 8] = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"];

/// Whether this is a type whose encodings are known here.
pub(super) fn is_plain(inner: &str) -> bool {
    !encodings(inner).is_empty()
}

/// Reports an Arrow type that a well-known Rust type does not have.
pub(super) fn fits(text: &LitStr, name: &str, inner: &str, errors: &mut Errors) {
    let allowed = encodings(inner);
    let name = if name.starts_with("FixedSizeBinary(") { "FixedSizeBinary(n)" } else { name };
    let known = NAMES.contains(&name) || name == "FixedSizeBinary(n)";
    if known && !allowed.is_empty() && !allowed.contains(&name) {
        let inner = if inner == "[u8]" { "bytes" } else { inner };
        errors.at(text, format!("`{inner}` cannot be `{name}`, it can be `{}`", allowed.join("`, `")));
    }
}

/// The Arrow types of the types that have a fixed name; empty for all others.
pub(super) fn encodings(inner: &str) -> &'static [&'static str] {
    match inner {
        "bool" => &["Bool8"],
        "i8" => &["Int8", "Int16", "Int32", "Int64"],
        "i16" => &["Int16", "Int32", "Int64"],
        "i32" => &["Int32", "Int64", "Date32", "Time32", "Interval(YearMonth)"],
        "i64" => &["Int64", "Date64", "Timestamp", "Time64", "Duration"],
        "u8" => &["UInt8", "UInt16", "UInt32", "UInt64", "Int16", "Int32", "Int64"],
        "u16" => &["UInt16", "UInt32", "UInt64", "Int32", "Int64"],
        "u32" => &["UInt32", "UInt64", "Int64"],
        "u64" => &["UInt64"],
        "f16" => &["Float16", "Float32", "Float64"],
        "f32" => &["Float32", "Float64"],
        "f64" => &["Float64"],
        "char" => &["Utf8", "LargeUtf8", "Utf8View", "UInt32"],
        "String" | "str" => &["Utf8", "LargeUtf8", "Utf8View"],
        "[u8]" => &["Binary", "LargeBinary", "BinaryView", "FixedSizeBinary(n)"],
        _ => &[],
    }
}
