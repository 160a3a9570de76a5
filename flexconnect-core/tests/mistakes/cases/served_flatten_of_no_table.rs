//! one E0277: `Plain` is not a table
use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::{Connector, Error, FromBatch, ReadRequest, Result, Rows, Table};

struct Plain;

#[derive(Table)]
struct Row {
    id: i64,
    #[column(flatten)]
    plain: Plain, //~
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
        Rows::iter([Row { id: 1, plain: Plain }])
    }
}

fn read(batch: &RecordBatch) -> Result<Vec<Row>, Error> {
    Row::from_batch(batch)
}

fn main() {}
