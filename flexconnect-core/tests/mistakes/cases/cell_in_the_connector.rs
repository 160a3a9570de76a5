//! E0277:

use flexconnect_core::{Connector, ReadRequest, Result, Rows, Table};

#[derive(Table)]
struct Row {
    id: i64,
}

struct C(std::cell::Cell<u64>);

impl Connector for C { //~
    const NAME: &'static str = "c";
    type Config = ();
    type Row = Row;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(C(0.into()))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Row> {
        Rows::empty()
    }
}

fn main() {}
