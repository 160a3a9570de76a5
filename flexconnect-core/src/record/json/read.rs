//! A value of JSON as the native value of a column's type.

use arrow_buffer::i256;
use arrow_schema::{DataType, TimeUnit};
use serde_json::Value as Json;

use crate::record::fixed::Scalar;
use crate::scalar::float::{Half, round_to};
use crate::scalar::json::{self, Reason};

impl Scalar for Json {
    fn boolean(&self) -> Result<bool, Reason> {
        json::boolean(self)
    }

    fn integer<N: TryFrom<i64> + TryFrom<u64> + TryFrom<i128>>(&self) -> Result<N, Reason> {
        json::native(self)
    }

    fn float16(&self) -> Result<Half, Reason> {
        json::float(self, round_to(&DataType::Float16)).map(Half::from_f64)
    }

    fn float32(&self) -> Result<f32, Reason> {
        json::float(self, round_to(&DataType::Float32)).map(|value| value as f32)
    }

    fn float64(&self) -> Result<f64, Reason> {
        json::float(self, round_to(&DataType::Float64))
    }

    fn decimal(&self, precision: u8, scale: i8) -> Result<i256, Reason> {
        json::decimal(self, precision, scale)
    }

    fn date32(&self) -> Result<i32, Reason> {
        json::date32(self)
    }

    fn date64(&self) -> Result<i64, Reason> {
        json::date64(self)
    }

    fn time(&self, unit: TimeUnit) -> Result<i64, Reason> {
        json::time(self, unit)
    }

    fn timestamp(&self, unit: TimeUnit, zoned: bool) -> Result<i64, Reason> {
        json::timestamp(self, unit, zoned)
    }

    fn duration(&self, unit: TimeUnit) -> Result<i64, Reason> {
        json::duration(self, unit)
    }
}
