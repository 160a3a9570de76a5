//! A column type as its attributes describe it.

use proc_macro2::TokenStream;
use syn::{Generics, Ident, Member, Type};

use crate::encoding::Encoding;

/// An enum or newtype that is a column.
pub(crate) struct Column {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    /// The hidden module emitted code names everything through.
    pub(crate) private: TokenStream,
    pub(crate) shape: Shape,
}

/// What kind of type it is.
pub(crate) enum Shape {
    /// An enum without data.
    Enum(Vec<Variant>, Layout),
    /// An enum with data, as a struct: which variant it is, and one nullable column for the data of each.
    Tagged(Tagged),
    /// A struct with one field.
    Newtype { member: Member, ty: Box<Type>, encoding: Encoding },
    /// One with mistakes: what is emitted need not work, only compile.
    Broken,
}

/// A variant of an enum.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
}

/// An enum with data.
pub(crate) struct Tagged {
    /// The name of the column that says which variant it is.
    pub(crate) tag: String,
    pub(crate) variants: Vec<Variant>,
    /// The data of the variants, in the same order.
    pub(crate) data: Vec<Data>,
}

/// What a variant holds.
pub(crate) enum Data {
    Nothing,
    /// One unnamed field.
    One(Box<Type>, Encoding),
    /// Unnamed fields.
    Tuple(Vec<Type>),
    /// Named fields, and the names of their columns.
    Named(Vec<(Ident, String, Type)>),
}

/// The Arrow type of an enum without data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Layout {
    Dictionary,
    /// The discriminant, in the integer type of this name.
    Repr(Ident),
    /// Text of the encoding of this name.
    Text(&'static str),
}

/// The encodings of text.
pub(crate) const TEXTS: [&str; 3] = ["Utf8", "LargeUtf8", "Utf8View"];
