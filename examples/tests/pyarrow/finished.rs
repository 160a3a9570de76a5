//! A process run to its end, or to the end of our patience.

use std::io::Read;
use std::process::{Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How a process ended, and all it said.
pub(crate) struct Finished {
    pub(crate) success: bool,
    /// In words: `ended with exit status: 1`.
    pub(crate) how: String,
    /// Stdout, then stderr.
    pub(crate) output: String,
}

impl Finished {
    /// Runs it; kills it when it takes longer than `at_most`.
    pub(crate) fn of(mut command: Command, at_most: Duration) -> Self {
        let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut process = match started {
            Ok(process) => process,
            Err(error) => {
                let how = format!("does not start: {error}");
                return Finished { success: false, how, output: String::new() };
            }
        };
        let (stdout, stderr) = (collect(process.stdout.take()), collect(process.stderr.take()));
        let deadline = Instant::now() + at_most;
        let status = loop {
            match process.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(20)),
                _ => {
                    let _ = process.kill();
                    let _ = process.wait();
                    break None;
                }
            }
        };
        let how = match status {
            Some(status) => format!("ended with {status}"),
            None => format!("was killed after {} s", at_most.as_secs()),
        };
        let output = [stdout, stderr].map(|said| said.join().unwrap_or_default()).concat();
        Finished { success: status.is_some_and(|status| status.success()), how, output }
    }
}

/// Reads on a thread of its own: a process whose pipe is full would never end.
fn collect(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut said = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut said);
        }
        String::from_utf8_lossy(&said).into_owned()
    })
}
