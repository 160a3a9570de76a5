//! Whether a request is sent again, and when.

use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use reqwest::Method;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::config::ClientConfig;
use crate::fault::{Cause, Failure};

/// The attempts of one request.
pub(crate) struct Retries {
    delays: ExponentialBackoff,
    longest: Duration,
    repeatable: bool,
}

impl Retries {
    /// Those of a request of this method. `repeatable` says that sending it twice does no harm although its method
    /// alone would not tell.
    pub(crate) fn new(config: &ClientConfig, method: &Method, repeatable: bool) -> Self {
        let delays = ExponentialBuilder::new()
            .with_min_delay(config.retry_delay)
            .with_max_delay(config.max_retry_delay)
            .with_max_times(config.retries as usize)
            .with_jitter()
            .build();
        let repeatable = repeatable || method.is_idempotent();
        Retries { delays, longest: config.max_retry_delay, repeatable }
    }

    /// How long to wait before the next attempt; `None` when there is to be none.
    pub(crate) fn after(&mut self, failure: &Failure) -> Option<Duration> {
        let safe = match failure.cause {
            Cause::NotSent | Cause::Throttled => true,
            Cause::Unknown => self.repeatable,
            Cause::Final => false,
        };
        if !safe {
            return None;
        }
        let own = self.delays.next()?.min(self.longest);
        match failure.retry_after {
            // Coming back sooner than asked would only be refused again.
            Some(asked) if asked > self.longest => None,
            Some(asked) => Some(asked.max(own)),
            None => Some(own),
        }
    }
}

/// What the header `Retry-After` asks for, in seconds or as a date; nothing when it cannot be read.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    // A date that has passed: at once.
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use flexconnect_core::{Error, ErrorKind};
    use reqwest::header::HeaderValue;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn retries(method: Method, repeatable: bool) -> Retries {
        let config = ClientConfig::default().with_retries(3).with_retry_delays(SECOND, SECOND * 60);
        Retries::new(&config, &method, repeatable)
    }

    fn failure(cause: Cause, retry_after: Option<Duration>) -> Failure {
        Failure { error: Error::new(ErrorKind::Unavailable, "x"), cause, retry_after }
    }

    #[test]
    fn delays_double_with_a_random_part_and_end() {
        let mut retries = retries(Method::GET, false);
        for least in [1, 2, 4] {
            let delay = retries.after(&failure(Cause::Unknown, None)).unwrap();
            assert!((SECOND * least..=SECOND * least * 2).contains(&delay), "{delay:?} for {least}");
        }
        assert_eq!(retries.after(&failure(Cause::Unknown, None)), None);
    }

    #[test]
    fn only_what_is_safe_is_repeated() {
        for (method, repeatable, cause, again) in [
            (Method::GET, false, Cause::Unknown, true),
            (Method::PUT, false, Cause::Unknown, true),
            (Method::DELETE, false, Cause::Unknown, true),
            (Method::POST, false, Cause::Unknown, false),
            (Method::PATCH, false, Cause::Unknown, false),
            (Method::POST, true, Cause::Unknown, true),
            (Method::POST, false, Cause::NotSent, true),
            (Method::POST, false, Cause::Throttled, true),
            (Method::GET, true, Cause::Final, false),
        ] {
            let delay = retries(method.clone(), repeatable).after(&failure(cause, None));
            assert_eq!(delay.is_some(), again, "{method} {cause:?}");
        }
    }

    #[test]
    fn what_the_server_asks_for_is_obeyed_up_to_the_longest_wait() {
        let after = |asked| retries(Method::GET, false).after(&failure(Cause::Throttled, Some(asked)));
        assert_eq!(after(SECOND * 60), Some(SECOND * 60));
        assert_eq!(after(SECOND * 61), None);
        // Sooner than our own wait is no reason to hurry.
        assert!(after(Duration::ZERO).unwrap() >= SECOND);
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now = httpdate::parse_http_date("Fri, 31 Dec 1999 23:59:00 GMT").unwrap();
        let read = |text: &'static str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]);
            retry_after(&headers, now)
        };
        assert_eq!(read("120"), Some(SECOND * 120));
        assert_eq!(read("Fri, 31 Dec 1999 23:59:59 GMT"), Some(SECOND * 59));
        assert_eq!(read("Fri, 31 Dec 1999 23:58:00 GMT"), Some(Duration::ZERO));
        for unreadable in ["", "-1", "soon", "1.5", "99999999999999999999"] {
            assert_eq!(read(unreadable), None, "{unreadable:?}");
        }
    }
}
