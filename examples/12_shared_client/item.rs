//! The table `item`.

use chrono::NaiveDate;
use flexconnect_core::{About, Connector, ReadRequest, Result, Rows, Table};
use serde::Deserialize;

use super::api::Api;

/// One item, as the API writes it and as the table has it.
#[derive(Debug, Clone, PartialEq, Deserialize, Table)]
pub struct Item {
    /// Its number.
    #[column(primary_key)]
    pub num: u64,
    /// Its day, `2006-01-02` in JSON.
    #[column(as = "Date64")]
    pub date: NaiveDate,
    /// What it is called.
    pub title: String,
}

/// The table of all items.
#[derive(Debug)]
pub struct Items(Api);

impl Connector<Api> for Items {
    const NAME: &'static str = "item";
    type Config = ();
    type Row = Item;

    fn about() -> About {
        About::new("Item")
    }

    async fn init((): (), api: &Api) -> Result<Self> {
        Ok(Items(api.clone()))
    }

    fn generate_rows(&self, _request: ReadRequest) -> Rows<'_, Item> {
        self.0.all("items")
    }
}
