//! Scripts against the `secure` example, over TLS.

use std::path::Path;
use std::process::Command;

use crate::certificates::Certificates;
use crate::finished::Finished;
use crate::gallery::{Gallery, binary};
use crate::{AT_MOST, environment, fixture, scripts};

/// Runs a script against three servers: one that knows tokens and passwords, one that wants certificates besides, and
/// one that is plain.
pub(crate) fn run(script: &str) {
    let Some(python) = environment::PYARROW.python() else { return };
    let certificates = Certificates::new();
    let start = |files: &[&str]| {
        let lesson = Path::new(env!("CARGO_MANIFEST_DIR")).join("14_secure");
        let mut command = Command::new(binary("secure"));
        command
            .args(files.iter().map(|file| lesson.join(file)))
            .env("LISTEN", "127.0.0.1:0")
            .env("CERTIFICATES", certificates.folder())
            .env("REPORTS_TOKEN", "t0k3n")
            .env("ANN_PASSWORD", "p4ssword")
            .env("ROOT", &lesson);
        Gallery::run(command)
    };
    let (known, certified) = (start(&["server.toml"]), start(&["server.toml", "clients.toml"]));
    let plain = Gallery::start(&fixture(script), None);
    let mut command = Command::new(python);
    command
        .arg(scripts().join(script))
        .env("KNOWN", known.address())
        .env("CERTIFIED", certified.address())
        .env("PLAIN", plain.address())
        .env("CERTIFICATES", certificates.folder())
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let finished = Finished::of(command, AT_MOST);
    let said = [known.stop(), certified.stop(), plain.stop()].join("\n");
    assert!(finished.success, "{script} {}\n{}\nservers said:\n{said}", finished.how, finished.output);
    for told in
        ["a client does not speak TLS at a port that does", "a client speaks TLS at a port that does not"]
    {
        assert!(said.contains(told), "the log does not say: {told}\n{said}");
    }
    for secret in ["t0k3n", "p4ssword"] {
        assert!(!said.contains(secret), "the log holds a credential:\n{said}");
    }
}
