//! A client that speaks what the port does not, or nothing.

use std::time::Duration;

use flexconnect_core::ErrorKind;
use flexconnect_flight::tls::Tls;
use flexconnect_flight::{Client, ClientOptions, Command, Server, ServiceLimits};
use futures::TryStreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::authority::Authority;
use crate::served::{Served, numbers, serve};

const HOSTS: [&str; 2] = ["localhost", "127.0.0.1"];
/// However busy the machine is.
const LONG: Duration = Duration::from_secs(60);

fn private(authority: &Authority) -> Server {
    let (certificate, key) = authority.sign("server", &HOSTS).pems();
    Server::new(numbers()).with_tls(Tls::new(certificate, key))
}

#[tokio::test]
async fn a_plain_client_is_told_to_use_tls() {
    let served = serve(private(&Authority::new("ours"))).await;
    let work = async {
        let client = Client::connect(format!("grpc://{}", served.address)).await?;
        client.list().await
    };
    let error = tokio::time::timeout(LONG, work).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("this port speaks TLS: connect with `grpc+tls://`"), "{error:?}");
    // The same for a read, whose call is made in another way.
    let work = async {
        let client = Client::connect(format!("grpc://{}", served.address)).await?;
        client.read_part("x").await.map(drop)
    };
    let error = tokio::time::timeout(LONG, work).await.unwrap().unwrap_err();
    assert!(error.to_string().contains("this port speaks TLS"), "{error:?}");
}

#[tokio::test]
async fn a_client_of_tls_is_told_to_do_without() {
    let served = serve(Server::new(numbers())).await;
    let connecting = Client::connect(format!("grpc+tls://{}", served.address));
    let error = tokio::time::timeout(LONG, connecting).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("does not speak TLS at this port"), "{error:?}");
}

async fn answer(served: &Served, said: &[u8]) -> String {
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(said).await.unwrap();
    let mut heard = Vec::new();
    tokio::time::timeout(LONG, stream.read_to_end(&mut heard)).await.unwrap().unwrap();
    String::from_utf8_lossy(&heard).into_owned()
}

#[tokio::test]
async fn a_browser_is_told_in_its_own_protocol() {
    let served = serve(private(&Authority::new("ours"))).await;
    let heard = answer(&served, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(heard.starts_with("HTTP/1.1 400 ") && heard.contains("this port speaks TLS"), "{heard}");
    let plain = serve(Server::new(numbers())).await;
    let heard = answer(&plain, &[22, 3, 1, 0, 5, 1, 0, 0, 1, 0]).await;
    assert!(heard.starts_with("HTTP/1.1 400 ") && heard.contains("does not speak TLS"), "{heard}");
}

#[tokio::test]
async fn who_says_nothing_is_sent_away_and_others_wait_no_longer() {
    let ours = Authority::new("ours");
    for private_port in [false, true] {
        let limits = ServiceLimits::default().with_handshakes(1, Duration::from_millis(50));
        let server = if private_port { private(&ours) } else { Server::new(numbers()) };
        let served = serve(server.with_limits(limits)).await;
        // One says nothing, one begins and stops in the middle.
        let mut silent = TcpStream::connect(served.address).await.unwrap();
        let mut stuck = TcpStream::connect(served.address).await.unwrap();
        stuck.write_all(if private_port { &[22, 3, 1] } else { b"" }).await.unwrap();
        let scheme = if private_port { "grpc+tls" } else { "grpc" };
        let options = ClientOptions::new().with_authority(ours.pem()).with_connect_timeout(LONG);
        let uri = format!("{scheme}://{}", served.address);
        let client = Client::connect_with(uri, options).await.unwrap();
        let rows: Vec<_> =
            client.read(&Command::connector("numbers")).await.unwrap().try_collect().await.unwrap();
        assert_eq!(rows.len(), 1);
        for stream in [&mut silent, &mut stuck] {
            let mut rest = Vec::new();
            tokio::time::timeout(LONG, stream.read_to_end(&mut rest)).await.unwrap().ok();
            stream.shutdown().await.ok();
        }
    }
}

#[tokio::test]
async fn those_who_say_nothing_make_room_for_who_comes() {
    for private_port in [false, true] {
        let ours = Authority::new("ours");
        let limits = ServiceLimits::default().with_handshakes(2, LONG);
        let server = if private_port { private(&ours) } else { Server::new(numbers()) };
        let served = serve(server.with_limits(limits)).await;
        let mut silent = Vec::new();
        for _ in 0..5 {
            silent.push(TcpStream::connect(served.address).await.unwrap());
        }
        let scheme = if private_port { "grpc+tls" } else { "grpc" };
        let options = ClientOptions::new().with_authority(ours.pem()).with_connect_timeout(LONG);
        let connecting = Client::connect_with(format!("{scheme}://{}", served.address), options);
        // Long before any of them is sent away because it takes too long.
        tokio::time::timeout(LONG / 2, connecting).await.unwrap().unwrap();
        let mut rest = Vec::new();
        tokio::time::timeout(LONG / 2, silent[0].read_to_end(&mut rest)).await.unwrap().ok();
    }
}

#[tokio::test]
async fn a_client_gives_up_a_server_that_says_nothing() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("grpc+tls://{}", listener.local_addr().unwrap());
    let options = ClientOptions::new().with_connect_timeout(Duration::from_millis(50));
    let connecting = Client::connect_with(uri, options);
    let error = tokio::time::timeout(LONG, connecting).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}
