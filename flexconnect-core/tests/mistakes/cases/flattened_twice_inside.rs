//! one E0080: the column `a_b_city` is there twice
use flexconnect_core::Table;

#[derive(Table)]
struct Address {
    city: String,
}

#[derive(Table)]
struct Inner {
    #[column(flatten(prefix = "b_"))]
    address: Address,
}

#[derive(Table)]
struct Outer<'o> {
    a_b_city: &'o str,
    #[column(flatten(prefix = "a_"))]
    inner: Inner, //~
}

fn main() {}
