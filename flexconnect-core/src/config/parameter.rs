//! What a form, a schema or a page of documentation has to know about one parameter.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Choice, Condition};

/// One parameter of a configuration, or the elements of one.
///
/// Its JSON form is stable, and read again: members that say nothing are left out, `kind` is in `snake_case`, and the
/// elements of a list, the values of a map and the members of an object are parameters themselves.
///
/// ```
/// use flexconnect_core::Config;
/// use serde_json::json;
///
/// #[derive(Config)]
/// struct Random {
///     /// How many rows to make up.
///     #[config(default = 100, label = "Number of rows")]
///     num_rows: u64,
/// }
///
/// assert_eq!(
///     serde_json::to_value(Random::parameters()).unwrap(),
///     json!([{
///         "name": "num_rows",
///         "label": "Number of rows",
///         "help": "How many rows to make up.",
///         "kind": "integer",
///         "default": 100,
///         "required": false,
///         "minimum": 0,
///     }])
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Parameter {
    /// The key of its value; empty for the elements of a list and the values of a map.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Further keys that are read, older names for instance.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// What a form shows beside the value.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The explanation, in plain text; paragraphs are separated by an empty line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// The type of the value, and what lies inside it.
    #[serde(flatten)]
    pub kind: ParameterKind,
    /// The value that is used when none is given; `None` if there is none, and always for a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Whether a value must be given, or must be while [`visible_when`](Self::visible_when) holds.
    pub required: bool,
    /// Whether the value itself must not be shown; see [`holds_secret`](Self::holds_secret).
    #[serde(default, skip_serializing_if = "is_false")]
    pub secret: bool,
    /// The values to choose from, for [`ParameterKind::Choice`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// Whether the connector is asked for choices, which [`Connector::choices`](crate::Connector::choices)
    /// computes. Another value is read too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub dynamic_choices: bool,
    /// The parameters whose change makes a form ask for the choices again; empty for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
    /// The least value allowed, in the form of a value of this parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Value>,
    /// The greatest value allowed, in the form of a value of this parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Value>,
    /// The least number of characters or elements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_len: Option<u64>,
    /// The greatest number of characters or elements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_len: Option<u64>,
    /// A regular expression that the text matches, anywhere unless it says where, as in JSON Schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Whether the elements of the list differ from each other.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unique: bool,
    /// The set of presets it takes: the value is an object, or the name of a preset the operator provides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// The presets there are of that set, where it is known: see [`Entry::parameters`](crate::Entry::parameters).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub presets: Vec<String>,
    /// When it applies: all of these hold. While one does not, a value is neither required nor checked nor
    /// used, because a form may leave what was typed before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub visible_when: Vec<Condition>,
    /// The heading of a form it belongs under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// What a form says under that heading; the first parameter there says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section_help: Option<String>,
    /// An example a form shows while there is no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
    /// Whether most people never need it, so that a form folds it away.
    #[serde(default, skip_serializing_if = "is_false")]
    pub advanced: bool,
    /// Whether the text has several lines.
    #[serde(default, skip_serializing_if = "is_false")]
    pub multiline: bool,
    /// Whether a form never shows it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hidden: bool,
    /// What to use instead of it, if it should not be used any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
}

