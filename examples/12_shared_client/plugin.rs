//! The plugin: its name, its version, what its tables share, and the tables.

mod api;
mod author;
mod item;
mod spec;

use flexconnect_core::{Plugin, SharedPlugin};
use serde_json::Value;

pub use api::Api;
pub use author::{Author, Authors};
pub use item::{Item, Items};
pub use spec::Spec;

/// The plugin with this specification. It is read, and the client made, when the first table is opened.
pub fn plugin(spec: Value) -> SharedPlugin<Api> {
    Plugin::new("shared_client", env!("CARGO_PKG_VERSION"))
        .values(spec)
        .shared(Api::open)
        .connector::<Items>()
        .connector::<Authors>()
}
