//! E0277: `Plain` cannot be a connector's row

use flexconnect_core::{Connector, ReadRequest, Result, Rows};

struct Plain;
struct C;

impl Connector for C {
    const NAME: &'static str = "c";
    type Config = ();
    type Row = Plain; //~

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(C)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Plain> {
        Rows::empty()
    }
}

fn main() {}
