//! The name of this machine, which clients elsewhere know it by.

use std::fs::read_to_string;

/// The machine's full name, as far as the machine itself can tell: the first name with a domain that its table of
/// hosts gives it, else its own name in the domain its resolver searches first, else just its own name.
pub(crate) fn name() -> String {
    let own =
        ["/proc/sys/kernel/hostname", "/etc/hostname"].iter().find_map(|file| read_to_string(file).ok());
    let own = own.or_else(|| std::env::var("HOSTNAME").ok()).map(|name| name.trim().to_owned());
    let own = own.filter(|name| !name.is_empty()).unwrap_or_else(|| "localhost".into());
    let (hosts, resolver) = (read_to_string("/etc/hosts"), read_to_string("/etc/resolv.conf"));
    full(own, &hosts.unwrap_or_default(), &resolver.unwrap_or_default())
}

/// The version of the system's kernel.
#[cfg(feature = "otel")]
pub(crate) fn kernel() -> Option<String> {
    read_to_string("/proc/sys/kernel/osrelease").ok().map(|version| version.trim().to_owned())
}

/// What the system calls itself.
#[cfg(feature = "otel")]
pub(crate) fn system() -> Option<String> {
    let about = read_to_string("/etc/os-release").ok()?;
    let name = about.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches('"').to_owned())
}

fn full(own: String, hosts: &str, resolver: &str) -> String {
    if own.contains('.') {
        return own;
    }
    let words = |line: &str| {
        line.split('#').next().unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    };
    for line in hosts.lines() {
        let names: Vec<String> = words(line);
        let full = names.iter().skip(1).find(|name| name.contains('.'));
        if let (true, Some(full)) = (names.iter().skip(1).any(|name| *name == own), full) {
            return full.clone();
        }
    }
    let domain = resolver.lines().map(words).find_map(|words: Vec<String>| match &words[..] {
        [key, domain, ..] if key == "search" || key == "domain" => Some(domain.trim_matches('.').to_owned()),
        _ => None,
    });
    match domain.filter(|domain| !domain.is_empty()) {
        Some(domain) => format!("{own}.{domain}"),
        None => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fullest_name_is_taken() {
        let hosts = "127.0.0.1 localhost # own.not.this\n10.0.0.7\town.example.com own\n";
        let resolver = "nameserver 10.0.0.1\nsearch cluster.local other\n";
        assert_eq!(full("own".into(), hosts, resolver), "own.example.com");
        assert_eq!(full("other".into(), hosts, resolver), "other.cluster.local");
        assert_eq!(full("own.org".into(), hosts, resolver), "own.org");
        assert_eq!(full("other".into(), "", ""), "other");
    }
}
