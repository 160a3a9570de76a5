//! An Arrow IPC stream in a file: rows that are batches already, of any type there is.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::ipc::reader::StreamReader;
use flexconnect_core::{About, Config, Connector, Error, ErrorKind, ReadRequest, Result, Rows};

#[derive(Debug, Config)]
pub(crate) struct ArrowFileConfig {
    /// The file. Fixed by the operator, who mounts the connector with it.
    file: PathBuf,
}

#[derive(Debug)]
pub(crate) struct ArrowFile {
    file: PathBuf,
}

impl Connector for ArrowFile {
    const NAME: &'static str = "arrow_file";
    type Config = ArrowFileConfig;
    type Row = RecordBatch;

    fn about() -> About {
        About::new("Arrow file").with_description("The batches of an Arrow IPC stream in a file")
    }

    async fn init(config: ArrowFileConfig, _shared: &()) -> Result<Self> {
        Ok(ArrowFile { file: config.file })
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(Some(open(&self.file)?.schema()))
    }

    fn generate_rows(&self, _request: ReadRequest) -> Rows<'_, RecordBatch> {
        let file = self.file.clone();
        Rows::blocking(move |out| {
            for batch in open(&file)? {
                out.push(batch?)?;
            }
            Ok(())
        })
    }
}

fn open(file: &Path) -> Result<StreamReader<BufReader<File>>> {
    // The path is the operator's, and not told to clients.
    let file = File::open(file).map_err(|error| {
        let message = format!("the Arrow file cannot be opened: {}", error.kind());
        Error::new(ErrorKind::NotFound, message).with_source(error)
    })?;
    Ok(StreamReader::try_new_buffered(file, None)?)
}
