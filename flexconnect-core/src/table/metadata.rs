//! The keys of a table's schema and field metadata. Values that are lists are JSON.

/// Schema: the table's name.
pub const NAME: &str = "flexconnect:name";

/// Schema: the table's title, for people.
pub const TITLE: &str = "flexconnect:title";

/// Schema: what the table is, from the struct's doc comment.
pub const COMMENT: &str = "comment";

/// Schema: the columns that identify a row, as a JSON list of names in key order.
pub const PRIMARY_KEY: &str = "flexconnect:primary_key";

/// Schema: sets of columns no two rows share, as a JSON list of lists of names.
pub const UNIQUE: &str = "flexconnect:unique";

/// Schema: the columns rows are sorted by, as a JSON list of names, each with ` desc` after it where the order falls.
pub const SORTED_BY: &str = "flexconnect:sorted_by";

/// Schema: the columns that are the same in all rows of a partition, as a JSON list of names.
pub const PARTITIONED_BY: &str = "flexconnect:partitioned_by";

/// Schema: the cursor, which grows from row to row, as a JSON list of one name.
pub const INCREMENTAL: &str = "flexconnect:incremental";

/// Field: what the column is, from the field's doc comment when the struct says `comments`.
pub const FIELD_COMMENT: &str = "comment";
