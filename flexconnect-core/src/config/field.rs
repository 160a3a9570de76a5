//! How one field of a struct is found among the keys of an object.

use std::sync::atomic::{AtomicBool, Ordering};

/// How one field is found; a static of the code that the derive writes.
#[derive(Debug)]
pub struct Field {
    /// The parameter's name.
    pub name: &'static str,
    /// Further names that are read.
    pub aliases: &'static [&'static str],
    /// Whether `#[config(secret)]` hides the value, whatever its type.
    pub secret: bool,
    /// Whether a value must be given although its type is an `Option`.
    pub required: bool,
    /// What to use instead.
    deprecated: Option<&'static str>,
    /// Whether somebody was told already that the name is not the one to write.
    told: AtomicBool,
}

impl Field {
    /// A field that is read under these names.
    pub const fn new(name: &'static str, aliases: &'static [&'static str]) -> Self {
        Field {
            name,
            aliases,
            secret: false,
            required: false,
            deprecated: None,
            told: AtomicBool::new(false),
        }
    }

    /// Hides the value.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Wants a value, whatever the type.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Says what to use instead.
    #[must_use]
    pub const fn deprecated(mut self, advice: &'static str) -> Self {
        self.deprecated = Some(advice);
        self
    }

    /// Whether a key is one of its names.
    pub(super) fn is(&self, key: &str) -> bool {
        self.name == key || self.aliases.contains(&key)
    }

    /// Warns, the first time only, that what was written should be written otherwise. Names are the author's own
    /// words; values are never part of it.
    pub(super) fn used_as(&self, key: &str) {
        if self.deprecated.is_none() && key == self.name || self.told.swap(true, Ordering::Relaxed) {
            return;
        }
        match self.deprecated {
            Some(advice) => tracing::warn!(parameter = key, "the parameter `{key}` is deprecated: {advice}"),
            None => {
                let name = self.name;
                tracing::warn!(parameter = key, "the parameter `{key}` is now called `{name}`: write that");
            }
        }
    }
}
