//! Filters by a part of a label's text.

use flexconnect_core::arrow_schema::Field;
use flexconnect_core::{Error, Predicate};
use serde_json::{Map, Value};

use super::super::column::is_text;
use super::super::reading::Object;
use super::super::vocabulary::MatchType;

/// What a label's text has in common with a literal.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MatchAttributeFilter {
    /// The label's id.
    pub label_identifier: String,
    /// Where in the text the literal is to be.
    pub match_type: MatchType,
    /// What is looked for; the empty one fits every text.
    pub literal: String,
    /// Whether the rows without it are wanted, those without a value among them.
    pub negate: bool,
    /// Whether upper and lower case differ.
    pub case_sensitive: bool,
    /// Keys that this version does not know, as they came.
    pub rest: Map<String, Value>,
}

impl MatchAttributeFilter {
    pub(super) fn read(mut object: Object<'_, '_>) -> Result<Self, Error> {
        Ok(MatchAttributeFilter {
            label_identifier: object.text("labelIdentifier")?,
            match_type: object.required("matchType", "text")?.text()?.into(),
            literal: object.text("literal")?,
            negate: object.flag("negate")?,
            case_sensitive: object.flag("caseSensitive")?,
            rest: object.rest(),
        })
    }

    /// Whether a row whose label shows this text (or nothing) is kept; `None` when this version does not know the match
    /// type.
    pub(super) fn matches(&self, label: Option<&str>) -> Option<bool> {
        let found = match label {
            None if matches!(self.match_type, MatchType::Other(_)) => return None,
            None => false,
            Some(text) if self.case_sensitive => self.found(text, &self.literal)?,
            Some(text) => self.found(&text.to_lowercase(), &self.literal.to_lowercase())?,
        };
        Some(found != self.negate)
    }

    fn found(&self, text: &str, literal: &str) -> Option<bool> {
        match self.match_type {
            MatchType::Contains => Some(text.contains(literal)),
            MatchType::StartsWith => Some(text.starts_with(literal)),
            MatchType::EndsWith => Some(text.ends_with(literal)),
            MatchType::Other(_) => None,
        }
    }

    pub(super) fn to_predicate(&self, field: &Field) -> Option<Predicate> {
        if self.match_type != MatchType::StartsWith || !self.case_sensitive || !is_text(field.data_type()) {
            return None;
        }
        let column = || field.name().clone();
        let starts =
            Predicate::StartsWith { column: column(), prefix: self.literal.clone(), negated: self.negate };
        Some(if self.negate && field.is_nullable() {
            Predicate::Or(vec![starts, Predicate::IsNull { column: column(), negated: false }])
        } else {
            starts
        })
    }
}
