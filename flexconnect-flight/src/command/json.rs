//! The JSON command, read strictly: nothing is guessed, and all faults are reported together.

use std::fmt;

use flexconnect_core::{Error, ErrorKind, WriteMode, nearest};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::Command;
use super::descriptor::check_path;

/// What a command is for, and so which keys it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Kept for another time.
    Any,
    /// GetFlightInfo and its like.
    Read,
    /// DoPut.
    Write,
    /// The body of an action.
    Action,
    /// The body of the action that asks for a parameter's choices.
    Choices,
}

const TARGET: [&str; 3] = ["connector", "path", "config"];
const READ: [&str; 3] = ["columns", "filters", "limit"];
const BOTH: [&str; 2] = ["partition", "parameters"];
const WRITE: [&str; 4] = ["mode", "commit", "rows", "idempotency_token"];
const CHOICES: [&str; 1] = ["parameter"];

/// Reads a command for this purpose.
pub(super) fn parse(bytes: &[u8], purpose: Purpose) -> Result<Command, Error> {
    let Members(members) = serde_json::from_slice(bytes)
        .map_err(|error| refused(format!("the command is not a JSON object: {error}")))?;
    let mut faults = Vec::new();
    for key in members.keys() {
        faults.extend(check_key(key, purpose));
    }
    let mut reader = Reader { members: &members, faults };
    let command = reader.command();
    if reader.faults.is_empty() {
        return Ok(command);
    }
    reader.faults.truncate(16);
    Err(refused(format!("the command is not right: {}", reader.faults.join("; "))))
}

fn refused(message: String) -> Error {
    Error::new(ErrorKind::InvalidRequest, message)
}

/// What is wrong with a key itself.
fn check_key(key: &str, purpose: Purpose) -> Option<String> {
    let is = |keys: &[&str]| keys.contains(&key);
    if is(&TARGET) {
        return None;
    }
    if is(&READ) || is(&BOTH) || is(&WRITE) {
        return match purpose {
            Purpose::Any => None,
            Purpose::Read => is(&WRITE).then(|| format!("`{key}` belongs to a write (DoPut)")),
            Purpose::Write => is(&READ).then(|| format!("`{key}` belongs to a read, not to DoPut")),
            Purpose::Action | Purpose::Choices => {
                Some(format!("`{key}` is not for actions; they take `connector` or `path`, and `config`"))
            }
        };
    }
    if is(&CHOICES) {
        let wrong = !matches!(purpose, Purpose::Any | Purpose::Choices);
        return wrong.then(|| format!("`{key}` is for the action `flexconnect.choices`"));
    }
    let known = TARGET.into_iter().chain(READ).chain(BOTH).chain(WRITE).chain(CHOICES);
    let hint = nearest(key, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Some(format!("there is no key `{}`{hint}", excerpt(key)))
}

struct Reader<'a> {
    members: &'a Map<String, Value>,
    faults: Vec<String>,
}

impl Reader<'_> {
    fn command(&mut self) -> Command {
        Command {
            path: self.target(),
            config: self.object("config"),
            columns: self.members.contains_key("columns").then(|| self.texts("columns")),
            filters: self.filters(),
            limit: self.count("limit"),
            partition: self.text("partition"),
            parameters: self.object("parameters"),
            mode: self.mode(),
            explicit_commit: self.explicit_commit(),
            rows: self.count("rows"),
            idempotency_token: self.text("idempotency_token"),
            parameter: self.text("parameter"),
        }
    }

    fn target(&mut self) -> Vec<String> {
        let path = match (self.members.contains_key("connector"), self.members.contains_key("path")) {
            (true, false) => self.text("connector").into_iter().collect(),
            (false, true) => self.texts("path"),
            (true, true) => {
                self.faults.push("`connector` and `path` say the same thing: give one of them".into());
                return Vec::new();
            }
            (false, false) => {
                self.faults.push("`connector` (a name) or `path` (a list of components) is missing".into());
                return Vec::new();
            }
        };
        if self.faults.is_empty() {
            self.faults.extend(check_path(&path).err());
        }
        path
    }

    fn text(&mut self, key: &str) -> Option<String> {
        match self.members.get(key)? {
            Value::String(text) => Some(text.clone()),
            other => self.wrong(key, "text", other),
        }
    }

    fn texts(&mut self, key: &str) -> Vec<String> {
        let Some(Value::Array(items)) = self.members.get(key) else {
            let given = self.members.get(key).unwrap_or(&Value::Null);
            return self.wrong(key, "a list of texts", given).unwrap_or_default();
        };
        let mut texts = Vec::with_capacity(items.len());
        for (position, item) in items.iter().enumerate() {
            match item {
                Value::String(text) => texts.push(text.clone()),
                other => {
                    self.wrong::<()>(&format!("{key}[{position}]"), "text", other);
                    break;
                }
            }
        }
        texts
    }

    fn object(&mut self, key: &str) -> Option<Value> {
        match self.members.get(key)? {
            object @ Value::Object(_) => Some(object.clone()),
            other => self.wrong(key, "a JSON object", other),
        }
    }

    /// The filters as they are: only the table's schema tells what they mean.
    fn filters(&mut self) -> Vec<Value> {
        match self.members.get("filters") {
            None => Vec::new(),
            Some(Value::Array(filters)) => filters.clone(),
            Some(other) => self.wrong("filters", "a list of filters", other).unwrap_or_default(),
        }
    }

    fn count(&mut self, key: &str) -> Option<u64> {
        let value = self.members.get(key)?;
        value.as_u64().or_else(|| self.wrong(key, "an integer of at least 0", value))
    }

    fn mode(&mut self) -> Option<WriteMode> {
        let name = self.text("mode")?;
        let mode = WriteMode::ALL.into_iter().find(|mode| mode.as_str() == name);
        if mode.is_none() {
            let known = WriteMode::ALL.map(WriteMode::as_str);
            let hint =
                nearest(&name, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let known = known.map(|mode| format!("`{mode}`")).join(", ");
            self.faults.push(format!("`mode` is one of {known}, not `{}`{hint}", excerpt(&name)));
        }
        mode
    }

    fn explicit_commit(&mut self) -> bool {
        match self.text("commit").as_deref() {
            None => false,
            Some("explicit") => true,
            Some(other) => {
                self.faults.push(format!("`commit` is `explicit` or left out, not `{}`", excerpt(other)));
                false
            }
        }
    }

    fn wrong<T>(&mut self, key: &str, wanted: &str, given: &Value) -> Option<T> {
        let given = match given {
            Value::Null => "null".to_owned(),
            Value::Bool(flag) => flag.to_string(),
            Value::Number(number) => number.to_string(),
            Value::String(text) => format!("the text {:?}", excerpt(text)),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "a JSON object".to_owned(),
        };
        self.faults.push(format!("`{key}` must be {wanted}, not {given}"));
        None
    }
}

