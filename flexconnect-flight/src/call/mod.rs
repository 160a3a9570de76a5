//! What comes with a call besides its message: headers, who calls, and how long they wait.

pub(crate) mod answer;
pub(crate) mod generated;
pub(crate) mod lease;
pub(crate) mod life;
pub(crate) mod lookout;
pub(crate) mod report;
pub(crate) mod running;
pub(crate) mod slots;
pub(crate) mod until;

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flexconnect_core::{Caller, Error, ReadRequest, WriteRequest};
use http::HeaderMap;
use tonic::metadata::{KeyAndValueRef, MetadataMap};
use tonic::transport::server::TcpConnectInfo;

use crate::call::slots::{Slot, Slots, Who};
use crate::call::until::Until;
use crate::identity::Peer;
use crate::insight::trace_context::TraceContext;
use crate::insight::traffic::Traffic;

/// What credentials come in, which end at the door.
const CREDENTIALS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];
/// What belongs to the transport and says nothing to an author.
const TRANSPORT: [&str; 5] = ["te", "content-type", "grpc-timeout", "grpc-encoding", "grpc-accept-encoding"];

/// Base64 as gRPC has it: with padding or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How callers commonly name a call.
const REQUEST_ID: &str = "x-request-id";

/// Whether a call has begun: what comes before that is the transport's, and its refusals are told of elsewhere. Clones
/// are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Begun(Arc<AtomicBool>);

impl Begun {
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The headers of a call as they came, credentials among them: read only for a connector that is to see them.
#[derive(Clone, Default)]
pub(crate) struct Headers(MetadataMap);

/// The circumstances of a call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Call {
    pub(crate) headers: Headers,
    pub(crate) caller: Caller,
    /// Whom the call counts for.
    pub(crate) who: Who,
    pub(crate) deadline: Option<Instant>,
    /// Where the call comes from.
    pub(crate) peer: Option<SocketAddr>,
    /// The call's name in logs: the caller's own, or one of ours.
    pub(crate) request_id: String,
    pub(crate) trace: Option<TraceContext>,
    pub(crate) traffic: Traffic,
    pub(crate) begun: Begun,
}

impl Call {
    /// The circumstances of this request. An interceptor of the host names the caller by putting a
    /// [`Caller`] among the request's extensions.
    pub(crate) fn of<T>(request: &tonic::Request<T>) -> Self {
        let metadata = request.metadata();
        let caller = request.extensions().get::<Caller>().cloned().unwrap_or_default();
        let who = match &caller.name {
            Some(name) => Who::Named(name.clone()),
            None => Who::At(peer(request.extensions()).address().map(|address| address.ip())),
        };
        Call {
            headers: Headers(metadata.clone()),
            caller,
            who,
            deadline: deadline(metadata.as_ref()),
            peer: peer(request.extensions()).address(),
            request_id: request_id(metadata),
            trace: TraceContext::of(metadata),
            traffic: Traffic::default(),
            begun: request.extensions().get().cloned().unwrap_or_default(),
        }
    }

    /// What ends a call of these headers by itself.
    pub(crate) fn until_of(headers: &HeaderMap) -> Until {
        Until { deadline: deadline(headers), ..Until::default() }
    }

    /// One of these places for this call.
    pub(crate) fn take(&self, slots: &Arc<Slots>) -> Result<Slot, Error> {
        slots.take(&self.who).inspect_err(|_| self.traffic.limit_refused(slots.what()))
    }

    /// What ends the call by itself.
    pub(crate) fn until(&self) -> Until {
        Until { deadline: self.deadline, ..Until::default() }
    }

    /// Adds the circumstances to a read.
    pub(crate) fn read(&self, request: ReadRequest) -> ReadRequest {
        self.read_with(self.headers.texts(|name| CREDENTIALS.contains(&name)), request)
    }

    /// The same, for an author who is to see all headers but those that have proved here who calls.
    #[cfg(feature = "gooddata")]
    pub(crate) fn read_with_credentials(&self, request: ReadRequest) -> ReadRequest {
        self.read_with(self.headers.texts(|_| false), request)
    }

    fn read_with(&self, texts: Texts, mut request: ReadRequest) -> ReadRequest {
        (request.headers, request.repeated_headers) = texts;
        request.binary_headers = self.headers.bytes();
        request.caller = self.caller.clone();
        request.deadline = self.deadline;
        request
    }

    /// Adds the circumstances to a write.
    pub(crate) fn write(&self, mut request: WriteRequest) -> WriteRequest {
        (request.headers, _) = self.headers.texts(|name| CREDENTIALS.contains(&name));
        request.binary_headers = self.headers.bytes();
        request.caller = self.caller.clone();
        request
    }
}

