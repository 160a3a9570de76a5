//! One read: what the connector is asked, and what becomes of its batches.

use std::sync::{Arc, PoisonError};
use std::task::Poll;

use arrow_array::{Array, RecordBatch};
use arrow_schema::SchemaRef;

use super::Dataset;
use super::opened::Opened;
use crate::batches::{Batches, Contract, Handed, ReadLog, Slot, Source, hand_over};
use crate::connector::Connector;
use crate::error::{Error, ErrorKind};
use crate::partition::Partition;
use crate::predicate::Predicate;
use crate::record::{Layout, Record, RowBuffer};
use crate::request::ReadRequest;
use crate::rows::Marks;
use crate::state::State;
use crate::unwind::caught;

/// A read that is prepared: what is known before the first row.
pub(super) struct Reading<C, S> {
    dataset: Arc<Opened<C, S>>,
    request: ReadRequest,
    /// `None`: the columns are found from the first rows.
    table: Option<SchemaRef>,
    residual: Vec<Predicate>,
    pushed: Vec<Predicate>,
    /// `None` stands for a table without partitions.
    partitions: Vec<Option<Partition>>,
    log: ReadLog,
    slot: Slot,
    checkpoint: Option<State>,
    /// What the author said of the rows, until it is handed over.
    marks: Option<Marks>,
    /// Whether it was: that of the first partition counts.
    marked: bool,
}

