//! Structs, and enums with data, as objects: what the code that `#[derive(Config)]` writes calls.

use serde_json::{Map, Value};

use super::fields::Fields;
use super::input::cut;
use super::provided::Provided;
use super::shown::Shown;
use super::{Condition, Config, ConfigValue, Faults, Field, Input, Parameter, ParameterKind};
use crate::error::Error;
use crate::nearest::nearest;
use crate::same::same;

/// A struct or an enum whose fields are parameters.
#[diagnostic::on_unimplemented(
    message = "the parameters of `{Self}` cannot stand among those of another struct",
    label = "not a struct or an enum of parameters",
    note = "`flatten` is for a struct, or an enum with data, that derives `Config`"
)]
pub trait ReadFields: Config + ConfigValue {
    /// The key of the tag of an enum with data.
    const TAG: &'static str = "";

    /// The variants of an enum with data: what the enum calls each, and the value of the tag.
    const VARIANTS: &'static [(&'static str, &'static str)] = &[];

    /// The value of the tag of an enum with data.
    fn variant(&self) -> &'static str {
        ""
    }

    /// Every field that is read here, those of flattened structs and of all variants too.
    fn fields() -> Vec<&'static Field>;

    /// Reads every field, and adds every fault.
    fn read_fields(fields: Fields<'_>, faults: &mut Faults) -> Option<Self>;

    // The rest is that of the traits above, named here so that a type that is none of them has one error.

    /// Whether there is a secret inside.
    const HOLDS_SECRET: bool = Self::SENSITIVE;

    /// The parameters, to stand among others.
    fn members() -> Vec<Parameter> {
        Self::parameters()
    }

    /// Puts the values among those of others.
    fn put_into(&self, members: &mut Map<String, Value>) {
        if let Value::Object(own) = self.to_json() {
            members.extend(own);
        }
    }
}

/// The whole configuration.
///
/// # Errors
///
/// One error with all faults.
pub fn parse_fields<T: ReadFields>(values: &Map<String, Value>, provided: &Provided) -> Result<T, Error> {
    let mut faults = Faults::new();
    match read::<T>(Fields::root(values, provided), &mut faults) {
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

/// An object inside a configuration; `preset` is the set of presets that can be named instead.
pub fn read_object<T: ReadFields>(input: Input<'_>, preset: Option<&str>, faults: &mut Faults) -> Option<T> {
    match (input.value(), preset) {
        (Value::Object(values), _) => read(Fields::inside(input, values), faults),
        (Value::String(name), Some(set)) => match input.provided().preset(set, name) {
            // The values are the operator's: whoever named them is told their faults, and not what they are.
            Some(values) => read(Fields::inside(input.into_secret(), values), faults),
            None => {
                no_such_preset::<T>(input, set, name, faults);
                None
            }
        },
        _ => {
            input.wrong_type::<T>(faults);
            None
        }
    }
}

fn read<T: ReadFields>(fields: Fields<'_>, faults: &mut Faults) -> Option<T> {
    fields.refuse_unknown(&T::fields(), faults);
    T::read_fields(fields, faults)
}

/// The name is quoted by nobody: a text in the place of a secret object may be the secret.
fn no_such_preset<T: ConfigValue>(input: Input<'_>, set: &str, name: &str, faults: &mut Faults) {
    let names = input.provided().names(set);
    let quoted: Vec<_> = names.iter().map(|name| format!("`{}`", cut(name))).collect();
    let meant = nearest(name, names).filter(|_| quoted.len() > 1 && !T::SENSITIVE && !input.is_secret());
    let advice = match (quoted.as_slice(), meant) {
        ([], _) => "there is none, write an object".to_owned(),
        (_, Some(meant)) => format!("did you mean `{meant}`?"),
        ([one], None) => format!("there is {one}, or write an object"),
        (many, None) => format!("there are {}, or write an object", many.join(", ")),
    };
    input.fault(format!("names no preset of `{set}`: {advice}"), faults);
}

/// The parameter of an object with these members.
pub fn object_parameter(parameters: Vec<Parameter>) -> Parameter {
    Parameter::new(ParameterKind::Object { parameters })
}

/// Parameters under a heading, unless they have one of their own.
pub fn in_section(mut parameters: Vec<Parameter>, section: &str) -> Vec<Parameter> {
    for parameter in &mut parameters {
        parameter.section.get_or_insert_with(|| section.to_owned());
    }
    parameters
}

/// The parameters of a variant, which apply while the tag names it.
pub fn of_variant(mut parameters: Vec<Parameter>, tag: &str, variant: &str) -> Vec<Parameter> {
    for parameter in &mut parameters {
        parameter.visible_when.insert(0, Condition::new(tag, [Value::from(variant)]));
    }
    parameters
}

/// What a form says under the heading of these parameters.
pub fn with_section_help(mut parameters: Vec<Parameter>, help: &str) -> Vec<Parameter> {
    if let Some(first) = parameters.first_mut() {
        first.section_help.get_or_insert_with(|| help.to_owned());
    }
    parameters
}

/// The value of the tag for the variant that an author's source names.
///
/// # Panics
/// When compiled, at the place of the caller, when there is no such variant.
#[track_caller]
pub const fn variant_named<T: ReadFields>(ident: &str) -> &'static str {
    assert!(!T::VARIANTS.is_empty(), "of what is flattened, only an enum with data has variants to name");
    let mut at = 0;
    while at < T::VARIANTS.len() {
        let (name, value) = T::VARIANTS[at];
        if same(name.as_bytes(), ident.as_bytes()) {
            return value;
        }
        at += 1;
    }
    panic!("the enum has no such variant")
}

/// Whether a flattened enum is one of the variants, or none of them, that a condition names.
pub fn shows_variant<T: ReadFields>(value: Option<&T>, condition: Condition) -> Shown {
    let Some(value) = value else { return Shown::Unknown };
    Shown::of(condition.is_met(&Value::from(value.variant())), &condition)
}

/// The value that a text in an author's source stands for; the derive has looked at its notation.
///
/// # Panics
///
/// If the type reads another notation: a type of an author's own that has the name of one of ours.
pub fn from_source<T: ConfigValue>(text: &'static str) -> T {
    let value = Value::from(text);
    let read = T::read(Input::alone(&value), &mut Faults::trial());
    read.expect("the derive has checked the notation; write an expression of the type itself instead")
}
