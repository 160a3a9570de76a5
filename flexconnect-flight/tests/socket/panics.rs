//! Panics in the log of a program.

use std::process::Command;

use flexconnect_flight::logging::Logging;
use serde_json::{Value, json};

/// Set for the program whose log it is: hooks are a process's, and this one has other tests.
const CHILD: &str = "FLEXCONNECT_LOGS_A_PANIC";

#[test]
fn a_panic_is_one_event_where_it_happened() {
    if std::env::var_os(CHILD).is_some() {
        Logging::json().init().unwrap();
        let work = || {
            let _call = tracing::info_span!("call", verb = "DoGet").entered();
            panic!("out of {}", "luck");
        };
        std::thread::Builder::new().name("rows".into()).spawn(work).unwrap().join().unwrap_err();
        tracing::info!("after");
        return;
    }
    let name = concat!(module_path!(), "::a_panic_is_one_event_where_it_happened");
    let name = name.split_once("::").unwrap().1;
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", name, "--nocapture"])
        .env(CHILD, "1")
        .env("RUST_BACKTRACE", "1")
        .env_remove("RUST_LOG");
    let said = String::from_utf8(child.output().unwrap().stderr).unwrap();
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let [panicked, after] = &lines[..] else { panic!("{said}") };
    assert_eq!(
        (&panicked["message"], &panicked["level"], &panicked["reason"], &panicked["thread"]),
        (&json!("panicked"), &json!("ERROR"), &json!("out of luck"), &json!("rows"))
    );
    assert_eq!((&panicked["span"]["verb"], &after["message"]), (&json!("DoGet"), &json!("after")));
    assert!(panicked["location"].as_str().is_some_and(|place| place.contains("panics.rs:")), "{panicked}");
    assert!(panicked["backtrace"].as_str().is_some_and(|trace| trace.contains('\n')), "{panicked}");
}
