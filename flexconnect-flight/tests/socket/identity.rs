//! Who calls, and what they may do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::{
    Action, Criteria, Empty, FlightData, FlightDescriptor, FlightInfo, HandshakeRequest, PollInfo, Ticket,
};
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flexconnect_core::{Caller, Connector, Error, ErrorKind, Plugin, ReadRequest, Result, Rows, Table};
use flexconnect_flight::identity::{
    Access, Authenticate, Credentials, FirstOf, Passwords, Peer, Permissions, Tokens,
};
use flexconnect_flight::{Command, FlightService, Keys, ServiceLimits, Verb, status_with_code};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use crate::connectors::{Numbers, samples};
use crate::served::{Served, cmd, connect, serve_service, ticket};

/// One header a call brings.
#[derive(Table)]
struct Header {
    name: String,
    value: String,
}

/// The headers of the call, and its caller, as its author sees them.
struct Seen;

impl Connector for Seen {
    const NAME: &'static str = "seen";
    type Config = ();
    type Row = Header;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(Seen)
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, Header> {
        let caller = ("caller".to_owned(), request.caller.name.unwrap_or_default());
        let rows = request.headers.into_iter().chain([caller]);
        Rows::iter(rows.map(|(name, value)| Header { name, value }))
    }
}

type Headers = Vec<(&'static str, String)>;
type Client = FlightServiceClient<InterceptedService<Channel, With>>;

/// Adds headers to every call.
#[derive(Clone)]
struct With(Headers);

impl tonic::service::Interceptor for With {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        for (name, value) in &self.0 {
            request.metadata_mut().append(*name, value.parse().unwrap());
        }
        Ok(request)
    }
}

async fn client(served: &Served, headers: Headers) -> Client {
    let channel = tonic::transport::Endpoint::from_shared(format!("http://{}", served.address)).unwrap();
    FlightServiceClient::with_interceptor(channel.connect().await.unwrap(), With(headers))
}

fn bearer(token: &str) -> Headers {
    vec![("authorization", format!("Bearer {token}"))]
}

fn basic(user: &str, password: &str) -> Headers {
    vec![("authorization", format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))]
}

fn path(path: &[&str]) -> FlightDescriptor {
    FlightDescriptor::new_path(path.iter().map(|&component| component.to_owned()).collect())
}

/// What each verb answers.
async fn codes(client: &mut Client, ticket: Ticket) -> Vec<(&'static str, Code)> {
    fn code<T>(answer: Result<T, Status>) -> Code {
        answer.err().map_or(Code::Ok, |status| status.code())
    }
    let numbers = path(&["numbers"]);
    let describe = Action::new("flexconnect.describe", json!({"connector": "numbers"}).to_string());
    let upload = FlightData { flight_descriptor: Some(numbers.clone()), ..FlightData::default() };
    vec![
        ("ListFlights", code(client.list_flights(Criteria::default()).await)),
        ("GetFlightInfo", code(client.get_flight_info(numbers.clone()).await)),
        ("PollFlightInfo", code(client.poll_flight_info(numbers.clone()).await)),
        ("GetSchema", code(client.get_schema(numbers).await)),
        ("DoGet", code(client.do_get(ticket).await)),
        ("DoPut", code(client.do_put(stream::iter([upload])).await)),
        ("DoExchange", code(client.do_exchange(stream::iter([])).await)),
        ("DoAction", code(client.do_action(describe).await)),
        ("DoAction of none", code(client.do_action(Action::new("x", "")).await)),
        ("ListActions", code(client.list_actions(Empty {}).await)),
    ]
}

fn tokens() -> Tokens {
    Tokens::new([("ann", "anns-token"), ("bob", "bobs-token")]).unwrap()
}

