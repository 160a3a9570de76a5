//! How the example starts and ends, as whoever runs it sees it.

use std::process::{Command, Output};

use crate::server::{Server, binary};

fn run(words: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = Command::new(binary());
    command.args(words).envs(variables.iter().copied()).env_remove("RUST_LOG");
    let Output { status, stderr, .. } = command.output().unwrap();
    (status.code(), String::from_utf8_lossy(&stderr).into_owned())
}

#[test]
fn what_is_wrong_is_told_and_the_exit_is_1() {
    let port = ("GOODDATA_FLIGHT_SERVER__LISTEN_PORT", "0");
    let tokens = ("GOODDATA_FLIGHT_SERVER__AUTHENTICATION_METHOD", "token");
    for (words, variables, part) in [
        (&["stop"][..], &[][..], "usage: start"),
        (&["start", "--config", "/missing.toml"], &[], "missing.toml"),
        (&["start", "--config", "x.yaml"], &[], "TOML"),
        (&["start"], &[port], "listen_port"),
        (&["start"], &[tokens], "there is no token"),
    ] {
        let (code, said) = run(words, variables);
        assert_eq!(code, Some(1), "{words:?} {variables:?}: {said}");
        assert!(said.contains(part), "{words:?} {variables:?}: {said}");
    }
}

#[test]
#[cfg(unix)]
fn a_signal_ends_it_with_exit_0_and_the_log_has_its_events() {
    let server = Server::ours();
    // It hears signals before it calls itself ready.
    server.says("rpc_enabled");
    let (code, said, _) = server.stop();
    assert_eq!(code, Some(0), "{said}");
    for event in [
        "server_startup",
        "flight_service_start",
        "flexconnect_init",
        "load_flexconnect_funs_done",
        "rpc_enabled",
        "server_shutdown_initiated",
        "flight_service_shutdown",
        "flight_service_finished",
        "server_main_finished",
    ] {
        let line = said.lines().find(|line| line.contains(&format!("\"event\":\"{event}\"")));
        let line: serde_json::Value =
            serde_json::from_str(line.unwrap_or_else(|| panic!("{event}: {said}"))).unwrap();
        assert!(
            line["level"] == "info" && line["timestamp"].is_string() && line["logger"].is_string(),
            "{line}"
        );
    }
}

/// The log of a server whose functions were made to fail in every way: each line is one object, also of a panic.
#[cfg(unix)]
pub(crate) fn whole_log(server: Server) {
    let (code, said, _) = server.stop();
    assert_eq!(code, Some(0), "{said}");
    let lines: Vec<serde_json::Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}\n{said}")))
        .collect();
    let panicked = lines.iter().find(|line| line["event"] == "panicked");
    let panicked = panicked.unwrap_or_else(|| panic!("nothing of a panic: {said}"));
    assert_eq!((&panicked["level"], &panicked["fun"]), (&"error".into(), &"Fail".into()), "{panicked}");
    assert_eq!(
        (&panicked["reason"], &panicked["thread"]),
        (&"asked to panic".into(), &"gooddata-task".into())
    );
    assert!(panicked["task_id"].is_string(), "{panicked}");
    assert!(panicked["location"].as_str().is_some_and(|place| place.contains("tiny.rs:")), "{panicked}");
}

#[test]
#[cfg(unix)]
fn a_server_that_everybody_may_call_says_so_in_its_log() {
    let everywhere = ("GOODDATA_FLIGHT_SERVER__LISTEN_HOST", "0.0.0.0");
    let token = [
        ("GOODDATA_FLIGHT_SERVER__AUTHENTICATION_METHOD", "token"),
        ("GOODDATA_FLIGHT_ENUMERATED_TOKENS__TOKENS", "t0k3n"),
    ];
    for (variables, warned) in
        [(&[everywhere][..], true), (&[everywhere, token[0], token[1]], false), (&[], false)]
    {
        let server = Server::ours_with(variables);
        server.says("rpc_enabled");
        let (_, said, _) = server.stop();
        assert_eq!(said.contains("\"event\":\"insecure_warning\""), warned, "{said}");
        assert!(!said.contains("t0k3n"), "{said}");
    }
}
