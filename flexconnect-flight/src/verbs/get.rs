//! DoGet: the rows a ticket stood for.

use flexconnect_core::{Error, ErrorKind};
use futures::{Stream, StreamExt, TryStreamExt};

use crate::call::Call;
use crate::command::Planned;
use crate::verbs::plan::Plan;
use crate::verbs::tables::Tables;
use crate::wire::encode::{Encoding, Messages};
use crate::wire::framing::Message;

/// The messages of a read: its schema, then its rows. All the read holds hangs on this stream.
///
/// What fails before the first row is an error here, what fails later is the stream's last item.
pub(crate) async fn get(
    tables: &Tables,
    call: &Call,
    planned: Planned,
    encoding: Encoding,
) -> Result<impl Stream<Item = Result<Message, Error>> + Send + use<>, Error> {
    let (path, partition) = (planned.command.path.join("/"), planned.partition.clone());
    let Plan { dataset, request, result, .. } = Plan::of_ticket(tables, planned, call).await?;
    let mut batches = dataset.read(request).await?;
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