#[tokio::test]
async fn no_verb_answers_a_stranger() {
    let opened = Arc::new(AtomicUsize::new(0));
    let count = opened.clone();
    let plugin = Plugin::new("p", "1").connector::<Numbers>().catalogue(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        async { Ok(Vec::new()) }
    });
    let served = serve_service(FlightService::new(plugin).with_authenticator(tokens())).await;
    let mut ann = client(&served, bearer("anns-token")).await;
    let info = ann.get_flight_info(path(&["numbers"])).await.unwrap().into_inner();
    assert!(codes(&mut ann, ticket(&info, 0)).await.iter().all(|(_, code)| *code != Code::Unauthenticated));
    let before = opened.load(Ordering::Relaxed);
    assert!(before > 0);
    for headers in [
        vec![],
        bearer("anns-toke"),
        bearer(""),
        vec![("authorization", "anns-token".into())],
        vec![("x-token", "anns-token".into())],
        [bearer("anns-token"), bearer("anns-token")].concat(),
        basic("ann", "anns-token"),
    ] {
        let mut stranger = client(&served, headers.clone()).await;
        for (verb, code) in codes(&mut stranger, ticket(&info, 0)).await {
            assert_eq!(code, Code::Unauthenticated, "{verb} with {headers:?}");
        }
    }
    assert_eq!(opened.load(Ordering::Relaxed), before, "a stranger's call reached the plugin");
    // There is no login, and a client that tries is told how to call.
    let status = ann.handshake(stream::iter([HandshakeRequest::default()])).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    assert!(status.message().contains("`authorization`"), "{}", status.message());
    // Another's ticket is none.
    let mut bob = client(&served, bearer("bobs-token")).await;
    assert_eq!(bob.do_get(ticket(&info, 0)).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn an_author_sees_the_caller_and_no_credential() {
    let plugin = || Plugin::new("p", "1").connector::<Seen>();
    let in_header = tokens().with_header("x-secret-token").unwrap();
    for (tokens, mut headers) in
        [(tokens(), bearer("anns-token")), (in_header, vec![("x-secret-token", "anns-token".into())])]
    {
        headers.push(("x-trace", "7".into()));
        let served = serve_service(FlightService::new(plugin()).with_authenticator(tokens)).await;
        let mut client = client(&served, headers).await;
        let info = client.get_flight_info(path(&["seen"])).await.unwrap().into_inner();
        let data = client.do_get(ticket(&info, 0)).await.unwrap().into_inner();
        let data = data.map_err(arrow_flight::error::FlightError::from);
        let batches: Vec<_> = arrow_flight::decode::FlightRecordBatchStream::new_from_flight_data(data)
            .try_collect()
            .await
            .unwrap();
        let column = |index: usize| {
            let batches = batches.iter();
            let values = batches.flat_map(|batch| batch.column(index).as_string::<i32>().iter().flatten());
            values.map(str::to_owned).collect::<Vec<_>>()
        };
        let seen: Vec<_> = column(0).into_iter().zip(column(1)).collect();
        assert!(seen.contains(&("caller".into(), "ann".into())), "{seen:?}");
        assert!(seen.contains(&("x-trace".into(), "7".into())), "{seen:?}");
        assert!(!format!("{seen:?}").contains("anns-token"), "{seen:?}");
    }
}

async fn log_in(client: &mut Client) -> Result<Headers, Status> {
    let answer = client.handshake(stream::iter([HandshakeRequest::default()])).await?;
    let header = answer.metadata().get("authorization").unwrap().to_str().unwrap().to_owned();
    let messages: Vec<_> = answer.into_inner().try_collect().await?;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].payload, header);
    Ok(vec![("authorization", header)])
}

