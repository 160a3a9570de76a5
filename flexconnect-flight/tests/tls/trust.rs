//! Who trusts whom.

use flexconnect_core::{Error, ErrorKind};
use flexconnect_flight::identity::{CertificateName, ClientCertificates};
use flexconnect_flight::tls::{Pem, Tls};
use flexconnect_flight::{ClientOptions, Server};

use crate::authority::{Authority, Signed};
use crate::served::{Served, numbers, serve};

const HOSTS: [&str; 2] = ["localhost", "127.0.0.1"];

async fn with(certificate: &Signed) -> Served {
    let (certificate, key) = certificate.pems();
    serve(Server::new(numbers()).with_tls(Tls::new(certificate, key))).await
}

#[tokio::test]
async fn a_client_trusts_its_authority_and_the_name() {
    let (ours, others) = (Authority::new("ours"), Authority::new("others"));
    let trusting = || ClientOptions::new().with_authority(ours.pem());
    let good = with(&ours.sign("server", &HOSTS)).await;
    assert_eq!(good.read_as("localhost", trusting()).await.unwrap(), None);
    assert_eq!(good.read_as("127.0.0.1", trusting()).await.unwrap(), None);
    let refused = |error: Error, said: &str| {
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert!(error.to_string().contains(said), "{error}: {}", error.causes());
    };
    let expired = with(&ours.sign_expired("server", &HOSTS)).await;
    refused(expired.read_as("localhost", trusting()).await.unwrap_err(), "has expired");
    let elsewhere = with(&ours.sign("server", &["elsewhere.example.com"])).await;
    refused(elsewhere.read_as("localhost", trusting()).await.unwrap_err(), "another name");
    let named = trusting().with_server_name("elsewhere.example.com");
    assert_eq!(elsewhere.read_as("127.0.0.1", named).await.unwrap(), None);
    let foreign = with(&others.sign("server", &HOSTS)).await;
    refused(foreign.read_as("localhost", trusting()).await.unwrap_err(), "not trusted here");
    // Without an authority of one's own those of the system are trusted, and ours is none of them.
    let system = good.read_as("localhost", ClientOptions::new()).await.unwrap_err();
    assert_eq!(system.kind(), ErrorKind::Unavailable, "{system}");
}

#[tokio::test]
async fn a_server_knows_its_clients_by_their_certificates() {
    let (ours, others) = (Authority::new("ours"), Authority::new("others"));
    let (certificate, key) = ours.sign("server", &HOSTS).pems();
    let tls = Tls::new(certificate, key).with_client_authority(ours.pem());
    let by = ClientCertificates::by(CertificateName::CommonName);
    let served = serve(Server::new(numbers()).with_tls(tls.clone()).with_authenticator(by)).await;
    let trusting = || ClientOptions::new().with_authority(ours.pem());
    let with = |signed: Signed| {
        let (certificate, key) = signed.pems();
        trusting().with_identity(certificate, key)
    };
    let ann = with(ours.sign("ann", &[]));
    assert_eq!(served.read_as("localhost", ann).await.unwrap().as_deref(), Some("ann"));
    for (options, said) in [
        (trusting(), "wants a certificate"),
        (with(ours.sign_expired("ann", &[])), "has expired"),
        (with(others.sign("ann", &[])), "does not trust the client's certificate"),
    ] {
        let error = served.read_as("localhost", options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{error}: {}", error.causes());
        assert!(error.to_string().contains(said), "{error}: {}", error.causes());
    }
    // Names of one's own; who has none may not call.
    let by = ClientCertificates::by(CertificateName::Uri)
        .with_names([("spiffe://example.org/ann", "Ann of Reports")]);
    let served = serve(Server::new(numbers()).with_tls(tls).with_authenticator(by)).await;
    let ann = served.read_as("localhost", with(ours.sign("ann", &[]))).await.unwrap();
    assert_eq!(ann.as_deref(), Some("Ann of Reports"));
    let bob = served.read_as("localhost", with(ours.sign("bob", &[]))).await.unwrap_err();
    assert_eq!(bob.kind(), ErrorKind::PermissionDenied, "{bob}");
}

#[tokio::test]
async fn a_certificate_may_be_left_to_the_client() {
    let (ours, others) = (Authority::new("ours"), Authority::new("others"));
    let (certificate, key) = ours.sign("server", &HOSTS).pems();
    let tls = Tls::new(certificate, key).with_optional_client_authority(ours.pem());
    let served = serve(Server::new(numbers()).with_tls(tls.clone())).await;
    let trusting = || ClientOptions::new().with_authority(ours.pem());
    let (certificate, key) = ours.sign("ann", &[]).pems();
    let ann = || trusting().with_identity(certificate.clone(), key.clone());
    served.read_as("localhost", trusting()).await.unwrap();
    served.read_as("localhost", ann()).await.unwrap();
    let (foreign, key) = others.sign("ann", &[]).pems();
    let error = served.read_as("localhost", trusting().with_identity(foreign, key)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{error}");
    // Where callers are known by it, one without is a stranger.
    let by = ClientCertificates::by(CertificateName::CommonName);
    let served = serve(Server::new(numbers()).with_tls(tls).with_authenticator(by)).await;
    assert_eq!(served.read_as("localhost", ann()).await.unwrap().as_deref(), Some("ann"));
    let error = served.read_as("localhost", trusting()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{error}");
    assert!(error.to_string().contains("client certificate"), "{error}");
}

#[tokio::test]
async fn certificates_that_cannot_be_used_do_not_start_a_server() {
    let ours = Authority::new("ours");
    let (one, two) = (ours.sign("one", &HOSTS), ours.sign("two", &HOSTS));
    let nowhere = || Pem::file("/nowhere/at/all.pem");
    for (tls, said) in [
        (Tls::new(one.pems().0, two.pems().1), "does not belong to the key"),
        (Tls::new(one.pems().1, one.pems().1), "holds no certificate"),
        (Tls::new(one.pems().0, one.pems().0), "holds no private key"),
        (Tls::new(nowhere(), one.pems().1), "`/nowhere/at/all.pem`) cannot be read"),
        (Tls::new(one.pems().0, one.pems().1).with_client_authority(nowhere()), "authority of the clients"),
    ] {
        let error = Server::new(numbers()).with_tls(tls).bind("127.0.0.1:0").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(error.to_string().contains(said), "{error}");
        assert!(!format!("{error:?}").contains("PRIVATE KEY-----\n"), "{error:?}");
    }
}
