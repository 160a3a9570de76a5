//! A struct as a table: its columns, its metadata, and rows read back from batches.

pub mod metadata;

mod names;
mod read;
mod stand_in;
mod view;

use arrow_schema::{Field, Schema, SchemaRef};

use crate::buffer::HoldRows;

#[doc(hidden)]
pub use self::names::{Named, assert_distinct, assert_named};
pub use self::read::{FromBatch, FromColumns, Lookup, read_struct};
pub use self::view::{BatchView, BorrowColumns, ViewRows, borrow_struct};

/// A struct whose fields are the columns of a table; implemented by `#[derive(Table)]`.
///
/// ```
/// use flexconnect_core::Table;
///
/// #[derive(Table)]
/// #[table(primary_key(id))]
/// struct Person {
///     id: u64,
///     name: String,
///     nickname: Option<String>,
/// }
///
/// let schema = <Person as Table>::schema();
/// assert_eq!(Person::NAME, "person");
/// assert_eq!(schema.field(1).name(), "name");
/// assert!(schema.field(2).is_nullable());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a table",
    label = "no `Table` for this type",
    note = "add `#[derive(Table)]` to the struct"
)]
pub trait Table: Sized {
    /// The table's name: the struct's in `snake_case` unless `#[table(name = "..")]` says another.
    const NAME: &'static str;

    /// The columns, as rows are pushed.
    type Rows: TableRows;

    /// The columns and the table's [`metadata`], built once and shared.
    fn schema() -> SchemaRef {
        Self::Rows::schema()
    }

    /// Appends the fields of one row to their columns.
    fn push_to(&self, rows: &mut Self::Rows);
}

/// The columns of a table, as rows are pushed; emitted by `#[derive(Table)]`.
pub trait TableRows: HoldRows {
    /// The names of the columns.
    #[doc(hidden)]
    const NAMES: &'static [Named];

    /// The columns and the table's metadata.
    fn schema() -> SchemaRef;
}

/// A field as the derive describes it: what its type says, and what its attributes add.
#[doc(hidden)]
pub fn described(field: Field, nullable: bool, metadata: &[(&str, &str)]) -> Field {
    let nullable = nullable || field.is_nullable();
    let mut all = field.metadata().clone();
    all.extend(metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    field.with_nullable(nullable).with_metadata(all)
}

/// Appends the fields of a struct whose columns are the table's own.
#[doc(hidden)]
pub fn flatten<T: Table>(fields: &mut Vec<Field>, prefix: &str) {
    let schema = T::schema();
    fields.extend(schema.fields().iter().map(|field| {
        let name = format!("{prefix}{}", field.name());
        field.as_ref().clone().with_name(name)
    }));
}

/// A table's schema as the derive describes it.
#[doc(hidden)]
pub fn schema(fields: Vec<Field>, metadata: &[(&str, &str)]) -> SchemaRef {
    let metadata = metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Schema::new_with_metadata(fields, metadata.collect()).into()
}
