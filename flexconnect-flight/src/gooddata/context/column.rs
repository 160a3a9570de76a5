//! What a column shows, whatever its encoding.

use flexconnect_core::arrow_schema::DataType;

/// The type of the values a column shows.
pub(super) fn shown_type(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, values) => shown_type(values),
        DataType::RunEndEncoded(_, values) => shown_type(values.data_type()),
        other => other,
    }
}

/// Whether it shows days or points in time.
pub(super) fn is_date(data_type: &DataType) -> bool {
    matches!(shown_type(data_type), DataType::Date32 | DataType::Date64 | DataType::Timestamp(..))
}

/// Whether it shows points in time, wherever clocks show what.
pub(super) fn is_instant(data_type: &DataType) -> bool {
    matches!(shown_type(data_type), DataType::Timestamp(_, Some(_)))
}

pub(super) fn is_text(data_type: &DataType) -> bool {
    matches!(shown_type(data_type), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}
