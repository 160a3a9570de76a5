//! The example `gooddata_functions` beside the Python server it stands in for, called over the Rust client of arrow-flight
//! and over pyarrow, which GoodData's client is built on.
//!
//! `cargo build --release --example gooddata_functions` and a run of the tests, which makes the Python environment, then
//! `cargo bench -p flexconnect-benches --features peers --bench gooddata [-- ROWS ROUNDS]`
//!
//! Both are processes of their own that stay for the whole run; rounds are interleaved, medians of what is compared within
//! a round. `GOODDATA_SERVER` and `PYTHON` name the two programs where they are elsewhere.
#![expect(clippy::print_stdout, reason = "a program whose purpose is to print figures")]

mod caller;
mod server;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use flexconnect_benches::{median, rows_and_rounds};
use flexconnect_core::Result;

use caller::Caller;
use server::Server;

/// Rows of a large result.
const ROWS: usize = 10_000_000;
const ROUNDS: usize = 5;
/// Calls of one client in a round, one after the other.
const CALLS: usize = 200;
const CLIENTS: usize = 8;

/// What is measured of a server in a round.
#[derive(Default)]
struct Took {
    /// Seconds of a small call, the median of a round.
    latency: Vec<f64>,
    calls_per_second: Vec<f64>,
    generated_rows_per_second: Vec<f64>,
    cached_bytes_per_second: Vec<f64>,
    /// The same two, read by pyarrow.
    generated_to_pyarrow: Vec<f64>,
    cached_to_pyarrow: Vec<f64>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let (rows, rounds) = rows_and_rounds("gooddata", ROWS, ROUNDS)?;

    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let named = |name, usual: &str| std::env::var_os(name).map_or_else(|| root.join(usual), PathBuf::from);
    let ours = Server::ours(&named("GOODDATA_SERVER", "target/release/examples/gooddata_functions")).await?;
    let python = named("PYTHON", "target/gooddata-venv/bin/python");
    let reference = Server::reference(&python, &root.join("examples/tests/gooddata/reference")).await?;
    let servers = [&ours, &reference];

    let mut idle = Vec::new();
    for server in servers {
        Caller::connect(server.port).await?.call("Tiny", rows).await?;
        idle.push(server.resident()?);
    }
    let mut took = [Took::default(), Took::default()];
    let mut peak = [0; 2];
    // The first round warms caches, makes the batches that are read again, and is not counted.
    for round in 0..=rounds {
        for place in 0..2 {
            let which = (place + round) % 2;
            let one = measure(servers[which], rows, &python).await?;
            if round == 0 {
                // Later the batches that are read again are in memory, too.
                peak[which] = one.peak;
            } else {
                let took = &mut took[which];
                took.latency.push(one.latency);
                took.calls_per_second.push(one.calls_per_second);
                took.generated_rows_per_second.push(one.generated_rows_per_second);
                took.cached_bytes_per_second.push(one.cached_bytes_per_second);
                took.generated_to_pyarrow.push(one.generated_to_pyarrow);
                took.cached_to_pyarrow.push(one.cached_to_pyarrow);
            }
        }
    }

    let [ours, reference] = &took;
    println!("{rows} rows, {rounds} rounds\n");
    println!("{:<36} {:>12} {:>12} {:>8}", "", "ours", "python", "ratio");
    let line = |what: &str, scale: f64, of: fn(&Took) -> &Vec<f64>| {
        let ratios = of(ours).iter().zip(of(reference)).map(|(own, other)| own / other).collect();
        let median_of = |took: &Took| median(of(took).clone()) * scale;
        println!(
            "{what:<36} {:>12.2} {:>12.2} {:>8.2}",
            median_of(ours),
            median_of(reference),
            median(ratios)
        );
    };
    line("Tiny, median call in ms", 1e3, |took| &took.latency);
    line("Tiny, calls a second of 8 clients", 1.0, |took| &took.calls_per_second);
    line("BigStream, million rows a second", 1e-6, |took| &took.generated_rows_per_second);
    line("BigStreamCached, GB a second", 1e-9, |took| &took.cached_bytes_per_second);
    line("BigStream to pyarrow, million rows/s", 1e-6, |took| &took.generated_to_pyarrow);
    line("BigStreamCached to pyarrow, GB/s", 1e-9, |took| &took.cached_to_pyarrow);
    let mib = |bytes: u64| bytes as f64 / (1 << 20) as f64;
    for (what, [own, other]) in
        [("idle, MiB resident", [idle[0], idle[1]]), ("BigStream, most MiB resident", peak)]
    {
        println!("{what:<36} {:>12.1} {:>12.1} {:>8.2}", mib(own), mib(other), mib(own) / mib(other));
    }
    Ok(())
}

/// A round with one server.
struct Round {
    latency: f64,
    calls_per_second: f64,
    generated_rows_per_second: f64,
    cached_bytes_per_second: f64,
    generated_to_pyarrow: f64,
    cached_to_pyarrow: f64,
    /// Most bytes in memory while rows were generated.
    peak: u64,
}

async fn measure(server: &Server, rows: usize, python: &Path) -> Result<Round> {
    let latency = latency(server.port, rows).await?;
    let mut caller = Caller::connect(server.port).await?;
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

    server.forget_peak()?;
    let started = Instant::now();
    let read = caller.call("BigStream", rows).await?;
    let generated = started.elapsed().as_secs_f64();
    let peak = server.peak()?;
    let started = Instant::now();
    let cached = caller.call("BigStreamCached", rows).await?;
    let repeated = started.elapsed().as_secs_f64();
    if (read.rows, cached.rows) != (rows, rows) {
        return Err(format!("{} and {} rows were read, not {rows}", read.rows, cached.rows).into());
    }
    let (_, generated_to_pyarrow) = by_pyarrow(python, server.port, "BigStream", rows)?;
    let (bytes, cached_to_pyarrow) = by_pyarrow(python, server.port, "BigStreamCached", rows)?;
    Ok(Round {
        generated_to_pyarrow: rows as f64 / generated_to_pyarrow,
        cached_to_pyarrow: bytes / cached_to_pyarrow,
        latency,
        calls_per_second,
        generated_rows_per_second: rows as f64 / generated,
        cached_bytes_per_second: cached.bytes as f64 / repeated,
        peak,
    })
}

/// Seconds of a small call, the median of many one after the other. Their client has one thread, so that no time is spent
/// on handing its work from one to another.
async fn latency(port: u16, rows: usize) -> Result<f64> {
    let calling = move || -> Result<f64> {
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
            let mut caller = Caller::connect(port).await?;
            let mut times = Vec::with_capacity(CALLS);
            for _ in 0..CALLS {
                let started = Instant::now();
                caller.call("Tiny", rows).await?;
                times.push(started.elapsed().as_secs_f64());
            }
            Ok(median(times))
        })
    };
    tokio::task::spawn_blocking(calling).await?
}

/// Bytes and seconds of a result that pyarrow reads, in a process of its own.
fn by_pyarrow(python: &Path, port: u16, function: &str, rows: usize) -> Result<(f64, f64)> {
    let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("gooddata/reader.py");
    let output = Command::new(python)
        .arg(reader)
        .args([&port.to_string(), function, &rows.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    let numbers: Vec<f64> =
        String::from_utf8(output.stdout)?.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    match numbers[..] {
        [came, bytes, seconds] if came == rows as f64 => Ok((bytes, seconds)),
        _ => Err(format!("pyarrow did not read {rows} rows of {function}: {numbers:?}").into()),
    }
}
