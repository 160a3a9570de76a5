//! one E0277: `Plain` cannot be a column
use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::{Column, Connector, Error, FromBatch, ReadRequest, Result, Rows, Table};

struct Plain;

#[derive(Column)]
#[column(tagged)]
enum Kind {
    Nothing,
    Plain(Vec<Plain>), //~
    Text { text: String },
}

#[derive(Column)]
#[column(tagged)]
enum Tagged {
    Kind(Kind),
    Number { number: String },
}

#[derive(Table)]
struct Row {
    kind: Kind,
    kinds: Vec<Tagged>,
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
        Rows::iter([Row { kind: Kind::Nothing, kinds: Vec::new() }])
    }
}

fn read(batch: &RecordBatch) -> Result<Vec<Row>, Error> {
    Row::from_batch(batch)
}

fn main() {}
