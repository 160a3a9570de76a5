//! The members of an object, read by the code that `#[derive(Config)]` writes.

use std::fmt;

use serde_json::{Map, Value};

use super::input::{Path, Step, cut};
use super::value::Length;
use super::{ConfigValue, Faults, Input, Parameter, ParameterKind};
use crate::error::{BoxError, Error};
use crate::nearest::nearest;

/// How one field of a struct is found.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The parameter's name.
    pub name: &'static str,
    /// Further names that are read.
    pub aliases: &'static [&'static str],
    /// Whether `#[config(secret)]` hides the value, whatever its type.
    pub secret: bool,
}

/// A struct whose fields are parameters.
pub trait ReadFields: Sized {
    /// Reads every field, and adds every fault.
    fn read_fields(fields: Fields<'_>, faults: &mut Faults) -> Option<Self>;
}

/// The whole configuration.
///
/// # Errors
///
/// One error with all faults.
pub fn parse_fields<T: ReadFields>(values: &Map<String, Value>) -> Result<T, Error> {
    let mut faults = Faults::new();
    let config = T::read_fields(Fields::root(values), &mut faults);
    match config {
        Some(config) if faults.is_empty() => Ok(config),
        _ => {
            if faults.is_empty() {
                // A hand-written `ConfigValue` has broken its promise to add a fault.
                faults.add("", "a value was refused without a reason");
            }
            Err(faults.into())
        }
    }
}

/// An object inside a configuration.
pub fn read_object<T: ReadFields + ConfigValue>(input: Input<'_>, faults: &mut Faults) -> Option<T> {
    match input.value() {
        Value::Object(values) => {
            let fields = Fields { values, path: input.place(), secret: input.is_secret() };
            T::read_fields(fields, faults)
        }
        _ => {
            input.wrong_type::<T>(faults);
            None
        }
    }
}

/// The parameter of an object with these members.
pub fn object_parameter(parameters: Vec<Parameter>) -> Parameter {
    Parameter::new(ParameterKind::Object { parameters })
}

/// The object with these members.
pub fn object_to_json<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Makes a parameter one that has a default; it is shown unless it holds a secret.
pub fn set_default<T: ConfigValue>(parameter: &mut Parameter, default: T) {
    parameter.required = false;
    parameter.default = if parameter.holds_secret() { None } else { Some(default.to_json()) };
}

/// The members of an object and where it was found.
#[derive(Clone, Copy)]
pub struct Fields<'a> {
    values: &'a Map<String, Value>,
    path: Path<'a>,
    secret: bool,
}

/// `Debug` shows the path only: the values may be secrets.
impl fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fields").field("path", &self.path.to_string()).finish_non_exhaustive()
    }
}

impl<'a> Fields<'a> {
    pub(crate) fn root(values: &'a Map<String, Value>) -> Self {
        Fields { values, path: Path::ROOT, secret: false }
    }

    /// Adds a fault for each key that is none of these fields. The value is never quoted: it may be a
    /// secret under a misspelt name.
    pub fn refuse_unknown(&self, fields: &[Field], faults: &mut Faults) {
        for key in self.values.keys() {
            if fields.iter().any(|field| field.name == key || field.aliases.contains(&key.as_str())) {
                continue;
            }
            let advice = match nearest(key, fields.iter().map(|field| field.name)) {
                Some(name) => format!("did you mean `{name}`?"),
                None if fields.is_empty() => "there are none, remove it".to_owned(),
                None => {
                    let names: Vec<_> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
                    format!("there {} {}", if names.len() == 1 { "is" } else { "are" }, names.join(", "))
                }
            };
            faults.add(self.path.then(Step::Key(key)).to_string(), format!("is not a parameter; {advice}"));
        }
    }

    /// Reads one field; `default` gives its value if there is none, or `None` if one must be given.
    pub fn read<T: ConfigValue>(
        &self,
        field: &Field,
        default: impl FnOnce() -> Option<T>,
        faults: &mut Faults,
    ) -> Option<T> {
        let (key, value) = self.find(field, faults);
        let input = Input::new(value, self.path.then(Step::Key(key)), self.secret || field.secret);
        if !value.is_null() {
            return T::read(input, faults);
        }
        // A `null` in an optional field is its `None`, even where another default is set.
        let empty = if self.values.contains_key(key) { T::absent() } else { None };
        if let Some(value) = empty.or_else(default) {
            return Some(value);
        }
        if self.values.contains_key(key) {
            return T::read(input, faults);
        }
        input.fault(format!("is required: add it as {}", T::parameter().expected()), faults);
        None
    }

    /// The value of a field and the name it has here; `null` if there is none.
    fn find(&self, field: &Field, faults: &mut Faults) -> (&'static str, &'a Value) {
        let names = std::iter::once(field.name).chain(field.aliases.iter().copied());
        let mut found = names.filter_map(|name| Some((name, self.values.get(name)?)));
        let first = found.next();
        if let (Some((kept, _)), Some((again, _))) = (first, found.next()) {
            let path = self.path.then(Step::Key(again)).to_string();
            faults.add(path, format!("is another name of `{kept}`, which is given too: remove one of them"));
        }
        first.unwrap_or((field.name, &Value::Null))
    }

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
        let hidden = self.secret || field.secret || T::SENSITIVE;
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
        let hidden = self.secret || field.secret || T::SENSITIVE;
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
            faults.add_error(&self.path.to_string(), error.into());
        }
    }

    /// The path under the name that was used.
    fn path_of(&self, field: &Field) -> String {
        let given = field.aliases.iter().copied().find(|name| self.values.contains_key(*name));
        let name =
            if self.values.contains_key(field.name) { field.name } else { given.unwrap_or(field.name) };
        self.path.then(Step::Key(name)).to_string()
    }
}

/// A bound or a value in a message: text without its quotes.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => cut(text).into_owned(),
        other => other.to_string(),
    }
}
