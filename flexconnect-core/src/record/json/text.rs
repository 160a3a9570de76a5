//! Text: in one buffer with offsets, as views, or once each in a dictionary.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::{ArrayRef, GenericStringArray, OffsetSizeTrait};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType};
use serde_json::Value as Json;

use super::values::{Refusal, Values};
use crate::record::fixed::Cells;
use crate::record::keys::Keys;
use crate::scalar::json;

/// `Utf8` and `LargeUtf8`.
pub(super) struct Texts<O> {
    offsets: Vec<O>,
    text: Vec<u8>,
    /// Whether values of every type are taken, as JSON text.
    json: bool,
}

impl<O: OffsetSizeTrait> Texts<O> {
    pub(super) fn new(json: bool, capacity: usize) -> Self {
        Texts { offsets: no_offsets(capacity), text: Vec::new(), json }
    }
}

impl<O: OffsetSizeTrait> Cells<Json, Refusal> for Texts<O> {
    fn push(&mut self, value: &Json) -> Result<(), Refusal> {
        if self.json {
            serde_json::to_writer(&mut self.text, value).map_err(|error| error.to_string())?;
        } else {
            self.text.extend_from_slice(json::text(value)?.as_bytes());
        }
        let end = O::from_usize(self.text.len());
        self.offsets
            .push(end.ok_or("the texts of one batch have more than 2 GiB; declare the column as LargeUtf8")?);
        Ok(())
    }

    fn push_null(&mut self) {
        self.offsets.extend(self.offsets.last().copied());
    }

    fn bytes(&self) -> usize {
        self.text.len() + size_of_val(&self.offsets[..])
    }

    fn finish(&mut self, len: usize, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let mut offsets = std::mem::replace(&mut self.offsets, no_offsets(len));
        offsets.truncate(len + 1);
        let mut text = std::mem::take(&mut self.text);
        text.truncate(offsets.last().map_or(0, |end| end.as_usize()));
        let offsets = OffsetBuffer::new(offsets.into());
        Ok(Arc::new(GenericStringArray::<O>::try_new(offsets, text.into(), nulls)?))
    }
}

/// The offsets of no values, with room for more.
pub(super) fn no_offsets<O: OffsetSizeTrait>(capacity: usize) -> Vec<O> {
    let mut offsets = Vec::with_capacity(capacity + 1);
    offsets.push(O::default());
    offsets
}

/// `Utf8View`.
pub(super) struct TextViews {
    views: StringViewBuilder,
    bytes: usize,
    json: bool,
}

impl TextViews {
    pub(super) fn new(json: bool) -> Self {
        TextViews { views: StringViewBuilder::new(), bytes: 0, json }
    }
}

impl Cells<Json, Refusal> for TextViews {
    fn push(&mut self, value: &Json) -> Result<(), Refusal> {
        let json_text;
        let text = if self.json {
            json_text = value.to_string();
            &json_text
        } else {
            json::text(value)?
        };
        self.views.try_append_value(text).map_err(|error| error.to_string())?;
        self.bytes += text.len() + size_of::<u128>();
        Ok(())
    }

    fn push_null(&mut self) {
        self.views.append_null();
        self.bytes += size_of::<u128>();
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    /// The views know their nulls.
    fn finish(&mut self, len: usize, _: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        self.bytes = 0;
        Ok(Arc::new(self.views.finish().slice(0, len)))
    }
}

/// A dictionary of texts, in the order in which they first appear in the batch.
pub(super) struct TextDictionary {
    keys: Keys,
    positions: HashMap<String, usize>,
    texts: Box<Values>,
    json: bool,
}

impl TextDictionary {
    /// `texts` are empty ones, of a text type, that take values as this is to take them. `None` for keys that are no
    /// integers, which Arrow does not allow.
    pub(super) fn new(keys: &DataType, texts: Box<Values>, json: bool) -> Option<Self> {
        let keys = Keys::new(keys, 0)?;
        Some(TextDictionary { keys, positions: HashMap::new(), texts, json })
    }
}

impl Cells<Json, Refusal> for TextDictionary {
    fn push(&mut self, value: &Json) -> Result<(), Refusal> {
        let json_text;
        let text = if self.json {
            json_text = value.to_string();
            &json_text
        } else {
            json::text(value)?
        };
        let place = match self.positions.get(text) {
            Some(&place) => place,
            None => {
                let place = self.positions.len();
                self.keys.check_room(place)?;
                self.texts.push(value)?;
                self.positions.insert(text.to_owned(), place);
                place
            }
        };
        self.keys.push(place);
        Ok(())
    }

    fn push_null(&mut self) {
        self.keys.push(0);
    }

    fn bytes(&self) -> usize {
        self.texts.bytes() + self.keys.bytes()
    }

    fn finish(&mut self, len: usize, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let texts = self.texts.finish(self.positions.len(), None)?;
        self.positions.clear();
        self.keys.finish(len, nulls, &texts)
    }
}
