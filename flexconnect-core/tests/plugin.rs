//! Mounting, the operator's values, what is shared, catalogues.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flexconnect_core::{
    About, Config, Connector, ErrorKind, Mount, Plugin, ReadRequest, Result, Rows, Secret, Table,
};
use futures::executor::block_on;
use serde_json::{Map, Value, json};

#[derive(Table)]
struct Number {
    id: i64,
}

#[derive(Config)]
struct Settings {
    #[config(default = 3)]
    rows: u32,
    #[config(alias = "passphrase")]
    password: Option<Secret<String>>,
}

struct Numbers(Settings);

static OPENED: AtomicUsize = AtomicUsize::new(0);

impl Connector for Numbers {
    const NAME: &'static str = "numbers";
    type Config = Settings;
    type Row = Number;

    async fn init(config: Settings, _: &()) -> Result<Self> {
        OPENED.fetch_add(1, Ordering::Relaxed);
        Ok(Numbers(config))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> {
        assert!(self.0.password.as_ref().is_none_or(|password| password.expose() == "s3cret"));
        Rows::iter((0..i64::from(self.0.rows)).map(|id| Number { id }))
    }
}

fn values(values: Value) -> Map<String, Value> {
    values.as_object().cloned().unwrap()
}

#[test]
fn what_the_operator_set_is_neither_set_nor_seen_by_a_client() {
    let plugin =
        Plugin::new("test", "1").mount::<Numbers>(["eu", "n"], json!({"password": "s3cret", "rows": 5}));
    let plugin = plugin.open(["rows"]);
    plugin.check().unwrap();
    let entry = block_on(plugin.find(&["eu", "n"])).unwrap();
    let open: Vec<_> = entry.parameters().map(|parameter| parameter.name.to_string()).collect();
    assert_eq!(open, ["rows"]);
    block_on(entry.open(values(json!({"rows": 1})))).unwrap();
    let error = block_on(entry.open(values(json!({"password": "mine"})))).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("`password` is set by the operator"), "{error}");
    assert!(!format!("{plugin:?}{entry:?}{error:?}").contains("s3cret"));
}

#[test]
fn a_former_name_is_no_way_around_the_operator() {
    for (set, sent) in [("password", "passphrase"), ("passphrase", "password"), ("passphrase", "passphrase")]
    {
        let plugin = Plugin::new("test", "1").mount::<Numbers>(["n"], json!({set: "s3cret"}));
        let entry = block_on(plugin.find(&["n"])).unwrap();
        assert_eq!(entry.parameters().map(|parameter| parameter.name.as_str()).collect::<Vec<_>>(), ["rows"]);
        for value in [json!("mine"), json!(null), json!({"a": 1})] {
            let error = block_on(entry.open(values(json!({sent: value})))).err().unwrap();
            assert!(error.to_string().contains("is set by the operator"), "{set} {sent}: {error}");
        }
        block_on(entry.open(Map::new())).unwrap();
    }
}

