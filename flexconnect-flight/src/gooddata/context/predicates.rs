//! All filters of a call as predicates, and those that are left to its author.

use std::cell::OnceCell;

use flexconnect_core::arrow_schema::Schema;
use flexconnect_core::{Error, Predicate};

use super::calendar::Calendar;
use super::filter::{Filter, FilterTarget};

/// Filters as predicates on the columns of a table; made by
/// [`ExecutionContext::predicates`](super::ExecutionContext::predicates) and `predicates_of`.
///
/// Filters hold together: a row is to satisfy all the predicates and all the filters left over.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FilterPredicates<'f> {
    /// One for each filter that can be said as a predicate, in their order.
    pub predicates: Vec<Predicate>,
    /// The filters that cannot, in their order.
    pub left_over: Vec<&'f Filter>,
}

impl<'f> FilterPredicates<'f> {
    pub(super) fn of(
        filters: &'f [Filter],
        calendar: impl Fn() -> Result<Calendar, Error>,
        schema: &Schema,
        column_of: impl Fn(FilterTarget<'f>) -> Option<&'f str>,
    ) -> Result<Self, Error> {
        // Read once for all filters, and not at all when none is on a date: a clock nobody needs may be wrong.
        let read = OnceCell::new();
        let at = || match read.get() {
            Some(calendar) => Ok(calendar),
            None => calendar().map(|calendar| read.get_or_init(|| calendar)),
        };
        let mut made = FilterPredicates { predicates: Vec::new(), left_over: Vec::new() };
        for filter in filters {
            let column = filter.target().and_then(&column_of);
            let field = column.and_then(|column| schema.field_with_name(column).ok());
            let predicate = field.map(|field| filter.to_predicate_at(field, at)).transpose()?;
            match predicate.flatten() {
                Some(predicate) => made.predicates.push(predicate),
                None => made.left_over.push(filter),
            }
        }
        Ok(made)
    }
}