impl<C: Connector<S>, S: Send + Sync + 'static> Reading<C, S> {
    pub(super) async fn prepare(dataset: Arc<Opened<C, S>>, request: ReadRequest) -> Result<Batches, Error> {
        if !dataset.capabilities.read {
            return Err(dataset.place(Error::new(ErrorKind::Unsupported, "this table can only be written")));
        }
        check_state(request.state.as_ref(), dataset.capabilities.state)
            .map_err(|error| dataset.place(error))?;
        let asked = request.partition.as_ref().map(|partition| partition.id().to_owned());
        let mut log = ReadLog::start(C::NAME, &dataset.path, asked.as_deref());
        let prepared = async {
            let table = match &request.schema {
                Some(schema) => Some(schema.clone()),
                None => dataset.declared_schema().await?,
            };
            let (residual, pushed) = match &table {
                Some(_) => dataset.split(&request.predicates)?,
                None => {
                    // Rows that cannot say which columns there are say so before the source is asked.
                    <C::Row as Record>::Buffer::new(None, 0)?;
                    // Columns found from filtered rows would depend on the filter.
                    (request.predicates.clone(), Vec::new())
                }
            };
            let partitions = match &request.partition {
                Some(partition) => vec![Some(partition.clone())],
                None if dataset.capabilities.partitions => {
                    dataset.partitions(&request).await?.into_iter().map(Some).collect()
                }
                None => vec![None],
            };
            Ok((table, residual, pushed, partitions))
        };
        let (table, residual, pushed, partitions) = match prepared.await {
            Ok(prepared) => prepared,
            Err(error) => {
                let error = dataset.place(error);
                log.end(Err(&error));
                return Err(error);
            }
        };
        let slot = Slot::default();
        let table_known = table.clone();
        let mut reading = Reading {
            dataset,
            request,
            table,
            residual,
            pushed,
            partitions,
            log,
            slot: slot.clone(),
            checkpoint: None,
            marks: None,
            marked: false,
        };
        match table_known {
            Some(table) => match reading.contract(table) {
                Ok(contract) => {
                    let schema = contract.result().clone();
                    Ok(Batches::new(slot, reading.run(Some(contract))).with_schema(schema))
                }
                Err(error) => {
                    let error = reading.dataset.place(error);
                    reading.log.end(Err(&error));
                    Err(error)
                }
            },
            None => {
                let mut batches = Batches::new(slot, reading.run(None));
                batches.start().await?;
                Ok(batches)
            }
        }
    }

    fn contract(&self, table: SchemaRef) -> Result<Contract, Error> {
        let projection = self.request.projection.as_deref();
        Contract::new(table, projection, &self.request.predicates, self.residual.clone(), self.request.limit)
    }

    /// The whole read, as the future inside `Batches`.
    async fn run(mut self, mut contract: Option<Contract>) {
        let partitions = std::mem::take(&mut self.partitions);
        let mut last = None;
        let mut result = Ok(());
        for partition in partitions {
            if contract.as_ref().is_some_and(Contract::is_fulfilled) {
                break;
            }
            let dataset = self.dataset.clone();
            result = self.run_partition(&dataset, partition.as_ref(), &mut contract, &mut last).await;
            if let Err(error) = result {
                result = Err(match &partition {
                    Some(partition) => error.with_partition(partition.id()),
                    None => error,
                });
                break;
            }
        }
        if result.is_ok() && contract.is_none() {
            // No partition, so no row to find columns from.
            result =
                self.contract(Arc::new(arrow_schema::Schema::empty())).map(|empty| contract = Some(empty));
        }
        if let Some(batch) = last.take() {
            let handed = self.handed(batch);
            match result {
                Ok(()) => {
                    self.log.end(Ok(()));
                    return self.put(handed);
                }
                Err(_) => hand_over(&self.slot, handed).await,
            }
        }
        let checkpoint = self.checkpoint.take();
        match result {
            Ok(()) => {
                self.log.end(Ok(()));
                let schema = contract.map(|contract| contract.result().clone());
                let marks = self.marks.take();
                self.put(Handed { schema, batch: None, checkpoint, marks });
            }
            Err(error) => {
                let error = self.dataset.place(error);
                self.log.end(Err(&error));
                let marks = self.marks.take();
                self.put(Handed { schema: None, batch: Some(Err(error)), checkpoint, marks });
            }
        }
    }

    /// Reads one partition. `last` holds a batch back until it is known whether the author's work can
    /// end before the reader gets it.
    async fn run_partition(
        &mut self,
        dataset: &Opened<C, S>,
        partition: Option<&Partition>,
        contract: &mut Option<Contract>,
        last: &mut Option<RecordBatch>,
    ) -> Result<(), Error> {
        let hints = self.hints(partition);
        let layout = self.table.clone().zip(hints.read_schema());
        let layout = layout.map(|(table, wanted)| Layout { table, wanted });
        let size = (hints.batch_rows, hints.batch_bytes);
        let rows = caught(|| dataset.connector.generate_rows(hints))?;
        let mut source = Source::new(rows, layout, dataset.path.join("/").into(), size)?;
        loop {
            if let Some(batch) = last.take() {
                let handed = self.handed(batch);
                hand_over(&self.slot, handed).await;
            }
            let wanted = contract.as_ref().map_or(u64::MAX, Contract::rows_wanted);
            let produced = source.next(wanted).await;
            if !std::mem::replace(&mut self.marked, true) {
                self.marks = Some(source.marks().clone());
            }
            let Some(produced) = produced else { return Ok(()) };
            let produced = produced?;
            let contract = match contract {
                Some(contract) => contract,
                None => {
                    let table = produced.batch.schema();
                    self.table = Some(table.clone());
                    source.set_layout(Layout::whole(table.clone()))?;
                    let found = self.contract(table)?;
                    self.lock().schema = Some(found.result().clone());
                    contract.insert(found)
                }
            };
            let (batch, cut) = contract.apply(produced.batch)?;
            if let (Some(value), false) = (produced.checkpoint, cut) {
                self.checkpoint = C::capabilities().state.map(|version| State::new(version, value));
            }
            if batch.num_rows() > 0 {
                *last = Some(batch);
            } else {
                // A filter may refuse millions of rows: others must have their turn meanwhile.
                yield_now().await;
            }
            if contract.is_fulfilled() {
                return Ok(());
            }
        }
    }

    /// What the author is told. While the columns are still to be found the answer must not depend on
    /// what is asked, so nothing is.
    fn hints(&self, partition: Option<&Partition>) -> ReadRequest {
        let mut hints = self.request.clone();
        hints.partition = partition.cloned();
        hints.predicates = self.pushed.clone();
        hints.schema = self.table.clone();
        if self.table.is_none() {
            hints.projection = None;
        }
        hints.projection = hints.projection.map(|columns| self.needed(columns));
        if self.table.is_none() || !self.residual.is_empty() {
            hints.limit = None;
        }
        hints
    }

    /// The columns asked for and those the remaining filters look at.
    fn needed(&self, mut columns: Vec<String>) -> Vec<String> {
        for column in self.residual.iter().flat_map(Predicate::columns) {
            if !columns.iter().any(|needed| needed == column) {
                columns.push(column.to_owned());
            }
        }
        columns
    }

    fn handed(&mut self, batch: RecordBatch) -> Handed {
        let bytes =
            batch.columns().iter().map(|column| column.to_data().get_slice_memory_size().unwrap_or(0)).sum();
        self.log.batch(batch.num_rows(), bytes);
        let schema = Some(batch.schema());
        let (checkpoint, marks) = (self.checkpoint.take(), self.marks.take());
        Handed { schema, batch: Some(Ok(batch)), checkpoint, marks }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Handed> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, handed: Handed) {
        *self.lock() = handed;
    }
}

/// A state of an earlier version is the author's to understand; of a later one nobody can know what it means.
fn check_state(state: Option<&State>, declared: Option<u32>) -> Result<(), Error> {
    match (state, declared) {
        (Some(_), None) => {
            let message = "this table has no state to begin at; leave it out and read from the beginning";
            Err(Error::new(ErrorKind::Unsupported, message))
        }
        (Some(state), Some(version)) if state.version > version => {
            let message = format!(
                "the state to begin at is of version {}, and this connector knows up to {version}; use the connector \
                 that wrote it, or read from the beginning",
                state.version
            );
            Err(Error::new(ErrorKind::InvalidRequest, message))
        }
        _ => Ok(()),
    }
}

async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
