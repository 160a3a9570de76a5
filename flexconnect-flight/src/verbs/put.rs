//! DoPut: rows a client brings, kept as a whole or not at all.

use std::time::Duration;

use arrow_flight::{FlightData, PutResult};
use flexconnect_core::{
    BoxWriter, Delivery, Error, ErrorKind, Partition, ReadRequest, WriteRequest, WriteSummary,
};
use futures::{Stream, StreamExt};
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::call::Call;
use crate::command::{Command, Purpose};
use crate::guard::Limits;
use crate::insight::traffic::Traffic;
use crate::verbs::plan::open;
use crate::verbs::tables::{Tables, Want};
use crate::wire::decode::Decoder;

/// How uploads are taken.
#[derive(Debug, Clone)]
pub(crate) struct Taking {
    /// One that is silent for this long is given up.
    pub(crate) idle: Duration,
    pub(crate) messages: Limits,
}

/// Why a write was not kept.
#[derive(Debug)]
pub(crate) enum Refusal {
    Error(Error),
    /// The transport's own status.
    Transport(Status),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal::Error(error)
    }
}

/// Takes one upload to its end. Dropping the future drops the writer, which then leaves nothing.
pub(crate) async fn put(
    tables: &Tables,
    call: &Call,
    Taking { idle, messages }: &Taking,
    input: impl Stream<Item = Result<FlightData, Status>> + Send + Unpin,
) -> Result<PutResult, Refusal> {
    let decoder = Decoder::within(messages.clone());
    let traffic = call.traffic.clone();
    let mut upload = Upload { input, idle: *idle, decoder, committed: false, traffic };
    let Some(first) = upload.next().await? else {
        return Err(Error::new(ErrorKind::InvalidRequest, "the stream ended before its first message").into());
    };
    let descriptor = first.flight_descriptor.as_ref().ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidRequest,
            "the first message has no descriptor; it says which table is written",
        )
    })?;
    let command = Command::from_descriptor(descriptor, Purpose::Write)?;
    upload.take(first)?;
    while upload.decoder.schema().is_none() {
        let Some(message) = upload.next().await? else {
            return Err(Error::new(ErrorKind::InvalidRequest, "the stream ended before its schema").into());
        };
        upload.take(message)?;
    }
    let (mut writer, delivery) = writer(tables, call, &command, &upload.decoder).await?;
    let write = call.traffic.write();
    match upload.write(&command, &mut writer, delivery).await {
        Ok(()) => {
            let summary = writer.commit().await?;
            write.committed();
            Ok(result(summary, delivery))
        }
        Err(refusal) => {
            if let Err(error) = writer.abort().await {
                tracing::warn!(error = error.for_log(), "a write could not be aborted in order");
            }
            Err(refusal)
        }
    }
}

async fn writer(
    tables: &Tables,
    call: &Call,
    command: &Command,
    decoder: &Decoder,
) -> Result<(BoxWriter, Delivery), Error> {
    let dataset = open(tables, call, command, Want::Write).await?;
    let schema = decoder.schema().cloned().unwrap_or_else(|| arrow_schema::Schema::empty().into());
    let mut request = call.write(WriteRequest::new(schema).with_parameters(command.parameters()));
    request.mode = command.mode.unwrap_or_default();
    request.idempotency_token = command.idempotency_token.clone();
    if let Some(id) = &command.partition {
        request.partition = Some(partition(&*dataset, id).await?);
    }
    let delivery = dataset.capabilities().delivery;
    Ok((dataset.writer(request).await?, delivery))
}

/// The partition of this id; one that is not there yet is the writer's to make, or to refuse.
async fn partition(dataset: &dyn flexconnect_core::Dataset, id: &str) -> Result<Partition, Error> {
    if !dataset.capabilities().partitions {
        let message = "this table has no partitions; leave `partition` out";
        return Err(Error::new(ErrorKind::InvalidRequest, message).with_connector(dataset.path().join("/")));
    }
    let listed = dataset.partitions(&ReadRequest::new()).await?;
    Ok(listed.into_iter().find(|partition| partition.id() == id).unwrap_or_else(|| Partition::new(id)))
}

