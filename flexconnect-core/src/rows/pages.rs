//! Rows of an API with pages, and the rules that end a walk that would never end.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use serde::Serialize;
use serde_json::Value;

use super::{Feed, Fill, Filled};
use crate::error::{Error, ErrorKind, Result};
use crate::record::{Accepts, RowBuffer};

/// A walk of more pages than this is taken for one without an end.
pub(super) const MAX_PAGES: u64 = 1_000_000;

/// One page: its rows, the cursor of the next page if there is one, and where a later read may resume.
#[derive(Debug)]
pub struct Page<I, C> {
    rows: I,
    next: Option<C>,
    checkpoint: Option<Result<Value, serde_json::Error>>,
}

impl<I, C> Page<I, C> {
    /// A page of these rows; `next` is the cursor to go on with, `None` on the last page.
    pub fn new(rows: I, next: Option<C>) -> Self {
        Page { rows, next, checkpoint: None }
    }

    /// Where to resume once the rows of this page are delivered.
    #[must_use]
    pub fn with_checkpoint(mut self, state: &impl Serialize) -> Self {
        self.checkpoint = Some(serde_json::to_value(state));
        self
    }
}

pub(super) struct Pages<C, I: IntoIterator, F, Fut, R> {
    fetch: F,
    walk: Walk<C>,
    step: Step<I, Fut>,
    next: Option<C>,
    table: PhantomData<fn() -> R>,
}

enum Step<I: IntoIterator, Fut> {
    Idle,
    Fetching(Pin<Box<Fut>>),
    Rows { rows: I::IntoIter, empty: bool, checkpoint: Option<Value> },
}

impl<C: Clone, I: IntoIterator, F, Fut, R> Pages<C, I, F, Fut, R> {
    pub(super) fn new(maximum: u64, first: C, fetch: F) -> Self {
        let walk = Walk { maximum, pages: 0, mark: None, next_mark: 1 };
        Pages { fetch, walk, step: Step::Idle, next: Some(first), table: PhantomData }
    }
}

impl<C, I, F, Fut, R> Feed<R::Buffer> for Pages<C, I, F, Fut, R>
where
    C: PartialEq + Clone + Send,
    I: IntoIterator<IntoIter: Send>,
    F: FnMut(C) -> Fut + Send,
    Fut: Future<Output = Result<Page<I, C>>> + Send,
    R: Accepts<I::Item>,
{
    fn poll_fill(&mut self, cx: &mut Context<'_>, fill: &mut Fill<R::Buffer>) -> Poll<Result<Filled>> {
        loop {
            match &mut self.step {
                Step::Idle => {
                    let Some(cursor) = self.next.take() else { return Poll::Ready(Ok(Filled::End)) };
                    self.walk.enter(&cursor)?;
                    self.step = Step::Fetching(Box::pin((self.fetch)(cursor)));
                }
                Step::Fetching(page) => {
                    let page = ready!(page.as_mut().poll(cx));
                    self.step = Step::Idle;
                    let page = page?;
                    self.next = page.next;
                    let checkpoint = page.checkpoint.transpose()?;
                    self.step = Step::Rows { rows: page.rows.into_iter(), empty: true, checkpoint };
                }
                Step::Rows { rows, empty, checkpoint } => {
                    let before = fill.buffer.len();
                    let filled = fill.extend::<R, _>(rows);
                    *empty &= fill.buffer.len() == before;
                    if filled == Filled::More {
                        return Poll::Ready(Ok(Filled::More));
                    }
                    if *empty && self.next.take().is_some() {
                        self.step = Step::Idle;
                        return Poll::Ready(Err(self.walk.refuse("a page is empty and says there is more")));
                    }
                    if let Some(state) = checkpoint.take() {
                        fill.checkpoint = Some(state);
                    }
                    self.step = Step::Idle;
                    // The reader may have enough: the next page is fetched only when it asks again.
                    if fill.is_full() {
                        return Poll::Ready(Ok(Filled::More));
                    }
                }
            }
        }
    }
}

/// Counts pages and finds a cursor that comes again, however long the circle, by comparing each
/// cursor with the one at the last power of two (Brent).
struct Walk<C> {
    maximum: u64,
    pages: u64,
    mark: Option<C>,
    next_mark: u64,
}

impl<C: PartialEq + Clone> Walk<C> {
    fn enter(&mut self, cursor: &C) -> Result<()> {
        if self.mark.as_ref() == Some(cursor) {
            return Err(self.refuse("the source gave a cursor it gave before"));
        }
        if self.pages == self.maximum {
            return Err(self.refuse("the source has more pages than the maximum of this read"));
        }
        self.pages += 1;
        if self.pages == self.next_mark {
            self.mark = Some(cursor.clone());
            self.next_mark *= 2;
        }
        Ok(())
    }

    fn refuse(&self, what: &str) -> crate::error::BoxError {
        let pages = self.pages;
        let message =
            format!("{what} (after {pages} pages); the walk was ended so that it does not go on for ever");
        Error::new(ErrorKind::Data, message).into()
    }
}
