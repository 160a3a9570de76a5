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

/// The Arrow type of an enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    Dictionary,
    /// Text of the encoding of this name.
    Text(&'static str),
}

/// The encodings of text.
pub(crate) const TEXTS: [&str; 3] = ["Utf8", "LargeUtf8", "Utf8View"];
