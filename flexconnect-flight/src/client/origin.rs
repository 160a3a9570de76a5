//! Where a client has connected to, and the other places that server sends it to.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use flexconnect_core::{Error, ErrorKind};
use tonic::transport::Channel;

use super::connect::{Address, shown};
use super::options::ClientOptions;

/// What stands for the connection there is.
const REUSE: &str = "arrow-flight-reuse-connection:";
/// Of other schemes Flight says that they are no Flight servers: files of an object store, for instance.
const SCHEMES: [&str; 3] = ["grpc", "grpc+tcp", "grpc+tls"];
/// Connections that are kept; a server that names more places has its client connect again.
const KEPT: usize = 64;

/// The first server, and the connections to those it has named.
pub(crate) struct Origin {
    address: Address,
    options: ClientOptions,
    others: Mutex<HashMap<Address, Channel>>,
}

impl Origin {
    pub(super) fn new(address: Address, options: ClientOptions) -> Self {
        Origin { address, options, others: Mutex::default() }
    }

    /// A channel to one of these locations, the first that answers; `None` for the connection there is.
    ///
    /// What is private stays private: to a place without TLS nothing goes, neither ticket nor credentials, when the
    /// first server was connected to over TLS.
    pub(super) async fn channel(&self, locations: &[String]) -> Result<Option<Channel>, Error> {
        if !self.options.follow_locations || locations.is_empty() {
            return Ok(None);
        }
        if locations.iter().any(|location| location.starts_with(REUSE)) {
            return Ok(None);
        }
        let addresses = self.addresses(locations);
        if addresses.contains(&self.address) {
            return Ok(None);
        }
        if let Some(channel) = addresses.iter().find_map(|address| self.others().get(address).cloned()) {
            return Ok(Some(channel));
        }
        let mut failed = None;
        for address in addresses {
            match address.connect(&self.options).await {
                Ok(channel) => {
                    let mut others = self.others();
                    if others.len() >= KEPT {
                        others.clear();
                    }
                    others.insert(address, channel.clone());
                    return Ok(Some(channel));
                }
                Err(error) => failed = Some(error),
            }
        }
        Err(failed.unwrap_or_else(|| self.nowhere(locations)))
    }

    /// Drops the connections to these locations.
    pub(super) fn forget(&self, locations: &[String]) {
        let addresses = self.addresses(locations);
        self.others().retain(|address, _| !addresses.contains(address));
    }

    /// Those that may be connected to.
    fn addresses(&self, locations: &[String]) -> Vec<Address> {
        let is_flight =
            |uri: &&String| uri.split_once("://").is_some_and(|(scheme, _)| SCHEMES.contains(&scheme));
        let addresses = locations.iter().filter(is_flight).filter_map(|uri| Address::parse(uri).ok());
        addresses.filter(|address| address.private || !self.address.private).collect()
    }

    fn nowhere(&self, locations: &[String]) -> Error {
        let named: Vec<_> = locations.iter().take(8).map(|uri| format!("`{}`", shown(uri))).collect();
        let named = named.join(", ");
        let message = if self.address.private {
            format!(
                "a part of the result is at {named} only, and none of that is a Flight server behind TLS, as the one \
                 connected to is: the server must name `grpc+tls://` locations, or the client be told to stay with \
                 its connection"
            )
        } else {
            format!("a part of the result is at {named} only, and none of that is a Flight server")
        };
        Error::new(ErrorKind::Precondition, message)
    }

    fn others(&self) -> std::sync::MutexGuard<'_, HashMap<Address, Channel>> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(uri: &str) -> Origin {
        Origin::new(Address::parse(uri).unwrap(), ClientOptions::new())
    }

    fn allowed(origin: &Origin, locations: &[&str]) -> usize {
        let locations: Vec<_> = locations.iter().map(|&uri| uri.to_owned()).collect();
        origin.addresses(&locations).len()
    }

    #[test]
    fn what_is_private_stays_private() {
        let plain = ["grpc://a:1", "grpc+tcp://a:1"];
        assert_eq!(allowed(&origin("grpc+tls://x:1"), &plain), 0);
        assert_eq!(allowed(&origin("grpc://x:1"), &plain), 2);
        assert_eq!(allowed(&origin("https://x:1"), &["grpc+tls://a:1"]), 1);
        assert_eq!(allowed(&origin("grpc://x:1"), &["grpc+tls://a:1"]), 1);
        // A scheme that is none of Flight's own is no server to send credentials to.
        assert_eq!(
            allowed(&origin("grpc://x:1"), &["http://a:1", "https://a:1/file", "s3://a/b", "a:1", ""]),
            0
        );
    }

    #[tokio::test]
    async fn the_connection_there_is_serves_where_it_can() {
        let origin = origin("grpc://Data.example.com:8815");
        for locations in [
            vec![],
            vec!["arrow-flight-reuse-connection://?"],
            vec!["grpc://elsewhere:1", "arrow-flight-reuse-connection://"],
            vec!["grpc://elsewhere:1", "grpc+tcp://data.example.com:8815"],
        ] {
            let locations: Vec<_> = locations.into_iter().map(str::to_owned).collect();
            assert!(origin.channel(&locations).await.unwrap().is_none(), "{locations:?}");
        }
    }

    #[tokio::test]
    async fn a_place_that_may_not_be_gone_to_is_named_without_its_password() {
        let locations = ["grpc://user:hush@a:1".to_owned()];
        let error = origin("grpc+tls://x:1").channel(&locations).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Precondition);
        assert!(error.to_string().contains("`grpc://a:1`") && !error.to_string().contains("hush"), "{error}");
    }
}
