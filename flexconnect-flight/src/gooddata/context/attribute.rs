//! The attributes a call is about.

use flexconnect_core::Error;
use serde_json::{Map, Value};

use super::reading::{Found, Read, deserialize};
use super::vocabulary::{Granularity, SortDirection};

/// One attribute of the report, by the label that is shown.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Attribute {
    /// The attribute's id; empty when it was not sent.
    pub attribute_identifier: String,
    /// The attribute's title; empty when it was not sent.
    pub attribute_title: String,
    /// The label's id: what filters name.
    pub label_identifier: String,
    /// The label's title; empty when it was not sent.
    pub label_title: String,
    /// Which part of a date the label shows; `None` for other labels.
    pub date_granularity: Option<Granularity>,
    /// The order asked for.
    pub sorting: Option<Sorting>,
    /// Keys that this version does not know, as they came.
    pub rest: Map<String, Value>,
}

/// The order of an attribute's values.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Sorting {
    /// What to sort by.
    pub sort_column: String,
    /// Which way.
    pub sort_direction: SortDirection,
}

impl Read for Attribute {
    const NAME: &'static str = "attribute";

    fn read(found: &Found<'_, '_>) -> Result<Self, Error> {
        let mut object = found.object()?;
        Ok(Attribute {
            attribute_identifier: object.text_or_empty("attributeIdentifier")?,
            attribute_title: object.text_or_empty("attributeTitle")?,
            label_identifier: object.text("labelIdentifier")?,
            label_title: object.text_or_empty("labelTitle")?,
            date_granularity: object.word("dateGranularity")?,
            sorting: object.object("sorting", Sorting::read)?,
            rest: object.rest(),
        })
    }
}

impl Sorting {
    fn read(found: &Found<'_, '_>) -> Result<Self, Error> {
        let mut object = found.object()?;
        let sort_direction = object.word("sortDirection")?.unwrap_or(SortDirection::Ascending);
        Ok(Sorting { sort_column: object.text("sortColumn")?, sort_direction })
    }
}

deserialize!(Attribute);
