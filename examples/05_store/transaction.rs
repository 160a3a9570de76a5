//! One write: a transaction on a thread of its own, since SQLite blocks and its transaction stays with its
//! connection.

use std::marker::PhantomData;
use std::path::Path;
use std::thread;

use flexconnect_core::{Error, ErrorKind, FromBatch, Result, RowWriter, WriteSummary};
use rusqlite::{Statement, TransactionBehavior, ffi};
use tokio::sync::{mpsc, oneshot};

use super::open;

/// How one row changes the table: the statement with the row's values.
pub(super) type Apply<R> = fn(&mut Statement<'_>, &R) -> rusqlite::Result<usize>;

/// The end of the thread that async code holds. Dropped, the thread finds the line closed and rolls back.
pub(super) struct Transaction<R> {
    orders: mpsc::Sender<Order<R>>,
    row: PhantomData<fn(R)>,
}

/// What the thread is told to do, and where it says how that went.
enum Order<R> {
    Write(Vec<R>, oneshot::Sender<Result<()>>),
    Commit(oneshot::Sender<Result<WriteSummary>>),
    Rollback(oneshot::Sender<Result<()>>),
}

impl<R: Send + 'static> Transaction<R> {
    /// Begins a transaction that first does `before`, then `change` for each row.
    ///
    /// # Errors
    /// Unavailable when another write holds the table for longer than five seconds.
    pub(super) async fn begin(
        file: &Path,
        before: Option<&'static str>,
        change: &'static str,
        apply: Apply<R>,
    ) -> Result<Self> {
        let file = file.to_owned();
        let (orders, received) = mpsc::channel(1);
        let (begun, has_begun) = oneshot::channel();
        thread::Builder::new().name("store write".into()).spawn(move || {
            let mut begun = Some(begun);
            if let Err(error) = run(&file, before, change, apply, received, &mut begun) {
                match begun {
                    // Nobody waits any longer when the writer has gone, and nothing is lost then.
                    Some(begun) => drop(begun.send(Err(error))),
                    None => tracing::warn!(%error, "a write ended early and was rolled back"),
                }
            }
        })?;
        has_begun.await.map_err(|_| ended())??;
        Ok(Transaction { orders, row: PhantomData })
    }

    /// Gives the thread an order and waits until it is done.
    async fn order<T>(&self, order: impl FnOnce(oneshot::Sender<Result<T>>) -> Order<R>) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        self.orders.send(order(answer)).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }
}

impl<R: FromBatch + Send + 'static> RowWriter for Transaction<R> {
    type Row = R;

    async fn write_rows(&mut self, rows: Vec<R>) -> Result<()> {
        self.order(|answer| Order::Write(rows, answer)).await
    }

    async fn commit(self) -> Result<WriteSummary> {
        self.order(Order::Commit).await
    }

    async fn abort(self) -> Result<()> {
        self.order(Order::Rollback).await
    }
}

/// What the thread does. Every way out but a commit drops the transaction, and so rolls it back.
fn run<R>(
    file: &Path,
    before: Option<&str>,
    change: &str,
    apply: Apply<R>,
    mut orders: mpsc::Receiver<Order<R>>,
    begun: &mut Option<oneshot::Sender<Result<()>>>,
) -> Result<()> {
    let mut connection = open(file)?;
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(explain)?;
    if let Some(before) = before {
        transaction.execute(before, []).map_err(explain)?;
    }
    let mut statement = transaction.prepare(change)?;
    if let Some(begun) = begun.take()
        && begun.send(Ok(())).is_err()
    {
        return Ok(());
    }
    let mut rows: u64 = 0;
    while let Some(order) = orders.blocking_recv() {
        match order {
            Order::Write(batch, answer) => {
                let written = batch.iter().try_for_each(|row| match apply(&mut statement, row) {
                    Ok(_) => {
                        rows += 1;
                        Ok(())
                    }
                    Err(error) => Err(explain(error).with_row(rows)),
                });
                let failed = written.is_err();
                if answer.send(written.map_err(Into::into)).is_err() || failed {
                    return Ok(());
                }
            }
            Order::Commit(answer) => {
                drop(statement);
                let committed = transaction.commit().map_err(explain);
                drop(answer.send(committed.map(|()| WriteSummary::rows(rows)).map_err(Into::into)));
                return Ok(());
            }
            Order::Rollback(answer) => {
                drop(statement);
                drop(answer.send(transaction.rollback().map_err(|error| explain(error).into())));
                return Ok(());
            }
        }
    }
    Ok(())
}

/// SQLite's error in the words of this table.
fn explain(error: rusqlite::Error) -> Error {
    let (kind, message) = match error.sqlite_error() {
        Some(ffi::Error { extended_code: ffi::SQLITE_CONSTRAINT_PRIMARYKEY, .. }) => {
            (ErrorKind::Data, "there is a row with this `path` already; mode `upsert` replaces it".to_owned())
        }
        Some(ffi::Error { code: ffi::ErrorCode::DatabaseBusy, .. }) => {
            (ErrorKind::Unavailable, "another write is under way; try again when it has ended".to_owned())
        }
        Some(ffi::Error { code: ffi::ErrorCode::DiskFull, .. }) => {
            (ErrorKind::Exhausted, "the disk is full".to_owned())
        }
        _ => (ErrorKind::Internal, error.to_string()),
    };
    Error::new(kind, message).with_source(error)
}

fn ended() -> Error {
    Error::new(ErrorKind::Internal, "the write has ended already, and was rolled back")
}
