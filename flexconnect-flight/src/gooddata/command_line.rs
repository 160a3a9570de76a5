//! The command line of a GoodData server: that of the Python server.

use std::path::PathBuf;

use flexconnect_core::config::Config;
use flexconnect_core::{Error, ErrorKind};

use super::settings::Settings;
use crate::settings::Document;

/// How the names of variables begin that set something.
const PREFIX: &str = "GOODDATA_FLIGHT_";
/// What there is to say.
pub(crate) const USAGE: &str = "usage: start [--config FILE ..] [--config-end] [--logging-config INI] [--dev-log] \
                                [--methods-provider NAME] [--help]";

/// What a GoodData server is started with, the program's own name left out.
///
/// ```
/// use flexconnect_flight::gooddata::CommandLine;
///
/// let words = "start --methods-provider gooddata_flexconnect --config a.toml b.toml --config-end --dev-log";
/// let command_line = CommandLine::parse(words.split(' '))?;
/// assert_eq!((command_line.config.len(), command_line.dev_log), (2, true));
/// # Ok::<_, flexconnect_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CommandLine {
    /// Files with settings; each is laid over those before it.
    pub config: Vec<PathBuf>,
    /// A file that says how much is logged, as Python's `logging.config` reads it.
    pub logging_config: Option<PathBuf>,
    /// Whether the log is for people.
    pub dev_log: bool,
    /// Whether to say what can be said here, and no more.
    pub help: bool,
}

