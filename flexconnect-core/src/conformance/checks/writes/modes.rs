//! What each mode makes of the rows that are there.

use super::sample::rows_of;
use super::{Scratch, bytes, with};
use crate::capabilities::WriteMode;
use crate::conformance::report::{Findings, Verdict};
use crate::error::{Error, ErrorKind};

/// The table then holds these rows and no others.
pub(super) async fn overwrite(scratch: &Scratch<'_>) -> Verdict {
    const ADVICE: &str = "replace all rows by those written, in one step; by none, too";
    if let Some(unfit) = scratch.unfit(WriteMode::Overwrite) {
        return unfit;
    }
    let mut findings = Findings::default();
    let work = async {
        let (first, second) = (&scratch.sample.first, &scratch.sample.second);
        for (place, batch) in [("overwritten", first), ("overwritten again", second)] {
            let request = scratch.request(batch, WriteMode::Overwrite);
            scratch.write(request, std::slice::from_ref(batch)).await?;
            scratch.expect(place, &bytes(batch)?, ADVICE, &mut findings).await;
        }
        scratch.write(scratch.request(first, WriteMode::Overwrite), &[]).await?;
        scratch.expect("overwritten by no rows", &[], ADVICE, &mut findings).await;
        Ok::<_, Error>(())
    };
    if let Err(error) = work.await {
        findings.add("an overwrite", error.to_string(), ADVICE);
    }
    findings.verdict()
}

/// Rows with a key that is there are replaced, others are added.
pub(super) async fn upsert(scratch: &Scratch<'_>) -> Verdict {
    const ADVICE: &str =
        "replace the row with the same primary key, add rows with a new one, and touch no other";
    if let Some(unfit) = scratch.unfit(WriteMode::Upsert) {
        return unfit;
    }
    let mut findings = Findings::default();
    let work = async {
        let sample = &scratch.sample;
        let others = begin(scratch).await?;
        let changed = sample.changed().map_err(made)?;
        let write = |batch: &arrow_array::RecordBatch| {
            let batch = batch.clone();
            async move {
                let request = scratch.request(&batch, WriteMode::Upsert);
                scratch.write(request, std::slice::from_ref(&batch)).await
            }
        };
        write(&sample.first).await?;
        let expected = with(others.clone(), &sample.first)?;
        scratch.expect("new keys", &expected, ADVICE, &mut findings).await;
        let half: Vec<usize> = (0..sample.first.num_rows() / 2).collect();
        let rest: Vec<usize> = (half.len()..sample.first.num_rows()).collect();
        write(&rows_of(&changed, &half).map_err(made)?).await?;
        let expected = with(others, &rows_of(&changed, &half).map_err(made)?)?;
        let expected = with(expected, &rows_of(&sample.first, &rest).map_err(made)?)?;
        scratch.expect("keys that are there", &expected, ADVICE, &mut findings).await;
        Ok::<_, Error>(())
    };
    if let Err(error) = work.await {
        findings.add("an upsert", error.to_string(), ADVICE);
    }
    findings.verdict()
}

/// Rows with these keys go, others stay.
pub(super) async fn delete(scratch: &Scratch<'_>) -> Verdict {
    const ADVICE: &str =
        "remove the rows with these primary keys, and no other; a key that is not there is no fault";
    if let Some(unfit) = scratch.unfit(WriteMode::Delete) {
        return unfit;
    }
    let mut findings = Findings::default();
    let work = async {
        let sample = &scratch.sample;
        let others = begin(scratch).await?;
        let adds = [WriteMode::Append, WriteMode::Upsert];
        let Some(mode) = adds.into_iter().find(|mode| scratch.bench.capabilities.writes(*mode)) else {
            return Ok(());
        };
        scratch.write(scratch.request(&sample.first, mode), std::slice::from_ref(&sample.first)).await?;
        let half: Vec<usize> = (0..sample.first.num_rows() / 2).collect();
        let rest: Vec<usize> = (half.len()..sample.first.num_rows()).collect();
        let going = rows_of(&sample.first, &half).map_err(made)?;
        let keys: Vec<_> =
            sample.key.iter().filter_map(|column| going.schema_ref().index_of(column).ok()).collect();
        let keys = going.project(&keys).map_err(|error| made(error.to_string()))?;
        let expected = with(others, &rows_of(&sample.first, &rest).map_err(made)?)?;
        for place in ["keys that are there", "keys that are gone"] {
            let request = scratch.request(&keys, WriteMode::Delete);
            scratch.write(request, std::slice::from_ref(&keys)).await?;
            scratch.expect(place, &expected, ADVICE, &mut findings).await;
        }
        Ok::<_, Error>(())
    };
    if let Err(error) = work.await {
        findings.add("a delete", error.to_string(), ADVICE);
    }
    findings.verdict()
}

/// Sees to it that the keys of the first lot are free; the rows that are there then.
async fn begin(scratch: &Scratch<'_>) -> Result<Vec<Vec<u8>>, Error> {
    let (capabilities, sample) = (scratch.bench.capabilities, &scratch.sample);
    if capabilities.writes(WriteMode::Overwrite) {
        return scratch.begin_with(&sample.third).await;
    }
    if capabilities.writes(WriteMode::Delete) {
        let lot = &sample.first;
        scratch.write(scratch.request(lot, WriteMode::Delete), std::slice::from_ref(lot)).await?;
    }
    let rows = scratch.rows().await?;
    let first = bytes(&sample.first)?;
    // Without a way to take rows away those of an earlier check are replaced.
    Ok(rows.into_iter().filter(|row| !first.contains(row)).collect())
}

fn made(why: String) -> Error {
    Error::new(ErrorKind::Internal, format!("the rows to write cannot be made: {why}"))
}
