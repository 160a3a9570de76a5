//! Canaries: secrets of many shapes, leaked by an author in many ways, looked for in everything that leaves a server
//! and in every log of every crate.

#![cfg(feature = "settings")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::HashSet;
use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex};

use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::{Action, Criteria, FlightDescriptor, HandshakeRequest, Ticket};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use flexconnect_core::{
    BoxWriter, Capabilities, Config, Connector, Error, ErrorKind, Partition, Plugin, ReadRequest, Result,
    Rows, Secret, Table, WriteMode, WriteRequest, WriteSummary, Writer,
};
use flexconnect_flight::settings::{Document, ServerSettings};
use flexconnect_flight::tls::{Pem, Tls};
use flexconnect_flight::{Client, ClientOptions, Command, FlightService, Server};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use tonic::Request;
use tracing_subscriber::fmt::MakeWriter;

/// Secrets of an operator. One is the beginning of another, one is short, some mean something where they are put.
const CANARIES: [&str; 10] = [
    "canary-plain-4711",
    "canary-prefix",
    "canary-prefix-and-more",
    "ß7",
    "canary/with?url&parts=+ and%20spaces#",
    "canary\"quoted\\back\tslash",
    "canary:at@sign",
    "kanarienvögel-ünter-sich",
    "-----BEGIN CANARY-----\nbGluZXM=\n-----END CANARY-----",
    "ZHVtbXktY2FuYXJ5LWluLWJhc2U2NA==",
];

/// When an author may fail.
const MOMENTS: [&str; 7] = ["rows", "init", "check", "partitions", "writer", "write", "commit"];
/// How an author writes a secret into what went wrong; the numbers below.
const WAYS: u64 = 20;

#[derive(Table)]
struct Number {
    n: u64,
}

#[derive(Config, Debug)]
struct LeakyConfig {
    /// The way the secret is leaked.
    #[config(default = 0)]
    way: u64,
    /// When.
    #[config(default = "rows")]
    at: String,
    /// What must not be seen.
    secret: Secret<String>,
}

struct Leaky(LeakyConfig);

/// An error that says less than its `Debug` does.
#[derive(Clone)]
struct Chatty(String);

impl fmt::Display for Chatty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("something is wrong")
    }
}

impl fmt::Debug for Chatty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chatty({:?})", self.0)
    }
}

impl std::error::Error for Chatty {}

fn percent(text: &str, upper: bool) -> String {
    let coded = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte if upper => format!("%{byte:02X}"),
        byte => format!("%{byte:02x}"),
    };
    text.bytes().map(coded).collect()
}

impl LeakyConfig {
    fn leak(&self) -> Error {
        let secret = self.secret.expose().as_str();
        let error = |text: String| Error::new(ErrorKind::Unavailable, text);
        match self.way {
            0 => error(secret.to_owned()),
            1 => error(format!("the login with {secret} failed")),
            2 => error(format!("GET https://api.example.com/v1?token={}&page=2", percent(secret, true))),
            3 => error(format!("GET https://user:{}@api.example.com/", percent(secret, false))),
            4 => error(format!("GET https://api.example.com/{secret}/items")),
            5 => error(format!("form body a=1&token={}", percent(secret, true).replace("%20", "+"))),
            6 => error(format!("sent `Authorization: Bearer {secret}`")),
            7 => error(format!("sent `Authorization: Basic {}`", STANDARD.encode(format!("user:{secret}")))),
            8 => error(format!("state={}", URL_SAFE_NO_PAD.encode(format!("{{\"t\":\"{secret}\"}}")))),
            9 => error(format!("the body was {}", json!({"token": secret, "page": 1}))),
            10 => error(format!("the body was {}", json!({"inner": json!({"token": secret}).to_string()}))),
            11 => error(format!("the request was {:?}", ("token", secret))),
            12 => error(format!("hex {}", secret.bytes().map(|b| format!("{b:02x}")).collect::<String>())),
            13 => error("refused".into()).with_source(std::io::Error::other(format!("token {secret}"))),
            14 => error("refused".into()).with_source(error("outer".into()).with_source(secret.to_owned())),
            15 => error("refused".into()).with_source(Chatty(secret.to_owned())),
            16 => error("a column".into()).with_column(secret.to_owned()).with_partition(secret.to_owned()),
            17 => Error::from_boxed(format!("x{secret}x").into()),
            18 => error(format!("twice {secret}{secret}")).with_source(format!("and {secret}")),
            _ => panic!("the author panics over {secret}"),
        }
    }

