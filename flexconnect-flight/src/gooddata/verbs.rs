//! Each verb of a GoodData server, but for DoGet, which is answered before.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use arrow_flight::flight_service_server::FlightService as Verbs;
use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightEndpoint, FlightInfo,
    HandshakeRequest, HandshakeResponse, Location, PollInfo, PutResult, Result as ActionResult, SchemaResult,
    Ticket,
};
use flexconnect_core::{Error, Plugin, ReadRequest};
use futures::{StreamExt, stream};
use tonic::{Request, Response, Status, Streaming, async_trait};

use super::availability::Availability;
use super::command::{Asked, Invocation, poll_body};
use super::dialect::status;
use super::fault::Fault;
use super::function::Functions;
use super::held::Held;
use super::task::{Task, Why};
use super::tasks::Tasks;
use crate::call::Call;
use crate::call::answer::{Answering, Answers};
use crate::call::slots::Slots;
use crate::keys::Keys;
use crate::limits::ServiceLimits;
use crate::status::Verb;
use crate::verbs::gate::Gate;

/// A caller that sends this header, whatever its value, is one that polls.
const POLLABLE: &str = "x-quiver-pollable";
/// Where a client finds the result when nobody said how this server is reached: where it asked.
const SAME_CONNECTION: &str = "arrow-flight-reuse-connection://?";

/// What all calls of a server work with.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) plugin: Plugin,
    /// Set before the gate opens.
    pub(crate) functions: OnceLock<Functions>,
    pub(crate) gate: Gate,
    /// What logins are sealed with.
    pub(crate) keys: Keys,
    pub(crate) available: Availability,
    pub(crate) metrics_prefix: String,
    /// The parts of the program that have said that they do not work.
    pub(crate) unwell: Mutex<BTreeSet<String>>,
    pub(crate) tasks: Arc<Tasks>,
    pub(crate) location: OnceLock<String>,
    pub(crate) answering: Answering,
    pub(crate) reads: Arc<Slots>,
    pub(crate) limits: ServiceLimits,
}

impl Inner {
    fn functions(&self) -> Result<&Functions, Fault> {
        self.functions.get().ok_or_else(Fault::not_ready)
    }

    /// GetFlightInfo. A caller that polls may have to ask again, which is no error worth a line in the log.
    async fn ask(
        &self,
        call: &Call,
        descriptor: FlightDescriptor,
        polls: bool,
    ) -> Result<Result<FlightInfo, Status>, Error> {
        self.available.pass_again()?;
        match Asked::of(&descriptor, polls)? {
            Asked::Invoke(invocation) => {
                self.available.pass()?;
                let task = self.submit(call, invocation)?;
                let mut watched = Watched { tasks: &self.tasks, task: Some(&task) };
                let answer = self.round(&task, polls).await;
                watched.task = None;
                answer
            }
            Asked::Retry(name) => {
                let task = self.tasks.get(&name).ok_or_else(|| Fault::no_task(name))?;
                self.round(&task, polls).await
            }
            Asked::Cancel(name) => {
                self.tasks.cancel(&name);
                Err(Fault::cancelled().into())
            }
        }
    }

    fn submit(&self, call: &Call, invocation: Invocation) -> Result<Arc<Task>, Error> {
        let function = self.functions()?.find(&invocation.function)?;
        let (name, command) = (function.name().to_owned(), invocation.command.clone());
        self.tasks.submit(&name, command, call.peer, |task| {
            // Before the task's thread has anything to say: two that write to the log at once wait for each other.
            tracing::info!(task_id = %task.id, fun = task.function, "flexconnect_task_created");
            // The task outlives this call, and the time its caller would wait.
            let request = call.read_with_credentials(ReadRequest::new()).with_deadline(task.deadline);
            Box::pin(async move { function.begin(invocation, request).await })
        })
    }

    /// Waits for a task: to its end, or one round of polling.
    async fn round(&self, task: &Task, polls: bool) -> Result<Result<FlightInfo, Status>, Error> {
        let left = task.deadline.saturating_duration_since(Instant::now());
        let longest = if polls { left.min(self.tasks.options().polling_interval) } else { left };
        match task.outcome(longest).await {
            Some(held) => Ok(Ok(self.info(task, &*held?)?)),
            None if Instant::now() >= task.deadline => Err(task.late().into()),
            None => {
                let fault = Fault::poll(poll_body(task.id));
                Ok(Err(status(fault.status, &fault.info)))
            }
        }
    }

