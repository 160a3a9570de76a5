//! Enums without data as dictionaries: one key a row, all names once.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::ArrowDictionaryKeyType;
use arrow_array::{Array, ArrayRef, DictionaryArray, PrimitiveArray};
use arrow_buffer::{ArrowNativeType, NullBuffer, ScalarBuffer};
use arrow_schema::DataType;

use super::{Mismatch, TextReader};
use crate::buffer::{Fault, Growing};

/// The variants of an enum without data; emitted by `#[derive(Column)]`.
pub trait Variants: Sized + 'static {
    /// The names of all variants, in order.
    const NAMES: &'static [&'static str];

    /// Further names accepted when reading, each with its variant's place.
    const ALIASES: &'static [(&'static str, usize)] = &[];

    /// The place of this variant.
    fn index(&self) -> usize;

    /// The variant at this place.
    fn from_index(index: usize) -> Option<Self>;

    /// The names as an array, made once.
    fn names() -> ArrayRef;
}

/// One key per value into the names of all variants.
pub struct EnumBuffer<K: ArrowDictionaryKeyType, V> {
    keys: Vec<K::Native>,
    variants: PhantomData<fn() -> V>,
}

impl<K: ArrowDictionaryKeyType, V: Variants> EnumBuffer<K, V> {
    /// The type of the column: a dictionary with keys of type `K`.
    pub fn data_type() -> DataType {
        DataType::Dictionary(Box::new(K::DATA_TYPE), Box::new(DataType::Utf8))
    }

    /// Appends one variant.
    #[inline]
    pub fn push(&mut self, variant: &V) {
        // The derive chooses `K` by the number of variants.
        self.keys.push(K::Native::usize_as(variant.index()));
    }
}

impl<K: ArrowDictionaryKeyType, V: Variants> Growing for EnumBuffer<K, V> {
    fn new() -> Self {
        EnumBuffer { keys: Vec::new(), variants: PhantomData }
    }

    fn len(&self) -> usize {
        self.keys.len()
    }

    #[inline]
    fn push_default(&mut self) {
        self.keys.push(K::Native::default());
    }

    fn bytes(&self) -> usize {
        size_of_val(self.keys.as_slice())
    }

    fn finish(&mut self, _data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        let next = Vec::with_capacity(self.keys.len());
        let keys = ScalarBuffer::from(std::mem::replace(&mut self.keys, next));
        Arc::new(DictionaryArray::new(PrimitiveArray::<K>::new(keys, nulls), V::names()))
    }
}

impl<K: ArrowDictionaryKeyType, V: Variants> fmt::Debug for EnumBuffer<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnumBuffer").field("variants", &V::NAMES).field("len", &self.keys.len()).finish()
    }
}

/// A column of variant names: which variant each row, or each value of a dictionary, names.
#[derive(Debug, Clone)]
pub enum EnumReader {
    /// Names row by row.
    Text(TextReader),
    /// A dictionary: the keys, and what each of its values names.
    Dictionary(Vec<usize>, Vec<Result<usize, String>>),
}

impl EnumReader {
    /// Accepts every layout of text.
    ///
    /// # Errors
    /// A mismatch for any other type.
    pub fn new<V: Variants>(array: &ArrayRef) -> Result<Self, Vec<Mismatch>> {
        let Some(dictionary) = array.as_any_dictionary_opt() else {
            return TextReader::new(array).map(Self::Text);
        };
        let values = dictionary.values();
        let text = TextReader::new(values)?;
        if values.is_empty() {
            // Every row is null, and none is read.
            return Ok(Self::Dictionary(Vec::new(), Vec::new()));
        }
        let names = (0..values.len())
            .map(|at| {
                let name = text.get(at);
                position::<V>(name).ok_or_else(|| name.to_owned())
            })
            .collect();
        Ok(Self::Dictionary(dictionary.normalized_keys(), names))
    }

    /// The variant of one row.
    ///
    /// # Errors
    /// A fault when its name is not one of the variants'.
    pub fn get<V: Variants>(&self, row: usize) -> Result<V, Box<Fault>> {
        let place = match self {
            Self::Text(text) => {
                let name = text.get(row);
                position::<V>(name).ok_or(name)
            }
            Self::Dictionary(keys, names) => match keys.get(row).and_then(|key| names.get(*key)) {
                Some(Ok(place)) => Ok(*place),
                Some(Err(name)) => Err(name.as_str()),
                None => Err(""),
            },
        };
        place.and_then(|place| V::from_index(place).ok_or("")).map_err(|name| {
            let names = V::NAMES.join("`, `");
            Box::new(Fault::new(row, format!("`{name}` is not one of `{names}`")))
        })
    }
}

/// The place of the variant of this name.
fn position<V: Variants>(name: &str) -> Option<usize> {
    let alias = || V::ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, place)| *place);
    V::NAMES.iter().position(|variant| *variant == name).or_else(alias)
}
