//! The labels of metrics: few, and each with few values.

use prometheus_client::encoding::EncodeLabelSet;

/// Which call.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfVerb {
    pub(crate) verb: &'static str,
}

/// Which call, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfCall {
    pub(crate) verb: &'static str,
    pub(crate) outcome: &'static str,
}

/// How a write ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfOutcome {
    pub(crate) outcome: &'static str,
}

/// Where rows go, and whose they are. The connector's name is one the program was built with, so there are only so many.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfTable {
    pub(crate) direction: &'static str,
    pub(crate) connector: &'static str,
}

/// Whose rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfConnector {
    pub(crate) connector: &'static str,
}

/// Which kind of error.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfKind {
    pub(crate) kind: &'static str,
}

/// Which limit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfLimit {
    pub(crate) limit: &'static str,
}
