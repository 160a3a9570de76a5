//! one E0277: a decimal needs its digits: `#[column(decimal(p, s))]`
use flexconnect_core::Table;

#[derive(Table)]
struct Row {
    id: i64,
    price: Option<i128>, //~
}

fn main() {}
