//! The rows of many parents, a bounded number of them at a time.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::{Feed, Fill, Filled, Rows};
use crate::error::{BoxError, Result};
use crate::record::Record;

pub(super) struct FlatMap<'a, S, F, R: Record> {
    parents: Option<Pin<Box<S>>>,
    at_once: usize,
    rows_of: F,
    open: Vec<Box<dyn Feed<R::Buffer> + 'a>>,
    /// Which child is asked first, so that a fast one does not starve the others.
    turn: usize,
}

impl<'a, S, F, R: Record> FlatMap<'a, S, F, R> {
    pub(super) fn new(parents: S, at_once: usize, rows_of: F) -> Self {
        FlatMap {
            parents: Some(Box::pin(parents)),
            at_once: at_once.max(1),
            rows_of,
            open: Vec::new(),
            turn: 0,
        }
    }
}

impl<'a, S, F, R, P, E> Feed<R::Buffer> for FlatMap<'a, S, F, R>
where
    R: Record + 'a,
    S: Stream<Item = std::result::Result<P, E>> + Send,
    E: Into<BoxError>,
    F: FnMut(P) -> Rows<'a, R> + Send,
{
    fn poll_fill(&mut self, cx: &mut Context<'_>, fill: &mut Fill<R::Buffer>) -> Poll<Result<Filled>> {
        loop {
            while self.open.len() < self.at_once {
                let Some(parents) = &mut self.parents else { break };
                match parents.as_mut().poll_next(cx) {
                    Poll::Ready(Some(Ok(parent))) => self.open.push((self.rows_of)(parent).into_feed()),
                    Poll::Ready(Some(Err(error))) => {
                        self.end();
                        return Poll::Ready(Err(error.into()));
                    }
                    Poll::Ready(None) => self.parents = None,
                    Poll::Pending => break,
                }
            }
            if self.open.is_empty() {
                return if self.parents.is_none() { Poll::Ready(Ok(Filled::End)) } else { Poll::Pending };
            }
            let mut ended = false;
            for _ in 0..self.open.len() {
                if fill.is_full() {
                    return Poll::Ready(Ok(Filled::More));
                }
                self.turn = (self.turn + 1) % self.open.len();
                match self.open[self.turn].poll_fill(cx, fill) {
                    Poll::Ready(Ok(Filled::More)) => return Poll::Ready(Ok(Filled::More)),
                    Poll::Ready(Ok(Filled::End)) => {
                        self.open.swap_remove(self.turn);
                        ended = true;
                        break;
                    }
                    Poll::Ready(Err(error)) => {
                        self.end();
                        return Poll::Ready(Err(error));
                    }
                    Poll::Pending => {}
                }
            }
            if !ended {
                return Poll::Pending;
            }
        }
    }

    fn holds_rows(&self) -> bool {
        self.open.iter().any(|feed| feed.holds_rows())
    }

    fn hand_over(&mut self, fill: &mut Fill<R::Buffer>) {
        if let Some(feed) = self.open.iter_mut().find(|feed| feed.holds_rows()) {
            feed.hand_over(fill);
        }
    }
}

impl<S, F, R: Record> FlatMap<'_, S, F, R> {
    fn end(&mut self) {
        self.parents = None;
        self.open.clear();
    }
}
