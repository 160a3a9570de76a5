//! Which tables there are, and new ones.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use flexconnect_core::{ErrorKind, WriteMode, WriteRequest};

use super::database::{SHOP, Shop, all, write};

fn numbers() -> RecordBatch {
    let n: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
    RecordBatch::try_from_iter([("n", n)]).unwrap()
}

async fn listed(shop: &Shop) -> Vec<String> {
    shop.plugin().list().await.iter().map(|entry| entry.path().join("/")).collect()
}

#[tokio::test]
async fn every_table_and_view_is_there_and_none_of_sqlites_own() {
    let shop = Shop::of(&format!(
        "{SHOP} CREATE TABLE auto (id INTEGER PRIMARY KEY AUTOINCREMENT); CREATE VIRTUAL TABLE words USING fts5(word);"
    ));
    let tables = ["Album", "Artist", "Catalogue", "Invoice", "PlaylistTrack", "Track", "auto", "words"];
    assert_eq!(listed(&shop).await, tables.map(|table| format!("sqlite/{table}")));
    shop.run("INSERT INTO words VALUES ('hello'); DROP TABLE auto;");
    assert_eq!(listed(&shop).await.len(), tables.len() - 1);
    assert_eq!(all(&shop.open("words").await).await.num_rows(), 1);
    let near = shop.plugin().find(&["sqlite", "album"]).await.unwrap_err();
    assert!(
        near.kind() == ErrorKind::NotFound && near.to_string().contains("did you mean `sqlite/Album`?"),
        "{near}"
    );
}

#[tokio::test]
async fn a_table_is_there_once_it_is_written() {
    let shop = Shop::without_a_file();
    let plugin = shop.plugin();
    assert!(listed(&shop).await.is_empty());
    assert_eq!(plugin.find(&["sqlite", "new"]).await.unwrap_err().kind(), ErrorKind::NotFound);
    // A write that is given up leaves no table.
    let target =
        plugin.find_for_write(&["sqlite", "new"]).await.unwrap().open(Default::default()).await.unwrap();
    let mut given_up = target.writer(WriteRequest::new(numbers().schema())).await.unwrap();
    given_up.write(numbers()).await.unwrap();
    given_up.abort().await.unwrap();
    assert_eq!(plugin.find(&["sqlite", "new"]).await.unwrap_err().kind(), ErrorKind::NotFound);

    write(&plugin, "new", WriteMode::Append, &numbers()).await.unwrap();
    assert_eq!(all(&shop.open("new").await).await.column(0), numbers().column(0));
    write(&plugin, "new", WriteMode::Append, &numbers()).await.unwrap();
    assert_eq!(all(&shop.open("new").await).await.num_rows(), 6);
    assert_eq!(listed(&shop).await, ["sqlite/new"]);
}

#[tokio::test]
async fn some_names_are_no_tables() {
    let shop = Shop::of(SHOP);
    for (path, kind, words) in [
        (vec!["sqlite", "album"], ErrorKind::NotFound, "Album"),
        (vec!["sqlite", "sqlite_new"], ErrorKind::InvalidRequest, "sqlite_"),
        (vec!["sqlite", "a\0b"], ErrorKind::InvalidRequest, "NUL"),
        (vec!["sqlite", "a", "b"], ErrorKind::NotFound, "no table"),
        (vec!["other", "new"], ErrorKind::NotFound, "no table"),
    ] {
        let error = shop.plugin().find_for_write(&path).await.unwrap_err();
        assert!(error.kind() == kind && error.to_string().contains(words), "{path:?}: {error}");
    }
}
