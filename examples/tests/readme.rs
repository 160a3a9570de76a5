//! The README shows what is built and run: its program is the first lesson, its commands name what there is.

use std::path::Path;

fn text(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("examples/ lies in the workspace");
    std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The first fenced block of this language.
fn block<'a>(markdown: &'a str, language: &str) -> &'a str {
    let (_, rest) = markdown.split_once(&format!("```{language}\n")).expect("the README has such a block");
    rest.split_once("```").expect("a block ends").0
}

#[test]
fn its_program_is_the_first_lesson() {
    let lesson = text("examples/01_hello.rs");
    let program: Vec<_> =
        lesson.lines().skip_while(|line| line.starts_with("//!") || line.is_empty()).collect();
    let readme = text("README.md");
    assert_eq!(block(&readme, "rust").trim_end().lines().collect::<Vec<_>>(), program);
}

#[test]
fn its_two_commands_are_there() {
    let readme = text("README.md");
    for command in ["cargo run --example quickstart", "cargo test --workspace"] {
        assert!(readme.lines().any(|line| line == command), "no line `{command}`");
    }
}
