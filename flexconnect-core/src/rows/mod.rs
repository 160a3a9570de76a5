//! `Rows`: how a connector's rows are produced, and how they reach the column buffers.

mod blocking;
mod defer;
mod feed;
mod flat_map;
mod iter;
mod marks;
mod pages;
mod produce;
mod stop;
mod stream;
mod thread;

use std::fmt;

use futures_core::Stream;

use crate::error::{BoxError, Result};
use crate::record::{Accepts, Record};

pub use blocking::BlockingOutput;
pub(crate) use feed::{Feed, Fill, Filled, Limits};
pub use marks::Keeping;
pub(crate) use marks::Marks;
pub use pages::Page;
pub use produce::{Output, Pushed};
pub use stop::{OnStop, StopSignal, Stopped};
pub use thread::abandoned_threads;

/// The rows of one read: a source, not yet started, that fills the table's column buffers.
///
/// Rows are encoded as they are produced and never collected first; the source is asked only as fast as the
/// reader reads. Batches close by rows (8,192), by bytes (8 MiB) and by age (200 ms) when the source
/// stalls. Rows before an error are delivered, then the error.
///
/// | the rows come from | constructor |
/// |---|---|
/// | an iterator | [`iter`](Self::iter), [`try_iter`](Self::try_iter) |
/// | a stream | [`stream`](Self::stream), [`try_stream`](Self::try_stream) |
/// | an API with pages | [`pages`](Self::pages) |
/// | a loop with `.await` | [`produce`](Self::produce) |
/// | code that blocks | [`blocking`](Self::blocking) |
/// | something that must be awaited first | [`defer`](Self::defer) |
/// | one request for each parent | [`flat_map`](Self::flat_map) |
///
/// `?` cannot be used directly in `generate_rows`, which is no `Result`: use [`defer`](Self::defer).
#[must_use = "rows do nothing until they are returned from `generate_rows`"]
pub struct Rows<'a, R: Record> {
    feed: Box<dyn Feed<R::Buffer> + 'a>,
    marks: Marks,
}

