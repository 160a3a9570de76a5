//! One test on all values of a flat column, whatever is null among them.
//!
//! Numbers and times are compared as what they are stored as: an integer passes a comparison when it is within a
//! range, which one subtraction tells, whatever its width and sign.

use std::cmp::Ordering;

use arrow_array::builder::make_view;
use arrow_array::cast::AsArray;
use arrow_array::{Array, BinaryViewArray};
use arrow_buffer::{ArrowNativeType, BooleanBuffer, Buffer, i256};
use arrow_data::{ArrayData, MAX_INLINE_VIEW_LEN};
use arrow_schema::DataType;

use super::CompareOp;
use super::literal::Literal;
use crate::kernels::Cells;
use crate::scalar::float::Half;

/// For each value whether it compares so with a literal of the column's type.
pub(super) fn compare(column: &dyn Array, op: CompareOp, literal: &Literal) -> BooleanBuffer {
    if op == CompareOp::NotEq {
        return !&compare(column, CompareOp::Eq, literal);
    }
    match literal {
        Literal::Boolean(literal) => {
            let values = column.as_boolean().values();
            match [false, true].map(|value| accepts(op, value.cmp(literal))) {
                [false, true] => values.clone(),
                [true, false] => !values,
                [true, true] => BooleanBuffer::new_set(values.len()),
                [false, false] => BooleanBuffer::new_unset(values.len()),
            }
        }
        Literal::Integer(literal) => match Integers::of(column.data_type()) {
            Some(integers) => match range(op, narrow(*literal), integers.least(), integers.most()) {
                Some((start, end)) => integers.within(&column.to_data(), start, end),
                None => BooleanBuffer::new_unset(column.len()),
            },
            None => each(values::<i256>(&column.to_data()), |value| accepts(op, value.cmp(literal))),
        },
        Literal::Float(literal) => {
            match range(op, ordered(*literal).into(), i64::MIN.into(), i64::MAX.into()) {
                Some((start, end)) => {
                    let (start, end) = (start as i64, end as i64);
                    floats(&column.to_data(), |value| start <= value && value <= end)
                }
                None => BooleanBuffer::new_unset(column.len()),
            }
        }
        Literal::Text(literal) => bytes(column, op, literal.as_bytes()),
        Literal::Bytes(literal) => bytes(column, op, literal),
    }
}

/// Values that a column is searched for, each once and in order. Of booleans a list is never long enough.
#[derive(Debug, Clone)]
pub(super) enum Sorted {
    Integers(Vec<i128>),
    WideIntegers(Vec<i256>),
    Floats(Vec<i64>),
    Bytes(Vec<Vec<u8>>),
}

impl Sorted {
    /// Of sorted literals of this type.
    pub(super) fn new(literals: Vec<Literal>, leaf: &DataType) -> Self {
        let integers = literals.iter().filter_map(|literal| match literal {
            Literal::Integer(value) => Some(*value),
            _ => None,
        });
        match leaf {
            DataType::Decimal256(..) => Sorted::WideIntegers(integers.collect()),
            DataType::Float16 | DataType::Float32 | DataType::Float64 => {
                let floats = literals.iter().filter_map(|literal| match literal {
                    Literal::Float(value) => Some(ordered(*value)),
                    _ => None,
                });
                Sorted::Floats(floats.collect())
            }
            _ if Integers::of(leaf).is_some() => Sorted::Integers(integers.map(narrow).collect()),
            _ => {
                let bytes = literals.into_iter().filter_map(|literal| match literal {
                    Literal::Text(text) => Some(text.into_bytes()),
                    Literal::Bytes(bytes) => Some(bytes),
                    _ => None,
                });
                Sorted::Bytes(bytes.collect())
            }
        }
    }

    /// For each value of the column whether it is one of them.
    pub(super) fn hold(&self, column: &dyn Array) -> BooleanBuffer {
        match (self, Integers::of(column.data_type())) {
            (Sorted::Integers(sorted), Some(integers)) => integers.among(&column.to_data(), sorted),
            (Sorted::WideIntegers(sorted), _) => {
                each(values::<i256>(&column.to_data()), |value| sorted.binary_search(&value).is_ok())
            }
            (Sorted::Floats(sorted), _) => {
                floats(&column.to_data(), |value| sorted.binary_search(&value).is_ok())
            }
            (Sorted::Bytes(sorted), _) => {
                cells(column, |value| sorted.binary_search_by(|listed| listed.as_slice().cmp(value)).is_ok())
            }
            (Sorted::Integers(_), None) => BooleanBuffer::new_unset(column.len()),
        }
    }
}

