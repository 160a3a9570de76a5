//! Real descriptors, each expressed with the derive.

mod api_connect;
#[cfg(feature = "jiff")]
mod calendar;
mod credential;
mod forecast;
mod github;
#[cfg(feature = "chrono")]
mod gmail;
mod govern;
mod intercom;
mod kayrros;
mod koverse;
mod neo4j;
mod servicenow;
mod sharepoint;
mod sheets;
mod wikipedia;
mod xmla;

use std::path::PathBuf;

use flexconnect_core::Config;

use crate::support::compare::differences;
use crate::support::descriptor::params;
use crate::support::lenient;

/// Asserts that the parameters differ from those of a real descriptor in exactly these points. Each is followed
/// by its reason, in parentheses, which is for the reader.
#[track_caller]
fn expect<C: Config>(file: &str, expected: &[(&str, &str)]) {
    let folder = std::env::var_os("FLEXCONNECT_DATAIKU_CORPUS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/dataiku-connectors"),
        PathBuf::from,
    );
    if !folder.is_dir() {
        return;
    }
    let real = lenient::read(&std::fs::read_to_string(folder.join(file)).unwrap());
    let found = differences(&params(&C::parameters()), real["params"].as_array().unwrap());
    let expected: Vec<_> = expected.iter().map(|(difference, _)| (*difference).to_owned()).collect();
    assert_eq!(found, expected, "{file}: {found:#?}");
}
