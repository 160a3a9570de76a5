//! The lesson on a server for an open network, run as its reader runs it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

#[path = "pyarrow/certificates.rs"]
mod certificates;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Stdio};

use arrow::array::{AsArray, RecordBatch};
use certificates::Certificates;
use flexconnect_core::ErrorKind;
use flexconnect_flight::tls::Pem;
use flexconnect_flight::{Client, ClientOptions, Command};
use futures::TryStreamExt;

fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).expect("a test lies in target/<profile>/deps");
    let program = profile.join("examples").join(format!("secure{}", std::env::consts::EXE_SUFFIX));
    assert!(program.exists(), "{} is missing; `cargo test --workspace` builds it", program.display());
    program
}

struct Served(Child, String);

impl Served {
    fn start(certificates: &Path, files: &[&str]) -> Self {
        let lesson = Path::new(env!("CARGO_MANIFEST_DIR")).join("14_secure");
        let mut process = Process::new(program())
            .args(files.iter().map(|file| lesson.join(file)))
            .env("LISTEN", "127.0.0.1:0")
            .env("CERTIFICATES", certificates)
            .env("REPORTS_TOKEN", "t0k3n")
            .env("ANN_PASSWORD", "p4ssword")
            .env("ROOT", &lesson)
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().rsplit(':').next().unwrap().to_owned();
        assert!(line.starts_with("listening on "), "{line}");
        Served(process, format!("grpc+tls://localhost:{port}"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn read(client: &Client, table: &str) -> Result<Vec<RecordBatch>, flexconnect_core::Error> {
    client.read(&Command::connector(table)).await?.try_collect().await
}

async fn caller(client: &Client) -> String {
    let batches = read(client, "whoami").await.unwrap();
    let text = |column: usize| batches[0].column(column).as_string::<i32>().value(0).to_owned();
    assert_eq!(text(0), "caller");
    assert!(!format!("{batches:?}").contains("t0k3n"));
    text(1)
}

#[tokio::test]
async fn callers_have_names_and_tables_of_their_own() {
    let certificates = Certificates::new();
    let served = Served::start(certificates.folder(), &["server.toml"]);
    let trusting = || ClientOptions::new().with_authority(Pem::file(certificates.folder().join("ca.crt")));
    let nobody = Client::connect_with(&served.1, trusting()).await.unwrap();
    assert_eq!(read(&nobody, "whoami").await.unwrap_err().kind(), ErrorKind::Unauthenticated);
    let reports = Client::connect_with(&served.1, trusting().with_token("t0k3n").unwrap()).await.unwrap();
    assert_eq!(caller(&reports).await, "reports");
    assert_eq!(read(&reports, "files").await.unwrap_err().kind(), ErrorKind::PermissionDenied);
    assert_eq!(reports.list().await.unwrap().len(), 2);
    let ann = nobody.log_in("ann", "p4ssword").await.unwrap();
    assert_eq!(caller(&ann).await, "ann");
    // The operator's folder, not the program's.
    assert!(format!("{:?}", read(&ann, "files").await.unwrap()).contains("clients.toml"));
    let root = Command::connector("files").with_config(serde_json::json!({"root": "/"}));
    assert_eq!(ann.info(&root).await.unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test]
async fn a_second_file_asks_for_certificates() {
    let certificates = Certificates::new();
    let folder = certificates.folder();
    let served = Served::start(folder, &["server.toml", "clients.toml"]);
    let options = ClientOptions::new().with_authority(Pem::file(folder.join("ca.crt")));
    let with = options
        .clone()
        .with_identity(Pem::file(folder.join("client.crt")), Pem::file(folder.join("client.key")));
    let client = Client::connect_with(&served.1, with).await.unwrap();
    assert_eq!(caller(&client).await, "dashboards");
    let without = async { Client::connect_with(&served.1, options).await?.list().await };
    assert_eq!(without.await.unwrap_err().kind(), ErrorKind::Unauthenticated);
}

#[test]
fn what_is_wrong_is_told_and_every_key_is_printed() {
    let output = Process::new(program()).arg("/nowhere/server.toml").output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("`/nowhere/server.toml` cannot be read"));
    let output = Process::new(program()).arg("--keys").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("# listen = \"127.0.0.1:8815\""));
}
