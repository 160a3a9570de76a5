//! The keys of a table's schema and field metadata. Values that are lists are JSON.

/// Schema: the table's name.
pub const NAME: &str = "flexconnect:name";

/// Schema: the table's title, for people.
pub const TITLE: &str = "flexconnect:title";

/// Schema: what the table is, from the struct's doc comment.
pub const COMMENT: &str = "comment";

/// Schema: the columns that identify a row, as a JSON list of names in key order.
pub const PRIMARY_KEY: &str = "flexconnect:primary_key";

/// Field: what the column is, from the field's doc comment when the struct says `comments`.
pub const FIELD_COMMENT: &str = "comment";
