//! The conformance kit over the wire: a right server passes, and a server that breaks a rule is found by its check.
#![cfg(feature = "conformance")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod notes;
mod proxy;

use flexconnect_core::Plugin;
use flexconnect_core::conformance::{Options, Report, Verdict};
use flexconnect_flight::{Server, conformance};
use serde_json::json;
use tokio::sync::oneshot;

use notes::{Kept, Notes};
use proxy::{Fault, Proxy};

fn options() -> Options {
    Options::new()
        .with_config("notes", json!({"token": "hush-hush-hush"}))
        .with_total_rows("notes", notes::ROWS as u64)
}

/// A server of the notes; it stops when the sender is dropped.
async fn serve() -> (String, oneshot::Sender<()>) {
    let kept = Kept::default();
    let shared = move |(): ()| {
        let kept = kept.clone();
        async move { Ok(kept) }
    };
    let plugin: Plugin = Plugin::new("notes", "1.0.0").shared(shared).connector::<Notes>().into();
    let bound = Server::new(plugin).bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}", bound.local_addr());
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(bound.serve_until(async {
        let _ = stopped.await;
    }));
    (uri, stop)
}

async fn examine(fault: Option<Fault>, options: Options) -> Report {
    let (uri, _stop) = serve().await;
    let uri = match fault {
        Some(fault) => Proxy::before(uri, fault).await,
        None => uri,
    };
    conformance::check(uri, options).await.unwrap()
}

#[tokio::test]
async fn a_right_server_passes_everything() {
    let report = examine(None, options().with_scratch("notes")).await;
    report.assert_all_run_but(&["memory"]);
    for check in
        ["config", "filters", "partitions", "commit", "abort", "upsert", "delete", "one schema", "tickets"]
    {
        assert_eq!(report.verdict("notes", check), Some(&Verdict::Passed), "{check}\n{report}");
    }
    assert_eq!(report.verdict("(server)", "refusals"), Some(&Verdict::Passed), "{report}");
}

#[tokio::test]
async fn each_broken_rule_is_found_by_its_check_and_by_no_other() {
    for (fault, check) in [
        (Fault::None, ""),
        (Fault::OtherSchemaInGetSchema, "one schema"),
        (Fault::TicketsOnce, "tickets"),
        (Fault::NeverNotFound, "refusals"),
        (Fault::TakesUnknownPartition, "refused partitions"),
        (Fault::ListsTwice, "listing"),
        (Fault::ForgetsLimitOverParts, "endpoints"),
        (Fault::KeepsWithoutCommit, "abort"),
    ] {
        let writes = matches!(fault, Fault::None | Fault::KeepsWithoutCommit);
        let options = if writes { options().with_scratch("notes") } else { options() };
        let report = examine(Some(fault), options).await;

        let mut failed: Vec<_> = report.failed().map(|outcome| outcome.check).collect();
        failed.dedup();
        let expected: Vec<_> = Some(check).into_iter().filter(|check| !check.is_empty()).collect();
        assert_eq!(failed, expected, "{fault:?}\n{report}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error() {
    let error = conformance::check("http://127.0.0.1:9", Options::new()).await.unwrap_err();
    assert_eq!(error.kind(), flexconnect_core::ErrorKind::Unavailable);
}
