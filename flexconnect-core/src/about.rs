//! What people read about a connector, in listings, forms and documentation.

use serde::Serialize;
use serde_json::{Map, Value};

/// A connector's title, description, icon, link and free metadata; everything is optional.
///
/// ```
/// use flexconnect_core::About;
///
/// let about = About::new("Random Data Generator")
///     .with_description("Generate random test data")
///     .with_icon("fas fa-random");
/// assert_eq!(about.title.as_deref(), Some("Random Data Generator"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct About {
    /// The name for people; a door that needs one falls back to the connector's `NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// One or a few sentences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// An icon's name or address, as the door's system understands it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Where to read more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Further facts, for doors and listings; a JSON object.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
}

impl About {
    /// Only a title.
    pub fn new(title: impl Into<String>) -> Self {
        About { title: Some(title.into()), ..About::default() }
    }

    /// Sets the description.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets the icon.
    #[must_use]
    pub fn with_icon(mut self, icon: impl Into<String>) -> Self {
        self.icon = Some(icon.into());
        self
    }

    /// Sets the link.
    #[must_use]
    pub fn with_url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Adds one fact to the metadata.
    #[must_use]
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}
