//! x
pub const INFERRED: &str = "flexconnect:inferred";
