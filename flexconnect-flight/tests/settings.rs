//! Settings: files merged, faults told with their place, and a server that does as they say.

#![cfg(feature = "settings")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use flexconnect_core::config::{Parameter, ParameterKind};
use flexconnect_core::{Config, Connector, ErrorKind, Plugin, ReadRequest, Result, Rows, Secret, Table};
use flexconnect_flight::settings::{Document, ServerSettings, documented};
use flexconnect_flight::{Client, ClientOptions, Command, Server};
use futures::TryStreamExt;

const MINUTE: std::time::Duration = std::time::Duration::from_secs(60);

fn read(texts: &[(&str, &str)]) -> Result<ServerSettings, flexconnect_core::Error> {
    let document = Document::new().with_variables([("TOKEN", "t0k3n"), ("EMPTY", "")]);
    texts.iter().fold(document, |document, (name, text)| document.with_text(*name, text)).read()
}

#[test]
fn every_key_is_documented_and_what_is_documented_can_be_written() {
    let documented = documented::<ServerSettings>();
    let mut written = String::new();
    for line in documented.lines().filter(|line| !line.starts_with("##") && !line.is_empty()) {
        written.push_str(line.strip_prefix("# ").expect("a comment"));
        written.push('\n');
    }
    read(&[("documented.toml", &written)]).unwrap_or_else(|error| panic!("{error}\n{written}"));
    let table: toml::Table = toml::from_str(&written).unwrap();
    let mut missing = Vec::new();
    compare(&ServerSettings::parameters(), &table, "", &mut missing);
    assert!(missing.is_empty(), "{missing:?} are not documented:\n{documented}");
}

/// Adds every parameter that a table lacks, or that is not explained.
fn compare(parameters: &[Parameter], table: &toml::Table, place: &str, missing: &mut Vec<String>) {
    for parameter in parameters {
        let place = format!("{place}.{}", parameter.name);
        if parameter.help.is_empty() {
            missing.push(format!("{place} (explanation)"));
        }
        let Some(value) = table.get(&parameter.name) else {
            missing.push(place);
            continue;
        };
        inside(&parameter.kind, value, &place, missing);
    }
}

fn inside(kind: &ParameterKind, value: &toml::Value, place: &str, missing: &mut Vec<String>) {
    match (kind, value) {
        (ParameterKind::Object { parameters }, toml::Value::Table(table)) => {
            compare(parameters, table, place, missing);
        }
        (ParameterKind::List { items }, toml::Value::Array(elements)) => {
            elements.iter().for_each(|element| inside(&items.kind, element, place, missing));
        }
        (ParameterKind::Map { values }, toml::Value::Table(table)) => {
            inside(&values.kind, &table["NAME"], place, missing);
        }
        _ => {}
    }
}

#[test]
fn files_are_merged_key_by_key() {
    let settings = read(&[
        ("one.toml", "listen = '[::]:1'\n[tokens]\nann = ['a']\n[limits]\nreads = 5\nactions = 1\n"),
        (
            "two.toml",
            "grace = '1s'\n[tokens]\nbob = ['${TOKEN}', '${EMPTY:-d}$${x}']\n[limits]\nwrites_per_caller = 2",
        ),
    ]);
    // A key that is none is a fault of the file it is in.
    let error = settings.unwrap_err().to_string();
    assert!(
        error.contains("`limits.actions` is not a parameter; did you mean `action`? (in `one.toml`)"),
        "{error}"
    );
    let settings = read(&[
        ("one.toml", "listen = '[::]:1'\n[tokens]\nann = ['${UNSET}']\n[limits]\nreads = 5\n"),
        (
            "two.toml",
            "[tokens]\nann = ['a']\nbob = ['${TOKEN}', '${EMPTY:-d}$${x}']\n[limits]\nwrites_per_caller = 2",
        ),
    ]);
    let settings = settings.unwrap();
    assert_eq!((settings.listen.as_str(), settings.limits.reads), ("[::]:1", 5));
    assert_eq!((settings.limits.writes_per_caller, settings.limits.reads_per_caller), (2, 1024));
    let bob: Vec<_> = settings.tokens["bob"].iter().map(|token| token.expose().as_str()).collect();
    assert_eq!(bob, ["t0k3n", "d${x}"]);
    assert_eq!(settings.tokens["ann"].len(), 1);
    let age = read(&[("one.toml", "[limits]\nconnection_age = '30m'\nconnection_age_grace = '1m'")]).unwrap();
    let age = age.limits.to_limits();
    assert_eq!((age.connection_age, age.connection_age_grace), (Some(30 * MINUTE), Some(MINUTE)));
}