impl<'a, R: Record + 'a> Rows<'a, R> {
    fn new(feed: impl Feed<R::Buffer> + 'a) -> Self {
        Rows { feed: Box::new(feed), marks: Marks::default() }
    }

    pub(crate) fn into_parts(self) -> (Box<dyn Feed<R::Buffer> + 'a>, Marks) {
        (self.feed, self.marks)
    }

    /// A source among several: what was said of its rows alone is left.
    fn into_feed(self) -> Box<dyn Feed<R::Buffer> + 'a> {
        self.feed
    }

    /// Says that the result may be kept and read again, whatever its size.
    ///
    /// A hint to doors that keep results, as a GoodData server does; others ignore it. Like every mark on rows it may
    /// stand inside [`defer`](Self::defer); on the rows of one parent of [`flat_map`](Self::flat_map) it is ignored.
    ///
    /// ```
    /// # use flexconnect_core::{Rows, Table};
    /// #[derive(Table)]
    /// struct Number { n: u64 }
    ///
    /// let rows: Rows<'_, Number> = Rows::iter((0..1_000_000).map(|n| Number { n })).held();
    /// ```
    pub fn held(mut self) -> Self {
        self.marks.keeping = Keeping::Held;
        self
    }

    /// Says that the result is to be given away once and never kept, whatever its size: the opposite hint to
    /// [`held`](Self::held).
    pub fn single_use(mut self) -> Self {
        self.marks.keeping = Keeping::SingleUse;
        self
    }

    /// Closes batches at this many rows, one at least, where that is fewer than they would have anyway; with 1,
    /// batches that are rows themselves leave one by one as they were made.
    pub fn with_batch_rows(mut self, rows: usize) -> Self {
        self.marks.batch_rows = Some(rows.max(1));
        self
    }

    /// Adds a key to the metadata of this result's schema, in doors that announce a result's schema only once the
    /// read has begun, as a GoodData server does; others ignore it. A key that is given again has the new value.
    ///
    /// ```
    /// # use flexconnect_core::{Rows, Table};
    /// #[derive(Table)]
    /// struct Number { n: u64 }
    ///
    /// let rows: Rows<'_, Number> = Rows::empty().with_metadata("source", "cache of 06:00");
    /// ```
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.marks.metadata.insert(key.into(), value.into());
        self
    }

    /// No rows.
    pub fn empty() -> Self {
        Rows::new(iter::Empty)
    }

    /// No rows, and this error.
    pub fn error(error: impl Into<BoxError>) -> Self {
        Rows::new(iter::Failed(Some(error.into())))
    }

    /// Rows of an iterator, which may borrow from the connector.
    ///
    /// ```
    /// # use flexconnect_core::{Rows, Table};
    /// #[derive(Table)]
    /// struct Number { n: u64 }
    ///
    /// let rows: Rows<'_, Number> = Rows::iter((0..3).map(|n| Number { n }));
    /// ```
    pub fn iter<I>(rows: I) -> Self
    where
        I: IntoIterator<IntoIter: Send + 'a>,
        R: Accepts<I::Item>,
    {
        Rows::new(iter::Iter::<I::IntoIter, R>::new(rows.into_iter()))
    }

    /// Rows of an iterator that can fail; the rows before the error are delivered.
    ///
    /// A closure that uses `?` needs a return type: `.map(|line| -> Result<_> { .. })`.
    pub fn try_iter<I, T, E>(rows: I) -> Self
    where
        I: IntoIterator<Item = std::result::Result<T, E>, IntoIter: Send + 'a>,
        R: Accepts<T>,
        E: Into<BoxError>,
    {
        Rows::new(iter::TryIter::<I::IntoIter, R>::new(rows.into_iter()))
    }

    /// Rows of a stream that cannot fail.
    pub fn stream<S>(rows: S) -> Self
    where
        S: Stream + Send + 'a,
        R: Accepts<S::Item>,
    {
        Rows::new(stream::Streamed::<S, R>::new(rows))
    }

    /// Rows of a stream that can fail; the rows before the error are delivered.
    pub fn try_stream<S, T, E>(rows: S) -> Self
    where
        S: Stream<Item = std::result::Result<T, E>> + Send + 'a,
        R: Accepts<T>,
        E: Into<BoxError>,
    {
        Rows::new(stream::TryStreamed::<S, R>::new(rows))
    }

    /// Rows of an API with pages: `first` is the first cursor, `fetch` turns a cursor into a [`Page`].
    ///
    /// `fetch` is called when the rows of the page before are encoded and the reader wants more. Pass
    /// `|cursor| self.page(cursor)` or `move |cursor| async move { .. }`.
    ///
    /// The read ends in an error when a cursor comes again, when a page is empty and says there is
    /// more, and after 1,000,000 pages ([`pages_up_to`](Self::pages_up_to) sets another maximum).
    ///
    /// ```
    /// # use flexconnect_core::{Page, Result, Rows, Table};
    /// #[derive(Table)]
    /// struct Number { n: u64 }
    ///
    /// async fn page(cursor: u64) -> Result<Page<Vec<Number>, u64>> {
    ///     let rows = (cursor..cursor + 10).map(|n| Number { n }).collect();
    ///     Ok(Page::new(rows, (cursor < 90).then_some(cursor + 10)))
    /// }
    /// let rows: Rows<'_, Number> = Rows::pages(0, page);
    /// ```
    pub fn pages<C, I, F, Fut>(first: C, fetch: F) -> Self
    where
        C: PartialEq + Clone + Send + 'a,
        I: IntoIterator<IntoIter: Send + 'a> + 'a,
        R: Accepts<I::Item>,
        F: FnMut(C) -> Fut + Send + 'a,
        Fut: Future<Output = Result<Page<I, C>>> + Send + 'a,
    {
        Self::pages_up_to(pages::MAX_PAGES, first, fetch)
    }

    /// [`pages`](Self::pages) with another maximum: a source that has more pages ends in an error.
    pub fn pages_up_to<C, I, F, Fut>(maximum: u64, first: C, fetch: F) -> Self
    where
        C: PartialEq + Clone + Send + 'a,
        I: IntoIterator<IntoIter: Send + 'a> + 'a,
        R: Accepts<I::Item>,
        F: FnMut(C) -> Fut + Send + 'a,
        Fut: Future<Output = Result<Page<I, C>>> + Send + 'a,
    {
        Rows::new(pages::Pages::<C, I, F, Fut, R>::new(maximum, first, fetch))
    }

    /// Rows pushed by an async closure, for code that reads best as a loop.
    ///
    /// ```
    /// # use flexconnect_core::{Rows, Table};
    /// #[derive(Table)]
    /// struct Number { n: u64 }
    ///
    /// let rows: Rows<'_, Number> = Rows::produce(|out| async move {
    ///     for n in 0..3 {
    ///         out.push(Number { n }).await;
    ///     }
    ///     Ok(())
    /// });
    /// ```
    pub fn produce<F, Fut>(produce: F) -> Self
    where
        F: FnOnce(Output<R>) -> Fut,
        Fut: Future<Output = Result<()>> + Send + 'a,
    {
        let (feed, output) = produce::channel();
        let future = produce(output);
        Rows::new(feed.with(future))
    }

    /// Rows pushed by a closure that blocks, on a thread of its own.
    ///
    /// The thread starts with the read, is at most two batches ahead of the reader, and is told
    /// to stop by [`Stopped`] from the next push when the reader has gone. Work that takes long between two
    /// pushes asks [`BlockingOutput::is_stopped`] or is interrupted by [`BlockingOutput::on_stop`]. Clone what it
    /// needs first: it cannot borrow from `self`.
    ///
    /// ```
    /// # use flexconnect_core::{Rows, Table};
    /// #[derive(Table)]
    /// struct Number { n: u64 }
    ///
    /// let rows: Rows<'_, Number> = Rows::blocking(|out| {
    ///     for n in 0..3 {
    ///         out.push(Number { n })?;
    ///     }
    ///     Ok(())
    /// });
    /// ```
    pub fn blocking(work: impl FnOnce(&mut BlockingOutput<R>) -> Result<()> + Send + 'static) -> Self
    where
        R: 'static,
    {
        Rows::new(blocking::Blocking::<R>::new(work))
    }

    /// Awaits what must happen before the first row: `?` and `.await` work inside.
    ///
    /// ```
    /// # use flexconnect_core::{ReadRequest, Rows, Table};
    /// #[derive(Table)]
    /// struct Number { n: u64 }
    ///
    /// fn rows(request: ReadRequest) -> Rows<'static, Number> {
    ///     Rows::defer(async move {
    ///         let since: u64 = request.state()?.unwrap_or(0);
    ///         Ok(Rows::iter((since..since + 3).map(|n| Number { n })))
    ///     })
    /// }
    /// ```
    pub fn defer(rows: impl Future<Output = Result<Rows<'a, R>>> + Send + 'a) -> Self {
        Rows::new(defer::Defer::new(rows))
    }

    /// The rows of every parent, at most `at_once` parents at a time; their rows arrive interleaved.
    ///
    /// An error of a parent, or of one parent's rows, ends the read.
    pub fn flat_map<P, E, F>(
        parents: impl Stream<Item = std::result::Result<P, E>> + Send + 'a,
        at_once: usize,
        rows_of: F,
    ) -> Self
    where
        E: Into<BoxError> + 'a,
        P: 'a,
        F: FnMut(P) -> Rows<'a, R> + Send + 'a,
    {
        Rows::new(flat_map::FlatMap::new(parents, at_once, rows_of))
    }
}

impl<R: Record> fmt::Debug for Rows<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").finish_non_exhaustive()
    }
}
