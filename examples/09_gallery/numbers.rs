//! Numbers, made while they are read.

use std::ops::Range;

use flexconnect_core::{
    About, Capabilities, Config, Connector, Error, ErrorKind, Partition, ReadRequest, Result, Rows, Table,
};

/// A number and its name.
#[derive(Debug, Table)]
pub(crate) struct Number {
    id: i64,
    name: String,
}

#[derive(Debug, Config)]
pub(crate) struct NumbersConfig {
    /// How many numbers, counted from 0.
    #[config(default = 1_000_000, max = 1_000_000_000_000)]
    rows: u64,
}

#[derive(Debug)]
pub(crate) struct Numbers {
    rows: u64,
}

/// In how many parts the table can be read.
const PARTS: u64 = 4;

impl Connector for Numbers {
    const NAME: &'static str = "numbers";
    type Config = NumbersConfig;
    type Row = Number;

    fn about() -> About {
        About::new("Numbers").with_description("As many numbers as asked for")
    }

    fn capabilities() -> Capabilities {
        Capabilities::read().with_partitions().with_count()
    }

    async fn init(config: NumbersConfig, _shared: &()) -> Result<Self> {
        Ok(Numbers { rows: config.rows })
    }

    async fn list_partitions(&self, _request: &ReadRequest) -> Result<Vec<Partition>> {
        let part = |part: u64| {
            let rows = self.part(part);
            Partition::new(part.to_string()).with_rows(rows.end - rows.start)
        };
        Ok((0..PARTS).map(part).collect())
    }

    async fn count_rows(&self, request: &ReadRequest) -> Result<Option<u64>> {
        let rows = self.asked(request)?;
        Ok(Some(rows.end - rows.start))
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, Number> {
        match self.asked(&request) {
            Ok(rows) => Rows::iter(rows.map(|id| Number { id: id as i64, name: format!("number {id}") })),
            Err(error) => Rows::error(error),
        }
    }
}

impl Numbers {
    /// The numbers of one part; the parts differ by one at most.
    fn part(&self, part: u64) -> Range<u64> {
        self.rows * part / PARTS..self.rows * (part + 1) / PARTS
    }

    fn asked(&self, request: &ReadRequest) -> Result<Range<u64>, Error> {
        let Some(partition) = &request.partition else { return Ok(0..self.rows) };
        let part = partition.token.parse().ok().filter(|part| *part < PARTS);
        let part =
            part.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("the parts are 0 to {}", PARTS - 1)))?;
        Ok(self.part(part))
    }
}
