//! How much is logged, as a configuration of Python's `logging` says it.

use std::path::Path;

use flexconnect_core::{Error, ErrorKind};

/// The loggers of the Python server, and whose work is done here in their place.
const STANDS_FOR: [(&str, &[&str]); 2] = [
    ("gooddata_flight_server", &["flexconnect_flight", "flexconnect_core"]),
    ("gooddata_flexconnect", &["flexconnect_flight::gooddata"]),
];

/// The levels of an INI file in the form of a filter, such as `info,flexconnect_core=debug`; what else the file says is
/// named in the log and has no effect.
pub(crate) fn read(file: &Path) -> Result<String, Error> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let message = format!("`{}` cannot be read", file.display());
        Error::new(ErrorKind::Config, message).with_source(error)
    })?;
    let (filter, ignored) = levels(&text);
    if !ignored.is_empty() {
        let file = file.display();
        tracing::warn!(%file, sections = ignored.join(", "), "only the levels of loggers are taken from a logging configuration");
    }
    Ok(filter)
}

/// The filter, and the sections that say nothing of levels.
fn levels(text: &str) -> (String, Vec<String>) {
    let (mut root, mut directives, mut ignored) = ("info", Vec::new(), Vec::new());
    for section in sections(text) {
        let Some(name) = section.name.strip_prefix("logger_") else {
            if section.name != "loggers" {
                ignored.push(section.name.to_owned());
            }
            continue;
        };
        let Some(level) = section.get("level").and_then(level) else { continue };
        match section.get("qualname") {
            _ if name == "root" => root = level,
            Some(logger) => {
                directives.extend(targets(logger).into_iter().map(|target| format!("{target}={level}")))
            }
            None => ignored.push(section.name.to_owned()),
        }
    }
    directives.insert(0, root.to_owned());
    (directives.join(","), ignored)
}

/// Python's levels in the words used here; `NOTSET` leaves it to those above.
fn level(python: &str) -> Option<&'static str> {
    match python.to_ascii_uppercase().as_str() {
        "DEBUG" => Some("debug"),
        "INFO" => Some("info"),
        "WARNING" | "WARN" => Some("warn"),
        "ERROR" | "CRITICAL" | "FATAL" => Some("error"),
        _ => None,
    }
}

/// Whose lines a logger's level is for.
fn targets(logger: &str) -> Vec<String> {
    let stands_for =
        STANDS_FOR.iter().find(|(python, _)| logger == *python || logger.starts_with(&format!("{python}.")));
    match stands_for {
        Some((_, ours)) => ours.iter().map(|target| (*target).to_owned()).collect(),
        // Nothing but a name may become part of a filter.
        None if logger.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.')) => {
            vec![logger.replace('.', "::")]
        }
        None => Vec::new(),
    }
}

struct Section<'a> {
    name: &'a str,
    members: Vec<(&'a str, &'a str)>,
}

impl Section<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.members.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| *value)
    }
}

fn sections(text: &str) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    for line in text.lines() {
        let plain = line.trim();
        if plain.is_empty() || plain.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = plain.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            sections.push(Section { name: name.trim(), members: Vec::new() });
        } else if let (Some(section), Some((key, value))) =
            (sections.last_mut(), plain.split_once(['=', ':']))
        {
            section.members.push((key.trim(), value.trim()));
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_taken_and_the_rest_is_named() {
        let text = "[loggers]\nkeys=root,tasks\n[handlers]\nkeys=h\n[logger_root]\nlevel=WARNING\nhandlers=h\n\
                    [logger_tasks]\n; a note\nlevel: DEBUG\nqualname=gooddata_flight_server.tasks\n\
                    [logger_mine]\nlevel=ERROR\nqualname=my.functions\n[handler_h]\nclass=StreamHandler\n\
                    [logger_odd]\nlevel=DEBUG\nqualname=a=b,c";
        let (filter, ignored) = levels(text);
        assert_eq!(filter, "warn,flexconnect_flight=debug,flexconnect_core=debug,my::functions=error");
        assert_eq!(ignored, ["handlers", "handler_h"]);
    }

    #[test]
    fn what_is_no_configuration_leaves_the_usual() {
        for text in ["", "level=DEBUG", "[logger_root]\nlevel=LOUD", "[", "=\n[]"] {
            assert_eq!(levels(text).0, "info", "{text}");
        }
    }
}
