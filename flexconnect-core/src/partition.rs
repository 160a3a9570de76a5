//! Parts of a table that can be read alone, in parallel and again.

use std::collections::BTreeMap;

use serde::Serialize;

/// One part of a table: an opaque token its connector understands, and what is known about it.
///
/// Partitions are listed cheaply (no rows are read), are disjoint, and are together the whole table.
///
/// ```
/// use flexconnect_core::Partition;
///
/// let partition = Partition::new("2024-05").with_dimension("month", "2024-05").with_rows(31);
/// assert_eq!(partition.id(), "2024-05");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Partition {
    /// What the connector needs to read it; travels sealed, is shown nowhere.
    #[serde(skip)]
    pub token: String,
    /// A name for people and commands; the token when absent.
    id: Option<String>,
    /// The values its rows share, by dimension.
    pub dimensions: BTreeMap<String, String>,
    /// Exactly how many rows, when known.
    pub rows: Option<u64>,
    /// Exactly how many bytes of Arrow buffers, when known.
    pub bytes: Option<u64>,
}

impl Partition {
    /// A partition with this token, which is also its id.
    pub fn new(token: impl Into<String>) -> Self {
        Partition { token: token.into(), id: None, dimensions: BTreeMap::new(), rows: None, bytes: None }
    }

    /// The name by which a command asks for it; unique within the table.
    pub fn id(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.token)
    }

    /// Gives it a name other than its token.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Adds a value all its rows share.
    #[must_use]
    pub fn with_dimension(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.dimensions.insert(name.into(), value.into());
        self
    }

    /// Says exactly how many rows it has.
    #[must_use]
    pub fn with_rows(mut self, rows: u64) -> Self {
        self.rows = Some(rows);
        self
    }

    /// Says exactly how many bytes its Arrow buffers have.
    #[must_use]
    pub fn with_bytes(mut self, bytes: u64) -> Self {
        self.bytes = Some(bytes);
        self
    }
}
