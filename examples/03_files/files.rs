//! A directory tree as a table.

mod root;
mod walk;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use flexconnect_core::{
    About, Capabilities, Column, Config, Connector, Error, ErrorKind, Partition, ReadRequest, Result, Rows,
    Table,
};

use root::Root;
use walk::Walk;

/// A file, folder or link of the tree.
#[derive(Debug, Table)]
#[table(name = "files")]
pub struct FileRow {
    /// Where it is below the root, parts joined by `/`.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// Bytes of a file; nothing for all else.
    pub size: Option<i64>,
    /// When its content was last changed.
    pub modified: Option<DateTime<Utc>>,
    /// What follows the last dot of a file's name.
    pub extension: Option<String>,
    /// Whether the path is not UTF-8, and shown with `\u{fffd}` where it is not.
    pub lossy: bool,
    /// Why it could not be looked at, or a folder's content not be listed; the rest is listed all the same.
    pub error: Option<String>,
}

/// What an entry of a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Column)]
#[column(rename_all = "snake_case")]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Dir,
    /// A symbolic link. It is listed, and never followed.
    Link,
    /// A socket, a pipe, a device.
    Other,
}

/// What can be configured.
#[derive(Debug, Config)]
pub struct FilesConfig {
    /// The folder to list. Fixed by the operator, who mounts the connector with it.
    root: PathBuf,
    /// A folder of the tree, to list only this part: `src/bin`.
    #[config(default = "")]
    below: String,
    /// List hidden folders, `.git` and `target` too.
    #[config(default = false)]
    hidden: bool,
}

/// The table of a directory tree.
#[derive(Debug)]
pub struct Files {
    root: Root,
    hidden: bool,
}

impl Connector for Files {
    const NAME: &'static str = "files";
    type Config = FilesConfig;
    type Row = FileRow;

    fn about() -> About {
        About::new("Files").with_description("The files, folders and links of a directory tree")
    }

    fn capabilities() -> Capabilities {
        Capabilities::read().with_partitions()
    }

    async fn init(config: FilesConfig, _shared: &()) -> Result<Self> {
        Ok(Files { root: Root::open(&config.root, &config.below)?, hidden: config.hidden })
    }

    async fn check(&self) -> Result<()> {
        self.root.start()?.read_dir()?;
        Ok(())
    }

    /// One partition for each top-level folder with all it holds, and before them one, `.`, for the rest.
    async fn list_partitions(&self, _request: &ReadRequest) -> Result<Vec<Partition>> {
        let folders = walk::folders(&self.root.start()?, self.hidden)?;
        let mut ids: Vec<String> = folders.iter().map(|folder| walk::id_of(&folder.file_name())).collect();
        ids.sort();
        let ids = std::iter::once(walk::REST.to_owned()).chain(ids);
        Ok(ids.map(|id| Partition::new(&id).with_dimension("folder", id)).collect())
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, FileRow> {
        let (root, hidden) = (self.root.clone(), self.hidden);
        let partition = request.partition.map_or_else(|| walk::REST.to_owned(), |partition| partition.token);
        // Listing a folder blocks, so it has a thread, which is told when the reader has gone.
        Rows::blocking(move |out| {
            let start = root.start()?;
            let walk = if partition == walk::REST {
                Walk::rest(&start, root.path(), hidden)?
            } else {
                let folders = walk::folders(&start, hidden)?;
                let folder = folders.into_iter().find(|folder| walk::id_of(&folder.file_name()) == partition);
                let folder = folder.ok_or_else(|| {
                    let message = format!("the folder `{partition}` is gone; list the partitions again");
                    Error::new(ErrorKind::NotFound, message)
                })?;
                Walk::folder(&folder, root.path(), hidden)
            };
            for row in walk {
                out.push(row?)?;
            }
            Ok(())
        })
    }
}
