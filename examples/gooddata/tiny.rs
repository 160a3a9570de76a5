//! Three rows, and ways to give them: as they are, one by one, late, not at all.

use std::time::Duration;

use chrono::NaiveDate;
use flexconnect_core::{About, Config, Connector, Error, ErrorKind, ReadRequest, Result, Rows, Table};

/// A row of the small tables.
#[derive(Table)]
pub(crate) struct TinyRow {
    id: Option<i64>,
    name: Option<&'static str>,
    amount: Option<f64>,
    ok: Option<bool>,
    day: Option<NaiveDate>,
}

pub(crate) fn rows() -> [TinyRow; 3] {
    let row =
        |id, name, ok, day| TinyRow { id: Some(id), name, amount: Some(id as f64 + 0.5), ok: Some(ok), day };
    [
        row(1, Some("a"), true, NaiveDate::from_ymd_opt(2024, 1, 1)),
        row(2, Some("b"), false, NaiveDate::from_ymd_opt(2024, 1, 2)),
        row(3, None, true, None),
    ]
}

/// The rows, small enough to be kept and read again.
pub(crate) struct Tiny;

impl Connector for Tiny {
    const NAME: &'static str = "Tiny";
    type Config = ();
    type Row = TinyRow;

    fn about() -> About {
        About::default().with_metadata("owner", "conformance").with_metadata("n", 1)
    }

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(Tiny)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, TinyRow> {
        Rows::iter(rows())
    }
}

/// The rows with the columns asked for, which the server sees to.
pub(crate) struct Trim;

impl Connector for Trim {
    const NAME: &'static str = "Trim";
    type Config = ();
    type Row = TinyRow;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(Trim)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, TinyRow> {
        Rows::iter(rows())
    }
}

/// The rows in a batch each, to be read once.
pub(crate) struct TinyStream;

impl Connector for TinyStream {
    const NAME: &'static str = "TinyStream";
    type Config = ();
    type Row = TinyRow;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(TinyStream)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, TinyRow> {
        Rows::iter(rows()).single_use().with_batch_rows(1)
    }
}

/// How long a call takes.
#[derive(Config)]
pub(crate) struct SlowConfig {
    /// How many milliseconds pass before there are rows.
    #[config(default = 3_000, max = 3_600_000)]
    sleep_ms: u64,
}

/// The rows, some time later. A call that is cancelled ends the wait, because it ends the future.
pub(crate) struct Slow(Duration);

impl Connector for Slow {
    const NAME: &'static str = "Slow";
    type Config = SlowConfig;
    type Row = TinyRow;

    async fn init(config: SlowConfig, _: &()) -> Result<Self> {
        Ok(Slow(Duration::from_millis(config.sleep_ms)))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, TinyRow> {
        Rows::defer(async {
            tokio::time::sleep(self.0).await;
            Ok(Rows::iter(rows()))
        })
    }
}

/// How a call fails.
#[derive(Config)]
pub(crate) struct FailConfig {
    /// What goes wrong.
    how: How,
}

#[derive(Config, Clone, Copy)]
enum How {
    Value,
    Runtime,
    Unauth,
    Internal,
    Long,
}

/// No rows but an error, as the caller wants it.
pub(crate) struct Fail(How);

impl Connector for Fail {
    const NAME: &'static str = "Fail";
    type Config = FailConfig;
    type Row = TinyRow;

    async fn init(config: FailConfig, _: &()) -> Result<Self> {
        Ok(Fail(config.how))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, TinyRow> {
        match self.0 {
            How::Value => Rows::error(Error::new(ErrorKind::InvalidRequest, "bad value")),
            How::Runtime => Rows::error("something broke"),
            How::Unauth => Rows::error(Error::new(ErrorKind::Unauthenticated, "who are you?")),
            How::Internal => panic!("asked to panic"),
            How::Long => Rows::error(Error::new(ErrorKind::InvalidRequest, "x".repeat(5_000))),
        }
    }
}

/// The rows once, and then an error.
pub(crate) struct FailMidStream;

impl Connector for FailMidStream {
    const NAME: &'static str = "FailMidStream";
    type Config = ();
    type Row = TinyRow;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(FailMidStream)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, TinyRow> {
        let end = std::iter::once_with(|| Err("the source broke after its first batch"));
        Rows::try_iter(rows().into_iter().map(Ok).chain(end)).single_use()
    }
}
