//! Parameters, columns, and what a result looks like on the wire.

use arrow_flight::{Criteria, FlightDescriptor};
use arrow_ipc::{MessageHeader, root_as_message};
use flexconnect_flight::gooddata::Options;
use futures::TryStreamExt;
use serde_json::json;
use tonic::Code;

use crate::functions::{given, large, simple, words};
use crate::served::{invocation, serve, told};

#[tokio::test]
async fn functions_are_listed_in_their_order() {
    let options = Options::default().with_functions(["some_module", "Sealed"]);
    for (options, names) in [(Options::default(), vec!["Count", "Sealed"]), (options, vec!["Sealed"])] {
        let served = serve(simple(), options).await;
        let infos =
            served.raw.clone().list_flights(Criteria { expression: "x".into() }).await.unwrap().into_inner();
        let infos: Vec<_> = infos.try_collect().await.unwrap();
        let listed: Vec<_> = infos
            .iter()
            .map(|info| {
                assert!(info.endpoint.is_empty() && info.app_metadata.is_empty() && !info.ordered);
                assert_eq!((info.total_records, info.total_bytes), (-1, -1));
                assert!(is_encapsulated(&info.schema));
                String::from_utf8(info.flight_descriptor.as_ref().unwrap().cmd.to_vec()).unwrap()
            })
            .collect();
        let expected: Vec<_> =
            names.iter().map(|name| format!(r#"{{"functionName":"{name}","metadata":null}}"#)).collect();
        assert_eq!(listed, expected);
    }
}

#[tokio::test]
async fn the_command_comes_back_and_the_location_is_this_server() {
    let served = serve(simple(), Options::default()).await;
    let command = " {\"functionName\": \"Count\",\n \"parameters\": {}} ";
    let info = served.ask(command, false).await.unwrap();
    assert_eq!(info.flight_descriptor, Some(FlightDescriptor::new_cmd(command)));
    assert_eq!((info.total_records, info.total_bytes, info.app_metadata.len()), (-1, -1, 0));
    assert!(is_encapsulated(&info.schema));
    assert_eq!(info.endpoint.len(), 1);
    assert_eq!(info.endpoint[0].location[0].uri, format!("grpc://{}", served.address));
    assert!(info.endpoint[0].expiration_time.is_none());
    let again = served.ask(command, false).await.unwrap();
    assert_ne!(info.endpoint[0].ticket, again.endpoint[0].ticket, "each call is a task of its own");
}

/// Whether these bytes are a message of Arrow's with its length before it.
fn is_encapsulated(schema: &[u8]) -> bool {
    let [0xff, 0xff, 0xff, 0xff, length @ ..] = schema else { return false };
    let (length, message) = length.split_first_chunk::<4>().unwrap();
    let length = u32::from_le_bytes(*length) as usize;
    length == message.len() && root_as_message(message).unwrap().header_type() == MessageHeader::Schema
}

#[tokio::test]
async fn the_operators_values_win_and_other_keys_are_no_error() {
    let served = serve(simple(), Options::default()).await;
    let info = served.invoke("Sealed", json!({ "key": 7, "secret": "mine", "other": [1] })).await.unwrap();
    assert_eq!(served.read(&info).await.unwrap().0, [1]);
    for (parameters, part) in [
        (json!({}), "`key` is required"),
        (json!({ "key": "x" }), "`key` must be"),
        (json!({ "key": 13 }), "13 is not"),
    ] {
        let (status, code, msg) = told(&served.invoke("Sealed", parameters).await.unwrap_err());
        assert_eq!((status, code), (Code::Unknown, 1));
        assert!(msg.contains(part) && !msg.contains("operator"), "{msg}");
    }
}

#[tokio::test]
async fn columns_are_trimmed_in_the_order_asked() {
    let served = serve(simple(), Options::default()).await;
    let info = |columns| served.ask(invocation("Count", json!({ "columns": columns })), false);
    let (all, none) = (info(json!(["n", "text"])).await.unwrap(), info(json!([])).await.unwrap());
    assert_eq!(all.schema, none.schema);
    let turned = info(json!(["text", "nothing", "n", 5])).await.unwrap();
    assert!(turned.schema != all.schema && served.read(&turned).await.unwrap().0 == [3]);
}

#[tokio::test]
async fn batches_are_messages_and_dictionaries_stay() {
    let served = serve(given(vec![large(), large()]), Options::default()).await;
    let info = served.invoke("Given", json!({})).await.unwrap();
    assert_eq!(served.read(&info).await.unwrap().0, [1_000_000, 1_000_000]);

    let served = serve(given(vec![words()]), Options::default()).await;
    let info = served.invoke("Given", json!({})).await.unwrap();
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    let messages = served.raw.clone().do_get(ticket).await.unwrap().into_inner();
    let messages: Vec<_> = messages.try_collect().await.unwrap();
    let kinds: Vec<_> =
        messages.iter().map(|message| root_as_message(&message.data_header).unwrap().header_type()).collect();
    assert_eq!(kinds, [MessageHeader::Schema, MessageHeader::DictionaryBatch, MessageHeader::RecordBatch]);
    let rows = root_as_message(&messages[2].data_header).unwrap();
    assert!(rows.header_as_record_batch().unwrap().compression().is_none());
    assert!(
        messages.iter().all(|message| message.flight_descriptor.is_none() && message.app_metadata.is_empty())
    );
}