#[tokio::test]
async fn a_login_lasts_until_it_expires_or_its_user_is_gone() {
    let keys = Keys::from_bytes(&[7; 32]);
    let service = |users: &[(&str, &str)]| {
        let passwords = Passwords::new(users.iter().copied()).unwrap();
        FlightService::new(samples()).with_ticket_keys(keys.clone()).with_authenticator(passwords)
    };
    let served = serve_service(service(&[("ann", "one"), ("bob", "two")])).await;
    let header = log_in(&mut client(&served, basic("ann", "one")).await).await.unwrap();
    let mut ann = client(&served, header.clone()).await;
    ann.get_flight_info(path(&["numbers"])).await.unwrap();
    // A login is no credential for another login.
    assert_eq!(log_in(&mut ann).await.unwrap_err().code(), Code::Unauthenticated);
    for wrong in [basic("ann", "two"), basic("", ""), vec![], vec![("authorization", "Basic x".into())]] {
        let status = log_in(&mut client(&served, wrong).await).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated);
    }
    // A ticket is not a login, and a login is not a ticket.
    let info = ann.get_flight_info(path(&["numbers"])).await.unwrap().into_inner();
    let sealed = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&ticket(&info, 0).ticket);
    let status = client(&served, bearer(&format!("fcl1.{sealed}"))).await.list_actions(Empty {}).await;
    assert_eq!(status.unwrap_err().code(), Code::Unauthenticated);
    let of_login = header[0].1.strip_prefix("Bearer fcl1.").unwrap();
    let of_login = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(of_login).unwrap();
    let status = ann.do_get(Ticket { ticket: of_login.into() }).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    // Another server with the same key knows who logged in, if it knows the user.
    let other = serve_service(service(&[("ann", "changed")])).await;
    client(&other, header.clone()).await.list_actions(Empty {}).await.unwrap();
    let without = serve_service(service(&[("bob", "two")])).await;
    let status = client(&without, header).await.list_actions(Empty {}).await.unwrap_err();
    assert!(status.message().contains("log in again"), "{}", status.message());
    let short = serve_service(service(&[("ann", "one")]).with_login_lifetime(Duration::ZERO)).await;
    let header = log_in(&mut client(&short, basic("ann", "one")).await).await.unwrap();
    let status = client(&short, header).await.list_actions(Empty {}).await.unwrap_err();
    assert!(status.message().contains("expired"), "{}", status.message());
}

#[tokio::test]
async fn one_of_several_ways_is_enough() {
    let either = FirstOf::new()
        .or(tokens().with_header("x-token").unwrap())
        .or(Passwords::new([("bob", "two")]).unwrap());
    let served = serve_service(FlightService::new(samples()).with_authenticator(either)).await;
    for headers in [vec![("x-token", "anns-token".into())], basic("bob", "two")] {
        client(&served, headers).await.list_actions(Empty {}).await.unwrap();
    }
    let header = log_in(&mut client(&served, basic("bob", "two")).await).await.unwrap();
    client(&served, header).await.list_actions(Empty {}).await.unwrap();
    let message = |status: Status| status.message().to_owned();
    let wrong = client(&served, basic("bob", "one")).await.list_actions(Empty {}).await.unwrap_err();
    assert!(message(wrong).contains("password is wrong"));
    let nothing = message(client(&served, vec![]).await.list_actions(Empty {}).await.unwrap_err());
    assert!(nothing.contains("`x-token`") && nothing.contains("Handshake"), "{nothing}");
}

/// An authenticator that goes wrong in the way the header says.
struct Odd;

#[async_trait]
impl Authenticate for Odd {
    async fn authenticate(&self, credentials: &Credentials<'_>) -> Result<Option<Caller>> {
        assert_ne!(credentials.verb(), Verb::Other);
        match credentials.bearer()? {
            Some("slow") => std::future::pending().await,
            Some("panic") => panic!("hush"),
            Some("foreign") => Err("the directory said: hush".into()),
            Some("banned") => Err(Error::new(ErrorKind::PermissionDenied, "you are banned").into()),
            _ => Ok(None),
        }
    }
}

