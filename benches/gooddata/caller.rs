//! GetFlightInfo, then DoGet where it says.

use std::pin::pin;

use arrow_flight::decode::FlightRecordBatchStream;
use arrow_flight::error::FlightError;
use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::{FlightDescriptor, Ticket};
use flexconnect_core::Result;
use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_flight::Client;
use futures::{Stream, TryStreamExt};
use tonic::transport::{Channel, Endpoint};

/// Batches are sent as they were made, however large.
const LARGEST: usize = 256 << 20;

/// One connection.
pub(crate) struct Caller(FlightServiceClient<Channel>);

/// What came of a call.
pub(crate) struct Came {
    pub(crate) rows: usize,
    /// Of Arrow's buffers.
    pub(crate) bytes: usize,
}

impl Caller {
    pub(crate) async fn connect(port: u16) -> Result<Self> {
        let endpoint = Endpoint::from_shared(format!("http://localhost:{port}"))?;
        let endpoint = endpoint.initial_stream_window_size(8 << 20).initial_connection_window_size(16 << 20);
        let client = FlightServiceClient::new(endpoint.tcp_nodelay(true).connect().await?);
        Ok(Caller(client.max_decoding_message_size(LARGEST)))
    }

    /// Invokes the function, which gives so many rows if that can be said of it, and reads them, each batch dropped as it comes.
    pub(crate) async fn call(&mut self, function: &str, rows: usize) -> Result<Came> {
        let ticket = self.ticket(function, rows).await?;
        let messages = self.0.do_get(ticket).await?.into_inner().map_err(FlightError::from);
        let batches = FlightRecordBatchStream::new_from_flight_data(messages);
        Came::of(batches.map_err(Into::into)).await
    }

    /// The same, with the rows read by another client.
    pub(crate) async fn call_by(&mut self, client: &Client, function: &str, rows: usize) -> Result<Came> {
        let ticket = self.ticket(function, rows).await?;
        Came::of(client.read_part(ticket.ticket).await?.map_err(Into::into)).await
    }

    async fn ticket(&mut self, function: &str, rows: usize) -> Result<Ticket> {
        let command = format!(r#"{{"functionName":"{function}","parameters":{{"rows":{rows}}}}}"#);
        let info = self.0.get_flight_info(FlightDescriptor::new_cmd(command)).await?.into_inner();
        let ticket = info.endpoint.into_iter().next().and_then(|endpoint| endpoint.ticket);
        ticket.ok_or_else(|| "the info has no ticket".into())
    }
}

impl Came {
    async fn of(batches: impl Stream<Item = Result<RecordBatch>>) -> Result<Self> {
        let mut batches = pin!(batches);
        let mut came = Came { rows: 0, bytes: 0 };
        while let Some(batch) = batches.try_next().await? {
            came.rows += batch.num_rows();
            for column in batch.columns() {
                came.bytes += column.to_data().get_slice_memory_size()?;
            }
        }
        Ok(came)
    }
}
