//! The request for the values of one label.

use std::collections::HashSet;

use flexconnect_core::Error;
use serde_json::{Map, Value};

use super::filter::Filter;
use super::reading::{Found, Read, deserialize};
use super::vocabulary::{LabelType, ValidationType};

/// Which values of which label are asked for: what a filter's list of choices shows.
///
/// A function that knows the label's values gives the page of them that is asked for:
///
/// ```
/// use flexconnect_flight::gooddata::context::LabelElementsExecutionRequest;
/// use serde_json::json;
///
/// let request: LabelElementsExecutionRequest =
///     serde_json::from_value(json!({"label": "city", "patternFilter": "BER", "offset": 1, "limit": 2}))?;
/// let cities = ["Bern", "Berlin", "Zürich", "Canberra", "Bergen"];
/// assert_eq!(request.page(cities).collect::<Vec<_>>(), ["Berlin", "Canberra"]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LabelElementsExecutionRequest {
    /// The label's id.
    pub label: String,
    /// How many of the values are passed over.
    pub offset: u64,
    /// How many are wanted at most, 1 or more; `None` is all.
    pub limit: Option<u64>,
    /// Whether the attribute's primary label is to be left out of the answer.
    pub exclude_primary_label: bool,
    /// Only these values; empty when every value will do. `None` stands for no value.
    pub exact_filter: Vec<Option<String>>,
    /// Only values that contain this text, upper and lower case being the same; every value will do when it is empty.
    pub pattern_filter: Option<String>,
    /// Whether both filters mean their opposite.
    pub complement_filter: bool,
    /// Filters on other labels and on dates, which the values must occur with. They are read into the same form as
    /// those of the context: [`ExecutionContext::predicates_of`](super::ExecutionContext::predicates_of) takes them.
    pub depends_on: Vec<Filter>,
    /// Which label the filters of this request are about.
    pub filter_by: Option<LabelType>,
    /// What the values must have data for.
    pub validate_by: Vec<ValidateBy>,
    /// Keys that this version does not know, as they came.
    pub rest: Map<String, Value>,
}

/// An object that the values of a label must have data for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ValidateBy {
    /// The object's id.
    pub id: String,
    /// What kind of object it is.
    pub validation_type: ValidationType,
}

impl LabelElementsExecutionRequest {
    /// Whether this value (or none) passes the filters on the values themselves.
    ///
    /// With both filters a value passes when it is one of the exact ones and contains the pattern; with
    /// `complementFilter`, when it is none of the exact ones and does not contain the pattern. Filters on other labels
    /// are not looked at: only who has the rows knows.
    pub fn matches<'t>(&self, value: impl Into<Option<&'t str>>) -> bool {
        let value = value.into();
        let listed = || self.exact_filter.iter().any(|exact| exact.as_deref() == value);
        self.passes(value, listed, self.pattern().as_deref())
    }

    /// The page that is asked for, of all values in the order they are to be shown in: those that
    /// [match](Self::matches), without the first [`offset`](Self::offset), at most [`limit`](Self::limit).
    pub fn page<T: AsRef<str>>(&self, values: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
        // Beyond what can be counted nothing is left to pass over, and nothing to be cut.
        let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let exact: HashSet<&str> = self.exact_filter.iter().flatten().map(String::as_str).collect();
        let pattern = self.pattern();
        let passes =
            move |value: &str| self.passes(Some(value), || exact.contains(value), pattern.as_deref());
        values
            .into_iter()
            .filter(move |value| passes(value.as_ref()))
            .skip(count(self.offset))
            .take(self.limit.map_or(usize::MAX, count))
    }

    fn pattern(&self) -> Option<String> {
        let pattern = self.pattern_filter.as_ref().filter(|pattern| !pattern.is_empty());
        pattern.map(|pattern| pattern.to_lowercase())
    }

    fn passes(&self, value: Option<&str>, listed: impl FnOnce() -> bool, pattern: Option<&str>) -> bool {
        let wanted = !self.complement_filter;
        let contains = |pattern| value.is_some_and(|value| value.to_lowercase().contains(pattern));
        (self.exact_filter.is_empty() || listed() == wanted)
            && pattern.is_none_or(|pattern| contains(pattern) == wanted)
    }
}

impl Read for LabelElementsExecutionRequest {
    const NAME: &'static str = "labelElementsExecutionRequest";

    fn read(found: &Found<'_, '_>) -> Result<Self, Error> {
        let mut object = found.object()?;
        Ok(LabelElementsExecutionRequest {
            label: object.text("label")?,
            offset: object.take("offset").map_or(Ok(0), |offset| offset.count(0))?,
            limit: object.take("limit").map(|limit| limit.count(1)).transpose()?,
            exclude_primary_label: object.flag("excludePrimaryLabel")?,
            exact_filter: object.each("exactFilter", |value| value.text_or_null())?,
            pattern_filter: object.optional_text("patternFilter")?,
            complement_filter: object.flag("complementFilter")?,
            depends_on: object.each("dependsOn", Filter::read_dependency)?,
            filter_by: object.object("filterBy", |found| found.object()?.word("labelType"))?.flatten(),
            validate_by: object.each("validateBy", ValidateBy::read)?,
            rest: object.rest(),
        })
    }
}

impl ValidateBy {
    fn read(found: &Found<'_, '_>) -> Result<Self, Error> {
        let mut object = found.object()?;
        let validation_type = object.required("type", "text")?.text()?.into();
        Ok(ValidateBy { id: object.text("id")?, validation_type })
    }
}

deserialize!(LabelElementsExecutionRequest);
