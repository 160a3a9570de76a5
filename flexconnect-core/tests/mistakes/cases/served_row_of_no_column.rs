//! one E0277: `Plain` cannot be a column
use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::{Column, Connector, Error, FromBatch, Plugin, ReadRequest, Result, Rows, Table};

#[derive(Clone)]
struct Plain;

#[derive(Clone, Table)]
#[table(primary_key(id))]
struct Row {
    id: i64,
    plain: Option<Plain>, //~
    kind: Kind,
    #[column(flatten)]
    more: More,
}

#[derive(Clone, Table)]
struct More {
    more: String,
}

#[derive(Clone, Column)]
enum Kind {
    Number(i64),
    Text { text: String },
}

#[derive(Table)]
struct Around {
    rows: Vec<Row>,
    #[column(flatten)]
    row: Row,
}

struct C;

impl Connector for C {
    const NAME: &'static str = "c";
    type Config = ();
    type Row = Row;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(C)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Row> {
        let row = |id| Row { id, plain: None, kind: Kind::Number(id), more: More { more: String::new() } };
        Rows::iter((0..3).map(row))
    }
}

struct D;

impl Connector for D {
    const NAME: &'static str = "d";
    type Config = ();
    type Row = Around;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(D)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Around> {
        Rows::produce(|out| async move {
            let row = Row { id: 1, plain: None, kind: Kind::Number(1), more: More { more: String::new() } };
            out.push(Around { rows: vec![row.clone()], row }).await;
            Ok(())
        })
    }
}

fn read(batch: &RecordBatch) -> Result<Vec<Row>, Error> {
    Row::from_batch(batch)
}

fn main() {
    let _ = (Plugin::new("p", "1").connector::<C>().connector::<D>(), Row::schema());
}
