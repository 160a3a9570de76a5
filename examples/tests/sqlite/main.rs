//! Lesson 13: any table of an SQLite file, read, filtered and written as SQLite itself would.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod catalogue;
mod concurrency;
mod database;
mod filters;
mod reading;
mod writing;

#[path = "../read/mod.rs"]
mod read;
