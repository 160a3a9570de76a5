//! E0277:

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

    fn init((): (), _: &()) -> Result<Self> { //~
        Ok(C)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Row> {
        Rows::empty()
    }
}

fn main() {}
