//! The filters of a call, each by its `filterType`.

mod attribute;
mod date;
mod matching;
mod nested;

use flexconnect_core::arrow_schema::{Field, Schema};
use flexconnect_core::{Error, Predicate};
use serde_json::Value;

use super::calendar::Calendar;
use super::column::{is_date, is_instant};
use super::date_range::DateRange;
use super::reading::{Found, Read, deserialize};

pub use attribute::AttributeFilter;
pub use date::{AbsoluteDateFilter, RelativeDateFilter};
pub use matching::MatchAttributeFilter;

/// A filter of a call.
///
/// A filter and its opposite part the rows between them: what a positive filter would keep, the negative one of the same
/// values drops, and the other way round. Null is a value like others here, so that a negative filter keeps it unless it
/// names it.
///
/// ```
/// use flexconnect_core::arrow_schema::{DataType, Field};
/// use flexconnect_flight::gooddata::context::{Calendar, Filter};
/// use serde_json::json;
///
/// let filter: Filter = serde_json::from_value(
///     json!({"filterType": "negativeAttributeFilter", "labelIdentifier": "region", "values": ["EU"]}),
/// )?;
/// assert_eq!(filter.matches("US"), Some(true));
/// assert_eq!(filter.matches(None), Some(true));
///
/// let region = Field::new("region", DataType::Utf8, true);
/// let predicate = filter.to_predicate(&region, &Calendar::now()).unwrap().unwrap();
/// assert_eq!(predicate.to_string(), "(region NOT IN ('EU') OR region IS NULL)");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Filter {
    /// `positiveAttributeFilter`: the label shows one of the values; of an empty list none.
    PositiveAttribute(AttributeFilter),
    /// `negativeAttributeFilter`: the label shows none of the values.
    NegativeAttribute(AttributeFilter),
    /// `matchAttributeFilter`: the label's text contains another, or begins or ends with it.
    MatchAttribute(MatchAttributeFilter),
    /// `relativeDateFilter`: the date lies in periods counted from the present one.
    RelativeDate(RelativeDateFilter),
    /// `absoluteDateFilter`: the date lies between two dates.
    AbsoluteDate(AbsoluteDateFilter),
    /// A filter that this version does not know, as it came.
    Unknown(Value),
}

