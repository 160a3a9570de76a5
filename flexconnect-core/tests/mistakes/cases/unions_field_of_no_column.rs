//! one E0277: `Plain` cannot be a column
use flexconnect_core::Column;

struct Plain;

#[derive(Column)]
#[column(sparse)]
enum Event<'e> {
    Nothing,
    Many {
        id: &'e str,
        plain: Plain, //~
    },
}

fn main() {}
