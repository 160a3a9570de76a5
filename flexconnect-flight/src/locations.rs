//! Where a server says that its endpoints are.

use std::net::IpAddr;
use std::sync::Arc;

use arrow_flight::Location;
use flexconnect_core::{Error, ErrorKind};
use http::Uri;

/// What clients that know it take for the connection they have; others fail on it.
const REUSE: &str = "arrow-flight-reuse-connection://?";
const SCHEMES: [&str; 3] = ["grpc", "grpc+tcp", "grpc+tls"];

/// The addresses of one endpoint, all of which serve the same; none of them means the connection a client has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Locations(Arc<[String]>);

impl Locations {
    /// Takes these, if all are well.
    pub(crate) fn parse(uris: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, Error> {
        let uris: Arc<[String]> = uris.into_iter().map(Into::into).collect();
        let faults: Vec<_> = uris
            .iter()
            .filter_map(|uri| fault(uri).map(|fault| format!("location `{}`: {fault}", uri.escape_debug())))
            .collect();
        if faults.is_empty() {
            return Ok(Locations(uris));
        }
        Err(Error::new(ErrorKind::Config, faults.join("\n")))
    }

    /// As an endpoint has them.
    pub(crate) fn to_vec(&self) -> Vec<Location> {
        self.0.iter().map(|uri| Location { uri: uri.clone() }).collect()
    }
}

/// What is wrong with it.
fn fault(uri: &str) -> Option<&'static str> {
    if uri == REUSE {
        return None;
    }
    let Ok(parsed) = uri.parse::<Uri>() else {
        return Some("it is no URI; write `grpc://host:port`, or `grpc+tls://host:port`");
    };
    if !parsed.scheme_str().is_some_and(|scheme| SCHEMES.contains(&scheme)) {
        return Some("clients know `grpc://`, `grpc+tcp://` and `grpc+tls://`");
    }
    let Some(authority) = parsed.authority() else { return Some("it has no host") };
    let host = authority.host().trim_matches(['[', ']']);
    let is_anywhere = host.parse::<IpAddr>().is_ok_and(|address| address.is_unspecified());
    if authority.as_str().contains('@') {
        return Some("it has a user; clients bring their own credentials");
    }
    if host.is_empty() || is_anywhere {
        return Some("clients need a host they can reach, not the address the server listens at");
    }
    if authority.port_u16().is_none_or(|port| port == 0) {
        return Some("it has no port; clients know none by themselves");
    }
    (parsed.path().len() > 1 || parsed.query().is_some()).then_some("it ends with its port")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_can_reach_is_a_location() {
        for uri in
            ["grpc://data.example.com:8815", "grpc+tcp://10.0.0.7:1", "grpc+tls://[2001:db8::1]:443", REUSE]
        {
            assert_eq!(Locations::parse([uri]).unwrap().to_vec()[0].uri, uri);
        }
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let wrong = [
            "",
            "data.example.com:8815",
            "http://data.example.com:8815",
            "grpc://data.example.com",
            "grpc://data.example.com:0",
            "grpc://data.example.com:99999",
            "grpc://0.0.0.0:8815",
            "grpc+tls://[::]:8815",
            "grpc://:8815",
            "grpc://user@data.example.com:8815",
            "grpc://data.example.com:8815/tables",
            "grpc://data.example.com:8815?x=1",
            "grpc://data example com:8815",
            "arrow-flight-reuse-connection://x",
        ];
        let error = Locations::parse(wrong).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let lines: Vec<_> = error.message().lines().collect();
        assert_eq!(lines.len(), wrong.len(), "{error}");
        for (line, uri) in lines.iter().zip(wrong) {
            assert!(line.starts_with(&format!("location `{uri}`: ")), "{line}");
        }
    }
}
