//! A list, a struct and a nullable text.

use std::sync::Arc;

use flexconnect_core::arrow_array::builder::{
    Float64Builder, Int32Builder, Int64Builder, ListBuilder, StringBuilder,
};
use flexconnect_core::arrow_array::{RecordBatch, StructArray};
use flexconnect_core::arrow_schema::DataType;
use flexconnect_core::{Record, Table};

use crate::workload::{Workload, text};

/// A row with columns inside its columns.
#[derive(Debug, Clone, Table)]
#[cfg_attr(
    feature = "peers",
    derive(serde::Serialize, arrow_convert::ArrowField, arrow_convert::ArrowSerialize)
)]
#[expect(missing_docs, reason = "columns of no meaning")]
pub struct Nested {
    pub id: i64,
    pub scores: Vec<i32>,
    pub place: Place,
    pub note: Option<String>,
}

/// The struct in each [`Nested`].
#[derive(Debug, Clone, Table)]
#[cfg_attr(
    feature = "peers",
    derive(serde::Serialize, arrow_convert::ArrowField, arrow_convert::ArrowSerialize)
)]
#[expect(missing_docs, reason = "columns of no meaning")]
pub struct Place {
    pub name: String,
    pub height: f64,
}

impl Workload for Nested {
    fn random(random: &mut fastrand::Rng) -> Self {
        let scores = random.usize(0..=5);
        Nested {
            id: random.i64(..),
            scores: (0..scores).map(|_| random.i32(0..1000)).collect(),
            place: Place { name: text(random, 8..=16), height: random.f64() * 3000.0 },
            note: random.bool().then(|| text(random, 8..=16)),
        }
    }

    fn by_builders(rows: &[Self]) -> RecordBatch {
        let schema = <Self as Record>::schema().expect("a derived table has a schema");
        let (DataType::List(item), DataType::Struct(parts)) =
            (schema.field(1).data_type().clone(), schema.field(2).data_type().clone())
        else {
            unreachable!("`Vec<i32>` is a list and `Place` a struct")
        };
        let count = rows.len();
        let mut id = Int64Builder::with_capacity(count);
        let mut scores =
            ListBuilder::with_capacity(Int32Builder::with_capacity(count * 3), count).with_field(item);
        let mut name = StringBuilder::with_capacity(count, count * 16);
        let mut height = Float64Builder::with_capacity(count);
        let mut note = StringBuilder::with_capacity(count, count * 8);
        for row in rows {
            id.append_value(row.id);
            scores.values().append_slice(&row.scores);
            scores.append(true);
            name.append_value(&row.place.name);
            height.append_value(row.place.height);
            note.append_option(row.note.as_deref());
        }
        let place = StructArray::new(parts, vec![Arc::new(name.finish()), Arc::new(height.finish())], None);
        RecordBatch::try_new(
            schema,
            vec![Arc::new(id.finish()), Arc::new(scores.finish()), Arc::new(place), Arc::new(note.finish())],
        )
        .expect("the arrays are of the schema's types and of one length")
    }
}
