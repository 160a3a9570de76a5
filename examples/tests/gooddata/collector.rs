//! A small OpenTelemetry collector: it takes spans by gRPC and by HTTP, and keeps them.

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::trace::v1::ResourceSpans;
use prost::Message;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tonic::codegen::tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, async_trait};

/// What has come, and which of their own headers the exporter's settings sent with it.
#[derive(Clone, Default)]
pub(crate) struct Collector {
    spans: Arc<Mutex<Vec<ResourceSpans>>>,
    keys: Arc<Mutex<Vec<String>>>,
}

/// The header by which a collector knows who sends.
const KEY: &str = "x-key";

impl Collector {
    /// Listens for OTLP by gRPC; gives where.
    pub(crate) async fn by_grpc(&self) -> String {
        let (listener, address) = listen().await;
        let service = tonic::transport::Server::builder().add_service(TraceServiceServer::new(self.clone()));
        tokio::spawn(service.serve_with_incoming(TcpListenerStream::new(listener)));
        address
    }

    /// Listens for OTLP by HTTP; gives where.
    pub(crate) async fn by_http(&self) -> String {
        let (listener, address) = listen().await;
        let collector = self.clone();
        let take = async move |headers: HeaderMap, body: Bytes| {
            if headers.get("content-type").is_none_or(|kind| kind != "application/x-protobuf") {
                return (StatusCode::UNSUPPORTED_MEDIA_TYPE, Vec::new());
            }
            match ExportTraceServiceRequest::decode(body) {
                Ok(request) => {
                    let key = headers.get(KEY).and_then(|key| key.to_str().ok());
                    (StatusCode::OK, collector.keep(request, key).encode_to_vec())
                }
                Err(_) => (StatusCode::BAD_REQUEST, Vec::new()),
            }
        };
        let routes = Router::new().route("/v1/traces", post(take));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        address
    }

    /// What has come, each with what its sender says of itself.
    pub(crate) fn spans(&self) -> Vec<ResourceSpans> {
        self.spans.lock().unwrap().clone()
    }

    /// The keys that came.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.keys.lock().unwrap().clone()
    }

    fn keep(&self, request: ExportTraceServiceRequest, key: Option<&str>) -> ExportTraceServiceResponse {
        self.spans.lock().unwrap().extend(request.resource_spans);
        self.keys.lock().unwrap().extend(key.map(str::to_owned));
        ExportTraceServiceResponse::default()
    }
}

/// Listens over TLS, with the certificate of this folder, for what goes on to the collector at this address; gives where.
pub(crate) async fn over_tls(folder: &Path, plain: &str) -> String {
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let chain = CertificateDer::pem_slice_iter(&read("server.crt")).map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_slice(&read("server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let mut config = config.with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (listener, address) = listen().await;
    let plain = plain.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, plain) = (acceptor.clone(), plain.clone());
            tokio::spawn(async move {
                // Who does not trust the certificate goes again.
                let Ok(mut private) = acceptor.accept(stream).await else { return };
                let mut collector = TcpStream::connect(plain).await.unwrap();
                let _ = copy_bidirectional(&mut private, &mut collector).await;
            });
        }
    });
    address.replace("http://127.0.0.1", "https://localhost")
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    (listener, address)
}

#[async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let key = request.metadata().get(KEY).and_then(|key| key.to_str().ok()).map(str::to_owned);
        Ok(Response::new(self.keep(request.into_inner(), key.as_deref())))
    }
}
