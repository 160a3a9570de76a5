//! A real pyarrow client against the `gallery` example: one script per topic, its assertions inside.
//!
//! The scripts run with pinned packages in an environment made once under `target/interop-venv`. Where Python or its `venv` is
//! missing they are skipped, loudly; with `CI=true` that is a failure.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test's support fails, and speaks, as a test does"
)]

mod certificates;
mod environment;
mod finished;
mod gallery;
mod secure;
mod sqlite;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use finished::Finished;
use gallery::Gallery;

/// Enough for every script on a busy machine, many times over.
const AT_MOST: Duration = Duration::from_secs(120);

#[test]
fn every_table_is_listed() {
    run("listing.py");
}

#[test]
fn info_and_schema_agree() {
    run("info.py");
}

#[test]
fn reads_give_what_was_asked() {
    run("reading.py");
}

#[test]
fn every_type_comes_as_it_is() {
    run("every_type.py");
}

#[test]
fn partitions_are_endpoints() {
    run("partitions.py");
}

#[test]
fn writes_are_kept_and_counted() {
    run("writing.py");
}

#[test]
fn a_wrong_schema_is_refused_in_full() {
    run("wrong_schema.py");
}

#[test]
fn refusals_say_what_and_how_to_mend_it() {
    run("refusals.py");
}

#[test]
fn actions_answer() {
    run("actions.py");
}

#[test]
fn a_read_is_cancelled_and_renewed() {
    run("cancel.py");
}

#[test]
fn a_killed_writer_leaves_nothing() {
    run("killed.py");
}

#[test]
fn only_an_explicit_commit_is_kept() {
    run("commit.py");
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "reads /proc")]
fn memory_stays_flat() {
    run("memory.py");
}

/// `cargo build --release --example gallery && cargo test --release -p flexconnect-examples --test pyarrow -- --ignored --nocapture`
#[test]
#[ignore = "100 million rows: minutes, and only in release does its figure mean anything"]
fn memory_stays_flat_over_a_hundred_million_rows() {
    run_with("memory.py", &[("GALLERY_READ_ROWS", "100000000")], Duration::from_secs(1800));
}

#[test]
fn sqlite_tables_are_what_python_reads() {
    sqlite::run("sqlite_reading.py");
}

#[test]
fn sqlite_filters_are_what_sql_finds() {
    sqlite::run("sqlite_filters.py");
}

#[test]
fn sqlite_tables_are_written_as_they_were() {
    sqlite::run("sqlite_writing.py");
}

#[test]
fn sqlite_writers_come_together_and_one_is_killed() {
    sqlite::run("sqlite_writers.py");
}

#[test]
fn callers_are_known_over_tls() {
    secure::run("secure.py");
}

fn run(script: &str) {
    run_with(script, &[], AT_MOST);
}

/// Runs a script against a gallery of its own, so that what one writes no other reads.
fn run_with(script: &str, settings: &[(&str, &str)], at_most: Duration) {
    let Some(python) = environment::PYARROW.python() else { return };
    let root = fixture(script);
    let gallery = Gallery::start(&root, None);
    let mut command = Command::new(python);
    command
        .arg(scripts().join(script))
        .env("GALLERY_ADDRESS", gallery.address())
        .env("GALLERY_PROCESS", gallery.process().to_string())
        .env("GALLERY_ROOT", &root)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .envs(settings.iter().copied());
    let finished = Finished::of(command, at_most);
    let said = gallery.stop();
    assert!(finished.success, "{script} {}\n{}\ngallery said:\n{said}", finished.how, finished.output);
    println!("{}", finished.output);
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pyarrow")
}

/// The folder that a gallery's `files` and `lines` show: small, and known to the scripts.
fn fixture(script: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pyarrow").join(script);
    // Left by an earlier run, perhaps of an earlier version of this fixture.
    let _ = std::fs::remove_dir_all(&root);
    std::fs::create_dir_all(&root).unwrap();
    std::fs::write(root.join("cities.csv"), "city,people\nGraz,292000\nPorto,231800\nUlm,\n").unwrap();
    std::fs::write(root.join("more.jsonl"), "{\"city\": \"Bergen\", \"people\": 291940}\n").unwrap();
    root
}
