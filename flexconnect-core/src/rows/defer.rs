//! Rows that exist only after a future.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::{Feed, Fill, Filled, Rows};
use crate::error::Result;
use crate::record::Record;

type Opening<'a, R> = Pin<Box<dyn Future<Output = Result<Rows<'a, R>>> + Send + 'a>>;

pub(super) enum Defer<'a, R: Record> {
    Opening(Opening<'a, R>),
    Open(Box<dyn Feed<R::Buffer> + 'a>),
    Failed,
}

impl<'a, R: Record + 'a> Defer<'a, R> {
    pub(super) fn new(rows: impl Future<Output = Result<Rows<'a, R>>> + Send + 'a) -> Self {
        Defer::Opening(Box::pin(rows))
    }
}

impl<'a, R: Record + 'a> Feed<R::Buffer> for Defer<'a, R> {
    fn poll_fill(&mut self, cx: &mut Context<'_>, fill: &mut Fill<R::Buffer>) -> Poll<Result<Filled>> {
        loop {
            match self {
                Defer::Opening(opening) => match ready!(opening.as_mut().poll(cx)) {
                    Ok(rows) => {
                        let (feed, marks) = rows.into_parts();
                        fill.mark(marks);
                        *self = Defer::Open(feed);
                    }
                    Err(error) => {
                        *self = Defer::Failed;
                        return Poll::Ready(Err(error));
                    }
                },
                Defer::Open(feed) => return feed.poll_fill(cx, fill),
                Defer::Failed => return Poll::Ready(Ok(Filled::End)),
            }
        }
    }

    fn holds_rows(&self) -> bool {
        matches!(self, Defer::Open(feed) if feed.holds_rows())
    }

    fn hand_over(&mut self, fill: &mut Fill<R::Buffer>) {
        if let Defer::Open(feed) = self {
            feed.hand_over(fill);
        }
    }
}
