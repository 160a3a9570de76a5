//! A server of numbers on a free port.

use std::net::SocketAddr;

use flexconnect_core::{Config, Connector, Plugin, ReadRequest, Result, Rows, Table};
use flexconnect_flight::tls::Certificates;
use flexconnect_flight::{Client, ClientOptions, Command, Server};
use futures::TryStreamExt;
use serde_json::json;
use tokio::sync::oneshot;

#[derive(Table)]
struct Number {
    n: u64,
    caller: Option<String>,
}

#[derive(Config)]
struct NumbersConfig {
    /// How many.
    #[config(default = 3)]
    rows: u64,
}

struct Numbers(u64);

impl Connector for Numbers {
    const NAME: &'static str = "numbers";
    type Config = NumbersConfig;
    type Row = Number;

    async fn init(config: NumbersConfig, _: &()) -> Result<Self> {
        Ok(Numbers(config.rows))
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, Number> {
        let caller = request.caller.name;
        Rows::iter((0..self.0).map(move |n| Number { n, caller: caller.clone() }))
    }
}

pub(crate) fn numbers() -> Plugin {
    Plugin::new("numbers", "1.0.0").connector::<Numbers>()
}

pub(crate) fn many(rows: u64) -> Command {
    Command::connector("numbers").with_config(json!({"rows": rows}))
}

pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) certificates: Option<Certificates>,
    /// Dropped with the test, which stops the server.
    _stop: oneshot::Sender<()>,
}

pub(crate) async fn serve(server: Server) -> Served {
    let bound = server.bind("127.0.0.1:0").await.unwrap();
    let (address, certificates) = (bound.local_addr(), bound.certificates());
    let (_stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(bound.serve_until(async {
        let _ = stopped.await;
    }));
    Served { address, certificates, _stop }
}

impl Served {
    /// Connects to this name with these options and reads; the caller's name as the author sees it.
    pub(crate) async fn read_as(
        &self,
        host: &str,
        options: ClientOptions,
    ) -> Result<Option<String>, flexconnect_core::Error> {
        let uri = format!("grpc+tls://{host}:{}", self.address.port());
        let client = Client::connect_with(uri, options).await?;
        let batches: Vec<_> = client.read(&Command::connector("numbers")).await?.try_collect().await?;
        assert_eq!(batches[0].num_rows(), 3);
        let callers = arrow_array::cast::AsArray::as_string::<i32>(batches[0].column(1));
        Ok(callers.iter().next().unwrap().map(str::to_owned))
    }
}
