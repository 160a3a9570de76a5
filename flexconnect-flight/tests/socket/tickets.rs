//! Tickets from the outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_flight::Ticket;
use flexconnect_core::Plugin;
use serde_json::json;
use tonic::Code;

use crate::connectors::{Changing, Numbers, samples};
use crate::served::{cmd, serve, ticket};

#[tokio::test]
async fn a_ticket_changed_anywhere_is_refused() {
    let served = serve(samples()).await;
    let command = json!({"connector": "numbers", "config": {"rows": 5}, "columns": ["name"]});
    let info = served.info(cmd(command)).await.unwrap();
    let whole = ticket(&info, 1).ticket;
    assert!(served.get(Ticket { ticket: whole.clone() }).await.is_ok());
    for position in 0..whole.len() {
        let mut changed = whole.to_vec();
        changed[position] ^= 0x40;
        let status = served.get(Ticket { ticket: changed.into() }).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "byte {position}");
    }
    for garbage in [&b""[..], b"numbers", b"{\"connector\":\"numbers\"}", &[1; 300 << 10]] {
        let status = served.get(Ticket { ticket: garbage.to_vec().into() }).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().contains("ticket"));
    }
}

#[tokio::test]
async fn a_ticket_is_good_for_its_own_server_and_again() {
    let (one, other) = (serve(samples()).await, serve(Plugin::new("p", "1").connector::<Numbers>()).await);
    let info = one.info(cmd(json!({"connector": "numbers"}))).await.unwrap();
    for _ in 0..2 {
        assert_eq!(one.get(ticket(&info, 2)).await.unwrap().len(), 2);
    }
    assert_eq!(other.get(ticket(&info, 0)).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_ticket_is_stale_once_the_columns_have_changed() {
    let changed = Arc::new(AtomicBool::new(false));
    let shared = changed.clone();
    let plugin = Plugin::new("p", "1").shared(move |(): ()| {
        let shared = shared.clone();
        async move { Ok(shared) }
    });
    let served = serve(plugin.connector::<Changing>()).await;
    let command = json!({"connector": "changing", "columns": ["a"]});
    let info = served.info(cmd(command.clone())).await.unwrap();
    assert!(served.get(ticket(&info, 0)).await.is_ok());
    changed.store(true, Ordering::SeqCst);
    let status = served.get(ticket(&info, 0)).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert!(status.message().contains("call GetFlightInfo again"));
    let info = served.info(cmd(command)).await.unwrap_err();
    assert!(info.message().contains("no column `a`"), "{}", info.message());
}
