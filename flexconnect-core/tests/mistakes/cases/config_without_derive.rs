//! E0277: `Plain` cannot be a connector's configuration

use flexconnect_core::{Connector, ReadRequest, Result, Rows, Table};

#[derive(Table)]
struct Row {
    id: i64,
}

struct Plain;
struct C;

impl Connector for C {
    const NAME: &'static str = "c";
    type Config = Plain; //~
    type Row = Row;

    async fn init(_: Plain, _: &()) -> Result<Self> {
        Ok(C)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Row> {
        Rows::empty()
    }
}

fn main() {}
