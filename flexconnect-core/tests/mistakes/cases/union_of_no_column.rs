//! one E0277: `Plain` cannot be a column
use flexconnect_core::Column;

struct Plain;

#[derive(Column)]
enum Event {
    Nothing,
    Number(i64),
    Plain(Option<Plain>), //~
}

fn main() {}
