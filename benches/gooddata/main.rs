//! The example `gooddata_functions` beside the Python server it stands in for. A small call is made by three clients, because
//! much of what it takes is theirs: one that does no more than to write its bytes and to read the answer's, the Rust client of
//! arrow-flight, and pyarrow, which GoodData's client is built on. Large results are read by the two, and by that of
//! flexconnect.
//!
//! `cargo build --release --example gooddata_functions` and a run of the tests, which makes the Python environment, then
//! `cargo bench -p flexconnect-benches --features peers --bench gooddata [-- ROWS ROUNDS]`
//!
//! Both are processes of their own that stay for the whole run; rounds are interleaved, medians of what is compared within
//! a round. A large result is read twice and the second counts: what the reads before left in a client's allocator is not this
//! server's doing. The Rust clients keep what they free, and pyarrow has a process for each server. A small call is asked of a
//! bare arrow-flight server, too, which has its answers ready: what a call costs on this machine when nothing is done for it.
//! `GOODDATA_SERVER` and `PYTHON` name the two programs where they are elsewhere.
#![expect(clippy::print_stdout, reason = "a program whose purpose is to print figures")]

mod caller;
#[path = "../flight/child.rs"]
mod child;
#[path = "../flight/data.rs"]
mod data;
#[path = "../flight/process.rs"]
mod process;
mod server;
#[path = "../flight/stock.rs"]
mod stock;
mod wire;

use std::path::{Path, PathBuf};
use std::time::Instant;

use flexconnect_benches::{keep_freed_memory, median, rows_and_rounds};
use flexconnect_core::Result;
use flexconnect_flight::Client;

use caller::{Caller, Came};
use child::Child;
use server::Server;
use wire::Wire;

/// Rows of a large result.
const ROWS: usize = 10_000_000;
const ROUNDS: usize = 5;
/// Calls of one client in a round, one after the other.
const CALLS: usize = 200;
const CLIENTS: usize = 8;
/// Who makes them.
const CALLERS: [&str; 3] = ["the bytes alone", "arrow-flight", "pyarrow"];
/// Who reads large results: a client that takes one is much of what it costs.
const READERS: [&str; 3] = ["arrow-flight", "flexconnect", "pyarrow"];

/// The word that makes this program the bare server.
const BARE: &str = "bare";

/// What is measured of a server in a round.
#[derive(Default)]
struct Took {
    /// Seconds of a small call of each caller, the median of a round.
    latency: [Vec<f64>; CALLERS.len()],
    calls_per_second: Vec<f64>,
    /// Rows a second of BigStream, to each reader.
    generated: [Vec<f64>; READERS.len()],
    /// Bytes a second of BigStreamCached.
    cached: [Vec<f64>; READERS.len()],
}

fn main() -> Result<()> {
    if std::env::args().nth(1).as_deref() == Some(BARE) {
        return stock::serve(data::BATCH_ROWS);
    }
    compare()
}

#[tokio::main]
async fn compare() -> Result<()> {
    let (rows, rounds) = rows_and_rounds("gooddata", ROWS, ROUNDS)?;
    keep_freed_memory();

    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let named = |name, usual: &str| std::env::var_os(name).map_or_else(|| root.join(usual), PathBuf::from);
    let ours = Server::ours(&named("GOODDATA_SERVER", "target/release/examples/gooddata_functions")).await?;
    let python = named("PYTHON", "target/gooddata-venv/bin/python");
    let reference = Server::reference(&python, &root.join("examples/tests/gooddata/reference")).await?;
    let servers = [&ours, &reference];
    let bare = Child::own(&[BARE])?;
    let reader = |port: u16| Child::python(&python, "gooddata/reader.py", &[&port.to_string()]);
    let mut pyarrow = [reader(ours.port)?, reader(reference.port)?];
    let mut bare_pyarrow = reader(bare.port)?;

    let mut idle = Vec::new();
    for server in servers {
        Caller::connect(server.port).await?.call("Tiny", rows).await?;
        idle.push(server.resident()?);
    }
    let mut took = [Took::default(), Took::default()];
    let (mut peak, mut bare_latency) = ([0; 2], [const { Vec::new() }; CALLERS.len()]);
    // The first round warms caches, makes the batches that are read again, and is not counted.
    for round in 0..=rounds {
        let latency = latency(bare.port, &mut bare_pyarrow).await?;
        if round > 0 {
            bare_latency.iter_mut().zip(latency).for_each(|(took, latency)| took.push(latency));
        }
        for place in 0..2 {
            let which = (place + round) % 2;
            let one = measure(servers[which], rows, &mut pyarrow[which]).await?;
            if round == 0 {
                // Later the batches that are read again are in memory, too.
                peak[which] = one.peak;
            } else {
                let took = &mut took[which];
                took.latency.iter_mut().zip(one.latency).for_each(|(took, latency)| took.push(latency));
                took.calls_per_second.push(one.calls_per_second);
                for reader in 0..READERS.len() {
                    took.generated[reader].push(one.generated[reader]);
                    took.cached[reader].push(one.cached[reader]);
                }
            }
        }
    }

    let [ours, reference] = &took;
    println!("{rows} rows, {rounds} rounds\n");
    println!("{:<40} {:>12} {:>12} {:>8}", "", "ours", "python", "ratio");
    let print = |what: &str, scale: f64, own: &Vec<f64>, other: &Vec<f64>| {
        let ratios = own.iter().zip(other).map(|(own, other)| own / other).collect();
        let [own, other] = [own, other].map(|took| median(took.clone()) * scale);
        println!("{what:<40} {own:>12.2} {other:>12.2} {:>8.2}", median(ratios));
    };
    let line = |what: &str, scale: f64, of: &dyn Fn(&Took) -> &Vec<f64>| {
        print(what, scale, of(ours), of(reference));
    };
    for (caller, name) in CALLERS.iter().enumerate() {
        line(&format!("Tiny by {name}, median ms"), 1e3, &|took| &took.latency[caller]);
        print("   bare arrow-flight for ours", 1e3, &bare_latency[caller], &reference.latency[caller]);
    }
    line("Tiny, calls a second of 8 clients", 1.0, &|took| &took.calls_per_second);
    for (reader, name) in READERS.iter().enumerate() {
        line(&format!("BigStream to {name}, Mrows/s"), 1e-6, &|took| &took.generated[reader]);
        line(&format!("BigStreamCached to {name}, GB/s"), 1e-9, &|took| &took.cached[reader]);
    }
    let mib = |bytes: u64| bytes as f64 / (1 << 20) as f64;
    for (what, [own, other]) in
        [("idle, MiB resident", [idle[0], idle[1]]), ("BigStream, most MiB resident", peak)]
    {
        println!("{what:<40} {:>12.1} {:>12.1} {:>8.2}", mib(own), mib(other), mib(own) / mib(other));
    }
    Ok(())
}

