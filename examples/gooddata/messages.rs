//! A message to whoever looks at the result, beside its rows.

use flexconnect_core::{Connector, ReadRequest, Result, Rows};
use flexconnect_flight::gooddata::context::{DATA_SOURCE_MESSAGES, DataSourceMessage};
use serde_json::json;

use crate::tiny::{TinyRow, rows};

/// The small rows, with a word about them.
pub(crate) struct Messages;

impl Connector for Messages {
    const NAME: &'static str = "Messages";
    type Config = ();
    type Row = TinyRow;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(Messages)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, TinyRow> {
        let message = DataSourceMessage::new("Messages", "123", "info").with_data(json!({ "extra": "data" }));
        Rows::iter(rows()).with_metadata(DATA_SOURCE_MESSAGES, DataSourceMessage::metadata_value(&[message]))
    }
}
