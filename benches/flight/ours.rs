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

fn row(id: usize) -> Row {
    let number = id as i64;
    let mut name = String::with_capacity(12);
    name.push_str("name");
    name.extend((0..8).rev().map(|place| char::from(b'a' + ((id >> (3 * place)) & 7) as u8)));
    Row {
        id: number,
        amount: number.wrapping_mul(0x5851_F42D_4C95_7F2D),
        price: number as f64 * 0.25,
        name,
        day: NaiveDate::default() + chrono::Days::new(id as u64 % 20_000),
    }
}

/// Rows made while they are read.
struct Generated(usize);

impl Connector<Held> for Generated {
    const NAME: &'static str = "generated";
    type Config = ();
    type Row = Row;

    async fn init((): (), held: &Held) -> Result<Self> {
        Ok(Generated(held.rows))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Row> {
        Rows::iter((0..self.0).map(row))
    }
}

/// Three rows.
struct Three;

impl Connector<Held> for Three {
    const NAME: &'static str = "three";
    type Config = ();
    type Row = Row;

    async fn init((): (), _: &Held) -> Result<Self> {
        Ok(Three)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Row> {
        Rows::iter((0..3).map(row))
    }
}

#[tokio::main]
pub(crate) async fn serve(rows: usize) -> Result<()> {
    let held = Held { rows, batches: Arc::new(data::batches(rows)) };
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
