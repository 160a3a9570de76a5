//! E0507:

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
        let url = String::from("x");
        Rows::pages(0, move |page: i32| async move { //~
            drop(url);
            Ok(flexconnect_core::Page::new([Row { id: i64::from(page) }], None))
        })
    }
}

fn main() {}
