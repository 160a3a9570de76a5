//! E0515:

use flexconnect_core::{Connector, ReadRequest, Result, Rows, Table};

#[derive(Table)]
struct Row {
    id: i64,
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
        let rows = vec![1, 2];
        Rows::iter(rows.iter().map(|id| Row { id: *id })) //~
    }
}

fn main() {}
