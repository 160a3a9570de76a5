//! Spans of the calendar: months, days and a time, none of which is a fixed number of the other.

use arrow_array::types::{IntervalDayTimeType, IntervalMonthDayNanoType, IntervalYearMonthType};
use arrow_array::{Array, ArrayRef, IntervalDayTimeArray, IntervalMonthDayNanoArray, IntervalYearMonthArray};
use arrow_buffer::{IntervalDayTime, IntervalMonthDayNano};
use arrow_schema::{DataType, IntervalUnit};

use crate::buffer::{Fault, PrimitiveBuffer, Slot};
use crate::column::encoding::IntervalYearMonth;
use crate::column::{Column, FromColumn, Item, Mismatch, Natural};

/// Implements one interval: what it is, and how it is made of months, days and nanoseconds.
macro_rules! interval {
    ($rust:ty, $encoding:ty, $arrow:ident, $unit:ident, $made:expr) => {
        impl Column<$encoding> for $rust {
            type Buffer = PrimitiveBuffer<$arrow>;

            fn data_type() -> DataType {
                DataType::Interval(IntervalUnit::$unit)
            }

            #[inline(always)]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                slot.push(*self);
            }
        }

        impl FromColumn<$encoding> for $rust {
            type Reader = IntervalReader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                IntervalReader::new(array, &<Self as Column<$encoding>>::data_type())
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                let made: fn(IntervalMonthDayNano) -> Option<Self> = $made;
                made(reader.get(row)).ok_or_else(|| {
                    let expected = <Self as Column<$encoding>>::data_type();
                    Box::new(Fault::new(row, format!("has parts that {expected} cannot say")))
                })
            }
        }
    };
}

interval!(i32, IntervalYearMonth, IntervalYearMonthType, YearMonth, |interval| {
    (interval.days == 0 && interval.nanoseconds == 0).then_some(interval.months)
});
interval!(IntervalDayTime, Natural, IntervalDayTimeType, DayTime, |interval| {
    let whole = interval.months == 0 && interval.nanoseconds % NANOS_PER_MILLI == 0;
    let milliseconds = i32::try_from(interval.nanoseconds / NANOS_PER_MILLI).ok();
    milliseconds.filter(|_| whole).map(|milliseconds| IntervalDayTime { days: interval.days, milliseconds })
});
interval!(IntervalMonthDayNano, Natural, IntervalMonthDayNanoType, MonthDayNano, Some);

impl Item<Natural> for IntervalDayTime {}
impl Item<Natural> for IntervalMonthDayNano {}

const NANOS_PER_MILLI: i64 = 1_000_000;

/// A column of intervals of any kind.
#[derive(Debug, Clone)]
pub enum IntervalReader {
    /// `Interval(YearMonth)`.
    Months(IntervalYearMonthArray),
    /// `Interval(DayTime)`.
    DayTime(IntervalDayTimeArray),
    /// `Interval(MonthDayNano)`.
    All(IntervalMonthDayNanoArray),
}

impl IntervalReader {
    /// Accepts all three kinds.
    ///
    /// # Errors
    /// A mismatch for any other type.
    pub fn new(array: &ArrayRef, best: &DataType) -> Result<Self, Vec<Mismatch>> {
        let any = array.as_any();
        let months = any.downcast_ref().cloned().map(Self::Months);
        let reader = months
            .or_else(|| any.downcast_ref().cloned().map(Self::DayTime))
            .or_else(|| any.downcast_ref().cloned().map(Self::All));
        reader.ok_or_else(|| Mismatch::of_type(format!("{best} (or another interval)"), array.data_type()))
    }

    /// The interval of one row.
    pub fn get(&self, row: usize) -> IntervalMonthDayNano {
        match self {
            Self::Months(array) => IntervalMonthDayNano::new(array.value(row), 0, 0),
            Self::DayTime(array) => {
                let IntervalDayTime { days, milliseconds } = array.value(row);
                IntervalMonthDayNano::new(0, days, i64::from(milliseconds) * NANOS_PER_MILLI)
            }
            Self::All(array) => array.value(row),
        }
    }
}
