//! The conformance kit: right connectors pass all of it, and each check finds a connector that is broken in one way.
#![cfg(feature = "conformance")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod door;
mod items;
mod lax;
mod secrets;
mod ticks;

use flexconnect_core::conformance::{Options, Report, Verdict};

/// Exactly this check fails, and says where and what to do.
#[track_caller]
fn only_fails(report: &Report, check: &str, fault: &str) {
    let failed: Vec<_> = report.failed().map(|outcome| outcome.check).collect();
    assert_eq!(failed, [check], "{fault}\n{report}");
    for outcome in report.failed() {
        let Verdict::Failed(findings) = &outcome.verdict else { unreachable!("it failed") };
        assert!(findings.iter().all(|finding| !finding.place.is_empty() && !finding.advice.is_empty()));
    }
}

#[test]
fn what_is_not_there_is_not_passed_over() {
    let plugin = flexconnect_core::Plugin::new("none", "1.0.0");
    let report = futures::executor::block_on(flexconnect_core::conformance::check(&plugin, Options::new()));
    assert!(std::panic::catch_unwind(|| report.assert()).is_err(), "nothing was examined");
    let options = Options::new().with_scratch("itms");
    let report = futures::executor::block_on(flexconnect_core::conformance::check(&plugin, options));
    only_fails(&report, "options", "a table that is not there");
}
