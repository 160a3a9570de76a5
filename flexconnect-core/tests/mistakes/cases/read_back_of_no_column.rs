//! one E0277: `Plain` cannot be a column
use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::table::BorrowColumns;
use flexconnect_core::{Column, Result, Table};

struct Plain;

#[derive(Table)]
struct Row<'a> {
    name: &'a str,
    plain: Vec<Plain>, //~
    #[column(flatten)]
    more: More<'a>,
    kind: Kind<'a>,
}

#[derive(Table)]
struct More<'a> {
    more: &'a str,
}

#[derive(Column)]
enum Kind<'a> {
    Text(&'a str),
    Number { number: i64 },
}

#[derive(Table)]
struct Outer<'a> {
    row: Row<'a>,
}

fn longest(batch: &RecordBatch) -> Result<usize> {
    let view = Outer::view(batch)?;
    let mut longest = 0;
    for outer in view.rows::<Outer<'_>>() {
        longest = longest.max(outer?.row.name.len());
    }
    Ok(longest)
}

fn main() {}
