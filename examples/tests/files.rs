//! Lesson 3: the tree as a table, and the ways out of the root that are closed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod read;

use std::fs;
use std::path::Path;

use flexconnect_core::{Error, ErrorKind, FromBatch, Plugin, ReadRequest};
use flexconnect_examples::files::{FileKind, FileRow, Files};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A tree with everything a rule is about.
fn tree() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for dir in ["src/bin", "docs", ".git", ".hidden", "target/debug", "src/target"] {
        fs::create_dir_all(root.join(dir)).unwrap();
    }
    for file in [
        "README.md",
        ".gitignore",
        "src/lib.rs",
        "src/bin/a.tar.gz",
        "docs/none",
        ".git/config",
        ".hidden/x",
        "target/debug/x",
        "src/target/x",
    ] {
        fs::write(root.join(file), file).unwrap();
    }
    folder
}

fn plugin(root: &Path) -> Plugin {
    Plugin::new("test", "0").mount::<Files>(["files"], json!({ "root": root }))
}

async fn list(root: &Path, config: Value) -> Result<Vec<FileRow>, Error> {
    let dataset = read::open(plugin(root), config).await?;
    let batch = read::rows(&dataset, ReadRequest::new()).await?;
    Ok(FileRow::from_batch(&batch).unwrap())
}

fn paths(rows: &[FileRow]) -> Vec<&str> {
    let mut paths: Vec<_> = rows.iter().map(|row| row.path.as_str()).collect();
    paths.sort_unstable();
    paths
}

#[tokio::test]
async fn hidden_folders_and_target_are_left_out_unless_asked_for() {
    let tree = tree();
    let shown = ["README.md", "docs", "docs/none", "src", "src/bin", "src/bin/a.tar.gz", "src/lib.rs"];
    let mut expected = vec![".gitignore"];
    expected.extend(shown);
    assert_eq!(paths(&list(tree.path(), json!({})).await.unwrap()), expected);
    let all = list(tree.path(), json!({ "hidden": true })).await.unwrap();
    assert_eq!(all.len(), 17);
    assert!(paths(&all).contains(&".git/config") && paths(&all).contains(&"src/target/x"));
}

#[tokio::test]
async fn a_row_says_what_is_known() {
    let tree = tree();
    let rows = list(tree.path(), json!({})).await.unwrap();
    let row = |path: &str| rows.iter().find(|row| row.path == path).unwrap();
    let archive = row("src/bin/a.tar.gz");
    assert_eq!(
        (archive.kind, archive.size, archive.extension.as_deref()),
        (FileKind::File, Some(16), Some("gz"))
    );
    assert!((chrono::Utc::now() - archive.modified.unwrap()).num_minutes() < 5);
    let folder = row("src/bin");
    assert_eq!((folder.kind, folder.size, folder.extension.as_deref()), (FileKind::Dir, None, None));
    assert_eq!(row(".gitignore").extension, None);
    assert!(rows.iter().all(|row| !row.lossy && row.error.is_none()));
}

