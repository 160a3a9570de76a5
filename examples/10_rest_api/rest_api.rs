//! The rows of one endpoint of an HTTP API that speaks JSON.

use flexconnect_core::arrow_schema::SchemaRef;
use flexconnect_core::config::Faults;
use flexconnect_core::{About, Config, Connector, JsonRow, Page, ReadRequest, Result, Rows, Secret};
use flexconnect_http::{
    AuthConfig, AuthType, BaseUrl, Client, ClientConfig, Cursor, DataPath, Pagination, PaginationType,
};

/// What can be configured, with the words a form shows.
#[derive(Debug, Config)]
#[config(check = "RestApiConfig::check")]
pub struct RestApiConfig {
    /// Where the API is.
    #[config(label = "Base URL", placeholder = "https://api.example.com/v1")]
    base_url: BaseUrl,
    /// What is read, below the base URL.
    #[config(label = "Endpoint", placeholder = "users", min_len = 1)]
    endpoint: String,
    /// How requests say who sends them.
    #[config(label = "Authentication", default)]
    auth_type: AuthType,
    /// The bearer token, the password or the API key.
    #[config(label = "Auth Token/Password")]
    auth_token: Option<Secret<String>>,
    /// The user name, for basic authentication.
    #[config(label = "Username (for Basic Auth)")]
    auth_user: Option<String>,
    /// The header of the API key.
    #[config(label = "API Key Header", default = "X-API-Key")]
    api_key_header: String,
    /// The keys that lead to the rows of an answer; empty for the whole answer.
    #[config(label = "Data Path", placeholder = "data.items", default)]
    data_path: DataPath,
    /// How the API is asked for the next rows.
    #[config(label = "Pagination", default)]
    pagination_type: PaginationType,
    /// Rows asked for in one request.
    #[config(label = "Page Size", default = 100, min = 1)]
    page_size: u64,
    /// More pages than this are taken for a walk without an end.
    #[config(default = 100_000, min = 1, advanced)]
    max_pages: u64,
    /// Whether a page may have the same rows as one before it.
    #[config(default = false, advanced)]
    allow_repeated_pages: bool,
    /// Time, sizes, repetitions and rate of requests.
    #[config(label = "HTTP", default, advanced)]
    http: ClientConfig,
}

impl RestApiConfig {
    /// The rules that look at more than one parameter.
    fn check(&self) -> Result<(), Faults> {
        let mut faults = self.auth().auth().err().unwrap_or_default();
        if let Err(unfit) = self.base_url.join(&self.endpoint) {
            faults.add("endpoint", unfit.to_string());
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    fn auth(&self) -> AuthConfig {
        AuthConfig {
            auth_type: self.auth_type,
            auth_token: self.auth_token.clone(),
            auth_user: self.auth_user.clone(),
            api_key_header: self.api_key_header.clone(),
        }
    }
}

/// The table of one endpoint.
#[derive(Debug)]
pub struct RestApi {
    client: Client,
    url: String,
    pages: Pagination,
    max_pages: u64,
    data_path: DataPath,
}

impl Connector for RestApi {
    const NAME: &'static str = "rest_api";
    type Config = RestApiConfig;
    type Row = JsonRow;

    fn about() -> About {
        About::new("REST API").with_description("The rows of an HTTP API that speaks JSON")
    }

    async fn init(config: RestApiConfig, _shared: &()) -> Result<Self> {
        let pages = Pagination::new(config.pagination_type, config.page_size);
        Ok(RestApi {
            client: Client::new(&config.http, config.auth().auth()?)?,
            url: config.base_url.join(&config.endpoint)?,
            pages: if config.allow_repeated_pages { pages.with_repeats() } else { pages },
            max_pages: config.max_pages,
            data_path: config.data_path,
        })
    }

    /// The first page can be had.
    async fn check(&self) -> Result<()> {
        self.page(self.pages.first()).await.map(drop)
    }

    /// Nobody knows the columns before a row is there: they are inferred from a sample.
    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(None)
    }

    /// A page is asked for when the rows before it are delivered and the reader wants more: a limit costs no request
    /// beyond it.
    fn generate_rows(&self, _request: ReadRequest) -> Rows<'_, JsonRow> {
        Rows::pages_up_to(self.max_pages, self.pages.first(), |cursor| self.page(cursor))
    }
}

impl RestApi {
    async fn page(&self, cursor: Cursor) -> Result<Page<Vec<JsonRow>, Cursor>> {
        let answer = self.pages.ask(self.client.get(&self.url), &cursor).send().await?;
        Ok(self.pages.page(&cursor, &answer, &self.data_path)?)
    }
}
