//! The kernels, held to Arrow's own on arrays of every kind of type.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, MapBuilder, StringBuilder, StringDictionaryBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::*;
use arrow_buffer::{IntervalDayTime, IntervalMonthDayNano, NullBuffer, i256};
use arrow_ord::partition::partition;
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, UnionFields};

use super::*;
use crate::scalar::float::Half;

struct Random(fastrand::Rng);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0.usize(..end)
    }

    fn nulls(&mut self, rows: usize) -> Option<NullBuffer> {
        let one_in = self.below(6);
        (one_in > 0).then(|| (0..rows).map(|_| self.below(one_in + 1) > 0).collect())
    }

    fn primitive<T: ArrowPrimitiveType>(&mut self, rows: usize, value: fn(i64) -> T::Native) -> ArrayRef {
        let values: Vec<_> = (0..rows).map(|_| value(self.below(4) as i64 - 2)).collect();
        Arc::new(PrimitiveArray::<T>::new(values.into(), self.nulls(rows)))
    }

    fn texts(&mut self, rows: usize) -> Vec<Option<String>> {
        let words = ["", "a", "ab", "ü", "twelve bytes", "more than twelve bytes", "more than twelve others"];
        (0..rows).map(|_| (self.below(4) > 0).then(|| words[self.below(words.len())].to_owned())).collect()
    }

    fn dictionary<K: ArrowDictionaryKeyType>(&mut self, rows: usize) -> ArrayRef {
        Arc::new(self.texts(rows).iter().map(Option::as_deref).collect::<DictionaryArray<K>>())
    }

    fn runs<R: RunEndIndexType>(&mut self, rows: usize) -> ArrayRef {
        // Runs need not be the longest there could be.
        let ends: Vec<usize> = (1..=rows).filter(|end| *end == rows || self.below(3) == 0).collect();
        let values = StringArray::from(self.texts(ends.len()));
        let ends = PrimitiveArray::<R>::from_iter_values(
            ends.iter().map(|end| arrow_buffer::ArrowNativeType::usize_as(*end)),
        );
        Arc::new(RunArray::<R>::try_new(&ends, &values).unwrap())
    }

    /// Lists of texts by dictionary.
    fn lists<O: OffsetSizeTrait>(&mut self, rows: usize) -> ArrayRef {
        let mut lists = arrow_array::builder::GenericListBuilder::<O, _>::new(StringDictionaryBuilder::<
            Int16Type,
        >::new());
        for _ in 0..rows {
            let length = self.below(4);
            self.texts(length).iter().for_each(|text| lists.values().append_option(text.as_deref()));
            lists.append(self.below(4) > 0);
        }
        Arc::new(lists.finish())
    }

    fn maps(&mut self, rows: usize) -> ArrayRef {
        let numbers = ListBuilder::new(arrow_array::builder::Int32Builder::new());
        let mut maps = MapBuilder::new(None, StringBuilder::new(), numbers);
        for _ in 0..rows {
            for key in 0..self.below(3) {
                maps.keys().append_value(key.to_string());
                maps.values().append_value((0..self.below(3)).map(|item| Some(item as i32)));
            }
            maps.append(self.below(4) > 0).unwrap();
        }
        Arc::new(maps.finish())
    }

    fn fixed_lists(&mut self, rows: usize) -> ArrayRef {
        let items = self.primitive::<Int16Type>(rows * 2, |value| value as i16);
        let field = Field::new("item", DataType::Int16, true);
        Arc::new(FixedSizeListArray::new(field.into(), 2, items, self.nulls(rows)))
    }

    fn structs(&mut self, rows: usize) -> ArrayRef {
        let columns = vec![
            self.primitive::<Int64Type>(rows, |value| value),
            self.dictionary::<Int8Type>(rows),
            self.fixed_lists(rows),
        ];
        let names = ["number", "name", "pair"].into_iter().zip(&columns);
        let fields: Fields =
            names.map(|(name, column)| Field::new(name, column.data_type().clone(), true)).collect();
        Arc::new(StructArray::new(fields, columns, self.nulls(rows)))
    }

    fn union(&mut self, rows: usize, is_dense: bool) -> ArrayRef {
        let children = vec![
            self.primitive::<Int64Type>(rows, |value| value),
            Arc::new(StringArray::from(self.texts(rows))),
        ];
        let fields = ["number", "text"].into_iter().zip(&children);
        let fields = fields.map(|(name, child)| Field::new(name, child.data_type().clone(), true));
        let fields = UnionFields::try_new([0, 1], fields).unwrap();
        let ids: Vec<i8> = (0..rows).map(|_| self.below(2) as i8).collect();
        let offsets = is_dense.then(|| (0..rows as i32).collect::<Vec<_>>().into());
        Arc::new(UnionArray::try_new(fields, ids.into(), offsets, children).unwrap())
    }

    fn array(&mut self, kind: usize, rows: usize) -> ArrayRef {
        match kind {
            0 => self.primitive::<Int8Type>(rows, |value| value as i8),
            1 => self.primitive::<UInt16Type>(rows, |value| value as u16),
            2 => self.primitive::<Float16Type>(rows, |value| Half::from_f64(value as f64)),
            3 => self.primitive::<Date32Type>(rows, |value| value as i32),
            4 => {
                self.primitive::<Float64Type>(rows, |value| [0.0, -0.0, f64::NAN, 1.5][(value + 2) as usize])
            }
            5 => self.primitive::<Decimal128Type>(rows, |value| i128::from(value) << 70),
            6 => self.primitive::<Decimal256Type>(rows, |value| i256::from_i128(value.into())),
            7 => self.primitive::<IntervalDayTimeType>(rows, |value| IntervalDayTime::new(1, value as i32)),
            8 => self.primitive::<IntervalMonthDayNanoType>(rows, |value| {
                IntervalMonthDayNano::new(value as i32, 1, value)
            }),
            9 => Arc::new(
                (0..rows)
                    .map(|_| Some(self.below(3)).filter(|value| *value > 0).map(|value| value > 1))
                    .collect::<BooleanArray>(),
            ),
            10 => Arc::new(NullArray::new(rows)),
            11 => Arc::new(StringArray::from(self.texts(rows))),
            12 => Arc::new(LargeStringArray::from(self.texts(rows))),
            13 => Arc::new(BinaryArray::from(StringArray::from(self.texts(rows)))),
            14 => Arc::new(StringViewArray::from_iter(self.texts(rows))),
            15 => {
                let texts = self.texts(rows);
                let bytes = texts.iter().map(|text| text.as_ref().map(|text| [text.len() as u8; 3]));
                Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(bytes, 3).unwrap())
            }
            16 => {
                let texts = self.texts(rows);
                let bytes = texts.iter().map(|text| text.as_ref().map(|text| [text.len() as u8; 16]));
                Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(bytes, 16).unwrap())
            }
            17 => self.dictionary::<Int8Type>(rows),
            18 => self.dictionary::<UInt32Type>(rows),
            19 => self.runs::<Int16Type>(rows),
            20 => self.runs::<Int64Type>(rows),
            21 => self.lists::<i32>(rows),
            22 => self.lists::<i64>(rows),
            23 => self.fixed_lists(rows),
            24 => self.maps(rows),
            25 => self.structs(rows),
            26 => self.union(rows, false),
            _ => self.union(rows, true),
        }
    }

    /// An array of this kind that may be part of another.
    fn slice(&mut self, kind: usize) -> ArrayRef {
        let rows = self.below(200);
        let array = self.array(kind, rows);
        let start = self.below(rows + 1);
        let length = self.below(rows - start + 1);
        if self.below(3) == 0 { array } else { array.slice(start, length) }
    }
}

