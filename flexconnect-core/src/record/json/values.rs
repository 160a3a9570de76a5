//! The values of one column: what all types have in common, and the choice by type.

use arrow_schema::{DataType, Field};
use serde_json::Value as Json;

use super::column::{Column, Columns, Misfit};
use super::nested::{FixedSizeLists, Lists, Maps, Structs};
use super::text::{TextDictionary, TextViews, Texts};
use crate::infer::JSON_EXTENSION;
use crate::record::fixed::{Cells, fixed};
use crate::scalar::json::Reason;

/// The values of one column.
pub(super) type Values = dyn Cells<Json, Refusal>;

/// Why a value was not taken.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The value itself does not fit its column.
    Value(Reason),
    /// A value inside it does not fit.
    Inside(Box<Misfit>),
}

impl<R: Into<Reason>> From<R> for Refusal {
    fn from(reason: R) -> Self {
        Refusal::Value(reason.into())
    }
}

/// Empty values of the field's type. The error says that JSON cannot fill it.
pub(super) fn values(
    field: &Field,
    sampled: Option<u64>,
    capacity: usize,
) -> Result<Box<Values>, Box<Misfit>> {
    use DataType::*;
    let json_text = field.extension_type_name() == Some(JSON_EXTENSION);
    // How many items an array will have is not known.
    let item = |field| Column::new(field, sampled, 0);
    if let Some(fixed) = fixed(field.data_type(), capacity) {
        return Ok(fixed);
    }
    Ok(match field.data_type() {
        Utf8 => Box::new(Texts::<i32>::new(json_text, capacity)),
        LargeUtf8 => Box::new(Texts::<i64>::new(json_text, capacity)),
        Utf8View => Box::new(TextViews::new(json_text)),
        Dictionary(keys, texts) if texts.is_string() => {
            let texts = values(&field.clone().with_data_type((**texts).clone()), sampled, 0)?;
            let texts = TextDictionary::new(keys, texts, json_text);
            Box::new(texts.ok_or_else(|| unfillable(field))?)
        }
        List(child) => Box::new(Lists::<i32>::new(child, item(child)?, capacity)),
        LargeList(child) => Box::new(Lists::<i64>::new(child, item(child)?, capacity)),
        FixedSizeList(child, size) => match usize::try_from(*size) {
            Ok(size) if size > 0 => Box::new(FixedSizeLists::new(child, item(child)?, size)),
            _ => return Err(unfillable(field)),
        },
        Struct(fields) => Box::new(Structs::new(fields, Columns::new(fields, sampled, capacity)?)),
        Map(entries, sorted) => match entries.data_type() {
            Struct(fields) if fields.len() == 2 && fields[0].data_type().is_string() => {
                Box::new(Maps::new(entries, fields, item(&fields[0])?, item(&fields[1])?, *sorted))
            }
            _ => return Err(unfillable(field)),
        },
        _ => return Err(unfillable(field)),
    })
}

fn unfillable(field: &Field) -> Box<Misfit> {
    Misfit::new(format!(
        "JSON rows cannot fill a column of type {}; declare another type in `get_read_schema`, or make the \
         connector's row a `#[derive(Table)]` struct or a `RecordBatch`",
        field.data_type()
    ))
}