/// What a filter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FilterTarget<'f> {
    /// A label, by its id.
    Label(&'f str),
    /// A date dataset, by its id.
    Dataset(&'f str),
}

impl Filter {
    /// What the filter is about; `None` for one that this version does not know.
    pub fn target(&self) -> Option<FilterTarget<'_>> {
        match self {
            Filter::PositiveAttribute(filter) | Filter::NegativeAttribute(filter) => {
                Some(FilterTarget::Label(&filter.label_identifier))
            }
            Filter::MatchAttribute(filter) => Some(FilterTarget::Label(&filter.label_identifier)),
            Filter::RelativeDate(filter) => Some(FilterTarget::Dataset(&filter.dataset_identifier)),
            Filter::AbsoluteDate(filter) => Some(FilterTarget::Dataset(&filter.dataset_identifier)),
            Filter::Unknown(_) => None,
        }
    }

    /// Whether a row whose label shows this text (or nothing) is kept; `None` for filters on dates, and for those whose
    /// meaning this version does not know, as with a key it does not know.
    ///
    /// A match filter without `caseSensitive` compares in lower case, by Unicode's rules and those of no language. Who has
    /// many rows and long lists of values is faster with a [predicate](Self::to_predicate).
    ///
    /// ```
    /// use flexconnect_flight::gooddata::context::Filter;
    /// use serde_json::json;
    ///
    /// let filter: Filter = serde_json::from_value(json!({
    ///     "filterType": "matchAttributeFilter", "labelIdentifier": "city", "matchType": "ENDS_WITH", "literal": "URG"
    /// }))?;
    /// assert_eq!(filter.matches("Hamburg"), Some(true));
    /// assert_eq!(filter.matches("Bremen"), Some(false));
    /// assert_eq!(filter.matches(None), Some(false));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn matches<'t>(&self, label: impl Into<Option<&'t str>>) -> Option<bool> {
        let label = label.into();
        match self {
            _ if !self.is_understood() => None,
            Filter::PositiveAttribute(filter) => Some(filter.lists(label)),
            Filter::NegativeAttribute(filter) => Some(!filter.lists(label)),
            Filter::MatchAttribute(filter) => filter.matches(label),
            Filter::RelativeDate(_) | Filter::AbsoluteDate(_) | Filter::Unknown(_) => None,
        }
    }

    /// The time a filter on dates leaves; `None` for other filters and for those that leave no one range: see
    /// [`RelativeDateFilter::range`].
    ///
    /// # Errors
    ///
    /// Those of [`AbsoluteDateFilter::range`].
    pub fn range(&self, calendar: &Calendar) -> Result<Option<DateRange>, Error> {
        match self {
            Filter::RelativeDate(filter) => Ok(filter.range(calendar)),
            Filter::AbsoluteDate(filter) => filter.range(calendar).map(Some),
            _ => Ok(None),
        }
    }

    /// The filter as a predicate on a column that holds what its label shows, or its dataset's dates. It keeps exactly
    /// the rows the filter keeps; `None` when no predicate does.
    ///
    /// - Values of attribute filters are text. They are compared with columns of text as they are; with columns of
    ///   numbers, booleans and dates when each of them is written as such (`5`, `2.50` in a decimal column of two digits
    ///   after the point, `true`, `2024-05-17`). No whole number shows as `05` or `+5`: no row has such a value.
    /// - Of match filters only `STARTS_WITH` with `caseSensitive` is a predicate, on columns of text. For the others
    ///   there is [`matches`](Self::matches).
    /// - Date filters fit columns of dates, when they begin and end at midnight; of timestamps, which are taken for wall
    ///   clocks in the calendar's time zone; and of timestamps with a time zone, which are instants.
    /// - A filter with a key that this version does not know is none: the key may change what it means.
    ///
    /// # Errors
    ///
    /// Those of [`range`](Self::range).
    pub fn to_predicate(&self, field: &Field, calendar: &Calendar) -> Result<Option<Predicate>, Error> {
        self.to_predicate_at(field, || Ok(calendar))
    }

    /// The same with a calendar that is read only when the predicate depends on it.
    pub(super) fn to_predicate_at<'c>(
        &self,
        field: &Field,
        calendar: impl FnOnce() -> Result<&'c Calendar, Error>,
    ) -> Result<Option<Predicate>, Error> {
        let predicate = match self {
            _ if !self.is_understood() => None,
            Filter::PositiveAttribute(filter) => filter.to_predicate(field, false),
            Filter::NegativeAttribute(filter) => filter.to_predicate(field, true),
            Filter::MatchAttribute(filter) => filter.to_predicate(field),
            Filter::RelativeDate(filter) if filter.is_counted() && is_date(field.data_type()) => {
                filter.range(calendar()?).and_then(|range| range.to_predicate(field))
            }
            Filter::AbsoluteDate(filter) if is_instant(field.data_type()) => {
                filter.range(calendar()?)?.to_predicate(field)
            }
            // On a clock the range is the same by every calendar.
            Filter::AbsoluteDate(filter) => filter.range(&Calendar::now())?.to_predicate(field),
            Filter::RelativeDate(_) | Filter::Unknown(_) => None,
        };
        // Core has the last word on what its predicates can be asked of.
        let alone = Schema::new(vec![field.clone()]);
        Ok(predicate.filter(|predicate| predicate.check(&alone).is_ok()))
    }

    /// Whether this version knows all of it: a key that it does not know may change what the others mean.
    fn is_understood(&self) -> bool {
        let rest = match self {
            Filter::PositiveAttribute(filter) | Filter::NegativeAttribute(filter) => &filter.rest,
            Filter::MatchAttribute(filter) => &filter.rest,
            Filter::RelativeDate(filter) => &filter.rest,
            Filter::AbsoluteDate(filter) => &filter.rest,
            Filter::Unknown(_) => return false,
        };
        rest.values().all(Value::is_null)
    }
}

impl Read for Filter {
    const NAME: &'static str = "filter";

    fn read(found: &Found<'_, '_>) -> Result<Self, Error> {
        let mut object = found.object()?;
        let filter_type = object.take("filterType").map(|name| name.text()).transpose()?;
        Ok(match filter_type {
            Some("positiveAttributeFilter") => Filter::PositiveAttribute(AttributeFilter::read(object)?),
            Some("negativeAttributeFilter") => Filter::NegativeAttribute(AttributeFilter::read(object)?),
            Some("matchAttributeFilter") => Filter::MatchAttribute(MatchAttributeFilter::read(object)?),
            Some("relativeDateFilter") => {
                let dataset_identifier = object.text("datasetIdentifier")?;
                Filter::RelativeDate(RelativeDateFilter::read(dataset_identifier, object)?)
            }
            Some("absoluteDateFilter") => {
                let dataset_identifier = object.text("datasetIdentifier")?;
                Filter::AbsoluteDate(AbsoluteDateFilter::read(dataset_identifier, object)?)
            }
            _ => Filter::Unknown(found.json()),
        })
    }
}

deserialize!(Filter);
