//! GetFlightInfo and GetSchema.

use arrow_flight::FlightDescriptor;
use flexconnect_core::ErrorKind;
use flexconnect_flight::FlightService;
use serde_json::json;

use crate::connectors::{Store, samples};
use crate::served::{cmd, serve, serve_service, ticket, unframed};

#[tokio::test]
async fn info_schema_and_the_first_message_have_the_same_bytes() {
    let served = serve(samples()).await;
    for descriptor in [
        FlightDescriptor::new_path(vec!["numbers".into()]),
        FlightDescriptor::new_path(vec!["found".into()]),
        cmd(json!({"connector": "found", "columns": ["text"]})),
        cmd(json!({"connector": "numbers", "columns": ["name", "id"]})),
        cmd(json!({"connector": "numbers", "columns": []})),
        cmd(json!({"connector": "numbers", "config": {"rows": 0}})),
        cmd(json!({"path": ["fixed", "seven"], "limit": 0})),
    ] {
        let info = served.info(descriptor.clone()).await.unwrap();
        assert_eq!(info.flight_descriptor.as_ref(), Some(&descriptor));
        let schema = served.raw.clone().get_schema(descriptor.clone()).await.unwrap().into_inner().schema;
        assert_eq!(info.schema, schema, "{descriptor}");
        let messages = served.get(ticket(&info, 0)).await.unwrap();
        let first = messages[0].as_ref().unwrap();
        // The frame pads the message with zeros.
        let (message, padding) = unframed(&schema).split_at(first.data_header.len());
        assert_eq!(message, &first.data_header[..], "{descriptor}");
        assert!(padding.iter().all(|byte| *byte == 0));
        assert!(first.data_body.is_empty());
    }
}

#[tokio::test]
async fn one_endpoint_for_each_partition_and_one_for_a_limit() {
    let served = serve(samples()).await;
    let shape = async |command: serde_json::Value| {
        let info = served.info(cmd(command)).await.unwrap();
        assert!(info.endpoint.iter().all(|endpoint| endpoint.location.is_empty()));
        (info.endpoint.len(), info.total_records, info.total_bytes, info.ordered)
    };
    assert_eq!(shape(json!({"connector": "numbers"})).await, (3, 10, 80, false));
    assert_eq!(shape(json!({"connector": "numbers", "limit": 5})).await, (1, 5, -1, true));
    assert_eq!(shape(json!({"connector": "numbers", "limit": 77})).await, (1, 10, -1, true));
    assert_eq!(shape(json!({"connector": "numbers", "limit": 0})).await, (1, 0, -1, true));
    assert_eq!(shape(json!({"connector": "numbers", "partition": "from-8"})).await, (1, 2, 16, true));
    assert_eq!(
        shape(json!({"connector": "numbers", "partition": "from-8", "limit": 1})).await,
        (1, 1, -1, true)
    );
    assert_eq!(shape(json!({"connector": "numbers", "config": {"rows": 0}})).await, (1, 0, -1, true));
    let filters = json!([{"column": "id", "op": "<", "value": 3}]);
    assert_eq!(shape(json!({"connector": "numbers", "filters": filters})).await, (3, -1, -1, false));
    assert_eq!(shape(json!({"connector": "numbers", "columns": ["id"]})).await, (3, 10, -1, false));
    assert_eq!(shape(json!({"connector": "found"})).await, (1, -1, -1, true));
}

#[tokio::test]
async fn a_table_that_can_only_be_written_has_columns_and_nothing_to_read() {
    let served = serve(Store::default().plugin()).await;
    let info = served.info(FlightDescriptor::new_path(vec!["drain".into()])).await.unwrap();
    assert_eq!((info.endpoint.len(), info.total_records), (0, -1));
    assert!(!info.schema.is_empty());
}

#[tokio::test]
async fn endpoints_are_where_the_client_is_unless_the_operator_says_where() {
    let numbers = || cmd(json!({"connector": "numbers"}));
    let here = serve(samples()).await.info(numbers()).await.unwrap();
    assert!(here.endpoint.iter().all(|endpoint| endpoint.location.is_empty()));
    let uris = ["grpc+tls://one.example.com:8815", "grpc+tls://two.example.com:8815"];
    let served = serve_service(FlightService::new(samples()).with_locations(uris).unwrap()).await;
    let polled = served.raw.clone().poll_flight_info(numbers()).await.unwrap().into_inner();
    for info in [served.info(numbers()).await.unwrap(), polled.info.unwrap()] {
        assert_eq!(info.endpoint.len(), 3);
        for endpoint in info.endpoint {
            assert!(endpoint.location.iter().map(|location| &location.uri).eq(uris), "{endpoint:?}");
        }
    }
    let error = FlightService::new(samples()).with_locations(["grpc://0.0.0.0:8815"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}
