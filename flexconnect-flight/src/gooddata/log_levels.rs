//! How much is logged, as a configuration of Python's `logging` says it.

use std::path::Path;

use flexconnect_core::{Error, ErrorKind};

/// The loggers of the Python server, and where in this program that is done which they tell of.
const STANDS_FOR: [(&str, &[&str]); 8] = [
    ("gooddata_flight_server", &["flexconnect_flight"]),
    ("gooddata_flight_server.auth", &["flexconnect_flight::gooddata::dialect"]),
    ("gooddata_flight_server.health_check_http_server", &["flexconnect_flight::server::http_port"]),
    ("gooddata_flight_server.task_executor", &["flexconnect_flight::gooddata::tasks"]),
    (
        "gooddata_flexconnect",
        &[
            "flexconnect_flight::gooddata::function",
            "flexconnect_flight::gooddata::run",
            "flexconnect_flight::gooddata::verbs",
        ],
    ),
    ("gooddata_flexconnect.registry", &["flexconnect_flight::gooddata::function"]),
    ("gooddata_flexconnect.rpc", &["flexconnect_flight::gooddata::verbs"]),
    ("gooddata_flexconnect.task", &["flexconnect_flight::gooddata::run"]),
];
/// The packages whose loggers have no other place in this program.
const PYTHON: [&str; 2] = ["gooddata_flight_server.", "gooddata_flexconnect."];

/// The levels of an INI file in the form of a filter, such as `info,flexconnect_flight=debug`, and what of it has no effect:
/// sections by their names, and lines that are none of such a file by their numbers.
pub(crate) fn read(file: &Path) -> Result<(String, Vec<String>), Error> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let message = format!("`{}` cannot be read", file.display());
        Error::new(ErrorKind::Config, message).with_source(error)
    })?;
    Ok(levels(&text))
}

/// The filter, and what says nothing of levels.
fn levels(text: &str) -> (String, Vec<String>) {
    let (sections, mut ignored) = parse(text);
    let (mut root, mut directives) = ("info", Vec::new());
    for section in sections {
        let Some(name) = section.name.strip_prefix("logger_") else {
            if section.name != "loggers" {
                ignored.push(section.name.to_owned());
            }
            continue;
        };
        let Some(said) = section.get("level").filter(|said| !said.eq_ignore_ascii_case("NOTSET")) else {
            continue;
        };
        let Some(level) = level(said) else {
            ignored.push(section.name.to_owned());
            continue;
        };
        match section.get("qualname") {
            _ if name == "root" => root = level,
            Some(logger) => match targets(logger) {
                targets if targets.is_empty() => ignored.push(section.name.to_owned()),
                targets => directives.extend(targets.into_iter().map(|target| format!("{target}={level}"))),
            },
            None => ignored.push(section.name.to_owned()),
        }
    }
    if root == "info" {
        // What core says of a read the events of its task say, too.
        directives.insert(0, "flexconnect_core=warn".to_owned());
    }
    directives.insert(0, root.to_owned());
    (directives.join(","), ignored)
}

/// Python's levels in the words used here, but for `NOTSET`, which leaves it to those above.
fn level(python: &str) -> Option<&'static str> {
    match python.to_ascii_uppercase().as_str() {
        "DEBUG" => Some("debug"),
        "INFO" => Some("info"),
        "WARNING" | "WARN" => Some("warn"),
        "ERROR" | "CRITICAL" | "FATAL" => Some("error"),
        _ => None,
    }
}

/// Whose lines a logger's level is for; nobody's, where this program has nothing that stands for it.
fn targets(logger: &str) -> Vec<String> {
    let stands_for = STANDS_FOR.iter().find(|(python, _)| logger == *python);
    match stands_for {
        Some((_, ours)) => ours.iter().map(|target| (*target).to_owned()).collect(),
        None if PYTHON.iter().any(|package| logger.starts_with(package)) => Vec::new(),
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

/// The sections, and the lines that belong to none or say nothing.
fn parse(text: &str) -> (Vec<Section<'_>>, Vec<String>) {
    let (mut sections, mut others): (Vec<Section<'_>>, _) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        let plain = line.trim();
        if plain.is_empty() || plain.starts_with(['#', ';']) {
            continue;
        }
        let member = plain.split_once(['=', ':']).filter(|(key, _)| !key.trim().is_empty());
        let goes_on = line.starts_with(char::is_whitespace);
        let name = plain.strip_prefix('[').and_then(|name| name.strip_suffix(']')).map(str::trim);
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            sections.push(Section { name, members: Vec::new() });
            continue;
        }
        match (sections.last_mut(), member) {
            // The value of the line before goes on.
            (Some(section), _) if goes_on && !section.members.is_empty() => {}
            (Some(section), Some((key, value))) => section.members.push((key.trim(), value.trim())),
            _ => others.push(format!("line {number}")),
        }
    }
    (sections, others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_taken_and_the_rest_is_named() {
        let text = "[loggers]\nkeys=root,tasks\n[handlers]\nkeys=h\n[logger_root]\nlevel=WARNING\nhandlers=h\n\
                    [logger_tasks]\n; a note\nlevel: DEBUG\nqualname=gooddata_flight_server.task_executor\n\
                    [logger_all]\nlevel=INFO\nqualname=gooddata_flight_server\n\
                    [logger_malloc]\nlevel=ERROR\nqualname=gooddata_flight_server.maintenance\n\
                    [logger_mine]\nlevel=ERROR\nqualname=my.functions\n[handler_h]\nclass=StreamHandler\n\
                    [logger_odd]\nlevel=DEBUG\nqualname=a=b,c";
        let (filter, ignored) = levels(text);
        let expected =
            "warn,flexconnect_flight::gooddata::tasks=debug,flexconnect_flight=info,my::functions=error";
        assert_eq!(filter, expected);
        assert_eq!(ignored, ["handlers", "logger_malloc", "handler_h", "logger_odd"]);
    }

    #[test]
    fn what_is_no_configuration_leaves_the_usual_and_is_named() {
        for (text, named) in [
            ("", vec![]),
            ("level=DEBUG", vec!["line 1"]),
            ("[logger_root]\nlevel=LOUD", vec!["logger_root"]),
            ("[logger_root]\nlevel=NOTSET", vec![]),
            ("; a note\n[", vec!["line 2"]),
            ("=\n[ ]\n", vec!["line 1", "line 2"]),
            ("[loggers]\nkeys=root,\n  more\nodd\n=DEBUG", vec!["line 4", "line 5"]),
        ] {
            let (filter, ignored) = levels(text);
            assert_eq!(
                (filter.as_str(), ignored),
                ("info,flexconnect_core=warn", named.iter().map(|name| (*name).to_owned()).collect()),
                "{text}"
            );
        }
    }
}
