//! A file that may not grow: a clear error, and the old rows as they were.

use std::path::Path;
use std::process::Command as Process;

use flexconnect_core::ErrorKind;

use crate::generations::{file, generations, schema, table, whole};
use crate::served::{Served, program};

/// A server whose files may have so many blocks of 512 bytes. A limit on the size of files fails like a full disk, and needs
/// no disk of one's own; the signal that comes with it is ignored, as it never comes with a full disk.
fn serve_with_files_of(blocks: u32, file: &Path) -> Served {
    let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    Served::start(Process::new("/bin/sh").args(["-c", &limited]).arg(program("sqlite")).arg(file))
}

#[tokio::test]
async fn a_full_disk_is_a_clear_error_and_the_old_rows_stay() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(folder.path());
    let served = serve_with_files_of(4 << 10, &file);
    let client = served.client().await;
    client.write(&table(), schema(), whole(1)).await.unwrap();
    let long: Vec<_> = (2..40).flat_map(whole).collect();
    let error = client.write(&table(), schema(), long).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted, "{error}");
    assert!(error.to_string().contains("is the disk full"), "{error}");
    assert_eq!(generations(&file), [1].into());
    // A smaller write still fits.
    client.write(&table(), schema(), whole(50)).await.unwrap();
    drop((client, served));
    let served = Served::start(Process::new(program("sqlite")).arg(&file));
    let long: Vec<_> = (2..40).flat_map(whole).collect();
    served.client().await.write(&table(), schema(), long).await.unwrap();
    assert_eq!(generations(&file), (1..40).chain([50]).collect());
}
