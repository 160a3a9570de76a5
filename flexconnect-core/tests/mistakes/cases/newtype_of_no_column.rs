//! one E0277: `Plain` cannot be a column
use flexconnect_core::{Column, Table};

struct Plain;

#[derive(Column)]
struct Id(#[column(as = "Utf8")] Option<Plain>); //~

fn main() {}
