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

/// A row that borrows its text from the source.
#[derive(Table)]
struct Row<'s> {
    id: i64,
    amount: i64,
    price: f64,
    name: &'s str,
    day: NaiveDate,
}

/// A row that owns its text, which costs an allocation.
#[derive(Table)]
struct OwnedRow {
    id: i64,
    amount: i64,
    price: f64,
    name: String,
    day: NaiveDate,
}

/// A source that costs little: what is measured is what becomes of its rows.
struct Source {
    names: [String; DIFFERENT],
    days: [NaiveDate; DIFFERENT],
}

/// A power of two, so that to find a name is not the most expensive part of a row.
const DIFFERENT: usize = 4096;

impl Source {
    fn new() -> Self {
        let mut days = NaiveDate::default().iter_days();
        Source {
            names: std::array::from_fn(|name| format!("name{name:08}")),
            days: std::array::from_fn(|_| days.next().expect("the calendar has more days")),
        }
    }

    #[inline]
    fn row(&self, id: usize) -> Row<'_> {
        let number = id as i64;
        Row {
            id: number,
            amount: number.wrapping_mul(0x5851_F42D_4C95_7F2D),
            price: number as f64 * 0.25,
            name: &self.names[id % DIFFERENT],
            day: self.days[id % DIFFERENT],
        }
    }
}

/// Rows made while they are read.
struct Generated(Held);

impl Connector<Held> for Generated {
    const NAME: &'static str = "generated";
    type Config = ();
    type Row = Row<'static>;

    async fn init((): (), held: &Held) -> Result<Self> {
        Ok(Generated(held.clone()))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Row<'static>> {
        Rows::iter((0..self.0.rows).map(|id| self.0.source.row(id)))
    }
}

/// The same, each with a text of its own.
struct Owned(Held);

impl Connector<Held> for Owned {
    const NAME: &'static str = "owned";
    type Config = ();
    type Row = OwnedRow;

    async fn init((): (), held: &Held) -> Result<Self> {
        Ok(Owned(held.clone()))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, OwnedRow> {
        let owned = |Row { id, amount, price, name, day }: Row<'_>| OwnedRow {
            id,
            amount,
            price,
            name: name.to_owned(),
            day,
        };
        Rows::iter((0..self.0.rows).map(move |id| owned(self.0.source.row(id))))
    }
}

/// Three rows.
struct Three(Held);

impl Connector<Held> for Three {
    const NAME: &'static str = "three";
    type Config = ();
    type Row = Row<'static>;

    async fn init((): (), held: &Held) -> Result<Self> {
        Ok(Three(held.clone()))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Row<'static>> {
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
    let plugin = plugin.connector::<Prebuilt>().connector::<Generated>().connector::<Owned>();
    let plugin = plugin.connector::<Three>();
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
