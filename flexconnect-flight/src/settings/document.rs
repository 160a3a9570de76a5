//! Several files, and variables, as one configuration; each value knows where it is from.

use std::path::Path;

use flexconnect_core::config::{Config, ConfigValue, Faults, Input, ParameterKind, interpolate_into};
use flexconnect_core::{Error, Parameter};
use serde_json::{Map, Value};

use super::origin::Origin;
use super::overrides::Override;
use super::toml::parse;

/// A configuration of several files in TOML, merged key by key: what a later file sets is taken, what it does not set
/// stays.
///
/// - In a text, `${NAME}` and `${NAME:-default}` stand for variables, `$${` for `${`. What is put in is not looked at
///   again, and what a later file has replaced needs no variable.
/// - [`with_overrides`](Self::with_overrides) lets variables set values themselves.
/// - [`read`](Self::read) gives any struct that derives [`Config`], and tells all faults at once, each with its key
///   and the file it is in.
///
/// ```
/// use flexconnect_core::{Config, Secret};
/// use flexconnect_flight::settings::Document;
///
/// #[derive(Config)]
/// struct Program {
///     /// How it greets.
///     greeting: String,
///     token: Secret<String>,
/// }
///
/// let document = Document::new()
///     .with_text("defaults.toml", "greeting = 'Hello'\ntoken = 'none'")
///     .with_text("site.toml", "token = '${TOKEN}'")
///     .with_variables([("TOKEN", "t0k3n")]);
/// let program: Program = document.read()?;
/// assert_eq!((program.greeting.as_str(), program.token.expose().as_str()), ("Hello", "t0k3n"));
///
/// let document = document.with_text("more.toml", "greting = 'Hi'");
/// let error = document.read::<Program>().err().unwrap();
/// assert_eq!(
///     error.to_string(),
///     "wrong configuration: `greting` is not a parameter; did you mean `greeting`? (in `more.toml`)"
/// );
/// # Ok::<_, flexconnect_core::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Document {
    values: Map<String, Value>,
    origin: Origin,
    overrides: Vec<Override>,
    /// Whether it is read as Python's dynaconf reads files and variables.
    like_dynaconf: bool,
    /// Names and values; `None` is the environment of the process.
    variables: Option<Vec<(String, String)>>,
    /// Files that could not be read.
    faults: Faults,
}

impl Document {
    /// No file yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads as Python's dynaconf does, for files and variables that were written for it: the case of keys does not matter,
    /// the text of a variable may stand in quotes, and a number may be a text. Call it before files are laid on.
    #[cfg(feature = "gooddata")]
    #[must_use]
    pub(crate) fn like_dynaconf(mut self) -> Self {
        self.like_dynaconf = true;
        self
    }

    /// Lays a file over those before. One that cannot be read is a fault of [`read`](Self::read).
    #[must_use]
    pub fn with_file(mut self, path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => self.with_text(name, &text),
            Err(error) => {
                self.faults.add("", format!("`{name}` cannot be read: {error}"));
                self
            }
        }
    }

    /// Lays the text of a file over those before; the name is for faults.
    #[must_use]
    pub fn with_text(mut self, name: impl Into<String>, text: &str) -> Self {
        let name = name.into();
        match parse(text).map(|values| if self.like_dynaconf { in_lower_case(values) } else { values }) {
            Ok(values) => merge(&mut self.values, &mut self.origin, values, &name),
            Err(fault) => self.faults.add("", format!("`{name}` is no TOML: {fault}")),
        }
        self
    }

    /// Finds `${NAME}` among these, instead of in the environment of the process.
    #[must_use]
    pub fn with_variables(
        mut self,
        variables: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        self.variables =
            Some(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect());
        self
    }

    /// Lets those of these variables that begin with this prefix set values, over all files: after the prefix comes
    /// the key, those of sections before it, with `__` between; case does not matter. The value is the text itself
    /// where text is wanted; else it is read as in a file, and is text if it cannot be.
    ///
    /// ```
    /// use flexconnect_core::Config;
    /// use flexconnect_flight::settings::Document;
    ///
    /// #[derive(Config)]
    /// struct Program { server: Listen }
    ///
    /// #[derive(Config)]
    /// struct Listen { host: String, port: u16, tokens: Vec<String> }
    ///
    /// let variables = [
    ///     ("SAMPLE_SERVER__HOST", "0.0.0.0"),
    ///     ("SAMPLE_SERVER__PORT", "8080"),
    ///     ("SAMPLE_SERVER__TOKENS", "['a', 'b']"),
    /// ];
    /// let program: Program = Document::new().with_overrides("SAMPLE_", variables).read()?;
    /// assert_eq!((program.server.port, program.server.tokens.len()), (8080, 2));
    /// # Ok::<_, flexconnect_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_overrides(
        mut self,
        prefix: &str,
        variables: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        let set = variables.into_iter();
        let set = set.filter_map(|(name, text)| Override::of(prefix, name.into(), text.into()));
        self.overrides.extend(set);
        self
    }

    /// Reads everything into this struct.
    ///
    /// # Errors
    /// One error of kind [`Config`](flexconnect_core::ErrorKind::Config) that names every file that cannot be read; if
    /// all can, every variable that is not set; and if all are, every value that is wrong, every key that is none and
    /// every key that is missing, with the file. No secret is part of it.
    pub fn read<C: Config + ConfigValue>(&self) -> Result<C, Error> {
        self.read_with(|_, _| ())
    }

    /// As [`read`](Self::read), but keys that are none are left out and given beside it, as paths such as
    /// `server.colour`: for files that other programs read as well.
    ///
    /// # Errors
    /// As [`read`](Self::read), but for keys that are none.
    pub fn read_known<C: Config + ConfigValue>(&self) -> Result<(C, Vec<String>), Error> {
        let mut unknown = Vec::new();
        let read = self.read_with(|values, parameters| leave_out(values, parameters, "", &mut unknown))?;
        Ok((read, unknown))
    }

    fn read_with<C: Config + ConfigValue>(
        &self,
        look: impl FnOnce(&mut Map<String, Value>, &[Parameter]),
    ) -> Result<C, Error> {
        self.faults.clone().finish()?;
        let parameters = C::parameters();
        let mut origin = self.origin.clone();
        let mut values = Value::Object(self.values.clone());
        let mut faults = Faults::new();
        interpolate_into(&mut values, &parameters, |name| self.variable(name), &mut faults);
        placed(&faults, &origin).finish()?;
        if let Value::Object(values) = &mut values {
            for set in &self.overrides {
                set.apply(values, &mut origin, &parameters, self.like_dynaconf);
            }
            if self.like_dynaconf {
                make_whole(values, &parameters);
            }
            look(values, &parameters);
        }
        let mut faults = Faults::new();
        let read = C::read(Input::root(&values), &mut faults);
        match read {
            Some(read) if faults.is_empty() => Ok(read),
            _ => {
                if faults.is_empty() {
                    faults.add("", "a value was refused without a reason");
                }
                Err(placed(&faults, &origin).into())
            }
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        match &self.variables {
            None => std::env::var(name).ok(),
            Some(variables) => {
                variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
            }
        }
    }
}

