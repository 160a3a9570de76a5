//! Hello world: a table, what can be configured, and how its rows are produced.
//!
//! `cargo run --example hello`, then from Python:
//! `pyarrow.flight.connect("grpc://127.0.0.1:8815")`, which lists and reads the table `hello`.

use flexconnect_core::{Config, Connector, Plugin, ReadRequest, Result, Rows, Table};
use flexconnect_flight::Server;

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
        Rows::iter(self.0.names.iter().map(|name| {
            let letters = name.chars().count() as u64;
            Greeting { text: format!("Hello, {name}!"), letters }
        }))
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    Server::new(Plugin::new("hello", "1.0.0").connector::<Hello>()).serve("127.0.0.1:8815").await
}
