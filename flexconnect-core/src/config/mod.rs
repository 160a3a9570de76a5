#![doc = include_str!("guide.md")]

mod bounds;
mod byte_size;
mod choice;
mod condition;
mod duration;
mod fault;
mod field;
mod fields;
mod input;
mod interpolate;
mod object;
mod parameter;
mod pattern;
mod provided;
mod schema;
mod scrub;
mod secret;
mod shown;
mod value;

pub use byte_size::{ByteSize, NotByteSize};
pub use choice::Choice;
pub use condition::Condition;
pub use fault::{Fault, Faults};
pub use input::Input;
pub use interpolate::{interpolate, interpolate_into};
pub use parameter::{Parameter, ParameterKind};
pub use provided::Provided;
pub use schema::json_schema;
pub use secret::Secret;
pub use value::ConfigValue;

pub(crate) use scrub::Secrets;

/// What the derive names in the code it writes.
pub(crate) mod derive {
    pub use super::byte_size::ByteSize;
    pub use super::field::Field;
    pub use super::fields::Fields;
    pub use super::object::{
        ReadFields, from_source, in_section, object_parameter, of_variant, parse_fields, read_object,
        shows_variant, variant_named, with_section_help,
    };
    pub use super::pattern::{Pattern, Text};
    pub use super::shown::Shown;
    pub use super::value::Length;
    pub use super::{
        Choice, Condition, Config, ConfigValue, Faults, Input, Parameter, ParameterKind, Provided, Secret,
    };
    pub use crate::error::Error;
    pub use serde_json::{Map, Value};
}

use serde_json::{Map, Value};

use self::field::Field;
use crate::error::Error;