    fn info(&self, task: &Task, held: &Held) -> Result<FlightInfo, Error> {
        let uri = self.location.get().map_or(SAME_CONNECTION, String::as_str).to_owned();
        let endpoint = FlightEndpoint {
            ticket: Some(Ticket { ticket: task.id.ticket() }),
            location: vec![Location { uri }],
            ..FlightEndpoint::default()
        };
        Ok(FlightInfo {
            schema: held.columns().bytes.clone(),
            flight_descriptor: Some(FlightDescriptor::new_cmd(task.command.clone())),
            endpoint: vec![endpoint],
            total_records: -1,
            total_bytes: -1,
            ..FlightInfo::default()
        })
    }

    async fn refuse<T>(&self, verb: Verb, mut call: Call) -> Result<T, Status> {
        let refused = async {
            self.available.pass()?;
            Err(Fault::not_implemented(&format!("{verb:?}")).into())
        };
        self.answer(verb, &mut call, refused).await
    }

    async fn answer<T>(
        &self,
        verb: Verb,
        call: &mut Call,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Status> {
        self.answering.begin(verb, call)?.whole(&call.until(), work).await
    }
}

/// A task nobody knows of but the call that began it: it ends with that call.
struct Watched<'a> {
    tasks: &'a Tasks,
    task: Option<&'a Task>,
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        if let Some(task) = self.task {
            self.tasks.end(task, Why::Asked);
        }
    }
}

#[async_trait]
impl Verbs for Inner {
    type HandshakeStream = Answers<HandshakeResponse>;
    type ListFlightsStream = Answers<FlightInfo>;
    type DoGetStream = Answers<FlightData>;
    type DoPutStream = Answers<PutResult>;
    type DoExchangeStream = Answers<FlightData>;
    type DoActionStream = Answers<ActionResult>;
    type ListActionsStream = Answers<ActionType>;

    async fn list_flights(
        &self,
        request: Request<Criteria>,
    ) -> Result<Response<Self::ListFlightsStream>, Status> {
        let mut call = Call::of(&request);
        let listing = async {
            self.available.pass()?;
            tracing::info!("list_flights");
            Ok(self.functions()?.listing())
        };
        let listing = self.answer(Verb::ListFlights, &mut call, listing).await?;
        Ok(Response::new(stream::iter(listing.into_iter().map(Ok)).boxed()))
    }

    async fn get_flight_info(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let mut call = Call::of(&request);
        let polls = request.metadata().contains_key(POLLABLE);
        let asking = self.answering.begin(Verb::GetFlightInfo, &mut call)?;
        let asked = pin!(self.ask(&call, request.into_inner(), polls));
        asking.whole(&call.until(), asked).await?.map(Response::new)
    }

    async fn get_schema(&self, request: Request<FlightDescriptor>) -> Result<Response<SchemaResult>, Status> {
        let mut call = Call::of(&request);
        let schema = async {
            self.available.pass()?;
            match Asked::of(request.get_ref(), false)? {
                Asked::Invoke(invocation) => {
                    let function = self.functions()?.find(&invocation.function)?;
                    Ok(SchemaResult { schema: function.schema_bytes() })
                }
                // Only who polls can ask for a task.
                Asked::Retry(name) | Asked::Cancel(name) => Err(Fault::no_task(name).into()),
            }
        };
        self.answer(Verb::GetSchema, &mut call, schema).await.map(Response::new)
    }

    async fn do_get(&self, _: Request<Ticket>) -> Result<Response<Self::DoGetStream>, Status> {
        // The generated service wants an answer of its own for a verb that never reaches it.
        Err(Status::unimplemented("DoGet is answered before the generated service"))
    }

    async fn poll_flight_info(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<PollInfo>, Status> {
        self.refuse(Verb::PollFlightInfo, Call::of(&request)).await
    }

    async fn handshake(
        &self,
        request: Request<Streaming<HandshakeRequest>>,
    ) -> Result<Response<Self::HandshakeStream>, Status> {
        self.refuse(Verb::Handshake, Call::of(&request)).await
    }

    async fn do_put(
        &self,
        request: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoPutStream>, Status> {
        self.refuse(Verb::DoPut, Call::of(&request)).await
    }

    async fn do_exchange(
        &self,
        request: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoExchangeStream>, Status> {
        self.refuse(Verb::DoExchange, Call::of(&request)).await
    }

    async fn do_action(&self, request: Request<Action>) -> Result<Response<Self::DoActionStream>, Status> {
        self.refuse(Verb::DoAction, Call::of(&request)).await
    }

    async fn list_actions(
        &self,
        request: Request<Empty>,
    ) -> Result<Response<Self::ListActionsStream>, Status> {
        self.refuse(Verb::ListActions, Call::of(&request)).await
    }
}