fn accepts(op: CompareOp, order: Ordering) -> bool {
    match op {
        CompareOp::Eq => order.is_eq(),
        CompareOp::NotEq => order.is_ne(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::LtEq => order.is_le(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::GtEq => order.is_ge(),
    }
}

/// The first and the last number that compare so, of those from `least` to `most`; `None` when there is none.
fn range(op: CompareOp, literal: i128, least: i128, most: i128) -> Option<(i128, i128)> {
    let (start, end) = match op {
        CompareOp::Lt => (least, literal.checked_sub(1)?),
        CompareOp::LtEq => (least, literal),
        CompareOp::Gt => (literal.checked_add(1)?, most),
        CompareOp::GtEq => (literal, most),
        CompareOp::Eq | CompareOp::NotEq => (literal, literal),
    };
    (start <= end).then_some((start, end))
}

fn narrow(literal: i256) -> i128 {
    literal.to_i128().expect("a literal is within the range of its column's type")
}

/// How a column's integers are stored, be they numbers, decimals or times of up to 128 bits.
#[derive(Debug, Clone, Copy)]
struct Integers {
    bytes: usize,
    is_signed: bool,
}

/// The same for integers of every width; signs are for `$body` to see to.
macro_rules! by_width {
    ($bytes:expr, $type:ident => $body:expr) => {
        match $bytes {
            1 => {
                type $type = u8;
                $body
            }
            2 => {
                type $type = u16;
                $body
            }
            4 => {
                type $type = u32;
                $body
            }
            8 => {
                type $type = u64;
                $body
            }
            _ => {
                type $type = u128;
                $body
            }
        }
    };
}

impl Integers {
    fn of(data_type: &DataType) -> Option<Self> {
        let bytes = data_type.primitive_width().filter(|bytes| *bytes <= size_of::<i128>())?;
        let is_signed = !data_type.is_unsigned_integer();
        (!data_type.is_floating()).then_some(Integers { bytes, is_signed })
    }

    /// The bits of 128 that a value does not have.
    fn spare(self) -> u32 {
        i128::BITS - 8 * self.bytes as u32
    }

    fn least(self) -> i128 {
        if self.is_signed { i128::MIN >> self.spare() } else { 0 }
    }

    fn most(self) -> i128 {
        if self.is_signed { i128::MAX >> self.spare() } else { (u128::MAX >> self.spare()) as i128 }
    }

    fn within(self, data: &ArrayData, start: i128, end: i128) -> BooleanBuffer {
        by_width!(self.bytes, Word => {
            // As many steps from the start as the range is long, counted around the end of the type.
            let (start, length) = (start as Word, end.wrapping_sub(start) as Word);
            each(values::<Word>(data), |value| value.wrapping_sub(start) <= length)
        })
    }

    #[allow(clippy::useless_conversion, reason = "one of the widths has 128 bits already")]
    fn among(self, data: &ArrayData, sorted: &[i128]) -> BooleanBuffer {
        let spare = if self.is_signed { self.spare() } else { 0 };
        by_width!(self.bytes, Word => each(values::<Word>(data), |value| {
            // The sign goes to where it is that of 128 bits, and back.
            let value = ((u128::from(value) << spare) as i128) >> spare;
            sorted.binary_search(&value).is_ok()
        }))
    }
}

fn floats(data: &ArrayData, test: impl Fn(i64) -> bool) -> BooleanBuffer {
    match data.data_type() {
        DataType::Float16 => each(values::<Half>(data), |value| test(ordered(value.to_f64()))),
        DataType::Float32 => each(values::<f32>(data), |value| test(ordered(value.into()))),
        _ => each(values::<f64>(data), |value| test(ordered(value))),
    }
}

/// Integers in the total order of floats: the bits, turned around below zero.
fn ordered(value: f64) -> i64 {
    let bits = value.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

fn bytes(column: &dyn Array, op: CompareOp, literal: &[u8]) -> BooleanBuffer {
    if let Some(Cells::Views(array)) = Cells::of(column) {
        return views(&array, op, literal);
    }
    match op {
        CompareOp::Eq => cells(column, |value| value == literal),
        _ => cells(column, |value| accepts(op, value.cmp(literal))),
    }
}

/// A view begins with the length and four bytes, which mostly decide.
fn views(array: &BinaryViewArray, op: CompareOp, literal: &[u8]) -> BooleanBuffer {
    let (views, view) = (array.views(), make_view(literal, 0, 0));
    if op == CompareOp::Eq {
        let is_whole = literal.len() <= MAX_INLINE_VIEW_LEN as usize;
        return BooleanBuffer::collect_bool(array.len(), |row| {
            views[row] as u64 == view as u64
                && if is_whole { views[row] == view } else { array.value(row) == literal }
        });
    }
    let beginning = |view: u128| ((view >> 32) as u32).swap_bytes();
    BooleanBuffer::collect_bool(array.len(), |row| {
        let order = beginning(views[row]).cmp(&beginning(view));
        accepts(op, order.then_with(|| array.value(row).cmp(literal)))
    })
}

fn cells(column: &dyn Array, test: impl Fn(&[u8]) -> bool) -> BooleanBuffer {
    let rows = column.len();
    match Cells::of(column) {
        Some(Cells::Offsets(array)) => BooleanBuffer::collect_bool(rows, |row| test(array.value(row))),
        Some(Cells::LargeOffsets(array)) => BooleanBuffer::collect_bool(rows, |row| test(array.value(row))),
        Some(cells) => BooleanBuffer::collect_bool(rows, |row| test(cells.get(row))),
        None => BooleanBuffer::new_unset(rows),
    }
}

fn values<T: ArrowNativeType>(data: &ArrayData) -> &[T] {
    &data.buffer::<T>(0)[..data.len()]
}

/// A bit for each value, 64 of them at a time.
fn each<T: Copy>(values: &[T], test: impl Fn(T) -> bool) -> BooleanBuffer {
    let word = |values: &[T]| {
        let bits = values.iter().enumerate();
        bits.fold(0_u64, |word, (bit, value)| word | u64::from(test(*value)) << bit).to_le()
    };
    let (words, rest) = values.as_chunks::<64>();
    let mut bits = Vec::with_capacity(words.len() + 1);
    bits.extend(words.iter().map(|values| word(values)));
    bits.push(word(rest));
    BooleanBuffer::new(Buffer::from_vec(bits), 0, values.len())
}
