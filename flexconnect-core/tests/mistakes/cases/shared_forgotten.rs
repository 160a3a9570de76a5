//! E0277: `C` is not a connector for this plugin

use flexconnect_core::{Connector, Plugin, ReadRequest, Result, Rows, Table};

#[derive(Table)]
struct Row {
    id: i64,
}

#[derive(Clone)]
struct Api;

struct C;

impl Connector<Api> for C {
    const NAME: &'static str = "c";
    type Config = ();
    type Row = Row;

    async fn init((): (), _: &Api) -> Result<Self> {
        Ok(C)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Row> {
        Rows::empty()
    }
}

fn main() {
    let _plugin = Plugin::new("p", "1").connector::<C>(); //~
}
