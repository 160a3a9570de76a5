//! What a form asks a connector, and the presets an operator provides, through a plugin.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use flexconnect_core::config::Choice;
use flexconnect_core::{
    Config, Connector, Dataset, Entry, Error, ErrorKind, Mount, Plugin, ReadRequest, Result, Rows, Secret,
    Table,
};
use futures::TryStreamExt;
use futures::executor::block_on;
use serde_json::{Map, Value, json};

#[derive(Table)]
struct Issue {
    title: String,
}

#[derive(Config)]
#[config(preset = "tracker")]
struct Tracker {
    host: String,
    token: Secret<String>,
    #[config(default = 443)]
    port: u16,
}

#[derive(Config)]
struct IssuesConfig {
    tracker: Tracker,
    /// The project whose issues are read.
    #[config(dynamic_choices(tracker))]
    project: Option<String>,
    #[config(default)]
    columns: Vec<Column>,
}

#[derive(Config)]
struct Column {
    #[config(dynamic_choices)]
    name: String,
    title: Option<String>,
}

struct Issues(IssuesConfig);

impl Connector<String> for Issues {
    const NAME: &'static str = "issues";
    type Config = IssuesConfig;
    type Row = Issue;

    async fn choices(parameter: &str, so_far: &Map<String, Value>, shared: &String) -> Result<Vec<Choice>> {
        if so_far.get("project") == Some(&json!("panic")) {
            panic!("the author's own");
        }
        let Some(tracker) = so_far.get("tracker").and_then(Value::as_object) else {
            return Err(Error::new(ErrorKind::Unauthenticated, "choose the tracker first").into());
        };
        let tracker = Tracker::parse(tracker)?;
        let host = tracker.host;
        let (columns, token) =
            (so_far.get("columns").cloned().unwrap_or_default(), tracker.token.into_exposed());
        Ok(vec![Choice::new(format!("{parameter}@{host}"), format!("{shared} {token} {columns}"))])
    }