/// `skip_serializing_if` hands out references.
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Parameter {
    /// A required parameter of this kind, without a name and without rules.
    pub fn new(kind: ParameterKind) -> Self {
        Parameter {
            name: String::new(),
            aliases: Vec::new(),
            label: String::new(),
            help: String::new(),
            kind,
            default: None,
            required: true,
            secret: false,
            choices: Vec::new(),
            dynamic_choices: false,
            depends_on: Vec::new(),
            minimum: None,
            maximum: None,
            min_len: None,
            max_len: None,
            pattern: None,
            unique: false,
            preset: None,
            presets: Vec::new(),
            visible_when: Vec::new(),
            section: None,
            section_help: None,
            placeholder: None,
            advanced: false,
            multiline: false,
            hidden: false,
            deprecated: None,
        }
    }

    /// A required choice among these values.
    pub fn choice(choices: impl IntoIterator<Item = Choice>) -> Self {
        let mut parameter = Parameter::new(ParameterKind::Choice);
        parameter.choices = choices.into_iter().collect();
        parameter
    }

    /// Whether the value, or anything inside it, must not be shown.
    pub fn holds_secret(&self) -> bool {
        self.secret
            || match &self.kind {
                ParameterKind::List { items: inner } | ParameterKind::Map { values: inner } => {
                    inner.holds_secret()
                }
                ParameterKind::Object { parameters } => parameters.iter().any(Parameter::holds_secret),
                _ => false,
            }
    }

    /// The parameter at a path of names inside this one, through lists and maps; this one if the path is empty.
    pub(crate) fn inside(&self, path: &str) -> Option<&Parameter> {
        if path.is_empty() {
            return Some(self);
        }
        match &self.kind {
            ParameterKind::List { items: inner } | ParameterKind::Map { values: inner } => inner.inside(path),
            ParameterKind::Object { parameters } => {
                let (outer, rest) = path.split_once('.').unwrap_or((path, ""));
                parameters.iter().find(|one| one.name == outer)?.inside(rest)
            }
            _ => None,
        }
    }

    /// What a value has to be, worded to follow "must be".
    pub(crate) fn expected(&self) -> String {
        match &self.kind {
            ParameterKind::Text => "text".into(),
            ParameterKind::Integer => "an integer".into(),
            ParameterKind::Number => "a number".into(),
            ParameterKind::Boolean => "true or false".into(),
            ParameterKind::Choice => {
                let values: Vec<_> =
                    self.choices.iter().map(|choice| format!("`{}`", choice.value)).collect();
                format!("one of {}", values.join(", "))
            }
            ParameterKind::Date => "a date such as \"2024-01-31\"".into(),
            ParameterKind::Timestamp => "an instant such as \"2024-01-31T12:00:00Z\"".into(),
            ParameterKind::Duration => {
                "a duration with its unit, such as \"30s\" or \"1h30m\", or a number of seconds".into()
            }
            ParameterKind::ByteSize => "a size with its unit, such as \"64MiB\" or \"10MB\"".into(),
            ParameterKind::Path => "a path, as text".into(),
            ParameterKind::List { items } => format!("a list of {}", items.kind.plural()),
            ParameterKind::Map { values } => format!("an object whose values are {}", values.kind.plural()),
            ParameterKind::Object { .. } if self.preset.is_some() => {
                "an object or the name of a preset".into()
            }
            ParameterKind::Object { .. } => "an object".into(),
            ParameterKind::Json => "a JSON value".into(),
        }
    }
}

/// The type of a parameter's value, and what lies inside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ParameterKind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number, finite.
    Number,
    /// True or false.
    Boolean,
    /// One of [`Parameter::choices`].
    Choice,
    /// A day: `"2024-01-31"`.
    Date,
    /// An instant: `"2024-01-31T12:00:00Z"`.
    Timestamp,
    /// A span of time with its unit: `"1h30m"`.
    Duration,
    /// A number of bytes, with a unit (`"64MiB"`) or as an integer.
    ByteSize,
    /// The path of a file or folder.
    Path,
    /// A list.
    List {
        /// Its elements.
        items: Box<Parameter>,
    },
    /// An object with keys of one's own choosing.
    Map {
        /// The values of the keys.
        values: Box<Parameter>,
    },
    /// An object with known keys.
    Object {
        /// Its members.
        parameters: Vec<Parameter>,
    },
    /// Any JSON value.
    Json,
}

impl ParameterKind {
    fn plural(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integers",
            Self::Number => "numbers",
            Self::Boolean => "booleans",
            Self::Choice => "choices",
            Self::Date => "dates",
            Self::Timestamp => "instants",
            Self::Duration => "durations",
            Self::ByteSize => "sizes",
            Self::Path => "paths",
            Self::List { .. } => "lists",
            Self::Map { .. } | Self::Object { .. } => "objects",
            Self::Json => "JSON values",
        }
    }
}