const KINDS: usize = 28;

/// Arrays of all kinds, some of them many times.
fn all(mut check: impl FnMut(&mut Random, usize)) {
    let mut random = Random(fastrand::Rng::with_seed(7));
    for round in 0..40 * KINDS {
        check(&mut random, round % KINDS);
    }
}

/// The rows of arrays of one type, however their values are held.
fn assert_same(found: &ArrayRef, expected: &ArrayRef) {
    found.to_data().validate_full().unwrap();
    assert_eq!(found.data_type(), expected.data_type());
    match plain(found).zip(plain(expected)) {
        Some((found, expected)) => assert_same(&found, &expected),
        None => assert_eq!(found, expected),
    }
}

fn batch(columns: impl IntoIterator<Item = ArrayRef>) -> RecordBatch {
    let columns: Vec<_> = columns.into_iter().collect();
    let fields = columns.iter().enumerate();
    let fields: Fields = fields
        .map(|(index, column)| Field::new(index.to_string(), column.data_type().clone(), true))
        .collect();
    let options = RecordBatchOptions::new().with_row_count(Some(columns[0].len()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options).unwrap()
}

#[test]
fn rows_are_filtered_as_arrow_filters_them() {
    all(|random, kind| {
        let array = random.slice(kind);
        let often = random.below(8) + 1;
        let wanted = (0..array.len()).map(|_| Some(random.below(often + 1)).filter(|value| *value < 7));
        let wanted: BooleanArray = wanted.map(|value| value.map(|value| value > 0)).collect();
        let found = filter_batch(&batch([array.clone()]), &wanted).unwrap();
        let expected = arrow_select::filter::filter(&array, &wanted).unwrap();
        assert_eq!(found.num_rows(), wanted.true_count());
        assert_same(found.column(0), &expected);
    });
}

#[test]
fn rows_are_taken_in_any_order_and_more_than_once() {
    all(|random, kind| {
        let array = random.slice(kind);
        if array.is_empty() {
            return;
        }
        let rows: Vec<usize> = (0..random.below(100)).map(|_| random.below(array.len())).collect();
        let found = take(&array, &rows, None).unwrap();
        let rows = UInt64Array::from_iter_values(rows.iter().map(|row| *row as u64));
        assert_same(&found, &arrow_select::take::take(&array, &rows, None).unwrap());
    });
}

#[test]
fn rows_that_are_absent_are_null() {
    all(|random, kind| {
        let array = random.slice(kind);
        // A union has no nulls of its own.
        if array.is_empty() || kind >= 26 {
            return;
        }
        let rows: Vec<usize> = (0..50).map(|_| random.below(array.len())).collect();
        let absent: NullBuffer = (0..rows.len()).map(|_| random.below(3) > 0).collect();
        let found = take(&array, &rows, Some(&absent)).unwrap();
        let present = UInt64Array::new(rows.iter().map(|row| *row as u64).collect(), Some(absent));
        // Arrow forgets that rows are absent where they are runs.
        let array = plain(&array).unwrap_or(array);
        let found = plain(&found).unwrap_or(found);
        let expected = arrow_select::take::take(&array, &present, None).unwrap();
        assert_same(&found, &expected);
    });
}

#[test]
fn of_nothing_all_rows_are_absent() {
    let found = take(&StringArray::new_null(0), &[], Some(&NullBuffer::new_null(3))).unwrap();
    assert_eq!(found.as_ref(), &StringArray::new_null(3));
    let keys = Int8Array::new_null(2);
    let none = DictionaryArray::new(keys, Arc::new(StringArray::new_null(0)));
    assert_eq!(plain(&none).unwrap().as_ref(), &StringArray::new_null(2));
}

#[test]
fn batches_are_put_together_as_arrow_does_it() {
    all(|random, kind| {
        let parts: Vec<_> = (0..random.below(4) + 1).map(|_| batch([random.slice(kind)])).collect();
        let found = concat_batches(&parts[0].schema(), &parts).unwrap();
        let expected = arrow_select::concat::concat_batches(&parts[0].schema(), &parts).unwrap();
        assert_eq!(found.num_rows(), expected.num_rows());
        assert_same(found.column(0), expected.column(0));
    });
}

#[test]
fn dictionaries_are_merged_where_keys_would_run_out() {
    let texts = |range: std::ops::Range<i32>| -> ArrayRef {
        let texts: Vec<_> = range.map(|number| number.to_string()).collect();
        Arc::new(texts.iter().map(String::as_str).collect::<DictionaryArray<Int8Type>>())
    };
    let parts = [batch([texts(0..100)]), batch([texts(50..120)]), batch([texts(0..100)])];
    let whole = concat_batches(&parts[0].schema(), &parts).unwrap();
    let whole = whole.column(0).as_dictionary::<Int8Type>();
    assert_eq!(whole.values().len(), 120);
    let names = whole.downcast_dict::<StringArray>().unwrap();
    let expected: Vec<_> = (0..100).chain(50..120).chain(0..100).map(|number| number.to_string()).collect();
    assert_eq!(names.into_iter().flatten().collect::<Vec<_>>(), expected);

    // Values that no key names do not count, not even within lists.
    let list = |range: std::ops::Range<i32>| -> ArrayRef {
        let keys = texts(range);
        let field = Field::new("item", keys.data_type().clone(), true);
        let offsets = arrow_buffer::OffsetBuffer::from_lengths([keys.len() - 1, 1]);
        Arc::new(ListArray::new(field.into(), offsets, keys, None).slice(1, 1))
    };
    let parts: Vec<_> = (0..100).map(|start| batch([list(start..start + 20)])).collect();
    let whole = concat_batches(&parts[0].schema(), &parts).unwrap();
    let items = whole.column(0).as_list::<i32>().values().clone();
    assert_eq!(plain(&items).unwrap().as_string::<i32>().iter().flatten().last(), Some("118"));

    let parts = [batch([texts(0..100)]), batch([texts(100..200)])];
    let error = concat_batches(&parts[0].schema(), &parts).unwrap_err();
    assert!(matches!(error, ArrowError::DictionaryKeyOverflowError), "{error}");
}

#[test]
fn runs_begin_where_arrow_sees_them() {
    all(|random, kind| {
        let array = random.slice(kind);
        // To Arrow a variant's null is any variant's null.
        if kind >= 26 {
            return;
        }
        // What Arrow does not compare is compared here.
        let Ok(runs) = partition(std::slice::from_ref(&array)) else { return };
        let expected: Vec<_> = runs.ranges().iter().map(|run| run.start).collect();
        assert_eq!(starts(&array), expected, "{kind} {array:?}");
    });
}

#[test]
fn variants_are_not_one_run_for_being_null() {
    let children: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![Some(1), Some(1), None])),
        Arc::new(StringArray::from(vec![None, None, Some("a")])),
    ];
    let fields = children.iter().map(|child| Field::new("", child.data_type().clone(), true));
    let fields = UnionFields::try_new([0, 1], fields).unwrap();
    let (ids, offsets) = (vec![0, 0, 0, 1, 1, 1], vec![0, 1, 2, 0, 1, 2]);
    let union = UnionArray::try_new(fields, ids.into(), Some(offsets.into()), children).unwrap();
    assert_eq!(starts(&(Arc::new(union) as ArrayRef)), [0, 2, 3, 5]);
}
