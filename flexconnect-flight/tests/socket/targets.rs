//! DoPut to a path where nothing is: a table that is made by writing it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_flight::{Action, FlightDescriptor};
use arrow_schema::SchemaRef;
use flexconnect_core::{
    BoxWriter, Capabilities, Config, Connector, Error, ErrorKind, Mount, Plugin, ReadRequest, Result, Rows,
    WriteMode, WriteRequest, WriteSummary, Writer,
};
use flexconnect_flight::Command;
use futures::TryStreamExt;
use serde_json::json;
use tonic::Code;

use crate::served::{cmd, serve};

/// A database in memory: tables by name.
#[derive(Clone, Default)]
struct Database(Arc<Mutex<BTreeMap<String, Stored>>>);

type Stored = (SchemaRef, Vec<RecordBatch>);

#[derive(Config)]
struct Which {
    /// The table's name.
    table: String,
}

/// One table of it, there already or not.
struct DatabaseTable {
    database: Database,
    name: String,
    /// As it was found when this was opened.
    schema: Option<SchemaRef>,
}

impl Connector<Database> for DatabaseTable {
    const NAME: &'static str = "database_table";
    type Config = Which;
    type Row = RecordBatch;

    fn capabilities() -> Capabilities {
        Capabilities::read().with_write([WriteMode::Append, WriteMode::Upsert])
    }

    async fn init(config: Which, database: &Database) -> Result<Self> {
        let schema = database.0.lock().unwrap().get(&config.table).map(|(schema, _)| schema.clone());
        Ok(DatabaseTable { database: database.clone(), name: config.table, schema })
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(self.schema.clone())
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, RecordBatch> {
        Rows::iter(self.database.0.lock().unwrap().get(&self.name).cloned().unwrap().1)
    }

    async fn get_writer(&self, request: WriteRequest) -> Result<BoxWriter> {
        if self.schema.is_some() {
            return Err(Error::new(ErrorKind::Unsupported, "the table is there already").into());
        }
        let staged = (request.schema, Vec::new());
        Ok(BoxWriter::new(Create { database: self.database.clone(), name: self.name.clone(), staged }))
    }
}

struct Create {
    database: Database,
    name: String,
    staged: Stored,
}

impl Writer for Create {
    async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        self.staged.1.push(batch);
        Ok(())
    }

    async fn commit(self) -> Result<WriteSummary> {
        let rows = self.staged.1.iter().map(|batch| batch.num_rows() as u64).sum();
        self.database.0.lock().unwrap().insert(self.name, self.staged);
        Ok(WriteSummary::rows(rows))
    }
}

fn mount(table: &str) -> Mount<Database> {
    Mount::of::<DatabaseTable>(["database", table], json!({"table": table}))
}

fn plugin() -> Plugin {
    let database = Database::default();
    let open = move |(): ()| {
        let database = database.clone();
        async move { Ok(database) }
    };
    Plugin::new("database", "1.0.0")
        .shared(open)
        .catalogue(|database| async move {
            Ok(database.0.lock().unwrap().keys().map(|name| mount(name)).collect())
        })
        .target(|_, path| async move {
            Ok((path.len() == 2 && path[0] == "database" && path[1] != "reserved").then(|| mount(&path[1])))
        })
        .into()
}

fn batch() -> RecordBatch {
    let columns: [(&str, ArrayRef); 2] = [
        ("id", Arc::new(Int64Array::from(vec![1, 2]))),
        ("name", Arc::new(StringArray::from(vec![Some("a"), None]))),
    ];
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true))).unwrap();
    let metadata = [("flexconnect:primary_key".to_owned(), r#"["id"]"#.to_owned())].into();
    let schema = batch.schema().as_ref().clone().with_metadata(metadata);
    batch.with_schema(Arc::new(schema)).unwrap()
}

#[tokio::test]
async fn a_table_is_made_by_writing_it_and_is_not_found_before() {
    let served = serve(plugin()).await;
    // By a path descriptor, and by a JSON command.
    let writes =
        [Command::path(["database", "a"]), Command::path(["database", "b"]).with_mode(WriteMode::Upsert)];
    for write in writes {
        let name = write.to_json()["path"][1].as_str().unwrap().to_owned();
        let path = FlightDescriptor::new_path(vec!["database".into(), name.clone()]);
        let command = json!({"path": ["database", name]});
        let statuses = [
            served.info(path.clone()).await.unwrap_err(),
            served.info(cmd(command.clone())).await.unwrap_err(),
            served.raw.clone().get_schema(path).await.unwrap_err(),
            served
                .raw
                .clone()
                .do_action(Action { r#type: "flexconnect.check".into(), body: command.to_string().into() })
                .await
                .unwrap_err(),
        ];
        for status in statuses {
            assert_eq!(status.code(), Code::NotFound, "{}", status.message());
        }
        let summary = served.client.write(&write, batch().schema(), [batch()]).await.unwrap();
        assert_eq!(summary.rows, 2);
        let read: Vec<_> = served.read(&Command::path(["database", &name])).await.unwrap();
        assert_eq!(read, [batch()], "with the stream's own columns and metadata");
        // It is there now, so that it is no longer a target.
        let error = served.client.write(&write, batch().schema(), [batch()]).await.unwrap_err();
        assert!(error.to_string().contains("the table is there already"), "{error}");
    }
    let listed = served.client.list().await.unwrap();
    let paths: Vec<_> = listed.iter().map(|table| table.path.join("/")).collect();
    assert_eq!(paths, ["database/a", "database/b"]);
}

#[tokio::test]
async fn what_no_target_takes_is_not_found() {
    let served = serve(plugin()).await;
    for path in [vec!["database", "reserved"], vec!["database"], vec!["elsewhere", "a"]] {
        let error = served.client.write(&Command::path(path), batch().schema(), [batch()]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    assert!(served.client.list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_write_that_fails_makes_no_table() {
    let served = serve(plugin()).await;
    let write = Command::path(["database", "a"]);
    let broken = futures::stream::iter([Ok(batch()), Err(Error::new(ErrorKind::Data, "broken"))]);
    served.client.write_stream(&write, batch().schema(), broken).await.unwrap_err();
    assert_eq!(served.client.read(&write).await.err().unwrap().kind(), ErrorKind::NotFound);
    served.client.write(&write, batch().schema(), [batch()]).await.unwrap();
    let rows: Vec<RecordBatch> = served.client.read(&write).await.unwrap().try_collect().await.unwrap();
    assert_eq!(rows, [batch()]);
}
