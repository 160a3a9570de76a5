//! Integers and finite floating point numbers.

use serde_json::{Number, Value};

use crate::config::{ConfigValue, Faults, Input, Parameter, ParameterKind};

/// Whole numbers up to here have an exact `f64`, so that `3.0` is certain to mean 3.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The bounds that are worth telling; those of the widest types go without saying.
macro_rules! integer {
    ($($type:ty, $minimum:expr, $maximum:expr;)*) => {$(
        impl ConfigValue for $type {
            fn parameter() -> Parameter {
                let mut parameter = Parameter::new(ParameterKind::Integer);
                parameter.minimum = $minimum.map(|bound: $type| bound.to_json());
                parameter.maximum = $maximum.map(|bound: $type| bound.to_json());
                parameter
            }

            fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
                let Some(integer) = whole(input.value()) else {
                    input.wrong_type::<Self>(faults);
                    return None;
                };
                let value = Self::try_from(integer).ok();
                if value.is_none() {
                    input.mismatch(&format!("an integer from {} to {}", Self::MIN, Self::MAX), faults);
                }
                value
            }

            fn to_json(&self) -> Value {
                // Beyond 64 bits JSON has no integer; only a default can be that large.
                i128::try_from(*self).ok().and_then(Number::from_i128).map_or(Value::Null, Value::Number)
            }
        }
    )*};
}

integer! {
    i8, Some(Self::MIN), Some(Self::MAX);
    i16, Some(Self::MIN), Some(Self::MAX);
    i32, Some(Self::MIN), Some(Self::MAX);
    i64, None, None;
    i128, None, None;
    isize, None, None;
    u8, Some(Self::MIN), Some(Self::MAX);
    u16, Some(Self::MIN), Some(Self::MAX);
    u32, Some(Self::MIN), Some(Self::MAX);
    u64, Some(Self::MIN), None;
    u128, Some(Self::MIN), None;
    usize, Some(Self::MIN), None;
}

/// The integer that a JSON number is, with or without a fraction of zero.
fn whole(value: &Value) -> Option<i128> {
    let number = value.as_number()?;
    number.as_i128().or_else(|| {
        let float = number.as_f64()?;
        (float.fract() == 0.0 && float.abs() <= EXACT).then_some(float as i128)
    })
}

impl ConfigValue for f64 {
    fn parameter() -> Parameter {
        Parameter::new(ParameterKind::Number)
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        let number = input.value().as_f64().filter(|number| number.is_finite());
        if number.is_none() {
            input.wrong_type::<Self>(faults);
        }
        number
    }

    fn to_json(&self) -> Value {
        Value::from(*self)
    }
}

impl ConfigValue for f32 {
    fn parameter() -> Parameter {
        Parameter::new(ParameterKind::Number)
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        let number = f64::read(input, faults)? as f32;
        if !number.is_finite() {
            input.mismatch(&format!("a number from {:e} to {:e}", f32::MIN, f32::MAX), faults);
            return None;
        }
        Some(number)
    }

    /// The shortest digits that mean this number: `0.1`, not `0.10000000149011612`.
    fn to_json(&self) -> Value {
        Value::from(self.to_string().parse::<f64>().unwrap_or(f64::NAN))
    }
}
