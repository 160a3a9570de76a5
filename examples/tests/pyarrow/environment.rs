//! The Python the scripts run with: an environment of its own, made once, with pinned packages.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use crate::finished::Finished;

/// A package index may be slow; it is asked once.
const AT_MOST: Duration = Duration::from_secs(600);

/// What the scripts of `tests/pyarrow` run with.
pub(crate) static PYARROW: Environment = Environment::new("interop-venv", "tests/pyarrow/requirements.txt");

/// An environment in `target`, made of a list of packages.
pub(crate) struct Environment {
    folder: &'static str,
    requirements: &'static str,
    python: OnceLock<Result<PathBuf, String>>,
}

impl Environment {
    pub(crate) const fn new(folder: &'static str, requirements: &'static str) -> Self {
        Environment { folder, requirements, python: OnceLock::new() }
    }

    /// Its interpreter; `None`, said loudly, where it cannot be made.
    ///
    /// # Panics
    /// Where it cannot be made and `CI` is set: a skipped test proves nothing there.
    pub(crate) fn python(&self) -> Option<&Path> {
        match self.python.get_or_init(|| self.prepare()) {
            Ok(python) => Some(python),
            Err(reason) => {
                let skipped = format!(
                    "Python tests are SKIPPED: {reason}\nThey need python3 with its venv module (Debian: apt-get install \
                     python3-venv) and a package index with the versions of examples/{}.",
                    self.requirements
                );
                assert!(!std::env::var("CI").is_ok_and(|ci| ci == "true" || ci == "1"), "{skipped}");
                // Not `eprintln!`, whose text a passing test keeps to itself.
                let _ = writeln!(std::io::stderr(), "{skipped}");
                None
            }
        }
    }

    fn prepare(&self) -> Result<PathBuf, String> {
        // `target`, wherever it is: `target/tmp` is made by Cargo for tests like this one.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("target/tmp lies in target");
        let environment = target.join(self.folder);
        let python = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
        let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join(self.requirements);
        let wanted = std::fs::read_to_string(&requirements).map_err(|error| error.to_string())?;
        // The stamp is written last and holds what was installed: an environment half made, or made for other
        // versions, is made anew.
        let stamp = environment.join("installed.txt");
        if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) && python.exists() {
            return Ok(python);
        }
        let _ = std::fs::remove_dir_all(&environment);
        let mut venv = Command::new(if cfg!(windows) { "python" } else { "python3" });
        venv.args(["-m", "venv"]).arg(&environment);
        run(venv, "python3 -m venv")?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"])
            // A wheel or nothing: building Arrow from source takes an hour and a toolchain.
            .args(["--only-binary", ":all:", "--requirement"])
            .arg(&requirements);
        run(pip, "pip install")?;
        std::fs::write(&stamp, wanted).map_err(|error| error.to_string())?;
        Ok(python)
    }
}

fn run(command: Command, what: &str) -> Result<(), String> {
    let finished = Finished::of(command, AT_MOST);
    if finished.success {
        Ok(())
    } else {
        Err(format!("`{what}` {}: {}", finished.how, finished.output.trim()))
    }
}
