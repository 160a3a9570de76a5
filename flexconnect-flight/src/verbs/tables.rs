//! A plugin's tables, as far as a caller may see them.

use std::fmt;
use std::sync::Arc;

use flexconnect_core::{Caller, Entry, Error, ErrorKind, Plugin};

use crate::identity::{Access, Authorize};

/// What a call wants of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    Read,
    Write,
    /// What whoever reads or writes it may know.
    Either,
}

/// The tables of a plugin; every way to one leads through its operator's permission.
#[derive(Clone)]
pub(crate) struct Tables {
    plugin: Plugin,
    authorize: Option<Arc<dyn Authorize>>,
}

impl Tables {
    pub(crate) fn new(plugin: Plugin) -> Self {
        Tables { plugin, authorize: None }
    }

    pub(crate) fn set_authorizer(&mut self, authorize: Arc<dyn Authorize>) {
        self.authorize = Some(authorize);
    }

    pub(crate) fn plugin(&self) -> &Plugin {
        &self.plugin
    }

    /// What is mounted at this path, or, for a write, what a target mounts there.
    pub(crate) async fn find(&self, caller: &Caller, path: &[String], want: Want) -> Result<Entry, Error> {
        self.ask(caller, path, want).await?;
        let found = match want {
            Want::Write => self.plugin.find_for_write(path).await,
            Want::Read | Want::Either => self.plugin.find(path).await,
        };
        match found {
            // The plugin's own words name other tables, which this caller may not see.
            Err(error) if self.authorize.is_some() && error.kind() == ErrorKind::NotFound => {
                let asked: String = path.join("/").chars().take(120).collect();
                let message =
                    format!("there is no table `{asked}`; ListFlights names those there are for you");
                Err(Error::new(ErrorKind::NotFound, message))
            }
            found => found,
        }
    }

    /// Refuses what this caller may not do, whether there is such a table or not.
    pub(crate) async fn ask(&self, caller: &Caller, path: &[String], want: Want) -> Result<(), Error> {
        if self.allows(caller, path, want).await? {
            return Ok(());
        }
        let asked: String = path.join("/").chars().take(120).collect();
        let what = match want {
            Want::Read => "read",
            Want::Write => "write",
            Want::Either => "read or write",
        };
        let message = format!("you may not {what} the table `{asked}`; ask the server's operator");
        Err(Error::new(ErrorKind::PermissionDenied, message))
    }

    /// Those of these tables that this caller may read or write.
    pub(crate) async fn visible(&self, caller: &Caller, entries: Vec<Entry>) -> Result<Vec<Entry>, Error> {
        let mut visible = Vec::with_capacity(entries.len());
        for entry in entries {
            if self.allows(caller, entry.path(), Want::Either).await? {
                visible.push(entry);
            }
        }
        Ok(visible)
    }

    async fn allows(&self, caller: &Caller, path: &[String], want: Want) -> Result<bool, Error> {
        let Some(authorize) = &self.authorize else { return Ok(true) };
        let access: &[Access] = match want {
            Want::Read => &[Access::Read],
            Want::Write => &[Access::Write],
            Want::Either => &[Access::Read, Access::Write],
        };
        for access in access {
            if authorize.allows(caller, path, *access).await.map_err(unknown)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What is told of a failure to know what a caller may do, or who it is: its author's own words if they have a kind.
pub(crate) fn unknown(error: flexconnect_core::BoxError) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => *error,
        Err(error) => {
            let message = "whether you may call could not be found out; the server's log says more";
            Error::new(ErrorKind::Internal, message).with_source(error)
        }
    }
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables").field("plugin", &self.plugin).finish_non_exhaustive()
    }
}
