//! The functions of the GoodData server, as the connectors they are.
//!
//! Not here: `Fail` and `FailMidStream`, which give errors in place of their rows, and `LongRunningFun` and `PollableFun`,
//! which are `SimpleFun1` but for the time they take, once for each of a hundred reads.

use std::process::Command;

use flexconnect_core::conformance::{self, Options};
use flexconnect_core::{Connector, Plugin};
use serde_json::json;

use crate::lessons::UNSEEN;
use crate::{big, echo, messages, simple, tiny};

/// What says how many rows the large ones have.
const ROWS: &str = "FX_BIG_ROWS";

async fn check<C: Connector>(options: Options) {
    let plugin = Plugin::new("test", "0").connector::<C>();
    conformance::check(&plugin, options).await.assert_all_run_but(&UNSEEN);
}

#[tokio::test]
async fn the_small_ones() {
    let three = |name| Options::new().with_total_rows(name, 3);
    check::<tiny::Tiny>(three("Tiny")).await;
    check::<tiny::Trim>(three("Trim")).await;
    check::<tiny::TinyStream>(three("TinyStream")).await;
    check::<tiny::Slow>(three("Slow").with_config("Slow", json!({"sleep_ms": 1}))).await;
    check::<messages::Messages>(three("Messages")).await;
    check::<simple::Simple<simple::Fun1>>(three("SimpleFun1")).await;
    check::<simple::Simple<simple::Fun2>>(three("SimpleFun2")).await;
}

/// What it gives is what it was asked, so its rows change with the question, and their number does not.
#[tokio::test]
async fn echo() {
    check::<echo::Echo>(Options::new().with_total_rows("Echo", 3)).await;
}

/// They take their size from the environment of the process, so this is done in one of its own.
#[tokio::test]
async fn the_large_ones() {
    if std::env::var_os(ROWS).is_none() {
        let test = ["--exact", "functions::the_large_ones", "--nocapture"];
        let mut command = Command::new(std::env::current_exe().unwrap());
        let output = command.args(test).env(ROWS, "1000").output().unwrap();
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    check::<big::BigTable>(Options::new().with_total_rows("BigTable", 1_000)).await;
    check::<big::BigStream>(Options::new().with_total_rows("BigStream", 1_000)).await;
    check::<big::BigStreamCached>(Options::new().with_total_rows("BigStreamCached", 1_000)).await;
}
