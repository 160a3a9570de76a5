//! What is refused, with which code, and what the message says.

use arrow_flight::{FlightDescriptor, HandshakeRequest};
use flexconnect_core::{Error, ErrorKind};
use flexconnect_flight::{Command, FlightService, Verb, status_with_code};
use futures::stream;
use serde_json::json;
use tonic::Code;

use crate::connectors::{KINDS, samples};
use crate::served::{cmd, serve, serve_service};

#[tokio::test]
async fn each_wrong_descriptor_says_how_to_mend_it() {
    let served = serve(samples()).await;
    let path = |path: &[&str]| FlightDescriptor::new_path(path.iter().map(|c| (*c).to_owned()).collect());
    let mut sql = vec![0x0A, 66];
    sql.extend(b"type.googleapis.com/arrow.flight.protocol.sql.CommandStatementQuery");
    sql[1] = (sql.len() - 2) as u8;
    let cases = [
        (path(&[]), Code::InvalidArgument, "no component"),
        (path(&["a"; 33]), Code::InvalidArgument, "at most 32"),
        (path(&["a\0"]), Code::InvalidArgument, "NUL"),
        (path(&[&"x".repeat(1025)]), Code::InvalidArgument, "at most 1024"),
        (path(&["nowhere"]), Code::NotFound, "there is no table `nowhere`"),
        (FlightDescriptor::default(), Code::InvalidArgument, "UNKNOWN"),
        (FlightDescriptor::new_cmd("SELECT 1"), Code::InvalidArgument, "JSON object"),
        (FlightDescriptor::new_cmd(sql), Code::Unimplemented, "Flight SQL"),
        (FlightDescriptor::new_cmd("{\"connector\":"), Code::InvalidArgument, "not a JSON object"),
        (FlightDescriptor::new_cmd(vec![b'{'; 65 << 10]), Code::InvalidArgument, "at most 65536"),
        (cmd(json!({"connectr": "numbers"})), Code::InvalidArgument, "did you mean `connector`"),
        (
            cmd(json!({"connector": "numbers", "limit": "3"})),
            Code::InvalidArgument,
            "`limit` must be an integer",
        ),
        (cmd(json!({"connector": "numbers", "columns": ["idd"]})), Code::InvalidArgument, "no column `idd`"),
        (cmd(json!({"connector": "numbers", "columns": ["id", "id"]})), Code::InvalidArgument, "twice"),
        (
            cmd(json!({"connector": "numbers", "config": {"rws": 1}})),
            Code::InvalidArgument,
            "did you mean `rows`",
        ),
        (
            cmd(json!({"path": ["fixed", "seven"], "config": {"rows": 1}})),
            Code::InvalidArgument,
            "set by the operator",
        ),
        (cmd(json!({"connector": "numbers", "partition": "from-5"})), Code::NotFound, "did you mean `from-"),
        (cmd(json!({"connector": "found", "partition": "x"})), Code::InvalidArgument, "no partitions"),
        (
            cmd(json!({"connector": "numbers", "filters": [{"column": "id", "op": "~"}]})),
            Code::InvalidArgument,
            "filters[0]",
        ),
        (
            cmd(json!({"connector": "numbers", "filters": [{"column": "id", "op": "=", "value": "x"}]})),
            Code::InvalidArgument,
            "id",
        ),
        (cmd(json!({"connector": "numbers", "mode": "append"})), Code::InvalidArgument, "DoPut"),
    ];
    for (descriptor, code, part) in cases {
        let status = served.info(descriptor).await.unwrap_err();
        assert_eq!(status.code(), code, "{}", status.message());
        assert!(status.message().contains(part), "{}: no {part}", status.message());
    }
}

#[tokio::test]
async fn every_kind_has_its_code_and_comes_back_to_our_client() {
    let served = serve(samples()).await;
    let codes = [
        Code::InvalidArgument,
        Code::Unauthenticated,
        Code::PermissionDenied,
        Code::NotFound,
        Code::InvalidArgument,
        Code::InvalidArgument,
        Code::FailedPrecondition,
        Code::Unavailable,
        Code::Unavailable,
        Code::DeadlineExceeded,
        Code::Cancelled,
        Code::ResourceExhausted,
        Code::Unimplemented,
        Code::Unimplemented,
        Code::Internal,
    ];
    for ((name, kind), code) in KINDS.into_iter().zip(codes) {
        let command = json!({"connector": "failing", "config": {"kind": name}});
        let info = served.info(cmd(command.clone())).await.unwrap();
        let status = served.get(crate::served::ticket(&info, 0)).await.unwrap_err();
        assert_eq!(status.code(), code, "{name}");
        assert!(
            status.message().contains(&format!("it is {name}")) && !format!("{status:?}").contains("hush")
        );
        let error =
            served.client.check(&Command::from_json(&command.to_string()).unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(error.retry_after().is_some(), name == "rate_limited");
    }
}

#[tokio::test]
async fn a_dialect_has_the_last_word() {
    let dialect = |error: &Error, verb: Verb| {
        let code = if verb == Verb::GetFlightInfo { Code::DataLoss } else { Code::Aborted };
        status_with_code(code, error)
    };
    let served = serve_service(FlightService::new(samples()).with_dialect(dialect)).await;
    let path = FlightDescriptor::new_path(vec!["nowhere".into()]);
    assert_eq!(served.info(path.clone()).await.unwrap_err().code(), Code::DataLoss);
    assert_eq!(served.raw.clone().get_schema(path).await.unwrap_err().code(), Code::Aborted);
}

#[tokio::test]
async fn what_is_not_offered_says_so() {
    let served = serve(samples()).await;
    let greetings = stream::iter([HandshakeRequest::default()]);
    let status = served.raw.clone().handshake(greetings).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    let status = served.raw.clone().do_exchange(stream::iter([])).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
}

#[tokio::test]
async fn a_long_path_is_not_echoed() {
    let served = serve(samples()).await;
    let path = FlightDescriptor::new_path(vec!["x".repeat(1000); 30]);
    let status = served.info(path).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert!(status.message().len() <= 1024);
}

#[test]
fn kinds_are_listed_once() {
    assert!(KINDS.iter().all(|(name, kind)| kind.as_str() == *name) && KINDS[0].1 == ErrorKind::Config);
}
