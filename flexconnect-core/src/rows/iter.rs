//! Rows of iterators.

use std::marker::PhantomData;
use std::task::{Context, Poll};

use super::{Feed, Fill, Filled};
use crate::error::{BoxError, Result};
use crate::record::{Accepts, Record, RowBuffer};

pub(super) struct Empty;

impl<B: RowBuffer> Feed<B> for Empty {
    fn poll_fill(&mut self, _: &mut Context<'_>, _: &mut Fill<B>) -> Poll<Result<Filled>> {
        Poll::Ready(Ok(Filled::End))
    }
}

pub(super) struct Failed(pub(super) Option<BoxError>);

impl<B: RowBuffer> Feed<B> for Failed {
    fn poll_fill(&mut self, _: &mut Context<'_>, _: &mut Fill<B>) -> Poll<Result<Filled>> {
        Poll::Ready(self.0.take().map_or(Ok(Filled::End), Err))
    }
}

/// `fn() -> R`: the table is named, not held, so that it need not be `Send`.
pub(super) struct Iter<I, R>(I, PhantomData<fn() -> R>);

impl<I, R> Iter<I, R> {
    pub(super) fn new(rows: I) -> Self {
        Iter(rows, PhantomData)
    }
}

impl<I, R> Feed<R::Buffer> for Iter<I, R>
where
    I: Iterator + Send,
    R: Accepts<I::Item>,
{
    fn poll_fill(&mut self, _: &mut Context<'_>, fill: &mut Fill<R::Buffer>) -> Poll<Result<Filled>> {
        Poll::Ready(Ok(fill.extend::<R, _>(&mut self.0)))
    }

    fn at_most(&self) -> Option<usize> {
        self.0.size_hint().1
    }
}

pub(super) struct TryIter<I, R>(I, PhantomData<fn() -> R>);

impl<I, R> TryIter<I, R> {
    pub(super) fn new(rows: I) -> Self {
        TryIter(rows, PhantomData)
    }
}

impl<I, R, T, E> Feed<R::Buffer> for TryIter<I, R>
where
    I: Iterator<Item = std::result::Result<T, E>> + Send,
    R: Record + Accepts<T>,
    E: Into<BoxError>,
{
    fn poll_fill(&mut self, _: &mut Context<'_>, fill: &mut Fill<R::Buffer>) -> Poll<Result<Filled>> {
        let mut failed = None;
        let mut rows = UntilError { rows: &mut self.0, failed: &mut failed };
        let filled = fill.extend::<R, _>(&mut rows);
        Poll::Ready(failed.map_or(Ok(filled), |error| Err(error.into())))
    }

    fn at_most(&self) -> Option<usize> {
        self.0.size_hint().1
    }
}

/// The rows up to the first error, which is kept aside.
struct UntilError<'a, I, E> {
    rows: &'a mut I,
    failed: &'a mut Option<E>,
}

impl<T, E, I: Iterator<Item = std::result::Result<T, E>>> Iterator for UntilError<'_, I, E> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        match self.rows.next()? {
            Ok(row) => Some(row),
            Err(error) => {
                *self.failed = Some(error);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{ArrayRef, Int64Array, RecordBatch};

    use super::super::Rows;

    fn row() -> RecordBatch {
        let column: ArrayRef = std::sync::Arc::new(Int64Array::from(vec![1]));
        RecordBatch::try_from_iter([("id", column)]).unwrap()
    }

    #[test]
    fn no_more_room_is_made_than_there_are_rows() {
        let at_most = |rows: Rows<'static, RecordBatch>| rows.into_parts().0.at_most();
        assert_eq!(at_most(Rows::iter([row(), row(), row()])), Some(3));
        assert_eq!(
            at_most(Rows::try_iter([Ok::<_, crate::Error>(row())].into_iter().filter(|_| true))),
            Some(1)
        );
        assert_eq!(at_most(Rows::stream(futures::stream::iter([row()]))), Some(1));
        assert_eq!(at_most(Rows::iter(std::iter::repeat(row()))), None);
    }
}
