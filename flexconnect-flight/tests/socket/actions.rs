//! DoAction and ListActions.

use arrow_flight::{Action, Empty};
use flexconnect_core::ErrorKind;
use flexconnect_flight::Command;
use futures::TryStreamExt;
use serde_json::json;
use tonic::Code;

use crate::connectors::{Store, samples};
use crate::served::serve;

#[tokio::test]
async fn the_actions_listed_are_those_there_are() {
    let served = serve(samples()).await;
    let listed: Vec<_> =
        served.raw.clone().list_actions(Empty {}).await.unwrap().into_inner().try_collect().await.unwrap();
    let names: Vec<_> = listed.iter().map(|action| action.r#type.as_str()).collect();
    let (ours, flights) = names.split_at(3);
    assert_eq!(ours, ["flexconnect.describe", "flexconnect.check", "flexconnect.partitions"]);
    assert_eq!(flights, ["CancelFlightInfo", "RenewFlightEndpoint"]);
    for name in flights {
        // Known, but not with such a body.
        let action = Action { r#type: (*name).into(), body: "{}".into() };
        let status = served.raw.clone().do_action(action).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
    for name in ours.iter().copied() {
        let action = Action { r#type: name.into(), body: r#"{"connector":"numbers"}"#.into() };
        assert!(served.raw.clone().do_action(action).await.is_ok());
    }
    let unknown = Action { r#type: "flexconnect.chek".into(), body: "{}".into() };
    let status = served.raw.clone().do_action(unknown).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    assert!(status.message().contains("did you mean `flexconnect.check`"));
}

#[tokio::test]
async fn a_description_has_what_a_form_needs() {
    let served = serve(samples()).await;
    let described = served.client.describe(&Command::connector("numbers")).await.unwrap();
    assert_eq!(described["version"], json!(1));
    assert_eq!(described["path"], json!(["numbers"]));
    assert_eq!(described["capabilities"]["count"], json!(true));
    assert_eq!(described["parameters"][0]["name"], json!("rows"));
    assert_eq!(described["config_schema"]["properties"]["rows"]["type"], json!("integer"));
    assert_eq!(described["schema"]["primary_key"], json!(["id"]));
    let id = &described["schema"]["fields"][0];
    assert_eq!((&id["name"], &id["type"], &id["nullable"]), (&json!("id"), &json!("Int64"), &json!(false)));
    // The operator's values are not a client's business.
    let fixed = served.client.describe(&Command::path(["fixed", "seven"])).await.unwrap();
    assert_eq!(fixed["parameters"], json!([]));
    assert!(!fixed.to_string().contains("rows"), "{fixed}");
    // Columns that only rows tell.
    assert_eq!(served.client.describe(&Command::connector("found")).await.unwrap()["schema"], json!(null));
}

#[tokio::test]
async fn partitions_are_listed_by_id() {
    let served = serve(samples()).await;
    let partitions =
        served.client.partitions(&Command::connector("numbers").with_config(json!({"rows": 5}))).await;
    assert_eq!(
        partitions.unwrap(),
        [json!({"id": "from-0", "rows": 4, "bytes": 32}), json!({"id": "from-4", "rows": 1, "bytes": 8})]
    );
    assert!(served.client.partitions(&Command::connector("found")).await.unwrap().is_empty());
    served.client.check(&Command::connector("found")).await.unwrap();
    let error = served.client.check(&Command::connector("fond")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = served.client.partitions(&Command::connector("numbers").with_limit(1)).await.unwrap_err();
    assert!(error.to_string().contains("not for actions"), "{error}");
}

#[tokio::test]
async fn a_writable_table_says_how() {
    let served = serve(Store::default().plugin()).await;
    let described = served.client.describe(&Command::connector("drain")).await.unwrap();
    assert_eq!(described["capabilities"]["write_modes"], json!(["append"]));
    assert_eq!(described["capabilities"]["delivery"], json!("at_least_once"));
}
