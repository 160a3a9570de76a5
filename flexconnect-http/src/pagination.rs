//! APIs that give their rows in pages.

use std::hash::{DefaultHasher, Hash, Hasher};

use flexconnect_core::{Config, Error, ErrorKind, Page};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::answer::Answer;
use crate::data_path::{DataPath, kind_of};
use crate::request::Request;

/// How an API is asked for the next page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Config)]
pub enum PaginationType {
    /// One answer has all rows.
    #[default]
    None,
    /// By how many rows were there before: `offset` and `limit`.
    #[config(label = "Offset/Limit")]
    Offset,
    /// By the page's number, from 0: `page` and `per_page`.
    #[config(label = "Page Number")]
    Page,
}

/// A walk over pages: which query asks for one, and which one comes next.
///
/// It ends after an empty page, after one with fewer rows than asked for, and after the first where there is no
/// pagination. A page that came before is an error: an API that does not know the query parameters gives the first
/// page for ever.
///
/// The [`Cursor`] is that of [`Rows::pages`](flexconnect_core::Rows::pages), which fetches a page only when the reader
/// wants more; the crate's first example has all of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Pagination {
    /// `None` for the whole in one answer, else the parameters of place and size.
    parameters: Option<(String, String)>,
    /// By how much the place grows with a page.
    step: u64,
    first: u64,
    page_size: u64,
    repeats: bool,
}

impl Pagination {
    /// As configured, with the usual names of the query parameters.
    pub fn new(kind: PaginationType, page_size: u64) -> Self {
        match kind {
            PaginationType::None => Pagination::none(),
            PaginationType::Offset => Pagination::offset(page_size),
            PaginationType::Page => Pagination::page_number(page_size),
        }
    }

    /// One answer has all rows.
    pub fn none() -> Self {
        Pagination { parameters: None, step: 0, first: 0, page_size: u64::MAX, repeats: false }
    }

    /// `offset` and `limit`: rows to leave out, and rows wanted (at least 1).
    pub fn offset(page_size: u64) -> Self {
        let page_size = page_size.max(1);
        let parameters = Some(("offset".into(), "limit".into()));
        Pagination { parameters, step: page_size, first: 0, page_size, repeats: false }
    }

    /// `page` and `per_page`: the page's number, from 0, and rows wanted (at least 1).
    pub fn page_number(page_size: u64) -> Self {
        let parameters = Some(("page".into(), "per_page".into()));
        Pagination { parameters, step: 1, first: 0, page_size: page_size.max(1), repeats: false }
    }

    /// Other names of the two query parameters.
    #[must_use]
    pub fn with_parameters(mut self, place: impl Into<String>, size: impl Into<String>) -> Self {
        if self.parameters.is_some() {
            self.parameters = Some((place.into(), size.into()));
        }
        self
    }

    /// Begins at another place than 0: many APIs count pages from 1.
    #[must_use]
    pub fn with_first(mut self, first: u64) -> Self {
        self.first = first;
        self
    }

    /// Allows a page with the same rows as one before: a table of very few different rows has them.
    #[must_use]
    pub fn with_repeats(mut self) -> Self {
        self.repeats = true;
        self
    }

    /// Where the walk begins.
    pub fn first(&self) -> Cursor {
        Cursor { place: self.first, pages: 0, rows: 0, mark: None }
    }

    /// The request for the page at the cursor.
    pub fn ask(&self, request: Request, cursor: &Cursor) -> Request {
        match &self.parameters {
            Some((place, size)) => request.query(place, cursor.place).query(size, self.page_size),
            None => request,
        }
    }

    /// The page in an answer, and the cursor of the next if there is one.
    ///
    /// # Errors
    /// [`ErrorKind::Data`], with the request, when the answer is not JSON or leads nowhere; with the row's number when
    /// a row is not a `T`; and when a page has the rows of one before.
    pub fn page<T: DeserializeOwned>(
        &self,
        cursor: &Cursor,
        answer: &Answer,
        path: &DataPath,
    ) -> Result<Page<Vec<T>, Cursor>, Error> {
        let rows = path.rows(answer.json()?).map_err(|error| answer.place(&error))?;
        let next = self.next(cursor, &rows).map_err(|error| answer.place(&error))?;
        let rows = rows.into_iter().enumerate().map(|(at, row)| {
            let kind = kind_of(&row);
            serde_json::from_value(row).map_err(|error| {
                let message = format!("the row is {kind}, and not what a row of this table is: {error}");
                answer.error(ErrorKind::Data, message).with_row(cursor.rows + at as u64)
            })
        });
        Ok(Page::new(rows.collect::<Result<_, _>>()?, next))
    }

