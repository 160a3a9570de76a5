//! What a client does about its own reads besides reading.

use arrow_flight::{
    CancelFlightInfoRequest, CancelFlightInfoResult, CancelStatus, FlightEndpoint, FlightInfo,
    RenewFlightEndpointRequest, Ticket,
};
use bytes::Bytes;
use flexconnect_core::{Error, ErrorKind};
use prost::Message;

use super::{Client, Info, of_status};

impl Client {
    /// Ends the reads of this plan that are under way, whoever of its caller reads them: `true` when they end, or were
    /// ended like this a short while ago; `false` when there is none. The tickets stay good.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when none of the tickets is one of the server's; what else the server answers.
    pub async fn cancel(&self, info: &Info) -> Result<bool, Error> {
        // Reads are under way where their endpoints are, which is one place for all of them as a rule.
        let mut places: Vec<(&[String], Vec<FlightEndpoint>)> = Vec::new();
        for one in &info.endpoints {
            let ticket = Some(Ticket { ticket: one.ticket.clone() });
            let endpoint = FlightEndpoint { ticket, ..FlightEndpoint::default() };
            match places.iter_mut().find(|(locations, _)| *locations == one.locations) {
                Some((_, endpoints)) => endpoints.push(endpoint),
                None => places.push((&one.locations, vec![endpoint])),
            }
        }
        let mut ended = false;
        for (locations, endpoint) in places {
            let request =
                CancelFlightInfoRequest { info: Some(FlightInfo { endpoint, ..FlightInfo::default() }) };
            let there = self.at(locations).await?;
            let result: CancelFlightInfoResult = there.control("CancelFlightInfo", &request).await?;
            ended |= matches!(result.status(), CancelStatus::Cancelled | CancelStatus::Cancelling);
        }
        Ok(ended)
    }

    /// A ticket for the same part that expires later.
    ///
    /// # Errors
    /// [`ErrorKind::Precondition`] when it has expired already; what else the server answers.
    pub async fn renew(&self, ticket: impl Into<Bytes>) -> Result<Bytes, Error> {
        let ticket = Some(Ticket { ticket: ticket.into() });
        let endpoint = Some(FlightEndpoint { ticket, ..FlightEndpoint::default() });
        let request = RenewFlightEndpointRequest { endpoint };
        let renewed: FlightEndpoint = self.control("RenewFlightEndpoint", &request).await?;
        Ok(renewed.ticket.unwrap_or_default().ticket)
    }

    /// An action of Flight's own: a message there and a message back.
    async fn control<M: Message + Default>(&self, action: &str, request: &impl Message) -> Result<M, Error> {
        let mut results = self.action(action, request.encode_to_vec().into()).await?;
        let result = results.message().await.map_err(of_status)?.unwrap_or_default();
        M::decode(result.body).map_err(|error| {
            Error::new(ErrorKind::Internal, "the server's answer is not what this action gives")
                .with_source(error)
        })
    }
}
