//! Certificates that change while a server serves.

use std::path::Path;
use std::time::Duration;

use flexconnect_flight::tls::{Pem, Tls};
use flexconnect_flight::{Client, ClientOptions, Server};
use futures::StreamExt;

use crate::authority::{Authority, Signed};
use crate::served::{Served, many, numbers, serve};

const HOSTS: [&str; 1] = ["localhost"];

fn write(folder: &Path, signed: &Signed) {
    std::fs::write(folder.join("server.crt"), &signed.certificate).unwrap();
    std::fs::write(folder.join("server.key"), &signed.key).unwrap();
}

fn files(folder: &Path) -> Tls {
    Tls::new(Pem::file(folder.join("server.crt")), Pem::file(folder.join("server.key")))
}

async fn trusted_by(served: &Served, authority: &Authority) -> bool {
    served.read_as("localhost", ClientOptions::new().with_authority(authority.pem())).await.is_ok()
}

#[tokio::test]
async fn a_stream_goes_on_while_the_certificate_is_replaced() {
    let (before, after) = (Authority::new("before"), Authority::new("after"));
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &before.sign("server", &HOSTS));
    let served = serve(Server::new(numbers()).with_tls(files(folder.path()))).await;
    let options = ClientOptions::new().with_authority(before.pem());
    let client =
        Client::connect_with(format!("https://localhost:{}", served.address.port()), options).await.unwrap();
    let mut rows = client.read(&many(2_000_000)).await.unwrap();
    let mut count = rows.next().await.unwrap().unwrap().num_rows();
    write(folder.path(), &after.sign("server", &HOSTS));
    served.certificates.as_ref().unwrap().reload().unwrap();
    assert!(trusted_by(&served, &after).await && !trusted_by(&served, &before).await);
    // The read, and the connection, are what they were.
    while let Some(batch) = rows.next().await {
        count += batch.unwrap().num_rows();
    }
    assert_eq!(count, 2_000_000);
    client.list().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_used_changes_nothing() {
    let (before, after) = (Authority::new("before"), Authority::new("after"));
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &before.sign("server", &HOSTS));
    let served = serve(Server::new(numbers()).with_tls(files(folder.path()))).await;
    let certificates = served.certificates.clone().unwrap();
    // Half of a change: the certificate is there, its key is not yet.
    std::fs::write(folder.path().join("server.crt"), after.sign("server", &HOSTS).certificate).unwrap();
    let error = certificates.reload().unwrap_err();
    assert!(error.to_string().contains("does not belong to the key"), "{error}");
    std::fs::remove_file(folder.path().join("server.crt")).unwrap();
    assert!(certificates.reload().is_err());
    assert!(trusted_by(&served, &before).await);
}

#[tokio::test]
async fn files_are_watched() {
    let (before, after) = (Authority::new("before"), Authority::new("after"));
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &before.sign("server", &HOSTS));
    let clients = folder.path().join("clients.crt");
    std::fs::write(&clients, before.text()).unwrap();
    let tls = files(folder.path())
        .with_optional_client_authority(Pem::file(&clients))
        .with_check_every(Duration::from_millis(10));
    let served = serve(Server::new(numbers()).with_tls(tls)).await;
    assert!(trusted_by(&served, &before).await);
    // First one file, then the other, as they are written by whoever renews them.
    let renewed = after.sign("server", &HOSTS);
    std::fs::write(folder.path().join("server.crt"), &renewed.certificate).unwrap();
    assert!(trusted_by(&served, &before).await);
    std::fs::write(folder.path().join("server.key"), &renewed.key).unwrap();
    eventually(async || trusted_by(&served, &after).await).await;
    // Whom the server trusts changes the same way.
    let as_client = async || {
        let (certificate, key) = after.sign("ann", &[]).pems();
        let options = ClientOptions::new().with_authority(after.pem()).with_identity(certificate, key);
        served.read_as("localhost", options).await.is_ok()
    };
    assert!(!as_client().await);
    std::fs::write(&clients, after.text()).unwrap();
    eventually(as_client).await;
}

async fn eventually(holds: impl AsyncFn() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("it comes to hold");
}
