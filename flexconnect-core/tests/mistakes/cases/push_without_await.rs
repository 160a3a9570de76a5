//! unused_must_use: await the push, or rows pile up

#![deny(unused_must_use)]

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
        Rows::produce(|out| async move {
            out.push(Row { id: 1 }); //~
            Ok(())
        })
    }
}

fn main() {}