/// A client's text, short enough for a message.
fn excerpt(text: &str) -> String {
    if text.chars().count() <= 60 { text.into() } else { text.chars().take(60).chain(['…']).collect() }
}

/// The members of a JSON object, each of them once.
struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members, A::Error> {
                let mut members = Map::new();
                while let Some((key, value)) = access.next_entry::<String, Value>()? {
                    if members.contains_key(&key) {
                        let key = excerpt(&key);
                        return Err(serde::de::Error::custom(format!("the key `{key}` comes twice")));
                    }
                    members.insert(key, value);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Once)
    }
}

/// The command with the keys that say something.
pub(super) fn write(command: &Command) -> Value {
    let mut members = Map::new();
    match command.path.as_slice() {
        [name] => members.insert("connector".into(), name.as_str().into()),
        path => members.insert("path".into(), path.into()),
    };
    let mut add = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(key.into(), value);
        }
    };
    add("config", command.config.clone());
    add("columns", command.columns.as_deref().map(Value::from));
    add("filters", (!command.filters.is_empty()).then(|| command.filters.clone().into()));
    add("limit", command.limit.map(Value::from));
    add("partition", command.partition.as_deref().map(Value::from));
    add("parameters", command.parameters.clone());
    add("mode", command.mode.map(|mode| mode.as_str().into()));
    add("commit", command.explicit_commit.then(|| "explicit".into()));
    add("rows", command.rows.map(Value::from));
    add("idempotency_token", command.idempotency_token.as_deref().map(Value::from));
    add("parameter", command.parameter.as_deref().map(Value::from));
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fault(text: &str, purpose: Purpose) -> String {
        let error = parse(text.as_bytes(), purpose).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        error.to_string()
    }

    #[test]
    fn every_key_comes_back() {
        let command = Command::path(["sqlite", "Album"])
            .with_config(json!({"file": "chinook.db"}))
            .with_columns(["Title"])
            .with_filter(json!({"column": "AlbumId", "op": "is not null"}))
            .with_limit(0)
            .with_partition("2024")
            .with_parameters(json!({"run": 7}))
            .with_mode(WriteMode::Upsert)
            .with_explicit_commit()
            .with_rows(3)
            .with_idempotency_token("t")
            .with_parameter("file");
        let text = command.to_json().to_string();
        assert_eq!(Command::from_json(&text).unwrap(), command);
        assert_eq!(Command::from_json(r#"{"connector":"a"}"#).unwrap(), Command::connector("a"));
    }

    #[test]
    fn all_faults_are_told_together() {
        let text = r#"{"conector": "a", "path": ["a"], "limit": "7", "columns": [1], "config": []}"#;
        let message = fault(text, Purpose::Read);
        for part in
            ["did you mean `connector`", "`limit` must be", "`columns[0]` must be text, not 1", "`config`"]
        {
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn keys_keep_to_their_verbs() {
        assert!(fault(r#"{"connector":"a","mode":"append"}"#, Purpose::Read).contains("belongs to a write"));
        assert!(fault(r#"{"connector":"a","limit":1}"#, Purpose::Write).contains("belongs to a read"));
        assert!(fault(r#"{"connector":"a","limit":1}"#, Purpose::Action).contains("not for actions"));
        assert!(fault(r#"{"connector":"a","limit":1}"#, Purpose::Choices).contains("not for actions"));
        for purpose in [Purpose::Read, Purpose::Write, Purpose::Action] {
            assert!(fault(r#"{"connector":"a","parameter":"p"}"#, purpose).contains("`flexconnect.choices`"));
        }
    }

    #[test]
    fn nothing_is_guessed() {
        for (text, part) in [
            (r#"{"connector":"a","connector":"b"}"#, "comes twice"),
            (r#"{"connector":"a","path":["a"]}"#, "one of them"),
            (r#"{}"#, "is missing"),
            (r#"{"connector":"a","limit":-1}"#, "at least 0"),
            (r#"{"connector":"a","limit":1.0}"#, "at least 0"),
            (r#"{"connector":"a","mode":"apend"}"#, "did you mean `append`"),
            (r#"{"connector":"a","commit":true}"#, "`commit` must be text"),
            (r#"{"connector":"a","commit":"auto"}"#, "`explicit` or left out"),
            (r#"{"connector":null}"#, "not null"),
            (r#"{"path":[]}"#, "no component"),
            ("{", "not a JSON object"),
            ("[1]", "not a JSON object"),
            (r#"{"connector":"a"} x"#, "not a JSON object"),
        ] {
            let message = fault(text, Purpose::Any);
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
