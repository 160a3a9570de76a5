//! A schema: every type one that Arrow knows, with the children and sizes that belong to it.

use std::collections::HashSet;

use arrow_ipc::{
    DateUnit, Endianness, Field, Int, IntervalUnit, KeyValue, Precision, TimeUnit, Type, UnionMode,
};
use arrow_schema::Schema;
use flatbuffers::{ForwardsUOffset, Vector};
use flexconnect_core::Error;

use super::Limits;
use super::fault::{excerpt, malformed, too_much};

type Metadata<'a> = Option<Vector<'a, ForwardsUOffset<KeyValue<'a>>>>;
type Children<'a> = Vec<Field<'a>>;

/// The schema a header carries.
pub(super) fn checked(schema: arrow_ipc::Schema<'_>, limits: &Limits) -> Result<Schema, Error> {
    // Arrow would read the columns in the wrong order of bytes.
    if schema.endianness() != Endianness::Little {
        return Err(malformed("its columns are not in little-endian order"));
    }
    let fields = schema.fields().ok_or_else(|| malformed("its schema has no list of fields"))?;
    let mut walk = Walk { limits, fields: 0, metadata: 0, dictionaries: HashSet::new(), open: Vec::new() };
    walk.metadata(schema.custom_metadata())?;
    for field in fields {
        walk.field(field, 1).map_err(|error| error.with_column(excerpt(field.name().unwrap_or_default())))?;
    }
    Ok(arrow_ipc::convert::fb_to_schema(schema))
}

struct Walk<'l> {
    limits: &'l Limits,
    fields: usize,
    metadata: usize,
    dictionaries: HashSet<i64>,
    /// The dictionaries whose values are being walked.
    open: Vec<i64>,
}

impl Walk<'_> {
    fn metadata(&mut self, metadata: Metadata<'_>) -> Result<(), Error> {
        for entry in metadata.into_iter().flatten() {
            self.metadata += entry.key().map_or(0, str::len) + entry.value().map_or(0, str::len);
        }
        let most = self.limits.metadata_bytes;
        if self.metadata > most {
            return Err(too_much(format!(
                "its schema has more than the {most} bytes of metadata that are taken"
            )));
        }
        Ok(())
    }

    fn field(&mut self, field: Field<'_>, level: usize) -> Result<(), Error> {
        self.fields += 1;
        if self.fields > self.limits.fields {
            return Err(too_much(format!(
                "its schema has more than the {} fields that are taken",
                self.limits.fields
            )));
        }
        if level > self.limits.nesting {
            let most = self.limits.nesting;
            return Err(too_much(format!("its columns nest deeper than the {most} levels that are taken")));
        }
        self.metadata(field.custom_metadata())?;
        let dictionary = field.dictionary();
        if let Some(dictionary) = dictionary {
            let id = dictionary.id();
            let index =
                dictionary.indexType().ok_or_else(|| malformed("a dictionary does not say its index"))?;
            check_int(index)?;
            if self.open.contains(&id) {
                return Err(malformed(format!("dictionary {id} is used by its own values")));
            }
            self.dictionaries.insert(id);
            if self.dictionaries.len() > self.limits.dictionaries {
                let most = self.limits.dictionaries;
                return Err(too_much(format!(
                    "its schema has more than the {most} dictionaries that are taken"
                )));
            }
            self.open.push(id);
        }
        let children: Children<'_> = field.children().into_iter().flatten().collect();
        check_type(field, &children)?;
        for child in children {
            self.field(child, level + 1)?;
        }
        if dictionary.is_some() {
            self.open.pop();
        }
        Ok(())
    }
}

