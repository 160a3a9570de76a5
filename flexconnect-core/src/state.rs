//! Where a read stands: small versioned JSON, carried by checkpoints in the row stream.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, ErrorKind};

/// A checkpoint's content: whatever the author needs to go on from there, and its version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct State {
    /// The version the connector declared (`Capabilities::with_state`).
    pub version: u32,
    /// The author's value.
    pub value: Value,
}

impl State {
    /// A state of this version.
    pub fn new(version: u32, value: Value) -> Self {
        State { version, value }
    }

    /// The author's value as its own type.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when the value is not of that type.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, Error> {
        T::deserialize(&self.value).map_err(|error| {
            Error::new(ErrorKind::InvalidRequest, format!("the state to resume from does not fit: {error}"))
        })
    }
}
