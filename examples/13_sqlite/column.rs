//! Columns: what SQLite declares and stores, and what each becomes in Arrow.

use std::collections::HashMap;
use std::fmt;

use flexconnect_core::arrow_schema::{DataType, Field, TimeUnit};

/// The key of a field's metadata that holds the column's declared type, as SQLite has it.
pub(super) const DECLARED_TYPE: &str = "sqlite:type";

/// The key of a field's metadata that lists the classes of values in a column that was not declared to be text and is
/// read as text: `text integer`.
pub(super) const CLASSES: &str = "sqlite:classes";

/// A column of a table or a view.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    /// The type as it was declared; empty when none was.
    pub(super) declared: String,
    pub(super) affinity: Affinity,
    pub(super) kind: Kind,
    /// Which classes of values it holds, where they decide its kind; none where the declaration does.
    pub(super) classes: Classes,
    pub(super) nullable: bool,
    /// Computed by SQLite from other columns: it can be read and not written.
    pub(super) generated: bool,
}

impl Column {
    pub(super) fn field(&self) -> Field {
        let mut metadata = HashMap::new();
        if !self.declared.is_empty() {
            metadata.insert(DECLARED_TYPE.to_owned(), self.declared.clone());
        }
        if self.kind == Kind::Text && self.affinity != Affinity::Text {
            // How it is filtered depends on them. So a read that was planned for others is known by its schema.
            metadata.insert(CLASSES.to_owned(), self.classes.to_string());
        }
        Field::new(&self.name, self.kind.data_type(), self.nullable).with_metadata(metadata)
    }
}

/// What SQLite makes of values that are stored in a column, by its declared type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Affinity {
    Integer,
    Real,
    Text,
    /// Bytes were declared.
    Blob,
    /// Numbers where the value looks like one.
    Numeric,
    /// Nothing was declared: values stay as they come.
    Untyped,
}

impl Affinity {
    /// SQLite's own rules, in its order (<https://sqlite.org/datatype3.html#determination_of_column_affinity>).
    pub(super) fn of(declared: &str) -> Self {
        let declared = declared.to_ascii_uppercase();
        let has = |part: &str| declared.contains(part);
        match () {
            () if has("INT") => Affinity::Integer,
            () if has("CHAR") || has("CLOB") || has("TEXT") => Affinity::Text,
            () if declared.is_empty() => Affinity::Untyped,
            () if has("BLOB") => Affinity::Blob,
            () if has("REAL") || has("FLOA") || has("DOUB") => Affinity::Real,
            () => Affinity::Numeric,
        }
    }

    /// The kind of value such a column holds; `None` when only its values tell.
    pub(super) fn kind(self) -> Option<Kind> {
        match self {
            Affinity::Integer => Some(Kind::Integer),
            Affinity::Real => Some(Kind::Real),
            Affinity::Text => Some(Kind::Text),
            Affinity::Blob => Some(Kind::Bytes),
            Affinity::Numeric | Affinity::Untyped => None,
        }
    }
}

/// What a column's values are read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Real,
    Text,
    Bytes,
    /// Text such as `2024-05-17`, read as a date because the configuration says so.
    Date,
    /// Text such as `2024-05-17 08:30:00`, read as a date and time because the configuration says so.
    DateTime,
}

impl Kind {
    pub(super) fn data_type(self) -> DataType {
        match self {
            Kind::Integer => DataType::Int64,
            Kind::Real => DataType::Float64,
            Kind::Text => DataType::Utf8,
            Kind::Bytes => DataType::Binary,
            Kind::Date => DataType::Date32,
            Kind::DateTime => DataType::Timestamp(TimeUnit::Microsecond, None),
        }
    }

    /// The kind that a declared type such as `DATE` or `DATETIME` names; `None` for any other.
    pub(super) fn of_date(declared: &str) -> Option<Self> {
        let word = declared.split('(').next().unwrap_or_default().trim().to_ascii_uppercase();
        match word.as_str() {
            "DATE" => Some(Kind::Date),
            "DATETIME" | "TIMESTAMP" => Some(Kind::DateTime),
            _ => None,
        }
    }
}

