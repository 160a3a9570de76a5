//! `Client`: the same commands from the other side.

mod call;
mod connect;
mod control;
mod line;
mod login;
mod options;
mod origin;
mod part;
mod upload;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use arrow_array::RecordBatch;
use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::{Action, Criteria, FlightInfo, PutResult, Result as ActionResult, Ticket};
use arrow_schema::SchemaRef;
use bytes::Bytes;
use flexconnect_core::{BoxError, Error, ErrorKind, WriteSummary};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use serde_json::Value;
use tonic::Streaming;
use tonic::transport::Channel;

use self::call::call;
use self::connect::{Address, of_status};
use self::line::Line;
use self::origin::Origin;
use self::part::Part;
pub(crate) use self::upload::Failure;
use self::upload::Upload;
use crate::command::Command;
use crate::wire::decode::schema_from_bytes;
use crate::wire::encode::{Encoding, Messages};
use crate::wire::framing::{self, DO_GET, DO_PUT};
use crate::wire::unary::Protobuf;

pub use self::options::ClientOptions;

/// A client of a Flight server: cheap to clone, one connection for all clones.
///
/// ```no_run
/// use flexconnect_flight::{Client, Command};
/// use futures::TryStreamExt;
///
/// # async fn example() -> flexconnect_core::Result<()> {
/// let client = Client::connect("http://127.0.0.1:8815").await?;
/// let mut rows = client.read(&Command::connector("files").with_limit(10)).await?;
/// while let Some(batch) = rows.try_next().await? {
///     println!("{} rows", batch.num_rows());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Client {
    flight: FlightServiceClient<Line>,
    line: Line,
}

/// A table of a listing.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Listed {
    /// Where it is, one component per level.
    pub path: Vec<String>,
    /// Its columns; no field at all when they are known only once it is configured or read.
    pub schema: SchemaRef,
}

/// A part of a read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoint {
    /// What stands for it at a server.
    pub ticket: Bytes,
    /// Where it is, any of these addresses; over the connection there is if there is none.
    pub locations: Vec<String>,
}

/// The plan of a read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Info {
    /// The columns of the result.
    pub schema: SchemaRef,
    /// Its parts; [`Client::read_endpoint`] takes one.
    pub endpoints: Vec<Endpoint>,
    /// Exactly how many rows there are, when that is known.
    pub rows: Option<u64>,
    /// Exactly how many bytes of Arrow buffers there are, when that is known.
    pub bytes: Option<u64>,
    /// Whether the order of the parts means something.
    pub ordered: bool,
}

impl Client {
    /// Connects to `grpc://host:port`, or `http://`; over TLS to `grpc+tls://` or `https://`, with the feature `tls`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when the address is none; [`ErrorKind::Unavailable`] when nobody answers there, or
    /// one that is not trusted.
    pub async fn connect(uri: impl Into<String>) -> Result<Self, Error> {
        Client::connect_with(uri, ClientOptions::new()).await
    }

    /// Connects as these options say.
    ///
    /// # Errors
    /// As [`connect`](Self::connect); [`ErrorKind::Config`] for certificates that cannot be used.
    pub async fn connect_with(uri: impl Into<String>, options: ClientOptions) -> Result<Self, Error> {
        let address = Address::parse(&uri.into())?;
        let channel = address.connect(&options).await?;
        let headers = options.headers.clone();
        Ok(Client::over(Line::new(channel, headers, Some(Origin::new(address, options)))))
    }

    fn over(line: Line) -> Self {
        Client { flight: FlightServiceClient::new(line.clone()), line }
    }

