//! Lines of the log on their way out: many of them in one write, by a thread of its own.
//!
//! Threads that write to standard error wait for each other, and a call and its task have something to say at the same time,
//! while somebody waits for the answer. So a line is only laid down where it is said, and goes out with those of the next
//! milliseconds. A warning or an error goes out at once, behind all that was said before it.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{iter, mem, thread};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// As long does a line wait for others.
const PAUSE: Duration = Duration::from_millis(10);
/// So many bytes wait at most: whoever says more than the reader of the log takes, waits for it.
const MOST: usize = 1 << 20;
/// A pipe takes so many bytes as a whole: lines of other processes are not mixed into them.
const CHUNK: usize = 4 << 10;

/// Where lines are laid down. Clones are the same.
#[derive(Clone)]
pub(crate) struct LogWriter(Arc<Shared>);

struct Shared {
    waiting: Mutex<Waiting>,
    news: Condvar,
    /// Locked before what waits is taken, so that lines keep their order.
    out: Mutex<Box<dyn Write + Send>>,
}

#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    /// Whether the thread has to be woken for the next line.
    is_idle: bool,
    /// Whether there is a thread at all.
    has_thread: bool,
}

impl LogWriter {
    /// Lines go there from now on.
    pub(crate) fn new(out: impl Write + Send + 'static) -> Self {
        let shared =
            Shared { waiting: Mutex::default(), news: Condvar::new(), out: Mutex::new(Box::new(out)) };
        let shared = Arc::new(shared);
        // It is there for as long as somebody may say something. Without it, each line goes out by itself.
        let thread = shared.clone();
        let begun = thread::Builder::new().name("gooddata-log".into()).spawn(move || thread.work());
        shared.waiting().has_thread = begun.is_ok();
        LogWriter(shared)
    }

    /// Writes all that waits. To be called at the end of a process, which waits for no thread.
    pub(crate) fn flush(&self) {
        self.0.flush();
    }
}

impl Shared {
    fn say(&self, line: &[u8], is_urgent: bool) {
        let mut waiting = self.waiting();
        waiting.lines.extend_from_slice(line);
        let goes_out = is_urgent || !waiting.has_thread || waiting.lines.len() > MOST;
        let wakes = !goes_out && mem::take(&mut waiting.is_idle);
        drop(waiting);
        if goes_out {
            self.flush();
        } else if wakes {
            self.news.notify_one();
        }
    }

