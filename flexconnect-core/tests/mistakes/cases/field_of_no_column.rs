//! one E0277: `Plain` cannot be a column
use flexconnect_core::Table;

struct Plain;

#[derive(Table)]
struct Row {
    id: i64,
    plain: Vec<Option<Plain>>, //~
    text: String,
}

fn main() {}
