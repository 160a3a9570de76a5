//! An author's code that panics in the middle of a row, when some of its columns have their value and others have not.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fmt;
use std::str::FromStr;

use flexconnect_core::{BoxError, Connector, ErrorKind, ReadRequest, Result, Rows, Table};
use support::{collect, opened};

/// A text whose author did not think of the number 3.
struct Picky(i64);

impl fmt::Display for Picky {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        assert!(self.0 != 3, "who would ask for 3?");
        write!(f, "number {}", self.0)
    }
}

impl FromStr for Picky {
    type Err = BoxError;

    fn from_str(text: &str) -> Result<Self> {
        Ok(Picky(text.trim_start_matches("number ").parse()?))
    }
}

#[derive(Table)]
struct Row {
    before: i64,
    #[column(display)]
    picky: Picky,
    after: Option<String>,
}

fn row(id: i64) -> Row {
    Row { before: id, picky: Picky(id), after: Some(id.to_string()) }
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Iter,
    Produce,
    Blocking,
}

/// Rows up to a number.
struct Picked(Way, i64);

impl Connector for Picked {
    const NAME: &'static str = "picked";
    type Config = ();
    type Row = Row;

    async fn init((): (), _: &()) -> Result<Self> {
        Err("built by hand".into())
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, Row> {
        let rows = (0..self.1.min(request.limit.map_or(i64::MAX, |limit| limit as i64))).map(row);
        match self.0 {
            Way::Iter => Rows::iter(rows),
            Way::Produce => Rows::produce(|out| async move {
                for row in rows {
                    out.push(row).await;
                }
                Ok(())
            }),
            Way::Blocking => {
                Rows::blocking(move |out| Ok(rows.into_iter().try_for_each(|row| out.push(row))?))
            }
        }
    }
}

#[test]
fn a_row_that_is_broken_off_ends_the_read_and_the_next_one_works() {
    for way in [Way::Iter, Way::Produce, Way::Blocking] {
        let dataset = opened(Picked(way, 10));
        let (batches, error) = collect(dataset.clone(), ReadRequest::new());
        let rows: usize = batches.iter().map(|batch| batch.num_rows()).sum();
        assert!(rows <= 3, "{way:?}: a row nobody finished is delivered");
        assert_eq!(error.unwrap().kind(), ErrorKind::Internal, "{way:?}");
        let (batches, error) = collect(dataset, ReadRequest::new().with_limit(3));
        assert!(error.is_none(), "{way:?}: {error:?}");
        assert_eq!(batches[0].num_rows(), 3, "{way:?}");
    }
}
