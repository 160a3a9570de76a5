//! The bytes of a message in the pieces they lie in.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes};

/// Pieces of memory, one after the other. HTTP/2 takes a message of them at once, which wakes its connection once.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    pieces: VecDeque<Bytes>,
    left: usize,
}

impl Pieces {
    /// The first of them; `None` behind the last.
    pub(crate) fn pop(&mut self) -> Option<Bytes> {
        let piece = self.pieces.pop_front()?;
        self.left -= piece.len();
        Some(piece)
    }
}

impl From<Vec<Bytes>> for Pieces {
    fn from(mut pieces: Vec<Bytes>) -> Self {
        // An empty one at the front would look like the end.
        pieces.retain(|piece| !piece.is_empty());
        Pieces { left: pieces.iter().map(Bytes::len).sum(), pieces: pieces.into() }
    }
}

impl From<Bytes> for Pieces {
    fn from(piece: Bytes) -> Self {
        vec![piece].into()
    }
}

impl Buf for Pieces {
    fn remaining(&self) -> usize {
        self.left
    }

    fn chunk(&self) -> &[u8] {
        self.pieces.front().map_or(&[], |piece| piece)
    }

    fn chunks_vectored<'a>(&'a self, into: &mut [IoSlice<'a>]) -> usize {
        let mut count = 0;
        for (slice, piece) in into.iter_mut().zip(&self.pieces) {
            *slice = IoSlice::new(piece);
            count += 1;
        }
        count
    }

    fn advance(&mut self, mut count: usize) {
        assert!(count <= self.left, "no more can be taken than there is");
        self.left -= count;
        while count > 0 {
            let Some(first) = self.pieces.front_mut() else { return };
            if count < first.len() {
                return first.advance(count);
            }
            count -= first.len();
            // What it lent is given back now, not with the last of them.
            self.pieces.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_taken_in_any_steps_and_let_go_when_taken() {
        let parts = ["", "ab", "", "cdef", "g", ""].map(|part| Bytes::from_static(part.as_bytes()));
        for step in 1..=7 {
            let mut pieces = Pieces::from(parts.to_vec());
            let mut taken = Vec::new();
            while pieces.has_remaining() {
                assert!(!pieces.chunk().is_empty());
                let mut slices = [IoSlice::new(&[]); 2];
                let count = pieces.chunks_vectored(&mut slices);
                assert_eq!(&*slices[0], pieces.chunk());
                assert!(count == 2 || slices[0].len() == pieces.remaining());
                let count = step.min(pieces.remaining());
                taken.extend_from_slice(&pieces.copy_to_bytes(count));
            }
            assert_eq!((&taken[..], pieces.pieces.len(), pieces.remaining()), (&b"abcdefg"[..], 0, 0));
        }
        let mut pieces = Pieces::from(parts.to_vec());
        pieces.advance(1);
        let popped: Vec<_> = std::iter::from_fn(|| pieces.pop()).collect();
        assert_eq!((popped.concat(), pieces.remaining()), (b"bcdefg".to_vec(), 0));
    }
}
