//! Writes gathered into few, for clients that ask for small frames.
//!
//! HTTP/2 writes and flushes frame by frame: an answer's headers, its message and its end. And most clients never ask for
//! frames of more than 16 KiB: then a large result is a call of the system, and a wake-up of its reader, for every 16 KiB.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// As much is held before it is written, at first and whenever the reader does not keep up. A connection that has nothing to
/// write holds nothing.
const HELD: usize = 128 << 10;
/// As much for a reader that takes all there is: it is woken once for it.
const MOST_HELD: usize = 512 << 10;
/// A write of this size is not copied: it goes out at once, behind what is held.
const LARGE: usize = 32 << 10;
/// So many pieces go into one write, what is held among them.
const AT_ONCE: usize = 64;
/// Who writes a frame of this size probably has more of them.
const SOON: usize = 8 << 10;

/// A connection whose writes are gathered. Flushing writes nothing: whoever polls what serves the connection calls
/// [`poll_out`](Self::poll_out) whenever that has had its turn.
#[derive(Debug)]
pub(super) struct Gathered<IO> {
    io: IO,
    held: BytesMut,
    /// How much is held before it is written.
    most: usize,
}

impl<IO> Gathered<IO> {
    pub(super) fn new(io: IO) -> Self {
        Gathered { io, held: BytesMut::new(), most: HELD }
    }
}

impl<IO: AsyncWrite + Unpin> Gathered<IO> {
    /// Writes what is held.
    pub(super) fn poll_out(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.held.is_empty() {
            let written = ready!(Pin::new(&mut self.io).poll_write(cx, &self.held))?;
            self.forget(written)?;
        }
        Pin::new(&mut self.io).poll_flush(cx)
    }

    /// So much of what is held was written, if not more.
    fn forget(&mut self, written: usize) -> io::Result<()> {
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.held.advance(written.min(self.held.len()));
        if self.held.is_empty() {
            // A thousand silent connections are to take no memory.
            self.held = BytesMut::new();
        }
        Ok(())
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Gathered<IO> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let more: usize = pieces.iter().map(|piece| piece.len()).sum();
        loop {
            if more < LARGE && this.held.len() + more <= this.most {
                if more >= SOON && this.held.is_empty() {
                    this.held.reserve(this.most);
                }
                pieces.iter().for_each(|piece| this.held.extend_from_slice(piece));
                return Poll::Ready(Ok(more));
            }
            let held = this.held.len();
            if held == 0 {
                return Pin::new(&mut this.io).poll_write_vectored(cx, pieces);
            }
            let mut all = [IoSlice::new(&[]); AT_ONCE];
            let count = pieces.len().min(AT_ONCE - 1);
            all[0] = IoSlice::new(&this.held);
            all[1..=count].copy_from_slice(&pieces[..count]);
            let writing = Pin::new(&mut this.io).poll_write_vectored(cx, &all[..=count]);
            let keeps_up = matches!(writing, Poll::Ready(Ok(written)) if written > held);
            this.most = if keeps_up { (2 * this.most).min(MOST_HELD) } else { HELD };
            let written = ready!(writing)?;
            this.forget(written)?;
            if written > held {
                return Poll::Ready(Ok(written - held));
            }
        }
    }

