//! The filters inside a request for a label's elements, which have shapes of their own.

use flexconnect_core::Error;

use super::super::reading::{Found, Object};
use super::{AbsoluteDateFilter, AttributeFilter, Filter, RelativeDateFilter};

impl Filter {
    /// One of what elements depend on: `{label, values, complementFilter}` or `{dateFilter}`.
    pub(in super::super) fn read_dependency(found: &Found<'_, '_>) -> Result<Self, Error> {
        let mut object = found.object()?;
        if let Some(date) = object.take("dateFilter") {
            return read_date(&date, found);
        }
        let Some(label) = object.take("label") else { return Ok(Filter::Unknown(found.json())) };
        let label_identifier = label.text()?.to_owned();
        let complement = object.flag("complementFilter")?;
        let values = object.required("values", "a list")?.each(|value| value.text_or_null())?;
        let filter = AttributeFilter { label_identifier, values, rest: object.rest() };
        Ok(if complement { Filter::NegativeAttribute(filter) } else { Filter::PositiveAttribute(filter) })
    }
}

/// A date filter as GoodData's schema has it, under the name of its kind, or flat, as the Python server reads it.
fn read_date(found: &Found<'_, '_>, whole: &Found<'_, '_>) -> Result<Filter, Error> {
    let mut object = found.object()?;
    if let Some(relative) = object.take("relativeDateFilter") {
        let mut object = relative.object()?;
        return Ok(Filter::RelativeDate(RelativeDateFilter::read(dataset(&mut object)?, object)?));
    }
    if let Some(absolute) = object.take("absoluteDateFilter") {
        let mut object = absolute.object()?;
        return Ok(Filter::AbsoluteDate(AbsoluteDateFilter::read(dataset(&mut object)?, object)?));
    }
    if object.take("dataset").is_none() {
        return Ok(Filter::Unknown(whole.json()));
    }
    let dataset_identifier = dataset(&mut object)?;
    Ok(match object.take("granularity") {
        Some(_) => Filter::RelativeDate(RelativeDateFilter::read(dataset_identifier, object)?),
        None => Filter::AbsoluteDate(AbsoluteDateFilter::read(dataset_identifier, object)?),
    })
}

/// The dataset's id: alone, as `{"id", "type"}`, or as `{"identifier": …}` of either.
fn dataset(object: &mut Object<'_, '_>) -> Result<String, Error> {
    identifier(&object.required("dataset", "the id of a date dataset")?)
}

fn identifier(found: &Found<'_, '_>) -> Result<String, Error> {
    if found.is_text() {
        return found.text().map(str::to_owned);
    }
    let mut object = found.object()?;
    match object.take("identifier") {
        Some(inner) if inner.is_text() => inner.text().map(str::to_owned),
        Some(inner) => inner.object()?.text("id"),
        None => object.text("id"),
    }
}