#[tokio::test]
async fn an_authenticator_that_fails_lets_nobody_in() {
    let limits = ServiceLimits::default().with_authentication_timeout(Duration::from_millis(20));
    let service = FlightService::new(samples()).with_limits(limits).with_authenticator(Odd);
    let served = serve_service(service).await;
    for (token, code, said) in [
        ("slow", Code::Unavailable, "in time"),
        ("panic", Code::Internal, "incident"),
        ("foreign", Code::Internal, "could not be found out"),
        ("banned", Code::PermissionDenied, "banned"),
        ("", Code::Unauthenticated, "who calls"),
    ] {
        let mut client = client(&served, bearer(token)).await;
        let status = client.get_flight_info(path(&["numbers"])).await.unwrap_err();
        assert_eq!(status.code(), code, "{token}");
        assert!(status.message().contains(said) && !format!("{status:?}").contains("hush"), "{status:?}");
        assert_eq!(client.do_get(Ticket::default()).await.unwrap_err().code(), code, "{token}");
    }
    // Its caller's deadline counts, too.
    let service = FlightService::new(samples()).with_authenticator(Odd);
    let served = serve_service(service).await;
    let mut client = client(&served, bearer("slow")).await;
    let mut request = Request::new(path(&["numbers"]));
    request.set_timeout(Duration::from_millis(50));
    let status = client.get_flight_info(request).await.unwrap_err();
    assert!(matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled), "{status:?}");
}

#[tokio::test]
async fn a_refusal_is_said_in_the_servers_dialect() {
    let dialect = |error: &Error, verb: Verb| {
        let code = if verb == Verb::DoGet { Code::Aborted } else { Code::DataLoss };
        status_with_code(code, error)
    };
    let service = FlightService::new(samples()).with_dialect(dialect).with_authenticator(tokens());
    let served = serve_service(service).await;
    let mut raw = served.raw.clone();
    assert_eq!(raw.do_get(Ticket::default()).await.unwrap_err().code(), Code::Aborted);
    assert_eq!(raw.list_actions(Empty {}).await.unwrap_err().code(), Code::DataLoss);
}

#[tokio::test]
async fn another_service_can_be_behind_the_same_door() {
    let door = FlightService::new(Plugin::new("p", "1")).with_authenticator(tokens());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let guarded = door.guard(FlightService::new(samples()));
    tokio::spawn(
        tonic::transport::Server::builder()
            .add_service(guarded)
            .serve_with_incoming(tonic::transport::server::TcpIncoming::from(listener)),
    );
    let mut flight = connect(address).await;
    assert_eq!(flight.list_actions(Empty {}).await.unwrap_err().code(), Code::Unauthenticated);
    let mut request = Request::new(Empty {});
    request.metadata_mut().insert("authorization", "Bearer anns-token".parse().unwrap());
    flight.list_actions(request).await.unwrap();
}

#[tokio::test]
async fn a_peer_is_who_its_server_says() {
    struct FromHere;
    #[async_trait]
    impl Authenticate for FromHere {
        async fn authenticate(&self, credentials: &Credentials<'_>) -> Result<Option<Caller>> {
            let peer: &Peer = credentials.peer();
            let local = peer.address().is_some_and(|address| address.ip().is_loopback());
            Ok(local.then(|| Caller::named("neighbour")))
        }
    }
    let served = serve_service(FlightService::new(samples()).with_authenticator(FromHere)).await;
    served.client.list().await.unwrap();
}

fn permissions() -> Permissions {
    Permissions::new()
        .with_rule("ann", "numbers", [Access::Read])
        .with_rule("ann", "sink", [Access::Write])
        .with_rule("bob", "**", [Access::Read, Access::Write])
}

