//! What a client does about its own reads: CancelFlightInfo and RenewFlightEndpoint.

use std::sync::Arc;

use arrow_flight::{
    CancelFlightInfoRequest, CancelFlightInfoResult, CancelStatus, FlightEndpoint, RenewFlightEndpointRequest,
};
use bytes::Bytes;
use flexconnect_core::{Error, ErrorKind};
use prost::Message as _;

use crate::call::Call;
use crate::call::running::Running;
use crate::command::{Planned, Seal};
use crate::verbs::info::endpoint;
use crate::verbs::poll::Polls;
use crate::verbs::tables::{Tables, Want};

/// What the actions work on.
#[derive(Debug)]
pub(crate) struct Control {
    pub(crate) seal: Arc<Seal>,
    pub(crate) running: Arc<Running>,
    pub(crate) polls: Arc<Polls>,
}

impl Control {
    /// The seal, to be changed while the service is put together.
    pub(crate) fn seal_mut(&mut self) -> &mut Seal {
        Arc::make_mut(&mut self.seal)
    }

    /// Ends the caller's reads and plans of this info. The tickets stay good.
    pub(crate) async fn cancel(&self, call: &Call, body: Bytes) -> Result<Bytes, Error> {
        let request = CancelFlightInfoRequest::decode(body).map_err(malformed)?;
        let info = request.info.ok_or_else(|| {
            Error::new(ErrorKind::InvalidRequest, "the request has no info; give the one GetFlightInfo gave")
        })?;
        let plan = self.polls.cancel(&info.app_metadata, &call.caller).await;
        let tickets = info.endpoint.iter().filter_map(|endpoint| endpoint.ticket.as_ref());
        // An expired ticket can have a read that goes on.
        let planned = tickets.filter_map(|ticket| self.seal.unseal(&ticket.ticket, &call.caller).ok());
        let reads: Vec<_> = planned.map(|planned| planned.read).collect();
        let status = match plan {
            Some(status) => status,
            None if reads.is_empty() => {
                let message = "none of this info's tickets is one of this server and of this caller; \
                               give the info as GetFlightInfo gave it";
                return Err(Error::new(ErrorKind::NotFound, message));
            }
            None => self.running.cancel(reads).await,
        };
        tracing::info!(status = CancelStatus::as_str_name(&status), "cancelled by the caller");
        Ok(CancelFlightInfoResult { status: status.into() }.encode_to_vec().into())
    }

    /// The same endpoint, with a ticket that expires later.
    pub(crate) async fn renew(&self, tables: &Tables, call: &Call, body: Bytes) -> Result<Bytes, Error> {
        let request = RenewFlightEndpointRequest::decode(body).map_err(malformed)?;
        let given = request.endpoint.unwrap_or_default();
        let ticket = given.ticket.as_ref().ok_or_else(|| {
            let message = "the request has no endpoint with a ticket; give one of those GetFlightInfo gave";
            Error::new(ErrorKind::InvalidRequest, message)
        })?;
        let planned = self.seal.open(&ticket.ticket, &call.caller);
        let planned = planned.inspect_err(|_| call.traffic.ticket_refused())?;
        tables.ask(&call.caller, &planned.command.path, Want::Read).await?;
        let expires = planned.expires.max(self.seal.expiry());
        let renewed = endpoint(&self.seal, call, &Planned { expires, ..planned })?;
        let FlightEndpoint { ticket, expiration_time, .. } = renewed;
        Ok(FlightEndpoint { ticket, expiration_time, ..given }.encode_to_vec().into())
    }
}

fn malformed(error: prost::DecodeError) -> Error {
    Error::new(ErrorKind::InvalidRequest, "the action's body is not the message this action takes")
        .with_source(error)
}
