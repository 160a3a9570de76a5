//! Between a client and the server: cuts, resets, holds or trickles what passes, frame by frame.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flexconnect_flight::Client;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// Length, type, flags, stream: what precedes every frame of HTTP/2.
const FRAME_HEADER: usize = 9;
/// What a client says before its first frame.
const PREFACE: usize = 24;

/// What becomes of the connection after so many frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum End {
    /// Both sides are closed in order, in the middle of whatever was said.
    Cut,
    /// Both sides are reset.
    Reset,
    /// Nothing of that side passes any more, and nobody is told.
    HalfOpen,
}

/// Which side's frames are counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Side {
    Server,
    Client,
}

/// A relay that ends each connection after so many frames of one side.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
}

impl Relay {
    pub(crate) async fn cutting(server: SocketAddr, side: Side, after: usize, end: End) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(server).await else { return };
                for stream in [&client, &server] {
                    stream.set_nodelay(true).unwrap();
                    if end == End::Reset {
                        stream.set_zero_linger().unwrap();
                    }
                }
                tokio::spawn(relay(client, server, side, after, end));
            }
        });
        Relay { address }
    }

    pub(crate) async fn client(&self) -> flexconnect_core::Result<Client, flexconnect_core::Error> {
        Client::connect(format!("http://{}", self.address)).await
    }
}

async fn relay(client: TcpStream, server: TcpStream, side: Side, after: usize, end: End) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    match side {
        Side::Server => {
            let others = tokio::spawn(async move {
                let _ = copy(&mut from_client, &mut to_server).await;
                (from_client, to_server)
            });
            frames(&mut from_server, &mut to_client, after).await;
            let halves = (from_server, to_client);
            finish(others, halves, end).await;
        }
        Side::Client => {
            let others = tokio::spawn(async move {
                let _ = copy(&mut from_server, &mut to_client).await;
                (from_server, to_client)
            });
            let mut preface = [0; PREFACE];
            if from_client.read_exact(&mut preface).await.is_ok()
                && to_server.write_all(&preface).await.is_ok()
            {
                frames(&mut from_client, &mut to_server, after).await;
            }
            let halves = (from_client, to_server);
            finish(others, halves, end).await;
        }
    }
}

/// Ends both directions; a half-open connection is kept for as long as the test lasts.
async fn finish<T: Send + 'static>(
    others: tokio::task::JoinHandle<T>,
    halves: (OwnedReadHalf, OwnedWriteHalf),
    end: End,
) {
    if end == End::HalfOpen {
        tokio::spawn(async move {
            let _kept = (others, halves);
            std::future::pending::<()>().await;
        });
        return;
    }
    // The other direction holds the sockets' other halves.
    others.abort();
    let _ = others.await;
    drop(halves);
}

/// Passes so many frames on.
async fn frames(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, after: usize) {
    let mut header = [0; FRAME_HEADER];
    let mut payload = Vec::new();
    for _ in 0..after {
        if from.read_exact(&mut header).await.is_err() {
            return;
        }
        payload.resize(u32::from_be_bytes([0, header[0], header[1], header[2]]) as usize, 0);
        if from.read_exact(&mut payload).await.is_err() {
            return;
        }
        if to.write_all(&header).await.is_err() || to.write_all(&payload).await.is_err() {
            return;
        }
    }
}

/// A relay that lets the server's bytes pass only as they are allowed, for one connection.
pub(crate) struct Trickle {
    pub(crate) address: SocketAddr,
    allowed: Arc<Semaphore>,
    pub(crate) passed: Arc<AtomicUsize>,
}

impl Trickle {
    pub(crate) async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (allowed, passed) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
        let (permits, counter) = (allowed.clone(), passed.clone());
        tokio::spawn(async move {
            let (client, _) = listener.accept().await.unwrap();
            let server = TcpStream::connect(server).await.unwrap();
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            tokio::spawn(async move { copy(&mut from_client, &mut to_server).await });
            let mut bytes = [0; 1024];
            loop {
                let Ok(permit) = permits.acquire_many(bytes.len() as u32).await else { return };
                permit.forget();
                let Ok(count @ 1..) = from_server.read(&mut bytes).await else { return };
                permits.add_permits(bytes.len() - count);
                if to_client.write_all(&bytes[..count]).await.is_err() {
                    return;
                }
                counter.fetch_add(count, Ordering::SeqCst);
            }
        });
        Trickle { address, allowed, passed }
    }

    /// Lets so many more bytes pass.
    pub(crate) fn allow(&self, bytes: usize) {
        self.allowed.add_permits(bytes);
    }
}
