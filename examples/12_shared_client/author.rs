//! The table `author`.

use flexconnect_core::{About, Connector, ReadRequest, Result, Rows, Table};
use serde::Deserialize;

use super::api::Api;

/// One author, as the API writes it and as the table has it.
#[derive(Debug, Clone, PartialEq, Deserialize, Table)]
pub struct Author {
    /// The author's number.
    #[column(primary_key)]
    pub num: u64,
    /// The author's name.
    pub name: String,
}

/// The table of all authors.
#[derive(Debug)]
pub struct Authors(Api);

impl Connector<Api> for Authors {
    const NAME: &'static str = "author";
    type Config = ();
    type Row = Author;

    fn about() -> About {
        About::new("Author")
    }

    async fn init((): (), api: &Api) -> Result<Self> {
        Ok(Authors(api.clone()))
    }

    fn generate_rows(&self, _request: ReadRequest) -> Rows<'_, Author> {
        self.0.all("authors")
    }
}