#[tokio::test]
async fn a_table_one_may_not_read_is_as_good_as_none() {
    let service = FlightService::new(samples()).with_authenticator(tokens()).with_authorizer(permissions());
    let served = serve_service(service).await;
    let mut ann = client(&served, bearer("anns-token")).await;
    let mut bob = client(&served, bearer("bobs-token")).await;
    let listed = |flights: Vec<FlightInfo>| -> Vec<String> {
        flights.into_iter().map(|flight| flight.flight_descriptor.unwrap().path.join("/")).collect()
    };
    let flights = ann.list_flights(Criteria::default()).await.unwrap().into_inner();
    assert_eq!(listed(flights.try_collect().await.unwrap()), ["numbers"]);
    let flights = bob.list_flights(Criteria::default()).await.unwrap().into_inner();
    assert!(listed(flights.try_collect().await.unwrap()).len() > 3);
    ann.get_flight_info(path(&["numbers"])).await.unwrap();
    let mut said = Vec::new();
    for table in [path(&["found"]), path(&["fixed", "seven"]), path(&["nowhere"])] {
        let asked = json!({"path": table.path}).to_string();
        let upload = FlightData { flight_descriptor: Some(table.clone()), ..schema_message() };
        let refusals = [
            ann.get_flight_info(table.clone()).await.unwrap_err(),
            ann.poll_flight_info(table.clone()).await.map(|_: tonic::Response<PollInfo>| ()).unwrap_err(),
            ann.get_schema(table).await.unwrap_err(),
            ann.do_put(stream::iter([upload])).await.unwrap_err(),
            ann.do_action(Action::new("flexconnect.describe", asked.clone())).await.unwrap_err(),
            ann.do_action(Action::new("flexconnect.check", asked.clone())).await.unwrap_err(),
            ann.do_action(Action::new("flexconnect.partitions", asked)).await.unwrap_err(),
        ];
        for status in &refusals {
            assert_eq!(status.code(), Code::PermissionDenied, "{status:?}");
        }
        said.extend(refusals.map(|status| status.message().to_owned()));
    }
    // What she may read she may not write.
    let upload = FlightData { flight_descriptor: Some(path(&["numbers"])), ..schema_message() };
    let status = ann.do_put(stream::iter([upload])).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    // A path she may write and that is not there names no other table.
    let status = ann.get_schema(path(&["sink"])).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    said.push(status.message().to_owned());
    assert!(!said.iter().any(|said| said.contains("failing") || said.contains("endless")), "{said:?}");
}

/// The first message of an upload of no columns.
fn schema_message() -> FlightData {
    let options = arrow_ipc::writer::IpcWriteOptions::default();
    let schema = arrow_schema::Schema::empty();
    FlightData::from(arrow_flight::SchemaAsIpc::new(&schema, &options))
}

#[tokio::test]
async fn permission_is_asked_again_when_a_ticket_is_redeemed() {
    let taken_back = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (all, back) = (permissions(), taken_back.clone());
    let authorize = move |caller: &Caller, path: &[String], access: Access| {
        all.allow(caller, path, access) && !back.load(Ordering::Relaxed)
    };
    let service = FlightService::new(samples()).with_authenticator(tokens()).with_authorizer(authorize);
    let served = serve_service(service).await;
    let mut ann = client(&served, bearer("anns-token")).await;
    let info = ann.get_flight_info(cmd(json!({"connector": "numbers"}))).await.unwrap().into_inner();
    let rows = ann.do_get(ticket(&info, 0)).await.unwrap().into_inner();
    assert!(rows.count().await > 1);
    taken_back.store(true, Ordering::Relaxed);
    let status = ann.do_get(ticket(&info, 0)).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    let endpoint = Some(info.endpoint[0].clone());
    let renew = prost::Message::encode_to_vec(&arrow_flight::RenewFlightEndpointRequest { endpoint });
    let status = ann.do_action(Action::new("RenewFlightEndpoint", renew)).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn without_an_authenticator_permission_goes_by_nobody() {
    let service = FlightService::new(samples()).with_authorizer(Permissions::new().with_rule(
        "?",
        "numbers",
        [Access::Read],
    ));
    let served = serve_service(service).await;
    served.read(&Command::connector("numbers")).await.unwrap();
    let error = served.read(&Command::connector("found")).await.unwrap_err();
    assert!(error.to_string().contains("may not read"), "{error}");
}