    /// A frame's head and the pieces of its message are one write.
    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_out(cx))?;
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Gathered<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, into)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use futures::FutureExt;
    use tokio::io::AsyncWriteExt;

    use super::*;

    /// Takes writes of up to so many bytes, and no more than so many in all.
    struct Peer {
        at_once: usize,
        room: usize,
        writes: Vec<Vec<u8>>,
        shut: bool,
    }

    impl Peer {
        fn new(at_once: usize, room: usize) -> Gathered<Peer> {
            Gathered::new(Peer { at_once, room, writes: Vec::new(), shut: false })
        }

        fn take(&mut self, pieces: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
            let most = self.at_once.min(self.room);
            let all: Vec<u8> = pieces.iter().flat_map(|piece| piece.iter().copied()).take(most).collect();
            if all.is_empty() {
                return Poll::Pending;
            }
            self.room -= all.len();
            let taken = all.len();
            self.writes.push(all);
            Poll::Ready(Ok(taken))
        }
    }

    impl AsyncWrite for Peer {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.take(&[IoSlice::new(bytes)])
        }

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            pieces: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            self.take(pieces)
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.shut = true;
            Poll::Ready(Ok(()))
        }
    }

    /// The end of a turn.
    fn turn(peer: &mut Gathered<Peer>) {
        let _ = poll_fn(|cx| peer.poll_out(cx)).now_or_never();
    }

    fn write(peer: &mut Gathered<Peer>, bytes: &[u8]) -> bool {
        peer.write_all(bytes).now_or_never().is_some_and(|done| done.is_ok())
    }

    fn flush(peer: &mut Gathered<Peer>) -> bool {
        peer.flush().now_or_never().is_some_and(|done| done.is_ok())
    }

    #[test]
    fn an_answer_is_one_write_at_the_end_of_the_turn() {
        let mut peer = Peer::new(usize::MAX, usize::MAX);
        for part in [&b"headers"[..], b"message", b"trailers"] {
            assert!(write(&mut peer, part) && flush(&mut peer));
        }
        assert!(peer.io.writes.is_empty());
        turn(&mut peer);
        assert_eq!(peer.io.writes, [b"headersmessagetrailers"]);
        assert_eq!(peer.held.capacity(), 0);
    }

    #[test]
    fn frames_of_many_rows_are_few_writes() {
        let mut peer = Peer::new(usize::MAX, usize::MAX);
        for frame in 0..20 {
            assert!(
                write(&mut peer, &[frame; 9]) && write(&mut peer, &[frame; 16 << 10]) && flush(&mut peer)
            );
        }
        // Twice as much is held for the second as for the first.
        assert_eq!(peer.io.writes.len(), 1);
        turn(&mut peer);
        assert_eq!(peer.io.writes.len(), 2);
        let all: Vec<u8> = (0..20).flat_map(|frame| [frame; 9 + (16 << 10)]).collect();
        assert!(peer.io.writes.concat() == all);
    }

    #[test]
    fn more_is_held_for_a_reader_that_keeps_up_and_less_for_one_that_does_not() {
        let mut peer = Peer::new(usize::MAX, usize::MAX);
        let frame = [1; 16 << 10];
        for _ in 0..200 {
            assert!(write(&mut peer, &frame));
        }
        let sizes: Vec<usize> = peer.io.writes.iter().map(|write| write.len() >> 10).collect();
        assert_eq!(sizes[..5], [144, 272, 528, 528, 528]);
        peer.io.room = 0;
        while write(&mut peer, &frame) {}
        assert_eq!(peer.most, HELD);
        peer.io.room = usize::MAX;
        turn(&mut peer);
        for _ in 0..10 {
            assert!(write(&mut peer, &frame));
        }
        assert_eq!(peer.io.writes.last().map(|write| write.len() >> 10), Some(144));
    }

    #[test]
    fn a_large_frame_goes_with_its_head_and_uncopied() {
        let mut peer = Peer::new(usize::MAX, usize::MAX);
        assert!(write(&mut peer, b"head") && write(&mut peer, &[7; LARGE]));
        assert_eq!(peer.io.writes.len(), 1);
        assert_eq!(peer.io.writes[0].len(), 4 + LARGE);
    }

    #[test]
    fn a_slow_peer_gets_all_in_order() {
        for at_once in [1, 3, 100, 40_000] {
            let mut peer = Peer::new(at_once, 0);
            let sizes = [9, 100, 20_000, 9, 40_000, 9, 1, 20_000, 20_000, 33_000, 9];
            let mut all = Vec::new();
            for (number, size) in sizes.into_iter().enumerate() {
                let piece = vec![number as u8; size];
                let mut rest = &piece[..];
                while !rest.is_empty() {
                    match peer.write(rest).now_or_never() {
                        Some(written) => rest = &rest[written.unwrap()..],
                        None => peer.io.room = 10_000,
                    }
                }
                all.extend(piece);
                flush(&mut peer);
            }
            peer.io.room = usize::MAX;
            assert!(peer.shutdown().now_or_never().unwrap().is_ok() && peer.io.shut);
            assert!(peer.io.writes.concat() == all, "{at_once}");
        }
    }
}
