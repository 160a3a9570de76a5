//! A thread that goes on although its reader has gone is counted until it returns. Alone in its process: it counts all.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use flexconnect_core::{Connector, ReadRequest, Result, Rows, Table, abandoned_threads, open};
use futures::StreamExt;
use futures::executor::block_on;

#[derive(Table)]
struct Number {
    n: i64,
}

struct Stuck(Mutex<Option<mpsc::Receiver<()>>>);

impl Connector<Mutex<Option<mpsc::Receiver<()>>>> for Stuck {
    const NAME: &'static str = "stuck";
    type Config = ();
    type Row = Number;

    async fn init((): (), release: &Mutex<Option<mpsc::Receiver<()>>>) -> Result<Self> {
        Ok(Stuck(Mutex::new(release.lock().unwrap().take())))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> {
        let release = self.0.lock().unwrap().take();
        Rows::blocking(move |output| {
            output.push(Number { n: 1 })?;
            // Neither pushes nor asks: it hears of nothing.
            let _ = release.unwrap().recv();
            Ok(())
        })
    }
}

fn eventually(holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_thread_that_never_returns_is_left_behind_and_counted() {
    let (release, released) = mpsc::channel();
    let shared = Mutex::new(Some(released));
    let dataset = block_on(open::<Stuck, _>(["stuck"], (), &shared)).unwrap();
    let mut batches = block_on(dataset.read(ReadRequest::new())).unwrap();
    assert_eq!(block_on(batches.next()).unwrap().unwrap().num_rows(), 1);
    assert_eq!(abandoned_threads(), 0);
    drop(batches);
    assert_eq!(abandoned_threads(), 1);
    drop(release);
    eventually(|| abandoned_threads() == 0);
}
