//! ListFlights.

use arrow_flight::{Criteria, FlightDescriptor};
use flexconnect_core::Plugin;
use futures::TryStreamExt;
use tonic::Code;

use crate::connectors::{Failing, Found, Hanging, Numbers, samples};
use crate::served::serve;

#[tokio::test]
async fn every_table_is_listed_as_its_plan_says() {
    let served = serve(samples()).await;
    let listed = served.raw.clone().list_flights(Criteria::default()).await.unwrap();
    let listed: Vec<_> = listed.into_inner().try_collect().await.unwrap();
    let paths: Vec<_> =
        listed.iter().map(|info| info.flight_descriptor.clone().unwrap().path.join("/")).collect();
    assert_eq!(paths, ["numbers", "found", "failing", "endless", "fixed/seven"]);
    for entry in listed.iter().filter(|entry| entry.flight_descriptor.as_ref().unwrap().path[0] != "found") {
        let descriptor = entry.flight_descriptor.clone().unwrap();
        // `failing` has a required parameter and is listed all the same.
        if descriptor.path[0] != "failing" {
            let info = served.info(descriptor.clone()).await.unwrap();
            assert_eq!((info.schema, info.flight_descriptor), (entry.schema.clone(), Some(descriptor)));
        }
        assert!(!entry.schema.is_empty());
    }
}

#[tokio::test]
async fn a_source_that_hangs_or_infers_is_listed_without_columns() {
    let plugin = Plugin::new("p", "1").connector::<Numbers>().connector::<Hanging>().connector::<Found>();
    let served = serve(plugin.connector::<Failing>()).await;
    let listed = served.client.list().await.unwrap();
    let fields: Vec<_> =
        listed.iter().map(|table| (table.path[0].as_str(), table.schema.fields().len())).collect();
    assert_eq!(fields, [("numbers", 2), ("hanging", 0), ("found", 0), ("failing", 2)]);
}

#[tokio::test]
async fn a_catalogue_that_hangs_hides_only_itself() {
    let plugin = Plugin::new("p", "1")
        .connector::<Numbers>()
        .catalogue(|_| async { std::future::pending::<flexconnect_core::Result<Vec<_>>>().await });
    let listed = serve(plugin).await.client.list().await.unwrap();
    assert_eq!(listed.len(), 1);
}

#[tokio::test]
async fn criteria_are_not_guessed() {
    let served = serve(samples()).await;
    let criteria = Criteria { expression: b"numbers"[..].into() };
    let status = served.raw.clone().list_flights(criteria).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let status = served.info(FlightDescriptor::new_path(vec!["nubmers".into()])).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert!(status.message().contains("did you mean `numbers`"), "{}", status.message());
}
