//! The Rust types a parameter can have.

mod boxed;
mod collection;
mod number;
mod temporal;
mod text;

pub use self::collection::Length;

use serde_json::Value;

use super::condition::is_given;
use super::field::Field;
use super::fields::Fields;
use super::shown::Shown;
use super::{Condition, Faults, Input, Parameter, ParameterKind};

/// A Rust type that a parameter's value is read into.
///
/// `#[derive(Config)]` implements it for structs (objects) and for enums without data (choices). A type of
/// one's own implements it by hand:
///
/// ```
/// use flexconnect_core::config::{ConfigValue, Faults, Input, Parameter, ParameterKind};
/// use serde_json::Value;
///
/// struct Separator(char);
///
/// impl ConfigValue for Separator {
///     fn parameter() -> Parameter {
///         Parameter::new(ParameterKind::Text)
///     }
///
///     fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
///         let mut letters = input.text("one character", faults)?.chars();
///         match (letters.next(), letters.next()) {
///             (Some(letter), None) => Some(Separator(letter)),
///             _ => {
///                 input.mismatch("one character", faults);
///                 None
///             }
///         }
///     }
///
///     fn to_json(&self) -> Value {
///         self.0.to_string().into()
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of a parameter",
    label = "not a type of parameters",
    note = "use text, a number, a boolean, `Option`, `Vec`, a map, `Secret`, `Duration`, or derive `Config` for the struct or the enum `{Self}`"
)]
pub trait ConfigValue: Sized {
    /// Whether a value of this type is or holds a secret, so that one of the wrong type must not be quoted.
    const SENSITIVE: bool = false;

    /// What a form has to know about a value of this type, nameless.
    fn parameter() -> Parameter;

    /// Reads the value. `None` means that the reason was added to `faults`.
    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self>;

    /// The value as it would be written in a configuration, to show a default; secrets become `null`.
    fn to_json(&self) -> Value;

    /// The value if none is given; `None` if one is required, as it is for every type but `Option`.
    fn absent() -> Option<Self> {
        None
    }

    /// Whether a parameter with `visible_when(this)` applies: the value is neither `false` nor empty.
    fn is_given(&self) -> bool {
        is_given(&self.to_json())
    }

    // What the derive calls for each field stands here and not in functions with a bound, so that a field of a
    // type that is none has one error.

    #[doc(hidden)]
    fn read_field(
        fields: &Fields<'_>,
        field: &Field,
        default: impl FnOnce() -> Option<Self>,
        faults: &mut Faults,
    ) -> Option<Self> {
        fields.read(field, default, faults)
    }

    #[doc(hidden)]
    fn read_shown(
        fields: &Fields<'_>,
        field: &Field,
        shown: Shown,
        default: impl FnOnce() -> Option<Self>,
        hidden: impl FnOnce() -> Option<Self>,
        faults: &mut Faults,
    ) -> Option<Self> {
        fields.read_shown(shown, field, default, hidden, faults)
    }

    #[doc(hidden)]
    fn shows(value: Option<&Self>, condition: Condition) -> Shown {
        let Some(value) = value else { return Shown::Unknown };
        let met = if condition.values.is_empty() {
            value.is_given() != condition.negated
        } else {
            condition.is_met(&value.to_json())
        };
        Shown::of(met, &condition)
    }

    #[doc(hidden)]
    fn set_default(parameter: &mut Parameter, default: Self) {
        parameter.required = false;
        parameter.default = if parameter.holds_secret() { None } else { Some(default.to_json()) };
    }
}

/// Present or not: never required.
impl<T: ConfigValue> ConfigValue for Option<T> {
    const SENSITIVE: bool = T::SENSITIVE;

    fn parameter() -> Parameter {
        let mut parameter = T::parameter();
        parameter.required = false;
        parameter.default = if parameter.holds_secret() { None } else { Some(Value::Null) };
        parameter
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        if input.value().is_null() { Some(None) } else { T::read(input, faults).map(Some) }
    }

    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_json)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn is_given(&self) -> bool {
        self.as_ref().is_some_and(T::is_given)
    }
}

impl ConfigValue for bool {
    fn parameter() -> Parameter {
        Parameter::new(ParameterKind::Boolean)
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        let flag = input.value().as_bool();
        if flag.is_none() {
            input.wrong_type::<Self>(faults);
        }
        flag
    }

    fn to_json(&self) -> Value {
        Value::Bool(*self)
    }
}

/// Anything: read as it is.
impl ConfigValue for Value {
    fn parameter() -> Parameter {
        Parameter::new(ParameterKind::Json)
    }

    fn read(input: Input<'_>, _faults: &mut Faults) -> Option<Self> {
        Some(input.value().clone())
    }

    fn to_json(&self) -> Value {
        self.clone()
    }
}
