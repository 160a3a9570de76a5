//! The rules of a field's value, once there is one.

use serde_json::Value;

use super::fields::Fields;
use super::input::cut;
use super::value::Length;
use super::{ConfigValue, Faults, Field};
use crate::error::BoxError;

impl Fields<'_> {
    /// Adds a fault if the value is less than the minimum.
    pub fn at_least<T: ConfigValue + PartialOrd>(
        &self,
        field: &Field,
        value: &T,
        minimum: &T,
        faults: &mut Faults,
    ) {
        if value < minimum {
            self.out_of_bounds(field, "at least", value, minimum, faults);
        }
    }

    /// Adds a fault if the value is greater than the maximum.
    pub fn at_most<T: ConfigValue + PartialOrd>(
        &self,
        field: &Field,
        value: &T,
        maximum: &T,
        faults: &mut Faults,
    ) {
        if value > maximum {
            self.out_of_bounds(field, "at most", value, maximum, faults);
        }
    }

    fn out_of_bounds<T: ConfigValue>(
        &self,
        field: &Field,
        rule: &str,
        value: &T,
        bound: &T,
        faults: &mut Faults,
    ) {
        let hidden = self.hides(field) || T::SENSITIVE;
        let given = if hidden { String::new() } else { format!(", not {}", plain(&value.to_json())) };
        faults.add(self.path_of(field), format!("must be {rule} {}{given}", plain(&bound.to_json())));
    }

    /// Adds a fault if there are fewer characters or elements than this.
    pub fn no_shorter<T: Length>(&self, field: &Field, value: &T, least: usize, faults: &mut Faults) {
        if value.length() >= least {
            return;
        }
        let rule = match least {
            1 => "must not be empty".to_owned(),
            _ => format!("must have at least {least} {}{}", T::UNIT, self.length_given(field, value)),
        };
        faults.add(self.path_of(field), rule);
    }

    /// Adds a fault if there are more characters or elements than this.
    pub fn no_longer<T: Length>(&self, field: &Field, value: &T, most: usize, faults: &mut Faults) {
        if value.length() > most {
            let given = self.length_given(field, value);
            faults.add(self.path_of(field), format!("must have at most {most} {}{given}", T::UNIT));
        }
    }

    fn length_given<T: Length>(&self, field: &Field, value: &T) -> String {
        let hidden = self.hides(field) || T::SENSITIVE;
        if hidden { String::new() } else { format!(", not {}", value.length()) }
    }

    /// Adds what an author's check of one field says.
    pub fn check_field<E: Into<BoxError>>(&self, field: &Field, result: Result<(), E>, faults: &mut Faults) {
        if let Err(error) = result {
            faults.add_error(&self.path_of(field), error.into());
        }
    }

    /// Adds what an author's check of the whole struct says.
    pub fn check<E: Into<BoxError>>(&self, result: Result<(), E>, faults: &mut Faults) {
        if let Err(error) = result {
            faults.add_error(&self.path(), error.into());
        }
    }
}

/// A bound or a value in a message: text without its quotes.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => cut(text).into_owned(),
        other => other.to_string(),
    }
}