    fn fail(&self, at: &str) -> Result<()> {
        if self.at == at { Err(self.leak().into()) } else { Ok(()) }
    }
}

impl Connector for Leaky {
    const NAME: &'static str = "leaky";
    type Config = LeakyConfig;
    type Row = Number;

    fn capabilities() -> Capabilities {
        Capabilities::read().with_partitions().with_write([WriteMode::Append])
    }

    async fn init(config: LeakyConfig, _: &()) -> Result<Self> {
        config.fail("init")?;
        Ok(Leaky(config))
    }

    async fn check(&self) -> Result<()> {
        self.0.fail("check")
    }

    async fn list_partitions(&self, _: &ReadRequest) -> Result<Vec<Partition>> {
        self.0.fail("partitions")?;
        Ok(vec![Partition::new("all")])
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> {
        let rows = (0..3).map(|n| Ok(Number { n }));
        let end = std::iter::once_with(|| self.0.fail("rows").map(|()| Number { n: 3 }));
        Rows::try_iter(rows.chain(end))
    }

    async fn get_writer(&self, _: WriteRequest) -> Result<BoxWriter> {
        self.0.fail("writer")?;
        Ok(BoxWriter::new(Written(self.0.at.clone(), self.0.leak_later())))
    }
}

/// The error of a later moment.
type Later = Box<dyn Fn() -> Error + Send + Sync>;

impl LeakyConfig {
    fn leak_later(&self) -> Later {
        let (way, secret) = (self.way, self.secret.expose().clone());
        Box::new(move || LeakyConfig { way, at: String::new(), secret: Secret::new(secret.clone()) }.leak())
    }
}

struct Written(String, Later);

impl Writer for Written {
    async fn write(&mut self, _: arrow_array::RecordBatch) -> Result<()> {
        if self.0 == "write" { Err((self.1)().into()) } else { Ok(()) }
    }

    async fn commit(self) -> Result<WriteSummary> {
        if self.0 == "commit" { Err((self.1)().into()) } else { Ok(WriteSummary::rows(0)) }
    }

