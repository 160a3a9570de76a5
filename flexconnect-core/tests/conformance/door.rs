//! Tables as a door of one's own shows them: what flexconnect enforces in the process, a door may still get wrong.

use std::sync::Arc;

use async_trait::async_trait;
use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::arrow_schema::{Schema, SchemaRef};
use flexconnect_core::config::Parameter;
use flexconnect_core::conformance::{self, OpenTable, Options, Report, Subject, TableRead};
use flexconnect_core::{
    Batches, BoxWriter, Capabilities, Connector, Dataset, Error, Partition, ReadRequest, Result, Rows, State,
    Table, WriteMode, WriteRequest, WriteSummary, Writer,
};
use futures::StreamExt;
use futures::executor::block_on;
use serde_json::{Map, Value};

use crate::only_fails;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    ForgetsMetadata,
    IgnoresUnknownColumns,
    IgnoresFiltersThatDoNotFit,
    TakesEveryMode,
    TakesTokens,
    BeginsAtAnyState,
    ListsPartitions,
    LimitsEachBatch,
    NeverEnds,
}

#[derive(Table)]
struct Word {
    number: i64,
    text: String,
}

/// Right by itself.
struct Words;

impl Connector for Words {
    const NAME: &'static str = "words";
    type Config = ();
    type Row = Word;

    fn capabilities() -> Capabilities {
        Capabilities::read().with_write([WriteMode::Append])
    }

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(Words)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Word> {
        Rows::iter((0..30).map(|number| Word { number, text: format!("word {number}") }))
    }

    async fn get_writer(&self, _: WriteRequest) -> Result<BoxWriter> {
        Ok(BoxWriter::new(Taken))
    }
}

struct Taken;

impl Writer for Taken {
    async fn write(&mut self, _: RecordBatch) -> Result<()> {
        Ok(())
    }

    async fn commit(self) -> Result<WriteSummary> {
        Ok(WriteSummary::default())
    }
}

#[derive(Clone)]
struct Door {
    dataset: Arc<dyn Dataset>,
    fault: Fault,
}

#[async_trait]
impl Subject for Door {
    fn path(&self) -> &[String] {
        self.dataset.path()
    }

    fn parameters(&self) -> Option<Vec<Parameter>> {
        None
    }

    fn capabilities(&self) -> Capabilities {
        self.dataset.capabilities().clone()
    }

    async fn described(&self) -> Result<String, Error> {
        Ok("words".into())
    }

    async fn open(&self, _: Map<String, Value>) -> Result<Box<dyn OpenTable>, Error> {
        Ok(Box::new(self.clone()))
    }
}

#[async_trait]
impl OpenTable for Door {
    async fn check(&self) -> Result<(), Error> {
        if self.fault == Fault::NeverEnds {
            return std::future::pending().await;
        }
        self.dataset.check().await
    }

    async fn schema(&self) -> Result<SchemaRef, Error> {
        self.dataset.clone().schema().await
    }

    async fn partitions(&self, request: &ReadRequest) -> Result<Vec<Partition>, Error> {
        if self.fault == Fault::ListsPartitions {
            return Ok(vec![Partition::new("a"), Partition::new("b")]);
        }
        self.dataset.partitions(request).await
    }

    async fn count_rows(&self, request: &ReadRequest) -> Result<Option<u64>, Error> {
        self.dataset.count_rows(request).await
    }

    async fn read(&self, mut request: ReadRequest) -> Result<Box<dyn TableRead>, Error> {
        let schema = self.dataset.clone().schema().await?;
        if let (Fault::IgnoresUnknownColumns, Some(columns)) = (self.fault, &mut request.projection) {
            columns.retain(|column| schema.field_with_name(column).is_ok());
        }
        if self.fault == Fault::IgnoresFiltersThatDoNotFit {
            request.predicates.retain(|predicate| predicate.check(&schema).is_ok());
        }
        if self.fault == Fault::BeginsAtAnyState {
            request.state = None;
        }
        let mut extra = 0;
        if let (Fault::LimitsEachBatch, Some(limit)) = (self.fault, &mut request.limit) {
            extra = u64::from((1..30).contains(limit));
            *limit += extra;
        }
        let _ = extra;
        Ok(Box::new(Read { batches: self.dataset.clone().read(request).await?, fault: self.fault }))
    }

    async fn writer(&self, mut request: WriteRequest) -> Result<BoxWriter, Error> {
        if self.fault == Fault::TakesEveryMode {
            request.mode = WriteMode::Append;
        }
        if self.fault == Fault::TakesTokens {
            request.idempotency_token = None;
        }
        self.dataset.writer(request).await
    }

    fn carries_state(&self) -> bool {
        true
    }
}

struct Read {
    batches: Batches,
    fault: Fault,
}

#[async_trait]
impl TableRead for Read {
    fn schema(&self) -> SchemaRef {
        self.batches.schema()
    }

    async fn next_batch(&mut self) -> Option<Result<RecordBatch, Error>> {
        let batch = self.batches.next().await?;
        Some(batch.map(|batch| {
            if self.fault != Fault::ForgetsMetadata {
                return batch;
            }
            let bare = Arc::new(Schema::new(batch.schema().fields().clone()));
            RecordBatch::try_new(bare, batch.columns().to_vec()).unwrap()
        }))
    }

    fn take_checkpoint(&mut self) -> Option<State> {
        self.batches.take_checkpoint()
    }
}

fn examine(fault: Fault) -> Report {
    let dataset = block_on(flexconnect_core::open::<Words, ()>(["words"], (), &())).unwrap();
    let subject: Box<dyn Subject> = Box::new(Door { dataset, fault });
    let patience = std::time::Duration::from_millis(if fault == Fault::NeverEnds { 50 } else { 60_000 });
    block_on(conformance::examine(&[subject], &Options::new().with_patience(patience)))
}

#[test]
fn a_door_that_loosens_a_promise_is_found() {
    examine(Fault::None).assert();
    for (fault, check) in [
        (Fault::ForgetsMetadata, "schema"),
        (Fault::IgnoresUnknownColumns, "projection"),
        (Fault::IgnoresFiltersThatDoNotFit, "filters"),
        (Fault::LimitsEachBatch, "limit"),
        (Fault::TakesEveryMode, "write refusals"),
        (Fault::TakesTokens, "write refusals"),
        (Fault::BeginsAtAnyState, "state"),
        (Fault::ListsPartitions, "partitions"),
        (Fault::NeverEnds, "check"),
    ] {
        only_fails(&examine(fault), check, &format!("{fault:?}"));
    }
}

#[test]
fn an_open_dataset_is_examined_as_it_is() {
    let dataset = block_on(flexconnect_core::open::<Words, ()>(["words"], (), &())).unwrap();
    let report = block_on(conformance::check(&dataset, Options::new()));
    report.assert();
    assert!(report.to_string().contains("not applicable  config"), "{report}");
}