    async fn init(config: IssuesConfig, _: &String) -> Result<Self> {
        Ok(Issues(config))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Issue> {
        let Tracker { host, token, port } = &self.0.tracker;
        Rows::iter([Issue { title: format!("{host}:{port} {}", token.expose()) }])
    }
}

fn values(values: Value) -> Map<String, Value> {
    values.as_object().cloned().unwrap()
}

fn plugin() -> Plugin {
    Plugin::new("tracker", "1")
        .preset("tracker", "own", json!({"host": "own.example", "token": "t0k3n"}))
        .shared(async |(): ()| Ok("shared".to_owned()))
        .preset("tracker", "broken", json!({"host": "b", "token": "t0k3n", "port": "hunter2"}))
        .connector::<Issues>()
        .mount::<Issues>(["fixed"], json!({"tracker": "own", "project": "p"}))
        .into()
}

fn entry(path: &str) -> Entry {
    let plugin = plugin();
    plugin.check().unwrap();
    block_on(plugin.find(&[path])).unwrap()
}

async fn title(dataset: std::sync::Arc<dyn Dataset>) -> String {
    let batches: Vec<_> = dataset.read(ReadRequest::new()).await.unwrap().try_collect().await.unwrap();
    let column = batches[0].column(0).clone();
    let texts = column.as_any().downcast_ref::<flexconnect_core::arrow_array::StringArray>().unwrap();
    texts.value(0).to_owned()
}

#[test]
fn a_connector_computes_choices_from_what_there_is_so_far() {
    let issues = entry("issues");
    let asked = |parameter: &str, so_far: Value| block_on(issues.choices(parameter, values(so_far)));
    let choices = asked("project", json!({"tracker": "own", "columns": "half fil"})).unwrap();
    // A preset stands where its name was; what is not right yet does not matter.
    assert_eq!(choices, [Choice::new("project@own.example", "shared t0k3n \"half fil\"")]);
    let inline = json!({"tracker": {"host": "h", "token": "x"}});
    assert_eq!(asked("project", inline.clone()).unwrap()[0].value, "project@h");
    assert_eq!(asked("columns.name", inline).unwrap()[0].value, "columns.name@h");
    // The author's error stays what it is, a panic is one too.
    let error = asked("project", json!({})).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(error.to_string().contains("choose the tracker first"), "{error}");
    assert_eq!(asked("project", json!({"project": "panic"})).unwrap_err().kind(), ErrorKind::Internal);
}

#[test]
fn only_parameters_that_have_choices_are_asked_for() {
    let issues = entry("issues");
    for (parameter, hint) in [
        ("projct", "did you mean `project`?"),
        ("tracker", "there is project"),
        ("columns.title", "there is project"),
        ("columns", "there is project"),
        ("project.name", "there is project"),
        ("", "there is project"),
    ] {
        let error = block_on(issues.choices(parameter, Map::new())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(hint), "{parameter}: {error}");
    }
}

#[test]
fn the_operators_values_are_used_and_not_a_clients_to_ask_for() {
    let fixed = entry("fixed");
    let choices = block_on(fixed.choices("columns.name", Map::new())).unwrap();
    assert_eq!(choices[0].value, "columns.name@own.example");
    let error = block_on(fixed.choices("project", Map::new())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let error = block_on(fixed.choices("columns.name", values(json!({"tracker": "broken"})))).unwrap_err();
    assert!(error.to_string().contains("`tracker` is set by the operator"), "{error}");
}

#[test]
fn a_connector_without_choices_offers_none() {
    #[derive(Config)]
    #[allow(dead_code)]
    struct Plain {
        #[config(dynamic_choices)]
        name: Option<String>,
    }
    struct Silent;
    impl Connector for Silent {
        const NAME: &'static str = "silent";
        type Config = Plain;
        type Row = Issue;

        async fn init(_: Plain, _: &()) -> Result<Self> {
            Ok(Silent)
        }

        fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Issue> {
            Rows::empty()
        }
    }
    let plugin = Plugin::new("p", "1").connector::<Silent>();
    let silent = block_on(plugin.find(&["silent"])).unwrap();
    assert!(block_on(silent.choices("name", Map::new())).unwrap().is_empty());
}

#[test]
fn a_preset_is_named_by_clients_and_operators() {
    let issues = entry("issues");
    let tracker = issues.parameters().next().unwrap();
    assert_eq!(
        (tracker.preset.as_deref(), &tracker.presets[..]),
        (Some("tracker"), &["broken", "own"].map(String::from)[..])
    );
    let opened = block_on(issues.open(values(json!({"tracker": "own"})))).unwrap();
    assert_eq!(block_on(title(opened)), "own.example:443 t0k3n");
    let opened = block_on(entry("fixed").open(Map::new())).unwrap();
    assert_eq!(block_on(title(opened)), "own.example:443 t0k3n");
    let error = block_on(issues.open(values(json!({"tracker": "broken"})))).err().unwrap();
    assert!(error.to_string().contains("`tracker.port` must be an integer, not this text"), "{error}");
}

#[test]
fn values_of_the_operator_are_not_quoted_to_clients() {
    #[derive(Config)]
    #[allow(dead_code)]
    struct Paged {
        #[config(max = 5)]
        size: u32,
        #[config(max = 5)]
        pages: Option<u32>,
    }
    struct Pages;
    impl Connector for Pages {
        const NAME: &'static str = "pages";
        type Config = Paged;
        type Row = Issue;

        async fn init(_: Paged, _: &()) -> Result<Self> {
            Ok(Pages)
        }

        fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Issue> {
            Rows::empty()
        }
    }
    let plugin =
        Plugin::new("p", "1").mount::<Pages>(["pages"], json!({"size": 777, "pages": 888})).open(["pages"]);
    let pages = block_on(plugin.find(&["pages"])).unwrap();
    let error = block_on(pages.open(values(json!({"pages": 99})))).err().unwrap().to_string();
    assert!(error.contains("`size` must be at most 5") && error.contains("not 99"), "{error}");
    assert!(!error.contains("777") && !error.contains("888"), "{error}");
}

#[test]
fn a_preset_nobody_takes_is_a_fault_of_the_plugin() {
    let plugin = Plugin::from(
        Plugin::new("tracker", "1")
            .shared(async |(): ()| Ok(String::new()))
            .connector::<Issues>()
            .preset("trackr", "a", json!({}))
            .preset("tracker", "b", json!({"hst": 1}))
            .preset("tracker", "c", json!([])),
    );
    assert_eq!(
        plugin.check().unwrap_err().to_string(),
        "the values of the preset `c` of `tracker` must be a JSON object\n\
         the preset `b` of `tracker` has no parameter `hst`; did you mean `host`?\n\
         no connector takes presets of `trackr`; did you mean `tracker`?"
    );
    // What a catalogue will mount is not known yet.
    let plugin =
        Plugin::new("p", "1").preset("trackr", "a", json!({})).catalogue(async |_| Ok(Vec::<Mount>::new()));
    plugin.check().unwrap();
}
