//! Tickets from the outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arrow_flight::Ticket;
use flexconnect_core::Plugin;
use flexconnect_flight::{FlightService, Keys};
use serde_json::json;
use tonic::Code;

use crate::connectors::{Changing, Numbers, samples};
use crate::served::{Served, cmd, serve, serve_service, ticket};

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

#[tokio::test]
async fn a_ticket_lasts_an_hour_and_says_so() {
    let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    let info = serve(samples()).await.info(cmd(json!({"connector": "numbers"}))).await.unwrap();
    let after = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    for endpoint in &info.endpoint {
        let expires = endpoint.expiration_time.as_ref().unwrap().seconds;
        assert!((before + 3600..=after + 3600).contains(&expires), "{expires}");
    }
}

#[tokio::test]
async fn an_expired_ticket_says_what_to_do() {
    let service = FlightService::new(samples()).with_ticket_lifetime(Duration::ZERO);
    let served = serve_service(service).await;
    let info = served.info(cmd(json!({"connector": "numbers"}))).await.unwrap();
    let status = served.get(ticket(&info, 0)).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert!(status.message().contains("call GetFlightInfo again"), "{}", status.message());
}

#[tokio::test]
async fn replicas_with_the_same_keys_take_each_others_tickets() {
    let key = |name: &str| Keys::from_text(&name.repeat(32)).unwrap();
    let replica = async |keys| serve_service(FlightService::new(samples()).with_ticket_keys(keys)).await;
    let takes =
        async |one: &Served, ticket| one.get(ticket).await.map(|_| ()).map_err(|status| status.code());
    let old = replica(key("old")).await;
    let between = replica(key("old").and_open(key("new"))).await;
    let new = replica(key("new").and_open(key("old"))).await;
    let last = replica(key("new")).await;
    let command = cmd(json!({"connector": "numbers"}));
    let of_old = ticket(&old.info(command.clone()).await.unwrap(), 1);
    let of_new = ticket(&new.info(command).await.unwrap(), 1);
    for (server, takes_old, takes_new) in
        [(&old, true, false), (&between, true, true), (&new, true, true), (&last, false, true)]
    {
        assert_eq!(takes(server, of_old.clone()).await.is_ok(), takes_old);
        assert_eq!(takes(server, of_new.clone()).await.is_ok(), takes_new);
    }
    assert_eq!(takes(&last, of_old).await, Err(Code::InvalidArgument));
}
