//! Scripts about SQLite: two galleries, one serving a database that is there, the other a file that is not.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::finished::Finished;
use crate::gallery::Gallery;
use crate::{AT_MOST, environment, fixture, scripts};

/// Runs a script over a small database of its own, and over a larger one where that is at hand.
pub(crate) fn run(script: &str) {
    let Some(python) = environment::PYARROW.python() else { return };
    run_over(python, script, "shop", None);
    if let Some(chinook) = chinook() {
        run_over(python, script, "chinook", Some(&chinook));
    }
}

fn run_over(python: &Path, script: &str, name: &str, copy_of: Option<&Path>) {
    let folder = fixture(&format!("{script}.{name}"));
    let (source, target) = (folder.join("source.sqlite"), folder.join("target.sqlite"));
    if let Some(original) = copy_of {
        std::fs::write(&source, std::fs::read(original).unwrap()).unwrap();
    }
    let galleries = [Gallery::start(&folder, Some(&source)), Gallery::start(&folder, Some(&target))];
    let mut command = Command::new(python);
    command
        .arg(scripts().join(script))
        .env("GALLERY_ADDRESS", galleries[0].address())
        .env("GALLERY_PROCESS", galleries[0].process().to_string())
        .env("GALLERY_ROOT", &folder)
        .env("TARGET_ADDRESS", galleries[1].address())
        .env("SOURCE_FILE", &source)
        .env("TARGET_FILE", &target)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let finished = Finished::of(command, AT_MOST);
    let said: String = galleries.map(Gallery::stop).join("\n");
    assert!(
        finished.success,
        "{script} over {name} {}\n{}\ngalleries said:\n{said}",
        finished.how, finished.output
    );
    println!("{name}: {}", finished.output);
}

/// A database of a music shop, beside the checkout or where the environment says.
fn chinook() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/chinook/chinook.sqlite");
    let file = std::env::var_os("CHINOOK_SQLITE").map_or_else(beside, PathBuf::from);
    file.exists().then_some(file)
}
