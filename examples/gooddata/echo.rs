//! What a function sees of its call, and what it can say beside its rows.

use std::collections::BTreeMap;

use flexconnect_core::{Capabilities, Connector, ReadRequest, Result, Rows, Table};
use serde_json::{Value, json};

/// One thing that was seen.
#[derive(Table)]
pub(crate) struct Seen {
    /// What it is.
    what: Option<&'static str>,
    /// It as JSON.
    json: Option<String>,
}

/// The call as a table.
pub(crate) struct Echo;

impl Connector for Echo {
    const NAME: &'static str = "Echo";
    type Config = ();
    type Row = Seen;

    fn capabilities() -> Capabilities {
        // Whatever columns are asked for: they are one of the things to be seen.
        Capabilities::read().with_all_columns()
    }

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(Echo)
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, Seen> {
        let mut headers: BTreeMap<_, _> =
            request.headers.keys().map(|name| (name.clone(), json!(request.header_values(name)))).collect();
        for (name, values) in &request.binary_headers {
            // JSON has no bytes: each is a letter here.
            let letters = |bytes: &Vec<u8>| bytes.iter().copied().map(char::from).collect::<String>();
            headers.insert(name.clone(), values.iter().map(letters).collect());
        }
        let columns = request.parameters.get("columns").cloned().unwrap_or(Value::Null);
        let seen = [
            ("parameters", Value::Object(request.parameters)),
            ("columns", columns),
            ("headers", json!(headers)),
        ];
        Rows::iter(seen.map(|(what, json)| Seen { what: Some(what), json: Some(json.to_string()) }))
    }
}
