//! Batches as JSON, to be sent.

use std::sync::Arc;

use arrow_json::writer::{
    ArrayWriter, Encoder, EncoderFactory, EncoderOptions, NullableEncoder, WriterBuilder,
};
use flexconnect_core::arrow_array::{Array, LargeStringArray, RecordBatch, StringArray, StringViewArray};
use flexconnect_core::arrow_schema::{ArrowError, DataType, FieldRef};
use flexconnect_core::{Error, ErrorKind};
use serde::de::IgnoredAny;

/// Batches as one JSON array with an object for each row, in the columns' order; a null is `null`.
///
/// Numbers and booleans are what they are, dates and times ISO 8601 text, bytes hexadecimal text, decimals numbers
/// with all their digits, lists, structs and maps nested. A column of JSON text (Arrow's extension type `arrow.json`)
/// is the JSON it holds.
///
/// ```
/// use std::sync::Arc;
/// use flexconnect_core::arrow_array::{Int64Array, RecordBatch, StringArray};
/// use flexconnect_http::json_array;
///
/// let ids = Arc::new(Int64Array::from(vec![1, 2]));
/// let names = Arc::new(StringArray::from(vec![Some("Ada"), None]));
/// let batch = RecordBatch::try_from_iter([("id", ids as _), ("name", names as _)]).unwrap();
/// assert_eq!(json_array([&batch])?, br#"[{"id":1,"name":"Ada"},{"id":2,"name":null}]"#);
/// # Ok::<(), flexconnect_core::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Data`] for a type that has no JSON form, and for a timestamp beyond the calendar.
pub fn json_array<'a>(batches: impl IntoIterator<Item = &'a RecordBatch>) -> Result<Vec<u8>, Error> {
    let cannot = |error: ArrowError| {
        Error::new(ErrorKind::Data, format!("these rows cannot be written as JSON: {error}"))
            .with_source(error)
    };
    let mut writer: ArrayWriter<Vec<u8>> = WriterBuilder::new()
        .with_explicit_nulls(true)
        .with_encoder_factory(Arc::new(JsonText))
        .build(Vec::new());
    for batch in batches {
        writer.write(batch).map_err(cannot)?;
    }
    writer.finish().map_err(cannot)?;
    Ok(writer.into_inner())
}

/// Columns that hold JSON already.
#[derive(Debug)]
struct JsonText;

impl EncoderFactory for JsonText {
    fn make_default_encoder<'a>(
        &self,
        field: &'a FieldRef,
        array: &'a dyn Array,
        _options: &'a EncoderOptions,
    ) -> Result<Option<NullableEncoder<'a>>, ArrowError> {
        if field.extension_type_name() != Some("arrow.json") {
            return Ok(None);
        }
        let any = array.as_any();
        let encoder: Box<dyn Encoder + 'a> = match array.data_type() {
            DataType::Utf8 => any.downcast_ref::<StringArray>().map(|text| as_is(|row| text.value(row))),
            DataType::LargeUtf8 => {
                any.downcast_ref::<LargeStringArray>().map(|text| as_is(|row| text.value(row)))
            }
            DataType::Utf8View => {
                any.downcast_ref::<StringViewArray>().map(|text| as_is(|row| text.value(row)))
            }
            _ => None,
        }
        .ok_or_else(|| ArrowError::JsonError(format!("the JSON column `{}` is not text", field.name())))?;
        Ok(Some(NullableEncoder::new(encoder, array.nulls().cloned())))
    }
}

/// Text of a column, written without quotes.
struct AsIs<F>(F);

fn as_is<'a, F: Fn(usize) -> &'a str + 'a>(text: F) -> Box<dyn Encoder + 'a> {
    Box::new(AsIs(text))
}

impl<'a, F: Fn(usize) -> &'a str> Encoder for AsIs<F> {
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        let text = (self.0)(row);
        // Whoever filled the column may have broken its promise; what is no JSON must not break the rows around it.
        match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => out.extend_from_slice(text.as_bytes()),
            Err(_) => out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use flexconnect_core::arrow_array::{ArrayRef, BinaryArray, Date32Array, Decimal128Array};
    use flexconnect_core::arrow_schema::Schema;
    use flexconnect_core::infer::json_field;
    use serde_json::{Value, json};

    use super::*;

    fn value(batches: &[RecordBatch]) -> Value {
        serde_json::from_slice(&json_array(batches).unwrap()).unwrap()
    }

    #[test]
    fn json_text_is_json_and_what_is_not_stays_text() {
        let texts = StringArray::from(vec![Some("{\"a\": [1]}"), Some("\"x\""), Some("{broken"), None]);
        let schema = Arc::new(Schema::new(vec![json_field("any")]));
        let batch = RecordBatch::try_new(schema, vec![Arc::new(texts)]).unwrap();
        let rows = value(&[batch]);
        assert_eq!(
            rows,
            json!([{ "any": { "a": [1] } }, { "any": "x" }, { "any": "{broken" }, { "any": null }])
        );
    }

    #[test]
    fn batches_become_one_array() {
        let batch = |day: i32| {
            let day: ArrayRef = Arc::new(Date32Array::from(vec![day]));
            let price = Decimal128Array::from(vec![1234]).with_precision_and_scale(10, 2).unwrap();
            let bytes: ArrayRef = Arc::new(BinaryArray::from_vec(vec![b"\x00\xff"]));
            RecordBatch::try_from_iter([("day", day), ("price", Arc::new(price)), ("bytes", bytes)]).unwrap()
        };
        let rows = value(&[batch(0), batch(1)]);
        assert_eq!(rows[0], json!({ "day": "1970-01-01", "price": 12.34, "bytes": "00ff" }));
        assert_eq!(rows[1]["day"], "1970-01-02");
        assert_eq!(value(&[]), json!([]));
    }
}
