//! E0283:

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
        Rows::try_iter(["1"].into_iter().map(|text| Ok(Row { id: text.parse()? }))) //~
    }
}

fn main() {}