    async fn abort(self) -> Result<()> {
        Ok(())
    }
}

/// Everything that was logged, at every level, by every crate.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

/// Fails when this text holds a secret in one of the ways it may be written.
fn assert_clean(what: &str, text: &str, secrets: &[&str]) {
    for secret in secrets {
        let inner = |text: &str| Value::from(text).to_string().trim_matches('"').to_owned();
        let mut forms = vec![
            (*secret).to_owned(),
            percent(secret, true),
            percent(secret, false),
            percent(secret, true).replace("%20", "+"),
            inner(secret),
            inner(&inner(secret)),
            format!("{secret:?}").trim_matches('"').to_owned(),
            secret.escape_default().to_string(),
        ];
        if secret.len() > 6 {
            forms.push(secret.bytes().map(|byte| format!("{byte:02x}")).collect());
            // Wherever it stands in what is encoded: all but the letters at its edges.
            for before in ["", "x", "xx"] {
                let coded = STANDARD.encode(format!("{before}{secret}"));
                let letters = coded.trim_end_matches('=');
                forms.push(letters[4..letters.len() - 1].to_owned());
            }
        }
        for form in forms {
            if let Some(at) = text.find(&form) {
                let start = text[..at].rfind('\n').map_or(0, |line| line + 1);
                let end = text[at..].find('\n').map_or(text.len(), |line| at + line);
                panic!("{what} holds `{secret}` as `{form}`: {}", &text[start..end]);
            }
        }
    }
}

#[tokio::test]
async fn a_secret_is_nowhere() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .without_time()
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    // The text of a panic is its author's; the process's hook would print it.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload().downcast_ref::<String>();
        if !text.is_some_and(|text| text.starts_with("the author panics")) {
            hook(panic);
        }
    }));

    let credentials =
        ["canary-token-of-ann", "canary-password-of-bob", "canary-ticket-key-of-thirty-two-bytes"];
    let mut text = format!(
        "listen = '127.0.0.1:0'\n[tokens]\nann = ['{}']\n[users]\nbob = '{}'\n[tickets]\nkeys = ['{}']\n",
        credentials[0], credentials[1], credentials[2]
    );
    for index in 0..CANARIES.len() {
        text.push_str(&format!("[tables.t{index}.values]\nsecret = '${{CANARY_{index}}}'\n"));
    }
    let variables = CANARIES.iter().enumerate().map(|(index, canary)| (format!("CANARY_{index}"), *canary));
    let document = Document::new().with_text("server.toml", &text).with_variables(variables);
    let settings: ServerSettings = document.read().unwrap();
    let plugin = (0..CANARIES.len()).fold(Plugin::new("canaries", "1"), |plugin, index| {
        plugin.mount::<Leaky>([format!("t{index}")], json!({}))
    });
    let server = Server::from_settings(plugin.clone(), &settings).unwrap();
    let mut seen = format!("{document:?}\n{settings:?}\n{plugin:?}\n{server:?}\n");
    let bound = server.bind(&settings.listen).await.unwrap();
    seen.push_str(&format!("{bound:?}\n"));
    let uri = format!("http://{}", bound.local_addr());
    tokio::spawn(bound.serve_until(std::future::pending()));

    let options = ClientOptions::new().with_token(credentials[0]).unwrap();
    seen.push_str(&format!("{options:?}\n"));
    let client = Client::connect_with(&uri, options).await.unwrap();
    seen.push_str(&format!("{client:?}\n"));
    let channel = tonic::transport::Endpoint::from_shared(uri.clone()).unwrap().connect().await.unwrap();
    let raw = FlightServiceClient::with_interceptor(channel.clone(), |mut request: Request<()>| {
        let token = "Bearer canary-token-of-ann".parse().unwrap();
        request.metadata_mut().insert("authorization", token);
        Ok(request)
    });

    let mut failures = 0;
    for index in 0..CANARIES.len() {
        let table = format!("t{index}");
        for way in 0..WAYS {
            // Every way at one moment, and some of them at every other.
            let moments = if way % 6 == 1 { &MOMENTS[..] } else { &MOMENTS[..1] };
            for &at in moments {
                let config = json!({"way": way, "at": at});
                let command = Command::connector(table.as_str()).with_config(config.clone());
                let error = match at {
                    "check" => client.check(&command).await.err(),
                    "writer" | "write" | "commit" => {
                        let batch = arrow_array::RecordBatch::try_from_iter([(
                            "n",
                            Arc::new(arrow_array::UInt64Array::from(vec![1])) as arrow_array::ArrayRef,
                        )])
                        .unwrap();
                        client.write(&command, batch.schema(), [batch]).await.err()
                    }
                    _ => match client.read(&command).await {
                        Ok(reading) => reading.try_collect::<Vec<_>>().await.err(),
                        Err(error) => Some(error),
                    },
                };
                let error = error.unwrap_or_else(|| panic!("way {way} at {at} did not fail"));
                failures += 1;
                seen.push_str(&format!("{table} {way} {at}: {error} {error:?} {}\n", error.causes()));
                // As it came over the wire, with its metadata.
                if way % 4 != 1 {
                    continue;
                }
                let descriptor =
                    FlightDescriptor::new_cmd(json!({"connector": table, "config": config}).to_string());
                match raw.clone().get_flight_info(descriptor).await {
                    Err(status) => seen.push_str(&format!("{status:?}\n")),
                    Ok(info) => {
                        let info = info.into_inner();
                        for endpoint in &info.endpoint {
                            let ticket = endpoint.ticket.clone().unwrap_or_default();
                            seen.push_str(&String::from_utf8_lossy(&ticket.ticket));
                            if let Ok(rows) = raw.clone().do_get(ticket).await {
                                let rows: Vec<_> = rows.into_inner().collect().await;
                                seen.push_str(&format!("{:?}\n", rows.last()));
                            }
                        }
                        seen.push_str(&format!("{info:?}\n"));
                    }
                }
            }
        }
        // What the operator has set cannot be set or seen by a client.
        let override_it = Command::connector(table.as_str()).with_config(json!({"secret": "mine"}));
        let error = client.info(&override_it).await.unwrap_err();
        assert!(error.to_string().contains("`secret` is set by the operator"), "{error}");
        let described = client.describe(&Command::connector(table.as_str())).await.unwrap();
        assert!(!described.to_string().contains("\"secret\""), "{described}");
        seen.push_str(&format!("{described}\n"));
        let choices = Action::new(
            "flexconnect.choices",
            json!({"connector": table, "parameter": "secret"}).to_string(),
        );
        let status = raw.clone().do_action(choices).await.map(drop).unwrap_err();
        seen.push_str(&format!("{status:?}\n"));
    }
    assert_eq!(failures, CANARIES.len() * (16 + 4 * MOMENTS.len()));
    let listed: Vec<_> = raw
        .clone()
        .list_flights(Criteria::default())
        .await
        .unwrap()
        .into_inner()
        .try_collect()
        .await
        .unwrap();
    seen.push_str(&format!("{listed:?}\n"));

    // Credentials, good and wrong, in each place they may come in.
    let mut stranger = FlightServiceClient::new(channel);
    for header in [
        "Bearer canary-token-of-ann-and-more".to_owned(),
        "Bearer canary-token-of-ann, Bearer x".into(),
        "canary-token-of-ann".into(),
        format!("Basic {}", STANDARD.encode("bob:canary-password-of-bob")),
        format!("Basic {}", STANDARD.encode("bob:canary-password-of-bob-wrong")),
        format!("Basic {}", STANDARD.encode("canary-password-of-bob")),
        "Basic canary-password-of-bob".into(),
    ] {
        let with = |header: &str| {
            let mut request = Request::new(Ticket::default());
            request.metadata_mut().insert("authorization", header.parse().unwrap());
            request
        };
        let status = stranger.do_get(with(&header)).await.map(drop).unwrap_err();
        seen.push_str(&format!("{status:?}\n"));
        let handshake = with(&header).map(|_| stream::iter([HandshakeRequest::default()]));
        if let Err(status) = stranger.handshake(handshake).await {
            seen.push_str(&format!("{status:?}\n"));
        }
    }
    let bob = Client::connect(&uri).await.unwrap().log_in("bob", credentials[1]).await.unwrap();
    bob.list().await.unwrap();
    seen.push_str(&format!("{bob:?}\n"));

    let secrets: Vec<_> = CANARIES.iter().chain(&credentials).copied().collect();
    assert_clean("what left the server", &seen, &secrets);
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    // Most lines are the same for every call.
    let logged: String =
        logged.lines().collect::<HashSet<_>>().into_iter().flat_map(|line| [line, "\n"]).collect();
    for crate_name in ["flexconnect_flight", "flexconnect_core", "h2::"] {
        assert!(logged.contains(crate_name), "{crate_name} logs nothing, so nothing is proved");
    }
    assert_clean("the log", &logged, &secrets);
}

#[test]
fn what_is_put_together_shows_no_secret() {
    let key = "-----BEGIN PRIVATE KEY-----\ncanary-key\n-----END PRIVATE KEY-----";
    let tls = Tls::new(Pem::text("canary-certificate"), Pem::text(key));
    let server = Server::new(Plugin::new("p", "1")).with_tls(tls.clone());
    let options = ClientOptions::new()
        .with_identity(Pem::text("canary-certificate"), Pem::text(key))
        .with_header("x-key", "canary-header")
        .unwrap();
    let service = FlightService::new(Plugin::new("p", "1").values(json!({"token": "canary-value"})));
    let shown = format!("{tls:?}{server:?}{options:?}{service:?}");
    assert!(!shown.contains("canary"), "{shown}");
}
