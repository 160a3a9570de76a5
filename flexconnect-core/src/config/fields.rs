//! The members of an object, found and read one by one.

use std::fmt;

use serde_json::{Map, Value};

use super::input::{Path, Step};
use super::provided::Provided;
use super::shown::Shown;
use super::{ConfigValue, Faults, Field, Input};
use crate::nearest::nearest;

/// The members of an object and where it was found.
#[derive(Clone, Copy)]
pub struct Fields<'a> {
    values: &'a Map<String, Value>,
    path: Path<'a>,
    secret: bool,
    provided: &'a Provided,
}

/// `Debug` shows the path only: the values may be secrets.
impl fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fields").field("path", &self.path()).finish_non_exhaustive()
    }
}

impl<'a> Fields<'a> {
    pub(crate) fn root(values: &'a Map<String, Value>, provided: &'a Provided) -> Self {
        Fields { values, path: Path::ROOT, secret: false, provided }
    }

    /// The members of an object inside the configuration.
    pub(super) fn inside(input: Input<'a>, values: &'a Map<String, Value>) -> Self {
        Fields { values, path: input.place(), secret: input.is_secret(), provided: input.provided() }
    }

    /// Adds a fault for each key that is none of these fields. The value is never quoted: it may be a
    /// secret under a misspelt name.
    pub(super) fn refuse_unknown(&self, fields: &[&Field], faults: &mut Faults) {
        let mut unknown =
            self.values.keys().filter(|key| !fields.iter().any(|field| field.is(key))).peekable();
        if unknown.peek().is_none() {
            return;
        }
        let mut names: Vec<&str> = Vec::with_capacity(fields.len());
        for field in fields {
            // Variants of an enum may have fields of the same name.
            if !names.contains(&field.name) {
                names.push(field.name);
            }
        }
        let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        let there_are = match quoted.as_slice() {
            [] => "there are none, remove it".to_owned(),
            [one] => format!("there is {one}"),
            many => format!("there are {}", many.join(", ")),
        };
        for key in unknown {
            let meant = nearest(key, names.iter().copied()).map(|name| format!("did you mean `{name}`?"));
            let advice = meant.as_ref().unwrap_or(&there_are);
            faults.add(self.path.then(Step::Key(key)).to_string(), format!("is not a parameter; {advice}"));
        }
    }

    /// Reads one field; `default` gives its value if there is none, or `None` if one must be given.
    pub(super) fn read<T: ConfigValue>(
        &self,
        field: &Field,
        default: impl FnOnce() -> Option<T>,
        faults: &mut Faults,
    ) -> Option<T> {
        self.read_while(field, default, "", faults)
    }

    /// Reads one field that applies only sometimes; while it does not, its value is `hidden`.
    pub(super) fn read_shown<T: ConfigValue>(
        &self,
        shown: Shown,
        field: &Field,
        default: impl FnOnce() -> Option<T>,
        hidden: impl FnOnce() -> Option<T>,
        faults: &mut Faults,
    ) -> Option<T> {
        match shown {
            Shown::Yes(why) => self.read_while(field, default, &format!(" while {why}"), faults),
            Shown::No(why) => {
                if let Some((key, _)) = self.given(field).filter(|_| !faults.is_trial()) {
                    tracing::info!(parameter = key, "the value of `{key}` is ignored: it applies if {why}");
                }
                hidden()
            }
            // What it depends on has its fault already; whether this one is missing cannot be said.
            Shown::Unknown => {
                let (key, value) = self.given(field)?;
                T::read(self.input(field, key, value), faults)
            }
        }
    }

    fn read_while<T: ConfigValue>(
        &self,
        field: &Field,
        default: impl FnOnce() -> Option<T>,
        when: &str,
        faults: &mut Faults,
    ) -> Option<T> {
        let (key, value) = self.find(field, faults);
        let input = self.input(field, key, value);
        if !value.is_null() {
            if !faults.is_trial() {
                field.used_as(key);
            }
            return T::read(input, faults);
        }
        // A `null` in an optional field is its `None`, even where another default is set.
        let there = self.values.contains_key(key) && !field.required;
        if let Some(value) = there.then(T::absent).flatten().or_else(default) {
            return Some(value);
        }
        if there {
            return T::read(input, faults);
        }
        input.fault(format!("is required{when}: add it as {}", T::parameter().expected()), faults);
        None
    }

    /// Which variant of an enum with data it is: the first spelling of the tag's value.
    pub fn variant(
        &self,
        tag: &Field,
        choices: &[&'static [&'static str]],
        default: Option<&'static str>,
        faults: &mut Faults,
    ) -> Option<&'static str> {
        let (key, value) = self.find(tag, faults);
        let input = self.input(tag, key, value);
        if !value.is_null() {
            return input.choice(choices, faults);
        }
        if default.is_none() {
            let values: Vec<_> = choices.iter().filter_map(|spellings| spellings.first()).collect();
            let list: Vec<_> = values.iter().map(|value| format!("`{value}`")).collect();
            input.fault(format!("is required: add it as one of {}", list.join(", ")), faults);
        }
        default
    }

    /// Tells that values of other variants are not used.
    pub fn ignore_others(&self, tag: &Field, all: &[&Field], used: &[&Field], faults: &Faults) {
        let unused =
            |key: &str| all.iter().any(|field| field.is(key)) && !used.iter().any(|field| field.is(key));
        for (key, value) in self.values {
            if !tag.is(key) && !value.is_null() && unused(key) && !faults.is_trial() {
                tracing::info!(
                    parameter = key,
                    "the value of `{key}` is ignored: it applies to another `{}`",
                    tag.name
                );
            }
        }
    }

    /// The value of a field and the name it has here; `null` if there is none.
    fn find(&self, field: &Field, faults: &mut Faults) -> (&'static str, &'a Value) {
        let mut found = self.all_given(field);
        let first = found.next();
        if let (Some((kept, _)), Some((again, _))) = (first, found.next()) {
            let path = self.path.then(Step::Key(again)).to_string();
            faults.add(path, format!("is another name of `{kept}`, which is given too: remove one of them"));
        }
        first.unwrap_or((field.name, &Value::Null))
    }

    /// The value of a field, unless it is `null`, and the name it has here.
    fn given(&self, field: &Field) -> Option<(&'static str, &'a Value)> {
        self.all_given(field).find(|(_, value)| !value.is_null())
    }

    fn all_given(&self, field: &Field) -> impl Iterator<Item = (&'static str, &'a Value)> + use<'a> {
        let (values, names) = (self.values, [field.name].into_iter().chain(field.aliases.iter().copied()));
        names.filter_map(move |name| Some((name, values.get(name)?)))
    }

    fn input<'b>(&'b self, field: &Field, key: &'b str, value: &'b Value) -> Input<'b> {
        Input::new(value, self.path.then(Step::Key(key)), self.hides(field), self.provided)
    }

    /// Whether nobody may see the value of a field: a secret, or what an operator has set.
    pub(super) fn hides(&self, field: &Field) -> bool {
        self.secret || field.secret || self.path.is_root() && self.provided.hides(field.name)
    }

    pub(super) fn path(&self) -> String {
        self.path.to_string()
    }

    /// The path of a field under the name that was used.
    pub(super) fn path_of(&self, field: &Field) -> String {
        let name = self.all_given(field).next().map_or(field.name, |(name, _)| name);
        self.path.then(Step::Key(name)).to_string()
    }
}
