//! Rows of streams.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::{Feed, Fill, Filled};
use crate::error::{BoxError, Result};
use crate::record::{Accepts, Record};

pub(super) struct Streamed<S, R>(Pin<Box<S>>, PhantomData<fn() -> R>);

impl<S, R> Streamed<S, R> {
    pub(super) fn new(rows: S) -> Self {
        Streamed(Box::pin(rows), PhantomData)
    }
}

impl<S, R> Feed<R::Buffer> for Streamed<S, R>
where
    S: Stream + Send,
    R: Accepts<S::Item>,
{
    fn poll_fill(&mut self, cx: &mut Context<'_>, fill: &mut Fill<R::Buffer>) -> Poll<Result<Filled>> {
        let mut pending = false;
        let filled = fill.extend::<R, _>(&mut Ready { rows: self.0.as_mut(), cx, pending: &mut pending });
        if pending { Poll::Pending } else { Poll::Ready(Ok(filled)) }
    }

    fn at_most(&self) -> Option<usize> {
        self.0.size_hint().1
    }
}

pub(super) struct TryStreamed<S, R>(Pin<Box<S>>, PhantomData<fn() -> R>);

impl<S, R> TryStreamed<S, R> {
    pub(super) fn new(rows: S) -> Self {
        TryStreamed(Box::pin(rows), PhantomData)
    }
}

impl<S, R, T, E> Feed<R::Buffer> for TryStreamed<S, R>
where
    S: Stream<Item = std::result::Result<T, E>> + Send,
    R: Record + Accepts<T>,
    E: Into<BoxError>,
{
    fn poll_fill(&mut self, cx: &mut Context<'_>, fill: &mut Fill<R::Buffer>) -> Poll<Result<Filled>> {
        let (mut pending, mut failed) = (false, None);
        let mut ready = Ready { rows: self.0.as_mut(), cx, pending: &mut pending };
        let mut rows = std::iter::from_fn(|| match ready.next()? {
            Ok(row) => Some(row),
            Err(error) => {
                failed = Some(error);
                None
            }
        });
        let filled = fill.extend::<R, _>(&mut rows);
        match failed {
            Some(error) => Poll::Ready(Err(error.into())),
            None if pending => Poll::Pending,
            None => Poll::Ready(Ok(filled)),
        }
    }

    fn at_most(&self) -> Option<usize> {
        self.0.size_hint().1
    }
}

/// The items a stream has ready now; says whether it ended or is only waiting.
struct Ready<'a, 'cx, S> {
    rows: Pin<&'a mut S>,
    cx: &'a mut Context<'cx>,
    pending: &'a mut bool,
}

impl<S: Stream> Iterator for Ready<'_, '_, S> {
    type Item = S::Item;

    #[inline]
    fn next(&mut self) -> Option<S::Item> {
        match self.rows.as_mut().poll_next(self.cx) {
            Poll::Ready(row) => row,
            Poll::Pending => {
                *self.pending = true;
                None
            }
        }
    }
}