impl CommandLine {
    /// Reads the words after the program's name.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for words that mean nothing; the text says which there are.
    pub fn parse(words: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, Error> {
        let mut words = words.into_iter().map(Into::into).peekable();
        let mut read = CommandLine::default();
        match words.next() {
            Some(command) if command == "start" => {}
            Some(option) if option == "--help" || option == "-h" => read.help = true,
            Some(other) => return Err(wrong(format!("`{other}` is no command"))),
            // There is only one.
            None => {}
        }
        while let Some(word) = words.next() {
            let (option, inline) = match word.split_once('=') {
                Some((option, value)) => (option.to_owned(), Some(value.to_owned())),
                None => (word, None),
            };
            let mut value = |what: &str| {
                let next = || words.next_if(|word| !word.starts_with("--"));
                inline.clone().or_else(next).ok_or_else(|| wrong(format!("`{option}` needs {what} after it")))
            };
            match option.as_str() {
                "--config" => {
                    // None at all is as good as not said.
                    read.config.extend(inline.clone().map(PathBuf::from));
                    while let Some(file) = words.next_if(|word| !word.starts_with("--")) {
                        read.config.push(file.into());
                    }
                }
                // It only says that the files end here.
                "--config-end" => {}
                "--logging-config" => read.logging_config = Some(value("a file")?.into()),
                "--dev-log" => read.dev_log = true,
                "--help" | "-h" => read.help = true,
                "--methods-provider" => {
                    value("a name")?;
                }
                _ => return Err(wrong(format!("`{option}` is no option"))),
            }
        }
        Ok(read)
    }

    /// The settings of the files and, over them, of these variables, such as [`std::env::vars`].
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a file that cannot be read or is not in TOML, and for every value that is wrong.
    pub fn settings(
        &self,
        variables: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Result<Settings, Error> {
        let (settings, rest) = self.settings_and_rest(variables)?;
        tell_of(&rest);
        Ok(settings)
    }

    /// The same, and the keys of sections and settings that are not the server's.
    pub(crate) fn settings_and_rest(
        &self,
        variables: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Result<(Settings, Vec<String>), Error> {
        let mut document = Document::new().like_dynaconf();
        for file in &self.config {
            let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            if !extension.eq_ignore_ascii_case("toml") {
                let message = format!(
                    "`{}` is not read: this server's settings are in TOML; rewrite the file, or set variables such as \
                     `{PREFIX}SERVER__LISTEN_PORT`",
                    file.display()
                );
                return Err(Error::new(ErrorKind::Config, message));
            }
            document = document.with_file(file);
        }
        document.with_overrides(PREFIX, variables).read_known::<Settings>()
    }
}

/// Says which keys are not the server's: those of its own sections mean nothing to anybody, others may be a function's.
pub(crate) fn tell_of(rest: &[String]) {
    let sections: Vec<_> = Settings::parameters().into_iter().map(|parameter| parameter.name).collect();
    let is_ours = |key: &&String| {
        key.split_once('.').is_some_and(|(section, _)| sections.iter().any(|own| own == section))
    };
    let (unknown, others): (Vec<_>, Vec<_>) = rest.iter().partition(is_ours);
    let join = |keys: Vec<&String>| keys.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    if !unknown.is_empty() {
        tracing::warn!(keys = join(unknown), "there are no such settings; they are ignored");
    }
    if !others.is_empty() {
        let sections = sections.join(", ");
        tracing::info!(keys = join(others), sections, "settings that are not the server's");
    }
}

fn wrong(fault: String) -> Error {
    Error::new(ErrorKind::Config, format!("{fault}; {USAGE}"))
}

#[cfg(test)]
mod tests {
    use super::super::settings::Authentication;
    use super::*;

    fn parse(words: &str) -> Result<CommandLine, String> {
        let words = words.split(' ').filter(|word| !word.is_empty());
        CommandLine::parse(words).map_err(|error| error.to_string())
    }

    #[test]
    fn files_come_after_one_option_or_after_several() {
        let files = |words: &str| parse(words).unwrap().config;
        for none in ["start", "start --config", "start --config --dev-log"] {
            assert_eq!(files(none), Vec::<PathBuf>::new());
        }
        assert!(parse("--help").unwrap().help && parse("start --dev-log -h").unwrap().help);
        let two = vec![PathBuf::from("a"), "b".into()];
        assert_eq!(files("start --config a b --config-end"), two);
        assert_eq!(files("start --config a --methods-provider x --config=b --logging-config l"), two);
    }

    #[test]
    fn words_that_mean_nothing_are_refused_with_those_that_do() {
        for words in ["stop", "start --port 1", "start --logging-config", "start x"] {
            let error = parse(words).unwrap_err();
            assert!(error.contains("usage: start"), "{words}: {error}");
        }
    }

    #[test]
    fn variables_win_and_files_are_merged_key_by_key() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let first = "[server]\nlisten_host = '0.0.0.0'\nlisten_port = 1\nodd = 1\n[mine]\nkey = 'x'";
        let config =
            vec![file("a.toml", first), file("b.toml", "[server]\nlisten_port = 2\ntask_threads = 3")];
        let command_line = CommandLine { config, ..CommandLine::default() };
        let variables = [
            ("GOODDATA_FLIGHT_server__TASK_threads", "4"),
            ("GOODDATA_FLIGHT_SERVER__USE_TLS", "TRUE"),
            ("GOODDATA_FLIGHT_ENUMERATED_TOKENS__TOKENS", "[\"a\", \"b\"]"),
            ("GOODDATA_FLIGHT_FLEXCONNECT__FUNCTIONS", "Tiny"),
            ("GOODDATA_FLIGHT_OTHER__KEY", "{a=1}"),
        ];
        let Settings { server, enumerated_tokens, flexconnect } = command_line.settings(variables).unwrap();
        assert_eq!((server.listen_host.as_str(), server.listen_port, server.task_threads), ("0.0.0.0", 2, 4));
        assert!(server.use_tls);
        assert_eq!(
            (enumerated_tokens.all().unwrap(), flexconnect.names()),
            (vec!["a".into(), "b".into()], vec!["Tiny".into()])
        );
    }

    #[test]
    fn files_and_variables_are_read_as_they_were_written_for_the_python_server() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        let text = "[SERVER]\nLISTEN_PORT = '7'\nadvertise_port = 1\n[server]\nAuthentication_Method = 'token'\n\
                    [Enumerated_Tokens]\nTOKENS = ['x']\n[server.LOG_TRACE_KEYS]\ntrace_id = 'T'\n[SERVER.log_trace_keys]\nspan_id = 'S'";
        std::fs::write(&path, text).unwrap();
        let command_line = CommandLine { config: vec![path], ..CommandLine::default() };
        let variables = [
            ("GOODDATA_FLIGHT_SERVER__LISTEN_HOST", "\"::1\""),
            ("GOODDATA_FLIGHT_SERVER__ADVERTISE_PORT", "'0019'"),
            ("GOODDATA_FLIGHT_SERVER__ADVERTISE_HOST", "a.example.com"),
            ("GOODDATA_FLIGHT_SERVER__TLS_CERTIFICATE", "\"one\\ntwo\""),
            ("GOODDATA_FLIGHT_FLEXCONNECT__FUNCTIONS", "[\"A\",\n \"B\"]\n"),
        ];
        let (settings, rest) = command_line.settings_and_rest(variables).unwrap();
        let Settings { server, enumerated_tokens, flexconnect } = settings;
        assert_eq!((server.listen_host.as_str(), server.listen_port), ("::1", 7));
        assert_eq!(
            (server.advertise_host.as_deref(), server.advertise_port),
            (Some("a.example.com"), Some(19))
        );
        assert_eq!(server.tls_certificate.as_deref(), Some("one\ntwo"));
        assert_eq!(server.authentication_method, Authentication::Token);
        assert_eq!(
            (enumerated_tokens.all().unwrap(), flexconnect.names()),
            (vec!["x".into()], vec!["A".into(), "B".into()])
        );
        assert_eq!((&*server.log_trace_keys["trace_id"], &*server.log_trace_keys["span_id"]), ("T", "S"));
        assert_eq!(rest, Vec::<String>::new());
    }

    #[test]
    fn other_formats_and_missing_files_are_told() {
        for file in ["server.yaml", "server.json", "missing.toml"] {
            let command_line = CommandLine { config: vec![file.into()], ..CommandLine::default() };
            let error = command_line.settings([("", "")]).unwrap_err();
            assert!(error.to_string().contains(file), "{error}");
        }
    }
}
