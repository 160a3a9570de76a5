//! Rows from batches: columns are matched by name and checked once, then read row by row.

use arrow_array::{Array, ArrayRef, RecordBatch, StructArray, new_empty_array};
use arrow_schema::{DataType, Fields, Schema};

use crate::buffer::Fault;
use crate::column::{BorrowColumn, FromColumn, Mismatch, Source};
use crate::error::{Error, ErrorKind};

use super::BorrowColumns;

/// Rows that can be read from a batch: columns by name, in any order, unknown ones ignored.
///
/// Implemented by `#[derive(Table)]` for structs that own their fields.
///
/// ```
/// use flexconnect_core::{FromBatch, Table};
/// # use flexconnect_core::record::{Accepts, Record, RowBuffer};
///
/// #[derive(Table, Debug, PartialEq)]
/// struct Point { x: i64, label: Option<String> }
///
/// # fn main() -> flexconnect_core::Result<()> {
/// # let mut buffer = <Point as Record>::Buffer::new(None, 1)?;
/// # <Point as Accepts<Point>>::push(&mut buffer, Point { x: 7, label: None });
/// # let batch = buffer.finish()?.batch;
/// let rows = Point::from_batch(&batch)?;
/// assert_eq!(rows, [Point { x: 7, label: None }]);
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a batch",
    label = "not readable",
    note = "add `#[derive(Table)]` to the struct; a struct that borrows, or a field that can be written only, cannot be read"
)]
pub trait FromBatch: Sized {
    /// Whether batches of this schema can be read, before there is one.
    ///
    /// # Errors
    /// [`ErrorKind::Schema`], listing every column that is missing or has another type, and what is there.
    fn check_schema(schema: &Schema) -> Result<(), Error>;

    /// The rows of this batch.
    ///
    /// # Errors
    /// As [`check_schema`](Self::check_schema); and [`ErrorKind::Data`] with the column and row of the first
    /// value that does not fit its field.
    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>, Error>;
}

/// How a struct is read from its columns; emitted by `#[derive(Table)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from columns",
    label = "not readable",
    note = "add `#[derive(Table)]` to the struct; a struct that borrows, or a field that can be written only, cannot be read"
)]
pub trait FromColumns: Sized {
    /// The table's name, for messages.
    const NAME: &'static str;

    /// One reader per column.
    type Readers: Send + Sync + 'static;

    /// Finds and checks the columns; `None` when [`Lookup`] has noted a mismatch.
    fn readers(columns: &mut Lookup<'_>) -> Option<Self::Readers>;

    /// One row.
    ///
    /// # Errors
    /// A [`Fault`] whose path begins with the column.
    fn read_row(readers: &Self::Readers, row: usize) -> Result<Self, Box<Fault>>;
}

impl<T: FromColumns> FromBatch for T {
    fn check_schema(schema: &Schema) -> Result<(), Error> {
        open::<T>(schema.fields(), None).map(|_| ())
    }

    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>, Error> {
        let readers = open::<T>(batch.schema_ref().fields(), Some(batch.columns()))?;
        // Not collected: a `Result` has no room made for its rows.
        let mut rows = Vec::with_capacity(batch.num_rows());
        for row in 0..batch.num_rows() {
            match T::read_row(&readers, row) {
                Ok(read) => rows.push(read),
                Err(mut fault) => {
                    fault.row = row;
                    return Err(fault.into_error());
                }
            }
        }
        Ok(rows)
    }
}

fn open<T: FromColumns>(fields: &Fields, arrays: Option<&[ArrayRef]>) -> Result<T::Readers, Error> {
    look_up(T::NAME, fields, arrays, T::readers)
}

/// The readers of a batch's columns, or everything that does not fit.
pub(super) fn look_up<R>(
    table: &str,
    fields: &Fields,
    arrays: Option<&[ArrayRef]>,
    readers: impl FnOnce(&mut Lookup<'_>) -> Option<R>,
) -> Result<R, Error> {
    let mut lookup = Lookup { fields, arrays, prefix: String::new(), mismatches: Vec::new() };
    match readers(&mut lookup) {
        Some(readers) if lookup.mismatches.is_empty() => Ok(readers),
        _ => Err(does_not_fit(table, &lookup.mismatches, fields)),
    }
}

/// Reads a struct from a column of structs.
///
/// # Errors
/// Every part of the column that does not fit.
#[doc(hidden)]
pub fn read_struct<T: FromColumns>(
    array: &ArrayRef,
    expected: &DataType,
) -> Result<T::Readers, Vec<Mismatch>> {
    let Some(columns) = array.as_any().downcast_ref::<StructArray>() else {
        return Err(Mismatch::of_type(expected.to_string(), array.data_type()));
    };
    look_up_inside(columns, T::readers)
}

/// The readers of a struct's columns, or everything that does not fit.
pub(super) fn look_up_inside<R>(
    columns: &StructArray,
    readers: impl FnOnce(&mut Lookup<'_>) -> Option<R>,
) -> Result<R, Vec<Mismatch>> {
    let (fields, arrays) = (columns.fields(), Some(columns.columns()));
    let mut lookup = Lookup { fields, arrays, prefix: String::new(), mismatches: Vec::new() };
    match readers(&mut lookup) {
        Some(readers) if lookup.mismatches.is_empty() => Ok(readers),
        _ => Err(lookup.mismatches),
    }
}

/// The columns of one batch, found by name; notes what is missing or different.
#[derive(Debug)]
pub struct Lookup<'b> {
    fields: &'b Fields,
    /// `None` while only a schema is checked.
    arrays: Option<&'b [ArrayRef]>,
    /// What stands before the names of a struct's columns.
    prefix: String,
    mismatches: Vec<Mismatch>,
}

impl Lookup<'_> {
    /// The column of the first of these names that is there, to be read as `T`.
    ///
    /// `Some(None)` when it is missing and need not be there; `None` when it does not fit, which is noted.
    #[allow(clippy::option_option)]
    pub fn column<T: FromColumn<E>, E>(
        &mut self,
        names: &[&str],
        has_default: bool,
    ) -> Option<Option<Source<T::Reader>>> {
        let optional = has_default || T::missing().is_some();
        self.find(names, optional, &T::data_type, &Source::new::<T, E>)
    }

    /// As [`column`](Self::column), for values that will borrow from it.
    #[allow(clippy::option_option)]
    pub fn borrowed<'r, T: BorrowColumn<'r, E>, E>(
        &mut self,
        names: &[&str],
        has_default: bool,
    ) -> Option<Option<Source<T::Reader>>> {
        let optional = has_default || T::missing().is_some();
        self.find(names, optional, &T::data_type, &Source::borrowed::<T, E>)
    }

    #[allow(clippy::option_option)]
    fn find<R>(
        &mut self,
        names: &[&str],
        optional: bool,
        expected: &dyn Fn() -> DataType,
        open: &Open<'_, R>,
    ) -> Option<Option<Source<R>>> {
        let find = |name: &&str| match self.prefix.as_str() {
            "" => self.fields.find(name),
            prefix => self.fields.find(&format!("{prefix}{name}")),
        };
        let Some((at, field)) = names.iter().find_map(find) else {
            if optional {
                return Some(None);
            }
            let name = format!("{}{}", self.prefix, names.first().copied().unwrap_or_default());
            self.mismatches.push(Mismatch::missing(&name, expected().to_string()));
            return None;
        };
        let source = match self.arrays {
            Some(arrays) => open(&arrays[at]),
            None => match empty(field.data_type()) {
                Some(array) => open(&array),
                None => Err(Mismatch::of_type(expected().to_string(), field.data_type())),
            },
        };
        match source {
            Ok(source) => Some(Some(source)),
            Err(mismatches) => {
                self.mismatches.extend(Mismatch::inside(field.name(), mismatches));
                None
            }
        }
    }
}

impl Lookup<'_> {
    /// The columns of a struct among those of the table, with this before their names.
    pub fn flat<T: FromColumns>(&mut self, prefix: &str) -> Option<T::Readers> {
        let outer = self.prefix.len();
        self.prefix.push_str(prefix);
        let readers = T::readers(self);
        self.prefix.truncate(outer);
        readers
    }

