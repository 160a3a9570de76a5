//! Single values, exactly: ISO 8601 text, decimal digits, and JSON read as an Arrow type.

pub(crate) mod decimal;
pub(crate) mod float;
pub(crate) mod iso;
pub(crate) mod json;
pub(crate) mod unit;