    fn flush(&self) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = mem::take(&mut self.waiting().lines);
        for chunk in chunks(&lines) {
            // A log that cannot be written is nothing a call should end with.
            let _ = out.write_all(chunk);
        }
        let _ = out.flush();
    }

    fn work(&self) {
        loop {
            let mut waiting = self.waiting();
            while waiting.lines.is_empty() {
                waiting.is_idle = true;
                waiting = self.news.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            }
            waiting.is_idle = false;
            drop(waiting);
            thread::sleep(PAUSE);
            self.flush();
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As many whole lines at a time as go into a chunk; a longer line alone.
fn chunks(mut lines: &[u8]) -> impl Iterator<Item = &[u8]> {
    iter::from_fn(move || {
        let is_end = |byte: &u8| *byte == b'\n';
        let end = match lines.get(..CHUNK) {
            None => lines.len(),
            Some(most) => match most.iter().rposition(is_end) {
                Some(last) => last + 1,
                None => lines.iter().position(is_end).map_or(lines.len(), |end| end + 1),
            },
        };
        let (chunk, rest) = lines.split_at(end);
        lines = rest;
        (!chunk.is_empty()).then_some(chunk)
    })
}

impl<'w> MakeWriter<'w> for LogWriter {
    type Writer = Line<'w>;

    fn make_writer(&'w self) -> Line<'w> {
        Line { shared: &self.0, is_urgent: false }
    }

    fn make_writer_for(&'w self, metadata: &Metadata<'_>) -> Line<'w> {
        Line { shared: &self.0, is_urgent: *metadata.level() <= Level::WARN }
    }
}

/// Takes one line, as a whole.
pub(crate) struct Line<'w> {
    shared: &'w Shared,
    is_urgent: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.shared.say(line, self.is_urgent);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Instant;

    use super::*;

    /// Each write as a message, taken as slowly as somebody reads them.
    struct Written(mpsc::SyncSender<String>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let text = String::from_utf8(bytes.to_vec()).map_err(io::Error::other)?;
            self.0.send(text).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn writer() -> (LogWriter, mpsc::Receiver<String>) {
        let (sender, writes) = mpsc::sync_channel(0);
        (LogWriter::new(Written(sender)), writes)
    }

    const PATIENCE: Duration = Duration::from_secs(10);

    #[test]
    fn lines_go_out_together_and_in_order() {
        let (writer, writes) = writer();
        let mut all = String::new();
        for round in 0..3 {
            let lines: Vec<String> = (0..100).map(|n| format!("{round} {n}\n")).collect();
            lines.iter().for_each(|line| writer.0.say(line.as_bytes(), false));
            let said = lines.concat();
            all.clear();
            let (begun, mut count) = (Instant::now(), 0);
            while all.len() < said.len() {
                all += &writes.recv_timeout(PATIENCE).unwrap();
                count += 1;
            }
            assert_eq!(all, said);
            // One, unless this thread had to stop while it said them.
            assert!(count <= 1 + begun.elapsed().as_millis() as usize / 10, "{count} writes");
        }
    }

    #[test]
    fn what_is_urgent_goes_out_at_once_behind_what_was_said() {
        let (writer, writes) = writer();
        let said = thread::spawn(move || {
            writer.0.say(b"before\n", false);
            writer.0.say(b"urgent\n", true);
            // It has gone out when this is heard.
            writer
        });
        let mut all = String::new();
        while !all.ends_with("urgent\n") {
            all += &writes.recv_timeout(PATIENCE).unwrap();
        }
        assert_eq!(all, "before\nurgent\n");
        let writer = said.join().unwrap();
        assert!(writer.0.waiting().lines.is_empty());
        // Its thread still listens.
        writer.0.say(b"after\n", false);
        assert_eq!(writes.recv_timeout(PATIENCE).unwrap(), "after\n");
    }

    #[test]
    fn who_says_more_than_is_read_waits() {
        let (writer, writes) = writer();
        let (said, heard) = mpsc::channel();
        let line = [b"x".repeat(CHUNK - 1), b"\n".to_vec()].concat();
        let all = 4 * MOST / CHUNK;
        thread::spawn(move || {
            for _ in 0..all {
                writer.0.say(&line, false);
                let _ = said.send(());
            }
            writer.flush();
        });
        let mut before = 0;
        while heard.recv_timeout(10 * PAUSE).is_ok() {
            before += 1;
        }
        // What waits, and what is being written.
        assert!(before <= 2 * MOST / CHUNK + 1, "{before} lines were said, and none read");
        // It goes on when somebody reads.
        let sizes: Vec<usize> = writes.iter().map(|write| write.len()).take(all).collect();
        assert_eq!(sizes, vec![CHUNK; all]);
        assert_eq!(before + heard.iter().count(), all);
    }

    #[test]
    fn chunks_are_whole_lines() {
        let (short, long) = ("s".repeat(1_000) + "\n", "l".repeat(3 * CHUNK) + "\n");
        let lines = [&short, &short, &long, &short, &short, &short, &short, &short].map(String::as_str);
        let sizes: Vec<usize> = chunks(lines.concat().as_bytes()).map(<[u8]>::len).collect();
        assert_eq!(sizes, [2_002, 3 * CHUNK + 1, 4_004, 1_001]);
        assert_eq!(chunks(b"").count(), 0);
    }
}