#[test]
fn values_of_a_file_are_laid_over_those_of_the_program() {
    let plugin = Plugin::new("test", "1")
        .mount::<Numbers>(["n"], json!({"rows": 5}))
        .open(["rows"])
        .values_at(["n"], json!({"rows": 7, "passphrase": "s3cret"}), ["password"])
        .connector::<Numbers>();
    plugin.check().unwrap();
    let entry = block_on(plugin.find(&["n"])).unwrap();
    assert_eq!(entry.parameters().map(|parameter| parameter.name.as_str()).collect::<Vec<_>>(), ["password"]);
    assert!(block_on(entry.open(values(json!({"rows": 1})))).is_err());
    let rows = |entry: &flexconnect_core::Entry| {
        let dataset = block_on(entry.open(Map::new())).unwrap();
        let batches: Vec<_> = block_on(async {
            let batches = dataset.read(ReadRequest::new()).await.unwrap();
            futures::TryStreamExt::try_collect(batches).await.unwrap()
        });
        batches
            .iter()
            .map(|batch: &flexconnect_core::arrow_array::RecordBatch| batch.num_rows())
            .sum::<usize>()
    };
    assert_eq!(rows(&entry), 7);
    assert_eq!(rows(&block_on(plugin.list())[0]), 7);
    assert_eq!(rows(&block_on(plugin.find(&["numbers"])).unwrap()), 3);
    let wrong = Plugin::new("test", "1")
        .connector::<Numbers>()
        .values_at(["numbers"], json!({"rws": 7}), ["pasword"])
        .values_at(["nubmers"], json!({}), Vec::<String>::new())
        .values_at(["numbers"], json!("s3cret"), Vec::<String>::new());
    let error = wrong.check().unwrap_err().to_string();
    for part in
        ["`rws`; did you mean `rows`?", "`pasword`", "did you mean `numbers`?", "must be a JSON object"]
    {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert!(!format!("{error}{wrong:?}{plugin:?}").contains("s3cret"));
}

#[test]
fn a_connector_is_kept_by_its_configuration() {
    let plugin = Plugin::new("test", "1").connector::<Numbers>();
    let entry = block_on(plugin.find(&["numbers"])).unwrap();
    let before = OPENED.load(Ordering::Relaxed);
    let one = block_on(entry.open(values(json!({"rows": 71})))).unwrap();
    let same =
        block_on(block_on(plugin.find(&["numbers"])).unwrap().open(values(json!({"rows": 71})))).unwrap();
    assert!(Arc::ptr_eq(&one, &same));
    assert!(OPENED.load(Ordering::Relaxed) > before);
    let other = block_on(entry.open(values(json!({"rows": 72})))).unwrap();
    assert!(!Arc::ptr_eq(&one, &other));
}

#[test]
fn a_wrong_plugin_lists_all_that_is_wrong() {
    let plugin = Plugin::new("test", "1")
        .connector::<Numbers>()
        .mount::<Numbers>(["numbers"], json!({}))
        .mount::<Numbers>(["x"], json!({"pasword": 1}))
        .mount::<Numbers>(["y"], json!([1]));
    let error = plugin.check().unwrap_err().to_string();
    for part in
        ["two connectors are mounted at `numbers`", "did you mean `password`?", "must be a JSON object"]
    {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[test]
fn an_unknown_path_gets_the_nearest() {
    let plugin = Plugin::new("test", "1").connector::<Numbers>();
    let error = block_on(plugin.find(&["nubmers"])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("did you mean `numbers`?"), "{error}");
}

#[derive(Clone)]
struct Api(Arc<Vec<&'static str>>);

#[derive(Config)]
struct ApiConfig {
    token: Secret<String>,
}

async fn open_api(config: ApiConfig) -> Result<Api> {
    if config.token.expose() != "t0ken" {
        return Err("the token is wrong".into());
    }
    Ok(Api(Arc::new(vec!["albums", "artists"])))
}

struct ApiTable(Api);

#[derive(Config)]
struct Which {
    table: String,
}

impl Connector<Api> for ApiTable {
    const NAME: &'static str = "api_table";
    type Config = Which;
    type Row = Number;

    async fn init(config: Which, api: &Api) -> Result<Self> {
        if !api.0.contains(&config.table.as_str()) {
            return Err("no such table".into());
        }
        Ok(ApiTable(api.clone()))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> {
        Rows::iter((0..self.0.0.len() as i64).map(|id| Number { id }))
    }
}

fn catalogue(token: &str) -> Plugin {
    Plugin::new("test", "1")
        .connector::<Numbers>()
        .values(json!({"token": token}))
        .shared(open_api)
        .catalogue(|api| async move {
            let mount =
                |table: &&'static str| Mount::of::<ApiTable>(["api", *table], json!({"table": table}));
            Ok(api.0.iter().map(mount).collect())
        })
        .into()
}

#[test]
fn a_catalogue_mounts_what_it_finds() {
    let plugin = catalogue("t0ken");
    let paths: Vec<_> = block_on(plugin.list()).iter().map(|entry| entry.path().join("/")).collect();
    assert_eq!(paths, ["numbers", "api/albums", "api/artists"]);
    let entry = block_on(plugin.find(&["api", "artists"])).unwrap();
    block_on(entry.open(Map::new())).unwrap();
    assert_eq!(block_on(plugin.find(&["api", "tracks"])).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_catalogue_that_fails_hides_nothing_else() {
    let plugin = catalogue("another");
    let paths: Vec<_> = block_on(plugin.list()).iter().map(|entry| entry.path().join("/")).collect();
    assert_eq!(paths, ["numbers"]);
    block_on(plugin.find(&["numbers"])).unwrap();
    let error = block_on(plugin.find(&["api", "albums"])).unwrap_err();
    assert!(error.to_string().contains("the token is wrong"), "{error}");
}

/// A plugin whose API has two tables, and makes further ones whose names begin with `new`.
fn with_target(opened: &Arc<AtomicUsize>) -> Plugin {
    let opened = opened.clone();
    Plugin::new("test", "1")
        .target(|_, path| async move {
            Ok((path == ["plain"]).then(|| Mount::of::<Numbers>(["plain"], json!({"rows": 1}))))
        })
        .values(json!({"token": "t0ken"}))
        .shared(open_api)
        .catalogue(|api| async move {
            Ok(vec![Mount::of::<ApiTable>(["api", api.0[0]], json!({"table": api.0[0]}))])
        })
        .target(|_, path: Vec<String>| async move {
            if path.iter().any(|component| component == "broken") {
                return Err("the disk is full".into());
            }
            Ok((path[0] == "elsewhere").then(|| Mount::of::<ApiTable>(["api", "albums"], json!({}))))
        })
        .target(move |api, path: Vec<String>| {
            opened.fetch_add(1, Ordering::Relaxed);
            async move {
                let ours = path.len() == 2 && path[0] == "api" && path[1].starts_with("new");
                Ok(ours.then(|| Mount::of::<ApiTable>(&path, json!({"table": api.0[1]}))))
            }
        })
        .into()
}

#[test]
fn a_path_that_is_only_made_by_writing_is_found_for_a_write_alone() {
    let asked = Arc::new(AtomicUsize::new(0));
    let plugin = with_target(&asked);
    let new = ["api", "new_songs"];
    assert_eq!(block_on(plugin.find(&new)).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(block_on(plugin.list()).len(), 1);
    assert_eq!(asked.load(Ordering::Relaxed), 0, "nobody wrote");
    let entry = block_on(plugin.find_for_write(&new)).unwrap();
    assert_eq!((entry.path(), entry.name()), (&new.map(str::to_owned)[..], "api_table"));
    let one = block_on(entry.open(Map::new())).unwrap();
    let other = block_on(entry.open(Map::new())).unwrap();
    assert!(!Arc::ptr_eq(&one, &other), "what was opened for one write is not kept");
    let refused = block_on(entry.open(values(json!({"table": "albums"})))).err().unwrap();
    assert!(refused.to_string().contains("set by the operator"), "{refused}");
    assert_eq!(block_on(plugin.find_for_write(&["plain"])).unwrap().name(), "numbers");
}

#[test]
fn what_is_there_is_written_without_a_target() {
    let asked = Arc::new(AtomicUsize::new(0));
    let plugin = with_target(&asked);
    let found = block_on(plugin.find_for_write(&["api", "albums"])).unwrap();
    let open = || block_on(found.open(Map::new())).unwrap();
    assert!(Arc::ptr_eq(&open(), &open()));
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[test]
fn what_no_target_takes_is_not_found_as_before() {
    let plugin = with_target(&Arc::default());
    let error = block_on(plugin.find_for_write(&["api", "album"])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("did you mean `api/albums`?"), "{error}");
    let error = block_on(plugin.find_for_write(&["broken"])).unwrap_err();
    assert!(error.to_string().contains("the disk is full"), "{error}");
    let error = block_on(plugin.find_for_write(&["elsewhere"])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert!(
        error.to_string().contains("connector `elsewhere`: the target was asked for this path"),
        "{error}"
    );
    let plain = Plugin::new("test", "1").connector::<Numbers>();
    assert_eq!(block_on(plain.find_for_write(&["x"])).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn what_is_shared_is_opened_with_the_values_of_a_file() {
    let plugin = catalogue("another").shared_values(values(json!({"token": "t0ken"})));
    block_on(plugin.find(&["api", "albums"])).unwrap();
    assert!(block_on(catalogue("another").find(&["api", "albums"])).is_err());
}

#[test]
fn to_find_one_of_many_costs_no_more_than_one() {
    static LOOKED_INTO: AtomicUsize = AtomicUsize::new(0);
    struct Looked;
    impl Connector for Looked {
        const NAME: &'static str = "looked";
        type Config = ();
        type Row = Number;

        fn about() -> About {
            LOOKED_INTO.fetch_add(1, Ordering::Relaxed);
            About::default()
        }

        async fn init((): (), _: &()) -> Result<Self> {
            Ok(Looked)
        }

        fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> {
            Rows::empty()
        }
    }
    let mount =
        |plugin: Plugin, at: usize| plugin.mount::<Looked>(["t".to_owned(), at.to_string()], json!({}));
    let plugin = (0..100).fold(Plugin::new("test", "1"), mount);
    let before = LOOKED_INTO.load(Ordering::Relaxed);
    assert_eq!(block_on(plugin.find(&["t", "70"])).unwrap().path(), ["t", "70"]);
    assert_eq!(LOOKED_INTO.load(Ordering::Relaxed), before + 1);
}
