//! Messages to the user, sent along with a result.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The key of a schema's metadata under which a result carries its messages.
pub const DATA_SOURCE_MESSAGES: &str = "x-gdc-data-source-messages";

/// A message that GoodData shows to the user beside a result.
///
/// They travel in the schema's metadata, so they are to be few and small: GoodData has a limit it does not document.
///
/// ```
/// use flexconnect_core::arrow_schema::Schema;
/// use flexconnect_flight::gooddata::context::{DATA_SOURCE_MESSAGES, DataSourceMessage};
/// use serde_json::json;
///
/// let message = DataSourceMessage::new("Weather", "123", "info").with_data(json!({"stations": 12}));
/// let mut schema = Schema::empty();
/// schema.metadata.insert(DATA_SOURCE_MESSAGES.into(), DataSourceMessage::metadata_value(&[message]));
/// assert_eq!(
///     schema.metadata[DATA_SOURCE_MESSAGES],
///     r#"[{"source":"Weather","correlation_id":"123","type":"info","data":{"stations":12}}]"#,
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DataSourceMessage {
    /// Who says it: the function.
    pub source: String,
    /// What connects it with the log of the source.
    pub correlation_id: String,
    /// What kind of message it is, such as `info`.
    #[serde(rename = "type")]
    pub message_type: String,
    /// The message itself, any JSON.
    #[serde(default)]
    pub data: Value,
}

impl DataSourceMessage {
    /// A message of this type, without data.
    pub fn new(
        source: impl Into<String>,
        correlation_id: impl Into<String>,
        message_type: impl Into<String>,
    ) -> Self {
        DataSourceMessage {
            source: source.into(),
            correlation_id: correlation_id.into(),
            message_type: message_type.into(),
            data: Value::Null,
        }
    }

    /// Sets what it says.
    #[must_use]
    pub fn with_data(mut self, data: impl Into<Value>) -> Self {
        self.data = data.into();
        self
    }

    /// The messages as the value of [`DATA_SOURCE_MESSAGES`] in a schema's metadata.
    pub fn metadata_value(messages: &[DataSourceMessage]) -> String {
        serde_json::to_string(messages).expect("text and JSON are always JSON")
    }
}
