//! What an author sees of a caller.

use flexconnect_core::{Connector, ReadRequest, Result, Rows, Table};

/// Something that came with the call.
#[derive(Table)]
pub(crate) struct Known {
    /// `caller`, or the name of a header.
    name: String,
    value: Option<String>,
}

/// The caller's name and the headers of the call. Credentials are not among them: they end at the door.
pub(crate) struct WhoAmI;

impl Connector for WhoAmI {
    const NAME: &'static str = "whoami";
    type Config = ();
    type Row = Known;

    async fn init((): (), _shared: &()) -> Result<Self> {
        Ok(WhoAmI)
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, Known> {
        let caller = Known { name: "caller".into(), value: request.caller.name };
        let headers = request.headers.into_iter().map(|(name, value)| Known { name, value: Some(value) });
        Rows::iter([caller].into_iter().chain(headers))
    }
}
