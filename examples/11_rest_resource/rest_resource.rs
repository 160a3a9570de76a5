//! A resource of an API that is read from one URL and written to another.

mod upload;

use flexconnect_core::arrow_schema::SchemaRef;
use flexconnect_core::{
    About, BoxWriter, Capabilities, Config, Connector, JsonRow, Page, ReadRequest, Result, Rows, Secret,
    WriteMode, WriteRequest,
};
use flexconnect_http::{Auth, BaseUrl, Client, ClientConfig, Cursor, DataPath, Pagination};

use upload::Upload;

/// What can be configured, with the words a form shows.
#[derive(Debug, Config)]
pub struct RestResourceConfig {
    /// Where the API is.
    #[config(label = "API Endpoint", placeholder = "https://api.example.com")]
    api_endpoint: BaseUrl,
    /// Sent as a bearer token with every request.
    #[config(label = "API Key", min_len = 1)]
    api_key: Secret<String>,
    /// What is read.
    #[config(label = "Resource", default)]
    resource: Resource,
    /// The most rows of one read.
    #[config(label = "Limit", default = 1000)]
    limit: u64,
}

/// What the API has.
#[derive(Debug, Clone, Copy, Default, Config)]
pub enum Resource {
    /// The users.
    #[default]
    Users,
    /// The orders.
    Orders,
    /// The products.
    Products,
}

impl Resource {
    const fn path(self) -> &'static str {
        match self {
            Resource::Users => "users",
            Resource::Orders => "orders",
            Resource::Products => "products",
        }
    }
}

/// The table of one resource.
#[derive(Debug)]
pub struct RestResource {
    client: Client,
    read: String,
    upload: String,
    limit: u64,
}

impl Connector for RestResource {
    const NAME: &'static str = "rest_resource";
    type Config = RestResourceConfig;
    type Row = JsonRow;

    fn about() -> About {
        About::new("REST Resource").with_description("A resource of an HTTP API, to be read and written")
    }

    /// Without `with_at_least_once` every write would promise to leave nothing unless it is committed.
    fn capabilities() -> Capabilities {
        Capabilities::read().with_write([WriteMode::Append]).with_at_least_once()
    }

    async fn init(config: RestResourceConfig, _shared: &()) -> Result<Self> {
        Ok(RestResource {
            client: Client::new(&ClientConfig::default(), Auth::bearer(&config.api_key)?)?,
            read: config.api_endpoint.join(config.resource.path())?,
            upload: config.api_endpoint.join("upload")?,
            limit: config.limit,
        })
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(None)
    }

    /// One answer has all rows; the API is asked for no more than the reader wants.
    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, JsonRow> {
        let limit = request.limit.map_or(self.limit, |limit| limit.min(self.limit));
        Rows::pages(Pagination::none().first(), move |cursor| self.answer(cursor, limit))
    }

    async fn get_writer(&self, _request: WriteRequest) -> Result<BoxWriter> {
        Ok(BoxWriter::new(Upload::new(self.client.clone(), self.upload.clone())))
    }
}

impl RestResource {
    async fn answer(&self, cursor: Cursor, limit: u64) -> Result<Page<Vec<JsonRow>, Cursor>> {
        let answer = self.client.get(&self.read).query("limit", limit).send().await?;
        Ok(Pagination::none().page(&cursor, &answer, &DataPath::default())?)
    }
}
