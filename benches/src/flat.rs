//! Seven scalar columns: numbers, a short text, a nullable number, a date, a truth value.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int32Builder, Int64Builder, StringBuilder,
};
use flexconnect_core::arrow_array::cast::AsArray;
use flexconnect_core::arrow_array::types::{Date32Type, Float64Type, Int32Type, Int64Type};
use flexconnect_core::arrow_array::{
    Array, BooleanArray, Date32Array, Float64Array, Int32Array, Int64Array, StringArray,
};
use flexconnect_core::{Record, Table};

use crate::workload::{Workload, text};

/// A row of scalars.
#[derive(Debug, Clone, PartialEq, Table)]
#[cfg_attr(
    feature = "peers",
    derive(serde::Serialize, arrow_convert::ArrowField, arrow_convert::ArrowSerialize)
)]
#[table(view)]
#[expect(missing_docs, reason = "columns of no meaning")]
pub struct Flat {
    pub id: i64,
    pub account: i64,
    pub amount: f64,
    pub name: String,
    pub rating: Option<i32>,
    pub day: NaiveDate,
    pub active: bool,
}

impl Workload for Flat {
    fn random(random: &mut fastrand::Rng) -> Self {
        Flat {
            id: random.i64(..),
            account: random.i64(0..1_000_000),
            amount: random.f64() * 1000.0,
            name: text(random, 8..=16),
            rating: (random.u8(..) >= 64).then(|| random.i32(0..100)),
            day: NaiveDate::default() + Days::new(random.u64(0..25_000)),
            active: random.bool(),
        }
    }

    fn by_builders(rows: &[Self]) -> RecordBatch {
        let count = rows.len();
        let mut id = Int64Builder::with_capacity(count);
        let mut account = Int64Builder::with_capacity(count);
        let mut amount = Float64Builder::with_capacity(count);
        let mut name = StringBuilder::with_capacity(count, count * 16);
        let mut rating = Int32Builder::with_capacity(count);
        let mut day = Date32Builder::with_capacity(count);
        let mut active = BooleanBuilder::with_capacity(count);
        for row in rows {
            id.append_value(row.id);
            account.append_value(row.account);
            amount.append_value(row.amount);
            name.append_value(&row.name);
            rating.append_option(row.rating);
            day.append_value(Date32Type::from_naive_date(row.day));
            active.append_value(row.active);
        }
        let schema = <Self as Record>::schema().expect("a derived table has a schema");
        RecordBatch::try_new(
            schema,
            vec![
                Arc::new(id.finish()),
                Arc::new(account.finish()),
                Arc::new(amount.finish()),
                Arc::new(name.finish()),
                Arc::new(rating.finish()),
                Arc::new(day.finish()),
                Arc::new(active.finish()),
            ],
        )
        .expect("the arrays are of the schema's types and of one length")
    }
}

/// The columns of a [`Flat`] batch, downcast by hand.
#[derive(Debug)]
pub struct FlatArrays<'b> {
    id: &'b Int64Array,
    account: &'b Int64Array,
    amount: &'b Float64Array,
    name: &'b StringArray,
    rating: &'b Int32Array,
    day: &'b Date32Array,
    active: &'b BooleanArray,
}

impl<'b> FlatArrays<'b> {
    /// The columns of this batch, which is one of [`Flat`] rows.
    pub fn new(batch: &'b RecordBatch) -> Self {
        FlatArrays {
            id: batch.column(0).as_primitive::<Int64Type>(),
            account: batch.column(1).as_primitive::<Int64Type>(),
            amount: batch.column(2).as_primitive::<Float64Type>(),
            name: batch.column(3).as_string::<i32>(),
            rating: batch.column(4).as_primitive::<Int32Type>(),
            day: batch.column(5).as_primitive::<Date32Type>(),
            active: batch.column(6).as_boolean(),
        }
    }

    /// One row, borrowed.
    #[inline]
    pub fn borrowed(&self, row: usize) -> FlatRef<'b> {
        FlatRef {
            id: self.id.value(row),
            account: self.account.value(row),
            amount: self.amount.value(row),
            name: self.name.value(row),
            rating: self.rating.is_valid(row).then(|| self.rating.value(row)),
            day: Date32Type::to_naive_date_opt(self.day.value(row)).expect("a day of the calendar"),
            active: self.active.value(row),
        }
    }

    /// One row, owned.
    #[inline]
    pub fn owned(&self, row: usize) -> Flat {
        let FlatRef { id, account, amount, name, rating, day, active, .. } = self.borrowed(row);
        Flat { id, account, amount, name: name.to_owned(), rating, day, active }
    }
}
