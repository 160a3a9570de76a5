//! Seven scalar columns: numbers, a short text, a nullable number, a date, a truth value.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int32Builder, Int64Builder, StringBuilder,
};
use flexconnect_core::arrow_array::types::Date32Type;
use flexconnect_core::{Record, Table};

use crate::workload::{Workload, text};

/// A row of scalars.
#[derive(Debug, Clone, Table)]
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
