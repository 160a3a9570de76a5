//! The derives of flexconnect: `Table`, `Column` and `Config`. Use them through `flexconnect-core`, which
//! re-exports them beside the traits they implement.
//!
//! Each derive is parsed into a model of our own, the model is checked, and what is left is emitted. Every mistake
//! is reported at once, at its own place; the code emitted beside the errors is complete enough to cause no more.

mod attribute;
mod case;
mod encoding;
mod errors;
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
/// | `comments` | doc comments become metadata |
/// | `metadata(owner = "data")` | schema metadata |
/// | `crate = "path"` | where `flexconnect_core` is |
///
/// | on a field, `#[column(..)]` | |
/// | --- | --- |
/// | `rename = ".."`, `alias = ".."` | the column's name; further names accepted when reading |
/// | `skip` | not a column; its `Default` when reading |
/// | `default`, `default = "path"` | the value when the column is missing |
/// | `primary_key` | part of the key |
/// | `nullable` | the schema says nullable although the type is not an `Option` |
/// | `as = ".."` | the Arrow type by its name: `"LargeUtf8"`, `"Int64"`, `"Date32"`, `"Timestamp"`, .. |
/// | `unit = "s" \| "ms" \| "us" \| "ns"`, `tz = ".."` | of dates and times |
/// | `decimal(p, s)` | an integer counts units of the last of `s` digits after the point |
/// | `list` | bytes as a list of numbers |
/// | `metadata(k = "v")` | field metadata |
///
/// The struct can borrow (`struct Line<'a> { text: &'a str }`); one that owns its fields can be read from batches too.
#[proc_macro_derive(Table, attributes(table, column))]
pub fn derive_table(input: TokenStream) -> TokenStream {
    table::derive(input.into()).into()
}

/// Makes an enum without data, or a struct with one unnamed field, a column type.
///
/// An enum is a dictionary of its variants' names, all of them, in order. On the enum,
/// `#[column(rename_all = "..")]` and `as = "Utf8"` (or `"LargeUtf8"`, `"Utf8View"`); on a variant, `rename` and
/// `alias`. A newtype has the column of what it holds; `as`, `unit`, `tz`, `decimal(p, s)` and `list` on its field
/// choose the encoding. On both, `crate = "path"`.
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
