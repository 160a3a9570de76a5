//! Dates and times of `chrono` and `jiff`, in both directions.
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(all(feature = "chrono", feature = "jiff"))]

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use flexconnect_core::record::{Accepts, Finished, RowBuffer};
use flexconnect_core::{FromBatch, Table};
use jiff::civil;

fn finish<R: Accepts<R>>(rows: impl IntoIterator<Item = R>) -> Finished {
    let mut buffer = R::Buffer::new(None, 0).unwrap();
    rows.into_iter().for_each(|row| R::push(&mut buffer, row));
    buffer.finish().unwrap()
}

fn write<R: Accepts<R>>(rows: impl IntoIterator<Item = R>) -> RecordBatch {
    let finished = finish(rows);
    assert!(finished.fault.is_none(), "{:?}", finished.fault);
    finished.batch
}

fn types(schema: &arrow_schema::Schema) -> Vec<String> {
    schema.fields().iter().map(|field| field.data_type().to_string()).collect()
}

#[derive(Table, Clone, PartialEq, Debug)]
struct Chrono {
    utc: DateTime<Utc>,
    #[column(unit = "ns", tz = "Europe/Berlin")]
    offset: DateTime<FixedOffset>,
    #[column(unit = "ms")]
    naive: Option<NaiveDateTime>,
    date: NaiveDate,
    #[column(as = "Date64")]
    date64: Vec<NaiveDate>,
    time: NaiveTime,
    #[column(unit = "s")]
    seconds: NaiveTime,
    #[column(unit = "ns")]
    delta: TimeDelta,
}

fn chrono(micros: i64) -> Chrono {
    let utc = DateTime::from_timestamp_micros(micros).unwrap();
    Chrono {
        utc,
        offset: utc.fixed_offset(),
        naive: Some(DateTime::from_timestamp_millis(micros / 1000).unwrap().naive_utc()),
        date: utc.date_naive(),
        date64: vec![NaiveDate::MIN, NaiveDate::MAX, utc.date_naive()],
        time: utc.time(),
        seconds: NaiveTime::from_hms_opt(23, 59, 59).unwrap(),
        delta: TimeDelta::microseconds(micros),
    }
}

const MICROS: [i64; 5] = [0, -1, 1_700_000_000_123_456, -62_135_596_800, 86_399_999_999];

#[test]
fn chrono_types_are_written_and_read() {
    let rows = MICROS.map(chrono);
    let batch = write(rows.clone());
    assert_eq!(
        types(&batch.schema()),
        [
            "Timestamp(µs, \"UTC\")",
            "Timestamp(ns, \"Europe/Berlin\")",
            "Timestamp(ms)",
            "Date32",
            "List(non-null Date64)",
            "Time64(µs)",
            "Time32(s)",
            "Duration(ns)"
        ]
    );
    assert_eq!(batch.column(0).as_primitive::<TimestampMicrosecondType>().values(), &MICROS);
    assert_eq!(batch.column(3).as_primitive::<Date32Type>().values(), &[0, -1, 19675, -1, 0]);
    assert_eq!(Chrono::from_batch(&batch).unwrap(), rows);
}

#[derive(Table)]
struct Leap {
    time: NaiveTime,
    #[column(unit = "ns")]
    at: DateTime<Utc>,
}

#[test]
fn a_leap_second_is_the_next_and_none_as_a_time_of_day() {
    let leap = NaiveDate::from_ymd_opt(2016, 12, 31).unwrap().and_hms_milli_opt(23, 59, 59, 1500).unwrap();
    let batch = write([Leap { time: NaiveTime::MIN, at: leap.and_utc() }]);
    assert_eq!(batch.column(1).as_primitive::<TimestampNanosecondType>().value(0), 1_483_228_800_500_000_000);
    let finished = finish([Leap { time: leap.time(), at: leap.and_utc() }]);
    assert_eq!(
        finished.fault.unwrap().to_string(),
        "row 0, column `time`: is a leap second, and a column of times ends at 23:59:59"
    );
    let finished = finish([Leap { time: NaiveTime::MIN, at: DateTime::<Utc>::MAX_UTC }]);
    assert_eq!(finished.fault.unwrap().place().column.as_deref(), Some("at"));
}

#[derive(Table, Clone, PartialEq, Debug)]
struct Jiff {
    #[column(unit = "ns")]
    instant: jiff::Timestamp,
    naive: civil::DateTime,
    date: civil::Date,
    #[column(as = "Date64")]
    date64: Option<civil::Date>,
    #[column(unit = "ns")]
    time: civil::Time,
    length: jiff::SignedDuration,
}

#[test]
fn jiff_types_are_written_and_read() {
    let rows = MICROS.map(|micros| {
        let instant = jiff::Timestamp::from_microsecond(micros).unwrap();
        let naive = instant.to_zoned(jiff::tz::TimeZone::UTC).datetime();
        Jiff {
            instant,
            naive,
            date: naive.date(),
            date64: Some(naive.date()),
            time: naive.time(),
            length: jiff::SignedDuration::from_micros(micros),
        }
    });
    let batch = write(rows.clone());
    assert_eq!(
        types(&batch.schema()),
        ["Timestamp(ns, \"UTC\")", "Timestamp(µs)", "Date32", "Date64", "Time64(ns)", "Duration(µs)"]
    );
    assert_eq!(batch.column(1).as_primitive::<TimestampMicrosecondType>().values(), &MICROS);
    assert_eq!(batch.column(2).as_primitive::<Date32Type>().values(), &[0, -1, 19675, -1, 0]);
    assert_eq!(Jiff::from_batch(&batch).unwrap(), rows);
}

#[test]
fn the_ends_of_the_calendar_do_not_panic() {
    let ends = [civil::DateTime::MIN, civil::DateTime::MAX].map(|naive| Jiff {
        instant: jiff::Timestamp::UNIX_EPOCH,
        naive,
        date: naive.date(),
        date64: Some(naive.date()),
        time: naive.time(),
        length: jiff::SignedDuration::ZERO,
    });
    let batch = write(ends.clone());
    let read = Jiff::from_batch(&batch).unwrap();
    assert_eq!(read[0], ends[0]);
    assert_eq!(read[1].date, ends[1].date);
    let finished = finish([Jiff {
        length: jiff::SignedDuration::MIN,
        instant: jiff::Timestamp::MIN,
        ..ends[0].clone()
    }]);
    assert_eq!(finished.fault.unwrap().place().column.as_deref(), Some("instant"));
}
