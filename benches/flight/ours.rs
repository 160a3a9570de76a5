//! flexconnect: batches made before, rows made while they are read, and three rows.

use std::sync::Arc;

use arrow::array::RecordBatch;
use chrono::NaiveDate;
use flexconnect_core::arrow_schema::SchemaRef;
use flexconnect_core::{Connector, Plugin, ReadRequest, Result, Rows, Table};
use flexconnect_flight::Server;

use crate::{data, process};

#[derive(Clone)]
struct Held {
    rows: usize,
    source: Arc<Source>,
    batches: Arc<Vec<RecordBatch>>,
}

/// Batches made before.
struct Prebuilt(Held);

impl Connector<Held> for Prebuilt {
    const NAME: &'static str = "prebuilt";
    type Config = ();
    type Row = RecordBatch;

    async fn init((): (), held: &Held) -> Result<Self> {
        Ok(Prebuilt(held.clone()))
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(Some(data::schema()))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, RecordBatch> {
        Rows::iter(self.0.batches.iter().cloned())
    }
}

#[derive(Table)]
struct Row {
    id: i64,
    amount: i64,
    price: f64,
    name: String,
    day: NaiveDate,
}

/// A source that costs little: what is measured is what becomes of its rows.
struct Source {
    names: Vec<String>,
    days: Vec<NaiveDate>,
}

impl Source {
    fn new() -> Self {
        Source {
            names: (0..4096).map(|name| format!("name{name:08}")).collect(),
            days: NaiveDate::default().iter_days().take(20_000).collect(),
        }
    }

    fn row(&self, id: usize) -> Row {
        let number = id as i64;
        Row {
            id: number,
            amount: number.wrapping_mul(0x5851_F42D_4C95_7F2D),
            price: number as f64 * 0.25,
            name: self.names[id % self.names.len()].clone(),
            day: self.days[id % self.days.len()],
        }
    }
}

/// Rows made while they are read.
struct Generated(Held);

impl Connector<Held> for Generated {
    const NAME: &'static str = "generated";
    type Config = ();
    type Row = Row;

    async fn init((): (), held: &Held) -> Result<Self> {
        Ok(Generated(held.clone()))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Row> {
        Rows::iter((0..self.0.rows).map(|id| self.0.source.row(id)))
    }
}

/// Three rows.
struct Three(Held);

impl Connector<Held> for Three {
    const NAME: &'static str = "three";
    type Config = ();
    type Row = Row;

    async fn init((): (), held: &Held) -> Result<Self> {
        Ok(Three(held.clone()))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Row> {
        Rows::iter((0..3).map(|id| self.0.source.row(id)))
    }
}

#[tokio::main]
pub(crate) async fn serve(rows: usize) -> Result<()> {
    let held = Held { rows, source: Arc::new(Source::new()), batches: Arc::new(data::batches(rows)) };
    let shared = move |(): ()| {
        let held = held.clone();
        async move { Ok(held) }
    };
    let plugin = Plugin::new("bench", "1.0.0").shared(shared);
    let plugin = plugin.connector::<Prebuilt>().connector::<Generated>().connector::<Three>();
    let bound = Server::new(plugin).bind("127.0.0.1:0").await?;
    let port = bound.local_addr().port();
    let answers = tokio::task::spawn_blocking(move || process::answer_as_server(port));
    bound
        .serve_until(async {
            let _ = answers.await;
        })
        .await?;
    Ok(())
}
