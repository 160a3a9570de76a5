//! By typed-arrow, whose rows have types of its own for dates and lists.

use flexconnect_benches::{BATCH_ROWS, Flat, Nested};
use flexconnect_core::Result;
use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::arrow_array::types::Date32Type;
use typed_arrow::prelude::*;
use typed_arrow::schema::{IntoRecordBatch, RowBuilder};
use typed_arrow::{Date32, List};

/// A kind of row that has a twin typed-arrow understands.
pub(crate) trait Typed: Sized + 'static {
    /// The twin.
    type Row: BuildRows + 'static;

    /// The same row as its twin.
    fn typed(self) -> Self::Row;
}

#[derive(Record)]
pub(crate) struct TypedFlat {
    id: i64,
    account: i64,
    amount: f64,
    name: String,
    rating: Option<i32>,
    day: Date32,
    active: bool,
}

impl Typed for Flat {
    type Row = TypedFlat;

    fn typed(self) -> TypedFlat {
        let Flat { id, account, amount, name, rating, day, active } = self;
        TypedFlat {
            id,
            account,
            amount,
            name,
            rating,
            day: Date32::new(Date32Type::from_naive_date(day)),
            active,
        }
    }
}

#[derive(Record)]
pub(crate) struct TypedNested {
    id: i64,
    scores: List<i32>,
    place: TypedPlace,
    note: Option<String>,
}

#[derive(Record)]
pub(crate) struct TypedPlace {
    name: String,
    height: f64,
}

impl Typed for Nested {
    type Row = TypedNested;

    fn typed(self) -> TypedNested {
        let Nested { id, scores, place, note } = self;
        let place = TypedPlace { name: place.name, height: place.height };
        TypedNested { id, scores: List::new(scores), place, note }
    }
}

pub(crate) fn typed_arrow<W: Typed>(rows: Vec<W::Row>, take: &mut dyn FnMut(RecordBatch)) -> Result<()> {
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        let part = rows.len().min(BATCH_ROWS);
        let mut builders = <W::Row as BuildRows>::new_builders(part);
        builders.append_rows(rows.by_ref().take(part));
        take(builders.finish().into_record_batch());
    }
    Ok(())
}