/// A stream of messages that is being taken.
struct Upload<I> {
    input: I,
    idle: Duration,
    decoder: Decoder,
    /// Whether the newest message said that all is to be kept.
    committed: bool,
    traffic: Traffic,
}

impl<I: Stream<Item = Result<FlightData, Status>> + Send + Unpin> Upload<I> {
    async fn next(&mut self) -> Result<Option<FlightData>, Refusal> {
        match tokio::time::timeout(self.idle, self.input.next()).await {
            Ok(None) => Ok(None),
            Ok(Some(Ok(message))) => Ok(Some(message)),
            // What tonic says of a message that is too large or broken is what clients know.
            Ok(Some(Err(status))) if matches!(status.code(), Code::OutOfRange | Code::ResourceExhausted) => {
                Err(Refusal::Transport(status))
            }
            Ok(Some(Err(status))) => {
                let message = "the upload broke off, nothing was kept";
                Err(Error::new(ErrorKind::Cancelled, message).with_source(status.message()).into())
            }
            Err(_) => {
                let message = format!("no message came for {} s, nothing was kept", self.idle.as_secs_f32());
                Err(Error::new(ErrorKind::Timeout, message).into())
            }
        }
    }

    /// Takes a message in; gives its rows.
    fn take(&mut self, message: FlightData) -> Result<Option<arrow_array::RecordBatch>, Error> {
        self.traffic.message(message.data_header.len() + message.data_body.len());
        let decoded = self.decoder.decode(message.into())?;
        self.committed = says_commit(&decoded.app_metadata);
        Ok(decoded.batch)
    }

    /// Writes all rows, and returns when they may be committed.
    async fn write(
        &mut self,
        command: &Command,
        writer: &mut BoxWriter,
        delivery: Delivery,
    ) -> Result<(), Refusal> {
        let mut rows = 0;
        while let Some(message) = self.next().await? {
            if let Some(batch) = self.take(message)? {
                rows += batch.num_rows() as u64;
                self.traffic.batch(batch.num_rows());
                writer.write(batch).await?;
            }
        }
        // A stream that was reset ends like one that was closed. Only the transport knows, and it drops this
        // future when it gets its turn.
        tokio::task::yield_now().await;
        let kept = match delivery {
            Delivery::AtLeastOnce => "rows written before may stay, this table keeps them as they come",
            _ => "nothing was kept",
        };
        if command.explicit_commit && !self.committed {
            let message = format!(
                "the upload ended without commit, {kept}; its last message must carry {{\"commit\":true}}"
            );
            return Err(Error::new(ErrorKind::Precondition, message)
                .with_connector(command.path.join("/"))
                .into());
        }
        match command.rows {
            Some(announced) if announced != rows => {
                let message = format!("{announced} rows were announced and {rows} came, {kept}");
                Err(Error::new(ErrorKind::InvalidRequest, message)
                    .with_connector(command.path.join("/"))
                    .into())
            }
            _ => Ok(()),
        }
    }
}

/// Whether this is the mark of a complete upload.
fn says_commit(app_metadata: &[u8]) -> bool {
    // Every message of every upload passes here, and nearly none has metadata.
    !app_metadata.is_empty()
        && serde_json::from_slice::<Value>(app_metadata)
            .is_ok_and(|value| value.get("commit") == Some(&Value::Bool(true)))
}

fn result(summary: WriteSummary, delivery: Delivery) -> PutResult {
    let mut metadata = json!({"rows": summary.rows, "bytes": summary.bytes});
    if summary.rejected > 0 {
        metadata["rejected"] = summary.rejected.into();
    }
    if delivery == Delivery::AtLeastOnce {
        metadata["delivery"] = json!(delivery);
    }
    PutResult { app_metadata: metadata.to_string().into() }
}
