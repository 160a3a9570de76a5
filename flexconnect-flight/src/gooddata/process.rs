//! What the system knows of this process, under the names Prometheus' own clients give it.

use std::fmt::Write as _;
use std::fs;

/// In so many parts of a second Linux tells programs of time.
const TICKS: f64 = 100.0;

/// The figures as a page: none where there is no `/proc`, and without those that cannot be read.
pub(crate) fn to_text() -> String {
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let open = fs::read_dir("/proc/self/fd").map(Iterator::count).ok();
    page(
        &read("/proc/self/stat"),
        &read("/proc/self/status"),
        &read("/proc/self/limits"),
        &read("/proc/stat"),
        open,
    )
}

fn page(stat: &str, status: &str, limits: &str, system: &str, open: Option<usize>) -> String {
    // The name of the program stands before them, in parentheses, and may have any in itself.
    let stat: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    // Counted as proc(5) does, where these begin with the third.
    let ticks = |field: usize| Some(stat.get(field - 3)?.parse::<f64>().ok()? / TICKS);
    let number_behind = |text: &str, key: &str| -> Option<f64> {
        let line = text.lines().find_map(|line| line.strip_prefix(key))?;
        line.split_whitespace().next()?.parse().ok()
    };
    let bytes = |key| Some(number_behind(status, key)? * 1024.0);
    let cpu = || Some(ticks(14)? + ticks(15)?);
    let start = || Some(number_behind(system, "btime")? + ticks(22)?);

    let mut page = String::new();
    for (name, kind, help, value) in [
        ("virtual_memory_bytes", "gauge", "Bytes of virtual memory.", bytes("VmSize:")),
        ("resident_memory_bytes", "gauge", "Bytes in memory.", bytes("VmRSS:")),
        ("start_time_seconds", "gauge", "When the process began, in seconds since 1970.", start()),
        ("cpu_seconds_total", "counter", "Seconds of processors, its own and the system's.", cpu()),
        ("open_fds", "gauge", "Open file descriptors.", open.map(|open| open as f64)),
        ("max_fds", "gauge", "How many may be open.", number_behind(limits, "Max open files")),
    ] {
        let Some(value) = value else { continue };
        let _ = write!(
            page,
            "# HELP process_{name} {help}\n# TYPE process_{name} {kind}\nprocess_{name} {value}\n"
        );
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_the_names_of_prometheus_clients() {
        let stat = "7 (a) b) (c) S 1 7 7 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 3 0 4200 9999 8 1844";
        let status = "Name:\ta\nVmSize:\t    2048 kB\nVmRSS:\t       1 kB\n";
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
                      Max open files            1024                 524288               files\n";
        let page = page(stat, status, limits, "cpu 1 2\nbtime 1700000000\n", Some(9));
        let samples: Vec<&str> = page.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            samples,
            [
                "process_virtual_memory_bytes 2097152",
                "process_resident_memory_bytes 1024",
                "process_start_time_seconds 1700000042",
                "process_cpu_seconds_total 2",
                "process_open_fds 9",
                "process_max_fds 1024",
            ]
        );
        assert!(page.contains("# TYPE process_cpu_seconds_total counter\n"));
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        assert_eq!(page("", "", "Max open files            unlimited", "", None), "");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_all_of_them() {
        assert_eq!(to_text().lines().filter(|line| line.starts_with("process_")).count(), 6);
    }
}
