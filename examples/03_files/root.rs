//! The folder nobody gets out of.

use std::path::{Component, Path, PathBuf};

use flexconnect_core::{Error, ErrorKind};

/// A folder, and the part of it that was asked for.
#[derive(Debug, Clone)]
pub(super) struct Root {
    /// Canonical: absolute and without links.
    path: PathBuf,
    below: PathBuf,
}

impl Root {
    /// The root, and a relative path below it.
    ///
    /// # Errors
    /// Config when the root is no folder, or `below` is absolute, has `..`, or leads out of the root by a
    /// link; not found when there is no such folder. No message tells a client where the root is.
    pub(super) fn open(root: &Path, below: &str) -> Result<Self, Error> {
        let path = root.canonicalize().ok().filter(|path| path.is_dir()).ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                "`root` is not a folder that can be opened; its operator must mend it",
            )
        })?;
        let below = PathBuf::from(below);
        if !below.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            let message =
                "`below` must be a path below the root, such as `src/bin`: not absolute, without `..`";
            return Err(Error::new(ErrorKind::Config, message));
        }
        let root = Root { path, below };
        root.start()?;
        Ok(root)
    }

    /// The whole folder, canonical; paths are shown relative to it.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder to begin at. Links are resolved each time: they may have changed since the last.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(super) fn start(&self) -> Result<PathBuf, Error> {
        let shown = self.below.display();
        let start = self.path.join(&self.below).canonicalize().map_err(|_| {
            Error::new(
                ErrorKind::NotFound,
                format!("there is no folder `{shown}` below the root, or it cannot be opened"),
            )
        })?;
        if !start.starts_with(&self.path) {
            return Err(Error::new(
                ErrorKind::Config,
                format!("`below`: the link `{shown}` leads out of the root"),
            ));
        }
        if !start.is_dir() {
            return Err(Error::new(ErrorKind::Config, format!("`below`: `{shown}` is not a folder")));
        }
        Ok(start)
    }
}
