//! Which types can be compared, and with what.

use arrow_schema::DataType;

use crate::error::{Error, ErrorKind};
use crate::scalar::json::Reason;

/// The type whose values are compared: of a dictionary or a run-end encoded column that of its values;
/// `None` when values of the type cannot be compared.
pub(super) fn leaf_type(data_type: &DataType) -> Option<&DataType> {
    let data_type = match data_type {
        DataType::RunEndEncoded(_, values) => values.data_type(),
        other => other,
    };
    let data_type = match data_type {
        DataType::Dictionary(_, values) => values,
        other => other,
    };
    let flat = match data_type {
        // Arrow cannot make a single value without bytes.
        DataType::FixedSizeBinary(size) => *size > 0,
        DataType::Dictionary(..) | DataType::RunEndEncoded(..) | DataType::Interval(_) => false,
        other => !other.is_nested(),
    };
    flat.then_some(data_type)
}

/// What can be compared with a column of this type, for messages.
pub(super) fn fits(data_type: &DataType) -> &'static str {
    match leaf_type(data_type) {
        None => "only `is null` and `is not null` apply",
        Some(DataType::Boolean) => "`true` or `false` fits",
        Some(leaf) if leaf.is_numeric() => "a number fits",
        Some(DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) => "text fits",
        Some(DataType::Date32 | DataType::Date64) => "a date such as `2024-05-17` fits",
        Some(DataType::Time32(_) | DataType::Time64(_)) => "a time such as `08:30:00` fits",
        Some(DataType::Timestamp(_, Some(_))) => "an instant such as `2024-05-17T08:30:00Z` fits",
        Some(DataType::Timestamp(_, None)) => {
            "a date and time without an offset, such as `2024-05-17T08:30:00`, fits"
        }
        Some(DataType::Duration(_)) => "a duration such as `PT90S` fits",
        Some(DataType::Null) => "every value fits, and no row does",
        Some(_) => "bytes, as text of hexadecimal digits, fit",
    }
}

/// The error of a predicate that cannot be.
pub(super) fn invalid(message: impl Into<Reason>) -> Error {
    Error::new(ErrorKind::InvalidRequest, message)
}
