//! DoAction and ListActions.

use arrow_flight::{Action, Empty};
use flexconnect_core::config::Choice;
use flexconnect_core::{Config, Connector, ErrorKind, Plugin, ReadRequest, Result, Rows, Table};
use flexconnect_flight::Command;
use futures::TryStreamExt;
use serde_json::{Map, Value, json};
use tonic::Code;

use crate::connectors::{Store, samples};
use crate::served::serve;

#[tokio::test]
async fn the_actions_listed_are_those_there_are() {
    let served = serve(samples()).await;
    let listed: Vec<_> =
        served.raw.clone().list_actions(Empty {}).await.unwrap().into_inner().try_collect().await.unwrap();
    let names: Vec<_> = listed.iter().map(|action| action.r#type.as_str()).collect();
    let (ours, flights) = names.split_at(4);
    assert_eq!(
        ours,
        ["flexconnect.describe", "flexconnect.check", "flexconnect.partitions", "flexconnect.choices"]
    );
    assert_eq!(flights, ["CancelFlightInfo", "RenewFlightEndpoint"]);
    for name in flights {
        // Known, but not with such a body.
        let action = Action { r#type: (*name).into(), body: "{}".into() };
        let status = served.raw.clone().do_action(action).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
    // The last one asks for more than a table: it has a test of its own.
    for name in &ours[..3] {
        let action = Action { r#type: (*name).into(), body: r#"{"connector":"numbers"}"#.into() };
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

#[derive(Table)]
struct Order {
    id: i64,
}

#[derive(Config)]
struct OrdersConfig {
    shop: String,
    #[config(dynamic_choices(shop))]
    branch: Option<String>,
}

struct Orders;

impl Connector for Orders {
    const NAME: &'static str = "orders";
    type Config = OrdersConfig;
    type Row = Order;

    async fn choices(parameter: &str, so_far: &Map<String, Value>, _: &()) -> Result<Vec<Choice>> {
        Ok(vec![Choice::new(parameter, format!("of {}", so_far["shop"]))])
    }

    async fn init(_: OrdersConfig, _: &()) -> Result<Self> {
        Ok(Orders)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Order> {
        Rows::iter([Order { id: 1 }])
    }
}

#[tokio::test]
async fn choices_are_computed_from_the_values_so_far() {
    let served = serve(Plugin::new("shop", "1.0.0").connector::<Orders>()).await;
    let orders = Command::connector("orders").with_config(json!({"shop": "s"}));
    let choices = served.client.choices(&orders, "branch").await.unwrap();
    assert_eq!(choices, [json!({"value": "branch", "label": "of \"s\""})]);
    let error = served.client.choices(&orders, "shop").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("there is branch"), "{error}");
    // No member of that name: the author's code panics, the call ends.
    let error = served.client.choices(&Command::connector("orders"), "branch").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    let action = Action { r#type: "flexconnect.choices".into(), body: r#"{"connector":"orders"}"#.into() };
    let status = served.raw.clone().do_action(action).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("`parameter` is missing"), "{}", status.message());
}

#[tokio::test]
async fn a_writable_table_says_how() {
    let served = serve(Store::default().plugin()).await;
    let described = served.client.describe(&Command::connector("drain")).await.unwrap();
    assert_eq!(described["capabilities"]["write_modes"], json!(["append"]));
    assert_eq!(described["capabilities"]["delivery"], json!("at_least_once"));
}
