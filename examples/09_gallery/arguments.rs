//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use flexconnect_core::{Error, ErrorKind};

const USAGE: &str = "usage: gallery [--listen ADDRESS:PORT] [--root DIR] [--sqlite FILE] [--arrow FILE]";

/// What was asked for.
#[derive(Debug, PartialEq)]
pub(crate) struct Arguments {
    pub(crate) listen: String,
    pub(crate) root: PathBuf,
    pub(crate) sqlite: Option<PathBuf>,
    pub(crate) arrow: Option<PathBuf>,
}

impl Arguments {
    /// Those of this process.
    ///
    /// # Errors
    /// Config, with the usage, for anything but these options.
    pub(crate) fn from_env() -> Result<Self, Error> {
        Self::parse(std::env::args_os().skip(1))
    }

    fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Error> {
        let mut parsed =
            Arguments { listen: "127.0.0.1:8815".into(), root: ".".into(), sqlite: None, arrow: None };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| wrong(&format!("{argument:?} needs a value")));
            match argument.to_str() {
                Some("--listen") => {
                    let value = value()?;
                    parsed.listen = value.into_string().map_err(|_| wrong("an address is ASCII text"))?;
                }
                Some("--root") => parsed.root = value()?.into(),
                Some("--sqlite") => parsed.sqlite = Some(value()?.into()),
                Some("--arrow") => parsed.arrow = Some(value()?.into()),
                _ => return Err(wrong(&format!("{argument:?} is not an option"))),
            }
        }
        for (option, path) in [
            ("--root", Some(&parsed.root)),
            ("--sqlite", parsed.sqlite.as_ref()),
            ("--arrow", parsed.arrow.as_ref()),
        ] {
            if path.is_some_and(|path| path.to_str().is_none()) {
                return Err(wrong(&format!("the path of {option} must be UTF-8")));
            }
        }
        Ok(parsed)
    }
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::Config, format!("{what}; {USAGE}"))
}
