//! one E0080: a union has no nulls of its own, so it cannot be in an `Option`: mark the variant
use flexconnect_core::{Column, Table};

#[derive(Column)]
enum Event {
    Nothing,
    Number(i64),
}

#[derive(Table)]
struct Row {
    event: Event,
    maybe: Option<Event>, //~
}

fn main() {}
