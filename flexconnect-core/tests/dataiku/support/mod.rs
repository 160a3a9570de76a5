//! What a descriptor is made of, and how two are compared.

pub(crate) mod compare;
pub(crate) mod condition;
pub(crate) mod descriptor;
pub(crate) mod lenient;
