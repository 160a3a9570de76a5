//! Hello world: a table, what can be configured, and how its rows are produced.
//!
//! `cargo run --example hello`, then from Python:
//! `pyarrow.flight.connect("grpc://127.0.0.1:8815")`, which lists and reads the table `hello`.

use flexconnect_core::{Config, Connector, Plugin, ReadRequest, Result, Rows, Table};
use flexconnect_flight::Server;

/// A greeting for one person.
#[derive(Table)]
struct Greeting {
    text: String,
    letters: u64,
}

#[derive(Config)]
struct HelloConfig {
    /// Whom to greet.
    #[config(default = ["world"])]
    names: Vec<String>,
}

struct Hello(HelloConfig);

impl Connector for Hello {
    const NAME: &'static str = "hello";
    type Config = HelloConfig;
    type Row = Greeting;

    async fn init(config: HelloConfig, _shared: &()) -> Result<Self> {
        Ok(Hello(config))
    }

    fn generate_rows(&self, _request: ReadRequest) -> Rows<'_, Greeting> {
        Rows::iter(
            self.0.names.iter().map(|name| Greeting {
                letters: name.chars().count() as u64,
                text: format!("Hello, {name}!"),
            }),
        )
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let plugin = Plugin::new("hello", env!("CARGO_PKG_VERSION")).connector::<Hello>();
    Server::new(plugin).serve("127.0.0.1:8815").await
}
