//! Dates and times of the crate `time`, instants with an offset or a zone of their own, and spans of `jiff`.
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(all(feature = "chrono", feature = "chrono-tz", feature = "jiff", feature = "time"))]

mod support;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrayRef, Int16Array, RecordBatch, StringArray, StructArray, TimestampSecondArray};
use arrow_buffer::IntervalMonthDayNano;
use arrow_schema::{DataType, Field, Fields, TimeUnit};
use chrono::{DateTime, FixedOffset, TimeZone, Utc};
use chrono_tz::Tz;
use flexconnect_core::{FromBatch, Table};
use jiff::{Span, Zoned};
use support::rows::{batch, fault, round_trip, type_of};
use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcDateTime, UtcOffset};

#[derive(Table, Clone, Debug, PartialEq)]
struct Times {
    date: Date,
    #[column(as = "Date64")]
    days: Option<Date>,
    time: Time,
    #[column(unit = "ns")]
    nanos: Time,
    local: PrimitiveDateTime,
    utc: UtcDateTime,
    #[column(unit = "ms", tz = "Europe/Vienna")]
    dropped: OffsetDateTime,
    #[column(offset, unit = "ns")]
    kept: OffsetDateTime,
    length: Duration,
    #[column(unit = "ns")]
    many: Vec<Option<Duration>>,
}

fn times(year: i32, nanos: u32, minutes: i32) -> Times {
    let date = Date::from_calendar_date(year, Month::February, 28).unwrap();
    let time = Time::from_hms_micro(23, 59, 59, nanos / 1000).unwrap();
    let local = PrimitiveDateTime::new(date, time);
    let offset = UtcOffset::from_whole_seconds(minutes * 60).unwrap();
    let at = OffsetDateTime::new_in_offset(date, Time::from_hms_nano(1, 2, 3, nanos).unwrap(), offset);
    Times {
        date,
        days: (minutes != 0).then_some(date),
        time,
        nanos: Time::from_hms_nano(0, 0, 0, nanos).unwrap(),
        local,
        utc: local.as_utc(),
        dropped: OffsetDateTime::from_unix_timestamp(i64::from(year) * 1000).unwrap(),
        kept: at,
        length: Duration::microseconds(i64::from(year - 1970) * 1_000_003),
        many: vec![None, Some(Duration::nanoseconds(-1)), Some(Duration::ZERO)],
    }
}

#[test]
fn dates_and_times_of_time() {
    let rows = [times(1970, 0, 0), times(1969, 999_999_999, -719), times(1680, 1, 840), times(2260, 7, 1)];
    let written = round_trip(&rows);
    let kept = written.column(7).as_struct();
    assert_eq!(kept.column_names(), ["timestamp", "offset_minutes"]);
    assert_eq!(kept.column(0).data_type(), &DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())));
    assert_eq!(kept.column(1).as_primitive::<Int16Type>().values(), &[0, -719, 840, 1]);
    let name = &written.schema().field(7).metadata()["ARROW:extension:name"].clone();
    assert_eq!(name, "arrow.timestamp_with_offset");
    assert_eq!(written.column(0).as_primitive::<Date32Type>().value(0), 58);
    let far = fault([times(9999, 0, 0)]);
    assert!(
        far.contains("column `kept.timestamp`: lies outside the range of a timestamp in nanoseconds"),
        "{far}"
    );
    let odd = OffsetDateTime::UNIX_EPOCH.to_offset(UtcOffset::from_whole_seconds(1).unwrap());
    let odd = fault([times(1970, 0, 0), Times { kept: odd, ..times(1970, 0, 0) }]);
    assert_eq!(
        odd,
        "row 1, column `kept.offset_minutes`: an offset of 1 seconds is not one of whole minutes"
    );
}

#[derive(Table, Clone, Debug, PartialEq)]
struct Zones {
    #[column(tz = "Europe/Berlin")]
    own: DateTime<Tz>,
    #[column(tz = "America/New_York", unit = "ns", truncate)]
    maybe: Option<DateTime<Tz>>,
    #[column(tz = "+02:00")]
    utc: DateTime<Utc>,
    #[column(offset)]
    offset: DateTime<FixedOffset>,
    #[column(offset, unit = "s")]
    many: Vec<Option<DateTime<FixedOffset>>>,
    #[column(tz = "UTC")]
    zoned: Zoned,
    #[column(offset)]
    fixed: Option<Zoned>,
}

