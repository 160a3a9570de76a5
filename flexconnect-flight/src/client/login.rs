//! Login: user and password once, a token after that.

use arrow_flight::HandshakeRequest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flexconnect_core::{Error, ErrorKind};
use futures::stream;
use http::header::AUTHORIZATION;
use tonic::Request;
use tonic::metadata::MetadataValue;

use super::Client;
use super::connect::of_status;
use super::options::header;

impl Client {
    /// Logs in by Handshake; the client that is given is whoever logged in, over the same connection.
    ///
    /// # Errors
    /// What the server answers: [`ErrorKind::Unauthenticated`] for a wrong password, [`ErrorKind::Unsupported`] where
    /// there is no login.
    pub async fn log_in(&self, user: &str, password: &str) -> Result<Client, Error> {
        let basic = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        let line = self.line.with_header(AUTHORIZATION, header(AUTHORIZATION.as_str(), &basic)?.1);
        let request = Request::new(stream::iter([HandshakeRequest::default()]));
        let answer = Client::over(line).flight.handshake(request).await.map_err(of_status)?;
        let token = answer.metadata().get(AUTHORIZATION.as_str()).map(MetadataValue::to_str);
        let Some(Ok(token)) = token else {
            let message = "the server answered the login without a token; it has another way to log in";
            return Err(Error::new(ErrorKind::Unsupported, message));
        };
        Ok(Client::over(self.line.with_header(AUTHORIZATION, header(AUTHORIZATION.as_str(), token)?.1)))
    }
}
