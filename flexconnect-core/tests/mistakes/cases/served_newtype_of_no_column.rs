//! one E0277: cannot be a column
use flexconnect_core::{Column, Connector, ReadRequest, Result, Rows, Table};

struct Plain;

#[derive(Column)]
struct Code(#[column(unit = "ms")] Plain); //~

#[derive(Table)]
struct Row {
    code: Code,
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
        Rows::iter([Row { code: Code(Plain) }])
    }
}

fn main() {}
