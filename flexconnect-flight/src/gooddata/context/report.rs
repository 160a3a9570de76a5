//! The request of a report, in GoodData's own form.

use flexconnect_core::Error;
use serde_json::{Map, Value};

use super::reading::Found;

/// What a report asks of GoodData, in the form of GoodData's own API: the measures with their definitions, and filters
/// nested otherwise than those a function gets.
///
/// Its parts are JSON as it came. What a function is to filter by is in
/// [`ExecutionContext::filters`](super::ExecutionContext::filters), not in the `filters` here.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct ReportExecutionRequest {
    /// The attributes, each with its label.
    pub attributes: Vec<Value>,
    /// The measures: aggregations of facts, metrics, ratios.
    pub measures: Vec<Value>,
    /// GoodData's own filters, on attributes, dates and measures.
    pub filters: Vec<Value>,
    /// Measures that are needed for others and are not shown.
    pub aux_measures: Vec<Value>,
    /// Keys that this version does not know, as they came.
    pub rest: Map<String, Value>,
}

impl ReportExecutionRequest {
    pub(super) fn read(found: &Found<'_, '_>) -> Result<Self, Error> {
        let mut object = found.object()?;
        let json = |found: &Found<'_, '_>| Ok(found.json());
        Ok(ReportExecutionRequest {
            attributes: object.each("attributes", json)?,
            measures: object.each("measures", json)?,
            filters: object.each("filters", json)?,
            aux_measures: object.each("auxMeasures", json)?,
            rest: object.rest(),
        })
    }
}
