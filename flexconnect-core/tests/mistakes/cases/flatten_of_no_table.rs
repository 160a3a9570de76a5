//! one E0277: `Plain` is not a table
use flexconnect_core::Table;

struct Plain {
    city: String,
}

#[derive(Table)]
struct Row {
    id: i64,
    #[column(flatten)]
    plain: Plain, //~
    plains: Vec<i64>,
}

fn main() {}
