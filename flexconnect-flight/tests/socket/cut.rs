//! Connections that break off: at each frame, by a reset, or without a word. Nobody takes a part for the whole.

use std::sync::atomic::Ordering;
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Int64Array, RecordBatch, StringArray};
use flexconnect_core::{Error, ErrorKind, Table};
use flexconnect_flight::{Command, FlightService, ServiceLimits};
use futures::{StreamExt, TryStreamExt};
use serde_json::json;

use crate::connectors::{Number, Store, samples};
use crate::relay::{End, Relay, Side};
use crate::served::{cmd, eventually, serve, serve_service, ticket};
use crate::watched::Events;

/// Far more frames than these calls have.
const ENDLESS: usize = 500;

/// What came of the read of a ticket, and the error that ended it.
async fn read(relay: &Relay, ticket: bytes::Bytes) -> (Vec<i64>, Option<Error>) {
    let mut rows = Vec::new();
    let result = async {
        let mut reading = relay.client().await?.read_part(ticket).await?;
        while let Some(batch) = reading.try_next().await? {
            rows.extend(batch.column(0).as_primitive::<Int64Type>().values());
        }
        Ok(())
    };
    let result: Result<(), Error> = result.await;
    (rows, result.err())
}

#[tokio::test]
async fn a_read_that_is_cut_at_any_frame_is_an_error_and_its_rows_are_a_beginning() {
    let store = Store::default();
    let served = serve(store.plugin()).await;
    let info = served.info(cmd(json!({"connector": "numbers", "config": {"rows": 4}}))).await.unwrap();
    let ticket = ticket(&info, 0).ticket;
    for end in [End::Cut, End::Reset] {
        let mut after = 0;
        loop {
            let relay = Relay::cutting(served.address, Side::Server, after, end).await;
            let (rows, error) = read(&relay, ticket.clone()).await;
            match error {
                None => {
                    assert_eq!(rows, [0, 1, 2, 3], "{end:?} after {after} frames");
                    break;
                }
                Some(error) => {
                    assert_eq!(error.kind(), ErrorKind::Unavailable, "{end:?} after {after} frames: {error}");
                    assert!([0, 1, 2, 3].starts_with(&rows), "{end:?} after {after} frames: {rows:?}");
                }
            }
            after += 1;
            assert!(after < ENDLESS, "the read never ends well");
        }
        assert!(after > 4, "schema, rows and end are frames of their own");
    }
}

fn numbers(ids: std::ops::Range<i64>) -> RecordBatch {
    let names = StringArray::from_iter(ids.clone().map(|id| Some(format!("n{id}"))));
    let ids = Int64Array::from_iter_values(ids);
    RecordBatch::try_new(
        <Number as Table>::schema(),
        vec![std::sync::Arc::new(ids), std::sync::Arc::new(names)],
    )
    .unwrap()
}

#[tokio::test]
async fn a_write_that_is_cut_at_any_frame_is_kept_whole_or_not_at_all() {
    let store = Store::default();
    let served = serve(store.plugin()).await;
    for (side, end) in [
        (Side::Client, End::Cut),
        (Side::Client, End::Reset),
        (Side::Server, End::Cut),
        (Side::Server, End::Reset),
    ] {
        for after in 0.. {
            assert!(after < ENDLESS, "the write never ends well");
            let relay = Relay::cutting(served.address, side, after, end).await;
            let before = store.count();
            let batches = [numbers(0..3), numbers(3..6), numbers(6..9)];
            let written = async {
                let client = relay.client().await?;
                client.write(&Command::connector("sink"), numbers(0..0).schema(), batches).await
            };
            let written = written.await;
            let begun = store.begun.load(Ordering::SeqCst);
            let over = || store.dropped.load(Ordering::SeqCst) + store.kept.load(Ordering::SeqCst) >= begun;
            eventually("the server lets go of the write", over).await;
            let kept = store.count() - before;
            assert!(kept == 0 || kept == 9, "{side:?} {end:?} after {after} frames: {kept} rows");
            match written {
                Ok(summary) => {
                    assert_eq!((summary.rows, kept), (9, 9), "{side:?} {end:?} after {after} frames");
                    break;
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}"),
            }
        }
    }
}

#[tokio::test]
async fn a_peer_that_says_nothing_any_more_is_given_up() {
    let events = Events::default();
    let patience =
        ServiceLimits::default().with_keepalive(Duration::from_millis(200), Duration::from_millis(200));
    let served = serve_service(FlightService::new(events.plugin()).with_limits(patience)).await;
    for how in ["produce", "silent", "blocking"] {
        let info = served.info(cmd(json!({"connector": "watched", "config": {"how": how}}))).await.unwrap();
        // Settings, their acknowledgement, headers, and the beginning of the rows.
        let relay = Relay::cutting(served.address, Side::Server, 6, End::HalfOpen).await;
        let client = relay.client().await.unwrap();
        let ticket = ticket(&info, 0).ticket;
        let reading = tokio::spawn(async move {
            let mut reading = client.read_part(ticket).await?;
            while reading.try_next().await?.is_some() {}
            Ok::<_, Error>(())
        });
        eventually("the read begins", || events.reading() == 1).await;
        eventually(how, || events.reading() == 0).await;
        reading.abort();
    }
}

#[tokio::test]
async fn a_connector_that_panics_does_not_disturb_the_others() {
    let served = serve(samples()).await;
    let whole = Command::connector("numbers").with_config(json!({"rows": 400}));
    let mut readings: Vec<_> = Vec::new();
    for _ in 0..8 {
        let mut reading = served.client.read(&whole).await.unwrap();
        let first = reading.next().await.unwrap().unwrap().num_rows();
        readings.push((reading, first));
    }
    for after in [0, 1, 5_000].repeat(5) {
        let panics = Command::connector("failing").with_config(json!({"kind": "panic", "after": after}));
        assert_eq!(Error::from_boxed(served.read(&panics).await.unwrap_err()).kind(), ErrorKind::Internal);
    }
    for (reading, first) in readings {
        let rest =
            reading.try_fold(0, |rows, batch| async move { Ok(rows + batch.num_rows()) }).await.unwrap();
        assert_eq!(first + rest, 400);
    }
}
