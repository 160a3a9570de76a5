//! E0391: cycle
use flexconnect_core::Table;

#[derive(Table)]
struct Parent {
    children: Vec<Child>, //~
}

#[derive(Table)]
struct Child {
    parents: Vec<Parent>,
}

fn main() {}
