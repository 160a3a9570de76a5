//! What the derives name in the code they write. Not part of the public face.

/// For `#[derive(Config)]`.
pub mod config {
    pub use crate::config::derive::*;
}
