//! Proves of a running server that its tables do what they declare: the checks of
//! [`flexconnect_core::conformance`], over the wire, and the rules of Arrow Flight with them.
//!
//! ```no_run
//! use flexconnect_core::conformance::Options;
//! use flexconnect_flight::conformance;
//! use serde_json::json;
//!
//! # async fn example() -> flexconnect_core::Result<()> {
//! let options = Options::new().with_config("random_data", json!({"num_rows": 100, "seed": 7}));
//! conformance::check("http://127.0.0.1:8815", options).await?.assert();
//! # Ok(())
//! # }
//! ```
//!
//! What cannot be seen through a connection is not applicable, or sees less: checkpoints do not travel, and nobody is told
//! when a server has taken the rows of a write that is still open. These checks are added:
//!
//! | check | promise |
//! |---|---|
//! | `one schema` | GetSchema, GetFlightInfo and DoGet give the same bytes, with a projection too |
//! | `tickets` | a ticket can be redeemed again, and beside others, for the same rows |
//! | `endpoints` | the endpoints of a read with a limit keep it together |
//! | `refused partitions`, `refusals` | partitions, tables, commands, tickets and actions that there are not are refused by their own codes |
//! | `listing` | each table is listed once, with the columns it has |

mod remote;
mod wire;
mod writing;

use std::collections::HashSet;

use flexconnect_core::Error;
use flexconnect_core::conformance::{Options, Report, Subject, examine};

use crate::client::Client;
use crate::command::Command;
use remote::Remote;

/// Examines every table of the server at `http://host:port`.
///
/// # Errors
/// When nobody answers there, or the tables cannot be listed.
pub async fn check(uri: impl Into<String>, options: Options) -> Result<Report, Error> {
    check_with(&Client::connect(uri).await?, options).await
}

/// Examines every table of a server, through a client of one's own: with TLS, as a certain caller.
///
/// # Errors
/// When the tables cannot be listed or described.
pub async fn check_with(client: &Client, options: Options) -> Result<Report, Error> {
    let listed = client.list().await?;
    let mut subjects: Vec<Box<dyn Subject>> = Vec::new();
    let mut remotes = Vec::new();
    let mut seen = HashSet::new();
    // One that is listed twice is a finding of the listing, and no second table.
    for table in listed.iter().filter(|table| seen.insert(&table.path)) {
        let remote = Remote::new(client.clone(), table.path.clone()).await?;
        subjects.push(Box::new(remote.clone()));
        remotes.push((remote, table));
    }
    let mut report = examine(&subjects, &options).await;
    for (remote, table) in remotes {
        let name = table.path.join("/");
        // A table that could not be opened has nothing to hold the wire against.
        if report.verdict(&name, "schema").is_some() {
            let values = options.config(&name).clone();
            wire::table(client, &remote, table, values, options.patience, &mut report).await;
        }
    }
    wire::server(client, &listed, &mut report).await;
    Ok(report)
}

/// The command that names this table with these values.
fn command(path: &[String], values: &serde_json::Map<String, serde_json::Value>) -> Command {
    let command = Command::path(path);
    if values.is_empty() { command } else { command.with_config(values.clone().into()) }
}
