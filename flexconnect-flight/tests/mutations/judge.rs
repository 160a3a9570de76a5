//! Decodes a stream and looks at what that did: to its rows, to the process, to memory.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use flexconnect_core::{Error, ErrorKind};
use flexconnect_flight::guard::{Decoder, Limits};

use crate::ALLOCATOR;
use crate::corpus::Message;

/// The largest body of a sample is below it.
const BODY: usize = 64 << 10;
/// Nothing may take more: four bodies unpacked, and twice a bit for each of the values a message may have.
const MOST: usize = (4 * BODY) + 2 * (16 * BODY / 8) + (128 << 10);

/// Whether a panic would be one of the decoder's.
static DECODING: AtomicBool = AtomicBool::new(false);
/// Where the decoder panicked.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// What became of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Decoded,
    /// By the guard,
    Refused,
    /// or by Arrow, behind it.
    RefusedByArrow,
    /// Above a limit.
    TooMuch,
    Panicked,
}

#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    pub(crate) error: Option<String>,
    pub(crate) panics: Vec<String>,
    /// The most that was allocated at one time, above what was before.
    pub(crate) peak: usize,
}

/// Counts panics as long as it lives.
pub(crate) struct Judge(());

impl Judge {
    pub(crate) fn new() -> Self {
        let as_before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !DECODING.load(Ordering::Relaxed) {
                return as_before(panic);
            }
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            let text = panic.payload().downcast_ref::<String>().map(String::as_str);
            let what = text.or_else(|| panic.payload().downcast_ref::<&str>().copied()).unwrap_or_default();
            PANICS.lock().unwrap().push(format!("{place}: {what}"));
        }));
        Judge(())
    }

    pub(crate) fn judge(&self, messages: &[Message]) -> Judged {
        let bodies: Vec<_> = messages
            .iter()
            .map(|(header, body)| (header, arrow_buffer::Buffer::from_vec(body.clone())))
            .collect();
        ALLOCATOR.reset_peak_usage();
        let before = ALLOCATOR.current_usage();
        let mut decoder = Decoder::new(Limits::for_messages_of(BODY));
        let mut verdict = Verdict::Decoded;
        let mut error = None;
        for (header, body) in bodies {
            DECODING.store(true, Ordering::Relaxed);
            let decoded = decoder.decode(header, body);
            DECODING.store(false, Ordering::Relaxed);
            match decoded {
                Ok(None) => {}
                Ok(Some(batch)) => {
                    // What is let through must be what Arrow promises of its arrays.
                    for column in batch.columns() {
                        column
                            .to_data()
                            .validate_full()
                            .unwrap_or_else(|error| panic!("let through: {error}"));
                    }
                }
                Err(refusal) => {
                    verdict = verdict_of(&refusal);
                    error = Some(refusal.to_string());
                    break;
                }
            }
        }
        drop(decoder);
        let peak = ALLOCATOR.peak_usage().saturating_sub(before);
        let panics = std::mem::take(&mut *PANICS.lock().unwrap());
        if !panics.is_empty() {
            verdict = Verdict::Panicked;
        }
        Judged { verdict, error, panics, peak }
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            drop(std::panic::take_hook());
        }
    }
}

fn verdict_of(error: &Error) -> Verdict {
    match error.kind() {
        ErrorKind::Exhausted => Verdict::TooMuch,
        ErrorKind::InvalidRequest if error.source().is_some() => Verdict::RefusedByArrow,
        // Compressed, in a build that does not unpack.
        ErrorKind::InvalidRequest | ErrorKind::Unsupported => Verdict::Refused,
        other => panic!("{other}: {error}"),
    }
}

/// What became of many.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    verdicts: BTreeMap<Verdict, u64>,
    /// For each panic, how often it came and the first case.
    panics: BTreeMap<String, (u64, u64)>,
    peak: usize,
}

impl Counts {
    pub(crate) fn add(&mut self, case: u64, judged: Judged) {
        *self.verdicts.entry(judged.verdict).or_default() += 1;
        for panic in judged.panics {
            self.panics.entry(panic).or_insert((0, case)).0 += 1;
        }
        if judged.peak > MOST {
            panic!("case {case} allocated {} bytes, {MOST} are allowed: {:?}", judged.peak, judged.error);
        }
        self.peak = self.peak.max(judged.peak);
    }

    /// Says what came out, and fails when it is not right.
    #[allow(clippy::print_stdout, reason = "the figures are what the long run is for")]
    pub(crate) fn report(&self, count: u64) {
        println!("{count} mutations: {:?}; at most {} bytes allocated for one", self.verdicts, self.peak);
        for (panic, (times, case)) in &self.panics {
            println!("{times} times, first in case {case}: {panic}");
        }
        assert!(self.panics.is_empty(), "{} places panicked behind the guard", self.panics.len());
        // A guard that refuses all of them would be easy; so would mutations that change nothing.
        for verdict in [Verdict::Decoded, Verdict::Refused, Verdict::RefusedByArrow, Verdict::TooMuch] {
            assert!(
                self.verdicts.get(&verdict).is_some_and(|cases| cases * 200 > count),
                "{:?}",
                self.verdicts
            );
        }
    }
}
