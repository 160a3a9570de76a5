//! A table as its attributes describe it; it knows nothing of the code that will be emitted.

use proc_macro2::{Span, TokenStream};
use syn::{Generics, Ident, Path, Type};

use crate::encoding::Encoding;

/// A struct that is a table.
pub(crate) struct Table {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    /// The hidden module emitted code names everything through.
    pub(crate) private: TokenStream,
    pub(crate) name: String,
    /// Schema metadata, in the order written.
    pub(crate) metadata: Vec<(String, String)>,
    /// The fields named in `primary_key(..)` on the struct, as written and where.
    pub(crate) key: Vec<(String, Span)>,
    pub(crate) fields: Vec<Field>,
    /// Whether there are mistakes: what is emitted then need not work, only compile.
    pub(crate) broken: bool,
}

/// A field of the struct.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) default: Default,
    /// `None` when the field is not a column.
    pub(crate) column: Option<Column>,
    /// Whether it would be a column if there were no mistake in it.
    pub(crate) broken: bool,
}

/// What a field holds that is not read from a column.
pub(crate) enum Default {
    /// There is nothing: the column must be there.
    None,
    /// `Default::default()`.
    Trait,
    /// What this function returns.
    Path(Path),
}

/// A field that is a column.
pub(crate) struct Column {
    pub(crate) name: String,
    /// Where the name comes from: the field, or its `rename`.
    pub(crate) name_span: Span,
    pub(crate) aliases: Vec<(String, Span)>,
    pub(crate) encoding: Encoding,
    pub(crate) nullable: bool,
    /// Where the field says `primary_key`.
    pub(crate) key: Option<Span>,
    pub(crate) metadata: Vec<(String, String)>,
}

impl Table {
    /// The fields that are columns, in order.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&Field, &Column)> {
        self.fields.iter().filter_map(|field| Some((field, field.column.as_ref()?)))
    }
}
