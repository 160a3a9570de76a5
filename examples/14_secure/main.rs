//! A server for an open network: over TLS, for callers it knows, each with tables of its own.
//!
//! `cargo run --example secure -- server.toml [more.toml ..]` serves as these files say; `-- --keys` prints every key
//! they may have. `server.toml` here is one to start from, `clients.toml` makes certificates the callers' credentials.
//!
//! New here: nothing about a connector, which does not know how it is served. `Document` merges the files and puts
//! variables in; `Server::from_settings` does as they say. The table `whoami` shows what is left of a caller's
//! credentials when they arrive at an author: a name (`whoami.rs`).

mod whoami;

use std::process::ExitCode;

use flexconnect_core::{Plugin, Result};
use flexconnect_examples::{files::Files, random_data::Random};
use flexconnect_flight::Server;
use flexconnect_flight::settings::{Document, ServerSettings, documented};
use serde_json::json;

use whoami::WhoAmI;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "whoever started the program wants to know")]
            {
                eprintln!("secure: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let files: Vec<_> = std::env::args_os().skip(1).collect();
    if files.iter().any(|file| file == "--keys") {
        #[expect(clippy::print_stdout, reason = "this is what was asked for")]
        {
            print!("{}", documented::<ServerSettings>());
        }
        return Ok(());
    }
    if files.is_empty() {
        return Err("which settings? `cargo run --example secure -- server.toml`".into());
    }
    let settings = files.iter().fold(Document::new(), Document::with_file);
    let settings: ServerSettings = settings.with_overrides("SECURE_", std::env::vars()).read()?;
    settings.log.to_logging().init()?;

    let plugin = Plugin::new("secure", env!("CARGO_PKG_VERSION"))
        .connector::<WhoAmI>()
        .connector::<Random>()
        .mount::<Files>(["files"], json!({ "root": "." }));
    let server = Server::from_settings(plugin, &settings)?.bind(&settings.listen).await?;
    #[expect(clippy::print_stdout, reason = "whoever started the program wants to know")]
    {
        println!("listening on {}", server.local_addr());
    }
    Ok(server.serve().await?)
}
