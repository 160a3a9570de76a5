//! Each verb and who does its work, but for DoGet, which is answered before.

pub(crate) mod action;
pub(crate) mod control;
pub(crate) mod gate;
pub(crate) mod get;
pub(crate) mod info;
pub(crate) mod plan;
pub(crate) mod poll;
pub(crate) mod put;
pub(crate) mod tables;

use std::pin::pin;
use std::sync::Arc;

use arrow_flight::flight_service_server::FlightService as Verbs;
use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightInfo, HandshakeRequest,
    HandshakeResponse, PollInfo, PutResult, Result as ActionResult, SchemaResult, Ticket,
};
use flexconnect_core::{Error, ErrorKind};
use futures::{StreamExt, stream};
use tonic::metadata::errors::InvalidMetadataValue;
use tonic::{Request, Response, Status, Streaming, async_trait};

use crate::call::Call;
use crate::call::answer::{Answering, Answers};
use crate::call::slots::Slots;
use crate::limits::ServiceLimits;
use crate::locations::Locations;
use crate::status::Verb;
use crate::verbs::control::Control;
use crate::verbs::gate::Gate;
use crate::verbs::info::{info, list, schema};
use crate::verbs::poll::Steps;
use crate::verbs::put::{Refusal, Taking, put};
use crate::verbs::tables::Tables;
use crate::wire::encode::Encoding;

/// What all calls of a service work with.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) gate: Gate,
    pub(crate) tables: Tables,
    pub(crate) control: Control,
    pub(crate) answering: Answering,
    pub(crate) reads: Arc<Slots>,
    pub(crate) writes: Arc<Slots>,
    pub(crate) infos: Arc<Slots>,
    pub(crate) limits: ServiceLimits,
    pub(crate) locations: Locations,
    pub(crate) taking: Taking,
    pub(crate) encoding: Encoding,
    pub(crate) largest_upload: usize,
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
        let listing = self.answering.begin(Verb::ListFlights, &mut call)?;
        let until = call.until();
        let listed = async {
            self.check(request.get_ref())?;
            list(&self.tables, &call, &request.get_ref().expression).await
        };
        let listed = listing.once(&until, listed).await?;
        Ok(Response::new(listing.many(until, listed)))
    }

    async fn get_flight_info(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let mut call = Call::of(&request);
        let ongoing = self.answering.begin(Verb::GetFlightInfo, &mut call)?;
        let planned = async {
            let _slot = call.take(&self.infos)?;
            self.check(request.get_ref())?;
            let Inner { tables, control, locations, .. } = self;
            info(tables, &control.seal, locations, &call, request.into_inner(), &|_, _| {}).await
        };
        ongoing.whole(&call.until(), pin!(planned)).await.map(Response::new)
    }

    async fn poll_flight_info(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<PollInfo>, Status> {
        let mut call = Call::of(&request);
        let ongoing = self.answering.begin(Verb::PollFlightInfo, &mut call)?;
        let polled = async {
            self.check(request.get_ref())?;
            if let Some(polled) = self.control.polls.go_on(&call, request.get_ref()).await {
                return polled;
            }
            // The plan outlives this call, and its time.
            let lasting = Call { deadline: None, ..call.clone() };
            let (tables, seal) = (self.tables.clone(), self.control.seal.clone());
            let locations = self.locations.clone();
            let plan = |descriptor, steps: Steps| async move {
                let told = |progress, info: &FlightInfo| steps.told(progress, info);
                info(&tables, &seal, &locations, &lasting, descriptor, &told).await
            };
            self.control.polls.begin(&call, request.into_inner(), plan).await
        };
        ongoing.whole(&call.until(), polled).await.map(Response::new)
    }

    async fn get_schema(&self, request: Request<FlightDescriptor>) -> Result<Response<SchemaResult>, Status> {
        let mut call = Call::of(&request);
        let ongoing = self.answering.begin(Verb::GetSchema, &mut call)?;
        let schema = async {
            let _slot = call.take(&self.infos)?;
            self.check(request.get_ref())?;
            schema(&self.tables, &call, request.get_ref()).await
        };
        ongoing.whole(&call.until(), schema).await.map(Response::new)
    }

    async fn do_get(&self, _: Request<Ticket>) -> Result<Response<Self::DoGetStream>, Status> {
        // The generated service wants an answer of its own for a verb that never reaches it.
        Err(Status::unimplemented("DoGet is answered before the generated service"))
    }

    async fn do_put(
        &self,
        request: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoPutStream>, Status> {
        let mut call = Call::of(&request);
        let writing = self.answering.begin(Verb::DoPut, &mut call)?;
        let work = async {
            let _slot = call.take(&self.writes)?;
            match put(&self.tables, &call, &self.taking, request.into_inner()).await {
                Ok(result) => Ok(Ok(result)),
                Err(Refusal::Transport(status)) => Ok(Err(status)),
                Err(Refusal::Error(error)) => Err(error),
            }
        };
        let result = writing.transported(&call.until(), work).await?;
        Ok(Response::new(stream::iter([Ok(result)]).boxed()))
    }

    async fn do_action(&self, request: Request<Action>) -> Result<Response<Self::DoActionStream>, Status> {
        let mut call = Call::of(&request);
        let acting = self.answering.begin(Verb::DoAction, &mut call)?;
        let results = action::act(&self.tables, &self.control, &call, request.into_inner());
        let results = acting.whole(&call.until(), results).await?;
        Ok(Response::new(stream::iter(results.into_iter().map(Ok)).boxed()))
    }

    async fn list_actions(
        &self,
        request: Request<Empty>,
    ) -> Result<Response<Self::ListActionsStream>, Status> {
        let mut call = Call::of(&request);
        let listing = self.answering.begin(Verb::ListActions, &mut call)?;
        let types = listing.whole(&call.until(), async { Ok(action::types()) }).await?;
        Ok(Response::new(stream::iter(types.into_iter().map(Ok)).boxed()))
    }

    async fn handshake(
        &self,
        request: Request<Streaming<HandshakeRequest>>,
    ) -> Result<Response<Self::HandshakeStream>, Status> {
        let mut call = Call::of(&request);
        let ongoing = self.answering.begin(Verb::Handshake, &mut call)?;
        let login = async {
            let token = self.gate.login(&call.caller, self.control.seal.keys())?;
            // What the client is to send from now on goes into a header, and for those who look there into a message.
            let header = token.parse().map_err(|error: InvalidMetadataValue| {
                Error::new(ErrorKind::Internal, "the login's token is no header").with_source(error)
            })?;
            let payload = HandshakeResponse { payload: token.into(), ..HandshakeResponse::default() };
            let mut answer = Response::new(stream::iter([Ok(payload)]).boxed());
            answer.metadata_mut().insert("authorization", header);
            Ok(answer)
        };
        ongoing.whole(&call.until(), login).await
    }

    async fn do_exchange(
        &self,
        request: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoExchangeStream>, Status> {
        let mut call = Call::of(&request);
        let exchange = self.answering.begin(Verb::DoExchange, &mut call)?;
        let message = "no table exchanges data; read with DoGet, write with DoPut";
        Err(exchange.refuse(Error::new(ErrorKind::Unsupported, message)))
    }
}

impl Inner {
    /// Refuses a descriptor, or the like, that is larger than it may be.
    fn check(&self, message: &impl prost::Message) -> Result<(), Error> {
        let (length, limit) = (message.encoded_len(), self.limits.descriptor_bytes);
        if length <= limit {
            return Ok(());
        }
        let message = format!("the request has {length} bytes, at most {limit} are taken");
        Err(Error::new(ErrorKind::InvalidRequest, message))
    }
}
