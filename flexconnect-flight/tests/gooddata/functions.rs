//! Functions, each with one thing to show.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Int64Array, RecordBatch};
use arrow_schema::SchemaRef;
use flexconnect_core::{Config, Connector, Error, ErrorKind, Plugin, ReadRequest, Result, Rows, Table};
use serde_json::json;

#[derive(Table)]
pub(crate) struct Number {
    n: i64,
    text: Option<String>,
}

#[derive(Config)]
pub(crate) struct CountConfig {
    /// How many rows.
    #[config(default = 3)]
    rows: i64,
    /// Whether an error comes after them.
    #[config(default = false)]
    fails: bool,
    /// What is said of them: `held` or `once`.
    #[config(default = "")]
    keep: String,
}

/// Rows in batches of four.
pub(crate) struct Count(CountConfig);

impl Connector for Count {
    const NAME: &'static str = "Count";
    type Config = CountConfig;
    type Row = Number;

    async fn init(config: CountConfig, _: &()) -> Result<Self> {
        Ok(Count(config))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> {
        let rows = (0..self.0.rows).map(|n| Ok(Number { n, text: Some(format!("row {n}")) }));
        let end = self.0.fails.then_some(Err("it broke"));
        let rows = Rows::try_iter(rows.chain(end)).with_batch_rows(4);
        match self.0.keep.as_str() {
            "held" => rows.held(),
            "once" => rows.single_use(),
            _ => rows,
        }
    }
}

#[derive(Config)]
pub(crate) struct SealedConfig {
    /// The operator's own.
    secret: String,
    /// A call's own.
    key: i64,
}

/// Says what it was configured with.
pub(crate) struct Sealed(SealedConfig);

impl Connector for Sealed {
    const NAME: &'static str = "Sealed";
    type Config = SealedConfig;
    type Row = Number;

    async fn init(config: SealedConfig, _: &()) -> Result<Self> {
        if config.key == 13 {
            return Err(Error::new(ErrorKind::Unavailable, "13 is not served").into());
        }
        Ok(Sealed(config))
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, Number> {
        let text = format!("{} {}", self.0.secret, request.parameters["secret"]);
        Rows::iter([Number { n: self.0.key, text: Some(text) }])
    }
}

/// A door that is shut at first, and how many stand before it.
#[derive(Clone, Default)]
pub(crate) struct Shut {
    open: Arc<(Mutex<bool>, Condvar)>,
    pub(crate) before: Arc<AtomicUsize>,
    pub(crate) runs: Arc<AtomicUsize>,
}

impl Shut {
    pub(crate) fn open(&self) {
        *self.open.0.lock().unwrap() = true;
        self.open.1.notify_all();
    }
}

/// Blocks its thread until the door is open, whoever wants it to stop.
pub(crate) struct Stuck(Shut);

impl Connector<Shut> for Stuck {
    const NAME: &'static str = "Stuck";
    type Config = ();
    type Row = Number;

    async fn init((): (), shut: &Shut) -> Result<Self> {
        Ok(Stuck(shut.clone()))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> {
        self.0.runs.fetch_add(1, Ordering::SeqCst);
        self.0.before.fetch_add(1, Ordering::SeqCst);
        let (open, opened) = &*self.0.open;
        drop(opened.wait_while(open.lock().unwrap(), |open| !*open).unwrap());
        self.0.before.fetch_sub(1, Ordering::SeqCst);
        Rows::iter([Number { n: 1, text: None }])
    }
}

struct Before(Shut);

impl Drop for Before {
    fn drop(&mut self) {
        self.0.before.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Never has rows, and is counted for as long as it runs.
pub(crate) struct Endless(Shut);

impl Connector<Shut> for Endless {
    const NAME: &'static str = "Endless";
    type Config = ();
    type Row = Number;

    async fn init((): (), shut: &Shut) -> Result<Self> {
        Ok(Endless(shut.clone()))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> {
        Rows::defer(async {
            self.0.before.fetch_add(1, Ordering::SeqCst);
            let _before = Before(self.0.clone());
            std::future::pending().await
        })
    }
}

/// Batches as they are given.
#[derive(Clone)]
pub(crate) struct Given(Vec<RecordBatch>);

impl Connector<Given> for Given {
    const NAME: &'static str = "Given";
    type Config = ();
    type Row = RecordBatch;

    async fn init((): (), given: &Given) -> Result<Self> {
        Ok(given.clone())
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(Some(self.0[0].schema()))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, RecordBatch> {
        Rows::iter(self.0.clone()).with_batch_rows(1)
    }
}

pub(crate) fn given(batches: Vec<RecordBatch>) -> Plugin {
    let given = Given(batches);
    let shared = move |(): ()| {
        let given = given.clone();
        async move { Ok(given) }
    };
    Plugin::new("given", "1.0.0").shared(shared).connector::<Given>().into()
}

pub(crate) fn large() -> RecordBatch {
    let column: ArrayRef = Arc::new(Int64Array::from_iter_values(0..1_000_000));
    RecordBatch::try_from_iter([("n", column)]).unwrap()
}

pub(crate) fn words() -> RecordBatch {
    let column: DictionaryArray<Int32Type> = ["a", "b", "a"].into_iter().collect();
    RecordBatch::try_from_iter([("word", Arc::new(column) as ArrayRef)]).unwrap()
}

/// Functions that need no door.
pub(crate) fn simple() -> Plugin {
    let sealed = json!({ "secret": "operator's" });
    Plugin::new("functions", "1.0.0").connector::<Count>().mount::<Sealed>(["Sealed"], sealed)
}

/// Functions that wait, and what they wait at.
pub(crate) fn waiting() -> (Plugin, Shut) {
    let shut = Shut::default();
    let own = shut.clone();
    let shared = move |(): ()| {
        let shut = own.clone();
        async move { Ok(shut) }
    };
    let plugin = Plugin::new("waiting", "1.0.0").connector::<Count>().shared(shared);
    (plugin.connector::<Stuck>().connector::<Endless>().into(), shut)
}