#[test]
fn all_faults_are_told_at_once_with_file_and_key() {
    let error = read(&[
        ("one.toml", "lisen = 'x'\n[tls]\ncertificate = '@/a'\n[limits]\nreads = 'many'"),
        ("two.toml", "grace = 5.5\n[tokens]\nann = 'hush'\n[limits]\nreads_per_caller = 0\n[[permissions]]\ncallers = 'ann'"),
    ])
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let text = error.to_string();
    for part in [
        "`lisen` is not a parameter; did you mean `listen`? (in `one.toml`)",
        "`tls.key` is required: add it as text (in `one.toml`)",
        "`limits.reads` must be an integer, not the text \"many\" (in `one.toml`)",
        "`limits.reads_per_caller` must be at least 1, not 0 (in `two.toml`)",
        "`tokens.ann` must be a list of text, not this text; put it in square brackets (in `two.toml`)",
        "`permissions[0].callers`",
        "`permissions[0].tables` is required",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert!(!text.contains("hush"), "{text}");
    let error = read(&[("one.toml", "listen = '${NONE}'\ngrace = '${ALSO_NONE}'")]).unwrap_err().to_string();
    assert!(
        error.contains("`NONE`") && error.contains("`ALSO_NONE`") && error.contains("in `one.toml`"),
        "{error}"
    );
    let document = Document::new()
        .with_file("/nowhere/server.toml")
        .with_text("broken.toml", "a = 1\ntoken hush")
        .with_text("fine.toml", "listen = '[::]:1'");
    let error = document.read::<ServerSettings>().unwrap_err().to_string();
    assert!(error.contains("`/nowhere/server.toml` cannot be read"), "{error}");
    assert!(error.contains("`broken.toml` is no TOML: line 2") && !error.contains("hush"), "{error}");
}

#[test]
fn a_variable_of_the_prefix_wins_over_every_file() {
    let document = Document::new()
        .with_text("one.toml", "listen = '[::]:1'\n[limits]\nreads = 5\n[tokens]\nAnn = ['a']")
        .with_overrides(
            "FLEX_",
            [
                ("FLEX_LISTEN", "1.2.3.4:5"),
                ("FLEX_LIMITS__READS", "7"),
                ("FLEX_TLS__CERTIFICATE", "@/a ${NOT_LOOKED_AT}"),
                ("FLEX_TLS__KEY", "12345"),
                ("FLEX_TLS__CLIENT_CERTIFICATE_OPTIONAL", "TRUE"),
                ("FLEX_TOKENS__ANN", "['b', 'c']"),
                ("OTHER_LISTEN", "no"),
            ],
        );
    let settings: ServerSettings = document.read().unwrap();
    let tls = settings.tls.unwrap();
    assert_eq!((settings.listen.as_str(), settings.limits.reads), ("1.2.3.4:5", 7));
    assert_eq!((tls.certificate.as_str(), tls.key.expose().as_str()), ("@/a ${NOT_LOOKED_AT}", "12345"));
    assert!(tls.client_certificate_optional);
    assert_eq!(settings.tokens["Ann"].len(), 2);
    let wrong = document.with_overrides("FLEX_", [("FLEX_LIMITS__REEDS", "7"), ("FLEX_GRACE", "long")]);
    let error = wrong.read::<ServerSettings>().unwrap_err().to_string();
    assert!(error.contains("did you mean `reads`? (in `FLEX_LIMITS__REEDS`)"), "{error}");
    assert!(error.contains("(in `FLEX_GRACE`)"), "{error}");
}

#[test]
fn settings_that_contradict_each_other_start_no_server() {
    let text = "token_header = 'x-key'\n[tickets]\nkeys = ['short-hush']\n[client_certificates]\n[users]\n'a:b' = 'hush'\n\
                [tls]\ncertificate = 'server.crt'\nkey = '@/key'\nclient_certificate_optional = true";
    let settings = read(&[("one.toml", text)]).unwrap();
    let error = Server::from_settings(Plugin::new("p", "1"), &settings).unwrap_err().to_string();
    for part in [
        "`token_header` is set and there are no `tokens`",
        "`tickets.keys[0]`",
        "`client_certificates`",
        "`users`",
        "`tls.certificate` is neither `@`",
        "`tls.client_certificate_optional`",
    ] {
        assert!(error.contains(part), "no {part} in {error}");
    }
    assert!(!format!("{error}{settings:?}").contains("hush"), "{error}{settings:?}");
}

#[cfg(any(feature = "lz4", feature = "zstd"))]
#[test]
fn compression_is_a_setting_where_it_is_built_in() {
    use flexconnect_flight::Compression;
    let compression = |text: &str| {
        let settings = read(&[("one.toml", text)])?;
        Ok::<_, flexconnect_core::Error>(settings.messages.compression.to_compression())
    };
    assert_eq!(compression("").unwrap(), None);
    assert_eq!(compression("[messages]\ncompression = 'none'").unwrap(), None);
    #[cfg(feature = "lz4")]
    assert_eq!(compression("[messages]\ncompression = 'lz4'").unwrap(), Some(Compression::Lz4));
    #[cfg(feature = "zstd")]
    assert_eq!(compression("[messages]\ncompression = 'zstd'").unwrap(), Some(Compression::Zstd));
    let error = compression("[messages]\ncompression = 'brotli'").unwrap_err().to_string();
    assert!(error.contains("`messages.compression`") && error.contains("none"), "{error}");
}

#[cfg(feature = "logging")]
#[test]
fn what_is_logged_is_a_setting_and_a_level_that_is_none_starts_no_server() {
    use flexconnect_flight::settings::LogFormatSetting;
    let log =
        read(&[("one.toml", "[log]\nformat = 'json'\nlevel = 'warn,flexconnect_core=debug'")]).unwrap().log;
    assert_eq!(log.format, LogFormatSetting::Json);
    let (_subscriber, level) = log.to_logging().subscriber(std::io::sink).unwrap();
    if std::env::var_os("RUST_LOG").is_none() {
        let mut targets: Vec<_> = level.get().split(',').map(str::to_owned).collect();
        targets.sort();
        assert_eq!(targets, ["flexconnect_core=debug", "warn"]);
    }
    let settings = read(&[("one.toml", "[log]\nlevel = 'info,=x='")]).unwrap();
    let error = Server::from_settings(Plugin::new("p", "1"), &settings).unwrap_err().to_string();
    assert!(error.contains("`log.level` cannot be used: the log level cannot be read"), "{error}");
}

#[derive(Table)]
struct Number {
    n: u64,
}

#[derive(Config)]
struct NumbersConfig {
    #[config(default = 3)]
    rows: u64,
    password: Option<Secret<String>>,
}

struct Numbers(NumbersConfig);

impl Connector for Numbers {
    const NAME: &'static str = "numbers";
    type Config = NumbersConfig;
    type Row = Number;

    async fn init(config: NumbersConfig, _: &()) -> Result<Self> {
        Ok(Numbers(config))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> {
        let known = self.0.password.as_ref().is_some_and(|password| password.expose() == "t0k3n");
        Rows::iter((0..if known { self.0.rows } else { 0 }).map(|n| Number { n }))
    }
}

#[tokio::test]
async fn a_server_does_as_its_settings_say() {
    let text = "listen = '127.0.0.1:0'\n[tokens]\nann = ['anns-token']\nbob = ['bobs-token']\n\
                [users]\ncarol = 'carols'\n\
                [[permissions]]\ncallers = ['ann', 'carol']\ntables = ['numbers']\n\
                [tables.numbers]\nopen = ['rows']\n[tables.numbers.values]\npassword = '${TOKEN}'\nrows = 5";
    let settings = read(&[("server.toml", text)]).unwrap();
    let plugin = Plugin::new("p", "1").connector::<Numbers>();
    let server = Server::from_settings(plugin.clone(), &settings).unwrap();
    let bound = server.bind(&settings.listen).await.unwrap();
    let uri = format!("grpc://{}", bound.local_addr());
    tokio::spawn(bound.serve());
    let count = async |client: &Client, command: Command| {
        let batches: Vec<_> = client.read(&command).await?.try_collect().await?;
        Ok::<_, flexconnect_core::Error>(batches.iter().map(|batch| batch.num_rows()).sum::<usize>())
    };
    let with = async |token: &str| {
        let options = ClientOptions::new().with_token(token).unwrap();
        Client::connect_with(&uri, options).await.unwrap()
    };
    let (ann, bob) = (with("anns-token").await, with("bobs-token").await);
    let carol = Client::connect(&uri).await.unwrap().log_in("carol", "carols").await.unwrap();
    let numbers = || Command::connector("numbers");
    assert_eq!(count(&ann, numbers()).await.unwrap(), 5);
    assert_eq!(count(&carol, numbers()).await.unwrap(), 5);
    let fewer = numbers().with_config(serde_json::json!({"rows": 2}));
    assert_eq!(count(&ann, fewer).await.unwrap(), 2);
    assert_eq!(count(&bob, numbers()).await.unwrap_err().kind(), ErrorKind::PermissionDenied);
    let stranger = Client::connect(&uri).await.unwrap();
    assert_eq!(count(&stranger, numbers()).await.unwrap_err().kind(), ErrorKind::Unauthenticated);
    // A table that is not there, or a parameter it does not have, is found before anything is served.
    let wrong = read(&[("server.toml", "[tables.nubmers]\nopen = ['rows']")]).unwrap();
    let error = Server::from_settings(plugin, &wrong).unwrap().bind("127.0.0.1:0").await.unwrap_err();
    assert!(error.to_string().contains("did you mean `numbers`?"), "{error}");
}
