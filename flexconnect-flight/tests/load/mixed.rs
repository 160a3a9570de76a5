//! Half an hour of everything at once: memory does not grow, descriptors do not pile up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use flexconnect_core::ErrorKind;
use flexconnect_flight::{Client, Command};
use futures::{StreamExt, TryStreamExt};
use serde_json::json;

use crate::child::Served;
use crate::tables::{SEED, batch, schema};

/// How long the load lasts, and how much of it counts: caches and pools fill at first.
const LENGTH: Duration = Duration::from_secs(30 * 60);
const WARM: Duration = Duration::from_secs(5 * 60);
/// How often memory is looked at.
const OFTEN: Duration = Duration::from_secs(10);

/// One round of what clients do: whole reads, reads that are left, filters, plans, writes kept and given up, panics.
async fn round(served: &Client, seed: i64) {
    let many = |batches: i64| {
        Command::connector("many").with_config(json!({"seed": seed, "batches": batches, "rows": 256}))
    };
    let rows = async |command: &Command| -> usize {
        let reading = served.read(command).await.unwrap();
        reading.try_fold(0, |rows, batch| async move { Ok(rows + batch.num_rows()) }).await.unwrap()
    };
    assert_eq!(rows(&many(50)).await, 50 * 256);
    assert_eq!(rows(&many(50).with_limit(300)).await, 300);
    let filter = json!({"column": "number", "op": "<", "value": seed * SEED + 1000});
    assert_eq!(rows(&many(20).with_filter(filter)).await, 1000);
    let mut left = served.read(&many(1_000_000)).await.unwrap();
    left.next().await.unwrap().unwrap();
    drop(left);
    let panicked = served.read(&Command::connector("panics")).await.unwrap().try_collect::<Vec<_>>().await;
    assert_eq!(panicked.unwrap_err().kind(), ErrorKind::Internal);
    let counter = Command::connector("counter");
    let batches: Vec<_> = (0..10).map(|number| batch(seed, number * 256, 256)).collect();
    assert_eq!(served.write(&counter, schema(), batches.clone()).await.unwrap().rows, 2560);
    let broken = batches.into_iter().map(Ok).chain([Err("its source failed")]);
    assert!(served.write_stream(&counter, schema(), futures::stream::iter(broken)).await.is_err());
    assert_eq!(served.read(&Command::connector("mny")).await.unwrap_err().kind(), ErrorKind::NotFound);
}

/// `cargo test --release -p flexconnect-flight --test load -- --ignored --nocapture half_an_hour`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "lasts half an hour"]
async fn memory_does_not_grow_in_half_an_hour() {
    let served = Served::start();
    let stop = Arc::new(AtomicBool::new(false));
    let rounds = Arc::new(AtomicU64::new(0));
    let mut loads = Vec::new();
    for seed in 0..8 {
        let client = served.client().await;
        let (stop, rounds) = (stop.clone(), rounds.clone());
        loads.push(tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                round(&client, seed).await;
                rounds.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    let started = Instant::now();
    let (mut seen, mut descriptors) = (Vec::new(), Vec::new());
    while started.elapsed() < LENGTH {
        tokio::time::sleep(OFTEN).await;
        if started.elapsed() >= WARM {
            seen.push((started.elapsed().as_secs_f64() / 600.0, served.kibibytes("VmRSS") as f64 / 1024.0));
            descriptors.push(served.descriptors());
        }
        assert!(loads.iter().all(|load| !load.is_finished()), "a round failed");
    }
    stop.store(true, Ordering::Relaxed);
    for load in loads {
        load.await.unwrap();
    }
    let slope = slope(&seen);
    let (least, most) = (descriptors.iter().min().unwrap(), descriptors.iter().max().unwrap());
    println!(
        "{} rounds: {slope:.2} MiB in 10 minutes, {:.1} MiB at the end, {least} to {most} descriptors",
        rounds.load(Ordering::Relaxed),
        seen.last().unwrap().1,
    );
    assert!(slope <= 1.0, "memory grows by {slope:.2} MiB in 10 minutes: {seen:?}");
    assert_eq!(least, most, "descriptors come or go: {descriptors:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_few_rounds_leave_no_descriptor_open() {
    let served = Served::start();
    let clients = [served.client().await, served.client().await];
    round(&clients[0], 0).await;
    let before = served.descriptors();
    for seed in 1..4 {
        let rounds = clients.iter().map(|client| round(client, seed));
        futures::future::join_all(rounds).await;
    }
    assert_eq!(served.descriptors(), before);
}

/// The slope of the line that fits these points best.
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let covariance: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    covariance / points.iter().map(|point| (point.0 - x).powi(2)).sum::<f64>()
}

#[test]
fn a_slope_is_what_it_is() {
    let points: Vec<_> = (0..10).map(|n| (f64::from(n), 5.0 + 2.5 * f64::from(n))).collect();
    assert!((slope(&points) - 2.5).abs() < 1e-9);
}