/// The caller's own name for the call, when it is one that a log can have; else a new one.
fn request_id(metadata: &MetadataMap) -> String {
    let given = metadata.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let is_plain = |id: &&str| (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    // Each state of the standard library's hashes is a new one.
    given.filter(is_plain).map_or_else(|| format!("{:016x}", RandomState::new().hash_one(0)), str::to_owned)
}

/// Headers of text, those that are repeated joined by commas, and then these one by one.
type Texts = (BTreeMap<String, String>, BTreeMap<String, Vec<String>>);

impl Headers {
    /// The headers of text, names in lower case as HTTP/2 has them, but for those that are hidden.
    fn texts(&self, is_hidden: impl Fn(&str) -> bool) -> Texts {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for header in self.0.iter() {
            let KeyAndValueRef::Ascii(name, value) = header else { continue };
            let Ok(value) = value.to_str() else { continue };
            if TRANSPORT.contains(&name.as_str()) || is_hidden(name.as_str()) {
                continue;
            }
            all.entry(name.as_str().to_owned()).or_default().push(value.to_owned());
        }
        let joined = all.iter().map(|(name, values)| (name.clone(), values.join(", "))).collect();
        all.retain(|_, values| values.len() > 1);
        (joined, all)
    }

    /// The headers of bytes, decoded, each value of each. What is not well encoded is no header, and gRPC's own are not an
    /// author's.
    fn bytes(&self) -> BTreeMap<String, Vec<Vec<u8>>> {
        let mut all: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
        for header in self.0.iter() {
            let KeyAndValueRef::Binary(name, value) = header else { continue };
            if name.as_str().starts_with("grpc-") {
                continue;
            }
            // Several values may travel as one, joined by commas, which base64 has not.
            let values = value.as_encoded_bytes().split(|byte| *byte == b',');
            let decoded = values.filter_map(|value| BASE64.decode(value.trim_ascii()).ok());
            all.entry(name.as_str().to_owned()).or_default().extend(decoded);
        }
        all.retain(|_, values| !values.is_empty());
        all
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Headers").finish_non_exhaustive()
    }
}

fn deadline(headers: &HeaderMap) -> Option<Instant> {
    timeout(headers).and_then(|timeout| Instant::now().checked_add(timeout))
}

/// Where a call comes from: as this server, or the host's, has put it among the request's extensions.
pub(crate) fn peer(extensions: &http::Extensions) -> Peer {
    if let Some(peer) = extensions.get::<Peer>() {
        return peer.clone();
    }
    let address = extensions.get::<TcpConnectInfo>().and_then(TcpConnectInfo::remote_addr);
    address.map_or_else(Peer::default, Peer::at)
}

/// How long the client waits, as gRPC writes it: up to eight digits and a unit.
fn timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(count * 3600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use tonic::metadata::MetadataValue;

    use super::*;

    #[test]
    fn credentials_stay_outside_and_bytes_are_bytes() {
        let mut request = tonic::Request::new(());
        let metadata = request.metadata_mut();
        for (name, value) in
            [("authorization", "Bearer x"), ("cookie", "s=1"), ("x-trace", "7"), ("grpc-timeout", "2S")]
        {
            metadata.insert(name, value.parse().unwrap());
        }
        metadata.append("x-trace", "8".parse().unwrap());
        metadata.insert_bin("x-raw-bin", MetadataValue::from_bytes(b"\0\xff"));
        metadata.append_bin("x-raw-bin", MetadataValue::from_bytes(b"a,b"));
        metadata.insert_bin("grpc-trace-bin", MetadataValue::from_bytes(b"t"));
        let mut joined = HeaderMap::new();
        joined.insert("x-joined-bin", "AAE=, dHdv,AP8".parse().unwrap());
        joined.insert("x-wrong-bin", "?".parse().unwrap());
        metadata.as_mut().extend(joined);
        let call = Call::of(&request);
        let bytes = [
            ("x-joined-bin".to_owned(), vec![vec![0, 1], b"two".to_vec(), vec![0, 255]]),
            ("x-raw-bin".to_owned(), vec![vec![0, 255], b"a,b".to_vec()]),
        ];
        assert!(!format!("{call:?}").contains("Bearer"));
        let read = call.read(ReadRequest::new());
        assert_eq!(read.binary_headers, BTreeMap::from(bytes));
        assert_eq!(read.headers, BTreeMap::from([("x-trace".to_owned(), "7, 8".to_owned())]));
        assert_eq!(read.repeated_headers["x-trace"], ["7", "8"]);
        #[cfg(feature = "gooddata")]
        assert_eq!(
            call.read_with_credentials(ReadRequest::new()).headers.into_keys().collect::<Vec<_>>(),
            ["authorization", "cookie", "x-trace"]
        );
        assert!(call.deadline.is_some_and(|deadline| deadline <= Instant::now() + Duration::from_secs(2)));
    }

    #[test]
    fn a_caller_names_its_call_in_plain_letters() {
        let id = |given: Option<&'static str>| {
            let mut metadata = MetadataMap::new();
            given.map(|id| metadata.insert(REQUEST_ID, id.parse().unwrap()));
            request_id(&metadata)
        };
        assert_eq!(id(Some("req-7/a")), "req-7/a");
        let long = "x".repeat(65).leak();
        for given in [None, Some(""), Some("a b"), Some(long)] {
            let new = id(given);
            assert!(new.len() == 16 && new != id(given), "{new}");
        }
    }

    #[test]
    fn odd_timeouts_are_none() {
        for text in ["", "5", "S", "-1S", "123456789S", "1x", "1 S"] {
            let mut metadata = MetadataMap::new();
            metadata.insert("grpc-timeout", text.parse().unwrap());
            assert_eq!(timeout(metadata.as_ref()), None, "{text}");
        }
    }
}