#[tokio::test]
async fn partitions_are_top_level_folders_disjoint_and_complete() {
    let tree = tree();
    let dataset = read::open(plugin(tree.path()), json!({})).await.unwrap();
    let partitions = dataset.partitions(&ReadRequest::new()).await.unwrap();
    assert_eq!(partitions.iter().map(|partition| partition.id()).collect::<Vec<_>>(), [".", "docs", "src"]);
    let mut parts = Vec::new();
    for partition in partitions {
        let batch = read::rows(&dataset, ReadRequest::new().with_partition(partition)).await.unwrap();
        parts.extend(FileRow::from_batch(&batch).unwrap());
    }
    let whole = list(tree.path(), json!({})).await.unwrap();
    assert_eq!(paths(&parts), paths(&whole));

    let gone = flexconnect_core::Partition::new("gone");
    let error = read::rows(&dataset, ReadRequest::new().with_partition(gone)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
}

#[tokio::test]
async fn a_client_narrows_and_paths_stay_those_of_the_root() {
    let tree = tree();
    let rows = list(tree.path(), json!({ "below": "src" })).await.unwrap();
    assert_eq!(paths(&rows), ["src/bin", "src/bin/a.tar.gz", "src/lib.rs"]);
    let rows = list(tree.path(), json!({ "below": "./src/bin/" })).await.unwrap();
    assert_eq!(paths(&rows), ["src/bin/a.tar.gz"]);
}

#[tokio::test]
async fn a_client_cannot_leave_the_root() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "").unwrap();
    let tree = tree();
    for (below, kind) in [
        ("..", ErrorKind::Config),
        ("src/../..", ErrorKind::Config),
        ("src/..", ErrorKind::Config),
        (outside.path().to_str().unwrap(), ErrorKind::Config),
        ("/", ErrorKind::Config),
        ("README.md", ErrorKind::Config),
        ("nothing", ErrorKind::NotFound),
        ("nul\0", ErrorKind::NotFound),
    ] {
        let error = list(tree.path(), json!({ "below": below })).await.expect_err(below);
        assert_eq!(error.kind(), kind, "{below}: {error}");
        assert!(
            !error.to_string().contains(tree.path().to_str().unwrap()),
            "{error} shows where the root is"
        );
    }
    let error = list(tree.path(), json!({ "root": "/" })).await.unwrap_err();
    assert!(error.to_string().contains("`root` is set by the operator"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn links_are_listed_and_lead_nowhere() {
    use std::os::unix::fs::symlink;

    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "").unwrap();
    let tree = tree();
    symlink(outside.path(), tree.path().join("out")).unwrap();
    symlink("..", tree.path().join("src/loop")).unwrap();
    symlink("bin", tree.path().join("src/same")).unwrap();
    symlink("nowhere", tree.path().join("docs/broken")).unwrap();
    let rows = list(tree.path(), json!({})).await.unwrap();
    let links: Vec<_> =
        rows.iter().filter(|row| row.kind == FileKind::Link).map(|row| row.path.as_str()).collect();
    assert_eq!(links.len(), 4, "{links:?}");
    assert_eq!(rows.len(), 12);
    assert!(!paths(&rows).iter().any(|path| path.contains("secret")));

    let error = list(tree.path(), json!({ "below": "out" })).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("leads out of the root"), "{error}");
    // A link that stays inside is as good as its target.
    assert_eq!(
        paths(&list(tree.path(), json!({ "below": "src/same" })).await.unwrap()),
        ["src/bin/a.tar.gz"]
    );

    // A folder may become a link after it was opened; it is looked at again for every read.
    let dataset = read::open(plugin(tree.path()), json!({ "below": "docs" })).await.unwrap();
    fs::remove_dir_all(tree.path().join("docs")).unwrap();
    symlink(outside.path(), tree.path().join("docs")).unwrap();
    assert!(
        read::rows(&dataset, ReadRequest::new())
            .await
            .unwrap_err()
            .to_string()
            .contains("leads out of the root")
    );
}

#[cfg(unix)]
#[tokio::test]
async fn names_that_are_not_utf_8_are_shown_marked() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let tree = tree();
    for name in [b"caf\xe9".as_slice(), b"caf\xe8"] {
        fs::create_dir(tree.path().join(OsStr::from_bytes(name))).unwrap();
        fs::write(tree.path().join(OsStr::from_bytes(name)).join("menu.txt"), "").unwrap();
    }
    let rows = list(tree.path(), json!({})).await.unwrap();
    let lossy: Vec<_> = rows.iter().filter(|row| row.lossy).collect();
    assert_eq!(lossy.len(), 4);
    assert!(lossy.iter().all(|row| row.path.starts_with("caf\u{fffd}")));
    assert!(rows.iter().all(|row| row.lossy == row.path.contains('\u{fffd}')));

    // Both folders are partitions of their own.
    let dataset = read::open(plugin(tree.path()), json!({})).await.unwrap();
    let partitions = dataset.partitions(&ReadRequest::new()).await.unwrap();
    assert_eq!(
        partitions[1..3].iter().map(|partition| partition.id()).collect::<Vec<_>>(),
        ["caf\u{fffd}#636166e8", "caf\u{fffd}#636166e9"]
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_cannot_be_read_is_a_row_that_says_so() {
    use std::os::unix::fs::PermissionsExt;

    let tree = tree();
    let closed = tree.path().join("docs");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    // Whoever may read everything cannot be refused: nothing to see then.
    let refused = fs::read_dir(&closed).is_err();
    let rows = list(tree.path(), json!({})).await;
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    let rows = rows.unwrap();
    let docs = rows.iter().find(|row| row.path == "docs").unwrap();
    assert_eq!(docs.error.is_some(), refused);
    assert!(rows.iter().any(|row| row.path == "src/lib.rs"));
}

#[tokio::test]
async fn a_limit_ends_the_walk() {
    let tree = tree();
    let dataset = read::open(plugin(tree.path()), json!({})).await.unwrap();
    let request = ReadRequest::new().with_projection(["size", "path"]).with_limit(3);
    let batch = read::rows(&dataset, request).await.unwrap();
    assert_eq!((batch.num_rows(), batch.num_columns()), (3, 2));
}

#[tokio::test]
async fn a_root_that_is_no_folder_is_the_operators_to_mend() {
    let error = list(Path::new("/no/such/folder"), json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("`root`") && !error.to_string().contains("/no/such"), "{error}");
}