    /// As [`flat`](Self::flat), for a struct that will borrow from the columns.
    pub fn flat_borrowed<'r, T: BorrowColumns<'r>>(&mut self, prefix: &str) -> Option<T::Readers> {
        let outer = self.prefix.len();
        self.prefix.push_str(prefix);
        let readers = T::readers(self);
        self.prefix.truncate(outer);
        readers
    }

    /// Notes every column that has none of these names.
    pub fn deny_unknown(&mut self, names: &[&str]) {
        for field in self.fields.iter().filter(|field| !names.contains(&field.name().as_str())) {
            let path = vec![field.name().clone()];
            let expected = "left out: the table has no such column".to_owned();
            let found = Some(field.data_type().to_string());
            self.mismatches.push(Mismatch { path, expected, found });
        }
    }
}

/// What checks a column and makes it ready to be read.
type Open<'o, R> = dyn Fn(&ArrayRef) -> Result<Source<R>, Vec<Mismatch>> + 'o;

/// An array of this type without values, to try readers on; `None` for types that no field can be read from
/// and for those that are not well-formed, on which Arrow panics.
fn empty(data_type: &DataType) -> Option<ArrayRef> {
    well_formed(data_type).then(|| new_empty_array(data_type))
}

fn well_formed(data_type: &DataType) -> bool {
    match data_type {
        DataType::FixedSizeBinary(length) => *length >= 0,
        DataType::FixedSizeList(item, length) => *length >= 0 && well_formed(item.data_type()),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item) => well_formed(item.data_type()),
        DataType::Struct(fields) => fields.iter().all(|field| well_formed(field.data_type())),
        DataType::Map(entries, _) => {
            matches!(entries.data_type(), DataType::Struct(fields) if fields.len() == 2)
                && well_formed(entries.data_type())
        }
        DataType::Dictionary(key, value) => key.is_dictionary_key_type() && well_formed(value),
        DataType::RunEndEncoded(ends, values) => {
            ends.data_type().is_run_ends_type() && well_formed(values.data_type())
        }
        DataType::Union(fields, _) => {
            !fields.is_empty() && fields.iter().all(|(_, field)| well_formed(field.data_type()))
        }
        _ => true,
    }
}

/// Everything that is missing or different, and what is there.
fn does_not_fit(table: &str, mismatches: &[Mismatch], fields: &Fields) -> Error {
    let mut faults: Vec<String> = Vec::with_capacity(mismatches.len());
    for mismatch in mismatches {
        let column = mismatch.path.join(".");
        faults.push(match &mismatch.found {
            None => format!("column `{column}` is missing, it should be {}", mismatch.expected),
            Some(found) => format!("column `{column}` is {found}, it should be {}", mismatch.expected),
        });
    }
    let there: Vec<String> =
        fields.iter().map(|field| format!("`{}` {}", field.name(), field.data_type())).collect();
    let there = if there.is_empty() { "no columns".to_owned() } else { there.join(", ") };
    let message =
        format!("the columns do not fit the table `{table}`: {}; there are {there}", faults.join("; "));
    Error::new(ErrorKind::Schema, message)
}
