//! A value that does not fit its column, and how a buffer remembers the first one.

use crate::error::{Error, ErrorKind};

/// A value that does not fit its column.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Which value, counted from the first since the last `finish`.
    pub row: usize,
    /// The path below this column (`item`, a struct's field), outermost first; empty for the column itself.
    pub path: Vec<String>,
    /// What is wrong and what to do.
    pub message: String,
}

impl Fault {
    /// A fault of the column itself.
    pub fn new(row: usize, message: impl Into<String>) -> Self {
        Fault { row, path: Vec::new(), message: message.into() }
    }

    /// The same fault seen from the column around this one.
    #[must_use]
    pub fn inside(mut self, child: &str, row: usize) -> Self {
        self.path.insert(0, child.to_owned());
        self.row = row;
        self
    }

    /// The fault as an error of its column and row.
    pub fn into_error(self) -> Error {
        Error::new(ErrorKind::Data, self.message).with_column(self.path.join(".")).with_row(self.row as u64)
    }
}

/// The first fault of a buffer; one pointer wide, so that buffers of values that all fit stay small.
#[derive(Debug, Default)]
pub struct FirstFault(Option<Box<Fault>>);

impl FirstFault {
    /// Keeps this fault unless an earlier one is kept already.
    #[cold]
    #[inline(never)]
    pub fn record(&mut self, row: usize, message: impl FnOnce() -> String) {
        self.0.get_or_insert_with(|| Box::new(Fault::new(row, message())));
    }

    /// The fault, which is then forgotten.
    pub fn take(&mut self) -> Option<Fault> {
        self.0.take().map(|fault| *fault)
    }
}

/// The one that happened at the earlier row; the first when both are in the same.
pub(crate) fn earlier(first: Option<Fault>, second: Option<Fault>) -> Option<Fault> {
    match (first, second) {
        (Some(first), Some(second)) if second.row < first.row => Some(second),
        (first, second) => first.or(second),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_fault_is_kept() {
        let mut faults = FirstFault::default();
        faults.record(3, || "three".to_owned());
        faults.record(4, || "four".to_owned());
        assert_eq!(faults.take().unwrap().row, 3);
        assert!(faults.take().is_none());
    }

    #[test]
    fn the_earlier_row_wins() {
        let fault = |row| Some(Fault::new(row, ""));
        assert_eq!(earlier(fault(5), fault(2)).unwrap().row, 2);
        assert_eq!(earlier(fault(5), None).unwrap().row, 5);
        assert_eq!(earlier(None, fault(7)).unwrap().row, 7);
    }
}
