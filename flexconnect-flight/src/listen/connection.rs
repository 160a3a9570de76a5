//! One connection, private or not.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::gathered::Gathered;
use crate::identity::Peer;

/// A connection and who is at its other end. What it is told to write goes out when [`Outgoing`] is polled.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: Arc<Mutex<Gathered<Io>>>,
    peer: Peer,
}

/// What a connection holds to be written.
pub(crate) struct Outgoing(Arc<Mutex<Gathered<Io>>>);

#[derive(Debug)]
pub(super) enum Io {
    Plain(TcpStream),
    #[cfg(feature = "tls")]
    Private(Box<tokio_rustls::server::TlsStream<TcpStream>>),
}

impl Connection {
    pub(super) fn new(stream: Io, peer: Peer) -> Self {
        Connection { stream: Arc::new(Mutex::new(Gathered::new(stream))), peer }
    }

    /// For whoever polls what serves this connection, after each time.
    pub(crate) fn outgoing(&self) -> Outgoing {
        Outgoing(self.stream.clone())
    }

    /// Nobody else has it but between polls.
    fn stream(&self) -> MutexGuard<'_, Gathered<Io>> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn peer(&self) -> Peer {
        self.peer.clone()
    }
}

impl Outgoing {
    /// Writes, until all is written or the client must take some of it first: the task is woken then. A connection that broke
    /// says so to whoever reads from it.
    pub(crate) fn poll(&self, cx: &mut Context<'_>) {
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).poll_out(cx);
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream()).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.stream()).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.stream()).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream().is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream()).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream()).poll_shutdown(cx)
    }
}

/// Does the same with either kind of stream.
macro_rules! either {
    ($this:expr, $stream:ident => $work:expr) => {
        match $this.get_mut() {
            Io::Plain($stream) => {
                let $stream = Pin::new($stream);
                $work
            }
            #[cfg(feature = "tls")]
            Io::Private($stream) => {
                let $stream = Pin::new(&mut **$stream);
                $work
            }
        }
    };
}

impl AsyncRead for Io {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_read(cx, buffer))
    }
}

impl AsyncWrite for Io {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        either!(self, stream => stream.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(self, stream => stream.poll_write_vectored(cx, pieces))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Io::Plain(stream) => stream.is_write_vectored(),
            #[cfg(feature = "tls")]
            Io::Private(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_shutdown(cx))
    }
}
