//! A table as its attributes describe it; it knows nothing of the code that will be emitted.

use proc_macro2::{Span, TokenStream};
use syn::{Generics, Ident, Path, Type, Visibility, WherePredicate};

use crate::encoding::Encoding;

/// A struct that is a table.
pub(crate) struct Table {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) generics: Generics,
    /// The hidden module emitted code names everything through.
    pub(crate) private: TokenStream,
    pub(crate) name: String,
    /// Schema metadata, in the order written.
    pub(crate) metadata: Vec<(String, String)>,
    /// What `primary_key(..)` and the like on the struct say, in the order written.
    pub(crate) facts: Vec<(Fact, Vec<Named>)>,
    /// Columns that declarations name and that can only be those of a flattened struct; whether each is part of the key.
    pub(crate) flattened: Vec<(String, Span, bool)>,
    /// Whether reading refuses columns the struct does not have.
    pub(crate) deny_unknown: bool,
    /// The name of the borrowed row type to make as well.
    pub(crate) view: Option<Ident>,
    /// Whether the types of its columns may be less public than the struct: its readers then hide them.
    pub(crate) hides_types: bool,
    /// What the type parameters must be, in place of what their columns ask for.
    pub(crate) bounds: Bounds,
    /// Whether it is no struct of the user's.
    pub(crate) hidden: bool,
    pub(crate) fields: Vec<Field>,
    /// Whether there are mistakes: what is emitted then need not work, only compile.
    pub(crate) broken: bool,
}

/// Bounds of type parameters that the user has written.
#[derive(Clone, Default)]
pub(crate) struct Bounds {
    /// To be written.
    pub(crate) write: Option<Vec<WherePredicate>>,
    /// To be read.
    pub(crate) read: Option<Vec<WherePredicate>>,
}

/// What is declared of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    PrimaryKey,
    Unique,
    SortedBy,
    PartitionedBy,
    Incremental,
}

/// A column as a declaration names it.
#[derive(Clone)]
pub(crate) struct Named {
    /// The field, or the column.
    pub(crate) name: String,
    pub(crate) span: Span,
    /// Of `sorted_by(a desc)`.
    pub(crate) descending: bool,
}

/// A field of the struct.
#[derive(Clone)]
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    pub(crate) default: Default,
    /// `None` when the field is not a column.
    pub(crate) column: Option<Column>,
    /// Whether it would be a column if there were no mistake in it.
    pub(crate) broken: bool,
}

/// What a field holds that is not read from a column.
#[derive(Clone)]
pub(crate) enum Default {
    /// There is nothing: the column must be there.
    None,
    /// `Default::default()`.
    Trait,
    /// What this function returns.
    Path(Path),
}

/// How a field's value becomes that of its column.
#[derive(Clone)]
pub(crate) enum Conversion {
    /// It is.
    None,
    /// It is, and rows in a row that have the same value share it.
    Runs,
    /// By its text.
    Display,
    /// By its JSON.
    Json,
    /// By the functions `to` and `from` of a module, whose `Column` is the type of the column.
    With(Path),
    /// Its own columns are columns of this table, with this before their names.
    Flatten(String),
}

/// A field that is a column.
#[derive(Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Where the name comes from: the field, or its `rename`.
    pub(crate) name_span: Span,
    pub(crate) aliases: Vec<(String, Span)>,
    pub(crate) encoding: Encoding,
    pub(crate) conversion: Conversion,
    pub(crate) nullable: bool,
    /// Whether it is the data of a variant, which only some rows have; its type is that of the data.
    pub(crate) optional: bool,
    /// What the field says of itself, and where.
    pub(crate) facts: Vec<(Fact, Span)>,
    pub(crate) metadata: Vec<(String, String)>,
}

impl Table {
    /// The fields that are columns, in order.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&Field, &Column)> {
        self.fields.iter().filter_map(|field| Some((field, field.column.as_ref()?)))
    }
}

impl Fact {
    /// Every one, with its name on the struct, its name on a field, and its key in the schema's metadata, which is as
    /// `flexconnect_core::table::metadata` has it.
    pub(crate) const ALL: [(Fact, &'static str, &'static str, &'static str); 5] = [
        (Fact::PrimaryKey, "primary_key", "primary_key", "flexconnect:primary_key"),
        (Fact::Unique, "unique", "unique", "flexconnect:unique"),
        (Fact::SortedBy, "sorted_by", "sorted", "flexconnect:sorted_by"),
        (Fact::PartitionedBy, "partitioned_by", "partition", "flexconnect:partitioned_by"),
        (Fact::Incremental, "incremental", "incremental", "flexconnect:incremental"),
    ];

    /// The fact of this name on the struct.
    pub(crate) fn on_struct(name: &str) -> Option<Fact> {
        Self::ALL.iter().find(|(_, on_struct, ..)| *on_struct == name).map(|(fact, ..)| *fact)
    }

    /// The fact of this name on a field.
    pub(crate) fn on_field(name: &str) -> Option<Fact> {
        Self::ALL.iter().find(|(_, _, on_field, _)| *on_field == name).map(|(fact, ..)| *fact)
    }

    pub(crate) fn names(self) -> (&'static str, &'static str, &'static str) {
        let found = Self::ALL.iter().find(|(fact, ..)| *fact == self);
        found.map_or(("", "", ""), |(_, on_struct, on_field, key)| (on_struct, on_field, key))
    }
}
