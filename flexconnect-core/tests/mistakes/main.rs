//! What the compiler tells an author who makes a mistake in a connector: where, and in our own words where we have any.
//!
//! A case in `cases/` begins with the code of the first error, and the text of ours that must be in it; the
//! compiler's own words are its own affair. `//~` marks the line the error points at. Where the code is that of the `one`
//! error, no other follows it. The derives' own messages are tested beside them, in `flexconnect-macros`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

#[test]
fn each_mistake_is_told_at_its_place() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes/cases");
    let mut files: Vec<_> = std::fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 30, "the cases are there");
    let faults: Vec<_> = files.iter().filter_map(|file| fault(file)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// What is wrong with the case; nothing when its mistake is told as it should be.
fn fault(case: &Path) -> Option<String> {
    let text = std::fs::read_to_string(case).unwrap();
    let expected = text.lines().next().and_then(|line| line.strip_prefix("//! ")).unwrap();
    let (code, words) = expected.split_once(':').unwrap();
    let (is_one, code) = code.strip_prefix("one ").map_or((false, code), |code| (true, code));
    let line = 1 + text.lines().position(|line| line.ends_with("//~")).unwrap() as u64;
    let errors = errors(case);
    let Some(first) = errors.first() else { return Some(format!("{}: it compiles", case.display())) };
    let at = first["spans"].as_array().unwrap().iter().find(|span| span["is_primary"] == true);
    let found = (first["code"]["code"].as_str(), at.and_then(|span| span["line_start"].as_u64()));
    let told = first["rendered"].as_str().unwrap_or_default();
    if is_one && errors.len() > 1 {
        let more = errors[1]["rendered"].as_str().unwrap_or_default();
        return Some(format!("{}: expected one error, and not\n{told}\nand\n{more}", case.display()));
    }
    (found != (Some(code), Some(line)) || !told.contains(words.trim())).then(|| {
        format!("{}: expected {code} in line {line}, with `{}`, not\n{told}", case.display(), words.trim())
    })
}

/// The errors of a program that is compiled against this crate.
fn errors(program: &Path) -> Vec<Value> {
    let built = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    // Not `/dev/null`: run by root, the compiler would put a file in the place of the device.
    let output = Command::new("rustc")
        .args(["--edition=2024", "--emit=metadata", "--error-format=json", "-Awarnings", "--out-dir"])
        .arg(env!("CARGO_TARGET_TMPDIR"))
        .arg("--extern")
        .arg(format!("flexconnect_core={}", library(&built).display()))
        .arg("-L")
        .arg(format!("dependency={}", built.display()))
        .arg(program)
        .output()
        .expect("the compiler that built this test runs");
    let told = String::from_utf8(output.stderr).unwrap();
    let told = told.lines().map(|line| serde_json::from_str::<Value>(line).expect(line));
    told.filter(|message| message["level"] == "error" && !message["spans"].as_array().unwrap().is_empty())
        .collect()
}

/// This crate as it was built last: others may lie beside it, of other features and of before.
fn library(built: &Path) -> PathBuf {
    let libraries = std::fs::read_dir(built).unwrap().map(|entry| entry.unwrap());
    let libraries = libraries.filter(|entry| {
        let name = entry.file_name().into_string().unwrap_or_default();
        name.starts_with("libflexconnect_core-") && name.ends_with(".rlib")
    });
    let newest = libraries.max_by_key(|entry| entry.metadata().unwrap().modified().unwrap());
    newest.expect("cargo has built the library this test is of").path()
}