    /// The tables there are.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn list(&self) -> Result<Vec<Listed>, Error> {
        let listed = self.flight.clone().list_flights(Criteria::default()).await.map_err(of_status)?;
        let listed = listed.into_inner().map_err(of_status).and_then(|info| async move {
            let schema = Arc::new(schema_from_bytes(&info.schema)?);
            Ok(Listed { path: info.flight_descriptor.unwrap_or_default().path, schema })
        });
        listed.try_collect().await
    }

    /// The plan of a read.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn info(&self, command: &Command) -> Result<Info, Error> {
        let info = self.flight.clone().get_flight_info(command.to_descriptor()).await.map_err(of_status)?;
        Info::try_from(info.into_inner())
    }

    /// The columns of a read.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn schema(&self, command: &Command) -> Result<SchemaRef, Error> {
        let schema = self.flight.clone().get_schema(command.to_descriptor()).await.map_err(of_status)?;
        Ok(Arc::new(schema_from_bytes(&schema.into_inner().schema)?))
    }

    /// Reads all parts, one after the other, each [where it is](Self::read_endpoint).
    ///
    /// # Errors
    /// What the server answers, here while the read is planned, later from the stream.
    pub async fn read(&self, command: &Command) -> Result<Reading, Error> {
        let Info { schema, endpoints, .. } = self.info(command).await?;
        let client = self.clone();
        let parts = stream::iter(endpoints).then(move |endpoint| {
            let client = client.clone();
            async move { client.read_endpoint(&endpoint).await }
        });
        Ok(Reading { schema, batches: parts.try_flatten().boxed() })
    }

    /// Reads a part where it is.
    ///
    /// - It is read over the connection there is when it names no location, when one of them is
    ///   `arrow-flight-reuse-connection://?`, and when one of them is the address this client was connected to.
    /// - Else a connection is made to the first of its locations that answers, with this client's options, TLS and
    ///   headers, credentials among them; it is kept for later parts. Only `grpc://`, `grpc+tcp://` and `grpc+tls://` are
    ///   gone to.
    /// - A client that was connected over TLS goes to no place without it: neither the ticket nor the credentials nor the
    ///   rows then travel in the open. Any place's certificate must be one the client trusts.
    /// - A client made from a channel of one's own, or with
    ///   [`ClientOptions::without_locations`], has only the one connection.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] when nobody answers at its locations, [`ErrorKind::Precondition`] when the client may go
    /// to none of them; what the server answers, here before the first row, later from the stream.
    pub async fn read_endpoint(&self, endpoint: &Endpoint) -> Result<Reading, Error> {
        let there = self.at(&endpoint.locations).await?;
        let reading = there.read_part(endpoint.ticket.clone()).await;
        if reading.as_ref().is_err_and(|error| error.kind() == ErrorKind::Unavailable) {
            // Another of its locations may answer the next time.
            self.line.forget(&endpoint.locations);
        }
        reading
    }

    /// The same client at one of these locations.
    async fn at(&self, locations: &[String]) -> Result<Client, Error> {
        if locations.is_empty() {
            return Ok(self.clone());
        }
        Ok(Client::over(self.line.to(locations).await?))
    }

    /// Reads the part a ticket stands for, over the connection there is.
    ///
    /// # Errors
    /// What the server answers, here before the first row, later from the stream.
    pub async fn read_part(&self, ticket: impl Into<Bytes>) -> Result<Reading, Error> {
        let ticket = framing::request(&Ticket { ticket: ticket.into() });
        let mut part = Part::new(call(&self.line, DO_GET, stream::iter([ticket])).await?);
        let schema = part.start().await?;
        Ok(Reading { schema, batches: part.boxed() })
    }

    /// Writes these batches as one: all of them are kept, or none. The mode is the command's.
    ///
    /// # Errors
    /// What the server answers; nothing is kept then.
    pub async fn write(
        &self,
        command: &Command,
        schema: SchemaRef,
        batches: impl IntoIterator<Item = RecordBatch, IntoIter: Send + 'static>,
    ) -> Result<WriteSummary, Error> {
        self.write_stream(command, schema, stream::iter(batches.into_iter().map(Ok::<_, Error>))).await
    }

    /// Writes what this stream gives, a [`Reading`] for instance. When it fails nothing is kept.
    ///
    /// # Errors
    /// The stream's own error, or what the server answers; nothing is kept then.
    pub async fn write_stream<E: Into<BoxError> + 'static>(
        &self,
        command: &Command,
        schema: SchemaRef,
        batches: impl Stream<Item = Result<RecordBatch, E>> + Send + 'static,
    ) -> Result<WriteSummary, Error> {
        let failure = Failure::default();
        let batches = batches.map_err(|error| Error::from_boxed(error.into())).boxed();
        let answer = self.put(command, schema, batches, failure.clone()).await;
        // The reason why the upload ended is nearer to the fault than what the server makes of it.
        if let Some(error) = failure.take() {
            return Err(error);
        }
        answer
    }

    /// One DoPut, and what the server says to it. It ends without commit when the batches end with an error, which
    /// is then kept in `failure`.
    pub(crate) async fn put(
        &self,
        command: &Command,
        schema: SchemaRef,
        batches: BoxStream<'static, Result<RecordBatch, Error>>,
        failure: Failure,
    ) -> Result<WriteSummary, Error> {
        let command = command.clone().with_explicit_commit();
        let messages = Messages::new(&schema, batches, Encoding::default())?;
        let upload = Upload::new(messages, command.to_descriptor(), failure);
        let body = call(&self.line, DO_PUT, upload).await?;
        let mut results: Streaming<PutResult> =
            Streaming::new_response(Protobuf::default(), body, http::StatusCode::OK, None, None);
        let mut last = None;
        while let Some(result) = results.message().await.map_err(of_status)? {
            last = Some(result);
        }
        let result = last.map(|result| result.app_metadata).unwrap_or_default();
        let result: Value = serde_json::from_slice(&result).unwrap_or_default();
        let mut summary = WriteSummary::rows(result["rows"].as_u64().unwrap_or_default());
        summary.bytes = result["bytes"].as_u64().unwrap_or_default();
        summary.rejected = result["rejected"].as_u64().unwrap_or_default();
        Ok(summary)
    }

    /// Everything there is to know about a table: title, capabilities, parameters, columns.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn describe(&self, command: &Command) -> Result<Value, Error> {
        Ok(self.act("flexconnect.describe", command).await?.into_iter().next().unwrap_or_default())
    }

    /// Proves that a table's source can be used.
    ///
    /// # Errors
    /// What the server answers: why it cannot.
    pub async fn check(&self, command: &Command) -> Result<(), Error> {
        self.act("flexconnect.check", command).await.map(drop)
    }

    /// A table's partitions, each a JSON object with `id` and what is known of it.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn partitions(&self, command: &Command) -> Result<Vec<Value>, Error> {
        let answers = self.act("flexconnect.partitions", command).await?;
        let lists = answers.into_iter().filter_map(|mut answer| match answer["partitions"].take() {
            Value::Array(partitions) => Some(partitions),
            _ => None,
        });
        Ok(lists.flatten().collect())
    }

    /// What a form offers for a parameter with dynamic choices, from the values of the command: each a JSON object
    /// with `value` and `label`, and `help` if there is any.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn choices(
        &self,
        command: &Command,
        parameter: impl Into<String>,
    ) -> Result<Vec<Value>, Error> {
        let command = command.clone().with_parameter(parameter);
        let answer = self.act("flexconnect.choices", &command).await?.into_iter().next();
        match answer.unwrap_or_default()["choices"].take() {
            Value::Array(choices) => Ok(choices),
            _ => Ok(Vec::new()),
        }
    }

    /// The generated client, for whoever looks at the very messages.
    #[cfg(feature = "conformance")]
    pub(crate) fn flight(&self) -> FlightServiceClient<Line> {
        self.flight.clone()
    }

    async fn act(&self, action: &str, command: &Command) -> Result<Vec<Value>, Error> {
        let results = self.action(action, command.to_json().to_string().into()).await?;
        let results = results.map_err(of_status).and_then(|result| async move {
            serde_json::from_slice(&result.body).map_err(|error| {
                Error::new(ErrorKind::Internal, "the server's answer is not JSON").with_source(error)
            })
        });
        results.try_collect().await
    }

    async fn action(&self, name: &str, body: Bytes) -> Result<Streaming<ActionResult>, Error> {
        let action = Action { r#type: name.into(), body };
        Ok(self.flight.clone().do_action(action).await.map_err(of_status)?.into_inner())
    }
}

