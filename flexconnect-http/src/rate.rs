//! At most so many requests in a second, evenly spaced.

use std::time::Duration;

use flexconnect_core::{Error, ErrorKind};
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// A rate that is never exceeded: between two permits lies at least the time one of them stands for.
///
/// Tokio's timer rounds a wait up to a millisecond, so beyond some hundred a second the rate reached is lower. Permits
/// are not saved up: a burst after a pause would double the rate of the second it falls into.
pub(crate) struct Rate {
    limiter: RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>,
    clock: TokioClock,
    /// Who waits first is served first; the limiter alone has no order.
    queue: Mutex<()>,
}

impl Rate {
    /// # Errors
    /// Config for a rate that is no number from 0.001 to 1,000,000,000.
    pub(crate) fn per_second(rate: f64) -> Result<Self, Error> {
        let quota = (0.001..=1e9).contains(&rate).then(|| {
            // Rounded up: a nanosecond too little between requests would be a rate too high.
            let nanos = (1e9 / rate).ceil() as u64;
            Quota::with_period(Duration::from_nanos(nanos))
        });
        let quota = quota.flatten().ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                "`requests_per_second` must be at least 0.001, and at most 1000000000",
            )
        })?;
        let clock = TokioClock(Instant::now());
        Ok(Rate { limiter: RateLimiter::direct_with_clock(quota, clock), clock, queue: Mutex::new(()) })
    }

    /// Waits until one more request may be sent.
    pub(crate) async fn permit(&self) {
        let _first = self.queue.lock().await;
        while let Err(not_yet) = self.limiter.check() {
            tokio::time::sleep(not_yet.wait_time_from(self.clock.now())).await;
        }
    }
}

/// Tokio's clock, which tests can pause.
#[derive(Debug, Clone, Copy)]
struct TokioClock(Instant);

impl Clock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// When each of `count` permits was given to tasks that all ask at once.
    async fn permits(rate: &Arc<Rate>, count: usize) -> Vec<Instant> {
        let tasks: Vec<_> = (0..count)
            .map(|_| {
                let rate = rate.clone();
                tokio::spawn(async move {
                    rate.permit().await;
                    Instant::now()
                })
            })
            .collect();
        let mut given = Vec::new();
        for task in tasks {
            given.push(task.await.unwrap());
        }
        given.sort();
        given
    }

    fn most_in_a_second(given: &[Instant]) -> usize {
        let within = |from: &Instant| {
            given.iter().filter(|at| *at >= from && **at < *from + Duration::from_secs(1)).count()
        };
        given.iter().map(within).max().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_has_more_permits_than_the_rate() {
        for (per_second, at_most) in [(1.0, 1), (7.0, 7), (50.0, 50), (300.0, 300), (0.5, 1)] {
            let rate = Arc::new(Rate::per_second(per_second).unwrap());
            let count = (per_second * 3.0).max(4.0) as usize;
            let mut given = permits(&rate, count).await;
            // What was not used in a pause is not made up for.
            tokio::time::sleep(Duration::from_secs(20)).await;
            given.extend(permits(&rate, count).await);
            let most = most_in_a_second(&given);
            assert!(most <= at_most && most * 4 >= at_most * 3, "{most} permits at {per_second} a second");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_is_reached_and_who_waits_first_is_first() {
        let rate = Arc::new(Rate::per_second(10.0).unwrap());
        let started = Instant::now();
        let given = permits(&rate, 21).await;
        // Twenty gaps of a tenth of a second; tokio's timer rounds each up to a millisecond.
        let took = given[20] - started;
        assert!((Duration::from_secs(2)..Duration::from_millis(2100)).contains(&took), "{took:?}");
        assert_eq!(given[0], started);
    }

    #[test]
    fn a_rate_is_a_number_within_reason() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e300, 1e-320, 0.000_9] {
            assert!(Rate::per_second(rate).is_err_and(|error| error.kind() == ErrorKind::Config), "{rate}");
        }
    }
}