    /// The cursor after a page of these rows.
    fn next(&self, cursor: &Cursor, rows: &[Value]) -> Result<Option<Cursor>, Error> {
        let Some((place, _)) = &self.parameters else { return Ok(None) };
        if rows.is_empty() {
            return Ok(None);
        }
        let digest = digest(rows);
        if !self.repeats && cursor.mark == Some(digest) {
            let message = format!(
                "the page at {place}={} has the same rows as a page before; the API seems to ignore `{place}`, so the \
                 read would never end; choose another pagination, or allow repeated pages if its rows do repeat",
                cursor.place
            );
            return Err(Error::new(ErrorKind::Data, message));
        }
        if (rows.len() as u64) < self.page_size {
            return Ok(None);
        }
        let pages = cursor.pages + 1;
        // The rows of each page are compared with those of the page at the last power of two (Brent): that finds a
        // page that comes again for ever, however long the circle.
        let mark = if pages.is_power_of_two() { Some(digest) } else { cursor.mark };
        Ok(Some(Cursor {
            place: cursor.place.saturating_add(self.step),
            pages,
            rows: cursor.rows + rows.len() as u64,
            mark,
        }))
    }
}

/// A place in a walk over pages, made by [`Pagination::first`] and [`Pagination::page`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The value of the query parameter.
    place: u64,
    pages: u64,
    rows: u64,
    mark: Option<u64>,
}

impl Cursor {
    /// How many rows came before.
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

fn digest(rows: &[Value]) -> u64 {
    let mut hasher = DefaultHasher::new();
    rows.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows(from: u64, count: u64) -> Vec<Value> {
        (from..from + count).map(|id| json!({ "id": id })).collect()
    }

    #[test]
    fn places_grow_by_rows_or_by_one() {
        for (pagination, places) in [
            (Pagination::offset(10), [0, 10, 20]),
            (Pagination::page_number(10), [0, 1, 2]),
            (Pagination::page_number(10).with_first(1), [1, 2, 3]),
        ] {
            let first = pagination.first();
            let second = pagination.next(&first, &rows(0, 10)).unwrap().unwrap();
            let third = pagination.next(&second, &rows(10, 10)).unwrap().unwrap();
            assert_eq!([first.place, second.place, third.place], places);
            assert_eq!(third.rows(), 20);
        }
    }

    #[test]
    fn a_walk_ends_after_a_short_or_empty_page() {
        let pages = Pagination::offset(10);
        assert_eq!(pages.next(&pages.first(), &rows(0, 9)).unwrap(), None);
        assert_eq!(pages.next(&pages.first(), &[]).unwrap(), None);
        // Some APIs give more than was asked for.
        assert!(pages.next(&pages.first(), &rows(0, 11)).unwrap().is_some());
        assert_eq!(Pagination::none().next(&Pagination::none().first(), &rows(0, 1000)).unwrap(), None);
    }

    #[test]
    fn a_page_that_comes_again_is_found_however_long_the_circle() {
        for circle in 1..20 {
            for before in [0, 1, 5] {
                let pages = Pagination::offset(2);
                let mut cursor = pages.first();
                let found = (0..200u64).find(|&page| {
                    let number = if page < before { page } else { before + (page - before) % circle };
                    match pages.next(&cursor, &rows(number * 2, 2)) {
                        Ok(next) => {
                            cursor = next.unwrap();
                            false
                        }
                        Err(error) => {
                            assert!(error.to_string().contains("ignore `offset`"), "{error}");
                            true
                        }
                    }
                });
                assert!(found.is_some(), "a circle of {circle} after {before}");
            }
        }
    }

    #[test]
    fn repeats_can_be_allowed() {
        let pages = Pagination::page_number(1).with_repeats();
        let second = pages.next(&pages.first(), &rows(0, 1)).unwrap().unwrap();
        assert!(pages.next(&second, &rows(0, 1)).unwrap().is_some());
    }
}
