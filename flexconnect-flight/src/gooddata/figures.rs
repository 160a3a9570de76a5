//! What is counted of tasks, under the names dashboards know.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::task::State;

/// Prometheus' text format.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The figures of all tasks of a server.
#[derive(Debug)]
pub(crate) struct Figures {
    /// Tasks that are not done.
    queue: AtomicU64,
    wait: Times,
    run: Times,
    whole: Times,
    failed: AtomicU64,
    cancelled: AtomicU64,
    completed: AtomicU64,
    /// Since when it is counted, in seconds since 1970.
    since: f64,
}

/// How often something took how long in all.
#[derive(Debug, Default)]
struct Times {
    count: AtomicU64,
    nanoseconds: AtomicU64,
}

impl Times {
    fn add(&self, time: Duration) {
        self.count.fetch_add(1, Ordering::Relaxed);
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }
}

impl Default for Figures {
    fn default() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        Figures {
            queue: AtomicU64::new(0),
            wait: Times::default(),
            run: Times::default(),
            whole: Times::default(),
            failed: AtomicU64::new(0),
            cancelled: AtomicU64::new(0),
            completed: AtomicU64::new(0),
            since,
        }
    }
}

/// A page in OpenMetrics' text format as one in the older text format, where a counter is called what its samples are, and
/// nothing marks the end.
pub(crate) fn in_text_format(open_metrics: &str) -> String {
    let counters: HashSet<_> = open_metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" counter"))
        .collect();
    let mut page = String::with_capacity(open_metrics.len());
    for line in open_metrics.lines().filter(|line| *line != "# EOF" && !line.starts_with("# UNIT ")) {
        let told = ["# HELP ", "# TYPE "].into_iter().find_map(|what| Some((what, line.strip_prefix(what)?)));
        match told.and_then(|(what, rest)| Some((what, rest.split_once(' ')?))) {
            Some((what, (name, rest))) if counters.contains(name) => {
                let _ = writeln!(page, "{what}{name}_total {rest}");
            }
            _ => {
                let _ = writeln!(page, "{line}");
            }
        }
    }
    page
}

impl Figures {
    pub(crate) fn submitted(&self) {
        self.queue.fetch_add(1, Ordering::Relaxed);
    }

    /// How many tasks are not done, or not told of yet.
    pub(crate) fn queue(&self) -> u64 {
        self.queue.load(Ordering::Acquire)
    }

    /// A task's turn has come after this time.
    pub(crate) fn began(&self, waited: Duration) {
        self.wait.add(waited);
    }

    /// A task is done, after these times of waiting and of running; one that never ran has only the first.
    pub(crate) fn done(&self, state: &State, waited: Duration, ran: Option<Duration>) {
        match ran {
            Some(ran) => self.run.add(ran),
            None => self.wait.add(waited),
        }
        self.whole.add(waited + ran.unwrap_or_default());
        self.completed.fetch_add(1, Ordering::Relaxed);
        match state {
            State::Failed(_) => self.failed.fetch_add(1, Ordering::Relaxed),
            State::Cancelled => self.cancelled.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
        // Last: who waits for this has seen all that was told.
        self.queue.fetch_sub(1, Ordering::Release);
    }

    /// All figures as a page, their names after this prefix.
    pub(crate) fn to_text(&self, prefix: &str, closing: usize) -> String {
        let mut page = String::new();
        let queue = self.queue();
        gauge(&mut page, &format!("{prefix}_task_queue"), "Tasks that are queued or running.", queue);
        let help = "Results that wait to be closed.";
        gauge(&mut page, &format!("{prefix}_close_queue"), help, closing as u64);
        for (name, help, times) in [
            ("task_wait", "Seconds tasks waited for their turn.", &self.wait),
            ("task_duration", "Seconds tasks ran.", &self.run),
            ("task_e2e_duration", "Seconds from the submission of tasks to their end.", &self.whole),
        ] {
            self.summary(&mut page, &format!("{prefix}_{name}"), help, times);
        }
        for (name, help, count) in [
            ("task_error", "Tasks that failed.", &self.failed),
            ("task_cancelled", "Tasks that were cancelled.", &self.cancelled),
            ("task_completed", "Tasks that ended, however they did.", &self.completed),
        ] {
            let name = format!("{prefix}_{name}");
            let count = count.load(Ordering::Relaxed);
            let _ = write!(
                page,
                "# HELP {name}_total {help}\n# TYPE {name}_total counter\n{name}_total {count}\n"
            );
            self.created(&mut page, &name, help);
        }
        page
    }

    fn summary(&self, page: &mut String, name: &str, help: &str, times: &Times) {
        let count = times.count.load(Ordering::Relaxed);
        let seconds = Duration::from_nanos(times.nanoseconds.load(Ordering::Relaxed)).as_secs_f64();
        let _ = write!(
            page,
            "# HELP {name} {help}\n# TYPE {name} summary\n{name}_count {count}\n{name}_sum {seconds}\n"
        );
        self.created(page, name, help);
    }

    fn created(&self, page: &mut String, name: &str, help: &str) {
        let since = self.since;
        let _ = write!(
            page,
            "# HELP {name}_created {help}\n# TYPE {name}_created gauge\n{name}_created {since}\n"
        );
    }
}

fn gauge(page: &mut String, name: &str, help: &str, value: u64) {
    let _ = write!(page, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_the_names_dashboards_know() {
        let figures = Figures::default();
        figures.submitted();
        figures.submitted();
        figures.began(Duration::from_millis(250));
        figures.done(&State::Cancelled, Duration::from_millis(1500), None);
        let page = figures.to_text("gdfs", 3);
        for line in [
            "gdfs_task_queue 1",
            "gdfs_close_queue 3",
            "gdfs_task_wait_count 2",
            "gdfs_task_wait_sum 1.75",
            "gdfs_task_duration_count 0",
            "gdfs_task_e2e_duration_sum 1.5",
            "gdfs_task_error_total 0",
            "gdfs_task_cancelled_total 1",
            "gdfs_task_completed_total 1",
            "# TYPE gdfs_task_wait summary",
        ] {
            assert!(page.lines().any(|shown| shown == line), "{line}\n{page}");
        }
        assert!(figures.to_text("mine", 0).contains("\nmine_close_queue 0\n"));
    }

    #[test]
    fn what_is_counted_of_calls_is_in_the_same_format() {
        let open_metrics = "# HELP calls Calls.\n# TYPE calls counter\ncalls_total{verb=\"DoGet\"} 1\n\
                            # HELP streams Now.\n# TYPE streams gauge\n# UNIT streams streams\nstreams 2\n# EOF\n";
        let text = "# HELP calls_total Calls.\n# TYPE calls_total counter\ncalls_total{verb=\"DoGet\"} 1\n\
                    # HELP streams Now.\n# TYPE streams gauge\nstreams 2\n";
        assert_eq!(in_text_format(open_metrics), text);
    }
}
