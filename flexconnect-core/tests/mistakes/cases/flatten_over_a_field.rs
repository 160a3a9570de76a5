//! one E0080: the column `home_city` is there twice
use flexconnect_core::Table;

#[derive(Table)]
struct Address {
    city: String,
}

#[derive(Table)]
struct Person {
    home_city: Option<i64>,
    #[column(flatten(prefix = "home_"))]
    home: Address, //~
}

fn main() {}
