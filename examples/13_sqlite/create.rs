//! A table that is not there yet, made for what is written to it.

use flexconnect_core::arrow_schema::{DataType, Schema};
use flexconnect_core::table::metadata::PRIMARY_KEY;
use flexconnect_core::{Error, ErrorKind};

use super::identifier;
use super::stored::Class;

/// A decimal number of up to this many digits is kept as a number without loss; others are kept as text.
pub(super) const EXACT_DIGITS: u8 = 15;

/// The statement that makes a table for rows of this schema, its key from the schema's metadata.
///
/// # Errors
/// Schema, with everything that SQLite cannot keep, and a key that is none.
pub(super) fn create_table(table: &str, schema: &Schema) -> Result<String, Error> {
    let key = key_of(schema)?;
    let mut faults = Vec::new();
    if schema.fields().is_empty() {
        faults.push("a table needs a column".to_owned());
    }
    let mut parts = Vec::new();
    for (at, field) in schema.fields().iter().enumerate() {
        let name = field.name();
        let same = |other: &str| other.eq_ignore_ascii_case(name);
        if let Some(other) = schema.fields().iter().take(at).find(|other| same(other.name())) {
            faults.push(format!("`{}` and `{name}` are one name to SQLite", other.name()));
        }
        if name.contains('\0') {
            faults.push(format!("the name of column {at} has a NUL in it"));
        }
        match declared_type(field.data_type()) {
            Some(declared) => {
                // SQLite would let nulls into most keys, and a null identifies no row.
                let never_null = !field.is_nullable() || key.contains(name);
                let rule = if never_null { " NOT NULL" } else { "" };
                let space = if declared.is_empty() { "" } else { " " };
                parts.push(format!("{}{space}{declared}{rule}", identifier(name)));
            }
            None => faults.push(format!("`{name}` is {}, which SQLite has nothing for", field.data_type())),
        }
    }
    if !faults.is_empty() {
        let message = format!("the table cannot be made: {}", faults.join("; "));
        return Err(Error::new(ErrorKind::Schema, message));
    }
    if !key.is_empty() {
        let columns: Vec<_> = key.iter().map(|column| identifier(column)).collect();
        parts.push(format!("PRIMARY KEY ({})", columns.join(", ")));
    }
    Ok(format!("CREATE TABLE main.{} ({})", identifier(table), parts.join(", ")))
}

/// The primary key that a schema's metadata names; empty when it names none.
///
/// # Errors
/// Schema when it is no list of the schema's own columns, each once.
pub(super) fn key_of(schema: &Schema) -> Result<Vec<String>, Error> {
    let Some(text) = schema.metadata().get(PRIMARY_KEY) else { return Ok(Vec::new()) };
    let wrong = |what: String| Error::new(ErrorKind::Schema, format!("the metadata `{PRIMARY_KEY}` {what}"));
    let key: Vec<String> =
        serde_json::from_str(text).map_err(|_| wrong("must be a JSON list of column names".into()))?;
    for (at, column) in key.iter().enumerate() {
        if schema.field_with_name(column).is_err() {
            return Err(wrong(format!("names `{column}`, which is no column of the rows")));
        }
        if key[..at].contains(column) {
            return Err(wrong(format!("names `{column}` twice")));
        }
    }
    Ok(key)
}

/// What a column for values of this type is declared as; `None` when SQLite has nothing for them.
fn declared_type(data_type: &DataType) -> Option<String> {
    Some(match (data_type, Class::of(data_type)?) {
        (DataType::Dictionary(_, values), _) => return declared_type(values),
        (DataType::Date32 | DataType::Date64, _) => "DATE".into(),
        (DataType::Timestamp(_, None), _) => "DATETIME".into(),
        (_, Class::Integer) => "INTEGER".into(),
        (_, Class::Real) => "REAL".into(),
        (
            DataType::Decimal32(_, scale)
            | DataType::Decimal64(_, scale)
            | DataType::Decimal128(_, scale)
            | DataType::Decimal256(_, scale),
            Class::Decimal { precision: precision @ ..=EXACT_DIGITS },
        ) if *scale >= 0 => format!("DECIMAL({precision},{scale})"),
        (_, Class::Text | Class::Decimal { .. }) => "TEXT".into(),
        (_, Class::Blob) => "BLOB".into(),
        (_, Class::Null) => String::new(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use flexconnect_core::arrow_schema::{Field, TimeUnit};

    use super::*;

    fn schema(fields: Vec<Field>, key: &str) -> Schema {
        let metadata =
            if key.is_empty() { HashMap::new() } else { HashMap::from([(PRIMARY_KEY.into(), key.into())]) };
        Schema::new_with_metadata(fields, metadata)
    }

    #[test]
    fn a_table_has_the_columns_of_the_rows() {
        let fields = vec![
            Field::new("id", DataType::UInt32, true),
            Field::new("it's \"it\"", DataType::Utf8View, false),
            Field::new("price", DataType::Decimal128(10, 2), true),
            Field::new("exact", DataType::Decimal128(38, 2), true),
            Field::new("at", DataType::Timestamp(TimeUnit::Nanosecond, None), true),
            Field::new("instant", DataType::Timestamp(TimeUnit::Second, Some("UTC".into())), true),
            Field::new("day", DataType::Date32, true),
            Field::new("bytes", DataType::FixedSizeBinary(4), true),
            Field::new(
                "kind",
                DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Float32)),
                true,
            ),
            Field::new("nothing", DataType::Null, true),
        ];
        assert_eq!(
            create_table("new \"one\"", &schema(fields, "[\"id\"]")).unwrap(),
            "CREATE TABLE main.\"new \"\"one\"\"\" (\"id\" INTEGER NOT NULL, \"it's \"\"it\"\"\" TEXT NOT NULL, \
             \"price\" DECIMAL(10,2), \"exact\" TEXT, \"at\" DATETIME, \"instant\" TEXT, \"day\" DATE, \
             \"bytes\" BLOB, \"kind\" REAL, \"nothing\", PRIMARY KEY (\"id\"))"
        );
    }

    #[test]
    fn everything_that_does_not_fit_is_said_at_once() {
        let list = DataType::new_list(DataType::Int64, true);
        let fields = vec![
            Field::new("a", list, true),
            Field::new("b", DataType::Int64, true),
            Field::new("B", DataType::Int64, true),
        ];
        let error = create_table("t", &schema(fields, "")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Schema);
        for words in ["`a` is List", "`b` and `B` are one name"] {
            assert!(error.message().contains(words), "{error} lacks {words:?}");
        }
        let error = create_table("t", &Schema::empty()).unwrap_err();
        assert!(error.message().contains("needs a column"), "{error}");
    }

    #[test]
    fn a_key_names_columns() {
        let fields = || vec![Field::new("a", DataType::Int64, true)];
        for key in ["a", "[\"b\"]", "[\"a\", \"a\"]", "{}", "[1]"] {
            let error = create_table("t", &schema(fields(), key)).unwrap_err();
            assert!(error.message().contains(PRIMARY_KEY), "{error}");
        }
        assert!(create_table("t", &schema(fields(), "[]")).unwrap().ends_with("(\"a\" INTEGER)"));
    }
}
