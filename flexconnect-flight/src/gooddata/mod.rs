//! GoodData FlexConnect: connectors as the functions of a `FLEXCONNECT` data source.

pub mod context;
