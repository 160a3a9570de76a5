//! Thirty columns of every plain kind.

use std::sync::Arc;

use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::arrow_array::builder::{
    BooleanBuilder, Float64Builder, Int32Builder, Int64Builder, StringBuilder,
};
use flexconnect_core::{Record, Table};

use crate::workload::{Workload, text};

/// Declares the row, how one is made at random, and the same columns by builders.
macro_rules! wide {
    ($($name:ident: $ty:ty = $random:expr, $builder:expr, $append:ident($take:expr);)*) => {
        /// A row of thirty scalars.
        #[derive(Debug, Clone, Table)]
        #[expect(missing_docs, reason = "columns of no meaning")]
        pub struct Wide {
            $(pub $name: $ty,)*
        }

        impl Workload for Wide {
            fn random(random: &mut fastrand::Rng) -> Self {
                Wide { $($name: ($random)(random),)* }
            }

            fn by_builders(rows: &[Self]) -> RecordBatch {
                $(let mut $name = ($builder)(rows.len());)*
                for row in rows {
                    $($name.$append(($take)(&row.$name));)*
                }
                let schema = <Self as Record>::schema().expect("a derived table has a schema");
                RecordBatch::try_new(schema, vec![$(Arc::new($name.finish())),*])
                    .expect("the arrays are of the schema's types and of one length")
            }
        }
    };
}

type Random = fastrand::Rng;

fn long(random: &mut Random) -> i64 {
    random.i64(..)
}

fn double(random: &mut Random) -> f64 {
    random.f64()
}

fn int(random: &mut Random) -> i32 {
    random.i32(..)
}

fn maybe(random: &mut Random) -> Option<i64> {
    (random.u8(..) >= 64).then(|| random.i64(..))
}

fn word(random: &mut Random) -> String {
    text(random, 8..=16)
}

fn flag(random: &mut Random) -> bool {
    random.bool()
}

fn texts(rows: usize) -> StringBuilder {
    StringBuilder::with_capacity(rows, rows * 16)
}

wide! {
    c00: i64 = long, Int64Builder::with_capacity, append_value(|value: &i64| *value);
    c01: f64 = double, Float64Builder::with_capacity, append_value(|value: &f64| *value);
    c02: i64 = long, Int64Builder::with_capacity, append_value(|value: &i64| *value);
    c03: i32 = int, Int32Builder::with_capacity, append_value(|value: &i32| *value);
    c04: Option<i64> = maybe, Int64Builder::with_capacity, append_option(|value: &Option<i64>| *value);
    c05: f64 = double, Float64Builder::with_capacity, append_value(|value: &f64| *value);
    c06: String = word, texts, append_value(String::as_str);
    c07: i64 = long, Int64Builder::with_capacity, append_value(|value: &i64| *value);
    c08: bool = flag, BooleanBuilder::with_capacity, append_value(|value: &bool| *value);
    c09: i32 = int, Int32Builder::with_capacity, append_value(|value: &i32| *value);
    c10: i64 = long, Int64Builder::with_capacity, append_value(|value: &i64| *value);
    c11: f64 = double, Float64Builder::with_capacity, append_value(|value: &f64| *value);
    c12: i64 = long, Int64Builder::with_capacity, append_value(|value: &i64| *value);
    c13: i32 = int, Int32Builder::with_capacity, append_value(|value: &i32| *value);
    c14: Option<i64> = maybe, Int64Builder::with_capacity, append_option(|value: &Option<i64>| *value);
    c15: f64 = double, Float64Builder::with_capacity, append_value(|value: &f64| *value);
    c16: String = word, texts, append_value(String::as_str);
    c17: i64 = long, Int64Builder::with_capacity, append_value(|value: &i64| *value);
    c18: bool = flag, BooleanBuilder::with_capacity, append_value(|value: &bool| *value);
    c19: i32 = int, Int32Builder::with_capacity, append_value(|value: &i32| *value);
    c20: i64 = long, Int64Builder::with_capacity, append_value(|value: &i64| *value);
    c21: f64 = double, Float64Builder::with_capacity, append_value(|value: &f64| *value);
    c22: i64 = long, Int64Builder::with_capacity, append_value(|value: &i64| *value);
    c23: i32 = int, Int32Builder::with_capacity, append_value(|value: &i32| *value);
    c24: Option<i64> = maybe, Int64Builder::with_capacity, append_option(|value: &Option<i64>| *value);
    c25: f64 = double, Float64Builder::with_capacity, append_value(|value: &f64| *value);
    c26: String = word, texts, append_value(String::as_str);
    c27: i64 = long, Int64Builder::with_capacity, append_value(|value: &i64| *value);
    c28: bool = flag, BooleanBuilder::with_capacity, append_value(|value: &bool| *value);
    c29: i32 = int, Int32Builder::with_capacity, append_value(|value: &i32| *value);
}