/// The same with all keys in lower case. Where that makes two the same, tables are merged, and of others the last counts.
fn in_lower_case(values: Map<String, Value>) -> Map<String, Value> {
    let mut all = Map::new();
    for (key, value) in values {
        let value = match value {
            Value::Object(members) => Value::Object(in_lower_case(members)),
            other => other,
        };
        // Where it is from is not looked at yet.
        merge(&mut all, &mut Origin::default(), Map::from_iter([(key.to_lowercase(), value)]), "");
    }
    all
}

/// Makes whole numbers of texts that are one, where that is what is wanted.
fn make_whole(values: &mut Map<String, Value>, parameters: &[Parameter]) {
    for parameter in parameters {
        match (&parameter.kind, values.get_mut(&parameter.name)) {
            (ParameterKind::Object { parameters }, Some(Value::Object(members))) => {
                make_whole(members, parameters);
            }
            (ParameterKind::Integer, Some(value)) => {
                if let Some(whole) = value.as_str().and_then(|text| text.trim().parse::<i64>().ok()) {
                    *value = whole.into();
                }
            }
            _ => {}
        }
    }
}

/// Lays values over those there are; tables are merged, everything else is replaced.
fn merge(into: &mut Map<String, Value>, origin: &mut Origin, values: Map<String, Value>, name: &str) {
    origin.named(name);
    for (key, value) in values {
        match (into.get_mut(&key), value) {
            (Some(Value::Object(into)), Value::Object(values)) => {
                merge(into, origin.member(&key), values, name);
            }
            (_, value) => {
                *origin.member(&key) = Origin::of(&value, name);
                into.insert(key, value);
            }
        }
    }
}

/// Takes out what is none of these parameters, and says what that was.
fn leave_out(
    values: &mut Map<String, Value>,
    parameters: &[Parameter],
    path: &str,
    unknown: &mut Vec<String>,
) {
    values.retain(|key, value| {
        let is = |one: &&Parameter| one.name == *key || one.aliases.iter().any(|alias| alias == key);
        let path = format!("{path}{key}");
        let Some(parameter) = parameters.iter().find(is) else {
            unknown.push(path);
            return false;
        };
        if let (ParameterKind::Object { parameters }, Value::Object(values)) = (&parameter.kind, value) {
            leave_out(values, parameters, &format!("{path}."), unknown);
        }
        true
    });
}

/// The same faults, each with where its value is from.
fn placed(faults: &Faults, origin: &Origin) -> Faults {
    let mut placed = Faults::new();
    for fault in faults.iter() {
        let place = origin.place(fault.path()).map(|place| format!(" (in {place})")).unwrap_or_default();
        placed.add(fault.path(), format!("{}{place}", fault.message()));
    }
    match faults.len() - placed.len() {
        0 => {}
        more => placed.add("", format!("and {more} more")),
    }
    placed
}

/// Values may be secrets.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys: Vec<_> = self.values.keys().collect();
        f.debug_struct("Document").field("keys", &keys).finish_non_exhaustive()
    }
}
