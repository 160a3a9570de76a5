//! Every refusal says what GoodData's client can read, whoever made it.

use arrow_flight::{Action, Criteria};
use flexconnect_core::Plugin;
use flexconnect_flight::ServiceLimits;
use flexconnect_flight::gooddata::{Options, Service};
use flexconnect_flight::identity::Tokens;
use serde_json::json;
use tonic::{Code, Request};

use crate::functions::simple;
use crate::served::{invocation, serve, serve_with, told};

#[tokio::test]
async fn what_the_transport_refuses_says_so_too() {
    let limits = ServiceLimits::default().with_descriptor_bytes(1024);
    let served = serve_with(Service::new(simple()).with_limits(limits).into()).await;
    let long = invocation("Count", json!({ "long": "x".repeat(2048) }));
    let (status, code, _) = told(&served.ask(long, false).await.unwrap_err());
    assert_eq!((status, code), (Code::Unknown, 2));
    let long = "x".repeat(100 << 10);
    let (status, code, _) = told(&served.get(&long).await.unwrap_err());
    assert_eq!((status, code), (Code::Unknown, 2));
}

#[tokio::test]
async fn a_call_the_server_does_not_have_is_none() {
    let served = serve(simple(), Options::default()).await;
    let status = served.raw.clone().do_action(Action::default()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    // With it clients take the status for an internal error.
    assert!(status.metadata().get("x-arrow-status").is_none());
}

#[tokio::test]
async fn who_is_not_known_is_told_in_the_same_way_and_the_token_stays_outside() {
    let tokens = Tokens::new([("ours", "t0k3n")]).unwrap().with_header("x-token").unwrap();
    let served = serve_with(Service::new(simple()).with_authenticator(tokens).into()).await;
    for token in [None, Some("wrong")] {
        let mut request = Request::new(Criteria::default());
        if let Some(token) = token {
            request.metadata_mut().insert("x-token", token.parse().unwrap());
        }
        let (status, code, msg) = told(&served.raw.clone().list_flights(request).await.unwrap_err());
        assert_eq!((status, code), (Code::Unauthenticated, 0), "{msg}");
        let status = served.invoke("Count", json!({})).await.unwrap_err();
        assert_eq!(told(&status).0, Code::Unauthenticated);
        assert_eq!(told(&served.get("{}").await.unwrap_err()).0, Code::Unauthenticated);
        assert_eq!(
            served.raw.clone().do_action(Action::default()).await.unwrap_err().code(),
            Code::Unauthenticated
        );
    }
    let mut request = Request::new(Criteria::default());
    request.metadata_mut().insert("x-token", "t0k3n".parse().unwrap());
    assert!(served.raw.clone().list_flights(request).await.is_ok());
}

#[tokio::test]
async fn a_plugin_without_functions_has_none() {
    let served = serve(Plugin::new("empty", "1"), Options::default()).await;
    let unknown = (Code::Unknown, 1, "Unsupported FlexConnect function 'Tiny'.".to_owned());
    assert_eq!(told(&served.invoke("Tiny", json!({})).await.unwrap_err()), unknown);
}
