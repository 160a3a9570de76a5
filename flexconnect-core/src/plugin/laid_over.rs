//! What an operator sets in a file, laid over what a program has mounted.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::entry::Entry;
use crate::config::Parameter;
use crate::nearest::nearest;

/// The operator's values by path.
#[derive(Clone, Default)]
pub(super) struct LaidOver(Arc<Vec<Layer>>);

#[derive(Clone)]
struct Layer {
    path: Vec<String>,
    values: Map<String, Value>,
    open: Vec<String>,
    is_object: bool,
}

impl LaidOver {
    pub(super) fn add(&mut self, path: Vec<String>, values: Value, open: Vec<String>) {
        let (values, is_object) = match values {
            Value::Object(values) => (values, true),
            Value::Null => (Map::new(), true),
            _ => (Map::new(), false),
        };
        Arc::make_mut(&mut self.0).push(Layer { path, values, open, is_object });
    }

    pub(super) fn over(&self, entries: Vec<Entry>) -> Vec<Entry> {
        entries.into_iter().map(|entry| self.over_one(entry)).collect()
    }

    pub(super) fn over_one(&self, entry: Entry) -> Entry {
        self.0.iter().fold(entry, |entry, layer| {
            if layer.path == entry.path() { entry.with_values(&layer.values, &layer.open) } else { entry }
        })
    }

    /// Adds every path where nothing is mounted, unless something may be found there, and every value that has no
    /// parameter.
    pub(super) fn check(&self, entries: &[Entry], more: bool, faults: &mut Vec<String>) {
        let hint =
            |near: Option<&str>| near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        for Layer { path, values, open, is_object } in &*self.0 {
            let place = path.join("/");
            if !is_object {
                faults.push(format!("the values of `{place}` must be a JSON object"));
            }
            let Some(entry) = entries.iter().find(|entry| entry.path() == path) else {
                if !more {
                    let paths: Vec<_> = entries.iter().map(|entry| entry.path().join("/")).collect();
                    let near = hint(nearest(&place, paths.iter().map(String::as_str)));
                    faults.push(format!("there are values for `{place}`, where no table is mounted{near}"));
                }
                continue;
            };
            let names = |parameter: &'_ Parameter| {
                std::iter::once(parameter.name.clone()).chain(parameter.aliases.clone())
            };
            let known: Vec<String> = entry.all_parameters().iter().flat_map(names).collect();
            for name in values.keys().chain(open).filter(|name| !known.contains(*name)) {
                let near = hint(nearest(name, known.iter().map(String::as_str)));
                faults.push(format!("`{place}` has no parameter `{name}`{near}"));
            }
        }
    }
}

/// Values may be secrets.
impl fmt::Debug for LaidOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths: Vec<_> = self.0.iter().map(|layer| layer.path.join("/")).collect();
        f.debug_tuple("LaidOver").field(&paths).finish()
    }
}
