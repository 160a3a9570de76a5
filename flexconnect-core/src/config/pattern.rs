//! `pattern`: a regular expression that a text matches.

use super::fields::Fields;
use super::{ConfigValue, Faults, Field, Secret};

/// What a pattern can be asked of.
#[diagnostic::on_unimplemented(message = "`pattern` is for text, not for `{Self}`")]
pub trait Text: ConfigValue {
    /// The text.
    fn text(&self) -> &str;
}

impl Text for String {
    fn text(&self) -> &str {
        self
    }
}

impl<T: Text> Text for Secret<T> {
    fn text(&self) -> &str {
        self.expose().text()
    }
}

/// A pattern as the author has written it; a static of the code that the derive writes.
#[derive(Debug)]
pub struct Pattern {
    text: &'static str,
    #[cfg(feature = "pattern")]
    compiled: std::sync::OnceLock<Result<regex_lite::Regex, String>>,
}

impl Pattern {
    /// A pattern, compiled when it is first used.
    ///
    /// # Panics
    /// When compiled, at the place of the caller, without the feature `pattern`.
    #[track_caller]
    #[allow(
        clippy::assertions_on_constants,
        reason = "it fails where the author's code is compiled, not here"
    )]
    pub const fn new(text: &'static str) -> Self {
        if !cfg!(feature = "pattern") {
            panic!("`pattern` needs the feature `pattern` of flexconnect-core");
        }
        Pattern {
            text,
            #[cfg(feature = "pattern")]
            compiled: std::sync::OnceLock::new(),
        }
    }

    /// Whether the text matches.
    ///
    /// # Errors
    /// What is wrong with the pattern itself.
    #[cfg(feature = "pattern")]
    fn matches(&self, text: &str) -> Result<bool, String> {
        let compile = || regex_lite::Regex::new(self.text).map_err(|error| error.to_string());
        let compiled = self.compiled.get_or_init(compile);
        compiled.as_ref().map(|regex| regex.is_match(text)).map_err(Clone::clone)
    }

    #[cfg(not(feature = "pattern"))]
    fn matches(&self, _text: &str) -> Result<bool, String> {
        Err("the feature `pattern` is off".to_owned())
    }
}

impl Fields<'_> {
    /// Adds a fault if the text does not match.
    pub fn matches<T: Text>(&self, field: &Field, value: &T, pattern: &Pattern, faults: &mut Faults) {
        let told = pattern.text;
        match pattern.matches(value.text()) {
            Ok(true) => {}
            Ok(false) => faults.add(self.path_of(field), format!("must match the pattern `{told}`")),
            Err(error) => {
                let message = format!("cannot be checked: the connector's pattern `{told}` is none: {error}");
                faults.add(self.path_of(field), message);
            }
        }
    }
}