/// Whether the type is one Arrow can make, with as many children as it needs.
fn check_type(field: Field<'_>, children: &[Field<'_>]) -> Result<(), Error> {
    let kind = field.type_type();
    let name = kind.variant_name().unwrap_or("unknown");
    let unknown = |what: String| Err(malformed(format!("there is no type {name} with {what}")));
    let childless = || match children.len() {
        0 => Ok(()),
        count => Err(malformed(format!("a field of type {name} has {count} children, it takes none"))),
    };
    match kind {
        Type::Null
        | Type::Bool
        | Type::Binary
        | Type::Utf8
        | Type::LargeBinary
        | Type::LargeUtf8
        | Type::BinaryView
        | Type::Utf8View => childless(),
        Type::Int => {
            check_int(part(field.type_as_int(), name)?)?;
            childless()
        }
        Type::FloatingPoint => match part(field.type_as_floating_point(), name)?.precision() {
            Precision::HALF | Precision::SINGLE | Precision::DOUBLE => childless(),
            Precision(other) => unknown(format!("precision {other}")),
        },
        Type::FixedSizeBinary => match part(field.type_as_fixed_size_binary(), name)?.byteWidth() {
            0.. => childless(),
            width => unknown(format!("{width} bytes")),
        },
        Type::Date => match part(field.type_as_date(), name)?.unit() {
            DateUnit::DAY | DateUnit::MILLISECOND => childless(),
            DateUnit(other) => unknown(format!("unit {other}")),
        },
        Type::Time => {
            let time = part(field.type_as_time(), name)?;
            match (time.bitWidth(), time.unit()) {
                (32, TimeUnit::SECOND | TimeUnit::MILLISECOND)
                | (64, TimeUnit::MICROSECOND | TimeUnit::NANOSECOND) => childless(),
                (bits, TimeUnit(unit)) => unknown(format!("unit {unit} in {bits} bits")),
            }
        }
        Type::Timestamp => {
            check_unit(part(field.type_as_timestamp(), name)?.unit(), name)?;
            childless()
        }
        Type::Duration => {
            check_unit(part(field.type_as_duration(), name)?.unit(), name)?;
            childless()
        }
        Type::Interval => match part(field.type_as_interval(), name)?.unit() {
            IntervalUnit::YEAR_MONTH | IntervalUnit::DAY_TIME | IntervalUnit::MONTH_DAY_NANO => childless(),
            IntervalUnit(other) => unknown(format!("unit {other}")),
        },
        Type::Decimal => {
            let decimal = part(field.type_as_decimal(), name)?;
            let most = match decimal.bitWidth() {
                32 => 9,
                64 => 18,
                128 => 38,
                256 => 76,
                bits => return unknown(format!("{bits} bits")),
            };
            let (precision, scale) = (decimal.precision(), decimal.scale());
            if !(1..=most).contains(&precision) || !(-most..=most).contains(&scale) {
                return unknown(format!("precision {precision} and scale {scale}"));
            }
            childless()
        }
        Type::List | Type::LargeList | Type::ListView | Type::LargeListView => exactly(children, 1, name),
        Type::FixedSizeList => match part(field.type_as_fixed_size_list(), name)?.listSize() {
            0.. => exactly(children, 1, name),
            size => unknown(format!("{size} values")),
        },
        Type::Struct_ => Ok(()),
        Type::Map => {
            exactly(children, 1, name)?;
            let entries = children[0];
            if entries.type_type() != Type::Struct_ || entries.dictionary().is_some() {
                return Err(malformed("the entries of a map are not a struct"));
            }
            exactly(&entries.children().into_iter().flatten().collect::<Children<'_>>(), 2, "Map")
        }
        Type::RunEndEncoded => {
            exactly(children, 2, name)?;
            let ends = children[0];
            let width = ends.type_as_int().filter(|int| int.is_signed()).map_or(0, |int| int.bitWidth());
            if !matches!(width, 16 | 32 | 64) || ends.dictionary().is_some() {
                return Err(malformed("run ends are not signed integers of 16, 32 or 64 bits"));
            }
            Ok(())
        }
        Type::Union => check_union(field, children),
        _ => Err(malformed(format!("type {name} is not one of Arrow's columns"))),
    }
}

fn check_union(field: Field<'_>, children: &[Field<'_>]) -> Result<(), Error> {
    let union = part(field.type_as_union(), "Union")?;
    if !matches!(union.mode(), UnionMode::Sparse | UnionMode::Dense) {
        return Err(malformed("a union is neither sparse nor dense"));
    }
    // Arrow makes no array of a union without a type.
    if children.is_empty() || children.len() > 128 {
        return Err(malformed(format!("a union has {} types, it takes 1 to 128", children.len())));
    }
    let Some(ids) = union.typeIds() else { return Ok(()) };
    let mut seen = HashSet::new();
    if ids.len() != children.len() || !ids.iter().all(|id| (0..128).contains(&id) && seen.insert(id)) {
        return Err(malformed(
            "the type ids of a union are not one number of 0 to 127 for each of its types",
        ));
    }
    Ok(())
}

fn check_int(int: Int<'_>) -> Result<(), Error> {
    match int.bitWidth() {
        8 | 16 | 32 | 64 => Ok(()),
        bits => Err(malformed(format!("there is no integer of {bits} bits"))),
    }
}

fn check_unit(unit: TimeUnit, name: &str) -> Result<(), Error> {
    match unit {
        TimeUnit::SECOND | TimeUnit::MILLISECOND | TimeUnit::MICROSECOND | TimeUnit::NANOSECOND => Ok(()),
        TimeUnit(unit) => Err(malformed(format!("there is no type {name} with unit {unit}"))),
    }
}

fn exactly(children: &[Field<'_>], count: usize, name: &str) -> Result<(), Error> {
    if children.len() == count {
        return Ok(());
    }
    let given = children.len();
    Err(malformed(format!("a field of type {name} has {given} children, it takes {count}")))
}

/// What belongs to the type a field names.
fn part<T>(part: Option<T>, name: &str) -> Result<T, Error> {
    part.ok_or_else(|| malformed(format!("a field of type {name} does not say which")))
}
