//! E0053:

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

    async fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Row> { //~
        Rows::empty()
    }
}

fn main() {}