#[test]
fn a_value_has_the_zone_of_its_column_or_an_offset_of_its_own() {
    let row = |micros: i64, minutes: i32| {
        let utc = DateTime::from_timestamp_micros(micros).unwrap();
        let offset = FixedOffset::east_opt(minutes * 60).unwrap();
        let at = jiff::Timestamp::from_microsecond(micros).unwrap();
        let fixed = jiff::tz::Offset::from_seconds(minutes * 60).unwrap();
        Zones {
            own: utc.with_timezone(&Tz::Europe__Berlin),
            maybe: (minutes > 0).then(|| utc.with_timezone(&Tz::America__New_York)),
            utc,
            offset: utc.with_timezone(&offset),
            many: vec![None, Some(offset.timestamp_opt(micros / 1_000_000, 0).unwrap())],
            zoned: at.to_zoned(jiff::tz::TimeZone::UTC),
            fixed: (minutes != 0).then(|| at.to_zoned(fixed.to_time_zone())),
        }
    };
    let rows = [row(0, 0), row(-1, -90), row(1_700_000_000_123_456, 845), row(-9_000_000_000_000_000, 1)];
    let written = round_trip(&rows);
    // Equal instants may have different zones, and these do not.
    let read = Zones::from_batch(&written).unwrap();
    for (read, row) in read.iter().zip(&rows) {
        assert_eq!((read.own.timezone(), read.offset.offset()), (Tz::Europe__Berlin, row.offset.offset()));
        assert_eq!(read.fixed.as_ref().map(|at| at.offset()), row.fixed.as_ref().map(|at| at.offset()));
    }
    assert_eq!(type_of::<Zones>("own"), "Timestamp(µs, \"Europe/Berlin\")");
    assert_eq!(type_of::<Zones>("utc"), "Timestamp(µs, \"+02:00\")");

    #[derive(Table, Debug)]
    #[allow(dead_code, reason = "read, not looked at")]
    struct Unknown {
        #[column(tz = "Mars/Olympus")]
        own: DateTime<Tz>,
    }
    let error = Unknown::from_batch(&written).unwrap_err().to_string();
    assert_eq!(error, "row 0, column `own`: lies in the time zone `Mars/Olympus`, which is not known here");
}

#[test]
fn offsets_are_read_in_every_layout() {
    #[derive(Table, Debug, PartialEq)]
    struct Row {
        #[column(offset)]
        at: DateTime<FixedOffset>,
    }
    let of = |offsets: ArrayRef, nullable: bool| {
        let instants: ArrayRef = Arc::new(TimestampSecondArray::from(vec![0, 60]).with_timezone("UTC"));
        let fields = Fields::from(vec![
            Field::new("timestamp", instants.data_type().clone(), false),
            Field::new("offset_minutes", offsets.data_type().clone(), nullable),
        ]);
        let column: ArrayRef = Arc::new(StructArray::new(fields, vec![instants, offsets], None));
        RecordBatch::try_from_iter([("at", column)]).unwrap()
    };
    let keys = arrow_array::Int8Array::from(vec![1, 0]);
    let dictionary = arrow_array::DictionaryArray::new(keys, Arc::new(Int16Array::from(vec![-60, 120])));
    let read = Row::from_batch(&of(Arc::new(dictionary), false)).unwrap();
    let offsets: Vec<_> = read.iter().map(|row| row.at.offset().local_minus_utc()).collect();
    assert_eq!(offsets, [7200, -3600]);
    let error =
        Row::from_batch(&of(Arc::new(Int16Array::from(vec![0, i16::MAX])), false)).unwrap_err().to_string();
    assert_eq!(error, "row 1, column `at`: lies outside the range of `DateTime<FixedOffset>`");
    let error =
        Row::from_batch(&of(Arc::new(Int16Array::from(vec![Some(0), None])), true)).unwrap_err().to_string();
    assert!(error.starts_with("row 1, column `at.offset_minutes`: is null"), "{error}");
    let text: ArrayRef = Arc::new(StringArray::from(vec!["x", "y"]));
    let error =
        Row::from_batch(&RecordBatch::try_from_iter([("at", text)]).unwrap()).unwrap_err().to_string();
    assert!(error.contains("it should be Struct(timestamp, offset_minutes), the extension"), "{error}");
}

#[derive(Table, Clone, Debug)]
struct Spans {
    span: Span,
    maybe: Option<Span>,
}

#[test]
fn spans_are_months_days_and_nanoseconds() {
    let span: Span = "P1y2m3w4dT5h6m7.000000008s".parse().unwrap();
    let spans = Spans { span, maybe: Some(-span) };
    let written = batch([spans, Spans { span: Span::new(), maybe: None }]);
    let values = written.column(0).as_primitive::<IntervalMonthDayNanoType>();
    assert_eq!(values.value(0), IntervalMonthDayNano::new(14, 25, 18_367_000_000_008));
    let read = Spans::from_batch(&written).unwrap();
    let expected = Span::new().months(14).days(25).nanoseconds(18_367_000_000_008_i64);
    assert_eq!(read[0].span.fieldwise(), expected.fieldwise());
    assert_eq!(read[0].maybe.unwrap().fieldwise(), (-expected).fieldwise());
    assert!(read[1].span.is_zero() && read[1].maybe.is_none());
    let long = fault([Spans { span: Span::new().hours(175_307_616), maybe: None }]);
    assert!(long.contains("has more nanoseconds than 64 bits can count"), "{long}");

    #[derive(Table)]
    struct Raw {
        span: IntervalMonthDayNano,
    }
    let mixed = batch([Raw { span: IntervalMonthDayNano::new(1, -1, 0) }]);
    let error = Spans::from_batch(&mixed).unwrap_err().to_string();
    assert_eq!(error, "row 0, column `span`: has parts of both signs, and a `Span` has one sign");
}
