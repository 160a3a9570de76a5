//! The execution context of a call.

use flexconnect_core::arrow_schema::Schema;
use flexconnect_core::{Error, ReadRequest};
use serde_json::{Map, Value};

use super::attribute::Attribute;
use super::calendar::Calendar;
use super::filter::{Filter, FilterTarget};
use super::initiator::ExecutionInitiator;
use super::label_elements::LabelElementsExecutionRequest;
use super::predicates::FilterPredicates;
use super::reading::{Found, Read, deserialize};
use super::report::ReportExecutionRequest;
use super::vocabulary::{ExecutionType, WeekStart};

/// Why GoodData calls a function: for whom, by what clock, for which attributes under which filters.
///
/// GoodData sends one with every call, people who call by hand may not. Missing lists are empty, missing ids too.
///
/// ```
/// use flexconnect_flight::gooddata::context::{ExecutionContext, ExecutionType, Filter};
///
/// let context: ExecutionContext = serde_json::from_str(
///     r#"{
///         "executionType": "REPORT", "organizationId": "default", "workspaceId": "demo", "userId": "demo",
///         "attributes": [],
///         "filters": [{"filterType": "negativeAttributeFilter", "labelIdentifier": "region", "values": ["EU"]}]
///     }"#,
/// )?;
/// assert_eq!(context.execution_type, ExecutionType::Report);
/// assert!(matches!(&context.filters[0], Filter::NegativeAttribute(filter) if filter.label_identifier == "region"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ExecutionContext {
    /// What the call is for.
    pub execution_type: ExecutionType,
    /// The organization's id; empty when it was not sent.
    pub organization_id: String,
    /// The workspace's id; empty when it was not sent.
    pub workspace_id: String,
    /// The user's id; empty when it was not sent.
    pub user_id: String,
    /// What counts as now, in ISO 8601 with an offset; [`calendar`](Self::calendar) reads it.
    pub timestamp: Option<String>,
    /// The IANA name of the time zone dates are meant in; [`calendar`](Self::calendar) looks it up.
    pub timezone: Option<String>,
    /// The first day of the week.
    pub week_start: Option<WeekStart>,
    /// The attributes asked for, with their order.
    pub attributes: Vec<Attribute>,
    /// The filters on them and on dates. They all hold together.
    pub filters: Vec<Filter>,
    /// The report in GoodData's own form; from the deprecated `executionRequest` when only that was sent and is one.
    pub report_execution_request: Option<ReportExecutionRequest>,
    /// Which values of which label are asked for, when it is not a report.
    pub label_elements_execution_request: Option<LabelElementsExecutionRequest>,
    /// What made GoodData call; older servers do not say.
    pub execution_initiator: Option<ExecutionInitiator>,
    /// The deprecated twin of the report's request, as it came.
    pub execution_request: Option<Value>,
    /// Keys that this version does not know, as they came.
    pub rest: Map<String, Value>,
}

impl ExecutionContext {
    /// The context of this call, from `executionContext` in its parameters; `None` when it has none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](flexconnect_core::ErrorKind::InvalidRequest) with the path of a value that has the
    /// wrong shape, such as `parameters.executionContext.filters[3].values`. Unknown words, filters and keys are none.
    pub fn of(request: &ReadRequest) -> Result<Option<Self>, Error> {
        let found = request.parameters.get("executionContext").filter(|value| !value.is_null());
        found.map(Self::from_json).transpose()
    }

    /// What the dates of this context's filters are counted by.
    ///
    /// A `timestamp` that is missing or empty is the time of this call to `calendar`, a missing or empty `timezone` is
    /// UTC, a missing `weekStart` is Sunday.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](flexconnect_core::ErrorKind::InvalidRequest) when `timestamp` is no point in time
    /// or `timezone` is not known here.
    pub fn calendar(&self) -> Result<Calendar, Error> {
        Calendar::read(self.timestamp.as_deref(), self.timezone.as_deref(), self.week_start.clone())
    }

    /// The filters as predicates on the columns of a table.
    ///
    /// `column_of` says which column holds what a label shows, or the dates of a date dataset; `None` when there is
    /// none. What cannot be said exactly by predicates on that column is left over, as is a filter whose column the
    /// schema does not have: see [`Filter::to_predicate`].
    ///
    /// # Errors
    ///
    /// Those of [`calendar`](Self::calendar), when a predicate depends on it, and of dates that are none. What an absolute
    /// filter means on a column of dates, or of timestamps without a time zone, depends on no calendar.
    pub fn predicates<'c>(
        &'c self,
        schema: &Schema,
        column_of: impl Fn(FilterTarget<'c>) -> Option<&'c str>,
    ) -> Result<FilterPredicates<'c>, Error> {
        self.predicates_of(&self.filters, schema, column_of)
    }

    /// The same for other filters than the context's own: those that a label's elements
    /// [depend on](LabelElementsExecutionRequest::depends_on).
    ///
    /// # Errors
    ///
    /// As [`predicates`](Self::predicates).
    pub fn predicates_of<'c>(
        &self,
        filters: &'c [Filter],
        schema: &Schema,
        column_of: impl Fn(FilterTarget<'c>) -> Option<&'c str>,
    ) -> Result<FilterPredicates<'c>, Error> {
        FilterPredicates::of(filters, || self.calendar(), schema, column_of)
    }
}

impl Read for ExecutionContext {
    const NAME: &'static str = "parameters.executionContext";

    fn read(found: &Found<'_, '_>) -> Result<Self, Error> {
        let mut object = found.object()?;
        let execution_type = object.required("executionType", "`REPORT` or `LABEL_ELEMENTS`")?.text()?.into();
        let twin = object.take("executionRequest");
        let report = object.object("reportExecutionRequest", ReportExecutionRequest::read)?;
        let report_execution_request = match (report, &twin) {
            (None, Some(twin)) if execution_type == ExecutionType::Report => {
                // It is on its way out: what is none of its known shapes fails no call.
                ReportExecutionRequest::read(twin).ok()
            }
            (report, _) => report,
        };
        let not_empty = |text: &String| !text.is_empty();
        Ok(ExecutionContext {
            execution_type,
            organization_id: object.text_or_empty("organizationId")?,
            workspace_id: object.text_or_empty("workspaceId")?,
            user_id: object.text_or_empty("userId")?,
            timestamp: object.optional_text("timestamp")?.filter(not_empty),
            timezone: object.optional_text("timezone")?.filter(not_empty),
            week_start: object.word("weekStart")?,
            attributes: object.each("attributes", Attribute::read)?,
            filters: object.each("filters", Filter::read)?,
            report_execution_request,
            label_elements_execution_request: object
                .object("labelElementsExecutionRequest", LabelElementsExecutionRequest::read)?,
            execution_initiator: object.object("executionInitiator", ExecutionInitiator::read)?,
            execution_request: twin.map(|twin| twin.json()),
            rest: object.rest(),
        })
    }
}

deserialize!(ExecutionContext);
