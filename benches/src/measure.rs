//! Interleaved rounds, CPU time, medians.

use std::fmt;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// One of those measured: a name and what it does with a round's input.
pub struct Contender<'a, I> {
    /// What the table of figures calls it.
    pub name: &'static str,
    /// What is timed. The input is made before and the output dropped within.
    pub run: Box<dyn FnMut(I) + 'a>,
}

impl<I> fmt::Debug for Contender<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contender").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What one contender took, of all its rounds.
#[derive(Debug, Clone)]
pub struct Figures {
    /// The contender's name.
    pub name: &'static str,
    /// Median CPU time of a round.
    pub median: Duration,
    /// Least CPU time of a round.
    pub least: Duration,
    /// Median over the rounds of its time divided by the **last** contender's in the same round.
    pub ratio: f64,
}

/// Until a program has freed a large block once, glibc hands freed memory back to the system at every turn, and page faults
/// are then what is measured. Programs that live for a while have.
pub fn keep_freed_memory() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(16 << 20)));
}

/// Runs every contender once a round, in an order that moves on by one each round, so that none profits from its
/// place. Times the CPU of this thread: another process in between costs nobody anything. `input` makes what the contender
/// of this number, counted from 0, is given.
pub fn measure<I>(
    rounds: usize,
    input: impl Fn(usize) -> I,
    mut contenders: Vec<Contender<'_, I>>,
) -> Vec<Figures> {
    keep_freed_memory();
    let count = contenders.len();
    let mut times = vec![Vec::with_capacity(rounds); count];
    // The first round warms caches and the allocator, and is not counted.
    for round in 0..=rounds {
        for place in 0..count {
            let which = (place + round) % count;
            let input = input(which);
            let started = cpu_time();
            (contenders[which].run)(input);
            let took = cpu_time() - started;
            if round > 0 {
                times[which].push(took);
            }
        }
    }
    let last = times.last().cloned().unwrap_or_default();
    contenders
        .iter()
        .zip(times)
        .map(|(contender, times)| Figures {
            name: contender.name,
            median: median(times.clone()),
            least: times.iter().copied().min().unwrap_or_default(),
            ratio: median(
                times.iter().zip(&last).map(|(own, other)| own.as_secs_f64() / other.as_secs_f64()).collect(),
            ),
        })
        .collect()
}

/// The middle one of these; the default of its type when there is none.
pub fn median<T: PartialOrd + Copy + Default>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// What this thread has had of a processor.
fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_contender_is_the_measure_of_the_others() {
        let spin = |turns: u64| (0..turns).fold(0u64, |sum, turn| std::hint::black_box(sum ^ turn));
        let contender = |name, turns| Contender {
            name,
            run: Box::new(move |()| {
                std::hint::black_box(spin(turns));
            }),
        };
        let figures = measure(3, |_| (), vec![contender("short", 1_000), contender("long", 1_000_000)]);
        assert_eq!(figures.iter().map(|figure| figure.name).collect::<Vec<_>>(), ["short", "long"]);
        assert!((figures[1].ratio - 1.0).abs() < f64::EPSILON);
    }
}
