//! Boxes: as what is in them. They keep an enum small of which one variant is large.

use serde_json::{Map, Value};

use crate::config::derive::{Fields, ReadFields};
use crate::config::field::Field;
use crate::config::{Config, ConfigValue, Faults, Input, Parameter, Provided};
use crate::error::Error;

impl<T: ConfigValue> ConfigValue for Box<T> {
    const SENSITIVE: bool = T::SENSITIVE;

    fn parameter() -> Parameter {
        T::parameter()
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        T::read(input, faults).map(Box::new)
    }

    fn to_json(&self) -> Value {
        T::to_json(self)
    }

    fn absent() -> Option<Self> {
        T::absent().map(Box::new)
    }

    fn is_given(&self) -> bool {
        T::is_given(self)
    }
}

impl<T: Config> Config for Box<T> {
    fn parameters() -> Vec<Parameter> {
        T::parameters()
    }

    fn parse_with(values: &Map<String, Value>, provided: &Provided) -> Result<Self, Error> {
        T::parse_with(values, provided).map(Box::new)
    }
}

impl<T: ReadFields> ReadFields for Box<T> {
    fn fields() -> Vec<&'static Field> {
        T::fields()
    }

    fn read_fields(fields: Fields<'_>, faults: &mut Faults) -> Option<Self> {
        T::read_fields(fields, faults).map(Box::new)
    }
}
