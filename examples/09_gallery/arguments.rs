//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use flexconnect_core::{Error, ErrorKind};

const USAGE: &str = "usage: gallery [--listen ADDRESS:PORT] [--root DIR]";

/// What was asked for.
#[derive(Debug, PartialEq)]
pub(crate) struct Arguments {
    pub(crate) listen: String,
    pub(crate) root: PathBuf,
}

impl Arguments {
    /// Those of this process.
    ///
    /// # Errors
    /// Config, with the usage, for anything but the two options.
    pub(crate) fn from_env() -> Result<Self, Error> {
        Self::parse(std::env::args_os().skip(1))
    }

    fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Error> {
        let mut parsed = Arguments { listen: "127.0.0.1:8815".into(), root: ".".into() };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| wrong(&format!("{argument:?} needs a value")));
            match argument.to_str() {
                Some("--listen") => {
                    let value = value()?;
                    parsed.listen = value.into_string().map_err(|_| wrong("an address is ASCII text"))?;
                }
                Some("--root") => parsed.root = value()?.into(),
                _ => return Err(wrong(&format!("{argument:?} is not an option"))),
            }
        }
        if parsed.root.to_str().is_none() {
            return Err(wrong("the path of --root must be UTF-8"));
        }
        Ok(parsed)
    }
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::Config, format!("{what}; {USAGE}"))
}