impl From<Channel> for Client {
    /// A client over a channel of one's own: TLS, interceptors, timeouts.
    fn from(channel: Channel) -> Self {
        Client::over(Line::new(channel, http::HeaderMap::new(), None))
    }
}

impl TryFrom<FlightInfo> for Info {
    type Error = Error;

    fn try_from(info: FlightInfo) -> Result<Self, Error> {
        let endpoints = info.endpoint.into_iter().map(|endpoint| Endpoint {
            ticket: endpoint.ticket.unwrap_or_default().ticket,
            locations: endpoint.location.into_iter().map(|location| location.uri).collect(),
        });
        Ok(Info {
            schema: Arc::new(schema_from_bytes(&info.schema)?),
            endpoints: endpoints.collect(),
            rows: u64::try_from(info.total_records).ok(),
            bytes: u64::try_from(info.total_bytes).ok(),
            ordered: info.ordered,
        })
    }
}

/// The batches of a read, a plain stream. Dropping it ends the read at the server too.
#[must_use = "batches are read by polling them"]
pub struct Reading {
    schema: SchemaRef,
    batches: BoxStream<'static, Result<RecordBatch, Error>>,
}

impl Reading {
    /// The schema of every batch.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

impl Stream for Reading {
    type Item = Result<RecordBatch, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.batches.poll_next_unpin(cx)
    }
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").field("schema", &self.schema).finish_non_exhaustive()
    }
}
