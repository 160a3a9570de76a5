//! Messages that are wrong in every way there is: none makes the guard panic, none makes it allocate much.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod bombs;
mod corpus;
mod judge;
mod mutate;

use std::sync::{Mutex, MutexGuard, PoisonError};

use fastrand::Rng;
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// What is allocated, and what panics, is counted for the whole process: one test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn the_samples_are_right() {
    let _alone = alone();
    let judge = judge::Judge::new();
    for sample in corpus::samples() {
        let judged = judge.judge(&sample.messages);
        assert_eq!(judged.verdict, judge::Verdict::Decoded, "{}: {:?}", sample.name, judged.error);
    }
}

#[test]
fn no_mutation_gets_through() {
    run(0, 200_000);
}

/// `MUTATIONS=10000000 cargo test --release -p flexconnect-flight --all-features --test mutations -- --ignored --nocapture`
#[test]
#[ignore = "takes minutes; ten million cases if MUTATIONS does not say how many, from the seed SEED"]
fn no_mutation_gets_through_in_the_long_run() {
    let number = |name| std::env::var(name).ok().and_then(|number| number.parse().ok());
    run(number("SEED").unwrap_or(1), number("MUTATIONS").unwrap_or(10_000_000));
}

/// Judges so many mutations; each has a seed of its own, so that one that fails can be had again.
fn run(seed: u64, count: u64) {
    let _alone = alone();
    let samples = corpus::samples();
    let judge = judge::Judge::new();
    let mut counts = judge::Counts::default();
    for case in 0..count {
        let messages = mutate::mutated(&samples, &mut Rng::with_seed(seed << 40 | case));
        counts.add(case, judge.judge(&messages));
    }
    counts.report(count);
}