/// A round with one server.
struct Round {
    latency: [f64; CALLERS.len()],
    calls_per_second: f64,
    generated: [f64; READERS.len()],
    cached: [f64; READERS.len()],
    /// Most bytes in memory while rows were generated.
    peak: u64,
}

async fn measure(server: &Server, rows: usize, pyarrow: &mut Child) -> Result<Round> {
    let latency = latency(server.port, pyarrow).await?;
    let caller = Caller::connect(server.port).await?;
    let mut callers = Vec::new();
    for _ in 0..CLIENTS {
        callers.push(Caller::connect(server.port).await?);
    }
    let started = Instant::now();
    let calling = callers.into_iter().map(|mut caller| {
        tokio::spawn(async move {
            for _ in 0..CALLS / CLIENTS {
                caller.call("Tiny", rows).await?;
            }
            Ok::<_, flexconnect_core::BoxError>(())
        })
    });
    for called in calling.collect::<Vec<_>>() {
        called.await??;
    }
    let calls_per_second = (CALLS / CLIENTS * CLIENTS) as f64 / started.elapsed().as_secs_f64();

    let own = Client::connect(format!("http://localhost:{}", server.port)).await?;
    let mut readers = Readers { caller, own, pyarrow };
    server.forget_peak()?;
    let mut peak = 0;
    let (mut generated, mut cached) = ([0.0; READERS.len()], [0.0; READERS.len()]);
    for (reader, name) in READERS.iter().enumerate() {
        for function in ["BigStream", "BigStreamCached"] {
            readers.read(name, function, rows).await?;
            let (came, seconds) = readers.read(name, function, rows).await?;
            if function == "BigStream" {
                generated[reader] = rows as f64 / seconds;
                // Later there are other results in memory.
                peak = if reader == 0 { server.peak()? } else { peak };
            } else {
                cached[reader] = came.bytes as f64 / seconds;
            }
        }
    }
    Ok(Round { latency, calls_per_second, generated, cached, peak })
}

/// Seconds of a small call of each caller, the median of many one after the other. The Rust client has one thread, so that no
/// time is spent on handing its work from one to another.
async fn latency(port: u16, pyarrow: &mut Child) -> Result<[f64; CALLERS.len()]> {
    let calling = move || -> Result<[f64; 2]> {
        let mut wire = Wire::connect(port)?;
        let bytes: Vec<f64> = (0..CALLS).map(|_| wire.call("Tiny")).collect::<Result<_>>()?;
        let mut times = Vec::with_capacity(CALLS);
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
            let mut caller = Caller::connect(port).await?;
            for _ in 0..CALLS {
                let started = Instant::now();
                caller.call("Tiny", 3).await?;
                times.push(started.elapsed().as_secs_f64());
            }
            Ok::<_, flexconnect_core::BoxError>(())
        })?;
        Ok([median(bytes), median(times)])
    };
    let [bytes, rust] = tokio::task::spawn_blocking(calling).await??;
    let times: Vec<f64> = (0..CALLS).map(|_| Ok(pyarrow.ask("Tiny 3")?[2])).collect::<Result<_>>()?;
    Ok([bytes, rust, median(times)])
}

/// Who reads the large results of a server.
struct Readers<'p> {
    caller: Caller,
    own: Client,
    pyarrow: &'p mut Child,
}

impl Readers<'_> {
    /// A result that this one reads, and how many seconds that took.
    async fn read(&mut self, reader: &str, function: &str, rows: usize) -> Result<(Came, f64)> {
        let started = Instant::now();
        let (came, seconds) = match reader {
            "pyarrow" => match self.pyarrow.ask(&format!("{function} {rows}"))?[..] {
                [came, bytes, seconds] => (Came { rows: came as usize, bytes: bytes as usize }, seconds),
                _ => return Err(format!("pyarrow did not read {function}").into()),
            },
            "flexconnect" => {
                let came = self.caller.call_by(&self.own, function, rows).await?;
                (came, started.elapsed().as_secs_f64())
            }
            _ => {
                let came = self.caller.call(function, rows).await?;
                (came, started.elapsed().as_secs_f64())
            }
        };
        if came.rows != rows {
            return Err(format!("{reader} read {} rows of {function}, not {rows}", came.rows).into());
        }
        Ok((came, seconds))
    }
}
