//! One write: a transaction on a thread of its own, since SQLite blocks and its transaction stays with its
//! connection.

use std::marker::PhantomData;
use std::thread;

use flexconnect_core::{Error, ErrorKind, FromBatch, Result, RowWriter, WriteSummary};
use rusqlite::{Connection, Statement, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::fault::explain;

/// What a write does: statements at its beginning, and one for each row.
pub(crate) struct Change<R> {
    /// What is run before the first row.
    pub(crate) before: Vec<String>,
    /// The statement of a row.
    pub(crate) each: String,
    /// Runs that statement with a row's values.
    pub(crate) apply: Apply<R>,
}

/// Runs a statement with the values of one row.
pub(crate) type Apply<R> = Box<dyn FnMut(&mut Statement<'_>, &R) -> Result<(), Error> + Send>;

/// The end of the thread that async code holds. Dropped, the thread finds the line closed and rolls back.
pub(crate) struct Transaction<R> {
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
    /// Begins a transaction on the connection that `open` gives, and runs what comes before the rows.
    ///
    /// # Errors
    /// Unavailable when another write holds the file for longer than the connection waits; what those first
    /// statements raise.
    pub(crate) async fn begin(
        open: impl FnOnce() -> Result<Connection, Error> + Send + 'static,
        change: Change<R>,
    ) -> Result<Self> {
        let (orders, received) = mpsc::channel(1);
        let (begun, has_begun) = oneshot::channel();
        thread::Builder::new().name("sqlite write".into()).spawn(move || {
            let mut begun = Some(begun);
            if let Err(error) = open().and_then(|connection| run(connection, change, received, &mut begun)) {
                match begun {
                    // Nobody waits any longer when the writer has gone, and nothing is lost then.
                    Some(begun) => drop(begun.send(Err(error.into()))),
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
        let (answer, answered) = oneshot::channel();
        // Nobody answers for a write that has failed: it was rolled back then.
        drop(self.orders.send(Order::Rollback(answer)).await);
        answered.await.unwrap_or(Ok(()))
    }
}

/// What the thread does. Every way out but a commit drops the transaction, and so rolls it back.
fn run<R>(
    mut connection: Connection,
    mut change: Change<R>,
    mut orders: mpsc::Receiver<Order<R>>,
    begun: &mut Option<oneshot::Sender<Result<()>>>,
) -> Result<(), Error> {
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(explain)?;
    for before in &change.before {
        transaction.execute_batch(before).map_err(explain)?;
    }
    let mut statement = transaction.prepare(&change.each).map_err(explain)?;
    if let Some(begun) = begun.take()
        && begun.send(Ok(())).is_err()
    {
        return Ok(());
    }
    let mut rows: u64 = 0;
    while let Some(order) = orders.blocking_recv() {
        match order {
            Order::Write(batch, answer) => {
                let written = batch.iter().try_for_each(|row| {
                    (change.apply)(&mut statement, row).map_err(|error| error.with_row(rows))?;
                    rows += 1;
                    Ok::<_, Error>(())
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

fn ended() -> Error {
    Error::new(ErrorKind::Internal, "the write has ended already, and was rolled back")
}