/// What can be configured on a connector: a struct with one field per parameter.
///
/// ```
/// use std::time::Duration;
///
/// use flexconnect_core::{Config, Secret};
/// use serde_json::json;
///
/// #[derive(Config, Debug)]
/// struct RestConfig {
///     /// Where the service is.
///     #[config(label = "Base URL", placeholder = "https://api.example.com")]
///     base_url: String,
///     /// How requests are signed.
///     #[config(default)]
///     auth_type: AuthType,
///     /// The token of the chosen way.
///     auth_token: Option<Secret<String>>,
///     /// Rows asked for in one request.
///     #[config(default = 100, min = 1, max = 10_000)]
///     page_size: u32,
///     /// How long one request may take.
///     #[config(default = "30s", section = "Network", advanced)]
///     timeout: Duration,
/// }
///
/// #[derive(Config, Debug, Default, PartialEq)]
/// enum AuthType {
///     #[default]
///     None,
///     #[config(label = "Bearer token")]
///     Bearer,
/// }
///
/// let values = json!({ "base_url": "https://example.com", "auth_type": "bearer", "auth_token": "t0k3n" });
/// let config = RestConfig::parse(values.as_object().unwrap()).unwrap();
/// assert_eq!(config.auth_type, AuthType::Bearer);
/// assert_eq!(config.page_size, 100);
/// assert_eq!(config.timeout, Duration::from_secs(30));
///
/// let values = json!({ "page_sze": 50, "auth_type": "beerer" });
/// let error = RestConfig::parse(values.as_object().unwrap()).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "wrong configuration, 3 faults:\n\
///      - `page_sze` is not a parameter; did you mean `page_size`?\n\
///      - `base_url` is required: add it as text\n\
///      - `auth_type` must be one of `none`, `bearer`, not the text \"beerer\"; did you mean `bearer`?"
/// );
/// ```
///
/// The [module](crate::config) goes through the features one by one.
///
/// # Rules
///
/// * A parameter without a default is required, a boolean too; an `Option` never is. A `null` counts as absent.
/// * Types are strict: `"100"` is not an integer. An integer may be written as `100.0`.
/// * A key that is not a parameter is a fault.
/// * Faults quote the value that was given, cut short, and never that of a secret or of an operator.
///
/// # Types of fields
///
/// | of Rust | in a configuration |
/// |---|---|
/// | `String`, `char`, `PathBuf` | text |
/// | `bool`, integers, `f32`, `f64` | `true`, `100`, `0.5` |
/// | [`Duration`](std::time::Duration) | `"30s"`, `"1h30m"`, or a number of seconds |
/// | [`ByteSize`] | `"64MiB"`, `"10MB"`, or a number of bytes |
/// | `NaiveDate`, `DateTime<Utc>`, `DateTime<FixedOffset>`; `civil::Date`, `Timestamp` | `"2024-01-31"`, `"2024-01-31T12:00:00Z"`; behind the features `chrono` and `jiff` |
/// | an enum without data that derives `Config` | one of its names |
/// | a struct, or an enum with data, that derives `Config` | an object |
/// | `Vec<T>` | a list |
/// | `BTreeSet<T>`, `HashSet<T>` | a list whose elements differ |
/// | `BTreeMap<String, T>`, `HashMap<String, T>` | an object with keys of the user's own |
/// | `Vec<(String, T)>` | the same in its order; or a list of pairs, where a key repeats |
/// | `Option<T>` | as `T`, or nothing |
/// | [`Secret<T>`](Secret) | as `T`; printed nowhere |
/// | `Box<T>` | as `T`; for a variant that is much larger than the others |
/// | [`serde_json::Value`] | anything |
///
/// Other types implement [`ConfigValue`]. A configuration cannot contain itself.
///
/// # `#[config(..)]` on a field
///
/// | attribute | meaning |
/// |---|---|
/// | `default`, `default = expr` | the value when none is given: of `Default`, or this one (`100`, `"30s"`, `["a", "b"]`, `Kind::A`) |
/// | `label = ".."` | what a form shows beside the value; the name in words if not given |
/// | `help = ".."` | the explanation; the doc comment if not given |
/// | `min = expr`, `max = expr` | bounds of a number, a duration, a byte size or a date, themselves allowed |
/// | `min_len = n`, `max_len = n` | bounds of the characters of a text or the elements of a list or map |
/// | `pattern = ".."` | a regular expression that a text matches, anywhere unless it says `^` and `$`; with the feature `pattern` |
/// | `visible_when(a = v, b = [v, w], c, not(d = v))` | it applies only while field `a` is `v`, `b` is `v` or `w`, `c` is given, and `d` is not `v`; else its value is left alone. Of a flattened enum, `a = Kind::A` names its variant |
/// | `required` | an `Option` with `visible_when` must be given while it applies |
/// | `dynamic_choices`, `dynamic_choices(a, b)` | [`Connector::choices`](crate::Connector::choices) computes what a form offers, again when `a` or `b` changes |
/// | `placeholder = ".."`, `section = ".."`, `section_help = ".."` | for forms: an example in the empty field; a heading; what is said under it, by the first parameter there |
/// | `multiline`, `advanced`, `hidden` | for forms: a text area; folded away at first; not shown at all |
/// | `rename = ".."`, `alias = ".."` | the parameter's name; a former name, which is read and warned of |
/// | `deprecated = ".."` | it is read and warned of; the text says what to use instead |
/// | `secret` | shown and quoted nowhere; prefer the type [`Secret`], which cannot be printed by mistake either |
/// | `flatten` | the parameters of this struct, or enum with data, stand among those of the outer one; goes with `section` and `section_help` only |
/// | `check = "path"` | a function `fn(&T) -> Result<(), E>` for a rule of one's own |
///
/// # `#[config(..)]` on a struct, an enum, a variant
///
/// | attribute | on | meaning |
/// |---|---|---|
/// | `rename_all = "camelCase"` | struct, enum | the case of the names; the cases are serde's |
/// | `check = "path"` | struct | a function `fn(&Self) -> Result<(), E>` for rules across fields, where `E` is a text, any error, a [`Fault`] or [`Faults`] |
/// | `preset = "set"` | struct | the operator can provide its values under a name: [`Plugin::preset`](crate::Plugin::preset) |
/// | `tag = ".."` | enum with data | the key that names the variant; `type` if not given |
/// | `label`, `help`, `section`, `section_help` | enum with data | of the tag; `section` of its parameters too, unless they have one |
/// | `crate = "path"` | struct, enum | where `flexconnect_core` is |
/// | `rename`, `alias`, `label`, `help` | variant | as on a field |
/// | `default` | variant with or without data, of an enum with data | the variant when the tag is not given |
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a connector's configuration",
    label = "not a configuration",
    note = "write `#[derive(Config)]` on the struct `{Self}`, or `type Config = ()` if there is nothing to configure"
)]
pub trait Config: Sized + Send + 'static {
    /// The parameters, in the order of a form.
    fn parameters() -> Vec<Parameter>;

    /// Reads the configuration from JSON values by parameter name.
    ///
    /// # Errors
    ///
    /// One error of kind [`Config`](crate::ErrorKind::Config) that lists every fault with its path, the
    /// rule and how to mend it. No secret value is part of it.
    fn parse(values: &Map<String, Value>) -> Result<Self, Error> {
        Self::parse_with(values, &Provided::new())
    }

    /// Reads the configuration from values of somebody who may name what the operator provides: presets.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse); values the operator provides are not part of it.
    fn parse_with(values: &Map<String, Value>, provided: &Provided) -> Result<Self, Error>;

    /// The parameters as a JSON Schema (draft 2020-12).
    fn json_schema() -> Value {
        json_schema(&Self::parameters())
    }
}

/// Nothing to configure.
impl Config for () {
    fn parameters() -> Vec<Parameter> {
        Vec::new()
    }

    fn parse_with(values: &Map<String, Value>, provided: &Provided) -> Result<Self, Error> {
        let mut faults = Faults::new();
        fields::Fields::root(values, provided).refuse_unknown(&[], &mut faults);
        faults.finish()
    }
}
