//! A column type as its attributes describe it.

use proc_macro2::TokenStream;
use syn::{Generics, Ident, Member, Type};

use crate::encoding::Encoding;
use crate::table::model::Field;

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
    /// An enum with data.
    Data(Vec<DataVariant>, DataLayout),
    /// A struct with one field.
    Newtype { member: Member, ty: Box<Type>, encoding: Encoding },
    /// One with mistakes: what is emitted need not work, only compile.
    Broken,
}

/// A variant of an enum.
#[derive(Clone)]
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
}

/// A variant of an enum with data.
pub(crate) struct DataVariant {
    pub(crate) variant: Variant,
    pub(crate) data: Data,
}

/// What a variant holds.
pub(crate) enum Data {
    Nothing,
    /// One unnamed field.
    One(Box<Type>, Encoding),
    /// Fields, each a column of a struct, and the names they have in the variant when they have any.
    Fields(Vec<Field>, Vec<Ident>),
}

/// The Arrow type of an enum with data.
pub(crate) enum DataLayout {
    /// A struct: which variant it is, in the column of this name, and one nullable column for the data of each.
    Tagged(String),
    /// A union.
    Union {
        sparse: bool,
        /// The type id of each variant.
        ids: Vec<i8>,
        /// The place of the variant that stands for a null.
        null: Option<usize>,
    },
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
