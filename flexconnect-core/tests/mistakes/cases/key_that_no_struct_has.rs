//! one E0080: there is no column `home_town`
use flexconnect_core::Table;

#[derive(Table)]
struct Address {
    city: String,
}

#[derive(Table)]
#[table(sorted_by(home_town desc))] //~
struct Row {
    #[column(flatten(prefix = "home_"))]
    home: Address,
}

fn main() {}