/// Which classes of values a column holds, as `typeof` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Classes {
    pub(super) integer: bool,
    pub(super) real: bool,
    pub(super) text: bool,
    pub(super) blob: bool,
}

impl fmt::Display for Classes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [(self.text, "text"), (self.integer, "integer"), (self.real, "real"), (self.blob, "blob")];
        let held: Vec<_> = all.iter().filter(|(held, _)| *held).map(|(_, name)| *name).collect();
        f.write_str(&held.join(" "))
    }
}

impl Classes {
    /// The kind that holds all of them: text where they have nothing else in common. A column without any value
    /// is what its affinity prefers, which is the kind that the first value most likely asks for.
    pub(super) fn kind(self, affinity: Affinity, declared: &str) -> Kind {
        match self {
            Classes { integer: true, real: false, text: false, blob: false } => Kind::Integer,
            Classes { real: true, text: false, blob: false, .. } => Kind::Real,
            Classes { integer: false, real: false, text: false, blob: true } => Kind::Bytes,
            Classes { integer: false, real: false, text: false, blob: false } => {
                let dated = Kind::of_date(declared).is_some();
                if affinity == Affinity::Numeric && !dated { Kind::Real } else { Kind::Text }
            }
            _ => Kind::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn affinities_are_sqlites() {
        for (declared, affinity) in [
            ("INTEGER", Affinity::Integer),
            ("unsigned big int", Affinity::Integer),
            ("POINT", Affinity::Integer),
            ("NVARCHAR(160)", Affinity::Text),
            ("CHARINT", Affinity::Integer),
            ("clob", Affinity::Text),
            ("", Affinity::Untyped),
            ("BLOB", Affinity::Blob),
            ("DOUBLE PRECISION", Affinity::Real),
            ("FLOAT", Affinity::Real),
            ("NUMERIC(10,2)", Affinity::Numeric),
            ("DATETIME", Affinity::Numeric),
            ("BOOLEAN", Affinity::Numeric),
            ("STRING", Affinity::Numeric),
        ] {
            assert_eq!(Affinity::of(declared), affinity, "{declared}");
        }
    }

    #[test]
    fn values_decide_where_the_declaration_does_not() {
        let none = Classes::default();
        let integer = Classes { integer: true, ..none };
        let real = Classes { real: true, ..none };
        let text = Classes { text: true, ..none };
        let blob = Classes { blob: true, ..none };
        for (classes, kind) in [
            (integer, Kind::Integer),
            (real, Kind::Real),
            (Classes { integer: true, ..real }, Kind::Real),
            (text, Kind::Text),
            (Classes { real: true, ..text }, Kind::Text),
            (blob, Kind::Bytes),
            (Classes { blob: true, ..text }, Kind::Text),
            (Classes { blob: true, ..integer }, Kind::Text),
        ] {
            assert_eq!(classes.kind(Affinity::Numeric, "NUMERIC"), kind, "{classes:?}");
            assert_eq!(classes.kind(Affinity::Untyped, ""), kind, "{classes:?}");
        }
        assert_eq!(none.kind(Affinity::Numeric, "DECIMAL(10,2)"), Kind::Real);
        assert_eq!(none.kind(Affinity::Numeric, "DATETIME"), Kind::Text);
        assert_eq!(none.kind(Affinity::Untyped, ""), Kind::Text);
    }

    #[test]
    fn dates_are_named_by_their_declared_type() {
        assert_eq!(Kind::of_date("date"), Some(Kind::Date));
        assert_eq!(Kind::of_date("TIMESTAMP(6)"), Some(Kind::DateTime));
        assert_eq!(Kind::of_date("DATES"), None);
        assert_eq!(Kind::of_date(""), None);
    }
}
