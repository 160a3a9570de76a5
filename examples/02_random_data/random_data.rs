//! Random test data, with the columns its user asks for.

use std::collections::HashSet;

use chrono::{Days, NaiveDate, Utc};
use fastrand::Rng;
use flexconnect_core::arrow_schema::{DataType, Field, Schema, SchemaRef};
use flexconnect_core::{About, Config, Connector, JsonRow, ReadRequest, Result, Rows};
use serde_json::Value;

/// What can be configured, with the words a form shows.
#[derive(Debug, Config)]
#[config(check = "RandomConfig::check")]
pub struct RandomConfig {
    /// How many rows to generate.
    #[config(label = "Number of Rows", default = 100)]
    num_rows: u64,
    /// The columns, in order.
    #[config(label = "Column Names", default = ["col1", "col2", "col3"])]
    columns: Vec<String>,
    /// Types: string, int, float, date
    #[config(label = "Column Types", default)]
    column_types: Vec<Kind>,
    /// Any number: with the same one, the same rows come again.
    #[config(label = "Seed")]
    seed: Option<u64>,
}

impl RandomConfig {
    /// The rules that look at more than one parameter.
    fn check(&self) -> Result<(), String> {
        let (names, types) = (self.columns.len(), self.column_types.len());
        if types > names {
            return Err(format!(
                "there are {types} `column_types` for {names} `columns`: name a column for each type, or leave types out"
            ));
        }
        let mut seen = HashSet::new();
        match self.columns.iter().find(|name| !seen.insert(*name)) {
            Some(twice) => Err(format!("`columns` names {twice:?} twice: give each column its own name")),
            None => Ok(()),
        }
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, Config)]
pub enum Kind {
    /// 5 to 15 ASCII letters.
    String,
    /// A whole number from 0 to 1000.
    Int,
    /// A number from 0 to 1000 with two decimals.
    Float,
    /// One of the last 366 days.
    Date,
}

impl Kind {
    fn data_type(self) -> DataType {
        match self {
            Kind::String => DataType::Utf8,
            Kind::Int => DataType::Int64,
            Kind::Float => DataType::Float64,
            Kind::Date => DataType::Date32,
        }
    }

    fn random(self, rng: &mut Rng, today: NaiveDate) -> Value {
        match self {
            Kind::String => (0..rng.usize(5..=15)).map(|_| rng.alphabetic()).collect::<String>().into(),
            Kind::Int => rng.i64(0..=1000).into(),
            Kind::Float => (f64::from(rng.u32(0..=100_000)) / 100.0).into(),
            // Text in ISO form: the column's type makes it a date.
            Kind::Date => (today - Days::new(rng.u64(0..366))).to_string().into(),
        }
    }
}

/// A table of random rows.
#[derive(Debug)]
pub struct Random {
    rows: u64,
    columns: Vec<(String, Kind)>,
    seed: Option<u64>,
}

impl Connector for Random {
    const NAME: &'static str = "random_data";
    type Config = RandomConfig;
    type Row = JsonRow;

    fn about() -> About {
        About::new("Random Data Generator")
            .with_description("Generate random test data")
            .with_icon("fas fa-random")
    }

    async fn init(config: RandomConfig, _shared: &()) -> Result<Self> {
        // Columns without a type hold text.
        let kinds = config.column_types.into_iter().chain(std::iter::repeat(Kind::String));
        let columns = config.columns.into_iter().zip(kinds).collect();
        Ok(Random { rows: config.num_rows, columns, seed: config.seed })
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        let fields = self.columns.iter().map(|(name, kind)| Field::new(name, kind.data_type(), true));
        Ok(Some(Schema::new(fields.collect::<Vec<_>>()).into()))
    }

    /// All rows: what a reader limits, projects and filters is cut around every connector.
    fn generate_rows(&self, _request: ReadRequest) -> Rows<'_, JsonRow> {
        let mut rng = self.seed.map_or_else(Rng::new, Rng::with_seed);
        let today = Utc::now().date_naive();
        Rows::iter((0..self.rows).map(move |_| -> JsonRow {
            self.columns.iter().map(|(name, kind)| (name.as_str(), kind.random(&mut rng, today))).collect()
        }))
    }
}
