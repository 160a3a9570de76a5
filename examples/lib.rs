//! The lessons' connectors, for the lessons that use several of them and for the tests.
//!
//! Each lesson is a file or a folder beside this one, numbered in the order to read them. Its first
//! lines say what is new in it and how to run it.

#[path = "02_random_data/random_data.rs"]
pub mod random_data;

#[path = "03_files/files.rs"]
pub mod files;

#[path = "04_lines/lines.rs"]
pub mod lines;

#[path = "05_store/store.rs"]
pub mod store;

#[path = "10_rest_api/rest_api.rs"]
pub mod rest_api;

#[path = "11_rest_resource/rest_resource.rs"]
pub mod rest_resource;

#[path = "12_shared_client/plugin.rs"]
pub mod shared_client;

#[path = "13_sqlite/sqlite.rs"]
pub mod sqlite;

mod print;
mod serve;

pub use print::table_text;
pub use serve::serve;
