//! one E0080: the column `city` is there twice: give a flattened struct a `prefix`
use flexconnect_core::Table;

#[derive(Table)]
struct Address {
    city: String,
}

#[derive(Table)]
struct Row {
    #[column(flatten(prefix = "home_"))]
    home: Address,
    #[column(flatten)]
    work: Address,
    #[column(flatten)]
    other: Address, //~
}

fn main() {}
