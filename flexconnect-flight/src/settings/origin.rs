//! Where each value of a configuration is from.

use std::collections::BTreeMap;

use serde_json::Value;

/// Where a value, and each that is in it, is from.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    /// The files that say something of it, as they are named in faults.
    places: Vec<String>,
    members: BTreeMap<String, Origin>,
}

impl Origin {
    /// All of this value is from here.
    pub(super) fn of(value: &Value, name: &str) -> Self {
        let members = match value {
            Value::Object(members) => {
                members.iter().map(|(key, member)| (key.clone(), Origin::of(member, name))).collect()
            }
            _ => BTreeMap::new(),
        };
        Origin { places: vec![format!("`{name}`")], members }
    }

    /// Something of this value is from this file, too.
    pub(super) fn named(&mut self, name: &str) {
        let place = format!("`{name}`");
        if !self.places.contains(&place) {
            self.places.push(place);
        }
    }

    pub(super) fn member(&mut self, key: &str) -> &mut Origin {
        self.members.entry(key.to_owned()).or_default()
    }

    /// Where the value at a path, or the one it should be in, is from.
    pub(super) fn place(&self, path: &str) -> Option<String> {
        let mut origin = self;
        for key in keys(path) {
            match origin.members.get(&key) {
                Some(member) => origin = member,
                None => break,
            }
        }
        (!origin.places.is_empty()).then(|| origin.places.join(", "))
    }
}

/// The keys of a path such as `a.b["c d"].e[3]`, up to the first index of a list: lists are replaced as a whole.
fn keys(path: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('[') {
            let mut texts = serde_json::Deserializer::from_str(quoted).into_iter::<String>();
            let Some(Ok(key)) = texts.next() else { break };
            let end = texts.byte_offset();
            keys.push(key);
            rest = quoted.get(end..).unwrap_or_default().trim_start_matches(']');
        } else {
            let plain = rest.strip_prefix('.').unwrap_or(rest);
            let end = plain.find(['.', '[']).unwrap_or(plain.len());
            let (key, after) = plain.split_at(end);
            keys.push(key.to_owned());
            rest = after;
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_apart_as_faults_write_it() {
        assert_eq!(keys("a.b[\"c.d \\\"e\"].f[3].g"), ["a", "b", "c.d \"e", "f"]);
        assert_eq!(keys("[\"x y\"]"), ["x y"]);
        assert_eq!(keys(""), Vec::<String>::new());
    }
}
