//! Lists, sets, and maps with keys of the user's choosing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use serde_json::{Map, Value};

use crate::config::input::Step;
use crate::config::{ConfigValue, Faults, Input, Parameter, ParameterKind, Secret};

impl<T: ConfigValue> ConfigValue for Vec<T> {
    const SENSITIVE: bool = T::SENSITIVE;

    fn parameter() -> Parameter {
        Parameter::new(ParameterKind::List { items: Box::new(T::parameter()) })
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        let Some(elements) = input.value().as_array() else {
            input.wrong_type::<Self>(faults);
            return None;
        };
        // All elements are read before the first wrong one ends it: each has its fault.
        let read: Vec<_> = elements
            .iter()
            .enumerate()
            .map(|(index, element)| T::read(input.inside(Step::Index(index), element), faults))
            .collect();
        read.into_iter().collect()
    }

    fn to_json(&self) -> Value {
        self.iter().map(T::to_json).collect()
    }
}

/// A list whose elements differ.
impl<T: ConfigValue + Ord> ConfigValue for BTreeSet<T> {
    const SENSITIVE: bool = T::SENSITIVE;

    fn parameter() -> Parameter {
        let mut parameter = Vec::<T>::parameter();
        parameter.unique = true;
        parameter
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        let elements = Vec::<T>::read(input, faults)?;
        let mut set = BTreeSet::new();
        for (index, element) in elements.into_iter().enumerate() {
            if !set.insert(element) {
                let place = input.inside(Step::Index(index), &Value::Null);
                place.fault("is in the list already: remove it", faults);
            }
        }
        Some(set)
    }

    fn to_json(&self) -> Value {
        self.iter().map(T::to_json).collect()
    }
}

impl<T: ConfigValue + Ord + Hash, S: BuildHasher + Default> ConfigValue for HashSet<T, S> {
    const SENSITIVE: bool = T::SENSITIVE;

    fn parameter() -> Parameter {
        BTreeSet::<T>::parameter()
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        BTreeSet::<T>::read(input, faults).map(|set| set.into_iter().collect())
    }

    /// Sorted, so that a default reads the same every time.
    fn to_json(&self) -> Value {
        let sorted: BTreeSet<_> = self.iter().collect();
        sorted.into_iter().map(T::to_json).collect()
    }
}

impl<T: ConfigValue> ConfigValue for BTreeMap<String, T> {
    const SENSITIVE: bool = T::SENSITIVE;

    fn parameter() -> Parameter {
        Parameter::new(ParameterKind::Map { values: Box::new(T::parameter()) })
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        let Some(members) = input.value().as_object() else {
            input.wrong_type::<Self>(faults);
            return None;
        };
        let read: Vec<_> = members
            .iter()
            .map(|(key, value)| Some((key.clone(), T::read(input.inside(Step::Key(key), value), faults)?)))
            .collect();
        read.into_iter().collect()
    }

    fn to_json(&self) -> Value {
        self.iter().map(|(key, value)| (key.clone(), value.to_json())).collect()
    }
}

impl<T: ConfigValue, S: BuildHasher + Default> ConfigValue for HashMap<String, T, S> {
    const SENSITIVE: bool = T::SENSITIVE;

    fn parameter() -> Parameter {
        BTreeMap::<String, T>::parameter()
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        BTreeMap::<String, T>::read(input, faults).map(|map| map.into_iter().collect())
    }

    /// In the order of the keys, so that a default reads the same every time.
    fn to_json(&self) -> Value {
        let sorted: BTreeMap<_, _> = self.iter().collect();
        sorted.into_iter().map(|(key, value)| (key.clone(), value.to_json())).collect()
    }
}

/// A map that keeps its order. Where a key has to repeat, it is written as a list of pairs: `[["a", 1], ["a", 2]]`.
impl<T: ConfigValue> ConfigValue for Vec<(String, T)> {
    const SENSITIVE: bool = T::SENSITIVE;

    fn parameter() -> Parameter {
        BTreeMap::<String, T>::parameter()
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        let read: Vec<_> = match input.value() {
            Value::Object(members) => {
                let member = |(key, value): (&String, &Value)| {
                    Some((key.clone(), T::read(input.inside(Step::Key(key), value), faults)?))
                };
                members.iter().map(member).collect()
            }
            Value::Array(elements) => {
                let pair = |(index, element): (usize, &Value)| {
                    let place = input.inside(Step::Index(index), element);
                    let Some([Value::String(key), value]) = element.as_array().map(Vec::as_slice) else {
                        place.fault("must be a pair of a key and a value: [\"key\", value]", faults);
                        return None;
                    };
                    Some((key.clone(), T::read(place.inside(Step::Index(1), value), faults)?))
                };
                elements.iter().enumerate().map(pair).collect()
            }
            _ => {
                input.wrong_type::<Self>(faults);
                return None;
            }
        };
        read.into_iter().collect()
    }

    fn to_json(&self) -> Value {
        let members: Map<_, _> = self.iter().map(|(key, value)| (key.clone(), value.to_json())).collect();
        if members.len() == self.len() {
            return Value::Object(members);
        }
        self.iter()
            .map(|(key, value)| Value::from(vec![Value::from(key.as_str()), value.to_json()]))
            .collect()
    }
}

/// What `min_len` and `max_len` count.
#[diagnostic::on_unimplemented(
    message = "`min_len` and `max_len` do not fit `{Self}`",
    label = "neither text, nor a list, nor a map",
    note = "use `min` and `max` for the size of a number, `check = \"path\"` for a rule of your own"
)]
pub trait Length: ConfigValue {
    /// What is counted, in the plural.
    const UNIT: &'static str = "elements";

    /// How many there are.
    fn length(&self) -> usize;
}

impl Length for String {
    const UNIT: &'static str = "characters";

    fn length(&self) -> usize {
        self.chars().count()
    }
}

impl<T: Length> Length for Secret<T> {
    const UNIT: &'static str = T::UNIT;

    fn length(&self) -> usize {
        self.expose().length()
    }
}

impl<T: ConfigValue> Length for Vec<T> {
    fn length(&self) -> usize {
        self.len()
    }
}

impl<T: ConfigValue + Ord> Length for BTreeSet<T> {
    fn length(&self) -> usize {
        self.len()
    }
}

impl<T: ConfigValue + Ord + Hash, S: BuildHasher + Default> Length for HashSet<T, S> {
    fn length(&self) -> usize {
        self.len()
    }
}

impl<T: ConfigValue> Length for Vec<(String, T)> {
    fn length(&self) -> usize {
        self.len()
    }
}

impl<T: ConfigValue> Length for BTreeMap<String, T> {
    fn length(&self) -> usize {
        self.len()
    }
}

impl<T: ConfigValue, S: BuildHasher + Default> Length for HashMap<String, T, S> {
    fn length(&self) -> usize {
        self.len()
    }
}
