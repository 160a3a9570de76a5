//! What is wrong with a configuration, collected until everything has been looked at.

use std::error::Error as StdError;
use std::fmt;

use crate::error::{BoxError, Error, ErrorKind};

/// Faults beyond this number are counted, not kept: a list of a million wrong elements must not become a
/// message of a million lines.
const KEPT: usize = 32;

/// One thing that is wrong, and where. A `#[config(check = "..")]` may return one; several are [`Faults`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    path: String,
    message: String,
}

impl Fault {
    /// A fault at a path (`columns[2]`; empty for the whole). The message follows the path in the same sentence,
    /// says the rule and how to mend it, and quotes no secret.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Fault { path: path.into(), message: message.into() }
    }

    /// The place in the configuration, such as `columns[2]` or `auth.token`; empty for the whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong, worded to follow the path: `must be at least 1, not 0`.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "`{}` {}", self.path, self.message)
        }
    }
}

impl StdError for Fault {}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let mut faults = Faults::new();
        faults.add(fault.path, fault.message);
        faults.into()
    }
}

/// Collects everything that is wrong, to report it at once.
///
/// In a connector's `init`, end with [`finish`](Self::finish), which gives an [`Error`] of the right kind. In
/// a `#[config(check = "..")]`, return the faults as they are: their paths then continue that of the struct.
///
/// ```
/// use flexconnect_core::config::Faults;
///
/// let mut faults = Faults::new();
/// faults.add("column_types", "has 3 elements for 2 columns: remove one, or name another column");
/// let error = faults.finish().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "wrong configuration: `column_types` has 3 elements for 2 columns: remove one, or name another column"
/// );
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    kept: Vec<Fault>,
    count: usize,
    trial: bool,
}

impl Faults {
    /// None so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// For a trial: whether a value could be read matters, not why. No trial starts another one.
    pub(crate) fn trial() -> Self {
        Faults { trial: true, ..Self::default() }
    }

    /// Whether this is a trial.
    pub(crate) fn is_trial(&self) -> bool {
        self.trial
    }

    /// Adds a fault at a path (`columns[2]`; empty for the whole configuration). The message follows the
    /// path in the same sentence, says the rule and how to mend it, and quotes no secret.
    pub fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.count += 1;
        if self.kept.len() < KEPT {
            self.kept.push(Fault { path: path.into(), message: message.into() });
        }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many things are wrong.
    pub fn len(&self) -> usize {
        self.count
    }

    /// The faults in the order they were found, at most the first few dozen.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.kept.iter()
    }

    /// Fine if there is no fault.
    ///
    /// # Errors
    ///
    /// One error of kind [`Config`](ErrorKind::Config) that lists the faults.
    pub fn finish(self) -> Result<(), Error> {
        if self.is_empty() { Ok(()) } else { Err(self.into()) }
    }

    /// Adds what an author's own check says about the part at `path`: its faults one by one if it is a
    /// [`Fault`] or collected [`Faults`], else its text.
    pub(crate) fn add_error(&mut self, path: &str, error: BoxError) {
        let error = match error.downcast::<Faults>() {
            Ok(faults) => {
                self.count += faults.count - faults.kept.len();
                for fault in faults.kept {
                    self.add(join(path, &fault.path), fault.message);
                }
                return;
            }
            Err(error) => error,
        };
        match error.downcast::<Fault>() {
            Ok(fault) => self.add(join(path, &fault.path), fault.message),
            Err(error) => self.add(path, error.to_string()),
        }
    }
}

fn join(outer: &str, inner: &str) -> String {
    match (outer.is_empty(), inner.is_empty()) {
        (true, _) => inner.to_owned(),
        (_, true) => outer.to_owned(),
        _ if inner.starts_with('[') => format!("{outer}{inner}"),
        _ => format!("{outer}.{inner}"),
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let ([fault], 1) = (self.kept.as_slice(), self.count) {
            return write!(f, "wrong configuration: {fault}");
        }
        write!(f, "wrong configuration, {} faults:", self.count)?;
        for fault in &self.kept {
            write!(f, "\n- {fault}")?;
        }
        match self.count - self.kept.len() {
            0 => Ok(()),
            more => write!(f, "\n- and {more} more"),
        }
    }
}

impl StdError for Faults {}

impl From<Faults> for Error {
    fn from(faults: Faults) -> Self {
        Error::new(ErrorKind::Config, faults.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_beyond_the_kept_ones_are_counted() {
        let mut faults = Faults::new();
        for index in 0..40 {
            faults.add(format!("list[{index}]"), "must be text");
        }
        assert_eq!(faults.len(), 40);
        assert_eq!(faults.iter().count(), KEPT);
        assert!(faults.to_string().ends_with("\n- and 8 more"));
    }

    #[test]
    fn an_inner_path_continues_the_outer_one() {
        let mut inner = Faults::new();
        inner.add("[2]", "is wrong");
        inner.add("name", "is wrong");
        inner.add("", "is wrong");
        let mut faults = Faults::new();
        faults.add_error("auth", inner.into());
        faults.add_error("auth", Fault::new("token", "is wrong").into());
        let paths: Vec<_> = faults.iter().map(Fault::path).collect();
        assert_eq!(paths, ["auth[2]", "auth.name", "auth", "auth.token"]);
    }
}
