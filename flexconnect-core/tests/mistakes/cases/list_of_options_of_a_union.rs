//! one E0080: a union has no nulls of its own
use flexconnect_core::{Column, Table};

#[derive(Column)]
enum Event {
    Nothing,
    Number(i64),
}

#[derive(Table)]
struct Row {
    many: Vec<Option<Box<Event>>>, //~
}

fn main() {}
