//! The CSV and JSON-lines files of a folder as one table.

mod csv;
mod json_lines;

use std::fs;
use std::path::{Path, PathBuf};

use flexconnect_core::arrow_schema::SchemaRef;
use flexconnect_core::{
    About, Capabilities, Config, Connector, Error, ErrorKind, JsonRow, Partition, ReadRequest, Result, Rows,
};

/// What can be configured.
#[derive(Debug, Config)]
pub struct LinesConfig {
    /// The folder of the files. Fixed by the operator, who mounts the connector with it.
    root: PathBuf,
    /// Names of files to read, when not all of them are one table.
    #[config(default)]
    files: Vec<String>,
    /// Columns of CSV files that hold text even where it looks like a number: postal codes, `007`.
    #[config(default)]
    text_columns: Vec<String>,
}

/// The table of a folder's lines.
#[derive(Debug)]
pub struct Lines(LinesConfig);

impl Connector for Lines {
    const NAME: &'static str = "lines";
    type Config = LinesConfig;
    type Row = JsonRow;

    fn about() -> About {
        About::new("Lines").with_description("The records of a folder's CSV and JSON-lines files")
    }

    fn capabilities() -> Capabilities {
        Capabilities::read().with_partitions()
    }

    async fn init(config: LinesConfig, _shared: &()) -> Result<Self> {
        if !config.root.is_dir() {
            let message = "`root` is not a folder that can be opened; its operator must mend it";
            return Err(Error::new(ErrorKind::Config, message).into());
        }
        let lines = Lines(config);
        lines.names()?;
        Ok(lines)
    }

    /// Nobody knows the columns before a line is read: they are inferred from a sample.
    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(None)
    }

    /// One partition for each file, in the order of their names.
    async fn list_partitions(&self, _request: &ReadRequest) -> Result<Vec<Partition>> {
        let names = self.names()?;
        Ok(names.into_iter().map(|name| Partition::new(&name).with_dimension("file", name)).collect())
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, JsonRow> {
        let name = request.partition.map(|partition| partition.token).unwrap_or_default();
        let Some(format) = Format::of(&name) else {
            return Rows::error(Error::new(ErrorKind::NotFound, format!("there is no file `{name}`")));
        };
        let path = self.0.root.join(&name);
        let text_columns = self.0.text_columns.clone();
        // Reading a file blocks, so it has a thread. A line is a row as soon as it is read.
        Rows::blocking(move |out| {
            let file = fs::File::open(&path).map_err(|error| {
                Error::new(ErrorKind::NotFound, format!("`{name}` cannot be opened: {}", error.kind()))
            })?;
            match format {
                Format::Csv => csv::read(file, &name, &text_columns, |row| out.push(row)),
                Format::JsonLines => json_lines::read(file, &name, |row| out.push(row)),
            }
        })
    }
}

impl Lines {
    /// The files to read, sorted.
    fn names(&self) -> Result<Vec<String>> {
        let Lines(LinesConfig { root, files, .. }) = self;
        let mut names = Vec::new();
        for entry in fs::read_dir(root)? {
            let entry = entry?;
            // A link may lead anywhere: only the folder's own files are read.
            if entry.file_type()?.is_file() && Format::of(Path::new(&entry.file_name())).is_some() {
                names.push(entry.file_name().into_string().map_err(|name| {
                    let message = format!("the file name {name:?} is not UTF-8; rename the file");
                    Error::new(ErrorKind::Unsupported, message)
                })?);
            }
        }
        names.sort();
        if let Some(unknown) = files.iter().find(|file| !names.contains(file)) {
            let hint = flexconnect_core::nearest(unknown, names.iter().map(String::as_str));
            let hint = hint.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let message = format!("`files`: there is no CSV or JSON-lines file `{unknown}`{hint}");
            return Err(Error::new(ErrorKind::Config, message).into());
        }
        if !files.is_empty() {
            names.retain(|name| files.contains(name));
        }
        Ok(names)
    }
}

/// How a file's lines are written, by its name.
#[derive(Debug, Clone, Copy)]
enum Format {
    Csv,
    JsonLines,
}

impl Format {
    fn of(name: impl AsRef<Path>) -> Option<Self> {
        match name.as_ref().extension()?.to_str()? {
            "csv" => Some(Format::Csv),
            "jsonl" | "ndjson" => Some(Format::JsonLines),
            _ => None,
        }
    }
}

/// A line that cannot be read: the reader is told which.
fn broken(file: &str, line: u64, what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Data, format!("`{file}`, line {line}: {what}"))
}
