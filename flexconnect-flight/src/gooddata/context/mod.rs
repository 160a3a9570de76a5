//! What GoodData says of why it calls: the execution context in a call's `parameters`, and what to do with it.
//!
//! A function that returns all its rows needs none of this: GoodData takes them as they are. One that wants to answer
//! less, or differently, reads an [`ExecutionContext`] from its request, turns the filters into
//! [`Predicate`](flexconnect_core::Predicate)s on its own columns, and sees which of them it has to apply itself:
//!
//! ```
//! use flexconnect_core::ReadRequest;
//! use flexconnect_core::arrow_schema::{DataType, Field, Schema};
//! use flexconnect_flight::gooddata::context::{ExecutionContext, FilterTarget};
//! use serde_json::{Map, json};
//!
//! // What GoodData sends along with a call.
//! let context = json!({
//!     "executionType": "REPORT",
//!     "timestamp": "2024-09-12T12:51:26+00:00", "timezone": "Europe/Prague", "weekStart": "monday",
//!     "filters": [
//!         {"filterType": "positiveAttributeFilter", "labelIdentifier": "region", "values": ["EU", null]},
//!         {"filterType": "relativeDateFilter", "datasetIdentifier": "order_date", "granularity": "DAY", "from": -6, "to": 0},
//!         {"filterType": "matchAttributeFilter", "labelIdentifier": "product", "matchType": "CONTAINS", "literal": "tea"}
//!     ]
//! });
//! let request = ReadRequest::new().with_parameters(Map::from_iter([("executionContext".to_owned(), context)]));
//!
//! let schema = Schema::new(vec![
//!     Field::new("region", DataType::Utf8, true),
//!     Field::new("day", DataType::Date32, true),
//!     Field::new("product", DataType::Utf8, true),
//! ]);
//! let context = ExecutionContext::of(&request)?.expect("GoodData sends one with every call");
//! let asked = context.predicates(&schema, |target| match target {
//!     FilterTarget::Dataset("order_date") => Some("day"),
//!     FilterTarget::Label(label) => Some(label),
//!     FilterTarget::Dataset(_) => None,
//! })?;
//! assert_eq!(asked.predicates[0].to_string(), "(region IN ('EU') OR region IS NULL)");
//! assert_eq!(asked.predicates[1].to_string(), "(day >= 2024-09-06 AND day < 2024-09-13)");
//! // No predicate says "contains": the function does it itself, or returns the rows as they are.
//! assert_eq!(asked.left_over, [&context.filters[2]]);
//! assert_eq!(asked.left_over[0].matches("green tea"), Some(true));
//! # Ok::<(), flexconnect_core::Error>(())
//! ```
//!
//! GoodData's vocabulary grows: words, filters and keys that this version does not know are kept as they came and never
//! fail a call. A value of the wrong shape, such as a number in place of a list, is an error that names its path.

mod column;
mod reading;
mod vocabulary;

mod calendar;

mod date_range;

mod attribute;
mod filter;
mod initiator;

mod predicates;

mod label_elements;
mod report;

mod execution;

mod message;

pub use attribute::{Attribute, Sorting};
pub use calendar::Calendar;
pub use date_range::DateRange;
pub use execution::ExecutionContext;
pub use filter::{
    AbsoluteDateFilter, AttributeFilter, Filter, FilterTarget, MatchAttributeFilter, RelativeDateFilter,
};
pub use initiator::ExecutionInitiator;
pub use label_elements::{LabelElementsExecutionRequest, ValidateBy};
pub use message::{DATA_SOURCE_MESSAGES, DataSourceMessage};
pub use predicates::FilterPredicates;
pub use report::ReportExecutionRequest;
pub use vocabulary::{
    ExecutionType, Granularity, InitiatorType, LabelType, MatchType, SortDirection, ValidationType, WeekStart,
};

pub use jiff;
