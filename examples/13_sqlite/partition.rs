//! Parts of a table: ranges of row numbers, which SQLite finds at once. Each is read as it is at one moment, which
//! need not be that of another.

use flexconnect_core::{Error, ErrorKind, Partition};
use rusqlite::Connection;

use super::identifier;
use super::shape::Shape;
use crate::store::fault::explain;

/// At most this many parts: each is read on a connection and a thread of its own.
const MOST: i128 = 16;

/// The first and the last row number of a part; `None` is open, so that all parts together hold every row that
/// is ever there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Range {
    pub(super) first: Option<i64>,
    pub(super) last: Option<i64>,
}

/// The parts of a table, each of at least `rows_each` row numbers. What has no row numbers is one part.
///
/// # Errors
/// What SQLite raises.
pub(super) fn list(connection: &Connection, shape: &Shape, rows_each: u64) -> Result<Vec<Partition>, Error> {
    let Some(rowid) = &shape.rowid else { return Ok(vec![Range::default().partition()]) };
    let (table, rowid) = (identifier(&shape.name), identifier(rowid));
    // Each by itself is a look at one end of the table; together they would be a walk through it.
    let ends =
        format!("SELECT (SELECT min({rowid}) FROM main.{table}), (SELECT max({rowid}) FROM main.{table})");
    let ends = connection.query_row(&ends, [], |row| Ok((row.get(0)?, row.get(1)?))).map_err(explain)?;
    let ranges = match ends {
        (Some(lowest), Some(highest)) => ranges(lowest, highest, rows_each),
        _ => vec![Range::default()],
    };
    Ok(ranges.into_iter().map(Range::partition).collect())
}

/// Equal ranges that begin at multiples of their length, a power of two: while the table grows they stay the same
/// until there would be too many.
fn ranges(lowest: i64, highest: i64, rows_each: u64) -> Vec<Range> {
    let (lowest, highest) = (i128::from(lowest), i128::from(highest));
    let mut length = i128::from(rows_each.max(1)).cast_unsigned().next_power_of_two().cast_signed();
    while highest.div_euclid(length) - lowest.div_euclid(length) >= MOST {
        length *= 2;
    }
    // Between the ends of the table, so within 64 bits.
    let begins = |range: i128| i64::try_from(range * length).ok();
    let (first, last) = (lowest.div_euclid(length), highest.div_euclid(length));
    (first..=last)
        .map(|range| Range {
            first: if range == first { None } else { begins(range) },
            last: if range == last { None } else { begins(range + 1).map(|begin| begin - 1) },
        })
        .collect()
}

impl Range {
    /// `..99`, `100..199`, `200..`: what a command and a ticket call it.
    fn partition(self) -> Partition {
        let end = |end: Option<i64>| end.map(|end| end.to_string()).unwrap_or_default();
        Partition::new(format!("{}..{}", end(self.first), end(self.last)))
    }

    /// The range a partition stands for.
    ///
    /// # Errors
    /// Not found when its token is none of ours.
    pub(super) fn of(partition: &Partition) -> Result<Self, Error> {
        let end = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
        let ends = partition.token.split_once("..");
        ends.and_then(|(first, last)| Some(Range { first: end(first)?, last: end(last)? })).ok_or_else(|| {
            let message = "a part of this table is named by its first and last row number, as in `1..1000`";
            Error::new(ErrorKind::NotFound, message)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(lowest: i64, highest: i64, rows_each: u64) -> Vec<String> {
        ranges(lowest, highest, rows_each).into_iter().map(|range| range.partition().token).collect()
    }

    #[test]
    fn ranges_are_disjoint_and_complete() {
        assert_eq!(named(1, 20, 8), ["..7", "8..15", "16.."]);
        assert_eq!(named(1, 7, 8), [".."]);
        assert_eq!(named(-5, 5, 4), ["..-5", "-4..-1", "0..3", "4.."]);
        // Growing, the table keeps its parts.
        assert_eq!(named(1, 127, 8)[..15], named(1, 120, 8)[..15]);
        for (lowest, highest) in
            [(i64::MIN, i64::MAX), (i64::MAX, i64::MAX), (i64::MIN, i64::MIN), (0, 1 << 40)]
        {
            for rows_each in [1, 1000, u64::MAX] {
                let ranges = ranges(lowest, highest, rows_each);
                assert!(ranges.len() <= 16);
                assert_eq!((ranges[0].first, ranges[ranges.len() - 1].last), (None, None));
                for pair in ranges.windows(2) {
                    assert_eq!(pair[0].last.map(|last| last + 1), pair[1].first);
                }
            }
        }
    }

    #[test]
    fn a_name_leads_back_to_its_range() {
        for range in ranges(-100, 100, 16) {
            assert_eq!(Range::of(&range.partition()).unwrap(), range);
        }
        for token in ["", "1", "a..b", "1..2..3", "..99999999999999999999"] {
            assert_eq!(Range::of(&Partition::new(token)).unwrap_err().kind(), ErrorKind::NotFound, "{token}");
        }
    }
}
