//! Names in statements.

/// A name in quotes, so that it is a name whatever is in it.
pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
