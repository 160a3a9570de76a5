//! E0637:

use flexconnect_core::{Connector, ReadRequest, Result, Rows, Table};

#[derive(Table)]
struct Line<'a> {
    text: &'a str,
}

struct C;

impl Connector for C {
    const NAME: &'static str = "c";
    type Config = ();
    type Row = Line<'_>; //~

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(C)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Line<'static>> {
        Rows::empty()
    }
}

fn main() {}
