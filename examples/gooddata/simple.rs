//! Functions that differ in name and in how long they take.

use std::marker::PhantomData;
use std::time::Duration;

use flexconnect_core::{Connector, ReadRequest, Result, Rows, Table};

/// A row of three columns.
#[derive(Table)]
pub(crate) struct SimpleRow {
    col1: Option<i64>,
    col2: Option<&'static str>,
    col3: Option<bool>,
}

/// What one of these functions is called, and how long it takes.
pub(crate) trait Pace: Send + Sync + 'static {
    const NAME: &'static str;
    const TAKES: Duration = Duration::ZERO;
}

/// The function of this pace.
pub(crate) struct Simple<P>(PhantomData<P>);

impl<P: Pace> Connector for Simple<P> {
    const NAME: &'static str = P::NAME;
    type Config = ();
    type Row = SimpleRow;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(Simple(PhantomData))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, SimpleRow> {
        Rows::defer(async {
            tokio::time::sleep(P::TAKES).await;
            let rows = [(1, "a", true), (2, "b", false), (3, "c", true)];
            Ok(Rows::iter(rows.map(|(col1, col2, col3)| SimpleRow {
                col1: Some(col1),
                col2: Some(col2),
                col3: Some(col3),
            })))
        })
    }
}

pub(crate) struct Fun1;

impl Pace for Fun1 {
    const NAME: &'static str = "SimpleFun1";
}

pub(crate) struct Fun2;

impl Pace for Fun2 {
    const NAME: &'static str = "SimpleFun2";
}

pub(crate) struct LongRunning;

impl Pace for LongRunning {
    const NAME: &'static str = "LongRunningFun";
    const TAKES: Duration = Duration::from_secs(2);
}

pub(crate) struct Pollable;

impl Pace for Pollable {
    const NAME: &'static str = "PollableFun";
    const TAKES: Duration = Duration::from_millis(700);
}
