//! What a connector can do: declared by its author, refused where undeclared.

use serde::{Deserialize, Serialize};

/// How a write changes a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WriteMode {
    /// Rows are added.
    #[default]
    Append,
    /// The table then holds these rows and no others.
    Overwrite,
    /// A row with the same primary key is replaced, others are added.
    Upsert,
    /// The rows with these primary keys are removed.
    Delete,
}

impl WriteMode {
    /// Every mode, in the order of this enum.
    pub const ALL: [WriteMode; 4] = [Self::Append, Self::Overwrite, Self::Upsert, Self::Delete];

    /// The mode's name in commands and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Overwrite => "overwrite",
            Self::Upsert => "upsert",
            Self::Delete => "delete",
        }
    }

    /// Whether the mode goes by the table's primary key.
    pub const fn needs_key(self) -> bool {
        matches!(self, Self::Upsert | Self::Delete)
    }
}

impl std::fmt::Display for WriteMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a write that does not end well leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Delivery {
    /// Nothing is visible before `commit`; a write that ends otherwise leaves the table as it was.
    #[default]
    Atomic,
    /// Rows may be visible before `commit`, and stay when the write is aborted.
    AtLeastOnce,
}

/// What a connector offers beyond reading all its rows.
///
/// ```
/// use flexconnect_core::{Capabilities, WriteMode};
///
/// let capabilities = Capabilities::read().with_write([WriteMode::Append, WriteMode::Overwrite]).with_count();
/// assert!(capabilities.writes(WriteMode::Append) && !capabilities.writes(WriteMode::Delete));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Capabilities {
    /// Whether rows can be read.
    pub read: bool,
    /// The write modes offered; none for a read-only connector.
    pub write_modes: Vec<WriteMode>,
    /// What a write promises.
    pub delivery: Delivery,
    /// Whether `list_partitions` lists more than the whole.
    pub partitions: bool,
    /// The version of the state its checkpoints carry, when reads can be resumed.
    pub state: Option<u32>,
    /// Whether `count_rows` knows.
    pub count: bool,
    /// Whether a repeated idempotency token is answered with the first result.
    pub idempotent_writes: bool,
    /// Whether readers get every column although they name some, where naming is no more than a hint.
    pub all_columns: bool,
}

impl Capabilities {
    /// A table that can be read, and nothing else.
    pub fn read() -> Self {
        Capabilities {
            read: true,
            write_modes: Vec::new(),
            delivery: Delivery::Atomic,
            partitions: false,
            state: None,
            count: false,
            idempotent_writes: false,
            all_columns: false,
        }
    }

    /// A table that can only be written, in these modes.
    pub fn write_only(modes: impl IntoIterator<Item = WriteMode>) -> Self {
        Capabilities { read: false, ..Self::read() }.with_write(modes)
    }

    /// Adds write modes.
    #[must_use]
    pub fn with_write(mut self, modes: impl IntoIterator<Item = WriteMode>) -> Self {
        for mode in modes {
            if !self.write_modes.contains(&mode) {
                self.write_modes.push(mode);
            }
        }
        self
    }

    /// Says that rows may be visible before `commit`.
    #[must_use]
    pub fn with_at_least_once(mut self) -> Self {
        self.delivery = Delivery::AtLeastOnce;
        self
    }

    /// Says that `list_partitions` lists parts.
    #[must_use]
    pub fn with_partitions(mut self) -> Self {
        self.partitions = true;
        self
    }

    /// Says that reads carry checkpoints of this version and can start from one.
    #[must_use]
    pub fn with_state(mut self, version: u32) -> Self {
        self.state = Some(version);
        self
    }

    /// Says that `count_rows` knows.
    #[must_use]
    pub fn with_count(mut self) -> Self {
        self.count = true;
        self
    }

    /// Says that a repeated idempotency token writes nothing and gives the first result.
    #[must_use]
    pub fn with_idempotent_writes(mut self) -> Self {
        self.idempotent_writes = true;
        self
    }

    /// Says that a door where the columns a reader names are no more than a hint, as GoodData's, leaves them all in.
    /// Elsewhere a reader gets the columns asked for.
    #[must_use]
    pub fn with_all_columns(mut self) -> Self {
        self.all_columns = true;
        self
    }

    /// Whether this mode is offered.
    pub fn writes(&self, mode: WriteMode) -> bool {
        self.write_modes.contains(&mode)
    }
}
