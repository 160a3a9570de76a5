//! An Arrow IPC stream in a file: rows that are batches already, of any type there is.

use std::fs::File;
use std::path::PathBuf;

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
        About::new("Arrow file").with_description("What `table.arrows` of the folder holds, if there is one")
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

fn open(file: &PathBuf) -> Result<StreamReader<std::io::BufReader<File>>> {
    let file = File::open(file).map_err(|_| Error::new(ErrorKind::NotFound, "there is no `table.arrows`"))?;
    Ok(StreamReader::try_new_buffered(file, None)?)
}
