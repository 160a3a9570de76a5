//! one E0277: `Plain` cannot be a column
use flexconnect_core::Column;

struct Plain;

#[derive(Column)]
#[column(tagged)]
enum Event {
    Nothing,
    Number(i64),
    Plain(Plain), //~
}

fn main() {}
