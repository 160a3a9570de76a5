//! What a stream of messages may ask for.

/// The caps a stream of Arrow IPC messages is held to. A message above one of them is refused with
/// [`ErrorKind::Exhausted`](flexconnect_core::ErrorKind::Exhausted) before anything is allocated for it.
///
/// The defaults fit messages of up to 16 MiB; [`Limits::for_messages_of`] scales them.
///
/// ```
/// use flexconnect_flight::guard::Limits;
///
/// let limits = Limits::for_messages_of(64 << 20).with_fields(1_000).with_nesting(8);
/// assert_eq!(limits.body_bytes, 64 << 20);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a message's header; 4 MiB by default.
    pub header_bytes: usize,
    /// Bytes of a message's body as it comes; 16 MiB by default.
    pub body_bytes: usize,
    /// Bytes of a compressed body once it is unpacked; 64 MiB by default.
    pub unpacked_bytes: usize,
    /// Values in all the columns of a message together, those of nested columns too; 268,435,456 by default. Columns
    /// of nulls, of empty structs and of long runs have values without having bytes.
    pub values: u64,
    /// Columns of a schema, the fields of nested columns too; 16,384 by default.
    pub fields: usize,
    /// How many levels deep columns nest; 32 by default.
    pub nesting: usize,
    /// Bytes of all keys and values of a schema's metadata, that of its fields too; 1 MiB by default.
    pub metadata_bytes: usize,
    /// Dictionaries of a stream; 1,024 by default.
    pub dictionaries: usize,
    /// Bytes the dictionaries of a stream hold together; 64 MiB by default.
    pub dictionary_bytes: usize,
}

/// The bodies the defaults are made for.
const BODY: usize = 16 << 20;

impl Default for Limits {
    fn default() -> Self {
        Limits::for_messages_of(BODY)
    }
}

impl Limits {
    /// Limits for messages of up to so many bytes: four times as many once unpacked, as many held as dictionaries,
    /// and two values per bit.
    pub fn for_messages_of(bytes: usize) -> Self {
        Limits {
            header_bytes: (4 << 20).min(bytes),
            body_bytes: bytes,
            unpacked_bytes: bytes.saturating_mul(4),
            values: (bytes as u64).saturating_mul(16),
            fields: 16_384,
            nesting: 32,
            metadata_bytes: 1 << 20,
            dictionaries: 1_024,
            dictionary_bytes: bytes.saturating_mul(4),
        }
    }

    /// Sets the cap of a header, in bytes.
    #[must_use]
    pub fn with_header_bytes(mut self, bytes: usize) -> Self {
        self.header_bytes = bytes;
        self
    }

    /// Sets the cap of a body as it comes, in bytes.
    #[must_use]
    pub fn with_body_bytes(mut self, bytes: usize) -> Self {
        self.body_bytes = bytes;
        self
    }

    /// Sets the cap of a compressed body once it is unpacked, in bytes.
    #[must_use]
    pub fn with_unpacked_bytes(mut self, bytes: usize) -> Self {
        self.unpacked_bytes = bytes;
        self
    }

    /// Sets the cap of the values of a message.
    #[must_use]
    pub fn with_values(mut self, values: u64) -> Self {
        self.values = values;
        self
    }

    /// Sets the cap of the fields of a schema.
    #[must_use]
    pub fn with_fields(mut self, fields: usize) -> Self {
        self.fields = fields;
        self
    }

    /// Sets how many levels deep columns may nest.
    #[must_use]
    pub fn with_nesting(mut self, levels: usize) -> Self {
        self.nesting = levels;
        self
    }

    /// Sets the cap of a schema's metadata, in bytes.
    #[must_use]
    pub fn with_metadata_bytes(mut self, bytes: usize) -> Self {
        self.metadata_bytes = bytes;
        self
    }

    /// Sets the cap of the dictionaries of a stream.
    #[must_use]
    pub fn with_dictionaries(mut self, dictionaries: usize) -> Self {
        self.dictionaries = dictionaries;
        self
    }

    /// Sets the cap of what the dictionaries of a stream hold together, in bytes.
    #[must_use]
    pub fn with_dictionary_bytes(mut self, bytes: usize) -> Self {
        self.dictionary_bytes = bytes;
        self
    }
}
