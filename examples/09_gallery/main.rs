//! Everything together: the lessons' connectors and two more, served until stopped.
//!
//! `cargo run --release --example gallery -- --listen 127.0.0.1:8815 [--root DIR] [--sqlite FILE] [--arrow FILE]`
//!
//! `random_data`, and `files` and `lines` of DIR (or the current folder); `numbers`, as many as asked for; `rest_api` and
//! `rest_resource`, of whatever API a client names; with an SQLite file each of its tables at `["sqlite", "<table>"]`;
//! with a file of an Arrow IPC stream `arrow_file`; and `sink`, which takes what `numbers` gives. Clients choose the URLs that are asked, so this is
//! a server to try things on, and not one for strangers. The new idea is in `sink.rs`: state that a plugin's connectors
//! share.

mod arguments;
mod arrow_file;
mod numbers;
mod sink;

use std::process::ExitCode;

use flexconnect_core::{Plugin, Result, SharedPlugin};
use flexconnect_examples::{
    files::Files, lines::Lines, random_data::Random, rest_api::RestApi, rest_resource::RestResource, sqlite,
};
use flexconnect_flight::Server;
use flexconnect_flight::logging::Logging;
use serde_json::json;

use arguments::Arguments;
use arrow_file::ArrowFile;
use numbers::Numbers;
use sink::{Kept, Sink};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "whoever started the program wants to know")]
            {
                eprintln!("gallery: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let arguments = Arguments::from_env()?;
    Logging::text().with_level("warn").init()?;
    let address = &arguments.listen;
    let server = Server::new(plugin(&arguments)).bind(address).await;
    let server = server.map_err(|error| format!("--listen {address}: {error}"))?;
    #[expect(clippy::print_stdout, reason = "scripts wait for this line, and read the port from it")]
    {
        println!("listening on {}", server.local_addr());
    }
    Ok(server.serve().await?)
}

fn plugin(arguments: &Arguments) -> SharedPlugin<Kept> {
    let root = json!({ "root": arguments.root });
    let mut plugin = Plugin::new("gallery", env!("CARGO_PKG_VERSION"))
        .connector::<Random>()
        .mount::<Files>(["files"], root.clone())
        .mount::<Lines>(["lines"], root)
        .connector::<Numbers>()
        .connector::<RestApi>()
        .connector::<RestResource>();
    if let Some(file) = &arguments.arrow {
        plugin = plugin.mount::<ArrowFile>(["arrow_file"], json!({ "file": file }));
    }
    if let Some(file) = &arguments.sqlite {
        plugin = sqlite::mount(plugin, "sqlite", file);
    }
    plugin.shared(|()| async { Ok(Kept::default()) }).connector::<Sink>()
}
