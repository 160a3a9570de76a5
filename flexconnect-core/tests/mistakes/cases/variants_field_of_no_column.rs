//! one E0277: `Plain` cannot be a column
use flexconnect_core::Column;

struct Plain;

#[derive(Column)]
#[column(tagged)]
enum Event {
    Nothing,
    Many {
        id: i64,
        plain: Vec<Plain>, //~
    },
}

fn main() {}
