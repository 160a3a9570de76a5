//! Connections that can be cut from outside, however silent their peers are.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tonic::transport::server::Connected;

/// Cuts all connections made with it, once it is dropped or told to.
#[derive(Debug)]
pub(crate) struct Shears(watch::Sender<bool>);

impl Shears {
    pub(crate) fn new() -> Self {
        Shears(watch::Sender::new(false))
    }

    /// What lends each connection to these shears.
    pub(crate) fn lend<IO>(&self) -> impl Fn(IO) -> Severed<IO> + Send + use<IO> {
        let word = self.0.subscribe();
        move |io| {
            let mut cut = word.clone();
            let said = word.clone();
            let cut = async move {
                // Gone means cut, too.
                let _ = cut.wait_for(|cut| *cut).await;
            };
            Severed { io, said, cut: cut.boxed() }
        }
    }

    /// Waits until all of them have gone, and nothing can lend any more.
    pub(crate) async fn gone(&self) {
        self.0.closed().await;
    }

    /// Cuts them.
    pub(crate) fn cut(&self) {
        self.0.send_replace(true);
    }
}

/// One connection.
pub(crate) struct Severed<IO> {
    io: IO,
    said: watch::Receiver<bool>,
    /// Wakes whoever waits for the peer.
    cut: BoxFuture<'static, ()>,
}

impl<IO: Unpin> Severed<IO> {
    /// What the connection itself does, unless it is cut.
    fn unless_cut<T>(
        &mut self,
        cx: &mut Context<'_>,
        turn: impl FnOnce(Pin<&mut IO>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let is_cut = *self.said.borrow() || self.said.has_changed().is_err();
        if !is_cut {
            let turn = turn(Pin::new(&mut self.io), cx);
            // Only who waits need be woken, so that data on its way costs no lock.
            if turn.is_ready() || self.cut.poll_unpin(cx).is_pending() {
                return turn;
            }
        }
        Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the server has stopped")))
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Severed<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.unless_cut(cx, |io, cx| io.poll_read(cx, into))
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Severed<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.unless_cut(cx, |io, cx| io.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.unless_cut(cx, |io, cx| io.poll_write_vectored(cx, pieces))
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.unless_cut(cx, |io, cx| io.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.unless_cut(cx, |io, cx| io.poll_shutdown(cx))
    }
}

impl<IO: Connected> Connected for Severed<IO> {
    type ConnectInfo = IO::ConnectInfo;

    fn connect_info(&self) -> IO::ConnectInfo {
        self.io.connect_info()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn who_waits_for_a_silent_peer_is_cut_off() {
        for dropped in [false, true] {
            let (ours, _theirs) = tokio::io::duplex(8);
            let shears = Shears::new();
            let mut connection = shears.lend()(ours);
            let mut reading = std::pin::pin!(connection.read_u8());
            assert!(reading.as_mut().now_or_never().is_none());
            if dropped {
                drop(shears);
            } else {
                shears.cut();
            }
            assert_eq!(reading.await.unwrap_err().kind(), io::ErrorKind::ConnectionAborted);
        }
    }
}
