//! The checks, each about one promise.

pub(super) mod config;
pub(super) mod ending;
pub(super) mod facts;
pub(super) mod filters;
pub(super) mod limit;
pub(super) mod partitions;
pub(super) mod projection;
pub(super) mod schema;
pub(super) mod secrets;
pub(super) mod state;
pub(super) mod writes;
