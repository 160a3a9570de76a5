//! DoGet: the rows a ticket stood for.

use flexconnect_core::{Error, ErrorKind, ReadRequest};
use futures::{Stream, StreamExt, TryStreamExt};

use crate::call::Call;
use crate::command::Planned;
use crate::verbs::plan::Plan;
use crate::verbs::tables::Tables;
use crate::wire::encode::{Encoding, Messages};
use crate::wire::framing::Message;

/// So many readers at a time get batches of the full size,
const FULL: usize = 64;
/// two or three of which are held for a reader that takes nothing.
const ROWS: usize = ReadRequest::BATCH_ROWS;
const BYTES: usize = ReadRequest::BATCH_BYTES;
/// No batch is made smaller than this, or messages would cost more than rows.
const LEAST_ROWS: usize = 512;
const LEAST_BYTES: usize = 64 << 10;

/// The messages of a read: its schema, then its rows. All the read holds hangs on this stream. It is one of so many
/// readers: the more there are, the smaller are the batches of those that come.
///
/// What fails before the first row is an error here, what fails later is the stream's last item.
pub(crate) async fn get(
    tables: &Tables,
    call: &Call,
    planned: Planned,
    encoding: Encoding,
    readers: usize,
) -> Result<impl Stream<Item = Result<Message, Error>> + Send + use<>, Error> {
    let (path, partition) = (planned.command.path.join("/"), planned.partition.clone());
    let Plan { dataset, request, result, .. } = Plan::of_ticket(tables, planned, call).await?;
    let mut batches = dataset.read(sized(request, readers)).await?;
    batches.start().await?;
    if batches.schema() != result {
        // Cannot be: core keeps every batch to the schema that was pinned.
        let message = "the connector's rows have other columns than were announced";
        return Err(Error::new(ErrorKind::Internal, message).with_connector(path));
    }
    let (rows, bytes) = (call.traffic.clone(), call.traffic.clone());
    let batches = batches.inspect_ok(move |batch| rows.batch(batch.num_rows()));
    let messages = Messages::new(&result, batches, encoding)?;
    Ok(messages.map(move |message| {
        message.inspect(|message| bytes.message(message.len())).map_err(|error| {
            let error = error.with_connector(&path);
            match &partition {
                Some(partition) => error.with_partition(partition.id()),
                None => error,
            }
        })
    }))
}

/// The read, with its share of what all readers may hold together.
fn sized(request: ReadRequest, readers: usize) -> ReadRequest {
    if readers <= FULL {
        return request;
    }
    let share = |of_one: usize, least: usize| (of_one * FULL / readers).max(least);
    request.with_batch_size(share(ROWS, LEAST_ROWS), share(BYTES, LEAST_BYTES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_readers_hold_little_more_than_a_few() {
        let size = |readers| {
            let request = sized(ReadRequest::new(), readers);
            (request.batch_rows.unwrap_or(ROWS), request.batch_bytes.unwrap_or(BYTES))
        };
        assert_eq!((size(1), size(FULL)), ((ROWS, BYTES), (ROWS, BYTES)));
        assert_eq!((size(2 * FULL), size(100_000)), ((ROWS / 2, BYTES / 2), (LEAST_ROWS, LEAST_BYTES)));
        let (rows, bytes) = (1..=1_000).map(size).fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
        assert!(rows < 4 * FULL * ROWS && bytes < 4 * FULL * BYTES, "{rows} rows, {bytes} bytes");
    }
}
