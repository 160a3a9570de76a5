//! A connector that tells what its work is doing, and waits where it is told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use flexconnect_core::{
    Capabilities, Config, Connector, Partition, Plugin, ReadRequest, Result, Rows, Table,
};
use tokio::sync::Notify;

#[derive(Table)]
pub(crate) struct Chunk {
    n: i64,
    filling: String,
}

#[derive(Clone, Config)]
pub(crate) struct WatchedConfig {
    /// How the rows come: `produce`, `silent`, `blocking` or `never`.
    #[config(default = "produce")]
    how: String,
    /// Bytes of a row.
    #[config(default = 1000)]
    size: u64,
    /// Whether the plan waits.
    #[config(default = false)]
    slow_plan: bool,
}

/// What the author's code does, as events.
#[derive(Clone, Default)]
pub(crate) struct Events {
    /// Reads whose author's code is there.
    pub(crate) reading: Arc<AtomicUsize>,
    /// Rows that were produced.
    pub(crate) rows: Arc<AtomicUsize>,
    /// Plans under way.
    pub(crate) planning: Arc<AtomicUsize>,
    /// Lets one slow plan go on.
    pub(crate) plan: Arc<Notify>,
    /// Dropped, it lets the work that never returns return.
    pub(crate) release: Arc<Mutex<Option<mpsc::Sender<()>>>>,
}

impl Events {
    pub(crate) fn reading(&self) -> usize {
        self.reading.load(Ordering::SeqCst)
    }

    pub(crate) fn planning(&self) -> usize {
        self.planning.load(Ordering::SeqCst)
    }

    pub(crate) fn plugin(&self) -> Plugin {
        let events = self.clone();
        let shared = move |(): ()| {
            let events = events.clone();
            async move { Ok(events) }
        };
        Plugin::new("watched", "1.0.0").shared(shared).connector::<Watched>().into()
    }
}

struct Guard(Arc<AtomicUsize>);

impl Guard {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Guard(count.clone())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

pub(crate) struct Watched(WatchedConfig, Events);

impl Connector<Events> for Watched {
    const NAME: &'static str = "watched";
    type Config = WatchedConfig;
    type Row = Chunk;

    fn capabilities() -> Capabilities {
        Capabilities::read().with_partitions()
    }

    async fn init(config: WatchedConfig, events: &Events) -> Result<Self> {
        Ok(Watched(config, events.clone()))
    }

    async fn list_partitions(&self, _: &ReadRequest) -> Result<Vec<Partition>> {
        if self.0.slow_plan {
            let _planning = Guard::new(&self.1.planning);
            self.1.plan.notified().await;
        }
        Ok(vec![Partition::new("one"), Partition::new("two")])
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Chunk> {
        let Events { reading, rows, release, .. } = self.1.clone();
        let size = self.0.size as usize;
        let row = move |n| {
            rows.fetch_add(1, Ordering::SeqCst);
            Chunk { n, filling: "x".repeat(size) }
        };
        let produce = |silent: bool| {
            let (reading, row) = (reading.clone(), row.clone());
            Rows::produce(move |output| async move {
                let _reading = Guard::new(&reading);
                output.push(row(0)).await;
                if silent {
                    std::future::pending::<()>().await;
                }
                for n in 1.. {
                    output.push(row(n)).await;
                }
                Ok(())
            })
        };
        match self.0.how.as_str() {
            "silent" => produce(true),
            "blocking" => Rows::blocking(move |output| {
                let _reading = Guard::new(&reading);
                for n in 0.. {
                    output.push(row(n))?;
                }
                Ok(())
            }),
            "never" => {
                let (sender, receiver) = mpsc::channel::<()>();
                *release.lock().unwrap() = Some(sender);
                Rows::blocking(move |output| {
                    let _reading = Guard::new(&reading);
                    output.push(row(0))?;
                    let _ = receiver.recv();
                    Ok(())
                })
            }
            _ => produce(false),
        }
    }
}
