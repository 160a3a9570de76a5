//! A write over a connection, batch by batch.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use flexconnect_core::{Error, ErrorKind, Result, WriteSummary, Writer};
use futures::channel::mpsc;
use futures::{SinkExt, StreamExt};
use tokio::task::JoinHandle;

use crate::client::{Client, Failure};
use crate::command::Command;

/// An upload under way. Dropped, it is reset, as if its client had vanished.
pub(super) struct Writing {
    batches: mpsc::Sender<Result<RecordBatch, Error>>,
    /// `None` once it has been waited for.
    call: Option<JoinHandle<Result<WriteSummary, Error>>>,
}

impl Writing {
    pub(super) fn begin(client: Client, command: Command, schema: SchemaRef) -> Self {
        let (batches, taken) = mpsc::channel(0);
        let call = async move { client.put(&command, schema, taken.boxed(), Failure::default()).await };
        Writing { batches, call: Some(tokio::spawn(call)) }
    }

    /// What the server says, now that it has been sent all there is.
    async fn answer(&mut self) -> Result<WriteSummary, Error> {
        match self.call.take() {
            Some(call) => call.await.map_err(|error| {
                Error::new(ErrorKind::Internal, "the upload ended by itself").with_source(error)
            })?,
            None => Err(Error::new(ErrorKind::Precondition, "the write has ended already")),
        }
    }
}

impl Writer for Writing {
    async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        if self.batches.send(Ok(batch)).await.is_err() {
            // Nobody takes it: the server has answered before the end, which is a refusal.
            self.answer().await?;
        }
        Ok(())
    }

    async fn commit(mut self) -> Result<WriteSummary> {
        self.batches.close_channel();
        Ok(self.answer().await?)
    }

    /// The stream ends in order and without its commit, which the server answers as such.
    async fn abort(mut self) -> Result<()> {
        let given_up = Error::new(ErrorKind::Cancelled, "the write is given up");
        let _ = self.batches.send(Err(given_up)).await;
        self.batches.close_channel();
        match self.answer().await {
            Err(error) if error.kind() == ErrorKind::Precondition => Ok(()),
            Err(error) => Err(error.into()),
            Ok(_) => {
                let message = "the server kept a write that had explicit commit and ended without it";
                Err(Error::new(ErrorKind::Internal, message).into())
            }
        }
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if let Some(call) = &self.call {
            call.abort();
        }
    }
}
