//! one E0080: `city` can be null, and a column of the key cannot
use flexconnect_core::Table;

#[derive(Table)]
struct Address {
    city: Option<String>,
}

#[derive(Table)]
#[table(primary_key(id, city))] //~
struct Row {
    id: i64,
    #[column(flatten)]
    home: Address,
}

fn main() {}
