//! What an operator provides beside the values of a configuration: presets, and which values are his.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use super::{Parameter, ParameterKind, Secrets};
use crate::nearest::nearest;

/// The presets of a set by their names.
type Named = BTreeMap<String, Map<String, Value>>;

/// What an operator provides to a configuration that somebody else writes: presets, named by those who write it
/// and never shown to them, and values of his own.
///
/// ```
/// use flexconnect_core::config::Provided;
/// use flexconnect_core::{Config, Secret};
/// use serde_json::json;
///
/// /// How to reach the server.
/// #[derive(Config)]
/// #[config(preset = "crm_server")]
/// struct Server {
///     host: String,
///     token: Secret<String>,
/// }
///
/// #[derive(Config)]
/// struct Contacts {
///     server: Server,
/// }
///
/// let preset = json!({ "host": "crm.example.com", "token": "t0k3n" });
/// let provided = Provided::new().with_preset("crm_server", "production", preset.as_object().unwrap().clone());
/// let values = json!({ "server": "production" });
/// let contacts = Contacts::parse_with(values.as_object().unwrap(), &provided).unwrap();
/// assert_eq!(contacts.server.host, "crm.example.com");
///
/// let values = json!({ "server": "producton" });
/// let error = Contacts::parse_with(values.as_object().unwrap(), &provided).err().unwrap();
/// assert_eq!(
///     error.to_string(),
///     "wrong configuration: `server` names no preset of `crm_server`: there is `production`, or write an object"
/// );
/// ```
#[derive(Clone, Default)]
pub struct Provided {
    presets: BTreeMap<String, Named>,
    hidden: BTreeSet<String>,
}

/// What a configuration is read with where nobody provides anything.
pub(crate) static NOTHING: Provided = Provided { presets: BTreeMap::new(), hidden: BTreeSet::new() };

impl Provided {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a preset: the values of the parameters of a `#[config(preset = "set")]` struct, under a name.
    #[must_use]
    pub fn with_preset(
        mut self,
        set: impl Into<String>,
        name: impl Into<String>,
        values: Map<String, Value>,
    ) -> Self {
        self.presets.entry(set.into()).or_default().insert(name.into(), values);
        self
    }

    /// Says that the values of these parameters are the operator's: no fault quotes them.
    #[must_use]
    pub fn with_hidden(mut self, parameters: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.hidden.extend(parameters.into_iter().map(Into::into));
        self
    }

    /// The values of a preset.
    pub(crate) fn preset(&self, set: &str, name: &str) -> Option<&Map<String, Value>> {
        self.presets.get(set)?.get(name)
    }

    /// The names of a set's presets, in their order.
    pub(crate) fn names(&self, set: &str) -> Vec<&str> {
        self.presets.get(set).into_iter().flat_map(Named::keys).map(String::as_str).collect()
    }

    /// Whether the values of this parameter are the operator's.
    pub(crate) fn hides(&self, parameter: &str) -> bool {
        self.hidden.contains(parameter)
    }

    /// Adds every preset that none of these parameters takes, and every value of one that has no parameter. While
    /// `more` parameters may come, a set nobody knows is no fault.
    pub(crate) fn check<'a>(
        &self,
        parameters: impl Iterator<Item = &'a Parameter>,
        more: bool,
        faults: &mut Vec<String>,
    ) {
        let mut sets: BTreeMap<&str, &[Parameter]> = BTreeMap::new();
        parameters.for_each(|parameter| find_sets(parameter, &mut sets));
        for (set, named) in &self.presets {
            let Some(known) = sets.get(set.as_str()) else {
                if !more {
                    let near = nearest(set, sets.keys().copied());
                    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                    faults.push(format!("no connector takes presets of `{set}`{hint}"));
                }
                continue;
            };
            let is = |parameter: &Parameter, name: &String| {
                parameter.name == *name || parameter.aliases.contains(name)
            };
            for (preset, values) in named {
                let unknown = values.keys().filter(|name| !known.iter().any(|parameter| is(parameter, name)));
                for name in unknown {
                    let near = nearest(name, known.iter().map(|parameter| parameter.name.as_str()));
                    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                    faults.push(format!("the preset `{preset}` of `{set}` has no parameter `{name}`{hint}"));
                }
            }
        }
    }

    /// Tells the parameters which presets there are.
    pub(crate) fn name_presets(&self, parameters: &mut [Parameter]) {
        for parameter in parameters {
            if let Some(set) = &parameter.preset {
                parameter.presets = self.names(set).into_iter().map(str::to_owned).collect();
            }
            match &mut parameter.kind {
                ParameterKind::List { items: inner } | ParameterKind::Map { values: inner } => {
                    self.name_presets(std::slice::from_mut(&mut **inner));
                }
                ParameterKind::Object { parameters } => self.name_presets(parameters),
                _ => {}
            }
        }
    }

    /// Puts the values of presets in the place of their names; a name nobody knows stays.
    pub(crate) fn put_in(&self, value: &mut Value, parameter: &Parameter) {
        if let (Some(set), Value::String(name)) = (&parameter.preset, &*value)
            && let Some(values) = self.preset(set, name)
        {
            *value = Value::Object(values.clone());
        }
        match (&parameter.kind, value) {
            (ParameterKind::Object { parameters }, Value::Object(members)) => {
                self.put_into_members(members, parameters);
            }
            (ParameterKind::List { items }, Value::Array(elements)) => {
                elements.iter_mut().for_each(|element| self.put_in(element, items));
            }
            (ParameterKind::Map { values }, Value::Object(members)) => {
                members.values_mut().for_each(|member| self.put_in(member, values));
            }
            _ => {}
        }
    }

    /// The secrets of these values, those of presets that are named among them.
    pub(crate) fn secrets(&self, values: &Map<String, Value>, parameters: &[Parameter]) -> Secrets {
        let mut values = values.clone();
        self.put_into_members(&mut values, parameters);
        Secrets::of(&values, parameters)
    }

    /// The same for each of an object's members.
    pub(crate) fn put_into_members(&self, members: &mut Map<String, Value>, parameters: &[Parameter]) {
        for parameter in parameters {
            let names = std::iter::once(&parameter.name).chain(&parameter.aliases);
            for name in names {
                if let Some(member) = members.get_mut(name) {
                    self.put_in(member, parameter);
                }
            }
        }
    }
}

/// The sets of presets that a parameter and those inside it take, with the parameters of each.
fn find_sets<'a>(parameter: &'a Parameter, sets: &mut BTreeMap<&'a str, &'a [Parameter]>) {
    match &parameter.kind {
        ParameterKind::List { items: inner } | ParameterKind::Map { values: inner } => find_sets(inner, sets),
        ParameterKind::Object { parameters } => {
            if let Some(set) = &parameter.preset {
                sets.insert(set, parameters);
            }
            parameters.iter().for_each(|parameter| find_sets(parameter, sets));
        }
        _ => {}
    }
}

/// The values of presets are the operator's, secrets among them: only names are shown.
impl fmt::Debug for Provided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let presets: BTreeMap<_, Vec<_>> =
            self.presets.iter().map(|(set, named)| (set, named.keys().collect())).collect();
        f.debug_struct("Provided").field("presets", &presets).field("hidden", &self.hidden).finish()
    }
}
