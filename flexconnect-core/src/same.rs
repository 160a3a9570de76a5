//! Whether two names are the same, told while the program is compiled: `==` cannot be asked then.

/// Whether these are the same bytes.
pub(crate) const fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}
