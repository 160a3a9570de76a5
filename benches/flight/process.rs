//! What a process says of itself.

use std::io::{BufRead, Write};

use flexconnect_core::Result;
use rustix::time::{ClockId, clock_gettime};

/// Seconds of processor this process has had, in all its threads.
pub(crate) fn cpu_seconds() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

/// Says one number after another, and answers each line that comes, until there is none.
pub(crate) fn answer(first: f64, mut answer: impl FnMut(&[&str]) -> Result<Vec<f64>>) -> Result<()> {
    let mut output = std::io::stdout();
    writeln!(output, "{first}")?;
    output.flush()?;
    for line in std::io::stdin().lock().lines() {
        let numbers = answer(&line?.split_whitespace().collect::<Vec<_>>())?;
        let numbers: Vec<String> = numbers.iter().map(f64::to_string).collect();
        writeln!(output, "{}", numbers.join(" "))?;
        output.flush()?;
    }
    Ok(())
}

/// A server's answers: what it has cost so far.
pub(crate) fn answer_as_server(port: u16) -> Result<()> {
    answer(f64::from(port), |_| Ok(vec![cpu_seconds()]))
}
