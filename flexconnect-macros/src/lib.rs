//! The derives of flexconnect: `Table`, `Column` and `Config`. Use them through `flexconnect-core`, which
//! re-exports them beside the traits they implement.
//!
//! Each derive is parsed into a model of our own, the model is checked, and what is left is emitted. Every mistake
//! is reported at once, at its own place; the code emitted beside the errors is complete enough to cause no more.

mod asked;
mod attribute;
mod case;
mod encoding;
mod errors;
mod place;
mod types;

mod column;
mod config;
mod table;

use proc_macro::TokenStream;

/// Makes a struct with named fields a table: each field a column, each value a row.
///
/// | on the struct, `#[table(..)]` | |
/// | --- | --- |
/// | `name = ".."` | the table's name; default: the struct's in `snake_case` |
/// | `title = ".."` | its title, for people |
/// | `rename_all = "camelCase"` | the columns' names; the cases are serde's |
/// | `primary_key(a, b)` | the columns that identify a row, in key order |
/// | `unique(a, b)` | columns no two rows share; can be given more than once |
/// | `sorted_by(a, b desc)`, `partitioned_by(a)`, `incremental(a)` | the order of the rows; what is the same in all rows of a partition; the cursor |
/// | `strings = "Utf8View"`, `timestamps = "ns"`, `lists = "LargeList"` | encodings of the fields that choose none |
/// | `deny_unknown` | reading refuses columns the struct does not have |
/// | `view`, `view = "RowRef"` | also make the struct that borrows what this one owns, to read without an allocation |
/// | `comments` | doc comments become metadata |
/// | `metadata(owner = "data")` | schema metadata |
/// | `bound = "T: Column"`, `bound(write = "..", read = "..")` | what type parameters must be, in place of what their fields ask for |
/// | `crate = "path"` | where `flexconnect_core` is |
///
/// | on a field, `#[column(..)]` | |
/// | --- | --- |
/// | `rename = ".."`, `alias = ".."` | the column's name; further names accepted when reading |
/// | `skip` | not a column; its `Default` when reading |
/// | `default`, `default = "path"` | the value when the column is missing |
/// | `flatten`, `flatten(prefix = "home_")` | the struct's columns become columns of this table |
/// | `with = "module"` | `module::to(&field)` gives a `module::Column`, `module::from(column)` a `Result` of the field |
/// | `json` | what serde makes of the value, as text with the extension `arrow.json` |
/// | `display` | the text it displays, and parses |
/// | `primary_key`, `unique`, `sorted`, `partition`, `incremental` | as on the struct, for one field |
/// | `nullable` | the schema says nullable although the type is not an `Option` |
/// | `as = ".."` | the Arrow type by its name: `"LargeUtf8"`, `"Int64"`, `"Date32"`, `"Timestamp"`, `"LargeList"`, `"FixedSizeList(3)"`, .. |
/// | `as = "RunEndEncoded"` | each value once for the rows in a row that have it |
/// | `unit = "s" \| "ms" \| "us" \| "ns"`, `tz = ".."` | of dates and times |
/// | `offset` | an instant beside its offset from UTC, the extension `arrow.timestamp_with_offset` |
/// | `truncate` | what is finer than the unit may be lost when a time is read |
/// | `decimal(p, s)`, `decimal32(p, s)` and so on to `decimal256` | `p` digits, `s` of them after the point, which an integer counts units of; of 128 bits, or as chosen |
/// | `round` | what has no room after the point is rounded, a half away from zero |
/// | `dictionary`, `dictionary = "UInt8"` | each different text, bytes or integer once a batch, and a key a row |
/// | `list` | bytes as a list of numbers, a map as a list of structs |
/// | `item = ".."` | what the items of a list are called |
/// | `map`, `keys_sorted` | a `Vec` of pairs as a map; a `BTreeMap` whose column says its keys are in order |
/// | `names("a", "b")` | what the parts of a tuple are called |
/// | `tensor`, `tensor(2, 3)` | an array of arrays, a `Vec` of so many numbers: the extension `arrow.fixed_shape_tensor` |
/// | `extension = ".."`, `metadata(k = "v")` | the name of an extension type; field metadata |
///
/// The struct can borrow (`struct Line<'a> { text: &'a str }`): it takes rows of every lifetime, and is its own view; with
/// `view` a public one with public columns of your own is a little faster to read. A struct that owns its fields can be
/// read from batches. The columns of flattened structs can be named like the struct's own, with their prefix.
#[proc_macro_derive(Table, attributes(table, column))]
pub fn derive_table(input: TokenStream) -> TokenStream {
    table::derive(input.into()).into()
}

/// Makes an enum, or a struct with one unnamed field, a column type.
///
/// An enum without data is a dictionary of its variants' names, all of them, in order. On the enum,
/// `#[column(rename_all = "..")]` and `as = "Utf8"` (or `"LargeUtf8"`, `"Utf8View"`), or `repr` for the discriminant as
/// its integer; on a variant, `rename` and `alias`.
///
/// An enum with data is a `Union(Dense)` with a child for each variant: what it holds, or a struct of its fields. On the enum,
/// `sparse`; on a variant, `tag = 5` for its type id, and `null` on one that holds nothing and stands for the null of an
/// `Option` of the enum, which there is only then. It can have one lifetime. With `#[column(tagged)]` it is a struct, which
/// more engines know: the variant's name, in the column `tag = ".."`, and one nullable column for the data of each
/// variant. The fields of variants take the attributes of a table's.
///
/// A newtype has the column of what it holds; `as`, `unit`, `tz`, `decimal(p, s)`, `dictionary` and the like on its field
/// choose the encoding. On all of them, `crate = "path"`.
#[proc_macro_derive(Column, attributes(column))]
pub fn derive_column(input: TokenStream) -> TokenStream {
    column::derive(input.into()).into()
}

/// Makes a struct a connector's configuration, an enum without data a choice in one, and an enum with data a choice
/// that decides which parameters there are beside it.
///
/// The attributes are listed with the trait `flexconnect_core::Config`; the module `flexconnect_core::config` has an
/// example of each.
#[proc_macro_derive(Config, attributes(config))]
pub fn derive_config(input: TokenStream) -> TokenStream {
    config::derive(&syn::parse_macro_input!(input as syn::DeriveInput)).into()
}
