//! A value that is never printed.

use std::fmt;

use serde_json::Value;

use super::{ConfigValue, Faults, Input, Parameter};

/// A value that is never printed: a password, a token, a key.
///
/// It has no `Display` and no `Serialize`, and its `Debug` shows no content. Faults about it say what is
/// wrong without the value, and it has no default.
///
/// ```
/// use flexconnect_core::{Config, Secret};
/// use serde_json::json;
///
/// #[derive(Config, Debug)]
/// struct Login {
///     user: String,
///     password: Secret<String>,
/// }
///
/// let values = json!({ "user": "ada", "password": "hunter2" });
/// let login = Login::parse(values.as_object().unwrap()).unwrap();
/// assert_eq!(login.password.expose(), "hunter2");
/// assert_eq!(format!("{login:?}"), r#"Login { user: "ada", password: Secret(***) }"#);
/// ```
#[derive(Clone)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Hides a value.
    pub const fn new(value: T) -> Self {
        Secret(value)
    }

    /// The value, where it is needed: to sign a request, to open a connection.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, for a client that wants to own it.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Secret(value)
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl<T: ConfigValue> ConfigValue for Secret<T> {
    const SENSITIVE: bool = true;

    fn parameter() -> Parameter {
        let mut parameter = T::parameter();
        parameter.secret = true;
        parameter.default = None;
        parameter
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        T::read(input.into_secret(), faults).map(Secret)
    }

    /// `null`: what is written as JSON is meant to be shown.
    fn to_json(&self) -> Value {
        Value::Null
    }

    fn is_given(&self) -> bool {
        self.0.is_given()
    }
}
